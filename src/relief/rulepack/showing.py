"""A pack in words: what it asks, with which numbers, from which texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.errors import PackError
from relief.messages import nearest, say
from relief.rulepack.crosschecks import crosscheck_line
from relief.rulepack.model import written
from relief.rulepack.tree import Measure, Node, Parameter, Tier, rulings_in, walk
from relief.rulepack.wording import source_text
from relief.rulepack.words import Words, column_title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from relief.messages import Language
    from relief.rulepack import contents
    from relief.rulepack.contents import Pack, Stated
    from relief.rulepack.crosschecks import Crosscheck
    from relief.rulepack.model import BandModel, ValueModel

__all__ = [
    "band_line", "pack_lines", "pack_plain", "parameter_head", "part_plain", "rule_lines",
    "titled", "traits", "value_line",
]  # fmt: skip


def titled(item: Any, lang: Language) -> str:
    """Return the title of anything that has one, in one language."""
    return str(item.title if lang == "zh" else item.title_en)


def pack_lines(pack: Pack, lang: Language) -> list[str]:
    """Return a pack as lines of text."""
    lines = [f"{pack.name}  {titled(pack, lang)}"]
    chain = [name for name in pack.folders if name != pack.name]
    if chain:
        lines.append(say("show.extends", lang, names="、".join(chain)))
    if pack.partial:
        note = pack.partial if lang == "zh" else pack.partial_en or pack.partial
        lines.append(say("show.partial", lang, note=note))
    if pack.districts:
        names = say("list.join", lang).join(district.name for district in pack.districts)
        lines.append(say("show.districts", lang, names=names))
    lines += [*_years(pack, lang), *_parameters(pack, lang), *_tiers(pack, lang)]
    groups = {
        "show.measures": list(pack.measures.values()),
        "show.rules": list(pack.rules),
        "show.categories": list(pack.categories),
        "show.benefits": list(pack.benefits),
        "show.claim": [pack.claim] if pack.claim else [],
    }
    for code, items in groups.items():
        lines += ["", say(code, lang)] if items else []
        if code == "show.categories" and pack.exclusive_categories:
            lines.append(f"  {say('show.exclusive', lang)}")
        for item in items:
            lines += _stated_lines(item, pack, lang)
    lines += _crosscheck_lines(pack, lang)
    for entry in pack.may_lose:
        note = entry.note if lang == "zh" else entry.note_en or entry.note
        column = column_title("households", entry.column, lang)
        lines += ["", say("show.may_lose", lang, column=column, note=note)]
    return lines


def _years(pack: Pack, lang: Language) -> Iterator[str]:
    for year in pack.calendar.years if pack.calendar else ():
        off, worked = (", ".join(day.isoformat() for day in days) or "—" for days in
                       (year.days_off, year.days_worked))  # fmt: skip
        yield say("show.year", lang, year=year.year, off=off, worked=worked)


def _home(column: str) -> str:
    """Return whose column a parameter's value depends on: the household's, or one that only persons have."""
    return "households" if column in DICTIONARY["households"] else "members"


def _crosscheck_lines(pack: Pack, lang: Language) -> Iterator[str]:
    if pack.crosschecks:
        yield ""
        yield say("show.crosschecks", lang)
    for check in pack.crosschecks.values():
        yield from (f"  {line}" for line in _crosscheck_told(check, lang))


def _crosscheck_told(check: Crosscheck, lang: Language) -> list[str]:
    sources = [f"  {source_text(check.model, lang)}"] if check.model is not None else []
    return [f"{check.kind}  {crosscheck_line(check, lang)}", *sources]


_PER = {"人": "person", "月": "month", "年": "year", "人·月": "person_month", "人·年": "person_year"}


def parameter_head(parameter: contents.Parameter, lang: Language) -> str:
    """Return a parameter's title, unit and what its value depends on."""
    model = parameter.model
    unit = say(f"show.unit.{model.unit}", lang) + (
        say(f"show.per.{_PER[model.per]}", lang) if model.per else ""
    )
    title = titled(model, lang) or parameter.id
    head = say("show.parameter", lang, title=title, id=parameter.id, unit=unit)
    titles = (column_title(_home(name), name, lang) for name in model.by)
    columns = say("list.join", lang).join(titles)
    return head + (say("show.by", lang, columns=columns) if columns else "")


