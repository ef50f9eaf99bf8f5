"""Signing in and out, one-time links, and what somebody may change about their own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Body, Depends, Request, Response

from geo.domain.principals import CredentialKind, Permission, Principal, PrincipalKind
from geo.errors import NotPermitted, SignInNeeded
from geo.privacy.passwords import canonical_login, new_totp_secret, totp_address
from geo.privacy.tokens import Token
from geo.store import signing_in

from api.access import COOKIE, PrincipalDep, requires, shown_token
from api.deps import SigningInDep
from api.qr import draw_qr
from api.rates import Limiter, peer_of
from api.schemas.access import (
    ACCEPT_EXAMPLES,
    LANGUAGE_CHOICE_EXAMPLES,
    NETWORK_CHOICE_EXAMPLES,
    NEW_PASSWORD_EXAMPLES,
    PROOF_EXAMPLES,
    SIGN_IN_EXAMPLES,
    TOTP_IN_EXAMPLES,
    Accept,
    EnrolledOut,
    LanguageChoice,
    NetworkChoice,
    NewPassword,
    Proof,
    SessionOut,
    SignIn,
    TotpIn,
    TotpOffer,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(tags=["session"])
PATH: Final = "/v1/session"
_LASTS_S: Final = int(signing_in.LONGEST.total_seconds())


def _limiter(request: Request) -> Limiter:
    return cast("Limiter", request.app.state.limiter)


LimiterDep = Annotated[Limiter, Depends(_limiter)]


def _keep(response: Response, token: Token) -> None:
    response.set_cookie(COOKIE, token.text, max_age=_LASTS_S, path="/", secure=True, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"


def _shown(request: Request, kind: CredentialKind) -> Token:
    """Take the single-use secret from the Authorization header."""
    token = shown_token(request)
    if token is None or token.kind is not kind:
        raise SignInNeeded
    return token


def _tell(session: Session, principal: Principal) -> dict[str, Any]:
    person = principal.actor if principal.kind is PrincipalKind.ORGANIZER else None
    homes = signing_in.list_homes(session, person) if person else []
    account = signing_in.read_account(session, person) if person else signing_in.Account()
    return {
        "kind": principal.kind,
        "name": principal.name,
        "network": principal.network,
        "role": principal.role,
        "permissions": sorted(principal.permissions),
        "expires_at": principal.expires_at,
        "fresh_until": principal.fresh_until,
        "needs_totp": principal.is_limited,
        "has_totp": account.has_totp,
        "language": account.language,
        "networks": [{"id": h.id, "slug": h.slug, "name": h.name, "role": h.role} for h in homes],
    }


def _opened(session: Session, response: Response, token: Token) -> dict[str, Any]:
    _keep(response, token)
    principal = signing_in.find_principal(session, token)
    if principal is None:
        raise SignInNeeded
    return _tell(session, principal)


@router.post(PATH, operation_id="sign_in", dependencies=[requires(Permission.ENROL)], response_model=SessionOut)
def post_session(
    session: SigningInDep,
    limiter: LimiterDep,
    request: Request,
    response: Response,
    sent: Annotated[SignIn, Body(openapi_examples=SIGN_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Sign in; the answer sets the session's cookie."""
    login, peer = canonical_login(sent.login), peer_of(request.scope)
    limiter.check_login(login, peer)
    token = signing_in.sign_in(session, login, sent.password, code=sent.code)
    limiter.login_succeeded(login, peer)
    return _opened(session, response, token)


@router.post(
    f"{PATH}/accept",
    operation_id="accept_invitation",
    dependencies=[requires(Permission.ENROL)],
    response_model=SessionOut,
)
def post_accept(
    request: Request,
    session: SigningInDep,
    response: Response,
    sent: Annotated[Accept, Body(openapi_examples=ACCEPT_EXAMPLES)],
) -> Mapping[str, Any]:
    """Use a one-time link, sent as a bearer token: choose a password and be signed in."""
    link = _shown(request, CredentialKind.INVITE)
    token = signing_in.accept_invitation(session, link, sent.password, name=sent.name)
    return _opened(session, response, token)


@router.post(
    "/v1/devices/enrol", operation_id="enrol_device", dependencies=[requires(Permission.ENROL)],
    response_model=EnrolledOut,
)  # fmt: skip
def post_enrol(request: Request, session: SigningInDep, response: Response) -> Mapping[str, Any]:
    """Exchange a phone's enrolment code, sent as a bearer token, for the token it carries from now on."""
    response.headers["Cache-Control"] = "no-store"
    return {"token": signing_in.enrol(session, _shown(request, CredentialKind.ENROLMENT)).text}


