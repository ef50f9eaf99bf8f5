"""Which open requests are found to be one: by every way in, by index, and never where too little is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.place import Location, Point
from geo.domain.words import Category, LocationState, MatchQuality
from geo.store import tables
from geo.store.contacts import store_contact
from geo.store.duplicate_tables import need_pair, need_to_judge
from geo.store.judging import MOST_NEAR, MOST_PAIRS, count_to_judge, judge_now, judge_some
from geo.store.needs import create_need, update_need
from geo.store.sql import load_queries

from tests.factories import add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

NEAR = Point(HELSINKI.lon + 0.0001, HELSINKI.lat)


def pairs(session: Session) -> set[tuple[UUID, UUID]]:
    return {(row.earlier_id, row.later_id) for row in session.execute(select(need_pair))}


def test_two_requests_at_one_door_are_found_and_nothing_is_left_to_judge(session: Session) -> None:
    first, second = add_need(session), add_need(session, NEAR)
    other = add_need(session, category=Category.COMPANY)
    assert count_to_judge(session) == 3
    assert judge_some(session) == 3
    assert pairs(session) == {(first.id, second.id)}
    assert count_to_judge(session) == 0
    assert other.id not in {found for pair in pairs(session) for found in pair}


def test_one_telephone_is_found_however_it_is_written_and_wherever(session: Session) -> None:
    with operator(session):
        session.execute(update(tables.network).values(time_zone="Europe/Helsinki"))
    written = ("040 123 4567", "+358401234567", "00358 40 1234567", "040-1234568")
    made = [
        create_need(session, NeedDraft(Category.FOOD), Location(LocationState.NONE), Contact(phone=one)).id
        for one in written
    ]
    judge_some(session)
    assert pairs(session) == {(made[0], made[1]), (made[0], made[2]), (made[1], made[2])}


def test_two_vague_addresses_are_no_duplicates(session: Session) -> None:
    vague = Location(LocationState.APPROXIMATE, MatchQuality.POSTCODE, HELSINKI, 800.0, "00100")
    for _ in range(3):
        add_need(session, vague)
    judge_some(session)
    assert pairs(session) == set()


def test_flats_of_one_house_are_told_apart(session: Session) -> None:
    for flat in ("Testikatu 1 A 3", "Testikatu 1 B 12"):
        at = Location(LocationState.LOCATED, MatchQuality.ROOFTOP, HELSINKI, 5.0, flat)
        add_need(session, at)
    judge_some(session)
    assert pairs(session) == set()


def test_what_is_closed_withheld_or_moved_away_is_let_go(session: Session) -> None:
    first, second = add_need(session), add_need(session)
    add_need(session, withheld=True)
    judge_some(session)
    assert pairs(session) == {(first.id, second.id)}
    with operator(session):
        session.execute(
            text("UPDATE restricted.location_exact SET geom = ST_Translate(geom, 0.1, 0) WHERE need_id = :id"),
            {"id": second.id},
        )
    assert count_to_judge(session) == 1
    judge_some(session)
    assert pairs(session) == set()


def test_what_a_person_said_stays(session: Session) -> None:
    add_need(session)
    second = add_need(session)
    judge_some(session)
    session.execute(update(need_pair).values(state="different", decided_at=text("now()")))
    update_need(session, second.id, {"household_size": 2})
    assert judge_some(session) == 1
    assert session.scalars(select(need_pair.c.state)).all() == ["different"]


def test_at_a_door_of_many_each_is_shown_a_few(session: Session) -> None:
    for _ in range(20):
        add_need(session)
    judge_some(session)
    assert 0 < len(pairs(session)) <= 20 * MOST_PAIRS


def test_a_request_is_judged_at_once_and_again_by_the_round(session: Session) -> None:
    first, second = add_need(session), add_need(session)
    judge_now(session, second.id)
    assert pairs(session) == {(first.id, second.id)}
    assert count_to_judge(session) == 2


def test_a_number_sealed_before_numbers_were_hashed_is_hashed(session: Session) -> None:
    made = [add_need(session, None) for _ in range(2)]
    for one in made:
        store_contact(session, "need_id", one.id, Contact(phone="+358401234567"))
    session.execute(update(tables.contact).values(reach=None))
    judge_some(session)
    judge_now(session, made[0].id)
    assert pairs(session) == {(made[0].id, made[1].id)}


def plan(session: Session, name: str, **values: object) -> str:
    query = text("EXPLAIN " + load_queries("duplicates")[name])
    return "\n".join(session.scalars(query, values))


def test_every_statement_goes_by_an_index(session: Session) -> None:
    made = add_need(session)
    store_contact(session, "need_id", made.id, Contact(phone="+358401234567"))
    with operator(session):
        # what other tests rolled back lies in the pages of every table that is referred to
        for table in ("network", "need", "restricted.field_key"):
            session.execute(text("ANALYZE " + table))
        session.execute(
            text(
                "INSERT INTO need (id, household_id, category, location_state, match_quality, cell) SELECT"
                " ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, gen_random_uuid(), 'food', 'located',"
                " 'rooftop', '891126d3317ffff' FROM generate_series(1, 5000) AS n"
            )
        )
        session.execute(
            text(
                "INSERT INTO restricted.location_exact (id, need_id, geom) SELECT gen_random_uuid(), id,"
                " ST_SetSRID(ST_MakePoint(24 + random(), 60 + random()), 4326) FROM need WHERE id <> :id"
            ),
            {"id": made.id},
        )
        session.execute(
            text(
                "INSERT INTO restricted.contact (id, need_id, sealed, key_id, reach) SELECT gen_random_uuid(), n.id,"
                " c.sealed, c.key_id, sha256(n.id::text::bytea) FROM need n, restricted.contact c WHERE n.id <> :id"
            ),
            {"id": made.id},
        )
        for table in ("need", "restricted.location_exact", "restricted.contact", "restricted.need_to_judge"):
            session.execute(text("ANALYZE " + table))
    ids = [made.id]
    near = plan(session, "near", ids=ids, within_m=60.0, most=MOST_NEAR)
    assert "ix_location_exact_need_geom" in near
    reached = plan(session, "reached", ids=ids, most=MOST_NEAR)
    assert "ix_contact_reach" in reached
    asked = plan(session, "asked", ids=ids)
    assert "ix_contact_reach" in asked
    for found in (near, reached, asked):
        assert "Seq Scan" not in found
    first = select(need_to_judge.c.need_id).order_by(need_to_judge.c.since, need_to_judge.c.need_id).limit(5)
    spelt = "EXPLAIN " + str(first.compile(compile_kwargs={"literal_binds": True}))
    assert "ix_need_to_judge_since" in "\n".join(session.scalars(text(spelt)))
