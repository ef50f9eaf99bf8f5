"""Needs for which the network has help of their category and none that suits: counted by kind, not one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geo.analysis.suiting import Asks, count_unsuited
from geo.domain.records import mode_of
from geo.domain.words import Access, Category, Mode
from geo.store.needs import IS_OPEN_ON_MAP, need
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geo.store.supply import Helping


def count_unsuited_needs(
    session: Session, helping: Sequence[Helping], *, mode: Mode, category: Category | None = None
) -> dict[Category, dict[str, int]]:
    """Count the open needs that no help suits although some is of their category, by category and reason.

    Parameters
    ----------
    helping
        The help that counts, from :func:`geo.store.supply.list_supply`. How far it is does not matter here.
    mode
        How households travel, unless a need names its own.
    category
        Only needs of this one.

    Returns
    -------
    dict
        Of categories that have such needs.
    """
    kinds = (need.c.category, need.c.languages, need.c.access)
    query = select(*kinds, func.count().label("total")).where(mine(need), IS_OPEN_ON_MAP).group_by(*kinds)
    if category is not None:
        query = query.where(need.c.category == category.value)
    rows = session.execute(query).all()
    asks = [
        Asks(
            Category(row.category),
            tuple(row.languages),
            mode_of([Access(a) for a in row.access], mode) is Mode.WHEELCHAIR,
        )
        for row in rows
    ]
    return count_unsuited(asks, [h.offers for h in helping], [row.total for row in rows])
