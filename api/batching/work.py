"""What is done with a piece of a table: its rows looked up together, each answered on a line of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from geo.domain.words import Decision, NearbyKind
from geo.geocode.parse import parse_address
from geo.interchange.answers import alternative_of, answer_of, count_answers, encode, new_tally, no_answer
from geo.interchange.asked import AddressColumns, PointColumns
from geo.store.gazetteer import LocalGeocoder
from geo.store.reverse import LocalReverse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.place import GeocodeResult
    from geo.interchange.answers import Tally
    from geo.interchange.table import TableRow
    from geo.store.reverse import Nearby

Answered: TypeAlias = "tuple[bytes, Tally]"
"""The lines of a piece, and what they count."""
GEOCODE_WORDS: Final = ("decision", "match_quality", "faults")
REVERSE_WORDS: Final = ("kind",)


class Work(Protocol):
    """One kind of answer; it travels to other processes as it is."""

    @property
    def words(self) -> tuple[str, ...]:
        """What is counted."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The words of the first of these, which a summary always names."""

    @property
    def answered(self) -> tuple[str, ...]:
        """The columns of an answer, for a table."""

    def needed(self) -> tuple[str, ...]:
        """List the columns that must be there."""

    def options(self) -> dict[str, Any]:
        """Give what else the answers depend on."""

    def answer(self, session: Session, rows: Sequence[TableRow]) -> Answered:
        """Answer the rows of a piece."""


@dataclass(frozen=True, slots=True)
class GeocodeWork:
    """Addresses to places. With ``is_full`` the parts read and the other answers are written too."""

    columns: AddressColumns
    is_full: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What is counted."""
        return GEOCODE_WORDS

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The words of the first of these, which a summary always names."""
        return tuple(Decision)

    @property
    def answered(self) -> tuple[str, ...]:
        """The columns of an answer, for a table."""
        more = ("source", "parsed", "alternatives") if self.is_full else ()
        best = ("decision", "lon", "lat", "match_quality", "uncertainty_m", "score", "faults", "label")
        return (*best, *more, "error")

    def needed(self) -> tuple[str, ...]:
        """List the columns that must be there."""
        return self.columns.named()

    def options(self) -> dict[str, Any]:
        """Give what else the answers depend on."""
        return {"do": "geocode", "full": self.is_full, **asdict(self.columns)}

    def answer(self, session: Session, rows: Sequence[TableRow]) -> Answered:
        """Look the addresses of a piece up, all at once."""
        return self.answer_by(LocalGeocoder(session).geocode_many, rows)

    def answer_by(self, geocode: Callable[[list[str]], list[GeocodeResult]], rows: Sequence[TableRow]) -> Answered:
        """Answer rows by any geocoder."""
        text_of = self.columns.text_of
        texts = [text_of(cells) for cells, error in rows if error is None]
        results = iter(geocode(texts))
        typed = iter(texts)
        answers = []
        for cells, error in rows:
            if error is not None:
                answers.append(no_answer(cells, error))
                continue
            result = next(results)
            answer = answer_of(cells, result)
            answers.append({**answer, **_more(next(typed), result)} if self.is_full else answer)
        return _written(answers, self.words)


@dataclass(frozen=True, slots=True)
class ReverseWork:
    """Points to what lies there."""

    columns: PointColumns

    @property
    def words(self) -> tuple[str, ...]:
        """What is counted."""
        return REVERSE_WORDS

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The words of the first of these, which a summary always names."""
        return tuple(NearbyKind)

    @property
    def answered(self) -> tuple[str, ...]:
        """The columns of an answer, for a table."""
        return ("kind", "address", "distance_m", "street", "area", "error")

    def needed(self) -> tuple[str, ...]:
        """List the columns that must be there."""
        return self.columns.named()

    def options(self) -> dict[str, Any]:
        """Give what else the answers depend on."""
        return {"do": "reverse", **asdict(self.columns)}

    def answer(self, session: Session, rows: Sequence[TableRow]) -> Answered:
        """Name the points of a piece, all at once."""
        points = [self.columns.point_of(cells) if error is None else None for cells, error in rows]
        found = iter(LocalReverse(session).find_many([point for point in points if point is not None]))
        answers: list[dict[str, Any]] = []
        for (cells, error), point in zip(rows, points, strict=True):
            if point is not None:
                answers.append({"input": cells, **show_nearby(next(found))})
            else:
                fault = error or "longitude and latitude must be degrees, within 180 and 90"
                nothing = dict.fromkeys(("address", "distance_m", "street", "area"))
                answers.append({"input": cells, "kind": "none", **nothing, "error": fault})
        return _written(answers, self.words)


def show_nearby(found: Nearby) -> dict[str, Any]:
    """Write what lies at a point."""
    distance_m = None if found.distance_m is None else round(found.distance_m, 1)
    return {
        "kind": found.kind.value,
        "address": found.address,
        "distance_m": distance_m,
        "street": found.street,
        "area": found.area,
    }


def show_parsed(text: str) -> dict[str, Any]:
    """Write the parts that were read in an address."""
    parsed = parse_address(text)
    return {
        "number": parsed.number,
        "street": parsed.street,
        "unit": parsed.unit,
        "postcode": parsed.postcode,
        "locality": parsed.locality,
    }


def _more(text: str, result: GeocodeResult) -> dict[str, Any]:
    best = result.best
    return {
        "source": None if best is None else best.source,
        "parsed": show_parsed(text),
        "alternatives": [alternative_of(found) for found in result.candidates[1:]],
    }


def _written(answers: list[dict[str, Any]], words: tuple[str, ...]) -> Answered:
    tally = new_tally(words)
    count_answers(answers, tally, words)
    lines = "\n".join([encode(answer) for answer in answers])
    # half a surrogate pair can be typed into JSON, and cannot be written
    return (lines.encode("utf-8", "replace") + b"\n" if answers else b""), tally
