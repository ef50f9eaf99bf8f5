"""Aliases: a person's decision about an address, remembered for the same text under a keyed hash of it."""

from __future__ import annotations

import hmac
import re
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ARRAY, Double, LargeBinary, Text, Uuid, column, delete, exists, func, insert, literal, select

from geo.domain.place import Candidate, Point
from geo.domain.records import Alias
from geo.domain.words import COARSE_QUALITIES, MatchQuality
from geo.errors import NotFound
from geo.privacy.cells import cell_of
from geo.store.audit import record
from geo.store.engine import keys_of
from geo.store.review_tables import address_alias
from geo.store.rows import mine, point_expression, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

    from geo.domain.place import Location

SOURCE: Final = "decision"
NO_LABEL: Final = "Set by a person for this address"
"""How a remembered pin is called: what was typed is not kept to be shown again."""
MAX_LIMIT: Final = 1000
_MAX_TEXT: Final = 500
_FORM: Final = b"1\0"
"""The form of the normalised text; another one makes other hashes, and old ones then match nothing."""
_WANTED_WORDS: Final = 2
_ACCENTS: Final = re.compile(r"[\u0300-\u036f]")
_UNSEEN: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")
# between two figures these tell houses apart: 12-14, 12/3, 60.17
_GAP: Final = re.compile(r"(?:(?!(?<=\d)[-/.](?=\d))[\W_])+")
_HOUSE_NUMBER: Final = re.compile(r"\d{1,4}[a-z]?|\d{1,4}[-/]\d{1,4}|[^\W\d]+\d{1,4}[a-z]?")
_FRACTION: Final = "\u2044"


def normal_form(text: str) -> str:
    """Write a typed address so that spellings that mean the same are equal: case, accents, spaces, punctuation.

    Words keep their order and their letters: one slip of the hand makes another text, which a person sees.
    """
    spelt = "".join(f" {char}" if _FRACTION in unicodedata.normalize("NFKD", char) else char for char in text)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", spelt[:_MAX_TEXT]).casefold())
    plain = _UNSEEN.sub("", _ACCENTS.sub("", folded)).replace(_FRACTION, "/")
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    return _GAP.sub(" ", plain).strip()


def is_specific(text: str, candidates: Iterable[Candidate] = (), *, is_pin: bool = True) -> bool:
    """Tell whether a text names one place, so that a decision about it may answer for the same text again.

    Parameters
    ----------
    text
        What was typed.
    candidates
        What the geocoder offered for it.
    is_pin
        Whether a point was set by hand. A whole street or postcode that was typed is no home: what was offered as a
        whole may be remembered as that, and never as a point within it.

    Returns
    -------
    bool
        True for a word with a house number; without a number for two words that name no whole street or district.
    """
    words = normal_form(text).split()
    has_word = any(not any(char.isdigit() for char in word) for word in words) or any(
        re.fullmatch(r"[^\W\d]{3,}\d{1,4}[a-z]?", word) for word in words
    )
    if has_word and any(_HOUSE_NUMBER.fullmatch(word) for word in words):
        return True
    named = [word for word in words if not any(char.isdigit() for char in word)]
    if len(named) < _WANTED_WORDS:
        return False
    whole = COARSE_QUALITIES - {MatchQuality.PLACE}
    return not (is_pin and any(c.match_quality in whole for c in candidates))


class Hasher:
    """Makes the keyed hashes of one network's texts; without the key file nothing can be made of them.

    The key is derived from the root of the installation's keys, which a rotation does not change.
    """

    def __init__(self, session: Session) -> None:
        network = session.scalar(select(func.current_network()))
        self._key = keys_of(session).derive(f"alias-text:{network}")

    def hash(self, text: str) -> bytes:
        """Hash a text in its normal form."""
        return hmac.new(self._key, _FORM + normal_form(text).encode(), sha256).digest()


def learn(session: Session, decision_id: UUID, need_id: UUID, location: Location, *, label: str | None) -> None:
    """Remember for the text of a need where a person placed it; it belongs to the audit's entry of that.

    Parameters
    ----------
    decision_id
        Whose memory it is; it goes with the decision and with the need.
    location
        With its point and the text.
    label
        As the gazetteer writes the place; none for a pin.

    Raises
    ------
    KeysUnavailable
        If the session has no keys.
    """
    values = {
        "id": decision_id,
        "need_id": need_id,
        "text_hash": Hasher(session).hash(location.address_typed or ""),
        "geom": point_expression(location.point),
        "match_quality": location.match_quality.value,
        "uncertainty_m": location.uncertainty_m,
        "label": label and label[:_MAX_TEXT],
    }
    with refused_as_ours():
        session.execute(insert(address_alias).values(**values))


