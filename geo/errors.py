"""Every error the library raises on purpose.

::

    GeoError
    |- NotFound             the thing asked for is not there, or not yours to see
    |- Conflict             the request contradicts what is stored
    |  |- StaleVersion      somebody changed the record since it was read
    |  |- AskedLately       a helper was asked so short a time ago that they are left in peace
    |  |- Erased            the record was erased at the person's wish, and is not taken in again
    |  |- NotMadeUp         a network holds records that are not made up
    |  |- OutsideNotAllowed an outside address service may not be asked
    |  '- IdempotencyClash  the same key came back with another body
    |- InvalidInput         a value cannot be used; names the field and the reason
    |  |- InvalidGeometry   a shape cannot be used
    |  |- FormRefused       a form for phones has rows that cannot be used; says which and why
    |  |- OutsideServiceArea  a place lies outside the area the network serves
    |  '- UnsupportedCrs    coordinates in a system that is not accepted
    |- PositionForgotten    what has happened since a position is no longer kept
    |- NotPermitted         the audience may not have this
    |- SignInNeeded         nobody known is asking, or what they showed is no longer good
    |  |- SignInRefused     the name and password do not go together
    |  |- CodeNeeded        the password was right, and a one-time code is wanted too
    |  '- ProofNeeded       this wants the password again
    |- OutsideTooSoon       an outside address service may not be asked again yet
    |- OutsideFailed        an outside address service gave no answer that can be used
    |- TravelFailed         the travel engine gave no answer
    |- StillReckoning       somebody else has asked for the same figures, which are being worked out
    |- SourceUnreadable     a file to be loaded cannot be read
    |- KeysUnavailable      what is sealed cannot be opened, or the file of keys is not there
    '- ClusterError         the private database cannot be run
       |- PostgisMissing    PostgreSQL or PostGIS is not installed
       '- ClusterBusy       another server holds the data folder
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class GeoError(Exception):
    """Something went wrong that the caller can act upon."""

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.field = field


class NotFound(GeoError):
    """There is no such record."""


class PositionForgotten(GeoError):
    """What has happened since then is no longer kept; begin again without a cursor."""


class Conflict(GeoError):
    """The request contradicts what is stored."""


class StaleVersion(Conflict):
    """The record has changed since it was read; read it again and repeat the change."""


class AskedLately(Conflict):
    """This helper was asked a short time ago; send ``anyway`` as true to ask them all the same."""


class Erased(Conflict):
    """This record was erased, and is not taken in again."""


class NotMadeUp(Conflict):
    """This network holds records that are not made up; nobody is made up beside them."""


class OutsideNotAllowed(Conflict):
    """No outside address service may be asked about this."""


class IdempotencyClash(Conflict):
    """This key was already used with a different body."""


class InvalidInput(GeoError):
    """A value cannot be used."""


class InvalidGeometry(InvalidInput):
    """This shape cannot be used."""


class FormRefused(InvalidInput):
    """Rows of this form cannot be used; ``faults`` says which cells, as JSON pointers, and why."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(faults)} of the form's cells cannot be used")
        self.faults = tuple(faults)


class OutsideServiceArea(InvalidInput):
    """This place lies outside the area served; check the order: longitude first, then latitude."""


class UnsupportedCrs(InvalidInput):
    """Coordinates must be WGS 84 longitude and latitude."""


class NotPermitted(GeoError):
    """This audience may not have this."""


class SignInNeeded(GeoError):
    """Sign in, or send a key, to do this."""


class SignInRefused(SignInNeeded):
    """This name and password do not go together."""


class CodeNeeded(SignInNeeded):
    """Send the six digits of your authenticator app too."""


class ProofNeeded(SignInNeeded):
    """Give your password once more for this; it then counts for five minutes."""


class OutsideTooSoon(GeoError):
    """The outside address service may not be asked again yet; ``wait_s`` says for how many seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"the outside address service may be asked again in {wait_s} seconds")
        self.wait_s = wait_s


class OutsideFailed(GeoError):
    """The outside address service gave no answer that can be used."""

    def __init__(self, reason: str) -> None:
        super().__init__("the outside address service gave no answer that can be used")
        self.reason = reason


class TravelFailed(GeoError):
    """The travel engine gave no answer; try again, or see ``barnraiser doctor``."""


class StillReckoning(GeoError):
    """These figures are being worked out for somebody else; ask again in a moment."""


class SourceUnreadable(GeoError):
    """The file cannot be read."""


class KeysUnavailable(GeoError):
    """The keys that open what is sealed are not there."""


class ClusterError(GeoError):
    """The private database cannot be run."""


class PostgisMissing(ClusterError):
    """PostgreSQL with PostGIS is not installed."""


class ClusterBusy(ClusterError):
    """Another server is using this data folder."""
