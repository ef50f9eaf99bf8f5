"""What was made up and merged with what was not stays, and is still told of; what nobody ever agreed to goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.made_up import SOURCE
from geo.domain.words import Category
from geo.store.duplicate_tables import need_pair
from geo.store.judging import judge_some
from geo.store.made_up import find_in_the_way, holds_made_up, remove_made_up
from geo.store.merging import merge
from geo.store.needs import create_need

from tests.factories import located
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def asked(session: Session, source: str) -> UUID:
    contact = Contact("Aino", "+358401234567", consent_at=NOW)
    return create_need(session, NeedDraft(Category.FOOD, source=source), located(HELSINKI), contact).id


def consents(session: Session) -> list[UUID]:
    return list(session.scalars(text("SELECT subject_id FROM consent")))


def test_a_merged_need_stays_and_the_network_still_holds_something_made_up(session: Session) -> None:
    ours, made_up, alone = asked(session, "api"), asked(session, SOURCE), asked(session, SOURCE)
    judge_some(session)
    values = {"id": new_id(), "earlier_id": ours, "later_id": made_up, "bits": 14, "parts": {}}
    session.execute(insert(need_pair).values(**values).on_conflict_do_nothing())
    of_both = need_pair.c.earlier_id.in_([ours, made_up]) & need_pair.c.later_id.in_([ours, made_up])
    merge(session, session.scalars(select(need_pair.c.id).where(of_both)).one())
    with operator(session):
        removed = remove_made_up(session, source=SOURCE)
    assert (removed.needs, removed.kept) == (1, 1)
    assert set(session.scalars(text("SELECT id FROM need"))) == {ours, made_up}
    assert alone not in consents(session)
    assert ours in consents(session)
    assert holds_made_up(session)
    assert find_in_the_way(session) == ("needs",)
