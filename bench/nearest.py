"""The five nearest helpers of a point against the bare statements that find them; rare help; and many needs at once.

Three floors are taken on the same connection in the same run: the same statement without our ranking, records and
reasons around it; both statements, with the one that says who was passed over; and the plain index order, which
knows neither suitability nor minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, text

from geo.analysis.travel import StraightLineTravel
from geo.store.engine import make_sessions, transaction
from geo.store.nearest import find_nearest_to_point

from bench import nearest_batch, volunteers
from bench.outcome import Outcome
from bench.timing import growth, spread_of, take_turns, time_each
from bench.volunteers import WANTED, Volunteers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.place import Point

    from bench.timing import Spread

LIMIT: Final = 5
LANGUAGE: Final = "en"
RARE: Final = {"one in 70 suits": "ar", "one in 2,000 suits": "so", "one in 60,000 suits": "ti", "nobody suits": "xx"}
ROUNDS: Final = 300
NEEDS: Final = 10_000
MODEL: Final = StraightLineTravel()
PLAIN: Final = """
    SELECT l.helper_id, ST_Distance(geography(l.geom), asked.place)
    FROM restricted.location_exact l,
         (SELECT geography(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)) AS place) AS asked
    WHERE l.helper_id IS NOT NULL
    ORDER BY geography(l.geom) <-> asked.place
    LIMIT 5
"""


@dataclass(slots=True)
class Recording:
    """The statements one question sent, as they reached the driver: found by listening, so that none is missed."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def listen(self, _connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
        """Note a statement and its values."""
        self.statements.append((statement, values))


def run(
    size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]], *, rounds: int = ROUNDS
) -> Outcome:
    """Measure at the size, and how time grows from a tenth and a hundredth of it.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database, anew for each size.
    rounds
        How many points are asked for.

    Raises
    ------
    AssertionError
        If an answer differs from brute force.
    """
    sizes = [s for s in (size // 100, size // 10, size) if s >= LIMIT]
    outcomes = []
    for each in sizes:
        with open_database() as engine:
            outcomes.append(measure(engine, each, seed, rounds=rounds))
    last = outcomes[-1]
    medians = [found.spreads["ours"].median for found in outcomes]
    grows = growth(sizes, medians) if len(sizes) > 1 else 0.0
    return Outcome(
        "nearest", size, seed, last.ratios, last.spreads, {**last.facts, "time grows as size to the power of": grows}
    )


def measure(engine: Engine, size: int, seed: int, *, rounds: int) -> Outcome:
    """Fill an empty database with volunteers, check sampled answers and time every contender."""
    people = Volunteers.build(size, seed)
    sessions = make_sessions(engine)
    with transaction(make_sessions(engine, role=None)) as session:
        volunteers.store(session, people)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE helper"))
        connection.execute(text("VACUUM ANALYZE restricted.location_exact"))
    points = people.ask_from(rounds, seed)
    with sessions() as session:
        check(session, people, points)
        recorded = [record(engine, session, point) for point in points]
        spreads = take_turns(_contenders(session, points, recorded), rounds=rounds, warm_up=20)
        for name, language in RARE.items():
            spreads |= {f"ours, {name}": ask_rare(session, people, language, points[: rounds // 3 + 1])}
    batch = nearest_batch.measure(engine, people, seed, needs=min(NEEDS, max(size // 100, 20)))
    ratios, spreads = _ratios(spreads) | dict(batch.ratios), spreads | dict(batch.spreads)
    facts = (
        dict(batch.facts)
        | {
            "answers checked against brute force": len(points),
            "statements for a question, mean": sum(map(len, recorded)) / len(recorded),
            "questions that read further": sum(len(found) > 2 for found in recorded),
            "p99 of ours, milliseconds": spreads["ours"].p99 * 1000,
        }
        | {f"p99, {name}, milliseconds": spreads[f"ours, {name}"].p99 * 1000 for name in RARE}
    )
    return Outcome("nearest", size, seed, ratios, spreads, facts)


def _ratios(spreads: Mapping[str, Spread]) -> dict[str, float]:
    ours, same, both = (spreads[name] for name in ("ours", "same statement", "both statements"))
    who_was_passed_over = both.median - same.median
    return {
        "median, ours / both statements": ours.median / both.median,
        "p95, ours / both statements": ours.p95 / both.p95,
        "median, ours without who was passed over / same statement": (ours.median - who_was_passed_over) / same.median,
        "median, ours / same statement": ours.median / same.median,
        "median, ours / plain index order": ours.median / spreads["plain index order"].median,
        "share of both statements that tells who was passed over": who_was_passed_over / both.median,
    }


def ask(session: Session, point: Point, language: str = LANGUAGE) -> list[int]:
    """Ask for the nearest as the rest of the program does."""
    report = find_nearest_to_point(
        session, point, kind="helper", category=WANTED, languages=(language,), limit=LIMIT, model=MODEL
    )
    return [volunteers.index_of(result.id) for result in report.results]


def ask_rare(session: Session, people: Volunteers, language: str, points: Sequence[Point]) -> Spread:
    """Ask for help that few or none can give, and check every answer.

    Raises
    ------
    AssertionError
        If one differs from brute force.
    """
    seconds, answers = time_each(lambda point: ask(session, point, language), points)
    for point, found in zip(points, answers, strict=True):
        if found != (expected := people.nearest(point, language, LIMIT, MODEL)):
            raise AssertionError(f"{found} is not {expected}")
    return spread_of(seconds)


def check(session: Session, people: Volunteers, points: Sequence[Point]) -> None:
    """Compare answers with brute force.

    Raises
    ------
    AssertionError
        If one differs.
    """
    for point in points:
        found, expected = ask(session, point), people.nearest(point, LANGUAGE, LIMIT, MODEL)
        if found != expected:
            raise AssertionError(f"{found} is not {expected}")


def record(engine: Engine, session: Session, point: Point) -> list[tuple[str, Any]]:
    """Note what is sent for one question."""
    recording = Recording()
    event.listen(engine, "before_cursor_execute", recording.listen)
    ask(session, point)
    event.remove(engine, "before_cursor_execute", recording.listen)
    return recording.statements


def _contenders(
    session: Session, points: Sequence[Point], recorded: Sequence[Sequence[tuple[str, Any]]]
) -> dict[str, Callable[[int], object]]:
    cursor = session.connection().connection.cursor()

    def send(statements: Sequence[tuple[str, Any]]) -> None:
        for statement, values in statements:
            cursor.execute(statement, values)
            cursor.fetchall()

    return {
        "ours": lambda turn: ask(session, points[turn]),
        # the last one tells who was passed over; all before it are needed for the answer
        "same statement": lambda turn: send(recorded[turn][:-1]),
        "both statements": lambda turn: send(recorded[turn]),
        "plain index order": lambda turn: send([(PLAIN, {"lon": points[turn].lon, "lat": points[turn].lat})]),
    }