def find_aliases(session: Session, texts: Collection[str]) -> Mapping[str, tuple[UUID, Candidate]]:
    """Find what is remembered for texts: one statement for all, whoever asks.

    Returns
    -------
    dict
        The alias's id and the place by the text; empty in a session without keys, which can have learned nothing.
    """
    if session.info.get("keys") is None or not texts:
        return {}
    hasher = Hasher(session)
    hashes = {text: hasher.hash(text) for text in texts if is_specific(text, is_pin=False)}
    if not hashes:
        return {}
    wanted = literal(sorted(set(hashes.values())), ARRAY(LargeBinary))
    columns = (
        column("id", Uuid), column("text_hash", LargeBinary), column("lon", Double), column("lat", Double),
        column("match_quality", Text), column("uncertainty_m", Double), column("label", Text),
    )  # fmt: skip
    rows = session.execute(select(func.restricted.find_aliases(wanted).table_valued(*columns)))
    known = {bytes(row.text_hash): (row.id, _candidate(row)) for row in rows}
    return {text: known[found] for text, found in hashes.items() if found in known}


def _candidate(row: Any) -> Candidate:  # noqa: ANN401 - a row of find_aliases
    quality = MatchQuality(row.match_quality)
    return Candidate(Point(row.lon, row.lat), row.label or NO_LABEL, quality, row.uncertainty_m, 100, SOURCE)


def list_aliases(session: Session, *, after: UUID | None = None, limit: int = 50) -> Sequence[Alias]:
    """List what is remembered, one for each text, the newest first; ``after`` is the last id of the page before."""
    newer = address_alias.alias("newer")
    is_last = ~exists().where(
        newer.c.network_id == address_alias.c.network_id,
        newer.c.text_hash == address_alias.c.text_hash,
        newer.c.id > address_alias.c.id,
    )
    where = [mine(address_alias), is_last]
    if after is not None:
        where.append(address_alias.c.id < after)
    query = select(
        *(address_alias.c[name] for name in ("id", "label", "match_quality", "uncertainty_m", "learned_by")),
        address_alias.c.learned_at,
        func.ST_X(address_alias.c.geom).label("lon"),
        func.ST_Y(address_alias.c.geom).label("lat"),
    )
    page = query.where(*where).order_by(address_alias.c.id.desc()).limit(min(limit, MAX_LIMIT))
    return [_alias(row) for row in session.execute(page)]


def _alias(row: Any) -> Alias:  # noqa: ANN401 - a row of list_aliases
    return Alias(
        id=row.id,
        label=row.label,
        cell=cell_of(Point(row.lon, row.lat)),
        match_quality=MatchQuality(row.match_quality),
        uncertainty_m=row.uncertainty_m,
        learned_by=row.learned_by,
        learned_at=row.learned_at,
    )


def forget_alias(session: Session, alias_id: UUID) -> None:
    """Forget all that is remembered for the text of an alias; needs stay where they were placed.

    Raises
    ------
    NotFound
        If there is no such alias in the network.
    """
    text_hash = select(address_alias.c.text_hash).where(address_alias.c.id == alias_id, mine(address_alias))
    found = session.scalar(text_hash)
    if found is None:
        raise NotFound("there is no such alias")
    session.execute(delete(address_alias).where(address_alias.c.text_hash == found, mine(address_alias)))
    record(session, "delete", address_alias.name, [alias_id])


def unlearn(session: Session, decision_ids: Sequence[UUID]) -> int:
    """Forget what decisions that are taken back, or whose places fade, were remembered for."""
    statement = delete(address_alias).where(address_alias.c.id.in_(decision_ids), mine(address_alias))
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def note_labels(session: Session, aliases: Sequence[Alias]) -> None:
    """Note that a page of aliases names doors."""
    named = [one.id for one in aliases if one.label is not None]
    if named:
        record(session, "reveal", address_alias.name, named, ("label",))
