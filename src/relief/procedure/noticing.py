"""The public notice (公示) of a round: its papers, what is published with it, and one household's slip.

In    a round's folder that was reviewed, what a person adds to the notice
Out   the folder with the notice, ``published.json`` and ``verify.html``; the secret kept apart
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from relief.errors import StepError
from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.notice import notice
from relief.papers.pdf import to_pdf
from relief.papers.whitelist import on_record, shown_rows, small_groups
from relief.public import make_secret, proof, public_part, publish, republish, sign, verify_signature
from relief.public.page import verify_html
from relief.round.verification import verified
from relief.steps.deadlines import day_of, last_day
from relief.steps.taking import Held, Taken, look, take

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from relief.papers.notice import NoticeDetails
    from relief.papers.paper import Paper
    from relief.papers.whitelist import SmallGroup
    from relief.round.pipeline import Round

__all__ = [
    "FORMS", "fingerprint_in", "give_notice", "household_slip", "in_forms", "published_text", "sign_round",
    "signatures_in", "slips_of",
]  # fmt: skip

FORMS: dict[str, Callable[[Paper], bytes]] = {"docx": to_docx, "html": to_html, "pdf": to_pdf}
_PUBLISHED, _PAGE, _SECRET = "published.json", "verify.html", "secret.key"


def in_forms(name: str, paper: Paper, forms: Iterable[str]) -> dict[str, bytes]:
    """Return a paper as files of a name, in each form.

    Raises
    ------
    StepError
        If there is no such form.
    MissingExtraError
        If what writes it is not installed.
    """
    wanted = list(forms)
    for form in wanted:
        if form not in FORMS:
            raise StepError("step.no_form", form=form, known=", ".join(FORMS))
    return {f"{name}.{form}": FORMS[form](paper) for form in wanted}


def give_notice(
    folder: str | Path, details: NoticeDetails, *, by: str, forms: Iterable[str] = tuple(FORMS),
    secret: bytes | None = None, previous: str | None = None,
) -> Held:  # fmt: skip
    """Post the notice of a round, or of households that are noticed anew.

    Parameters
    ----------
    folder : str or Path
    details : NoticeDetails
        The fingerprint is put in here.
    by : str
        Who posts it.
    forms : iterable of {'docx', 'html', 'pdf'}
    secret : bytes, optional
        Of the published record; drawn at random where none is given. It is kept in the folder under
        ``private/``, which must not be published.
    previous : str, optional
        The fingerprint of the round published before this one.

    Returns
    -------
    Held

    Raises
    ------
    ReliefError
        If it is not the time for it, the notice cannot be made, or the folder does not hold.
    """
    chosen = list(forms)

    def made(held: Held) -> Taken:
        round_ = verified(held.files)
        first = not held.state.ends
        papers, private, told = _published(held, round_, secret, previous) if first else ({}, {}, "")
        full = replace(details, fingerprint=told or fingerprint_in(held))
        papers |= in_forms("公示" if first else "重新公示", notice(round_, full), chosen)
        return Taken("noticed", details.posted_on, by, _facts(round_, full), papers, private)

    return take(folder, made)


def published_text(held: Held) -> str:
    """Return what was published of a round.

    Raises
    ------
    StepError
        If nothing was yet.
    """
    papers = held.papers("noticed")
    if _PUBLISHED not in papers:
        raise StepError("step.not_published")
    return papers[_PUBLISHED].decode("utf-8")


def fingerprint_in(held: Held) -> str:
    """Return the fingerprint that the notice of a round bears; empty before the first."""
    return next((str(step.facts["fingerprint"]) for step in held.steps if step.name == "noticed"), "")


def household_slip(folder: str | Path, household_id: str) -> bytes:
    """Return the slip that proves a household to be in the published round.

    Raises
    ------
    ReliefError
        If nothing was published, the household is not in the round, or the folder does not hold.
    """
    return slips_of(folder, [household_id])[household_id]


def slips_of(folder: str | Path, households: Iterable[str] | None = None) -> dict[str, bytes]:
    """Return the slips of households, of all where none are named, by their ids.

    Raises
    ------
    ReliefError
        As `household_slip`.
    """
    held = look(folder)
    text = published_text(held)
    secret = bytes.fromhex(held.papers("noticed")[_SECRET].decode())
    published = republish(verified(held.files), secret, text)
    return {name: proof(published, name) for name in households or sorted(published.leaves)}


def sign_round(folder: str | Path, key: str, *, on: dt.date | str, by: str) -> Held:
    """Sign what was published of a round, and keep the note with it.

    Parameters
    ----------
    key : str
        As `relief.public.make_key` gives.

    Raises
    ------
    ReliefError
        If nothing was published, or the key is none.
    """

    def made(held: Held) -> Taken:
        note = sign(published_text(held), key)
        return Taken("signed", on, by, {"key": public_part(key)}, {"published.note": note.encode()})

    return take(folder, made)


def signatures_in(held: Held) -> list[tuple[str, str]]:
    """Return who signed a round and with which public key, each signature held against what was published.

    Raises
    ------
    ReliefError
        If one does not hold, or what was signed is not what was published.
    """
    signed = []
    for step in held.steps:
        if step.name == "signed":
            key = str(step.facts["key"])
            note = next(held.files[path] for path in step.papers).decode("utf-8")
            text, names = verify_signature(note, [key])
            if text != published_text(held):
                raise StepError("step.signed_other", file=step.path)
            signed += [(name, key) for name in names]
    return signed


def _published(
    held: Held, round_: Round, secret: bytes | None, previous: str | None
) -> tuple[dict[str, bytes], dict[str, bytes], str]:
    key = secret or make_secret()
    published = publish(round_, key, previous, seal=str(held.record["seal"]))
    papers = {_PUBLISHED: published.text.encode(), _PAGE: verify_html()}
    return papers, {_SECRET: key.hex().encode()}, published.fingerprint


def _small_groups(round_: Round, details: NoticeDetails) -> list[SmallGroup]:
    return small_groups(shown_rows(round_, details.extras, details.hidden, "zh"))


def _facts(round_: Round, details: NoticeDetails) -> dict[str, Any]:
    posted = day_of(details.posted_on)
    facts: dict[str, Any] = {
        "days": str(details.days),
        "last_day": last_day(round_.pack.calendar, posted, details.days).isoformat(),
        "organisation": details.organisation,
        "fingerprint": details.fingerprint,
        "further_fields": on_record(details.extras),
        "small_groups": [group.text("zh") for group in _small_groups(round_, details)],
    }
    if details.households:
        facts["households"] = sorted(details.households)
    return facts
