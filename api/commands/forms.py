"""``forms``: add a form of a campaign from an XLSForm, list what is asked, show one, withdraw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo.domain.words import Audience
from geo.errors import FormRefused, NotFound

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.forms import CampaignForm
    from geo.interchange.xlsform import ReadForm

app = typer.Typer(no_args_is_help=True, help="Forms of campaigns, from XLSForms.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the form is called: the form_id of its workbook.")]
MOST_LISTED = 1000
MAX_FILE = 1_000_001
"""Bytes that are read of a file: one more than a form may have."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An .xlsx workbook.")],
    *,
    activate: Annotated[bool, typer.Option("--activate", help="Have phones ask it from now on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a form, or a version of it; the same workbook again changes nothing."""
    from geo.privacy.disclosure import disclose
    from geo.store.engine import transaction
    from geo.store.forms import activate_version, add_version

    read = _read(file)
    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        version, is_new = add_version(session, read.model, read.xml, read.content_hash)
        shown = disclose(version, Audience.ORGANIZER) | {"is_new": is_new, "warnings": list(read.warnings)}
        if activate:
            shown["is_active"] = activate_version(session, version.id).is_active
    if as_json:
        put_json({name: value for name, value in shown.items() if name != "xml"})
        return
    state = "is asked" if shown["is_active"] else "is not asked yet"
    put(
        f"{version.name} {version.version}: {len(version.questions)} questions, {'new' if is_new else 'known'}, {state}"
    )


def _read(file: Path) -> ReadForm:
    from geo.interchange.xlsform import read_xlsform

    with file.open("rb") as opened:
        content = opened.read(MAX_FILE)
    try:
        return read_xlsform(content)
    except FormRefused as refused:
        for pointer, reason in refused.faults:
            sheet, row, *column = pointer.strip("/").split("/")
            say(f"{sheet}, row {row}{', ' + column[0] if column else ''}: {reason}")
        raise


@app.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """List the forms, each with the version that is asked and how many entries were made with it."""
    from geo.privacy.disclosure import disclose
    from geo.store.forms import list_forms

    with open_store(load_settings()) as store, store.sessions() as session:
        found = list_forms(session, limit=MOST_LISTED)
    if as_json:
        put_json({"items": [disclose(form, Audience.ORGANIZER) for form in found]})
        return
    for form in found:
        put(_line(form))
    put(f"{len(found)} forms")


def _line(form: CampaignForm) -> str:
    state = "asked" if form.is_active else "not asked"
    return f"{form.name} {form.version}  {state}  {form.questions} questions  {form.entries} entries  {form.title}"


@app.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show what a form asks, in the version that is asked or the newest."""
    from geo.privacy.disclosure import disclose
    from geo.store.forms import get_version

    with open_store(load_settings()) as store, store.sessions() as session:
        form = _named(session, name)
        version = get_version(session, form.version_id)
    if as_json:
        shown = disclose(version, Audience.ORGANIZER)
        put_json({key: value for key, value in shown.items() if key != "xml"} | {"entries": form.entries})
        return
    put(_line(form))
    for question in version.model.questions:
        label = question.labels.get(version.default_language) or next(iter(question.labels.values()))
        kept = question.field.value if question.field else "the campaign's own"
        put(f"  {question.name}  {question.type.value}{' *' if question.is_required else ''}  {kept}  {label}")


@app.command()
def withdraw(name: Name) -> None:
    """Ask a form no more; what is filled in already still comes in."""
    from geo.store.engine import transaction
    from geo.store.forms import withdraw_form

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        put(_line(withdraw_form(session, _named(session, name).id)))


def _named(session: Session, name: str) -> CampaignForm:
    from geo.store.forms import list_forms

    found = next((form for form in list_forms(session, limit=MOST_LISTED) if form.name == name), None)
    if found is None:
        raise NotFound("there is no such form")
    return found
