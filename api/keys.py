"""The installation's keys, opened when the program starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo.privacy.keyring import open_keys
from geo.store.readiness import depends_on_keys

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

    from api.settings import Settings


def open_installation_keys(settings: Settings, engine: Engine) -> KeyRing:
    """Open the file of keys; a new installation makes one.

    Raises
    ------
    KeysUnavailable
        If the file is gone while the database depends on it, or cannot be used.
    """
    return open_keys(settings.home.keys, now=datetime.now(UTC), must_exist=depends_on_keys(engine))
