"""The commands around the public notice: the notice itself, letters and slips, proofs and signatures."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.cli.deciding import By, Folder, Household, told, written
from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import MissingExtraError, ReliefError

if TYPE_CHECKING:
    from relief.papers.letters import LetterDetails
    from relief.papers.whitelist import Extra
    from relief.steps.taking import Held

__all__ = ["key_command", "letters_command", "notice_command", "proof_command", "sign_command"]


_NO_NAME = re.compile(r'[\x00-\x1f\x7f%<>:"/\\|?*]|^[. ]|[. ]$')


def _option(name: str, metavar: str, code: str) -> Any:
    return typer.Option(name, metavar=metavar, help=t(code))


Posted = Annotated[str, _option("--on", "YYYY-MM-DD", "cli.help.posted")]
Organisation = Annotated[str, _option("--organisation", "NAME", "cli.help.organisation")]
Phone = Annotated[str, _option("--phone", "NUMBER", "cli.help.phone")]
Address = Annotated[str, _option("--address", "TEXT", "cli.help.address")]
AskBy = Annotated[str, _option("--ask-by", "YYYY-MM-DD", "cli.help.ask_by")]
Days = Annotated[int, _option("--days", "N", "cli.help.days")]
Anew = Annotated[list[str] | None, _option("--household", "ID", "cli.help.anew")]
Hide = Annotated[list[str] | None, _option("--hide", "FIELD", "cli.help.hide")]
Show = Annotated[list[str] | None, _option("--show", "FIELD=REASON", "cli.help.show")]
Contact = Annotated[str, _option("--contact", "TEXT", "cli.help.contact")]
Title = Annotated[str, _option("--title", "TEXT", "cli.help.title")]
Basis = Annotated[list[str] | None, _option("--basis", "TEXT", "cli.help.basis")]
Forms = Annotated[str, _option("--forms", "docx,html,pdf", "cli.help.forms")]
SecretFile = Annotated[Path | None, _option("--secret", "FILE", "cli.help.secret")]
Previous = Annotated[str | None, _option("--previous", "FINGERPRINT", "cli.help.previous")]
OutFolder = Annotated[Path, _option("--out", "FOLDER", "cli.help.letters_out")]
OutFile = Annotated[Path, _option("--out", "FILE", "cli.help.out_file")]
Round = Annotated[Path, typer.Argument(metavar="FOLDER", help=t("cli.help.folder_here"))]
SlipFile = Annotated[Path | None, _option("--out", "FILE", "cli.help.slip_out")]
KeyFile = Annotated[Path, _option("--key", "FILE", "cli.help.key")]


def notice_command(
    folder: Folder, on: Posted, by: By, organisation: Organisation, phone: Phone, days: Days = 7,
    contact: Contact = "", title: Title = "", basis: Basis = None, household: Anew = None,
    hide: Hide = None, show: Show = None, forms: Forms = "",
    secret: SecretFile = None, previous: Previous = None, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Post the notice of a round, or of households that are noticed anew."""
    check_lang(lang)
    from relief.papers.notice import NoticeDetails
    from relief.procedure.noticing import give_notice

    details = NoticeDetails(
        organisation, phone, on, days, contact=contact, title=title, basis=tuple(basis or ()),
        extras=tuple(_extra(text, by) for text in show or []), hidden=frozenset(hide or []),
        households=frozenset(household or []), lang=spoken(),
    )  # fmt: skip
    post = partial(give_notice, folder, details, by=by, previous=previous, secret=_secret(secret))
    try:
        held = post(forms=_forms(forms))
    except MissingExtraError as error:
        # A rare name that no font here has: all but the PDF can be made.
        if forms or error.code != "pdf.no_character":
            raise
        typer.echo(t("cli.no_pdf", why=error.text(spoken())), err=True)
        held = post(forms=["docx", "html"])
    if not as_json:
        _tell_notice(held, folder)
    return told(held, folder, as_json)


def _secret(path: Path | None) -> bytes | None:
    try:
        return None if path is None else bytes.fromhex(_text(path))
    except ValueError as error:
        if isinstance(error, ReliefError):
            raise
        raise ReliefError("cli.no_secret", name=str(path)) from error


def _tell_notice(held: Held, folder: Path) -> None:
    from relief.public import grouped

    step = held.steps[-1]
    for path in step.papers:
        typer.echo(f"  {folder / path}")
    groups = step.facts["small_groups"]
    if groups:
        typer.echo(t("cli.small_groups", count=len(groups), first=groups[0]))
    typer.echo(t("cli.noticed", fingerprint=grouped(str(step.facts["fingerprint"]))))


