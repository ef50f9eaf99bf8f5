"""Needs, helpers and organizations for a loaded city, with the truth about each need kept beside it for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import numpy as np

from geo.domain.drafts import AssetDraft, Contact, HelperDraft, NeedDraft, OrganizationDraft
from geo.domain.made_up import SOURCE
from geo.domain.words import Category, NeedStatus, StepFree, Vehicle

from data.synth import mixes
from data.synth.doors import make_town
from data.synth.written import TRUTH_SHARES, TruthKind, invented_streets, write_clean, write_unfindable, write_with_slip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.domain.place import Point
    from geo.store.gazetteer_sources import AddressRow

    from data.synth.doors import Door, Town

DAYS: Final = 30
"""Needs arrived within so many days before now."""
_MS: Final = 1000
_HOT_CATEGORY_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class SynthNeed:
    """A need as it would come in, and the truth about it, which is never stored.

    ``address_typed`` is what the person wrote, if anything; ``truth_point`` is where they really live, and is there
    for every kind of truth but ``unfindable``.
    """

    draft: NeedDraft
    contact: Contact
    status: NeedStatus
    address_typed: str | None
    truth_kind: TruthKind
    truth_point: Point | None


@dataclass(frozen=True, slots=True)
class SynthHelper:
    """A helper and the home they set out from."""

    draft: HelperDraft
    home: Point


@dataclass(frozen=True, slots=True)
class SynthAsset:
    """An organization and the asset it stands behind, at a real address."""

    organization: OrganizationDraft
    asset: AssetDraft


@dataclass(frozen=True, slots=True)
class SynthCity:
    """Everybody who was made."""

    seed: int
    needs: tuple[SynthNeed, ...]
    helpers: tuple[SynthHelper, ...]
    assets: tuple[SynthAsset, ...]


def make_people(
    addresses: Iterable[AddressRow],
    *,
    seed: int,
    needs: int = 600,
    helpers: int = 120,
    organizations: int = 8,
    now: datetime | None = None,
) -> SynthCity:
    """Make synthetic people at real addresses.

    Parameters
    ----------
    addresses
        The loaded gazetteer, the surest point of each door first.
    seed
        The same seed, addresses and ``now`` make the same people, byte for byte; 0 is a seed.
    needs, helpers, organizations
        How many of each.
    now
        The instant needs arrived before; the beginning of today (UTC) when not given.

    Returns
    -------
    SynthCity
        Needs in the order of their arrival, gathered in a few neighbourhoods.

    Raises
    ------
    InvalidInput
        If there are too few addresses.
    """
    now = now or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rng = np.random.default_rng(seed)
    town = make_town(addresses, rng)
    return SynthCity(
        seed,
        _needs(town, rng, needs, now),
        _when_free([_helper(town, rng, now) for _ in range(helpers)], np.random.default_rng([seed, 1])),
        tuple(_asset(town, rng, number, now) for number in range(organizations)),
    )


def _needs(town: Town, rng: np.random.Generator, count: int, now: datetime) -> tuple[SynthNeed, ...]:
    minutes = np.sort(rng.integers(0, DAYS * 24 * 60, size=count))
    arrivals = [now - timedelta(days=DAYS) + timedelta(minutes=int(m)) for m in minutes]
    homes = rng.choice(len(town.doors), size=count, p=town.need_weights())
    invented = invented_streets(town.street_keys)
    tastes = [mixes.draw(mixes.CATEGORIES, rng) for _ in town.hot_spots]
    pull = town.pull()
    made: list[SynthNeed] = []
    for at, home in zip(arrivals, homes, strict=True):
        before = made[int(rng.integers(len(made)))] if made and rng.random() < mixes.SAME_HOME_SHARE else None
        taste = tastes[int(pull[home].argmax())] if pull[home].max() > _HOT_CATEGORY_SHARE else None
        made.append(_need(town, rng, at, town.doors[int(home)], taste, invented, before))
    return tuple(made)


def _need(
    town: Town,
    rng: np.random.Generator,
    at: datetime,
    door: Door,
    taste: Category | None,
    invented: tuple[str, ...],
    before: SynthNeed | None,
) -> SynthNeed:
    need_id = _id(rng, at)
    category = taste if taste and rng.random() < _HOT_CATEGORY_SHARE else mixes.draw(mixes.CATEGORIES, rng)
    name, urgency, status = mixes.draw_name(rng), mixes.draw(mixes.URGENCIES, rng), mixes.draw(mixes.STATUSES, rng)
    size, languages = mixes.draw(mixes.HOUSEHOLD_SIZES, rng), mixes.draw_languages(rng)
    access = tuple(word for word, share in mixes.ACCESS.items() if rng.random() < share)
    withheld = bool(rng.random() < mixes.WITHHELD_SHARE)
    household = _id(rng, at)
    kind, typed = _typed(town, rng, door, invented)
    truth = None if kind == "unfindable" else door.point
    if before is not None and before.draft.household_id is not None:
        size, languages, access = before.draft.household_size, before.draft.languages, before.draft.access
        household, name = before.draft.household_id, before.contact.name or name
        typed, kind, truth = before.address_typed, before.truth_kind, before.truth_point
    draft = NeedDraft(category, urgency, size, household, languages, access, withheld, SOURCE, at, need_id)
    return SynthNeed(draft, Contact(name=name, consent_at=at), status, typed, kind, truth)


def _typed(town: Town, rng: np.random.Generator, door: Door, invented: tuple[str, ...]) -> tuple[TruthKind, str | None]:
    kind = mixes.draw(TRUTH_SHARES, rng)
    if kind == "unfindable":
        return kind, write_unfindable(invented, rng, door.locality)
    if kind == "street":
        return kind, door.street
    if kind == "typo":
        return kind, write_with_slip(door, rng, town.street_keys)
    return kind, None if kind == "none" else write_clean(door, rng)


def _helper(town: Town, rng: np.random.Generator, now: datetime) -> SynthHelper:
    vehicle = mixes.draw(mixes.VEHICLES, rng)
    wanted = [mixes.draw(mixes.HELPER_CATEGORIES, rng) for _ in range(int(rng.integers(1, 5)))]
    categories = tuple(dict.fromkeys(c for c in wanted if c is not Category.TRANSPORT or vehicle is not Vehicle.NONE))
    capacity = int(rng.integers(1, 7))
    asked = None if rng.random() < mixes.NEVER_ASKED_SHARE else now - timedelta(hours=int(rng.integers(1, 60 * 24)))
    draft = HelperDraft(
        public_name=mixes.draw_name(rng),
        categories=categories or (Category.COMPANY,),
        languages=mixes.draw_languages(rng),
        vehicle=vehicle,
        status=mixes.draw(mixes.HELPER_STATUSES, rng),
        capacity_per_week=capacity,
        load=int(rng.integers(0, capacity + 1)) if rng.random() < 0.4 else 0,  # noqa: PLR2004 - two in five are busy
        max_travel_min=mixes.draw(mixes.MAX_TRAVEL_MIN, rng),
        last_asked_at=asked,
        id=_id(rng, now),
    )
    return SynthHelper(draft, town.doors[int(rng.integers(len(town.doors)))].point)


def _when_free(made: list[SynthHelper], rng: np.random.Generator) -> tuple[SynthHelper, ...]:
    # by chances of its own, so that who they are does not depend on when they are free
    return tuple(
        replace(
            helper,
            draft=replace(
                helper.draft,
                availability=mixes.draw(mixes.AVAILABILITIES, rng),
                interpreter=bool(rng.random() < mixes.INTERPRETER_SHARE),
            ),
        )
        for helper in made
    )


def _asset(town: Town, rng: np.random.Generator, number: int, now: datetime) -> SynthAsset:
    name, kind, categories, capacity = mixes.ORGANIZATIONS[number % len(mixes.ORGANIZATIONS)]
    again = number // len(mixes.ORGANIZATIONS)
    name = f"{name} {again + 1}" if again else name
    door = town.doors[int(rng.integers(len(town.doors)))]
    organization = OrganizationDraft(name, "Invented for the demonstration; it does not exist.", id=_id(rng, now))
    asset = AssetDraft(
        kind=kind,
        categories=categories,
        name=name,
        description="Invented for the demonstration; it does not exist.",
        organization_id=organization.id,
        point=door.point,
        address=f"{door.street} {door.number}",
        capacity_per_week=capacity,
        opening_hours="Mo-Fr 10:00-17:00",
        step_free=StepFree.YES if rng.random() < 0.7 else StepFree.NO,  # noqa: PLR2004 - most have a ramp
        languages=mixes.draw_languages(rng),
        source=SOURCE,
        source_ref=f"organization/{number}",
        id=_id(rng, now),
    )
    return SynthAsset(organization, asset)


def _id(rng: np.random.Generator, at: datetime) -> UUID:
    # version 7 with random bits of the generator, so that ids follow arrival and the seed alone decides
    drawn = int.from_bytes(rng.bytes(10), "big")
    milliseconds = int(at.timestamp() * _MS) & ((1 << 48) - 1)
    high, low = drawn >> 68, drawn & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)
