"""Figures that are kept are those of everything worked out anew, whoever writes what and when."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import insert, text

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.streets import FASTEST_M_PER_MIN, ValhallaTravel
from geo.domain.drafts import AreaDraft
from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.travel import TravelModelInfo
from geo.domain.words import Access, Category, LocationState, MatchQuality, Mode, StepFree, Vehicle
from geo.errors import StillReckoning, TravelFailed
from geo.store import catchments, live_coverage
from geo.store.areas import create_area, delete_area
from geo.store.assets import delete_asset, update_asset
from geo.store.coverage import Question, compute_coverage, work_out
from geo.store.coverage_log import changes_query, mark_now, prune_changes, read_changes
from geo.store.engine import PARTNER_ROLE, Acting, make_sessions, transaction
from geo.store.helpers import update_helper
from geo.store.live_coverage import LiveCoverages
from geo.store.needs import count_balance, delete_need, place_need, update_need
from geo.store.supply import list_supply
from geo.store.tables import match

from tests.factories import add_asset, add_helper, add_need, located, nowhere
from tests.grid import HELSINKI
from tests.streets import INFO, PACE, GridTown, grid_town

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.balance import Balance
    from geo.domain.travel import TravelModel


MODEL = StraightLineTravel()
SPOKEN: list[tuple[str, ...]] = [(), ("fi",), ("ar",), ("ar", "fi")]
TOWN = grid_town(HELSINKI.lon, HELSINKI.lat)


def ask_of(model: TravelModel) -> list[Question]:
    return [Question(model, 5.0, Mode.WALK, "hex"), Question(model, 8.0, Mode.BICYCLE, "area")]


QUESTIONS, ALONG_STREETS = ask_of(MODEL), ask_of(TOWN)
EACH_WAY = pytest.mark.parametrize("questions", [QUESTIONS, ALONG_STREETS], ids=["crow", "streets"])


def near(rng: random.Random) -> Point:
    return Point(HELSINKI.lon + rng.gauss(0, 0.01), HELSINKI.lat + rng.gauss(0, 0.005))


def same(session: Session, live: LiveCoverages, questions: Sequence[Question] = QUESTIONS) -> None:
    for question in questions:
        kept, anew = live.find(session, question), work_out(session, question, list_supply(session))
        rows, totals = (kept.rows, kept.totals) if kept else ((), {})
        assert list(rows) == list(anew.rows)
        assert totals == anew.totals


def make_areas(session: Session) -> None:
    for slug, wide in (("district", 0.01), ("block", 0.003)):
        shape = MultiPolygon([box(HELSINKI.lon - wide, HELSINKI.lat - wide, HELSINKI.lon + wide, HELSINKI.lat + wide)])
        create_area(session, AreaDraft(slug, slug.title(), "manual", shape))


class Town:
    """Somebody who changes one thing after the other."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a town, no secret
        self.needs: list[Any] = []
        self.assets: list[Any] = []
        self.helpers: list[Any] = []

    def step(self, session: Session) -> None:
        steps: list[Callable[[Session], None]] = [
            self.ask, self.ask, self.ask, self.offer, self.offer, self.help_out, self.change_need, self.move_need,
            self.change_asset, self.change_helper, self.drop_need, self.drop_asset, self.take_room,
        ]  # fmt: skip
        self.rng.choice(steps)(session)

    def ask(self, session: Session) -> None:
        about_m = self.rng.choice([0.0, 0.0, 60.0, 700.0])
        state = LocationState.APPROXIMATE if about_m > 100 else LocationState.LOCATED
        location = Location(state, MatchQuality.STREET, near(self.rng), about_m)
        values: dict[str, Any] = {"category": self.rng.choice([Category.FOOD, Category.WATER])}
        values["access"] = (Access.WHEELCHAIR,) if self.rng.random() < 0.2 else ()
        values["languages"] = self.rng.choice(SPOKEN)
        self.needs.append(add_need(session, location, **values).id)

    def offer(self, session: Session) -> None:
        categories = self.rng.choice([(Category.FOOD,), (Category.WATER,), (Category.FOOD, Category.WATER)])
        values = {"capacity_per_week": self.rng.randint(0, 4), "name": self.rng.choice("ABC"), "categories": categories}
        values["source_ref"] = str(self.rng.random())
        values |= {"languages": self.rng.choice(SPOKEN), "step_free": self.rng.choice(list(StepFree))}
        self.assets.append(add_asset(session, near(self.rng), **values).id)

    def help_out(self, session: Session) -> None:
        values = {"capacity_per_week": self.rng.randint(1, 3), "languages": self.rng.choice(SPOKEN)}
        values |= {"vehicle": self.rng.choice(list(Vehicle)), "max_travel_min": self.rng.choice([1, 4, 30])}
        self.helpers.append(add_helper(session, near(self.rng), **values).id)

    def change_need(self, session: Session) -> None:
        if self.needs:
            changes = self.rng.choice(
                [{"urgency": "critical"}, {"status": "met"}, {"status": "open"}, {"withheld": True}]
            )
            update_need(session, self.rng.choice(self.needs), changes)

    def move_need(self, session: Session) -> None:
        if self.needs:
            place_need(session, self.rng.choice(self.needs), located(near(self.rng)))

    def change_asset(self, session: Session) -> None:
        if self.assets:
            changes = self.rng.choice(
                [
                    {"capacity_per_week": self.rng.randint(0, 5)},
                    {"point": near(self.rng)},
                    {"name": "Z"},
                    {"status": "inactive"},
                    {"status": "active"},
                ]
            )
            update_asset(session, self.rng.choice(self.assets), changes)

    def take_room(self, session: Session) -> None:
        if self.needs and self.assets:
            taken = {"need_id": self.rng.choice(self.needs), "asset_id": self.rng.choice(self.assets)}
            session.execute(insert(match).values(id=new_id(), status=self.rng.choice(["done", "failed"]), **taken))

    def change_helper(self, session: Session) -> None:
        if self.helpers:
            changes = self.rng.choice([{"load": self.rng.randint(0, 3)}, {"max_travel_min": self.rng.randint(1, 9)}])
            update_helper(session, self.rng.choice(self.helpers), changes)

    def drop_need(self, session: Session) -> None:
        if self.needs:
            delete_need(session, self.needs.pop(self.rng.randrange(len(self.needs))))

    def drop_asset(self, session: Session) -> None:
        if self.assets:
            delete_asset(session, self.assets.pop(self.rng.randrange(len(self.assets))))


