"""The keys and the database together: whether they fit, and rotating them without losing a row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, bindparam, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from geo.errors import Conflict, KeysUnavailable
from geo.privacy.keyring import make_field_key, open_keys, replace_field_keys
from geo.store import tables
from geo.store.access_tables import person
from geo.store.change_tables import webhook
from geo.store.duplicate_tables import need_merge
from geo.store.engine import make_sessions, transaction
from geo.store.form_tables import form_part
from geo.store.message_tables import message
from geo.store.network import list_networks
from geo.store.people_tables import field_key
from geo.store.readiness import depends_on_keys
from geo.store.review_tables import review_decision
from geo.store.rows import mine
from geo.store.texting_tables import text_conversation, text_hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import FieldKey, KeyRing

    Progress = Callable[[str, int, int], None]

BATCH: Final = 500
SEALED: Final[tuple[Table, ...]] = (
    tables.contact,
    tables.submission,
    review_decision,
    message,
    text_hook,
    text_conversation,
    form_part,
    need_merge,
    webhook,
)
_LOCK_KEY: Final = 0x6B657973
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class RotationReport:
    """What a rotation did: the key now in use, the rows sealed anew, the keys that are gone, and those still needed."""

    key_id: str
    resealed: int
    removed: tuple[str, ...]
    left: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        lists = {"removed": list(self.removed), "left": list(self.left)}
        return {"key_id": self.key_id, "resealed": self.resealed} | lists


def open_keyring(engine: Engine, path: Path, *, now: datetime) -> KeyRing:
    """Open the keys of an installation and see that they are the ones its database was sealed with.

    Works on a database of any age, so that a migration can seal what an older one left in the open. Keys are made
    only when nothing depends on any yet.

    Raises
    ------
    KeysUnavailable
        If the file is missing although it is needed, is damaged, or belongs to another installation.
    """
    with engine.connect() as connection:
        is_known = connection.scalar(text("SELECT to_regclass('restricted.field_key') IS NOT NULL"))
        known = set(connection.scalars(select(field_key.c.id))) if is_known else set()
        has_accounts = connection.scalar(text("SELECT to_regclass('access.credential') IS NOT NULL"))
    needed = bool(known) or (has_accounts and depends_on_keys(engine))
    ring = open_keys(path, now=now, must_exist=bool(needed))
    if known and not known & {key.id for key in ring.field_keys}:
        raise KeysUnavailable(
            f"{path} holds the keys of another installation. Put back the file this database was sealed with, "
            "or name its place in BARNRAISER_KEYS_FILE."
        )
    if is_known:
        register_keys(engine, ring)
        _check_every_row_opens(engine, path, ring)
    return ring


def register_keys(engine: Engine, ring: KeyRing) -> None:
    """Let rows bear the names of these keys."""
    with engine.begin() as connection:
        rows = [{"id": key.id, "made_at": key.made_at} for key in ring.field_keys]
        connection.execute(insert(field_key).on_conflict_do_nothing(), rows)


def _check_every_row_opens(engine: Engine, path: Path, ring: KeyRing) -> None:
    at_hand = [key.id for key in ring.field_keys]
    with engine.connect() as connection:
        foreign = set(connection.scalars(select(field_key.c.id).where(field_key.c.id.not_in(at_hand))))
        networks = list_networks(connection)
    needed = {found for found in foreign if any(_uses(engine, network, found) for network in networks)}
    if needed:
        raise KeysUnavailable(
            f"{path} lacks the key {', '.join(sorted(needed))}, with which some of what is stored was sealed. "
            "Put back the file of the time this database was backed up."
        )


def _uses(engine: Engine, network: UUID, key_id: str) -> bool:
    used = (select(literal(1)).where(table.c.key_id == key_id, mine(table)).exists() for table in SEALED)
    with make_sessions(engine, network=network, role=None)() as session:
        return bool(session.scalar(select(or_(*used))))


def rotate_keys(engine: Engine, path: Path, *, now: datetime, progress: Progress | None = None) -> RotationReport:
    """Seal every row with a new key and forget the old ones.

    The new key is on the disk before it is used, rows are sealed anew in batches that each commit, and an old key
    goes only when the database confirms that no row bears it. A rotation that was cut short is finished by the
    next one, which then makes no further key.

    Raises
    ------
    Conflict
        If another rotation is running.
    KeysUnavailable
        If the keys do not fit the database.
    """
    with _alone(engine):
        ring = open_keyring(engine, path, now=now)
        if len(ring.field_keys) == 1:
            ring = _add_key(engine, path, ring, make_field_key(now))
        newest, resealed = ring.field_keys[0].id, 0
        _reseal_people(engine, ring)
        old = _names_beside(engine, newest)
        for _ in range(_ATTEMPTS):
            resealed += _reseal_all(engine, ring, progress)
            old = [key_id for key_id in old if not _forget(engine, key_id)]
            if not old:
                break
        kept = [key for key in ring.field_keys if key.id == newest or key.id in old]
        removed = tuple(key.id for key in ring.field_keys if key not in kept)
        replace_field_keys(path, kept)
    return RotationReport(newest, resealed, removed, tuple(old))


def _names_beside(engine: Engine, newest: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(field_key.c.id).where(field_key.c.id != newest)))


def _add_key(engine: Engine, path: Path, ring: KeyRing, fresh: FieldKey) -> KeyRing:
    # its name first: a server that sees the new file seals with it at once, and the database must know the name
    with engine.begin() as connection:
        connection.execute(insert(field_key).values(id=fresh.id, made_at=fresh.made_at))
    return replace_field_keys(path, (fresh, *ring.field_keys))


def _reseal_all(engine: Engine, ring: KeyRing, progress: Progress | None) -> int:
    newest, total = ring.field_keys[0].id, 0
    with engine.connect() as connection:
        networks = list_networks(connection)
    for network in networks:
        sessions = make_sessions(engine, network=network, role=None, keys=ring)
        for table in SEALED:
            with sessions() as session:
                waiting, done = _count_old(session, table, newest), 0
            while True:
                with transaction(sessions) as session:
                    step = _reseal_some(session, table, ring)
                total, done = total + step, done + step
                if progress is not None and waiting:
                    progress(f"sealing each {table.name} anew", min(done, waiting), waiting)
                if step < BATCH:
                    break
    return total


def _reseal_people(engine: Engine, ring: KeyRing) -> None:
    """Seal what the second factors of accounts are made of; they are few, and bear no name of their key."""
    with engine.begin() as connection:
        query = select(person.c.id, person.c.totp_sealed).where(person.c.totp_sealed.is_not(None)).with_for_update()
        for row in connection.execute(query).all():
            sealed, _ = ring.seal(ring.unseal(bytes(row.totp_sealed)))
            connection.execute(update(person).where(person.c.id == row.id).values(totp_sealed=sealed))


def _count_old(session: Session, table: Table, newest: str) -> int:
    query = select(func.count()).select_from(table).where(mine(table), table.c.key_id != newest)
    return session.scalar(query) or 0


def _reseal_some(session: Session, table: Table, ring: KeyRing) -> int:
    newest = ring.field_keys[0].id
    query = select(table.c.id, table.c.sealed).where(mine(table), table.c.key_id != newest)
    rows = session.execute(query.order_by(table.c.id).limit(BATCH).with_for_update()).all()
    sealed_anew = [dict(zip(("anew", "name"), ring.seal(ring.unseal(bytes(row.sealed))), strict=True)) for row in rows]
    if rows:
        values: dict[str, Any] = {"sealed": bindparam("anew"), "key_id": bindparam("name")}
        statement = update(table).where(table.c.id == bindparam("row"), mine(table)).values(values)
        many = [anew | {"row": row.id} for row, anew in zip(rows, sealed_anew, strict=True)]
        session.connection().execute(statement, many)
    return len(rows)


def _forget(engine: Engine, key_id: str) -> bool:
    """Forget the name of a key; the database refuses while any row bears it, one being written included."""
    try:
        with engine.begin() as connection:
            connection.execute(delete(field_key).where(field_key.c.id == key_id))
    except IntegrityError:
        return False
    return True


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}):
            raise Conflict("the keys are being rotated already")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
