"""Why nearer help was not named: codes for machines, words for people."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COOL_DOWN_H: Final = 12.0
"""Whoever was asked in so many hours before is left in peace, when nobody says otherwise."""
MOST_COOL_DOWN_H: Final = 336.0


class PassedOver(StrEnum):
    """Why nearer help is not named: the first of these that applies, in this order."""

    OTHER_HELP = "other_help"
    NOT_ACTIVE = "not_active"
    NO_SHARED_LANGUAGE = "no_shared_language"
    NOT_STEP_FREE = "not_step_free"
    NO_VEHICLE = "no_vehicle"
    FULL = "full"
    FULL_THIS_WEEK = "full_this_week"
    ASKED_LATELY = "asked_lately"
    TOO_FAR = "too_far"
    WANTS_NO_MESSAGES = "wants_no_messages"
    ASKED_ABOUT_IT = "asked_about_it"
    KEPT_APART = "kept_apart"
    NOT_AT_THAT_TIME = "not_at_that_time"
    NO_WAY = "no_way"
    TAKES_LONGER = "takes_longer"


PASSED_OVER_WORDS: Final[Mapping[PassedOver, str]] = {
    PassedOver.OTHER_HELP: "does not help with this",
    PassedOver.NOT_ACTIVE: "not active now",
    PassedOver.NO_SHARED_LANGUAGE: "no shared language",
    PassedOver.NOT_STEP_FREE: "not step-free",
    PassedOver.NO_VEHICLE: "has no such vehicle",
    PassedOver.NOT_AT_THAT_TIME: "not at that time",
    PassedOver.FULL: "full",
    PassedOver.FULL_THIS_WEEK: "full this week",
    PassedOver.ASKED_LATELY: "asked a short while ago",
    PassedOver.TOO_FAR: "too far for them",
    PassedOver.WANTS_NO_MESSAGES: "does not want to be asked",
    PassedOver.ASKED_ABOUT_IT: "has been asked about this need",
    PassedOver.KEPT_APART: "kept apart from this household",
    PassedOver.NO_WAY: "no way there",
    PassedOver.TAKES_LONGER: "near, but takes longer",
}
