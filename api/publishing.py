"""Putting the public files in place: each appears whole or not at all, and a failure leaves the one before."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from geo.privacy.public_file import write_pointer
from geo.store.engine import make_sessions, transaction
from geo.store.network import get_network
from geo.store.public_ground import write_public_ground
from geo.store.releases import make_release, write_public_places

from api.rounds import each_network, going_round, never

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

FOLDER: Final = "public"
LATEST: Final = "latest.json"
PLACES: Final = "assets.geojson"
GROUND: Final = "ground.geojson"
_EVERY_S: Final = 3600.0
"""Seconds between two looks; a release is made in the first of a week, public places are brought up to date in all."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was put in place for a network."""

    network: str
    week: str
    folder: Path
    file: str

    def as_dict(self) -> dict[str, Any]:
        """Write it as JSON knows it."""
        return {"network": self.network, "week": self.week, "folder": str(self.folder), "file": self.file}


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of the one before, in one step that a crash cannot halve."""
    # a name of this process's own, for another may be writing the same file
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)


def _clear_away(folder: Path, *, before: float) -> None:
    """Remove what killed processes were writing."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):
            if part.stat().st_mtime < before:
                part.unlink()


def publish(sessions: SessionFactory, home: Path, *, now: datetime) -> Published:
    """Make the week's release of the sessions' network, if there is none yet, and put its files in place."""
    with transaction(sessions) as session:
        network = get_network(session)
        kept = make_release(session, now=now)
        places, ground = write_public_places(session), write_public_ground(session)
    folder = home / FOLDER / network.slug
    folder.mkdir(parents=True, exist_ok=True)
    _clear_away(folder, before=time.time() - _EVERY_S)
    replace_file(folder / PLACES, places)
    replace_file(folder / GROUND, ground)
    replace_file(folder / kept.file_name, kept.content)
    # last, because it names the other
    pointer = write_pointer(network.name, kept.week, kept.content, time_zone=network.time_zone)
    replace_file(folder / LATEST, pointer)
    return Published(network.slug, kept.week, folder, kept.file_name)


def forget_files(home: Path, network: str) -> None:
    """Take a network's public files away."""
    for path in sorted((home / FOLDER / network).glob("*")):
        path.unlink(missing_ok=True)


def publish_all(engine: Engine, home: Path, stop: Callable[[], bool] = never, *, now: datetime) -> list[Published]:
    """Publish every network of the installation, each with a request's few rights."""
    networks = each_network(engine, stop)
    return [publish(make_sessions(engine, network=network), home, now=now) for network in networks]


def publishing(engine: Engine, home: Path) -> AbstractAsyncContextManager[None]:
    """Keep the public files up to date while the server runs."""

    def work(stop: Callable[[], bool]) -> None:
        publish_all(engine, home, stop, now=datetime.now(UTC))

    return going_round(work, every_s=_EVERY_S, failed="the public files stay as they are")
