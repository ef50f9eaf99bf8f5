"""What has happened, one sentence for each entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.outside_answers import PROVIDERS
from dashboard.sentences import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Entry

_NOUNS: Final = {
    "need": ("a need", "needs"),
    "asset": ("a place that helps", "places that help"),
    "helper": ("a helper", "helpers"),
    "organization": ("an organization", "organizations"),
    "area": ("a part of town", "parts of town"),
    "match": ("a match", "matches"),
    "kept_apart": ("who is kept apart", "pairs who are kept apart"),
    "activity": ("an activity", "activities"),
    "sign_up": ("a sign-up", "sign-ups"),
    "calendar_feed": ("a feed of the calendar", "feeds of the calendar"),
    "person": ("a member", "members"),
    "device": ("a phone", "phones"),
    "agreement": ("an agreement", "agreements"),
    "referral": ("a referral", "referrals"),
    "canary": ("a canary", "canaries"),
    "network": ("the network", "networks"),
    "privacy_rule": ("the rules of the weekly release", "rules of the weekly release"),
    "gazetteer_source": ("a source of addresses", "sources of addresses"),
    "address_alias": ("a remembered address", "remembered addresses"),
    "submission": ("an entry", "entries"),
    "text_conversation": ("a conversation by text message", "conversations by text message"),
    "text_hook": ("a gateway for text messages", "gateways for text messages"),
    "import_file": ("a table", "tables"),
    "dwelling_cell": ("the dwellings of a hexagon", "hexagons with their dwellings"),
}
_DONE: Final = {
    "create": "entered",
    "update": "changed",
    "delete": "deleted",
    "load": "loaded",
    "retire": "retired",
    "restart": "restarted",
    "change": "changed",
    "locate": "placed",
    "ask_again": "put under “To ask”",
    "outside_area": "marked as outside our area",
    "undo": "took back the last decision about",
    "erase": "erased",
}
_SPECIAL: Final = {
    ("create", "device"): "expected a new phone",
    ("enrol_again", "device"): "gave a phone a new code",
    ("end", "device"): "ended a phone",
    ("create", "agreement"): "made an agreement",
    ("issue_key", "agreement"): "made a key",
    ("preview", "agreement"): "looked at what a partner sees",
    ("end", "agreement"): "ended an agreement",
    ("update", "agreement"): "changed an agreement",
    ("undo", "agreement"): "took the last change of an agreement back",
    ("plant", "canary"): "put a made-up need into a partner's feed",
    ("end", "canary"): "took a made-up need out of a partner's feed",
    ("list", "canary"): "looked at which needs of a feed are made up",
    ("hit", "canary"): "asked for a made-up need that was given to another",
    ("create", "referral"): "handed a need to a partner, its place included",
    ("end", "referral"): "took a need back from a partner",
    ("refer", "need"): "handed a need to a partner, its place included",
    ("answer", "referral"): "answered about a need that was referred",
    ("undo", "referral"): "took the last step of a referral back",
    ("expire", "referral"): "ended referrals whose time was over",
    ("remind", "referral"): "reminded of referrals that nobody answered",
    ("invite", "person"): "invited a member",
    ("reset", "person"): "made a new one-time link for a member",
    ("update", "person"): "changed the role of a member",
    ("end", "person"): "ended the membership of a member",
    ("stop", "text_stop"): "stopped all messages to a number, as it asked by text",
    ("start", "text_stop"): "let messages go to a number again, as it asked by text",
    ("end", "text_hook"): "ended a gateway for text messages",
    ("done", "text_conversation"): "took a need in by text message",
    ("lapsed", "text_conversation"): "ended a conversation by text message that was silent",
    ("stopped", "text_conversation"): "ended a conversation by text message with a stop",
    ("handed_over", "text_conversation"): "asked by text message for a person",
    ("take_over", "text_conversation"): "sees to somebody who asked by text message for a person",
    ("receive", "submission"): "handed in an entry",
    ("note_made", "submission"): "took an entry in",
    ("note_held", "submission"): "held an entry that could not be used",
    ("correct", "submission"): "put an entry right",
    ("refuse", "submission"): "refused an entry",
    ("release", "submission"): "let an entry out of quarantine",
    ("discard", "submission"): "threw an entry away",
    ("empty", "submission"): "emptied an entry whose time was over",
    ("hide_photo", "submission"): "took a photo away",
    ("keep_photo", "submission"): "had a photo back",
    ("drop_photo", "submission"): "removed a photo for good",
    ("allow", "remote_service"): "allowed an outside address service",
    ("create", "import_file"): "brought a table",
    ("map", "import_file"): "said what the columns of a table mean",
    ("begin", "import_file"): "began to go through the rows of a table",
    ("go_on", "import_file"): "went on with the rows of a table",
    ("end", "import_file"): "went through all rows of a table",
    ("check", "import_file"): "checked rows of a table",
    ("import", "import_file"): "took in rows of a table",
    ("undo", "import_file"): "took a whole import back",
    ("forbid", "remote_service"): "allowed no outside address service any longer",
}
OUTSIDE: Final = "remote_geocode"
_UNNAMED: Final = {
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


def who_did(entry: Entry, names: Mapping[str, str]) -> str:
    """Name who did it."""
    return names.get(entry.actor or "") or _UNNAMED.get(entry.actor_kind, "Somebody")


def what_happened(entry: Entry, names: Mapping[str, str]) -> str:
    """Say what was done, in words that follow whoever did it."""
    if entry.action == "reveal":
        return _seen(entry)
    if entry.action == OUTSIDE:
        return _asked_outside(entry)
    about = next((names[one] for one in entry.object_ids if one in names), None)
    said = _SPECIAL.get((entry.action, entry.object_kind))
    if said is None:
        said = f"{_DONE.get(entry.action, entry.action.replace('_', ' ') + ':')} {_counted(entry)}"
    return f"{said}: {about}" if about else said


def _asked_outside(entry: Entry) -> str:
    """Say who was asked about a need and how it came out; the address is in no entry."""
    whom = next((name for word, name in PROVIDERS.items() if word in entry.fields), "an outside service")
    if "asked" in entry.fields:
        return f"sent the street line of {_counted(entry)} to {whom}"
    found = next((name.removeprefix("found_") for name in entry.fields if name.startswith("found_")), None)
    if found is not None:
        came = f"had {plural(int(found), 'answer', 'answers')}"
    else:
        came = "had no usable answer" if "failed" in entry.fields else "had the answer that there is no such place"
    kept = " kept from before" if "cached" in entry.fields else ""
    return f"{came}{kept} from {whom} about {_counted(entry)}"


def _seen(entry: Entry) -> str:
    if entry.object_kind == "address_alias":
        return f"was shown the place of {_counted(entry)}"
    if entry.object_kind == "submission":
        return f"saw what was typed in {_counted(entry)}"
    if entry.reason is None and entry.fields in ({"address_typed"}, {"note"}):
        what = "what was typed as the address of" if "note" not in entry.fields else "what is to be asked about"
        return f"read in the review queue {what} {_counted(entry)}"
    what = "the contact" if any(name.startswith("contact_") for name in entry.fields) else "the place"
    verb = "was shown" if entry.actor_kind == "partner" else "saw"
    return f"{verb} {what} of {_counted(entry)}"


def _counted(entry: Entry) -> str:
    one, many = _NOUNS.get(entry.object_kind, (f"one {entry.object_kind}", entry.object_kind))
    one, many = one.replace("_", " "), many.replace("_", " ")
    return one if entry.count == 1 else plural(entry.count, one, many)
