"""Filters of a page under a name: found again at a press, kept for oneself or for everybody, changed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.saved_views import MAX_NAME, SavedView, ViewPage

from dashboard.translation import tr
from dashboard.widgets import notice, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.client import Client

    Words = Mapping[str, Any]

NAME, SHARED, ONE, RENAMED = "view_name", "view_shared", "view_one", "view_renamed"
_FOR_ALL: Final = ":material/group:"
_FOR_ME: Final = ":material/person:"


def show(api: Client, page: ViewPage, words: Words, apply: Callable[[Words], None]) -> None:
    """Draw the views of a page.

    Parameters
    ----------
    words
        The filters as they are shown now.
    apply
        Shows the page by other filters.
    """
    with (
        st.container(key=f"views_row_{page.value}"),
        st.popover(tr("Saved views"), key=f"views_{page.value}", icon=":material/bookmark:", width="content"),
        trouble.guarded(),
    ):
        found = api.list_views(page)
        _list(found, words, apply)
        _keep_these(page, words)
        if found:
            _change_one(found, words)


def _list(found: Sequence[SavedView], words: Words, apply: Callable[[Words], None]) -> None:
    if not found:
        st.html(f"<p class='br-note'>{as_html(tr('None yet. Choose filters, and keep them under a name.'))}</p>")
    for view in found:
        st.button(
            as_label(view.name),
            key=f"view_{view.id}",
            icon=_FOR_ALL if view.is_shared else _FOR_ME,
            type="primary" if view.words == words else "secondary",
            on_click=apply,
            args=(view.words,),
            width="stretch",
        )


def _keep_these(page: ViewPage, words: Words) -> None:
    with st.expander(tr("Keep what is shown now"), icon=":material/bookmark_add:"):
        st.text_input(tr("Under which name"), key=NAME, max_chars=MAX_NAME, autocomplete="off")
        st.toggle(tr("For everybody in the network"), key=SHARED)
        st.caption(tr("Filters are kept, and nothing that was typed in a field."))
        st.button(tr("Keep"), key="view_keep", on_click=_keep, args=(page, words), width="stretch")


def _change_one(found: Sequence[SavedView], words: Words) -> None:
    with st.expander(tr("Rename, change or remove one"), icon=":material/edit:"):
        names = [view.name for view in found]
        at = st.selectbox(tr("Which"), range(len(found)), format_func=names.__getitem__, key=ONE) or 0
        view = found[min(at, len(found) - 1)]
        typed = f"{RENAMED}_{view.id}_{view.version}"
        st.text_input(tr("Its name"), value=view.name, key=typed, max_chars=MAX_NAME, autocomplete="off")
        st.button(tr("Rename"), key="view_rename", on_click=_rename, args=(view, typed), width="stretch")
        if view.words != words:
            label = tr("Let it show what is shown now")
            st.button(label, key="view_replace", on_click=_change, args=(view, {"words": dict(words)}), width="stretch")
        if view.is_mine or not view.is_shared:
            label = tr("Only for me") if view.is_shared else tr("For everybody in the network")
            other = {"is_shared": not view.is_shared}
            st.button(label, key="view_share", on_click=_change, args=(view, other), width="stretch")
        st.button(tr("Remove"), key="view_remove", on_click=_remove, args=(view,), width="stretch")


def _keep(page: ViewPage, words: Words) -> None:
    name, is_shared = str(st.session_state.get(NAME) or "").strip(), bool(st.session_state.get(SHARED))
    if not name:
        notice.refuse(tr("Give it a name. Nothing was kept."))
        return

    def done(made: SavedView) -> None:
        st.session_state[NAME], st.session_state[SHARED] = "", False
        notice.say(tr("Kept as “{name}”.", name=made.name), undo=Undo(tr("Undo"), _take_back, (made,)))

    attempt(lambda api: api.make_view(page, name, words, is_shared=is_shared), done)


def _take_back(view: SavedView) -> None:
    attempt(lambda api: api.remove_view(view), lambda _: notice.say(tr("It is as it was before.")))


def _rename(view: SavedView, typed: str) -> None:
    name = str(st.session_state.get(typed) or "").strip()
    if not name or name == view.name:
        notice.refuse(tr("Type another name first. Nothing was changed."))
        return
    _change(view, {"name": name})


def _change(view: SavedView, changes: Words) -> None:
    before = {name: getattr(view, name) for name in changes}

    def done(made: SavedView) -> None:
        notice.say(tr("“{name}” is changed.", name=made.name), undo=Undo(tr("Undo"), _change_back, (made, before)))

    attempt(lambda api: api.change_view(view, changes), done)


def _change_back(view: SavedView, before: Words) -> None:
    attempt(lambda api: api.change_view(view, before), lambda _: notice.say(tr("It is as it was before.")))


def _remove(view: SavedView) -> None:
    def done(_: None) -> None:
        again = Undo(tr("Undo"), _make_again, (view,))
        notice.say(tr("“{name}” is removed.", name=view.name), undo=again)

    attempt(lambda api: api.remove_view(view), done)


def _make_again(view: SavedView) -> None:
    def make(api: Client) -> SavedView:
        return api.make_view(view.page, view.name, view.words, is_shared=view.is_shared)

    attempt(make, lambda _: notice.say(tr("It is as it was before.")))
