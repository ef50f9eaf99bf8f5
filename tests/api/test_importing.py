"""Whole tables taken in: rows made, held, known again, and taken back together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapely.geometry import MultiLineString

from geo.domain.imports import ColumnMap, ImportState, RowOutcome
from geo.domain.place import Point
from geo.domain.words import EntryKind, EntryState, LocationState
from geo.errors import Conflict
from geo.store.engine import make_sessions, transaction
from geo.store.entries import count_entries, find_opened
from geo.store.gazetteer_import import StreetRow, replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.helpers import list_helpers
from geo.store.import_undo import undo_import
from geo.store.needs import count_balance, list_needs, update_need
from geo.store.network import set_service_area

from tests.api.importing_rows import bring, rows_of
from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from geo.store.engine import SessionFactory

HEADER = "ref,need,people,address,lon,lat,date,phone,consent\n"


@pytest.fixture
def town(connection: Connection) -> SessionFactory:
    sessions = make_sessions(connection, role=None, keys=RING)
    doors = [AddressRow("Harjukatu", str(n), Point(24.94 + n / 5000, 60.17), "00100", "Helsinki") for n in range(1, 30)]
    street = StreetRow("Harjukatu", MultiLineString([[(24.94, 60.17), (24.946, 60.17)]]), 333.0, "Helsinki")
    with transaction(sessions) as session:
        replace_source(session, SourceInfo("t", "t", "CC0", "t", "t"), addresses=doors, streets=[street])
        set_service_area(session, (24.9, 60.1, 25.0, 60.2))
    return sessions


def outcomes(sessions: SessionFactory, file: object) -> list[tuple[int, str]]:
    return [(row.row, row.outcome.value) for row in rows_of(sessions, file)]  # type: ignore[arg-type]


def test_each_row_is_made_or_held_with_its_reason(town: SessionFactory) -> None:
    file = bring(
        town,
        HEADER
        + "a,comida,3,Harjukatu 5,,,2026-01-03,040 123,yes\n"
        + "b,nonsense,1,,,,,,\n"
        + "\n"
        + "c,food,x,,,,,,\n"
        + 'd,"food",1,,"24,95","60,15",3.1.2026,,\n'
        + "e,food,1,,60.15,24.95,,,\n"
        + "f,food,1,Nowhere Lane 7,,,,,\n",
    )
    assert file.state is ImportState.DONE
    assert file.counts == {RowOutcome.MADE: 3, RowOutcome.HELD: 3, RowOutcome.KNOWN: 0, RowOutcome.REPEATED: 0}
    rows = {row.row: row for row in rows_of(town, file)}
    assert sorted(rows) == [2, 3, 5, 6, 7, 8]
    assert [f.pointer for f in rows[3].faults] == ["/category"]
    assert [f.pointer for f in rows[5].faults] == ["/household_size"]
    assert "longitude first" in rows[7].faults[0].reason
    assert "review queue" in rows[8].faults[0].reason
    with town() as session:
        balance = count_balance(session)
        assert (balance.received, balance.located, balance.needs_review) == (3, 2, 1)
        kept = find_opened(session, rows[3].entry_id)  # type: ignore[arg-type]
        assert kept is not None
        assert kept.typed["cells"]["need"] == "nonsense"
        assert kept.typed["import"]["row"] == 3
        assert kept.typed["import"]["file"] == "list.csv"
        assert count_entries(session)[EntryState.HELD] == 3


def test_a_check_says_what_a_run_then_does_and_keeps_nothing(town: SessionFactory) -> None:
    table = (
        HEADER
        + "a,food,1,Harjukatu 5,,,,,\nb,food,,,1.5,2.5,,,\nc,food,1,,,,,,\na,food,1,Harjukatu 5,,,,,\na,water,,,,,,,\n"
    )
    checked = bring(town, table, check=True)
    assert checked.state is ImportState.CHECKED
    told = outcomes(town, checked)
    with town() as session:
        assert count_balance(session).received == 0
        assert sum(count_entries(session).values()) == 0
    done = bring(town, table)
    assert outcomes(town, done) == told == [(2, "made"), (3, "held"), (4, "made"), (5, "repeated"), (6, "held")]


def test_the_same_again_adds_nothing_and_a_mended_row_takes_the_place_of_the_held_one(town: SessionFactory) -> None:
    bring(town, HEADER + "a,food,1,,,,,,\nb,foood,1,,,,,,\n")
    again = bring(town, HEADER + "new,food,1,,,,,,\nb,food,1,,,,,,\na,food,1,,,,,,\n")
    assert outcomes(town, again) == [(2, "made"), (3, "made"), (4, "known")]
    with town() as session:
        assert count_balance(session).received == 3
        counts = count_entries(session)
    assert (counts[EntryState.MADE], counts[EntryState.HELD], counts[EntryState.DISCARDED]) == (3, 0, 1)
    changed = bring(town, HEADER + "a,water,1,,,,,,\n")
    assert outcomes(town, changed) == [(2, "held")]
    assert outcomes(town, bring(town, HEADER + "a,water,1,,,,,,\n")) == [(2, "known")]


def test_rows_without_a_name_are_told_apart_by_how_often_they_are_said(town: SessionFactory) -> None:
    table = "need,people\nfood,2\nfood,2\nwater,1\n"
    first = bring(town, table)
    assert first.counts[RowOutcome.MADE] == 3
    again = bring(town, "need,people\nwater,1\nfood,2\nfood,2\nfood,2\n")
    assert outcomes(town, again) == [(2, "known"), (3, "known"), (4, "known"), (5, "made")]
    other = bring(town, table, source="another list")
    assert other.counts[RowOutcome.MADE] == 3


def test_an_import_is_taken_back_while_nothing_was_done_with_it(town: SessionFactory) -> None:
    file = bring(town, HEADER + "a,food,1,,,,,,\nb,foood,1,,,,,,\n")
    with transaction(town) as session:
        need = list_needs(session)[0]
        undone = undo_import(session, file.id)
        assert undone.state is ImportState.UNDONE
        assert count_balance(session).received == 0
        assert sum(count_entries(session).values()) == 0
    again = bring(town, HEADER + "a,food,1,,,,,,\n")
    assert again.counts[RowOutcome.MADE] == 1
    with transaction(town) as session:
        need = list_needs(session)[0]
        update_need(session, need.id, {"household_size": 4})
        with pytest.raises(Conflict, match="1 of its rows"):
            undo_import(session, again.id)
        assert count_balance(session).received == 1


def test_helpers_and_assets_need_a_sure_place_where_it_matters(town: SessionFactory) -> None:
    helpers = bring(
        town,
        "Nimi,auttaa,osoite,kulkuneuvo,puhelin,suostumus\nAino,ruoka;kyyti,Harjukatu 7,pyörä,040 1,kyllä\n"
        "Bo,ruoka,,,,\n",
        kind=EntryKind.HELPER,
    )
    assert helpers.counts[RowOutcome.MADE] == 2, rows_of(town, helpers)
    with town() as session:
        aino = next(one for one in list_helpers(session) if one.public_name == "Aino")
    assert (aino.vehicle.value, aino.cell is not None, [c.value for c in aino.categories]) == (
        "bicycle", True, ["food", "transport"],
    )  # fmt: skip
    assets = bring(
        town,
        "name,type,services,address\nPantry,pantry,food,Harjukatu 9\nShed,store,food,Somewhere 3\nHall,hall,food,\n",
        kind=EntryKind.ASSET,
    )
    assert outcomes(town, assets) == [(2, "made"), (3, "held"), (4, "held")]


def test_an_odk_export_is_read_through_its_groups(town: SessionFactory) -> None:
    file = bring(
        town,
        "SubmissionDate,household/need_type,household/people,loc-Latitude,loc-Longitude,loc-Accuracy,KEY\n"
        "2026-01-05T10:00:00.000Z,food,2,60.17,24.95,5,uuid:1\n",
        mapping=ColumnMap(
            {
                "key": ("KEY",), "category": ("household/need_type",), "household_size": ("household/people",),
                "lat": ("loc-Latitude",), "lon": ("loc-Longitude",), "received_at": ("SubmissionDate",),
            }
        ),
    )  # fmt: skip
    with town() as session:
        need = list_needs(session)[0]
    assert file.counts[RowOutcome.MADE] == 1
    assert (need.location_state, need.household_size, need.received_at.day) == (LocationState.LOCATED, 2, 5)
