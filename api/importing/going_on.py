"""Imports whose file is kept here, worked through after the answer or by a round of the server, until they are done."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Final

from geo.store.engine import Acting, make_sessions, transaction
from geo.store.imports import find_content, get_import, list_working

from api.importing.engine import never, work_through
from api.rounds import each_network, going_round

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from uuid import UUID

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

EVERY_S: Final = 20.0
log = logging.getLogger(__name__)


def going_on(engine: Engine, keys: KeyRing, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Go on the round that finishes imports which a stopped server left half-way."""

    def go(stop: Callable[[], bool]) -> int:
        count = 0
        for network in each_network(engine, stop):
            sessions = make_sessions(engine, network=network, keys=keys)
            with transaction(sessions) as session:
                working = list_working(session)
            for import_id in working:
                count += go_on(sessions, network, import_id, stop=stop)
        return count

    return going_round(go, every_s=every_s, failed="an import is not finished yet")


def go_on(sessions: SessionFactory, network: UUID, import_id: UUID, *, stop: Callable[[], bool] = never) -> bool:
    """Go through the rows of one import; tells whether there was anything to do.

    Parameters
    ----------
    sessions
        With the installation's keys.
    network
        Whose import it is; its rows are from whoever brought the file.
    """
    try:
        with transaction(sessions, Acting(network)) as session:
            content, file = find_content(session, import_id), get_import(session, import_id)
        if content is None:
            return False
        acting = Acting(network, actor=file.created_by, kind="organizer")
        work_through(sessions, import_id, io.BytesIO(content), acting=acting, stop=stop)
    except Exception as error:  # noqa: BLE001 - one import that fails must not hold up the others
        log.warning("an import is not finished yet; it is tried again: %s", type(error).__name__)
        return False
    return True