def _parameters(pack: Pack, lang: Language) -> Iterator[str]:
    for parameter in pack.parameters.values():
        yield ""
        yield parameter_head(parameter, lang)
        yield from (f"  {line}" for line in _value_lines(parameter, lang))


def _value_lines(parameter: contents.Parameter, lang: Language) -> list[str]:
    lines = [value_line(value, lang) for layer in parameter.layers for value in layer]
    return lines or [say("show.no_value", lang)]


def _tiers(pack: Pack, lang: Language) -> Iterator[str]:
    for tiers in pack.tiers.values():
        yield ""
        yield from _tier_lines(tiers, lang)


def _tier_lines(tiers: contents.Tiers, lang: Language) -> Iterator[str]:
    unit = say(f"show.unit.{tiers.model.unit}", lang)
    yield say("show.tiers", lang, title=titled(tiers.model, lang), id=tiers.id, unit=unit)
    yield from (f"  {band_line(band, lang)}" for band in tiers.model.bands)


def traits(item: Stated, pack: Pack, lang: Language) -> str:
    """Return what of an item is not as usual: whose rows, what it bars, what missing evidence means."""
    told = []
    if item.table != "households":
        told.append(say("show.of", lang, table=say(f"table.{item.table}", lang)))
    if item.effect == "warn":
        told.append(say("show.warns", lang))
    if item.bars:
        told.append(say("show.bars", lang, titles=_barred(item, pack, lang)))
    if item.missing != "pending":
        told.append(say(f"show.missing.{item.missing}", lang))
    if not item.liftable:
        told.append(say("show.not_liftable", lang))
    return "".join(told)


def _barred(item: Stated, pack: Pack, lang: Language) -> str:
    titles = [titled(category, lang) for category in pack.categories if category.id in item.bars]
    return say("list.join", lang).join(titles)


def _stated_lines(item: Stated, pack: Pack, lang: Language) -> list[str]:
    lines = [f"  {item.id}  {titled(item, lang)}{traits(item, pack, lang)}", f"    {item.text}"]
    if item.amount is not None:
        lines.append(f"    {say('show.given', lang, text=item.amount_text)}")
    return [*lines, f"    {source_text(item.provenance, lang)}"]


def _amounts(exactly: Fraction | None, at_least: Fraction | None, at_most: Fraction | None) -> str:
    bounds = ((">=", at_least), ("=", exactly), ("<=", at_most))
    return " ".join(f"{sign} {written(amount)}" for sign, amount in bounds if amount is not None)


def value_line(value: ValueModel, lang: Language, *, with_where: bool = True) -> str:
    """Return one value of a parameter: for whom, how much, from when until when, from where."""
    amounts = _amounts(value.exactly, value.at_least, value.at_most)
    where = say("list.join", lang).join(word for words in value.where.values() for word in words)
    until = value.until.isoformat() if value.until else "…"
    told = [f"{value.effective_from.isoformat()} – {until}"]
    if value.announced_on:
        told.append(f"({say('show.announced', lang, on=value.announced_on.isoformat())})")
    if value.sum:
        told.append(f"({say('show.sum', lang, sum=value.sum)})")
    whose = f"{where}: " if where and with_where else ""
    return f"{whose}{amounts}  {' '.join(told)}  {source_text(value, lang)}"


def band_line(band: BandModel, lang: Language) -> str:
    """Return one band, an end that is inside with a square bracket: ``[30000, 60000) = 10000``."""
    ends = (("[", band.from_, ""), ("(", band.above, ""), ("", band.upto, "]"), ("", band.below, ")"))
    told = [f"{opening}{written(end)}{closing}" for opening, end, closing in ends if end is not None]
    if len(told) == 1:
        told.append("∞)")
    amounts = _amounts(band.exactly, band.at_least, band.at_most)
    return f"{', '.join(told)} {amounts}  {source_text(band, lang)}"


# --- one rule -------------------------------------------------------------------------------------


