"""Packs made to hang a loader: as large as a file may be, or as deep, or as many of one thing.

In    nothing
Out   name -> the files of a pack
"""

from __future__ import annotations

from relief.rulepack.document import LARGEST

__all__ = ["hostile_packs"]

_HEAD = "name: bad\ntitle: 测试\ntitle_en: test\n"
_REST = "status: illustrative, note: n"


def _measure(name: str, formula: str, of: str = "households") -> str:
    return f"  {name}: {{title: m, title_en: m, of: {of}, amount: '{formula}', {_REST}}}\n"


def _measures(number: int, formula: str, of: str = "households") -> str:
    """Return measures m0, m1, …; in `formula` ``{last}`` and ``{next}`` are the neighbours' numbers."""
    ends = _measure("m_1", "homes_count") + _measure(f"m{number}", "homes_count")
    body = (
        _measure(f"m{at}", formula.format(last=at - 1 if at else "_1", next=at + 1), of)
        for at in range(number)
    )
    return _HEAD + "measures:\n" + ends + "".join(body)


def _rules(number: int, formula: str) -> str:
    entry = f"title: r, title_en: r, requires: '{formula}', {_REST}"
    return _HEAD + "rules:\n" + "".join(f"  - {{id: r{at}, {entry}}}\n" for at in range(number))


def _values(number: int, districts: int) -> str:
    names = "\n".join(f"  - {{name: 区{at}}}" for at in range(districts))
    by = "district, residence, cause, relation, employment"
    where = "residence: [城镇, 农村]}, from: 2021-01-01, exactly: 1"
    values = "".join(
        f"      - {{where: {{district: [区{at % districts}], {where}, {_REST}}}\n" for at in range(number)
    )
    return f"{_HEAD}districts:\n{names}\nparameters:\n  p:\n    by: [{by}]\n    values:\n{values}"


def _bands(number: int) -> str:
    head = "tiers:\n  t:\n    title: t\n    title_en: t\n    bands:\n"
    bands = (f"      - {{above: {at}, upto: {at + 1}, exactly: 1, {_REST}}}\n" for at in range(number))
    return _HEAD + head + "".join(bands)


