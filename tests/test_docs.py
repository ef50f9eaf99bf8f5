"""What the documents say is so: commands parse, addresses answer, words are explained, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import typer
import uvicorn
from typer.testing import CliRunner

from geo.domain import words
from geo.domain.principals import PERMISSIONS, CredentialKind, NetworkRole, Permission, Principal, PrincipalKind, Tier
from geo.domain.words import Audience
from geo.privacy.allow_list import ALLOWED
from geo.store.engine import make_sessions, transaction

from api.app import create_app
from api.cli import app as cli
from api.settings import (
    DemoSettings,
    HomeSettings,
    HookSettings,
    NotifySettings,
    RateSettings,
    RemoteSettings,
    ServerSettings,
    Settings,
    TextSettings,
    TravelSettings,
    VerifySettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_settings import BaseSettings
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

    from tests.conftest import DemoCity

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
DOCS: Final = ROOT / "docs"
PAGES: Final = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
DECISIONS: Final = sorted((DOCS / "decisions").glob("[0-9]*.md"))
HEADINGS: Final = ["Context", "Decision", "Consequences", "Alternatives"]
LARGEST_PICTURE: Final = 400_000
SERVED: Final = "http://localhost:8000"
_FILE: Final = re.compile(r"[\w./-]+\.(?:csv|pbf|geojson|shp)(?:\.gz)?")
_NEEDS_NO_CHECK: Final = frozenset({".", "rm", "export"})


def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Give each command by its whole name; a group is none."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in sorted(command.commands.items()):
        yield from leaves(below, f"{path} {name}")


LEAVES: Final = dict(leaves(typer.main.get_command(cli), "barnraiser"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def commands(page: Path) -> Iterator[list[str]]:
    """Give each command of the shell blocks as its words; what a variable is filled with is a command too."""
    for parts in _statements(page):
        yield _taken_apart(parts)[1]


def _statements(page: Path) -> Iterator[list[str]]:
    """Give each statement as its words; a quoted text may run over lines, and so may a line that ends in a stroke."""
    for block in blocks(page, "sh"):
        waiting = ""
        for line in block.replace("\\\n", " ").splitlines():
            waiting = f"{waiting}\n{line}" if waiting else line
            try:
                parts = shlex.split(waiting, comments=True)
            except ValueError:
                continue
            waiting = ""
            if parts:
                yield parts
        assert not waiting, f"{page.name}: a quotation is not closed"


def _taken_apart(parts: list[str]) -> tuple[str | None, list[str]]:
    """Part ``NAME=$(command …)`` into the variable and the command that fills it."""
    rest = parts[1:] if parts[0] == "export" else parts
    found = re.fullmatch(r"(\w+)=\$\((\w+)", rest[0])
    return (found[1], [found[2], *rest[1:-1], rest[-1].removesuffix(")")]) if found else (None, parts)


def named(first: str, pages: list[Path] = PAGES) -> list[Any]:
    return [
        pytest.param(parts, id=f"{page.stem}: {' '.join(parts)[:60]}")
        for page in pages
        for parts in commands(page)
        if parts[0] == first
    ]


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


# -- commands --------------------------------------------------------------------------------------------------


def test_every_command_of_the_documents_is_of_a_kind_that_is_checked() -> None:
    kinds = {parts[0] for page in PAGES for parts in commands(page)}
    assert kinds <= {"make", "barnraiser", "curl"} | _NEEDS_NO_CHECK


@pytest.mark.parametrize("parts", named("barnraiser"))
def test_a_command_can_be_typed_as_it_is_written(parts: list[str], tmp_path: Path) -> None:
    words_of_it = [_with_file(part, tmp_path) for part in parts[1:]]
    path = max((path for path in LEAVES if parts[: len(path.split())] == path.split()), key=len)
    LEAVES[path].make_context(path, words_of_it[len(path.split()) - 1 :])


def _with_file(part: str, folder: Path) -> str:
    """Put a file where a document names one of the reader's; one of ours must be there."""
    if not _FILE.fullmatch(part):
        return part
    if part.startswith("data/"):
        assert (ROOT / part).is_file(), part
        return str(ROOT / part)
    (folder / part).touch()
    return str(folder / part)