@EACH_WAY
@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_the_figures_are_those_worked_out_anew(
    session: Session, seed: int, questions: list[Question]
) -> None:
    live, town = LiveCoverages(), Town(seed)
    make_areas(session)
    for step in range(90):
        town.step(session)
        if step % 3 == 0:
            same(session, live, questions)
    same(session, live, questions)


@EACH_WAY
def test_the_figures_are_kept_and_not_worked_out_again(
    session: Session, monkeypatch: pytest.MonkeyPatch, questions: list[Question]
) -> None:
    live = LiveCoverages()
    add_need(session)
    asset = add_asset(session)
    same(session, live, questions)

    def never(*_: object) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr("geo.store.live_coverage._begin", never)
    add_need(session)
    same(session, live, questions)
    add_asset(session, capacity_per_week=3)
    add_helper(session)
    same(session, live, questions)
    delete_asset(session, asset.id)
    same(session, live, questions)


def test_what_was_made_of_the_figures_is_kept_while_they_are_the_same(session: Session) -> None:
    need = add_need(session, near(random.Random(0)))  # noqa: S311 - the same every time
    live = LiveCoverages()
    first = live.find(session, QUESTIONS[0])
    assert first is not None
    again = live.find(session, QUESTIONS[0])
    assert again is not None
    assert again.ground is first.ground
    delete_need(session, need.id)
    add_need(session, near(random.Random(1)))  # noqa: S311 - the same every time
    second = live.find(session, QUESTIONS[0])
    assert second is not None
    assert second.ground.keys == [row.key for row in second.rows] != first.ground.keys


def test_figures_are_not_worked_out_twice_at_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    add_need(session)
    live = LiveCoverages()
    monkeypatch.setattr("geo.store.live_coverage.PATIENCE_S", 0.01)
    begin = live_coverage._begin

    def meanwhile(session: Session, question: Question) -> Any:
        with ThreadPoolExecutor(1) as somebody, pytest.raises(StillReckoning):
            somebody.submit(live.find, session, question).result()
        return begin(session, question)

    monkeypatch.setattr("geo.store.live_coverage._begin", meanwhile)
    assert live.find(session, QUESTIONS[0]) is not None
    monkeypatch.setattr("geo.store.live_coverage._begin", begin)
    same(session, live)


def test_the_balance_is_counted_again_once_a_need_has_changed(session: Session) -> None:
    need, other, _stays = (add_need(session) for _ in range(3))
    live = LiveCoverages()

    def told() -> Balance:
        figures = live.find(session, QUESTIONS[0])
        assert figures is not None
        balance = figures.balance(session, None)
        assert balance == figures.balance(session, None) == count_balance(session)
        assert figures.balance(session, Category.FOOD) == count_balance(session, category=Category.FOOD)
        return balance

    assert told().located == 3
    # a need without a place is in no row and in no total
    add_need(session, nowhere())
    assert told().no_location == 1
    update_need(session, need.id, {"withheld": True})
    assert told().withheld == 1
    delete_need(session, other.id)
    assert told().received == 3


