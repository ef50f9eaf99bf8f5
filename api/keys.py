"""The installation's keys, opened when the program starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo.store.keys import open_keyring

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

    from api.settings import Settings


def open_installation_keys(settings: Settings, engine: Engine) -> KeyRing:
    """Open the file of keys, and see that it fits the database; a new installation makes one.

    Raises
    ------
    KeysUnavailable
        If the file is gone while the database depends on it, belongs to another one, or cannot be used.
    """
    return open_keyring(engine, settings.home.keys, now=datetime.now(UTC))