@pytest.mark.parametrize("parts", named("make"))
def test_make_knows_what_the_documents_ask_of_it(parts: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert parts[1] in re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert f"make {target}" in listed


def _sections() -> dict[str, str]:
    parts = re.split(r"^## `([^`]+)`$", (DOCS / "commands.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_command_is_documented_and_no_other() -> None:
    assert set(_sections()) == set(LEAVES)


@pytest.mark.parametrize("path", LEAVES)
def test_every_option_is_documented_and_no_other(path: str) -> None:
    known = {name for option in LEAVES[path].params for name in option.opts if name.startswith("--")} - {"--help"}
    told = set(re.findall(r"^- `(--[a-z-]+)`", _sections()[path], re.MULTILINE))
    assert told == known


# -- a service to ask ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """Where the demonstration's city is served, and what the reader's variables hold."""

    address: str
    variables: Mapping[str, str]


@pytest.fixture(scope="module")
def service(demo_city: DemoCity, keys: KeyRing) -> Iterator[Service]:
    """The demonstration's city served on a free port, with every change undone afterwards."""
    settings = Settings(home=HomeSettings(home=demo_city.home), server=ServerSettings(), demo=DemoSettings())
    with demo_city.engine.connect() as connection:
        outer = connection.begin()
        variables = _filled(make_sessions(connection, role=None, keys=keys))
        app = create_app(settings, sessions=make_sessions(connection, keys=keys), with_dashboard=False)
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
        runs = threading.Thread(target=server.run)
        runs.start()
        while not server.started and runs.is_alive():
            time.sleep(0.02)
        yield Service(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", variables)
        server.should_exit = True
        runs.join()
        outer.rollback()


def _filled(operator: SessionFactory) -> dict[str, str]:
    """Fill the reader's variables as the reader does: by the command that is written there, on this city."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with transaction(operator) as session:
            yield session

    filled: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.commands.access._open", opened)
        for name, parts in (_taken_apart(parts) for page in PAGES for parts in _statements(page)):
            if name is not None:
                done = CliRunner().invoke(cli, parts[1:], catch_exceptions=False)
                assert done.exit_code == 0, done.output
                filled[name] = done.stdout.strip()
    return filled


@pytest.mark.parametrize("parts", named("curl"))
def test_the_service_answers_as_documented(parts: list[str], service: Service) -> None:
    given = [Template(part).substitute(service.variables) for part in parts]
    url = next(part for part in given if part.startswith(SERVED)).replace(SERVED, service.address)
    headers = dict(re.split(r":\s*", value, maxsplit=1) for flag, value in pairwise(given) if flag == "-H")
    body = dict(pairwise(given)).get("-d")
    with httpx.Client(trust_env=False, timeout=60) as client:
        answer = client.request("GET" if body is None else "POST", url, headers=headers, content=body)
        secret = headers.pop("Authorization", None)
        without = client.request("GET" if body is None else "POST", url, headers=headers, content=body)
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.text)
    assert '"rejected"' not in answer.text
    assert without.status_code == (401 if secret else 200)


@pytest.mark.parametrize("source", blocks(README, "python"), ids=lambda source: source.splitlines()[-1])
def test_the_snippets_run(
    source: str, service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    for name, value in service.variables.items():
        monkeypatch.setenv(name, value)
    exec(compile(source.replace(SERVED, service.address), str(README), "exec"), {})  # noqa: S102 - our own document
    printed = capsys.readouterr().out.strip()
    assert printed
    assert "Empty" not in printed
    assert "Series([]" not in printed


# -- settings --------------------------------------------------------------------------------------------------


def _defaults() -> dict[str, str]:
    classes: tuple[type[BaseSettings], ...] = (
        HomeSettings, HookSettings, ServerSettings, RateSettings, DemoSettings, RemoteSettings, TravelSettings,
        NotifySettings, TextSettings, VerifySettings,
    )  # fmt: skip
    return {
        f"BARNRAISER_{name.upper()}": _written(field.default)
        for settings in classes
        for name, field in settings.model_fields.items()
    }


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else "" if value is None else str(value)


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = re.findall(r"^\| `(BARNRAISER_\w+)` \| (.+?) \|", README.read_text("utf-8"), re.MULTILINE)
    told = {name: "" if default == "none" else default.strip("`") for name, default in rows}
    assert told.pop("BARNRAISER_HOME") == ".barnraiser` in the checkout"
    expected = _defaults()
    expected.pop("BARNRAISER_HOME")
    assert told == expected


def test_the_example_of_settings_shows_every_default() -> None:
    shown = dict(re.findall(r"^# (BARNRAISER_\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    examples = {"BARNRAISER_HOME", "BARNRAISER_DATABASE_URL"}
    assert set(shown) == set(_defaults())
    for name, default in _defaults().items():
        assert name in examples or shown[name] == default


# -- words, decisions, links -----------------------------------------------------------------------------------


def _terms() -> list[str]:
    return re.findall(r"^\*\*(.+)\*\*$", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)


def test_every_word_of_the_vocabularies_is_in_the_glossary() -> None:
    kinds = [kind for kind in vars(words).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    kinds += [PrincipalKind, NetworkRole, Tier, CredentialKind]
    spoken = {word.value for kind in kinds for word in kind}
    assert len(spoken) > 50
    assert spoken <= set(_terms())


def test_the_glossary_has_each_word_once_in_order() -> None:
    ordered = sorted(set(_terms()), key=lambda term: term.replace("_", " ").lower())
    assert _terms() == ordered


def test_decisions_are_numbered_without_a_hole_and_listed() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    index = (DOCS / "decisions" / "index.md").read_text("utf-8")
    assert re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", index) == [path.name for path in DECISIONS]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem[:4])
def test_a_decision_is_one_page_under_four_headings(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.name[:4]}. ")
    assert re.search(r"^Status: (accepted|superseded by \[\d{4}\])", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) <= 80


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, part = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        if part:
            assert part in map(anchor, re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE)), target


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = {README}, [README]
    while waiting:
        page = waiting.pop()
        for target in re.findall(r"\]\(([^)\s#]+\.md)", prose(page)):
            found = (page.parent / target).resolve()
            if found not in reached and found.is_file():
                reached.add(found)
                waiting.append(found)
    assert set(DOCS.rglob("*.md")) <= reached


def test_each_promise_of_privacy_names_a_test_that_is_there() -> None:
    promised = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "privacy.md").read_text("utf-8"))
    assert len(promised) > 10
    for path, name in promised:
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path}::{name}"


# -- who may do what, and what they are given ------------------------------------------------------------------


def _rows(heading: str) -> list[list[str]]:
    """Give the rows of the table under a heading of the page on privacy, without its head."""
    under = (DOCS / "privacy.md").read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = [line.strip("|").split("|") for line in under.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in found[2:]]


def test_who_may_do_what_is_told_as_the_code_has_it() -> None:
    callers = {
        "everybody": Principal(),
        "organizer": Principal(kind=PrincipalKind.ORGANIZER),
        "admin": Principal(kind=PrincipalKind.ORGANIZER, role=NetworkRole.ADMIN),
        "phone": Principal(kind=PrincipalKind.DEVICE),
        "partner": Principal(kind=PrincipalKind.PARTNER),
        "monitor": Principal(kind=PrincipalKind.MONITOR),
        "webhook": Principal(kind=PrincipalKind.WEBHOOK),
    }
    assert {caller.kind for caller in callers.values()} == set(PERMISSIONS)
    told = {word.strip("`"): dict(zip(callers, marks, strict=True)) for word, _, *marks in _rows("Who may do what")}
    assert set(told) == {permission.value for permission in Permission}
    for permission in Permission:
        may = {name for name, caller in callers.items() if caller.may(permission)}
        assert {name for name, mark in told[permission.value].items() if mark == "yes"} == may, permission


def test_what_leaves_is_told_field_by_field_as_the_code_has_it() -> None:
    told = {
        (record, audience.strip()): set(re.findall(r"`(\w+)`", fields))
        for record, audiences, fields in _rows("What leaves, field by field")
        for audience in audiences.split(",")
    }
    names = {record: _spoken_of(record) for record in ALLOWED}
    assert told == {
        (names[record], audience.value): set(fields)
        for record, by_audience in ALLOWED.items()
        for audience, fields in by_audience.items()
    }
    assert {audience for _, audience in told} == {audience.value for audience in Audience}


def _spoken_of(record: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", record.__name__).lower()


def test_paths_named_in_the_documents_are_there() -> None:
    for page in PAGES:
        for name in re.findall(r"`((?:geo|api|data|dashboard|tests|docs)/[\w./-]+)`", prose(page)):
            if "NAME" in name:
                continue
            assert (ROOT / name.rstrip("/")).exists(), f"{page.name}: {name}"


def test_the_picture_is_small() -> None:
    assert 20_000 < (DOCS / "images" / "map.png").stat().st_size < LARGEST_PICTURE


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    headings = re.findall(r"^##+ (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[:2] == ["[Unreleased]", "Added"]