def rule_lines(pack: Pack, rule_id: str, lang: Language) -> list[str]:
    """Return a rule, category, benefit, measure or the claim in words, beside the phrase of its text.

    Of a parameter or of tiers: its values or bands, and what uses them.

    Raises
    ------
    PackError
        If the pack has nothing of that id.

    Examples
    --------
    >>> import relief
    >>> for line in rule_lines(relief.load_pack("jiangmen-2021"), "medical-receipt", "en")[:4]:
    ...     print(line)
    medical-receipt  medical receipts were handed in
    Rule: a household that fails it is refused.
    The text says: “医疗收据”
    Source: 工会事业专项补助(财政资金)项目绩效自评报告（江门市总工会，2021年度） “医疗收据” (grade A)
    """
    if rule_id in pack.parameters or rule_id in pack.tiers:
        return [*_table_lines(pack, rule_id, lang), *_used_by(pack, rule_id, lang)]
    if rule_id in pack.crosschecks:
        return _crosscheck_told(pack.crosschecks[rule_id], lang)
    kind, item = _found(pack, rule_id)
    words = Words(pack, lang)
    lines = [f"{item.id}  {titled(item, lang)}", _role(kind, item, pack, lang), *_origin(item, lang)]
    lines += [say("explain_rule.words", lang, words=words.of(item.node)),
              say("explain_rule.formula", lang, text=item.text)]  # fmt: skip
    roots = [item.node]
    if item.amount is not None:
        roots.append(item.amount)
        lines += [say("explain_rule.given", lang, words=words.of(item.amount)),
                  say("explain_rule.formula", lang, text=item.amount_text)]  # fmt: skip
    return [*lines, *_rests_on(pack, roots, words, lang), *_rulings(kind, item, lang)]


def _table_lines(pack: Pack, id_: str, lang: Language) -> Iterator[str]:
    """Yield a parameter with its values, or tiers with their bands."""
    if id_ in pack.parameters:
        yield parameter_head(pack.parameters[id_], lang)
        yield from (f"  {line}" for line in _value_lines(pack.parameters[id_], lang))
    else:
        yield from _tier_lines(pack.tiers[id_], lang)


def _used_by(pack: Pack, id_: str, lang: Language) -> Iterator[str]:
    """Yield which parts of the pack name a parameter or tiers."""
    users = [
        f"{item.id} ({titled(item, lang)})"
        for item in pack.stated
        for node in [item.node, *([item.amount] if item.amount is not None else [])]
        if any(isinstance(below, (Parameter, Tier)) and below.name == id_ for below in walk(node))
    ]
    yield say("explain_rule.used_by", lang, users=say("list.join", lang).join(dict.fromkeys(users)) or "—")


def _found(pack: Pack, id_: str) -> tuple[str, Stated]:
    named = [(_rule_kind(rule), rule) for rule in pack.rules]
    named += [("category", category) for category in pack.categories]
    named += [("benefit", benefit) for benefit in pack.benefits]
    named += [("claim", pack.claim)] if pack.claim else []
    named += [("measure", measure) for measure in pack.measures.values()]
    found = next(((kind, item) for kind, item in named if item.id == id_), None)
    if found is None:
        known = list(
            dict.fromkeys([*(item.id for _, item in named), *pack.parameters, *pack.tiers, *pack.crosschecks])
        )
        facts = {"known": ", ".join(known), **nearest(id_, known)}
        raise PackError("show.no_rule", pack=pack.name, id=id_, **facts)
    return found


def _rule_kind(rule: Stated) -> str:
    return "check" if rule.effect == "warn" else "bar" if rule.bars else "rule"


def _role(kind: str, item: Stated, pack: Pack, lang: Language) -> str:
    facts = {}
    if kind == "bar":
        facts = {"titles": _barred(item, pack, lang)}
    if kind == "measure":
        facts = {"table": say(f"table.{item.table}", lang)}
    return say(f"explain_rule.{kind}", lang, **facts)


def _origin(item: Stated, lang: Language) -> Iterator[str]:
    """Yield the phrase of the text, where it stands, and how it was read."""
    told = item.provenance
    if told.source is not None and told.source.quote:
        yield say("explain_rule.quote", lang, quote=told.source.quote)
    yield say("explain_rule.source", lang, source=source_text(told, lang))
    note = told.note if lang == "zh" else told.note_en or told.note
    if note and told.status == "sourced":
        yield say("explain_rule.note", lang, note=note)


