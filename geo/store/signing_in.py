"""From what a caller shows to who they are. These statements run as the role that sees secrets and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, or_, select, update

from geo.domain.principals import Agreement, CredentialKind, NetworkRole, Principal, PrincipalKind
from geo.errors import CodeNeeded, SignInNeeded, SignInRefused
from geo.privacy.passwords import canonical_login, hash_password, password_fits, totp_step
from geo.privacy.tokens import Token, fingerprint
from geo.store import agreements, tables
from geo.store.access_tables import agreement, credential, device, membership, person
from geo.store.accounts import RESET
from geo.store.audit import record
from geo.store.credentials import issue
from geo.store.engine import act_for, keys_of

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=5)
_NOTED_EVERY: Final = timedelta(minutes=1)
_KINDS: Final = {
    CredentialKind.SESSION: PrincipalKind.ORGANIZER,
    CredentialKind.SCRIPT: PrincipalKind.ORGANIZER,
    CredentialKind.DEVICE: PrincipalKind.DEVICE,
    CredentialKind.PARTNER: PrincipalKind.PARTNER,
    CredentialKind.MONITOR: PrincipalKind.MONITOR,
}
network = tables.network


@dataclass(frozen=True, slots=True)
class Home:
    """A network somebody belongs to."""

    id: UUID
    slug: str
    name: str
    role: NetworkRole


@dataclass(frozen=True, slots=True)
class Account:
    """How somebody signs in, and in which language they read; none is their browser's."""

    has_totp: bool = False
    language: str | None = None


def find_principal(session: Session, token: Token) -> Principal | None:
    """Tell who carries a token, if it is good.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``.
    token
        As it was shown. Unknown, wrong, revoked, expired, idle too long or of somebody who left: all are ``None``.
    """
    if token.kind not in _KINDS:
        return None
    row = _find(session, token)
    if row is None:
        return None
    _note_use(session, row)
    kind = _KINDS[token.kind]
    common = {"kind": kind, "network": row["network_id"], "credential": row["id"], "expires_at": row["expires_at"]}
    if kind is PrincipalKind.ORGANIZER:
        return Principal(
            **common,
            actor=row["person_id"],
            name=row["person_name"],
            role=NetworkRole(row["role"]),
            fresh_until=row["fresh_at"] + FRESH if row["fresh_at"] else None,
            is_limited=bool(row["requires_totp"] and not row["has_totp"] and token.kind is CredentialKind.SESSION),
        )
    if kind is PrincipalKind.PARTNER:
        found = _agreement(session, row["agreement_id"])
        return Principal(**common, actor=found.id, name=found.name, agreement=found)
    return Principal(**common, actor=row["device_id"], name=row["label"])


def is_good(session: Session, token: Token) -> bool:
    """Tell whether a token is good now; looking does not count as using it.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``.
    token
        As it was shown.
    """
    return token.kind in _KINDS and _find(session, token) is not None


def find_ended_phone(session: Session, token: Token) -> Principal | None:
    """Tell whose phone a token was, when it is no longer good: ended, lost and enrolled anew, or over its time.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``.
    token
        As it was shown. One that never was a phone's is ``None``, and so is one that is good or long forgotten.
    """
    if token.kind is not CredentialKind.DEVICE or _find(session, token) is not None:
        return None
    columns = [credential.c[name] for name in ("id", "network_id", "device_id", "label", "expires_at")]
    known = credential.c.fingerprint == fingerprint(keys_of(session).pepper, token)
    query = select(*columns).where(known, credential.c.kind == CredentialKind.DEVICE.value)
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        return None
    whose = {"network": row["network_id"], "actor": row["device_id"], "credential": row["id"], "name": row["label"]}
    return Principal(kind=PrincipalKind.DEVICE, **whose, expires_at=row["expires_at"], is_ended=True)


def _find(session: Session, token: Token) -> RowMapping | None:
    shown = {"shown": fingerprint(keys_of(session).pepper, token), "shown_kind": token.kind.value}
    return session.execute(_good_credential(), shown).mappings().one_or_none()


@cache
def _good_credential() -> Select[Any]:
    """Ask for a secret that is good; every request asks, so the statement is put together once."""
    is_good = [
        credential.c.fingerprint == bindparam("shown"),
        credential.c.kind == bindparam("shown_kind"),
        credential.c.revoked_at.is_(None),
        credential.c.expires_at > func.now(),
        or_(credential.c.kind != CredentialKind.SESSION.value, credential.c.last_seen_at > func.now() - IDLE),
        or_(credential.c.person_id.is_(None), person.c.disabled_at.is_(None) & membership.c.person_id.is_not(None)),
        or_(credential.c.device_id.is_(None), device.c.ended_at.is_(None) & (device.c.expires_at > func.now())),
        or_(
            credential.c.agreement_id.is_(None), agreement.c.ended_at.is_(None) & (agreement.c.expires_at > func.now())
        ),
    ]
    columns = [credential.c[n] for n in ("id", "network_id", "person_id", "device_id", "agreement_id", "label")]
    times = [credential.c[n] for n in ("expires_at", "last_seen_at", "fresh_at")]
    about = [person.c.name.label("person_name"), person.c.totp_sealed.is_not(None).label("has_totp")]
    joined = (
        select(*columns, *times, *about, membership.c.role, network.c.requires_totp)
        .join(network, network.c.id == credential.c.network_id)
        .outerjoin(person, person.c.id == credential.c.person_id)
        .outerjoin(
            membership,
            (membership.c.person_id == credential.c.person_id)
            & (membership.c.network_id == credential.c.network_id)
            & membership.c.ended_at.is_(None),
        )
        .outerjoin(device, device.c.id == credential.c.device_id)
        .outerjoin(agreement, agreement.c.id == credential.c.agreement_id)
    )
    return joined.where(*is_good)