@router.get(PATH, operation_id="get_session", dependencies=[requires(Permission.ENTER)], response_model=SessionOut)
def get_session(session: SigningInDep, response: Response, principal: PrincipalDep) -> Mapping[str, Any]:
    """Tell who is asking and what they may do; for nobody known, what anybody may."""
    response.headers["Cache-Control"] = "no-store"
    return _tell(session, principal)


@router.delete(PATH, status_code=204, operation_id="sign_out", dependencies=[requires(Permission.SIGNED_IN)])
def delete_session(session: SigningInDep, response: Response, principal: PrincipalDep) -> None:
    """Sign out: the session is over at once, wherever its cookie is."""
    signing_in.sign_out(session, principal)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _person(principal: PrincipalDep, request: Request) -> Principal:
    """Let nobody but a person with a session change an account: a script's token cannot."""
    token = shown_token(request)
    if principal.kind is not PrincipalKind.ORGANIZER or token is None or token.kind is not CredentialKind.SESSION:
        raise NotPermitted
    return principal


PersonDep = Annotated[Principal, Depends(_person)]


@router.post(f"{PATH}/proof", status_code=204, operation_id="prove", dependencies=[requires(Permission.SIGNED_IN)])
def post_proof(
    session: SigningInDep,
    limiter: LimiterDep,
    request: Request,
    principal: PersonDep,
    sent: Annotated[Proof, Body(openapi_examples=PROOF_EXAMPLES)],
) -> None:
    """Give the password again; for five minutes what needs it may be done."""
    who, peer = f"proof {principal.actor}", peer_of(request.scope)
    limiter.check_login(who, peer)
    signing_in.prove(session, principal, sent.password, code=sent.code)
    limiter.login_succeeded(who, peer)


@router.post(
    f"{PATH}/network",
    operation_id="choose_network",
    dependencies=[requires(Permission.SIGNED_IN)],
    response_model=SessionOut,
)
def post_network(
    session: SigningInDep,
    response: Response,
    principal: PersonDep,
    sent: Annotated[NetworkChoice, Body(openapi_examples=NETWORK_CHOICE_EXAMPLES)],
) -> Mapping[str, Any]:
    """Go over to another of one's networks, in a session of its own."""
    if principal.actor is None:
        raise SignInNeeded
    token = signing_in.open_session(session, principal.actor, network_id=sent.network)
    signing_in.sign_out(session, principal)
    return _opened(session, response, token)


@router.put(
    f"{PATH}/language", status_code=204, operation_id="choose_language", dependencies=[requires(Permission.SIGNED_IN)]
)
def put_language(
    session: SigningInDep,
    principal: PersonDep,
    sent: Annotated[LanguageChoice, Body(openapi_examples=LANGUAGE_CHOICE_EXAMPLES)],
) -> None:
    """Choose the language one reads the dashboard in, on every device; null is the browser's."""
    signing_in.set_language(session, principal, sent.language)


@router.put(
    f"{PATH}/password",
    status_code=204,
    operation_id="change_password",
    dependencies=[requires(Permission.SIGNED_IN, proof=True)],
)
def put_password(
    session: SigningInDep,
    principal: PersonDep,
    sent: Annotated[NewPassword, Body(openapi_examples=NEW_PASSWORD_EXAMPLES)],
) -> None:
    """Change the password; one's other sessions and script tokens end."""
    signing_in.change_password(session, principal, sent.password)


@router.get(
    f"{PATH}/totp",
    operation_id="offer_totp",
    dependencies=[requires(Permission.SIGNED_IN, proof=True)],
    response_model=TotpOffer,
)
def get_totp(response: Response, principal: PersonDep) -> Mapping[str, Any]:
    """Offer a secret for an authenticator app."""
    response.headers["Cache-Control"] = "no-store"
    secret = new_totp_secret()
    address = totp_address(secret, login=principal.name, issuer="Barnraiser")
    return {"secret": secret, "address": address, "qr_svg": draw_qr(address)}


@router.put(
    f"{PATH}/totp", status_code=204, operation_id="set_totp", dependencies=[requires(Permission.SIGNED_IN, proof=True)]
)
def put_totp(
    session: SigningInDep, principal: PersonDep, sent: Annotated[TotpIn, Body(openapi_examples=TOTP_IN_EXAMPLES)]
) -> None:
    """Ask for one-time codes from now on."""
    signing_in.set_totp(session, principal, sent.secret, sent.code)


@router.delete(
    f"{PATH}/totp",
    status_code=204,
    operation_id="clear_totp",
    dependencies=[requires(Permission.SIGNED_IN, proof=True)],
)
def delete_totp(session: SigningInDep, principal: PersonDep) -> None:
    """No longer ask for one-time codes."""
    signing_in.clear_totp(session, principal)