def _rests_on(pack: Pack, roots: list[Node], words: Words, lang: Language) -> Iterator[str]:
    """Yield the measures, values and bands that a rule comes to, each once, in the order of their use."""
    measures: dict[str, Stated] = {}
    heads: dict[str, list[str]] = {}
    waiting = list(roots)
    while waiting:
        for node in walk(waiting.pop(0)):
            match node:
                case Measure(name=name) if name not in measures:
                    measures[name] = pack.measures[name]
                    waiting.append(pack.measures[name].node)
                case Parameter(name=name):
                    parameter = pack.parameters[name]
                    heads[parameter_head(parameter, lang)] = _value_lines(parameter, lang)
                case Tier(name=name):
                    bands = pack.tiers[name].model.bands
                    heads[words.title(name)] = [band_line(band, lang) for band in bands]
                case _:
                    pass
    if measures:
        yield say("explain_rule.measures", lang)
    for measure in measures.values():
        code = "explain_rule.condition" if measure.node.kind == "truth" else "explain_rule.defined"
        yield f"  {say(code, lang, title=titled(measure, lang), words=words.of(measure.node))}"
        yield from (f"    {line}" for line in _origin(measure, lang))
    if heads:
        yield say("explain_rule.parameters", lang)
    for head, lines in heads.items():
        yield f"  {head}"
        yield from (f"    {line}" for line in lines)


def _rulings(kind: str, item: Stated, lang: Language) -> Iterator[str]:
    """Yield what missing evidence means, and what a named person may or must decide."""
    if kind in ("rule", "bar", "category"):
        yield say(f"explain_rule.{item.missing}", lang)
    for asked in sorted(rulings_in(item.node)):
        yield say("explain_rule.asked", lang, id=asked)
    if kind in ("rule", "bar", "category", "check"):
        yield say("explain_rule.liftable" if item.liftable else "explain_rule.fixed", lang, id=item.id)


# --- plain data -----------------------------------------------------------------------------------


def pack_plain(pack: Pack) -> dict[str, Any]:
    """Return a pack as plain data, for another program."""
    return {
        "name": pack.name,
        "title": pack.title,
        "title_en": pack.title_en,
        "about": pack.about,
        "partial": pack.partial,
        "partial_en": pack.partial_en,
        "chain": list(pack.folders),
        "districts": [{"name": d.name, "code": d.code, "aliases": list(d.aliases)} for d in pack.districts],
        "calendar": [_model(year) for year in (pack.calendar.years if pack.calendar else ())],
        "parameters": {
            id_: [_model(value) for layer in p.layers for value in layer]
            for id_, p in pack.parameters.items()
        },
        "tiers": {id_: _model(tiers.model) for id_, tiers in pack.tiers.items()},
        "measures": [_stated(item) for item in pack.measures.values()],
        "rules": [_stated(item) for item in pack.rules],
        "categories": [_stated(item) for item in pack.categories],
        "exclusive_categories": pack.exclusive_categories,
        "benefits": [_stated(item) for item in pack.benefits],
        "claim": _stated(pack.claim) if pack.claim else None,
        "crosschecks": [_model(check.model) for check in pack.crosschecks.values()],
        "may_lose": [_model(entry) for entry in pack.may_lose],
    }


def part_plain(pack: Pack, id_: str) -> dict[str, Any]:
    """Return one part that `rule_lines` tells as plain data."""
    if id_ in pack.parameters:
        parameter = pack.parameters[id_]
        values = [_model(value) for layer in parameter.layers for value in layer]
        return {"kind": "parameter", "id": id_, **_model(parameter.model), "values": values}
    if id_ in pack.tiers:
        return {"kind": "tiers", "id": id_, **_model(pack.tiers[id_].model)}
    if id_ in pack.crosschecks:
        return {"kind": "crosscheck", "id": id_, **_model(pack.crosschecks[id_].model)}
    kind, item = _found(pack, id_)
    return {"kind": kind, **_stated(item)}


def _model(entry: Any) -> dict[str, Any]:
    plain: dict[str, Any] = entry.model_dump(mode="json", exclude_none=True, by_alias=True)
    return plain


def _stated(item: Stated) -> dict[str, Any]:
    told = {"source", "status", "note", "note_en"}
    plain: dict[str, Any] = {
        "id": item.id, "title": item.title, "title_en": item.title_en, "of": item.table, "text": item.text,
        "effect": item.effect, "bars": list(item.bars), "missing": item.missing, "liftable": item.liftable,
    }  # fmt: skip
    if item.amount is not None:
        plain["amount"] = item.amount_text
    return plain | item.provenance.model_dump(mode="json", include=told, exclude_none=True)