def _note_use(session: Session, row: RowMapping) -> None:
    seen = row["last_seen_at"]
    if seen is None or datetime.now(UTC) - seen > _NOTED_EVERY:
        session.execute(update(credential).where(credential.c.id == row["id"]).values(last_seen_at=func.now()))


def _agreement(session: Session, agreement_id: UUID) -> Agreement:
    query = select(*agreements.COLUMNS).where(agreement.c.id == agreement_id)
    return agreements.agreement_from_row(session.execute(query).mappings().one())


def list_homes(session: Session, person_id: UUID) -> list[Home]:
    """List the networks a person belongs to, the first joined first."""
    query = (
        select(network.c.id, network.c.slug, network.c.name, membership.c.role)
        .join(network, network.c.id == membership.c.network_id)
        .where(membership.c.person_id == person_id, membership.c.ended_at.is_(None))
        .order_by(membership.c.created_at, network.c.id)
        .limit(100)
    )
    return [Home(row.id, row.slug, row.name, NetworkRole(row.role)) for row in session.execute(query)]


def sign_in(session: Session, login: str, password: str, *, code: str | None = None) -> Token:
    """Open a session for a person, in the network they joined first.

    Returns
    -------
    Token
        The session's secret.

    Raises
    ------
    SignInRefused
        If name and password do not go together, or the person belongs to no network: the same in every case, after
        the same work.
    CodeNeeded
        If the password is right and a one-time code is missing or wrong.
    """
    row = _by_login(session, login)
    if not password_fits(row["password_hash"] if row else None, password) or row is None:
        raise SignInRefused
    _check_code(session, row, code)
    return open_session(session, row["id"])


def _by_login(session: Session, login: str) -> RowMapping | None:
    columns = [person.c[name] for name in ("id", "password_hash", "totp_sealed", "totp_step")]
    query = select(*columns).where(person.c.login == canonical_login(login), person.c.disabled_at.is_(None))
    return session.execute(query).mappings().one_or_none()


def _check_code(session: Session, row: RowMapping, code: str | None) -> None:
    if row["totp_sealed"] is None:
        return
    secret = keys_of(session).unseal(row["totp_sealed"]).decode()
    step = totp_step(secret, code, after_step=row["totp_step"]) if code else None
    if step is None:
        raise CodeNeeded
    # taken in one statement, so that a code used twice at once opens one session
    unused = or_(person.c.totp_step.is_(None), person.c.totp_step < step)
    taken = update(person).where(person.c.id == row["id"], unused).values(totp_step=step).returning(person.c.id)
    if session.execute(taken).one_or_none() is None:
        raise CodeNeeded


def open_session(session: Session, person_id: UUID, *, network_id: UUID | None = None) -> Token:
    """Open a session in one of the networks a person belongs to.

    Raises
    ------
    SignInRefused
        If they do not belong to it, or to none.
    """
    homes = [home.id for home in list_homes(session, person_id) if network_id in (None, home.id)]
    if not homes:
        raise SignInRefused
    act_for(session, homes[0], person_id, PrincipalKind.ORGANIZER.value)
    record(session, "sign_in", person.name, [person_id])
    return issue(session, CredentialKind.SESSION, LONGEST, person_id=person_id, network_id=homes[0])


def prove(session: Session, principal: Principal, password: str, *, code: str | None = None) -> None:
    """Take the password again, so that what needs it may be done for five minutes.

    Raises
    ------
    SignInRefused, CodeNeeded
        As for :func:`sign_in`.
    """
    columns = [person.c[name] for name in ("id", "password_hash", "totp_sealed", "totp_step")]
    row = session.execute(select(*columns).where(person.c.id == principal.actor)).mappings().one_or_none()
    if row is None or not password_fits(row["password_hash"], password):
        raise SignInRefused
    _check_code(session, row, code)
    session.execute(update(credential).where(credential.c.id == principal.credential).values(fresh_at=func.now()))


def sign_out(session: Session, principal: Principal) -> None:
    """End the session that was used."""
    session.execute(update(credential).where(credential.c.id == principal.credential).values(revoked_at=func.now()))
    if principal.network is not None and principal.actor is not None:
        act_for(session, principal.network, principal.actor, principal.kind.value)
        record(session, "sign_out", person.name, [principal.actor])