def letters_command(
    folder: Folder, out: OutFolder, on: Posted, organisation: Organisation, phone: Phone, address: Address,
    ask_by: AskBy, forms: Forms = "docx", household: Anew = None, as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Write letters to the refused and pending, and slips with their proofs to the awarded."""
    check_lang(lang)
    from relief.papers.letters import LetterDetails
    from relief.procedure.noticing import fingerprint_in
    from relief.steps.taking import look

    held = look(folder)
    if held.state.superseded:
        raise ReliefError("letters.superseded", seal=held.state.superseded)
    decided = held.state.stage in ("approved", "paid", "closed")
    details = LetterDetails(organisation, phone, address, on, ask_by, fingerprint_in(held), spoken(), decided)
    files = _letters(folder, details, forms, household or [])
    for name, data in files.items():
        written(out / name, data)
    if as_json:
        print_json({"folder": str(out), "files": sorted(files)})
    else:
        typer.echo(t("cli.letters", count=len(files), folder=str(out)))
    return 0


def _letters(folder: Path, details: LetterDetails, forms: str, wanted: list[str]) -> dict[str, bytes]:
    from relief.papers.letters import in_one, letter, letters, slips
    from relief.procedure.noticing import in_forms, slips_of
    from relief.round.verification import verify

    round_, chosen = verify(folder), _forms(forms)
    files: dict[str, bytes] = {}
    if wanted:
        made = {_file(name): [(name, letter(round_, name, details))] for name in wanted}
    else:
        refused = list(letters(round_, details)) if round_.assessment is not None else []
        made = {t("cli.letters_name"): refused, t("cli.slips_name"): list(slips(round_, details))}
    for name, papers in made.items():
        whole = in_one(papers)
        if whole is not None:
            files |= in_forms(name, whole, chosen)
    if details.fingerprint:
        proofs = slips_of(folder, wanted or None)
        files |= {f"{t('cli.proofs_name')}/{_file(name)}.json": data for name, data in proofs.items()}
    return files


def _file(household: str) -> str:
    """Return a household's id as the name of a file: it came from outside, and could lead elsewhere."""
    return _NO_NAME.sub(lambda found: f"%{ord(found[0]):02X}", household)


def proof_command(
    household: Household, folder: Round = Path(), out: SlipFile = None, as_json: AsJson = False,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Write the slip that proves one household to be in the published round."""
    check_lang(lang)
    from relief.procedure.noticing import household_slip

    if Path(household).is_dir() and not folder.is_dir():
        household, folder = str(folder), Path(household)
    slip = household_slip(folder, household)
    if out is None:
        typer.echo(slip.decode("utf-8"), nl=False)
        return 0
    written(out, slip)
    if as_json:
        print_json({"slip": str(out)})
    else:
        typer.echo(t("cli.slip", name=str(out)))
    return 0


def sign_command(
    folder: Folder, on: Posted, by: By, key: KeyFile, as_json: AsJson = False, lang: Lang = "zh"
) -> int:
    """Sign what was published of a round."""
    check_lang(lang)
    from relief.procedure.noticing import sign_round

    return told(sign_round(folder, _text(key), on=on, by=by), folder, as_json)


def key_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help=t("cli.help.key_name"))], out: OutFile,
    lang: Lang = "zh",
) -> int:  # fmt: skip
    """Make a key to sign rounds with."""
    check_lang(lang)
    from relief.public import make_key, public_part

    key = make_key(name)
    written(out, key.encode(), private=True)
    typer.echo(t("cli.key", name=str(out), public=public_part(key)))
    return 0


def _forms(text: str) -> list[str]:
    """Return the forms asked for; where none is named all that can be made here, and say what cannot."""
    from relief.papers.paper import Paper
    from relief.procedure.noticing import FORMS

    if text:
        return [form.strip() for form in text.split(",") if form.strip()]
    forms = list(FORMS)
    try:
        FORMS["pdf"](Paper("公示", (), "zh", "2021-01-01"))
    except (MissingExtraError, ReliefError) as error:
        typer.echo(t("cli.no_pdf", why=error.text(spoken())), err=True)
        forms.remove("pdf")
    return forms


def _extra(text: str, by: str) -> Extra:
    from relief.papers.whitelist import Extra

    field, _, reason = text.partition("=")
    return Extra(field.strip(), reason.strip(), by)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8"
        raise ReliefError("cli.cannot_read", name=str(path), why=why) from error
