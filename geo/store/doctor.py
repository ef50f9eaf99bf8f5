"""Checks of an installation, each with advice: what a person looks at first when something is odd."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geoalchemy2 import Geometry
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.graph import OWN_STREETS, engine_version, find_graph
from geo.errors import GeoError
from geo.store.audit_chain import HEADS_FILE, check_chains, read_heads
from geo.store.catchments import count_catchments
from geo.store.columns import metadata
from geo.store.gazetteer_sources import count_by_source, count_rows, list_sources
from geo.store.messages import count_messages
from geo.store.migrate import current_revision, head_revision
from geo.store.needs import count_balance
from geo.store.reaching import STRAIGHT
from geo.store.retention import count_overdue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.domain.travel import TravelModel
    from geo.store.engine import SessionFactory

MIN_POSTGIS: Final = (3, 1)
_ROUND: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_GIB: Final = 1024**3
_LOW_DISK_BYTES: Final = 2 * _GIB
_NO_DISK_BYTES: Final = _GIB // 4


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``hint`` says what to do when it is not well."""

    state: State
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A finding under the name of its check."""

    check: str
    finding: Finding

    def as_dict(self) -> dict[str, str]:
        """Give it as JSON has it."""
        found = self.finding
        return {"check": self.check, "state": found.state.value, "detail": found.detail, "hint": found.hint}


@dataclass(frozen=True, slots=True)
class Installation:
    """What is examined.

    ``files`` are the front-end files that must be there, by path; ``travel`` is the model that is travelled by.
    """

    engine: Engine
    sessions: SessionFactory
    home: Path
    files: tuple[Path, ...] = ()
    travel: TravelModel | None = None


_CHECKS: dict[str, Callable[[Installation], Finding]] = {}


def check(name: str) -> Callable[[Callable[[Installation], Finding]], Callable[[Installation], Finding]]:
    """Register an examination under the name people see."""

    def register(examine: Callable[[Installation], Finding]) -> Callable[[Installation], Finding]:
        _CHECKS[name] = examine
        return examine

    return register


def list_checks() -> Mapping[str, Callable[[Installation], Finding]]:
    """List every registered check by name, in the order they are made."""
    return dict(_CHECKS)


def examine(installation: Installation) -> list[Diagnosis]:
    """Make every check; one that cannot be made counts as failed and does not stop the others."""
    return [Diagnosis(name, _attempt(one, installation)) for name, one in _CHECKS.items()]


def worst(diagnoses: list[Diagnosis]) -> State:
    """Give the worst state among the findings."""
    found = {diagnosis.finding.state for diagnosis in diagnoses}
    return next((state for state in (State.FAIL, State.WARN) if state in found), State.OK)


def _attempt(one: Callable[[Installation], Finding], installation: Installation) -> Finding:
    try:
        return one(installation)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return Finding(State.FAIL, f"could not be checked: {reason}", "See the findings above and the server's log.")
    except GeoError as error:
        return Finding(State.FAIL, str(error), "Please report this: it must never happen.")


def _ok(detail: str) -> Finding:
    return Finding(State.OK, detail)


@check("database answers")
def _answers(installation: Installation) -> Finding:
    with installation.engine.connect() as connection:
        return _ok(f"PostgreSQL {connection.scalar(text('SHOW server_version'))}")


@check("PostGIS version")
def _postgis(installation: Installation) -> Finding:
    with installation.engine.connect() as connection:
        version = str(connection.scalar(text("SELECT postgis_lib_version()")))
    if tuple(int(part) for part in version.split(".")[:2]) < MIN_POSTGIS:
        wanted = ".".join(str(part) for part in MIN_POSTGIS)
        return Finding(State.FAIL, version, f"Install PostGIS {wanted} or newer.")
    return _ok(version)


@check("schema is current")
def _schema(installation: Installation) -> Finding:
    current, head = current_revision(installation.engine), head_revision()
    if current == head:
        return _ok(head)
    return Finding(State.FAIL, f"at {current or 'nothing'}, wanted {head}", "Run: barnraiser up (it migrates).")


@check("indexes are whole")
def _indexes(installation: Installation) -> Finding:
    query = text("SELECT relname FROM pg_class JOIN pg_index ON pg_class.oid = indexrelid WHERE indisvalid")
    with installation.sessions() as session:
        valid = set(session.scalars(query))
    wanted = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    lacking = sorted(wanted - valid)
    if lacking:
        return Finding(State.FAIL, f"missing or broken: {', '.join(lacking)}", "Run REINDEX, or restore a backup.")
    return _ok(f"{len(wanted)} indexes")


@check("geometry is WGS 84")
def _geometry(installation: Installation) -> Finding:
    columns = [column for table in metadata.sorted_tables for column in table.c if isinstance(column.type, Geometry)]
    with installation.sessions() as session:
        wrong = [
            f"{column.table.name}.{column.name}"
            for column in columns
            if session.scalar(select(1).where(func.ST_SRID(column) != 4326).limit(1))  # noqa: PLR2004 - the one system all is stored in
        ]
    if wrong:
        return Finding(State.FAIL, f"another system in {', '.join(wrong)}", "Load those rows again.")
    return _ok(f"{len(columns)} columns")


@check("balance line adds up")
def _balance(installation: Installation) -> Finding:
    with installation.sessions() as session:
        balance = count_balance(session)
    return _ok(f"{balance.received} needs received, every one accounted for")


@check("audit chain is whole")
def _audit(installation: Installation) -> Finding:
    exported = read_heads(installation.home / HEADS_FILE)
    with installation.sessions() as session:
        chains = check_chains(session, exported)
    faults = [chain.fault for chain in chains if not chain.is_whole]
    if faults:
        return Finding(
            State.FAIL,
            "; ".join(faults),
            "Somebody changed the audit, or an older backup was restored. Compare with a backup.",
        )
    entries = sum(chain.entries for chain in chains)
    if entries and not exported:
        hint = "A cut tail would go unnoticed. Run: barnraiser audit export-head"
        return Finding(State.WARN, f"{entries} entries, and no head was kept elsewhere", hint)
    return _ok(f"{entries} entries, {len(exported)} heads kept elsewhere")


@check("nothing is kept too long")
def _retention(installation: Installation) -> Finding:
    with installation.sessions() as session:
        overdue = count_overdue(session, datetime.now(UTC) - _ROUND)
    if overdue.is_done:
        return _ok("what has to fade has faded")
    late = f"{overdue.places} places and {overdue.contacts} contacts are past their date"
    return Finding(State.WARN, late, "Run: barnraiser retain (a running server does so every hour).")


@check("data checksums")
def _checksums(installation: Installation) -> Finding:
    with installation.engine.connect() as connection:
        if connection.scalar(text("SHOW data_checksums")) == "on":
            return _ok("on")
    return Finding(State.WARN, "off", "Damage on the disk would go unnoticed; make the cluster with --data-checksums.")


@check("gazetteer is loaded")
def _gazetteer(installation: Installation) -> Finding:
    with installation.sessions() as session:
        counts = count_rows(session)
    if not counts["streets"]:
        return Finding(State.WARN, "empty", "Addresses cannot be found. Run: barnraiser load osm FILE.pbf")
    return _ok(f"{counts['address_points']} address points, {counts['streets']} street names")


@check("gazetteer sources")
def _sources(installation: Installation) -> Finding:
    with installation.sessions() as session:
        sources, counted = list_sources(session), count_by_source(session)
    lacking = [one.slug for one in sources if not one.checksum or not any(counted[one.slug].values())]
    if lacking:
        return Finding(
            State.WARN, f"nothing is left of {', '.join(lacking)}", "Load it again, or: barnraiser load remove SLUG"
        )
    return _ok(f"{len(sources)} sources")


@check("streets to travel by")
def _streets(installation: Installation) -> Finding:
    graph, engine, travel = find_graph(installation.home), engine_version(), installation.travel
    if travel is not None and travel.info.name not in (STRAIGHT, OWN_STREETS):
        return _ok(f"a server is asked ({travel.info.name})")
    if engine is None:
        hint = "Travel is a straight line. The engine is there for Python 3.12 and later."
        return Finding(State.WARN, "no travel engine", hint)
    if graph is None or not graph.has_tiles:
        return Finding(State.WARN, "no street graph", "Travel is a straight line. Run: barnraiser load osm FILE.pbf")
    if graph.engine != engine:
        detail = f"built for engine {graph.engine}, installed is {engine}"
        return Finding(State.WARN, detail, "Travel is a straight line. Run again: barnraiser load osm FILE.pbf")
    return _ok(f"graph {graph.version}, engine {engine}")


@check("reach is drawn")
def _reach(installation: Installation) -> Finding:
    travel = installation.travel or StraightLineTravel()
    with installation.sessions() as session:
        state = count_catchments(session, travel)
    if travel.info.name == STRAIGHT:
        return _ok("nothing to draw for the straight line")
    if state.due:
        late = f"{state.due} places lack shapes, {state.of_another_model} shapes are of other streets"
        return Finding(State.WARN, late, "Run: barnraiser catchments (a running server does so every minute).")
    return _ok(f"{state.drawn} shapes")


@check("front-end files")
def _files(installation: Installation) -> Finding:
    lacking = [path.name for path in installation.files if not path.is_file()]
    if lacking:
        return Finding(State.FAIL, f"missing: {', '.join(lacking)}", "The map stays empty. Run: make setup")
    return _ok(f"{len(installation.files)} files")


@check("disk space")
def _disk(installation: Installation) -> Finding:
    home = installation.home
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / _GIB:.1f} GB free"
    if free >= _LOW_DISK_BYTES:
        return _ok(detail)
    state = State.WARN if free >= _NO_DISK_BYTES else State.FAIL
    return Finding(state, detail, f"Make room where {home} is.")


@check("messages are sent")
def _messages(installation: Installation) -> Finding:
    now = datetime.now(UTC)
    with installation.sessions() as session:
        found = count_messages(session, now=now)
    told = f"{found.waiting} waiting, {found.due} due, {found.failed} failed"
    if found.failed:
        return Finding(State.WARN, told, "See GET /v1/messages?state=failed; pass them on, try again, or drop them.")
    if found.oldest_due_at is not None and now - found.oldest_due_at > _DAY:
        return Finding(State.WARN, told, "Nothing has sent them for a day. Run: barnraiser notify --once")
    return _ok(told)