def accept_invitation(session: Session, token: Token, password: str, *, name: str | None = None) -> Token:
    """Use a one-time link: choose a password, or give the one the account has, and be signed in.

    Returns
    -------
    Token
        The new session's secret.

    Raises
    ------
    SignInNeeded
        If the link is unknown, used or too old.
    SignInRefused
        If the account has a password and this is not it.
    InvalidInput
        If the new password is too short.
    """
    row = _use_once(session, token, CredentialKind.INVITE)
    known = session.scalar(select(person.c.password_hash).where(person.c.id == row["person_id"]))
    if known is None or row["label"] == RESET:
        values: dict[str, Any] = {"password_hash": hash_password(password)} | ({"name": name} if name else {})
        session.execute(update(person).where(person.c.id == row["person_id"]).values(**values))
        _end_sessions(session, row["person_id"])
    elif not password_fits(known, password):
        raise SignInRefused
    return open_session(session, row["person_id"], network_id=row["network_id"])


def _change_account(session: Session, principal: Principal, field: str, **values: object) -> None:
    if principal.actor is None or principal.network is None:
        raise SignInNeeded
    session.execute(update(person).where(person.c.id == principal.actor).values(**values))
    act_for(session, principal.network, principal.actor, principal.kind.value)
    record(session, "update", person.name, [principal.actor], (field,))


def change_password(session: Session, principal: Principal, password: str) -> None:
    """Replace a password; every other session of the person ends.

    Raises
    ------
    InvalidInput
        If it is too short or too long.
    """
    _change_account(session, principal, "password", password_hash=hash_password(password))
    if principal.actor is not None:
        _end_sessions(session, principal.actor, but=principal.credential)


def _end_sessions(session: Session, person_id: UUID, *, but: UUID | None = None) -> None:
    theirs = update(credential).where(
        credential.c.person_id == person_id,
        credential.c.kind.in_([CredentialKind.SESSION.value, CredentialKind.SCRIPT.value]),
        credential.c.revoked_at.is_(None),
        credential.c.id.is_distinct_from(but),
    )
    session.execute(theirs.values(revoked_at=func.now()))


def enrol(session: Session, token: Token) -> Token:
    """Exchange a phone's enrolment code for the token it carries from now on.

    Raises
    ------
    SignInNeeded
        If the code is unknown, used or too old, or the phone was ended.
    """
    row = _use_once(session, token, CredentialKind.ENROLMENT)
    theirs = update(device).where(device.c.id == row["device_id"], device.c.ended_at.is_(None))
    expires_at = session.scalar(theirs.values(enrolled_at=func.now()).returning(device.c.expires_at))
    act_for(session, row["network_id"], row["device_id"], PrincipalKind.DEVICE.value)
    record(session, "enrol", device.name, [row["device_id"]])
    lasts = (expires_at - datetime.now(UTC)) if expires_at else timedelta()
    if lasts <= timedelta():
        raise SignInNeeded
    owner = {"device_id": row["device_id"], "network_id": row["network_id"]}
    return issue(session, CredentialKind.DEVICE, lasts, label=row["label"], **owner)


def _use_once(session: Session, token: Token, kind: CredentialKind) -> RowMapping:
    """Take a single-use secret; of two at once only one gets it."""
    taken = (
        update(credential)
        .where(
            credential.c.fingerprint == fingerprint(keys_of(session).pepper, token),
            credential.c.kind == kind.value,
            credential.c.used_at.is_(None),
            credential.c.revoked_at.is_(None),
            credential.c.expires_at > func.now(),
        )
        .values(used_at=func.now(), revoked_at=func.now())
        .returning(credential.c.person_id, credential.c.device_id, credential.c.network_id, credential.c.label)
    )
    row = session.execute(taken).mappings().one_or_none()
    if row is None:
        raise SignInNeeded
    return row


def read_account(session: Session, person_id: UUID) -> Account:
    """Read how somebody signs in and reads."""
    columns = person.c.totp_sealed.is_not(None).label("has_totp"), person.c.language
    row = session.execute(select(*columns).where(person.c.id == person_id)).one()
    return Account(row.has_totp, row.language)


def set_language(session: Session, principal: Principal, language: str | None) -> None:
    """Choose the language in which a person reads the dashboard; none is their browser's."""
    _change_account(session, principal, "language", language=language)


def set_totp(session: Session, principal: Principal, secret: str, code: str) -> None:
    """Begin to ask a person for one-time codes, once they have shown that their app makes them.

    Raises
    ------
    CodeNeeded
        If the code does not fit the secret.
    """
    step = totp_step(secret, code)
    if step is None:
        raise CodeNeeded
    sealed, _key = keys_of(session).seal(secret.encode())
    _change_account(session, principal, "one_time_codes", totp_sealed=sealed, totp_step=step)


def clear_totp(session: Session, principal: Principal) -> None:
    """No longer ask a person for one-time codes."""
    _change_account(session, principal, "one_time_codes", totp_sealed=None, totp_step=None)
