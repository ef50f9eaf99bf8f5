"""Ways to tamper with a chain, as somebody with every right on the database would, its triggers switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select, update

from geo.domain.ids import new_id
from geo.privacy.chain import hash_link
from geo.store.audit import COLUMNS, entry_from_row
from geo.store.audit_tables import audit

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

MINE = audit.c.network_id == func.current_network()


def _links(session: Session) -> list[RowMapping]:
    return list(session.execute(select(audit).where(MINE).order_by(audit.c.seq)).mappings())


def _at(seq: int) -> object:
    return (audit.c.network_id == func.current_network()) & (audit.c.seq == seq)


def _edit(session: Session, rng: random.Random) -> str:
    links = _links(session)
    link, column = rng.choice(links), rng.choice(list(audit.c.keys()))
    other = {
        "network_id": session.scalar(
            select(audit.c.network_id).where(audit.c.network_id != link["network_id"]).limit(1)
        ),
        "seq": link["seq"] + len(links),
        "at": link["at"].replace(microsecond=(link["at"].microsecond + rng.randint(1, 999_998)) % 1_000_000),
        "actor": new_id() if link["actor"] is None or rng.random() < 0.5 else None,
        "actor_kind": "device",
        "action": "look",
        "object_kind": "asset",
        "object_ids": rng.choice([[], [new_id()], [*link["object_ids"], new_id()]]),
        "fields": rng.choice([[], link["fields"][::-1], [",".join(link["fields"])], [*link["fields"], "cell"]]),
        "count": link["count"] + rng.randint(1, 9),
        "prev": rng.randbytes(32),
        "hash": rng.randbytes(32),
    }[column]
    if other == link[column]:
        other = ["version"]
    if column == "network_id":
        # the same number is taken over there
        session.execute(update(audit).where(_at(link["seq"])).values(network_id=other, seq=1_000))
    else:
        session.execute(update(audit).where(_at(link["seq"])).values({column: other}))
    return f"{column} of {link['seq']}"


def _remove(session: Session, rng: random.Random) -> str:
    link = rng.choice(_links(session))
    session.execute(delete(audit).where(_at(link["seq"])))
    return f"removed {link['seq']}"


def _remove_and_close_up(session: Session, rng: random.Random) -> str:
    links = _links(session)
    gone = rng.randint(1, len(links) - 1)
    session.execute(delete(audit).where(_at(gone)))
    for seq in range(gone + 1, len(links) + 1):
        session.execute(update(audit).where(_at(seq)).values(seq=seq - 1))
    return f"removed {gone} and closed up"


def _swap(session: Session, rng: random.Random) -> str:
    one, two = sorted(rng.sample([link["seq"] for link in _links(session)], 2))
    for before, after in ((one, 1_000_000), (two, one), (1_000_000, two)):
        session.execute(update(audit).where(_at(before)).values(seq=after))
    return f"swapped {one} and {two}"


def _put_in(session: Session, rng: random.Random) -> str:
    links = _links(session)
    place = rng.randint(1, len(links) + 1)
    for seq in range(len(links), place - 1, -1):
        session.execute(update(audit).where(_at(seq)).values(seq=seq + 1))
    made_up = dict(rng.choice(links)) | {"seq": place, "hash": rng.randbytes(32)}
    session.execute(insert(audit).values(**made_up))
    return f"put one in at {place}"


def _cut(session: Session, rng: random.Random) -> str:
    links = _links(session)
    kept = rng.randint(0, len(links) - 1)
    session.execute(delete(audit).where(MINE, audit.c.seq > kept))
    return f"cut after {kept}"


def _write_anew(session: Session, rng: random.Random) -> str:
    """Change one entry and hash it and all after it anew, so that the chain by itself is whole."""
    links = _links(session)
    start = rng.randint(1, len(links))
    prev = links[start - 1]["prev"]
    for link in links[start - 1 :]:
        values = {column.key: link[column.key] for column in COLUMNS}
        if link["seq"] == start:
            values["action"] = "look"
        own = hash_link(prev, link["network_id"], entry_from_row(values))
        session.execute(update(audit).where(_at(link["seq"])).values(action=values["action"], prev=prev, hash=own))
        prev = own
    return f"written anew from {start}"


TAMPERINGS: Final[dict[str, Callable[[Session, random.Random], str]]] = {
    "edit": _edit,
    "remove": _remove,
    "remove and close up": _remove_and_close_up,
    "swap": _swap,
    "put in": _put_in,
    "cut": _cut,
    "write anew": _write_anew,
}


def tamper(session: Session, kind: str, rng: random.Random) -> str:
    """Tamper with the chain of the session's network; tells what was done."""
    return f"{kind}: {TAMPERINGS[kind](session, rng)}"