def test_shapes_drawn_for_once_are_those_stored_later(session: Session) -> None:
    live, town, model = LiveCoverages(), Town(7), grid_town(HELSINKI.lon, HELSINKI.lat)
    questions, engine = ask_of(model), cast("GridTown", model.engine)
    for _ in range(6):
        for act in (town.ask, town.ask, town.offer, town.help_out):
            act(session)
    same(session, live, questions)
    for place in catchments.list_places(session, model):
        drawn = catchments._draw(model, place)
        assert drawn is not None
        catchments._store(session, [drawn], model.info.version)
    same(session, live, questions)
    for act in (town.ask, town.offer, town.help_out, town.move_need):
        act(session)
    update_asset(session, town.assets[0], {"capacity_per_week": 5})
    same(session, live, questions)
    before = dict(engine.asked)
    update_asset(session, town.assets[0], {"capacity_per_week": 9})
    update_helper(session, town.helpers[0], {"load": 0, "capacity_per_week": 7})
    for question in questions:
        assert live.find(session, question)
    assert engine.asked == before, "room is no reason to draw anew"
    same(session, live, questions)


def test_another_version_of_the_streets_begins_anew(session: Session) -> None:
    live, info = LiveCoverages(), TravelModelInfo("grid_town", (), "grid-town-2")
    # the need lies a little farther than one block from the help
    add_need(session, Point(HELSINKI.lon + 0.006, HELSINKI.lat))
    add_asset(session)
    slow, quick = GridTown(HELSINKI.lon, HELSINKI.lat), GridTown(HELSINKI.lon, HELSINKI.lat)
    slow.pace = dict.fromkeys(PACE, 20.0)
    covered = []
    for model in (ValhallaTravel(slow, INFO, FASTEST_M_PER_MIN), ValhallaTravel(quick, info, FASTEST_M_PER_MIN)):
        question = Question(model, 5.0, Mode.WALK, "hex")
        same(session, live, [question])
        figures = live.find(session, question)
        assert figures
        covered.append(figures.totals[Category.FOOD].covered)
    assert covered == [0, 1]
    assert len(live._states) == 2


def test_an_engine_that_fails_half_way_leaves_nothing_half_done(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session, name="A")
    same(session, live, ALONG_STREETS)
    gone = add_need(session)
    add_asset(session, name="B", source_ref="b", point=Point(HELSINKI.lon + 0.001, HELSINKI.lat))

    def fail(*_: object, **__: object) -> None:
        raise TravelFailed

    with monkeypatch.context() as patch:
        patch.setattr(GridTown, "ask", fail)
        for question in ALONG_STREETS:
            with pytest.raises(TravelFailed):
                live.find(session, question)
            assert live._states[next(reversed(live._states))]._kept is None
    same(session, live, ALONG_STREETS)
    delete_need(session, gone.id)
    same(session, live, ALONG_STREETS)


def test_a_household_that_travels_as_none_before_is_counted(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session, step_free=StepFree.YES)
    same(session, live, ALONG_STREETS)
    rolls = add_need(session, access=(Access.WHEELCHAIR,))
    same(session, live, ALONG_STREETS)
    delete_need(session, rolls.id)
    same(session, live, ALONG_STREETS)


