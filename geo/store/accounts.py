"""People with an account: invited into a network, listed, and shown out of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.principals import CredentialKind, NetworkRole, Person
from geo.errors import Conflict, NotFound
from geo.privacy.passwords import canonical_login
from geo.store.access_tables import credential, membership, person
from geo.store.audit import record
from geo.store.credentials import issue, revoke_all
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.privacy.tokens import Token

FIRST_LOGIN: Final = "organizer"
RESET: Final = "new password"
"""What an invitation is called that may replace a password."""
INVITE_LASTS: Final = timedelta(days=3)
MAX_SCRIPT: Final = timedelta(days=90)


def invite(session: Session, login: str, name: str, role: NetworkRole = NetworkRole.ORGANIZER) -> tuple[UUID, Token]:
    """Make somebody a member of the network, and give the one-time link's secret for them.

    Somebody who already has an account, in whichever network, keeps their password: the link then only lets them in
    with it.

    Returns
    -------
    tuple
        The person's id, and the secret; it is good for three days and once.

    Raises
    ------
    Conflict
        If they are a member already.
    """
    plain = canonical_login(login)
    with refused_as_ours():
        found: UUID = session.scalars(select(func.access.person_for(new_id(), plain, name))).one()
    values = {"person_id": found, "role": role.value}
    known = insert(membership).values(**values)
    # somebody who left may come back
    back = known.on_conflict_do_update(
        index_elements=["network_id", "person_id"],
        set_={"ended_at": None, "role": role.value},
        where=membership.c.ended_at.is_not(None),
    )
    if session.execute(back.returning(membership.c.person_id)).one_or_none() is None:
        raise Conflict("somebody with this login name is a member already", field="login")
    record(session, "invite", "person", [found], ("role",))
    return found, issue(session, CredentialKind.INVITE, INVITE_LASTS, label="invitation", person_id=found)


def new_link(session: Session, person_id: UUID, *, by_operator: bool = False) -> Token:
    """Give a member a new one-time link, with which they choose a new password; older links end.

    Parameters
    ----------
    by_operator
        Whether whoever runs the whole installation asks.

    Raises
    ------
    NotFound
        If they are no member.
    Conflict
        If they belong to another network too: then only the operator may do this, for it would hand over that
        network's account.
    """
    get_person(session, person_id)
    if not by_operator and not session.scalar(select(func.access.belongs_here_alone(person_id))):
        raise Conflict("this person has another network too; ask whoever runs the installation")
    statement = update(credential).where(
        credential.c.person_id == person_id, credential.c.kind == CredentialKind.INVITE.value, mine(credential)
    )
    session.execute(statement.values(revoked_at=func.coalesce(credential.c.revoked_at, func.now())))
    record(session, "reset", "person", [person_id], ("password",))
    return issue(session, CredentialKind.INVITE, INVITE_LASTS, label=RESET, person_id=person_id)


def get_person(session: Session, person_id: UUID) -> Person:
    """Read one member.

    Raises
    ------
    NotFound
        If they are no member of this network.
    """
    found = [one for one in list_people(session) if one.id == person_id]
    if not found:
        raise NotFound("there is no such person")
    return found[0]


def list_people(session: Session, *, limit: int = MAX_LIMIT) -> Sequence[Person]:
    """List the members of the network, by login name."""
    columns = (person.c.id, person.c.login, person.c.name, person.c.disabled_at, membership.c.role)
    query = (
        select(*columns, membership.c.created_at.label("joined_at"))
        .join(membership, membership.c.person_id == person.c.id)
        .where(mine(membership), membership.c.ended_at.is_(None))
        .order_by(person.c.login)
        .limit(min(limit, MAX_LIMIT))
    )
    return [Person(**(dict(row) | {"role": NetworkRole(row["role"])})) for row in session.execute(query).mappings()]


def change_role(session: Session, person_id: UUID, role: NetworkRole) -> None:
    """Make a member an admin, or no longer one.

    Raises
    ------
    NotFound
        If they are no member.
    Conflict
        If nobody would be left who may decide who belongs here.
    """
    _keep_an_admin(session, person_id, leaves=role is not NetworkRole.ADMIN)
    _change(session, person_id, role=role.value)
    record(session, "update", "person", [person_id], ("role",))


def remove(session: Session, person_id: UUID) -> None:
    """End a membership; every secret they carry here is revoked at once.

    Raises
    ------
    NotFound, Conflict
        As for :func:`change_role`.
    """
    _keep_an_admin(session, person_id, leaves=True)
    _change(session, person_id, ended_at=func.now(), seen_at=None, seen_before_at=None)
    revoke_all(session, person_id=person_id)
    record(session, "end", "person", [person_id])


def _change(session: Session, person_id: UUID, **values: object) -> None:
    theirs = update(membership).where(
        membership.c.person_id == person_id, mine(membership), membership.c.ended_at.is_(None)
    )
    if session.execute(theirs.values(**values).returning(membership.c.person_id)).one_or_none() is None:
        raise NotFound("there is no such person")


def _keep_an_admin(session: Session, person_id: UUID, *, leaves: bool) -> None:
    admins = select(membership.c.person_id).where(
        mine(membership), membership.c.ended_at.is_(None), membership.c.role == NetworkRole.ADMIN.value
    )
    # two admins who remove each other at once wait here
    if leaves and set(session.scalars(admins.with_for_update())) == {person_id}:
        raise Conflict("somebody must stay who decides who belongs here; make another admin first")


def find_admin(session: Session) -> Person | None:
    """Find the admin who joined first, if the network has one."""
    admins = [one for one in list_people(session) if one.role is NetworkRole.ADMIN]
    return min(admins, key=lambda one: one.joined_at, default=None)


def find_member(session: Session, login: str) -> Person | None:
    """Find a member by login name."""
    plain = canonical_login(login)
    return next((one for one in list_people(session) if one.login == plain), None)


def welcome(session: Session) -> Token | None:
    """Let the first organizer in: until one has chosen a password, each start gives a new one-time link.

    Parameters
    ----------
    session
        With the operator's rights.

    Returns
    -------
    Token or None
        The link's secret; nothing once somebody can sign in.
    """
    came_in = (
        select(func.count())
        .select_from(membership.join(person, person.c.id == membership.c.person_id))
        .where(mine(membership), membership.c.ended_at.is_(None), person.c.password_hash.is_not(None))
    )
    if session.scalar(came_in):
        return None
    first = find_admin(session)
    if first is None:
        return invite(session, FIRST_LOGIN, FIRST_LOGIN.title(), NetworkRole.ADMIN)[1]
    return new_link(session, first.id, by_operator=True)
