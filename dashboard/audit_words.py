"""What has happened, one sentence for each entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.outside_answers import PROVIDERS
from dashboard.translation import Phrases, number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboard.access_answers import Entry

_NOUNS: Final[Mapping[str, Callable[[int], str]]] = {
    "need": lambda n: trn("a need", "{n} needs", n),
    "asset": lambda n: trn("a place that helps", "{n} places that help", n),
    "helper": lambda n: trn("a helper", "{n} helpers", n),
    "organization": lambda n: trn("an organization", "{n} organizations", n),
    "area": lambda n: trn("a part of town", "{n} parts of town", n),
    "match": lambda n: trn("a match", "{n} matches", n),
    "kept_apart": lambda n: trn("who is kept apart", "{n} pairs who are kept apart", n),
    "activity": lambda n: trn("an activity", "{n} activities", n),
    "sign_up": lambda n: trn("a sign-up", "{n} sign-ups", n),
    "calendar_feed": lambda n: trn("a feed of the calendar", "{n} feeds of the calendar", n),
    "person": lambda n: trn("a member", "{n} members", n),
    "device": lambda n: trn("a phone", "{n} phones", n),
    "agreement": lambda n: trn("an agreement", "{n} agreements", n),
    "referral": lambda n: trn("a referral", "{n} referrals", n),
    "canary": lambda n: trn("a canary", "{n} canaries", n),
    "network": lambda n: trn("the network", "{n} networks", n),
    "privacy_rule": lambda n: trn("the rules of the weekly release", "{n} rules of the weekly release", n),
    "gazetteer_source": lambda n: trn("a source of addresses", "{n} sources of addresses", n),
    "address_alias": lambda n: trn("a remembered address", "{n} remembered addresses", n),
    "submission": lambda n: trn("an entry", "{n} entries", n),
    "text_conversation": lambda n: trn("a conversation by text message", "{n} conversations by text message", n),
    "text_hook": lambda n: trn("a gateway for text messages", "{n} gateways for text messages", n),
    "import_file": lambda n: trn("a table", "{n} tables", n),
    "saved_view": lambda n: trn("a saved view", "{n} saved views", n),
    "dwelling_cell": lambda n: trn("the dwellings of a hexagon", "{n} hexagons with their dwellings", n),
}
"""What was done something to, by how many they are."""
_DONE: Final = Phrases(
    {
        "create": "entered {what}",
        "update": "changed {what}",
        "delete": "deleted {what}",
        "load": "loaded {what}",
        "retire": "retired {what}",
        "restart": "restarted {what}",
        "change": "changed {what}",
        "locate": "placed {what}",
        "ask_again": "put under “To ask” {what}",
        "outside_area": "marked as outside our area {what}",
        "undo": "took back the last decision about {what}",
        "erase": "erased {what}",
    }
)
_SPECIAL: Final = Phrases(
    {
        "close need": "closed a need",
        "update network": "changed how the network is set up",
        "create saved_view": "kept a view under a name",
        "prune saved_view": "removed the views of somebody who has left",
        "create device": "expected a new phone",
        "enrol_again device": "gave a phone a new code",
        "end device": "ended a phone",
        "create agreement": "made an agreement",
        "issue_key agreement": "made a key",
        "preview agreement": "looked at what a partner sees",
        "end agreement": "ended an agreement",
        "update agreement": "changed an agreement",
        "undo agreement": "took the last change of an agreement back",
        "plant canary": "put a made-up need into a partner's feed",
        "end canary": "took a made-up need out of a partner's feed",
        "list canary": "looked at which needs of a feed are made up",
        "hit canary": "asked for a made-up need that was given to another",
        "create referral": "handed a need to a partner, its place included",
        "end referral": "took a need back from a partner",
        "refer need": "handed a need to a partner, its place included",
        "answer referral": "answered about a need that was referred",
        "undo referral": "took the last step of a referral back",
        "expire referral": "ended referrals whose time was over",
        "remind referral": "reminded of referrals that nobody answered",
        "invite person": "invited a member",
        "reset person": "made a new one-time link for a member",
        "update person": "changed the role of a member",
        "end person": "ended the membership of a member",
        "stop text_stop": "stopped all messages to a number, as it asked by text",
        "start text_stop": "let messages go to a number again, as it asked by text",
        "end text_hook": "ended a gateway for text messages",
        "done text_conversation": "took a need in by text message",
        "lapsed text_conversation": "ended a conversation by text message that was silent",
        "stopped text_conversation": "ended a conversation by text message with a stop",
        "handed_over text_conversation": "asked by text message for a person",
        "take_over text_conversation": "sees to somebody who asked by text message for a person",
        "receive submission": "handed in an entry",
        "note_made submission": "took an entry in",
        "note_held submission": "held an entry that could not be used",
        "correct submission": "put an entry right",
        "refuse submission": "refused an entry",
        "release submission": "let an entry out of quarantine",
        "discard submission": "threw an entry away",
        "empty submission": "emptied an entry whose time was over",
        "hide_photo submission": "took a photo away",
        "keep_photo submission": "had a photo back",
        "drop_photo submission": "removed a photo for good",
        "allow remote_service": "allowed an outside address service",
        "create import_file": "brought a table",
        "map import_file": "said what the columns of a table mean",
        "begin import_file": "began to go through the rows of a table",
        "go_on import_file": "went on with the rows of a table",
        "end import_file": "went through all rows of a table",
        "check import_file": "checked rows of a table",
        "import import_file": "took in rows of a table",
        "undo import_file": "took a whole import back",
        "forbid remote_service": "allowed no outside address service any longer",
    }
)
"""What has words of its own, by the action and the kind of thing."""
OUTSIDE: Final = "remote_geocode"
_UNNAMED: Final = Phrases(
    {
        "operator": "The command line",
        "organizer": "Somebody no longer here",
        "device": "A phone",
        "partner": "A partner",
        "stranger": "Somebody without a key",
        "bad_key": "Somebody with a key that opens nothing",
        "elsewhere": "Somebody of another network",
        "organizer_as_partner": "A look at what a partner sees",
        "webhook": "A gateway for text messages",
    }
)


def who_did(entry: Entry, names: Mapping[str, str]) -> str:
    """Name who did it."""
    return names.get(entry.actor or "") or _UNNAMED.get(entry.actor_kind) or tr("Somebody")


def what_happened(entry: Entry, names: Mapping[str, str]) -> str:
    """Say what was done, in words that follow whoever did it."""
    if entry.action == "reveal":
        return _seen(entry)
    if entry.action == OUTSIDE:
        return _asked_outside(entry)
    about = next((names[one] for one in entry.object_ids if one in names), None)
    said = _SPECIAL.get(f"{entry.action} {entry.object_kind}") or _done(entry)
    return f"{said}: {about}" if about else said


def _done(entry: Entry) -> str:
    said = _DONE.get(entry.action)
    if said is None:
        return f"{entry.action.replace('_', ' ')}: {_counted(entry)}"
    return said.format(what=_counted(entry))


def _asked_outside(entry: Entry) -> str:
    """Say who was asked about a need and how it came out; the address is in no entry."""
    whom = next((name for word, name in PROVIDERS.items() if word in entry.fields), None) or tr("an outside service")
    parts = {"service": whom, "what": _counted(entry)}
    if "asked" in entry.fields:
        return tr("sent the street line of {what} to {service}", **parts)
    found = next((name.removeprefix("found_") for name in entry.fields if name.startswith("found_")), None)
    return _remembered(entry, found, parts) if "cached" in entry.fields else _answered(entry, found, parts)


def _answered(entry: Entry, found: str | None, parts: Mapping[str, str]) -> str:
    if found is not None:
        return trn(
            "had {n} answer from {service} about {what}",
            "had {n} answers from {service} about {what}",
            int(found),
            **parts,
        )
    if "failed" in entry.fields:
        return tr("had no usable answer from {service} about {what}", **parts)
    return tr("had the answer that there is no such place from {service} about {what}", **parts)


def _remembered(entry: Entry, found: str | None, parts: Mapping[str, str]) -> str:
    if found is not None:
        return trn(
            "had {n} answer kept from before from {service} about {what}",
            "had {n} answers kept from before from {service} about {what}",
            int(found),
            **parts,
        )
    if "failed" in entry.fields:
        return tr("had no usable answer kept from before from {service} about {what}", **parts)
    return tr("had the answer that there is no such place kept from before from {service} about {what}", **parts)


def _seen(entry: Entry) -> str:
    count, what = entry.count, _counted(entry)
    if entry.object_kind == "submission":
        return trn("saw what was typed in {what}", "saw what was typed in {what}", count, what=what)
    if entry.reason is None and entry.fields in ({"address_typed"}, {"note"}):
        return _read(entry, what)
    is_contact = any(name.startswith("contact_") for name in entry.fields)
    if entry.object_kind == "address_alias" or (entry.actor_kind == "partner" and not is_contact):
        return trn("was shown the place of {what}", "was shown the place of {what}", count, what=what)
    if entry.actor_kind == "partner":
        return trn("was shown the contact of {what}", "was shown the contact of {what}", count, what=what)
    if is_contact:
        return trn("saw the contact of {what}", "saw the contact of {what}", count, what=what)
    return trn("saw the place of {what}", "saw the place of {what}", count, what=what)


def _read(entry: Entry, what: str) -> str:
    if "note" in entry.fields:
        return trn(
            "read in the review queue what is to be asked about {what}",
            "read in the review queue what is to be asked about {what}",
            entry.count,
            what=what,
        )
    return trn(
        "read in the review queue what was typed as the address of {what}",
        "read in the review queue what was typed as the address of {what}",
        entry.count,
        what=what,
    )


def _counted(entry: Entry) -> str:
    noun = _NOUNS.get(entry.object_kind)
    if noun is not None:
        return noun(entry.count)
    kind = entry.object_kind.replace("_", " ")
    return tr("one {kind}", kind=kind) if entry.count == 1 else f"{number(entry.count)} {kind}"