def test_shapes_count_as_the_needs_that_take_as_much_room(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    assets = [add_asset(session, source_ref=str(number)) for number in range(9)]
    sizes = []
    for gone in (assets[0], assets[1]):
        live.find(session, ALONG_STREETS[0])
        (state,) = live._states.values()
        sizes.append(state.size)
        delete_asset(session, gone.id)
        add_asset(session, source_ref=f"instead of {gone.source_ref}")
    # nine diamonds of five corners each, whichever they are
    assert sizes == [1 + 45 // 16] * 2


def test_a_change_of_areas_or_of_the_plane_is_seen(session: Session) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session)
    same(session, live)
    make_areas(session)
    same(session, live)
    far = add_need(session, Point(HELSINKI.lon + 2.0, HELSINKI.lat + 1.0))
    same(session, live)
    delete_need(session, far.id)
    same(session, live)


def test_a_failure_half_way_leaves_nothing_half_done(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveCoverages()
    add_need(session)
    add_asset(session)
    same(session, live)
    add_need(session)
    with monkeypatch.context() as patch:
        patch.setattr("geo.analysis.live.coverage.LiveCoverage.set_need", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            live.find(session, QUESTIONS[0])
    same(session, live)


def test_only_so_many_states_are_kept(session: Session) -> None:
    live = LiveCoverages(most_states=2)
    add_need(session)
    for minutes in range(3, 9):
        live.find(session, Question(MODEL, float(minutes), Mode.WALK, "hex"))
    assert len(live._states) == 2


def test_somebody_who_sees_a_part_gets_no_figures_of_the_whole(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
        assert LiveCoverages().find(session, QUESTIONS[0]) is not None
    with transaction(sessions, Acting(role=PARTNER_ROLE)) as session:
        assert LiveCoverages().find(session, QUESTIONS[0]) is None


def test_networks_have_figures_of_their_own(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    from geo.domain.ids import new_id

    other = new_id()
    with own_db.begin() as connection:
        connection.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, 'other', 'Other')"), {"id": other})
    with transaction(sessions) as session:
        add_need(session)
        same(session, live)
    with transaction(sessions, Acting(other)) as session:
        assert live.find(session, QUESTIONS[0]) is None
        same(session, live)


@pytest.mark.own_db
def test_writers_at_once_and_late_commits_are_never_missed(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        make_areas(session)
    stop = threading.Event()

    def write(seed: int) -> None:
        town = Town(seed)
        for _ in range(12):
            with transaction(sessions) as session:
                for _ in range(town.rng.randint(1, 4)):
                    town.step(session)

    def read(_: int) -> None:
        while not stop.is_set():
            with transaction(sessions) as session:
                for question in QUESTIONS:
                    live.find(session, question)

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, number) for number in range(2)]
        try:
            list(pool.map(write, range(3)))
        finally:
            stop.set()
        assert [reader.result() for reader in readers] == [None, None]
    with transaction(sessions) as session:
        same(session, live)


@pytest.mark.own_db
def test_a_transaction_that_began_before_and_commits_after_is_read(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
        add_asset(session, capacity_per_week=5)
    with sessions() as late:
        need = add_need(late)
        with transaction(sessions) as session:
            add_need(session)
        with transaction(sessions) as session:
            same(session, live)
            mark = mark_now(session)
        late.commit()
    with transaction(sessions) as session:
        assert need.id in read_changes(session, mark).needs
        same(session, live)


@pytest.mark.own_db
def test_what_is_pruned_before_it_is_read_makes_all_be_read_again(own_db: Engine) -> None:
    live, sessions = LiveCoverages(), make_sessions(own_db)
    with transaction(sessions) as session:
        add_need(session)
    with transaction(sessions) as session:
        same(session, live)
        before = mark_now(session)
    with transaction(sessions) as session:
        add_need(session)
    later = datetime.now(UTC) + timedelta(hours=2)
    with transaction(make_sessions(own_db, role=None)) as session:
        prune_changes(session, now=later)
    with transaction(sessions) as session:
        assert read_changes(session, before).everything
        now = mark_now(session)
        same(session, live)
    with transaction(sessions) as session:
        assert read_changes(session, now).needs == frozenset()
        assert not read_changes(session, now).everything


@pytest.mark.own_db
def test_changes_are_read_by_their_index(own_db: Engine) -> None:
    with transaction(make_sessions(own_db, role=None)) as session:
        session.execute(
            text(
                "INSERT INTO restricted.coverage_change (network_id, txid, kind, record_id) "
                "SELECT current_network(), i, 'need', gen_random_uuid() FROM generate_series(1, 20000) AS i"
            )
        )
        session.execute(text("ANALYZE restricted.coverage_change"))
        statement = changes_query(19_990).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}")).scalar_one()
    assert "ix_coverage_change_since" in json.dumps(plan)


def test_a_request_may_read_the_log_and_not_write_it(session: Session) -> None:
    allowed = session.execute(
        text(
            "SELECT has_table_privilege('barnraiser_app', 'restricted.coverage_change', p) "
            "FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
        )
    ).scalars()
    assert list(allowed) == [True, False, False, False]


def test_a_statement_that_changes_very_much_is_one_entry(session: Session) -> None:
    mark = mark_now(session)
    session.execute(
        text(
            "INSERT INTO need (id, household_id, category) "
            "SELECT id, id, 'food' FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 5001)) AS made"
        )
    )
    assert read_changes(session, mark).everything


def test_removing_areas_counts_too(session: Session) -> None:
    live = LiveCoverages()
    make_areas(session)
    add_need(session)
    same(session, live)
    report = compute_coverage(session, Question(MODEL, 8, Mode.BICYCLE, "area"), live=live)
    assert [row.key for row in report.rows] == ["block"]
    delete_area(session, next(a for a in _areas(session) if a.slug == "block").id)
    same(session, live)


def _areas(session: Session) -> Any:
    from geo.store.areas import list_areas

    return list_areas(session)
