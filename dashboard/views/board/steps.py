"""What can be done about a need and its match: ask, note answers, end, close, keep apart; each with its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import DECLINES, FAILURES, REASONS, stands
from dashboard.translation import Phrases, tr
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from dashboard.answers import Need
    from dashboard.board_answers import Apart, Match, Matched, Suggested

SAID: Final = Phrases(
    {
        "accept": "{who} has promised to help. Nobody else can take this need now.",
        "decline": "{who} said no. The need waits again.",
        "withdraw": "The question to {who} is taken back. The need waits again.",
        "start": "{who} is on the way.",
        "done": "It is done. The need is met.",
        "fail": "Help by {who} did not come about. The need waits again.",
        "release": "The promise of {who} is taken back. The need waits again.",
        "confirm": "Noted: the person helped says so too.",
    }
)
FORWARD: Final = {
    "proposed": ("accept", ":material/check:"),
    "accepted": ("start", ":material/directions_run:"),
    "under_way": ("done", ":material/check_circle:"),
    "done": ("confirm", ":material/sentiment_satisfied:"),
}
"""What comes next: the verb, and the sign of its button."""
PRESS: Final = Phrases(
    {"accept": "Said yes", "start": "Has set out", "done": "It is done", "confirm": "Confirmed by them"}
)
NO: Final = {"proposed": ("decline", DECLINES), "accepted": ("fail", FAILURES), "under_way": ("fail", FAILURES)}
_NO_LABELS: Final = Phrases(
    {"proposed": "Said no", "accepted": "Will not come about", "under_way": "Did not come about"}
)
BACK: Final = {"proposed": ("withdraw", "withdraw", None), "accepted": ("release", "fail", "other")}
_BACK_LABELS: Final = Phrases({"proposed": "Take the question back", "accepted": "Take the promise back"})


def show(one: Matched) -> None:
    """Draw how a match stands, and what can follow."""
    match, who = one.match, one.who or tr("Somebody")
    with st.container(key=f"match_{match.id}"):
        room = entry.line(match.id, who, [stands(match)])
        if match.status in FORWARD and not (match.status == "done" and match.confirmed_at):
            verb, icon = FORWARD[match.status]
            key = f"{verb}_{match.id}"
            room.button(PRESS[verb], key=key, type="primary", icon=icon, on_click=take, args=(match, who, verb))
        if match.status == "proposed" and match.helper_id:
            tell = tr("Send them a link")
            room.button(tell, key=f"tell_{match.id}", icon=":material/sms:", on_click=message, args=(match, who))
        _refusals(room, match, who)


def _refusals(room: DeltaGenerator, match: Match, who: str) -> None:
    if match.status in NO:
        verb, reasons = NO[match.status]
        with room.popover(_NO_LABELS[match.status], key=f"no_{match.id}", width="content"):
            for reason in reasons:
                words = REASONS[reason]
                st.button(
                    words[0].upper() + words[1:],
                    key=f"{reason}_{match.id}",
                    on_click=take,
                    args=(match, who, verb),
                    kwargs={"reason": reason},
                    width="stretch",
                )
    if match.status in BACK:
        said, verb, why = BACK[match.status]
        how, label = {"reason": why, "said": said}, _BACK_LABELS[match.status]
        room.button(label, key=f"back_{match.id}", type="tertiary", on_click=take, args=(match, who, verb), kwargs=how)


def take(match: Match, who: str, verb: str, *, reason: str | None = None, said: str | None = None) -> None:
    """Take the next step of a match."""

    def done(made: Match) -> None:
        notice.say(SAID[said or verb].format(who=who), undo=Undo(tr("Undo"), undo, (made,)))

    attempt(lambda api: api.step(match, verb, reason=reason), done)


def message(match: Match, who: str) -> None:
    """Send whoever is asked a link to answer by, in the way and language they prefer."""
    words = tr("{who} is sent a link to answer by. It tells no address before they have said yes.", who=who)
    attempt(lambda api: api.message_helper(match), lambda _: notice.say(words))


def undo(match: Match) -> None:
    """Take the last step of a match back."""
    words = tr("Taken back. It stands as it did before.")
    attempt(lambda api: api.step(match, "undo"), lambda _: notice.say(words))


def ask(need: Need, one: Suggested) -> None:
    """Ask a helper, or take a place, for a need."""

    def done(made: Match) -> None:
        back = Undo(tr("Take back"), take, (made, one.name, "withdraw"))
        words = tr("{who} is asked. Without an answer it lapses in a day, and the need waits again.", who=one.name)
        notice.say(words, undo=back)

    attempt(lambda api: api.ask_helper(need.id, one.kind, one.id), done)


def close(need: Need, status: str) -> None:
    """Say what became of a need."""
    met, gone = tr("The need is closed: it is met."), tr("The need is closed: it is not wanted any more.")

    def done(made: Need) -> None:
        notice.say(met if status == "met" else gone, undo=Undo(tr("Undo"), reopen, (made,)))

    attempt(lambda api: api.close_need(need, status), done)


def reopen(need: Need) -> None:
    """Open a closed need again."""
    words = tr("The need is open again.")
    attempt(lambda api: api.close_need(need, "open"), lambda _: notice.say(words))


def offer_apart(room: DeltaGenerator, one: Matched) -> None:
    """Offer never to bring a helper and a household together again."""
    with room.popover(tr("Keep apart"), key=f"apart_{one.match.id}", type="tertiary", width="content"):
        words = tr("{who} is never proposed for this household again. Why is not asked, and not kept.", who=one.who)
        st.caption(as_label(words))
        st.button(
            tr("Keep them apart"),
            key=f"do_apart_{one.match.id}",
            on_click=keep_apart,
            args=(one.match.helper_id, one.match.need_id, one.who),
            width="stretch",
        )


def keep_apart(helper_id: str, need_id: str, who: str) -> None:
    """Never bring a helper and the household of a need together again."""

    def done(made: Apart) -> None:
        words = tr("{who} and this household are kept apart from now on.", who=who)
        notice.say(words, undo=Undo(tr("Undo"), together, (made.id,)))

    attempt(lambda api: api.keep_apart(helper_id, need_id), done)


def together(apart_id: str) -> None:
    """Let a helper and a household be brought together again."""
    words = tr("They may be brought together again.")
    attempt(lambda api: api.allow_together(apart_id), lambda _: notice.say(words))
