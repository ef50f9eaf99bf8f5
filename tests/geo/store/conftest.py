"""What several tests of the store begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.store.remote_service import allow_service

from tests.geo.store.outside_world import REACH, SERVICE, agree, waiting

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

# what differs is told in full where it failed, here too
pytest.register_assert_rewrite("tests.geo.store.live_town")


@pytest.fixture
def ready(session: Session) -> UUID:
    """A need that waits, in a network that allows a service, of a person who agreed."""
    allow_service(session, SERVICE, REACH)
    need_id = waiting(session)
    agree(session, need_id)
    session.commit()
    return need_id
