"""Addresses as people write them: in their own way, sometimes with a slip, sometimes of a street that is not there."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, Literal

from geo.geocode.normalise import street_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from data.synth.doors import Door

TruthKind = Literal["clean", "street", "typo", "unfindable", "none"]
TRUTH_SHARES: Final[dict[TruthKind, float]] = {
    "clean": 0.86, "street": 0.03, "typo": 0.06, "unfindable": 0.03, "none": 0.02,
}  # fmt: skip
_STYLES: Final = ("plain", "town", "full", "lower", "flat")
_STYLE_SHARES: Final = (0.35, 0.2, 0.25, 0.1, 0.1)
_OTHER_NAME_SHARE: Final = 0.15
_INVENTED: Final = (
    "Olemattomankuja", "Kuvitelmankatu", "Haavekuja", "Unikuvantie", "Satukirjanpolku", "Drömfångarvägen",
    "Sagoväsenstigen", "Nowhere Lane", "Imaginary Crescent", "Neverwas Boulevard",
)  # fmt: skip
_TOO_ALIKE: Final = 0.72
_LETTERS: Final = "aeiklmnorstuvy"
_TRIES: Final = 40


def write_clean(door: Door, rng: np.random.Generator, street: str | None = None) -> str:
    """Write a door's address in one of the ways people do."""
    style = str(rng.choice(_STYLES, p=_STYLE_SHARES))
    flat = f" {rng.choice(list('ABC'))} {int(rng.integers(1, 60))}" if style == "flat" and door.takes_flat else ""
    name = street or _name_used(door, rng)
    line = f"{name} {door.number}{flat}"
    if style == "full" and door.postcode and door.locality:
        return f"{line}, {door.postcode} {door.locality}"
    if style == "town" and door.locality:
        return f"{line}, {door.locality}"
    return line.lower() if style == "lower" else line


def _name_used(door: Door, rng: np.random.Generator) -> str:
    if door.other_streets and rng.random() < _OTHER_NAME_SHARE:
        return str(rng.choice(list(door.other_streets)))
    return door.street


def write_with_slip(door: Door, rng: np.random.Generator, street_keys: frozenset[str]) -> str:
    """Write a door's address with one slip in the street's name: a letter lost, doubled, changed or swapped."""
    for _ in range(_TRIES):
        street = _slip(door.street, rng)
        if street_key(street) not in street_keys:
            return write_clean(door, rng, street)
    return write_clean(door, rng, f"{door.street[:-1]}{door.street[-2:]}")


def _slip(street: str, rng: np.random.Generator) -> str:
    places = [i for i in range(1, len(street) - 1) if street[i].isalpha() and street[i + 1].isalpha()]
    at = int(rng.choice(places)) if places else 1
    head, here, tail = street[:at], street[at], street[at + 1 :]
    kind = str(rng.choice(["lost", "doubled", "changed", "swapped"]))
    if kind == "swapped":
        return head + tail[:1] + here + tail[1:]
    middle = {"lost": "", "doubled": here * 2, "changed": str(rng.choice(list(_LETTERS)))}[kind]
    return head + middle + tail


def invented_streets(street_keys: Iterable[str]) -> tuple[str, ...]:
    """List the invented street names that resemble no street of the city."""
    keys = sorted(street_keys)
    unlike = (
        name for name in _INVENTED
        if not any(SequenceMatcher(None, street_key(name), key).ratio() > _TOO_ALIKE for key in keys)
    )  # fmt: skip
    return tuple(unlike)


def write_unfindable(invented: tuple[str, ...], rng: np.random.Generator, locality: str | None) -> str:
    """Write an address on a street that does not exist in the city."""
    line = f"{rng.choice(list(invented))} {int(rng.integers(1, 90))}"
    return f"{line}, {locality}" if locality and rng.random() < 0.5 else line  # noqa: PLR2004 - a coin
