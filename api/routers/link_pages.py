"""The pages behind links without sign-in, and what their script asks with the secret from behind the ``#``."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import HTMLResponse

from geo.domain.links import PAGES as PATHS
from geo.domain.links import LinkKind
from geo.domain.message_texts import choose_language
from geo.domain.principals import Permission
from geo.domain.words import Audience
from geo.privacy.disclosure import disclose
from geo.store.helping import get_asked_help, reveal_to_helper, take_step
from geo.store.links import note_opened
from geo.store.network import get_network
from geo.store.own_needs import answer, get_own_need
from geo.store.readers import languages_of_reader
from geo.store.reminders import cancel_promise, get_promised_shift
from geo.store.verifying import answer_listed, get_listed

from api.access import requires
from api.deps import Followed, OriginDep, follow
from api.link_views import (
    direction_of,
    language_of,
    show_help,
    show_listed,
    show_need,
    show_place,
    show_shift,
    words_of,
)
from api.schemas.links import (
    ANSWER_EXAMPLES,
    HELP_EXAMPLES,
    LISTED_EXAMPLES,
    AnswerIn,
    CannotComeIn,
    FollowedOut,
    HelpIn,
    ListedIn,
    PlaceIn,
    PlaceOut,
)
from api.statics import FOR_PEOPLE, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(tags=["links"])
FOLLOWED: Final = "/v1/links/followed"
_FOLLOWS = [requires(Permission.FOLLOW)]
HelpLink = Annotated[Followed, follow(LinkKind.HELP)]
NeedLink = Annotated[Followed, follow(LinkKind.NEED)]
ShiftLink = Annotated[Followed, follow(LinkKind.SHIFT)]
AssetLink = Annotated[Followed, follow(LinkKind.ASSET)]
Language = Annotated[
    str | None, Query(max_length=35, description="the language to read it in; the reader's own when left out")
]
View = Mapping[str, Any]


def _page(kind: LinkKind, request: Request) -> HTMLResponse:
    """Give an empty page in the language the browser asks for; what is on it comes with the secret."""
    language = language_of(request.headers.get("accept-language", ""))
    words = words_of(language)
    names = ("moment", "lost", "no_answer", "needs_script")
    told = {"kind": kind.value, "language": language, "direction": direction_of(language)}
    filled = told | {name: escape(words[name]) for name in names}
    template = Template((PAGES / "link.html").read_text("utf-8"))
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(template.substitute(filled), headers=headers)


def _add_page(kind: LinkKind) -> None:
    @router.get(PATHS[kind], include_in_schema=False, dependencies=FOR_PEOPLE)
    def get_page(request: Request) -> HTMLResponse:
        return _page(kind, request)


for _kind in LinkKind:
    _add_page(_kind)


def _show(
    followed: Followed,
    audience: Audience,
    record: object,
    compose: Callable[..., dict[str, Any]],
    wanted: str | None,
    response: Response,
) -> View:
    note_opened(followed.session, followed.link)
    network = get_network(followed.session)
    known = languages_of_reader(followed.session, followed.link)
    response.headers["Cache-Control"] = "no-store"
    return compose(disclose(record, audience), choose_language([wanted, *known, *network.languages]), network.zone)


@router.get(FOLLOWED + "/help", operation_id="follow_help", dependencies=_FOLLOWS, response_model=FollowedOut)
def get_help(followed: HelpLink, response: Response, language: Language = None) -> View:
    """Read a match as its helper: what, about when and about where; never the address."""
    found = get_asked_help(followed.session, followed.link.subject)
    return _show(followed, Audience.HELPER, found, show_help, language, response)


@router.post(FOLLOWED + "/help", operation_id="answer_help", dependencies=_FOLLOWS, response_model=FollowedOut)
def post_help(
    followed: HelpLink,
    origin: OriginDep,
    response: Response,
    sent: Annotated[HelpIn, Body(openapi_examples=HELP_EXAMPLES)],
    language: Language = None,
) -> View:
    """Say yes or no to a match, begin, and say what became of it; a step that does not follow is refused with 409."""
    found = take_step(followed.session, followed.link.subject, sent.step, reason=sent.reason, origin=origin)
    return _show(followed, Audience.HELPER, found, show_help, language, response)


@router.post(FOLLOWED + "/help/place", operation_id="reveal_to_helper", dependencies=_FOLLOWS, response_model=PlaceOut)
def post_place(
    followed: HelpLink,
    response: Response,
    sent: Annotated[PlaceIn, Body(openapi_examples={"show": {"value": {"show": True}}})],  # noqa: ARG001 - that it was said is all
    language: Language = None,
) -> View:
    """Show the exact place to a helper who has said yes, until it is done; each look is noted."""
    shown = disclose(reveal_to_helper(followed.session, followed.link.subject), Audience.HELPER)
    known = languages_of_reader(followed.session, followed.link)
    response.headers["Cache-Control"] = "no-store"
    return show_place(shown, choose_language([language, *known, *get_network(followed.session).languages]))


@router.get(FOLLOWED + "/need", operation_id="follow_need", dependencies=_FOLLOWS, response_model=FollowedOut)
def get_need_page(followed: NeedLink, response: Response, language: Language = None) -> View:
    """Read one's own need: what was asked for, when, and how it stands."""
    found = get_own_need(followed.session, followed.link.subject)
    return _show(followed, Audience.ASKER, found, show_need, language, response)


