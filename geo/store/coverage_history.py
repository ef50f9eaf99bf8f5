"""Coverage of each day, kept so that what has changed since is a question to the database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.coverage import CoverageChange, CoverageChanges, Totals
from geo.domain.words import Category
from geo.store.coverage import Question, compute_coverage
from geo.store.coverage_tables import coverage_day
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageReport, CoverageRow
    from geo.store.coverage import LiveFigures

KEEP_DAYS: Final = 400
MOST_CHANGES: Final = 1000
WHOLE: Final = ""
"""The key of the rows that hold a category's sum; a day that was kept has one for every category."""
MAX_LABEL: Final = 400
AT_ONCE: Final = 5_000
NOTHING: Final = Totals(0, 0, 0)


def keep_day(session: Session, question: Question, *, now: datetime, replace: bool = False) -> int:
    """Keep the figures of today, unless they are kept already.

    Parameters
    ----------
    now
        An instant of the day, which is that of UTC.
    replace
        Whether figures of today that are there go.

    Returns
    -------
    int
        How many rows were written.
    """
    day, kept = now.date(), _of(question, now.date())
    if replace:
        session.execute(delete(coverage_day).where(*kept))
    elif session.scalar(select(exists().where(*kept))):
        return 0
    report = compute_coverage(session, question)
    rows = [_asked_for(question) | {"day": day, **row} for row in _rows(report)]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(coverage_day).on_conflict_do_nothing(), rows[start : start + AT_ONCE])
    return len(rows)


def prune_days(session: Session, *, now: datetime) -> None:
    """Remove days that were kept long enough."""
    session.execute(delete(coverage_day).where(mine(coverage_day), coverage_day.c.day < _oldest(now)))


def compare(session: Session, question: Question, since: date, *, live: LiveFigures | None = None) -> CoverageChanges:
    """Compare the figures of now with those of a day.

    Parameters
    ----------
    since
        A day; the last one that is kept of those up to it is compared.
    live
        As in :func:`geo.store.coverage.compute_coverage`.

    Returns
    -------
    CoverageChanges
        Rows whose gap widens most first, at most ``MOST_CHANGES``; without a day and rows where no day is kept.
    """
    report = compute_coverage(session, question, live=live)
    day = session.scalar(last_day_query(question, since))
    if day is None:
        return CoverageChanges(None, (), {}, report.travel_model)
    then = {(row.key, Category(row.category)): row for row in session.execute(day_query(question, day))}
    now = {(row.key, row.category): row for row in report.rows}
    sums = {category: then.pop((WHOLE, category)) for category in Category}
    changes = (_change(spot, then.get(spot), now.get(spot)) for spot in then.keys() | now.keys())
    changed = sorted((change for change in changes if change.has_changed), key=_by_worsening)
    totals = {category: _change_of_sum(category, row, report) for category, row in sums.items()}
    shown = {category: total for category, total in totals.items() if total.demand or total.demand_then}
    return CoverageChanges(day, tuple(changed[:MOST_CHANGES]), shown, report.travel_model)


def _change(spot: tuple[str, Category], then: Row[Any] | None, now: CoverageRow | None) -> CoverageChange:
    label = now.label if now else then.label if then else spot[0]
    after = now.totals if now else NOTHING
    demand_then, covered_then = (then.demand, then.covered) if then else (0, 0)
    return CoverageChange(spot[0], label, spot[1], demand_then, covered_then, after.demand, after.covered)


def _change_of_sum(category: Category, then: Row[Any], report: CoverageReport) -> CoverageChange:
    now = report.totals.get(category, NOTHING)
    return CoverageChange(WHOLE, "all", category, then.demand, then.covered, now.demand, now.covered)


def _by_worsening(change: CoverageChange) -> tuple[int, int, str, str, str]:
    return -change.gap_change, -change.gap, change.label, change.key, change.category.value


def last_day_query(question: Question, since: date) -> Select[Any]:
    """Ask for the last day that is kept, up to a day."""
    of = _of(question, None)
    return select(func.max(coverage_day.c.day)).where(*of, coverage_day.c.day <= since)


def day_query(question: Question, day: date) -> Select[Any]:
    """Ask for the rows of a day."""
    columns = ("key", "label", "category", "demand", "covered")
    return select(*(coverage_day.c[name] for name in columns)).where(*_of(question, day))


def _rows(report: CoverageReport) -> Iterator[dict[str, Any]]:
    for category in Category:
        yield _row(WHOLE, "all", category, report.totals.get(category, NOTHING))
    for row in report.rows:
        yield _row(row.key, row.label[:MAX_LABEL], row.category, row.totals)


def _row(key: str, label: str, category: Category, totals: Totals) -> dict[str, Any]:
    counts = {"demand": totals.demand, "covered": totals.covered, "covered_best": totals.covered_best}
    return {"key": key, "label": label, "category": category.value, **counts}


def _asked_for(question: Question) -> dict[str, Any]:
    return {
        "by": question.by,
        "standard_min": question.standard_min,
        "mode": question.mode.value,
        "travel_model": question.model.info.name,
    }


def _of(question: Question, day: date | None) -> list[ColumnElement[bool]]:
    kept = [mine(coverage_day), *(coverage_day.c[name] == value for name, value in _asked_for(question).items())]
    return kept if day is None else [*kept, coverage_day.c.day == day]


def _oldest(now: datetime) -> date:
    return now.date() - timedelta(days=KEEP_DAYS)
