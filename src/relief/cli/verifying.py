"""The command that holds a round against its record, or one slip against the fingerprint of the notice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relief.console import AsJson, Lang, check_lang, print_json, spoken, t
from relief.errors import ReliefError

if TYPE_CHECKING:
    from relief.steps.taking import Held

__all__ = ["verify_command"]


def _option(name: str, metavar: str, code: str) -> Any:
    return typer.Option(name, metavar=metavar, help=t(code))


Folder = Annotated[Path | None, typer.Argument(metavar="FOLDER", help=t("cli.help.folder"))]
WithPack = Annotated[str | None, _option("--with-pack", "PACK", "cli.help.with_pack")]
Slip = Annotated[Path | None, _option("--proof", "FILE", "cli.help.slip")]
Fingerprint = Annotated[str | None, _option("--fingerprint", "TEXT", "cli.help.fingerprint")]


def verify_command(
    folder: Folder = None, with_pack: WithPack = None, slip: Slip = None, fingerprint: Fingerprint = None,
    as_json: AsJson = False, lang: Lang = "zh",
) -> int:  # fmt: skip
    """Check every byte of a round's folder and compute it again, or check one household's slip."""
    check_lang(lang)
    if (slip is None) == (folder is None):
        raise ReliefError("cli.folder_or_slip")
    if slip is not None:
        return _slip(slip, fingerprint, as_json)
    assert folder is not None  # noqa: S101
    return _round(folder, with_pack, fingerprint, as_json)


def _round(folder: Path, with_pack: str | None, fingerprint: str | None, as_json: bool) -> int:
    from relief.procedure.holding import hold, hold_fingerprint
    from relief.round.verification import verified
    from relief.rulepack import load_pack
    from relief.steps.taking import look
    from relief.steps.wording import stage_name

    held = look(folder)
    own = None if with_pack is None else load_pack(with_pack)
    which = hold_fingerprint(held, fingerprint) if fingerprint is not None else ""
    hold(held, verified(held.files, own), own_rules=own is not None)
    seal = str(held.record["seal"])
    facts = {"folder": str(folder), "files": len(held.files), "seal": seal}
    if as_json:
        print_json({"verified": True, **facts, "stage": held.state.stage, "fingerprint": held.head})
        return 0
    typer.echo(t("round.verified", **facts))
    if own is not None:
        typer.echo(t("round.verified_with", pack=own.name))
        other = [name for name, sha in held.record["pack"]["files"].items() if _hash(own, name) != sha]
        for name in other:
            typer.echo(t("round.pack_differs", file=name))
    if held.steps:
        stage = stage_name(held.state.stage, spoken())
        typer.echo(t("round.steps_verified", count=len(held.steps), stage=stage, head=held.head))
    _tell_signatures(held)
    if which:
        typer.echo(t(f"round.fingerprint_of.{which}"))
    return 0


def _tell_signatures(held: Held) -> None:
    """Say who signed; the key is told, since whoever changed the folder could have signed it anew."""
    from relief.errors import MissingExtraError
    from relief.procedure.noticing import signatures_in

    try:
        for name, key in signatures_in(held):
            typer.echo(t("round.signed", name=name, key=key))
    except MissingExtraError as error:
        typer.echo(error.text(spoken()))


def _hash(pack: Any, name: str) -> str:
    from relief.round.record import digest

    folder, _, file = name.partition("/")
    data = pack.folders.get(folder, {}).get(file)
    return "" if data is None else digest(data)


def _slip(slip: Path, fingerprint: str | None, as_json: bool) -> int:
    from relief.money import yuan
    from relief.public import check_proof

    if fingerprint is None:
        raise ReliefError("cli.slip_fingerprint")
    try:
        data = slip.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise ReliefError("cli.cannot_read", name=str(slip), why=why) from error
    leaf = check_proof(data, fingerprint)
    award = yuan(leaf.award_fen)
    if as_json:
        print_json({"verified": True, "household_id": leaf.household_id, "award_yuan": str(award)})
    else:
        typer.echo(t("cli.slip_holds", household=leaf.household_id, award=f"{award:,}"))
    return 0
