"""The scenarios on the page: kept for the session and in the address, with every step taken back and done again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.scenarios import History, Shelf, read_address, write_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.scenarios import Change, Scenario

HISTORY: Final = "if_history"
ADDRESS: Final = "plan"


def arrive() -> None:
    """Take up what the address holds, when somebody comes with one."""
    if HISTORY in st.session_state:
        return
    found = read_address(st.query_params.get(ADDRESS, ""))
    st.session_state[HISTORY] = History(Shelf(found) if found else Shelf())


def history() -> History:
    """Give the steps so far."""
    kept: History = st.session_state.setdefault(HISTORY, History())
    return kept


def now() -> Shelf:
    """Give the scenarios as they are."""
    return history().now


def step(shelf: Shelf) -> None:
    """Go on to other scenarios, or another of them."""
    st.session_state[HISTORY] = history().step(shelf)


def change(scenario: Scenario) -> None:
    """Put another in the place of the one that is worked on."""
    step(now().put(scenario))


def add(changes: Sequence[Change] = ()) -> None:
    """Begin one more."""
    step(now().adding(changes))


def undo() -> None:
    """Take the last step back."""
    st.session_state[HISTORY] = history().undo()


def redo() -> None:
    """Do again what was taken back."""
    st.session_state[HISTORY] = history().redo()


def remember() -> None:
    """Write the scenarios into the address, without their names."""
    scenarios = now().scenarios
    if any(one.changes for one in scenarios):
        written = write_address(scenarios)
        if st.query_params.get(ADDRESS) != written:
            st.query_params[ADDRESS] = written
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]