@router.post(FOLLOWED + "/need", operation_id="answer_need", dependencies=_FOLLOWS, response_model=FollowedOut)
def post_answer(
    followed: NeedLink,
    response: Response,
    sent: Annotated[AnswerIn, Body(openapi_examples=ANSWER_EXAMPLES)],
    language: Language = None,
) -> View:
    """Say that it is still needed, that help came, that it is not needed any more, or that no message is wanted."""
    found = answer(followed.session, followed.link.subject, sent.answer)
    return _show(followed, Audience.ASKER, found, show_need, language, response)


@router.get(FOLLOWED + "/shift", operation_id="follow_shift", dependencies=_FOLLOWS, response_model=FollowedOut)
def get_shift_page(followed: ShiftLink, response: Response, language: Language = None) -> View:
    """Read a shift one has promised to come to."""
    found = get_promised_shift(followed.session, followed.link.subject)
    return _show(followed, Audience.HELPER, found, show_shift, language, response)


@router.post(FOLLOWED + "/shift", operation_id="answer_shift", dependencies=_FOLLOWS, response_model=FollowedOut)
def post_cannot_come(
    followed: ShiftLink,
    response: Response,
    sent: Annotated[CannotComeIn, Body(openapi_examples={"cancel": {"value": {"cancel": True}}})],  # noqa: ARG001 - that it was said is all
    language: Language = None,
) -> View:
    """Say that one cannot come; saying so again changes nothing."""
    found = cancel_promise(followed.session, followed.link.subject)
    return _show(followed, Audience.HELPER, found, show_shift, language, response)


@router.get(FOLLOWED + "/asset", operation_id="follow_asset", dependencies=_FOLLOWS, response_model=FollowedOut)
def get_listed_page(followed: AssetLink, response: Response, language: Language = None) -> View:
    """Read what is listed of one's own place, as everybody may."""
    found = get_listed(followed.session, followed.link.subject)
    return _show(followed, Audience.PUBLIC, found, show_listed, language, response)


@router.post(FOLLOWED + "/asset", operation_id="answer_asset", dependencies=_FOLLOWS, response_model=FollowedOut)
def post_listed(
    followed: AssetLink,
    response: Response,
    sent: Annotated[ListedIn, Body(openapi_examples=LISTED_EXAMPLES)],
    language: Language = None,
) -> View:
    """Say that it is still true, what has changed, or that it is closed."""
    found = answer_listed(followed.session, followed.link.subject, sent.answer, sent.reason)
    return _show(followed, Audience.PUBLIC, found, show_listed, language, response)