def _benefits(number: int) -> str:
    """Return categories, and an eighth as many benefits that each name a hundred of them."""
    words = ", ".join(f'"c{at}"' for at in range(number - 1, number - 100, -1))
    entry = "title: c, title_en: c, when: "
    categories = "".join(f"  - {{id: c{at}, {entry}'false', {_REST}}}\n" for at in range(number))
    benefits = "".join(
        f"  - {{id: b{at}, {entry}'category in [{words}]', {_REST}}}\n" for at in range(number // 8)
    )
    return f"{_HEAD}categories:\n{categories}\nbenefits:\n{benefits}"


def _named_often(measures: int, rules: int) -> str:
    """Return rules that look into tables as often as an expression may, beside many measures."""
    text = " and ".join(["held(members)"] * 28)
    return _measures(measures, "homes_count") + "\n" + _rules(rules, text).removeprefix(_HEAD)


def _districts(number: int) -> str:
    lines = (f"  - {{name: 区{at}, aliases: [甲{at}, 乙{at}]}}\n" for at in range(number))
    return _HEAD + "districts:\n" + "".join(lines)


def _share(digits: str) -> str:
    return f"{_HEAD}parameters: {{p: {{values: [{{from: 2021-01-01, exactly: '{digits}', {_REST}}}]}}}}"


def hostile_packs() -> dict[str, dict[str, bytes]]:
    """Return each hostile pack by name."""
    deep = "".join(f"{'  ' * at}a{at}:\n" for at in range(19))
    texts = {
        "brackets": _HEAD + "about: " + "[" * (LARGEST - 100),
        "brackets, closed": _HEAD + "about: " + "[" * 20_000 + "]" * 20_000,
        "braces": _HEAD + "{a: " * 50_000,
        "dashes": "- " * 100_000,
        "questions": "? " * 100_000,
        "anchors": "".join(f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(10_000)),
        "many keys": "".join(f"k{at}: 1\n" for at in range(100_000)),
        "many keys that fit": "".join(f"k{at}: 1\n" for at in range(7_400)),
        "many keys of a map": _HEAD + "measures:\n" + "".join(f"  k{at}: 1\n" for at in range(7_400)),
        "many empty keys": _HEAD + "measures:\n" + "".join(f"  k{at}:\n" for at in range(7_400)),
        "twenty levels": _HEAD + deep,
        "one long text": _HEAD + "about: " + "x" * (LARGEST - 100),
        "one text of words": _HEAD + "about: " + "x y " * (LARGEST // 4 - 100),
        "one text of lines": _HEAD + "about: |\n" + " x\n" * (LARGEST // 3 - 100),
        "one text of folded lines": _HEAD + "about: >\n" + " x\n\n" * (LARGEST // 4 - 100),
        "one quoted text": _HEAD + 'about: "' + "\\u4e00" * (LARGEST // 6 - 100) + '"',
        "one number": _HEAD + "about: " + "9" * (LARGEST - 100),
        "one formula": _HEAD
        + f"claim: {{title: c, title_en: c, amount: '{'(' * (LARGEST - 200)}', {_REST}}}",
        "one id": _HEAD + f"rules: [{{id: {'a' * (LARGEST - 200)}, {_REST}}}]",
        "one share": _share("1" * (LARGEST - 200)),
        "one name of a base": _HEAD + "extends: " + "a" * (LARGEST - 200),
        "spaces": _HEAD + " " * (LARGEST - 100),
        "empty lines": "\n" * LARGEST,
        "carriage returns": "\r" * LARGEST,
        "comments": "#\n" * (LARGEST // 2),
        "one comment": "#" * LARGEST,
        "tags": _HEAD + "%TAG ! tag:x:\n" * 10_000,
        "directives": "%X y\n" * (LARGEST // 5) + "---\na: 1",
        "documents": "---\n" * (LARGEST // 4),
        "chain of measures that fits": _measures(1_060, "m{last} + m{last}"),
        "chain of measures, backwards": _measures(1_060, "m{next} + m{next}"),
        "measures alike": _measures(1_060, "homes_count / 1"),
        "measures that are nearly named": _measures(1_060, "m{next}x"),
        "members' measures": _measures(1_060, "sum(documents.total_fen, where=issued_on < on)", "members"),
        "rules": _rules(1_800, "union_member"),
        "rules that fit": _rules(1_060, "union_member"),
        "long rules": _rules(225, " and ".join(["union_member"] * 58)),
        "rules of nested conditions": _rules(
            240, " if union_member else (".join(["union_member"] * 28) + ")" * 27
        ),
        "rules of many parts": _rules(240, "max(" + ", ".join(["income_fen"] * 75) + ") > 0"),
        "rules of divisions": _rules(600, "1" + " / max(1, 1" * 27 + ")" * 27 + " > 0"),
        "rules of divisions by conditions": _rules(
            240, "1 / homes_count > 0 if " + " and ".join(["homes_count > 0"] * 48) + " else false"
        ),
        "rules beside measures": _named_often(550, 330),
        "values that fit": _values(600, 600),
        "categories and benefits": _benefits(900),
        "districts": _districts(1_600),
        "aliases": _HEAD
        + f"districts:\n  - {{name: 区, aliases: [{', '.join(f'甲{at}' for at in range(14_500))}]}}",
        "calendar": _HEAD
        + "calendar:\n"
        + "".join(f"  - {{year: {1990 + at % 111}, {_REST}}}\n" for at in range(2_000)),
        "bands": _bands(1_150),
    }  # fmt: skip
    packs = {name: {"pack.yaml": text.encode()} for name, text in texts.items()}
    packs["three files"] = {
        "pack.yaml": _HEAD.encode(),
        "parameters.yaml": ("about: " + "x y " * 60_000).encode(),
        "eligibility.yaml": _rules(1_200, "union_member").removeprefix(_HEAD).encode(),
    }
    return packs
