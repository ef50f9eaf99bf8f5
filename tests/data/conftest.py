"""Loading is the operator's work, so here sessions keep the connection's own rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.store.engine import make_sessions

from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from geo.store.engine import SessionFactory


@pytest.fixture
def sessions(connection: Connection) -> SessionFactory:
    """The operator's sessions, in the test's transaction."""
    return make_sessions(connection, role=None, keys=RING)
