"""The made-up town loaded and removed for whoever asks: the only route that reaches ``data``, and with what rights.

Streets are copied past the policies, and what is removed is found by what no organizer's role may read. So both run
with the operator's rights, in the name of whoever asked, for their network alone. Neither takes anything from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.store.audit import OPERATOR
from geo.store.engine import OWN_RIGHTS, Acting

if TYPE_CHECKING:
    from uuid import UUID

    from geo.domain.made_up import LoadedMadeUp, RemovedMadeUp
    from geo.store.engine import SessionFactory


def load_made_up(sessions: SessionFactory, network: UUID | None, actor: UUID | None) -> LoadedMadeUp:
    """Load the made-up town into a network; see :func:`data.demo.loading.load_demo`."""
    # readers of maps take two seconds and much memory to import, and hardly any server ever needs them
    from data.demo.loading import load_demo

    return load_demo(sessions, _for(network, actor))


def remove_made_up(sessions: SessionFactory, network: UUID | None, actor: UUID | None) -> RemovedMadeUp:
    """Remove it from a network; see :func:`data.demo.removing.remove_demo`."""
    from data.demo.removing import remove_demo

    return remove_demo(sessions, _for(network, actor))


def _for(network: UUID | None, actor: UUID | None) -> Acting:
    # as a load, of which the audit says in a few entries what came and went, with the name of whoever asked
    return Acting(network, OWN_RIGHTS, actor, OPERATOR)
