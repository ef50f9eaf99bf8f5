"""What can be done about a need and its match: ask, note answers, end, close, keep apart; each with its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import DECLINES, FAILURES, REASONS, stands
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from dashboard.answers import Need
    from dashboard.board_answers import Apart, Match, Matched, Suggested

SAID: Final = {
    "accept": "{who} has promised to help. Nobody else can take this need now.",
    "decline": "{who} said no. The need waits again.",
    "withdraw": "The question to {who} is taken back. The need waits again.",
    "start": "{who} is on the way.",
    "done": "It is done. The need is met.",
    "fail": "Help by {who} did not come about. The need waits again.",
    "release": "The promise of {who} is taken back. The need waits again.",
    "confirm": "Noted: the person helped says so too.",
}
FORWARD: Final = {
    "proposed": (("accept", "Said yes", ":material/check:"),),
    "accepted": (("start", "Has set out", ":material/directions_run:"),),
    "under_way": (("done", "It is done", ":material/check_circle:"),),
    "done": (("confirm", "Confirmed by them", ":material/sentiment_satisfied:"),),
}
"""What comes next: the verb, what its button says, and a sign."""
NO: Final = {
    "proposed": ("decline", "Said no", DECLINES),
    "accepted": ("fail", "Will not come about", FAILURES),
    "under_way": ("fail", "Did not come about", FAILURES),
}
BACK: Final = {
    "proposed": ("withdraw", "withdraw", None, "Take the question back"),
    "accepted": ("release", "fail", "other", "Take the promise back"),
}


def show(one: Matched) -> None:
    """Draw how a match stands, and what can follow."""
    match, who = one.match, one.who or "Somebody"
    with st.container(key=f"match_{match.id}"):
        room = entry.line(match.id, who, [stands(match)])
        for verb, label, icon in FORWARD.get(match.status, ()):
            if verb == "confirm" and match.confirmed_at:
                continue
            room.button(
                label, key=f"{verb}_{match.id}", type="primary", icon=icon, on_click=take, args=(match, who, verb)
            )
        if match.status == "proposed" and match.helper_id:
            room.button(
                "Send them a link", key=f"tell_{match.id}", icon=":material/sms:", on_click=message, args=(match, who)
            )
        _refusals(room, match, who)


def _refusals(room: DeltaGenerator, match: Match, who: str) -> None:
    if match.status in NO:
        verb, label, reasons = NO[match.status]
        with room.popover(label, key=f"no_{match.id}", width="content"):
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
        said, verb, why, label = BACK[match.status]
        how = {"reason": why, "said": said}
        room.button(label, key=f"back_{match.id}", type="tertiary", on_click=take, args=(match, who, verb), kwargs=how)


def take(match: Match, who: str, verb: str, *, reason: str | None = None, said: str | None = None) -> None:
    """Take the next step of a match."""

    def done(made: Match) -> None:
        notice.say(SAID[said or verb].format(who=who), undo=Undo("Undo", undo, (made,)))

    attempt(lambda api: api.step(match, verb, reason=reason), done)


def message(match: Match, who: str) -> None:
    """Send whoever is asked a link to answer by, in the way and language they prefer."""
    words = f"{who} is sent a link to answer by. It tells no address before they have said yes."
    attempt(lambda api: api.message_helper(match), lambda _: notice.say(words))


def undo(match: Match) -> None:
    """Take the last step of a match back."""
    attempt(lambda api: api.step(match, "undo"), lambda _: notice.say("Taken back. It stands as it did before."))


def ask(need: Need, one: Suggested) -> None:
    """Ask a helper, or take a place, for a need."""

    def done(made: Match) -> None:
        back = Undo("Take back", take, (made, one.name, "withdraw"))
        notice.say(f"{one.name} is asked. Without an answer it lapses in a day, and the need waits again.", undo=back)

    attempt(lambda api: api.ask_helper(need.id, one.kind, one.id), done)


def close(need: Need, status: str) -> None:
    """Say what became of a need."""
    words = "It is met." if status == "met" else "It is not wanted any more."

    def done(made: Need) -> None:
        notice.say(f"The need is closed: {words[0].lower()}{words[1:]}", undo=Undo("Undo", reopen, (made,)))

    attempt(lambda api: api.close_need(need, status), done)


def reopen(need: Need) -> None:
    """Open a closed need again."""
    attempt(lambda api: api.close_need(need, "open"), lambda _: notice.say("The need is open again."))


def offer_apart(room: DeltaGenerator, one: Matched) -> None:
    """Offer never to bring a helper and a household together again."""
    with room.popover("Keep apart", key=f"apart_{one.match.id}", type="tertiary", width="content"):
        st.caption(f"{as_label(one.who)} is never proposed for this household again. Why is not asked, and not kept.")
        st.button(
            "Keep them apart",
            key=f"do_apart_{one.match.id}",
            on_click=keep_apart,
            args=(one.match.helper_id, one.match.need_id, one.who),
            width="stretch",
        )


def keep_apart(helper_id: str, need_id: str, who: str) -> None:
    """Never bring a helper and the household of a need together again."""

    def done(made: Apart) -> None:
        notice.say(f"{who} and this household are kept apart from now on.", undo=Undo("Undo", together, (made.id,)))

    attempt(lambda api: api.keep_apart(helper_id, need_id), done)


def together(apart_id: str) -> None:
    """Let a helper and a household be brought together again."""
    attempt(lambda api: api.allow_together(apart_id), lambda _: notice.say("They may be brought together again."))
