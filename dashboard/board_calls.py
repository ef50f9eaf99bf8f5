"""What the pages of needs, matches and helpers ask of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from dashboard.access_answers import Revealed
from dashboard.answers import Need
from dashboard.board_answers import Apart, Board, Helper, Match, Matched, Proposals, Step, Steps, Stuck, Suggested
from dashboard.wire import PAGE, PATIENT, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.wire import Query

ALL: Final = 1000
"""The largest page the API gives."""


class BoardCalls(Wire):
    """Needs by how they stand, whom to ask about them, and who helps."""

    def get_board(self, lane: str, *, category: str | None = None, limit: int = 50) -> Board:
        """Ask for one lane of the board with the counts of all."""
        return Board.read(self._get("/v1/board", {"lane": lane, "category": category, "limit": limit}))

    def get_need(self, need_id: str) -> Need:
        """Read one need."""
        return Need.read(self._get(f"/v1/needs/{need_id}"))

    def list_open_needs(self) -> tuple[Need, ...]:
        """List open needs in the order of arrival, up to one page of the largest size."""
        return tuple(Need.read(item) for item in self._get("/v1/needs", {"status": "open", "limit": ALL})["items"])

    def close_need(self, need: Need, status: str) -> Need:
        """Say what became of a need, or open it again."""
        body, headers = {"status": status}, self._if_at(need.version)
        return Need.read(self._send("PATCH", f"/v1/needs/{need.id}", json=body, headers=headers))

    def step_needs(self, needs: Sequence[Need], change: Mapping[str, str], *, reason: str | None = None) -> Steps:
        """Give several needs one status or urgency; each that has changed since it was read is left."""
        items = [{"id": need.id, "version": need.version} for need in needs]
        body = {**change, "items": items} | ({"reason": reason} if reason else {})
        headers = {"Idempotency-Key": str(uuid4())}
        return Steps.read(self._send("POST", "/v1/needs/steps", json=body, headers=headers, timeout=PATIENT))

    def list_stuck(self) -> tuple[Stuck, ...]:
        """List the needs that want an organizer."""
        return tuple(Stuck.read(item) for item in self._get("/v1/matches/waiting")["items"])

    def suggest(self, need_id: str, *, kind: str, limit: int) -> tuple[Suggested, ...]:
        """Ask who or what could meet a need soonest."""
        results = self._get(f"/v1/needs/{need_id}/nearest", {"kind": kind, "limit": limit}, timeout=PATIENT)["results"]
        return tuple(Suggested.read(item) for item in results)

    def ask_helper(self, need_id: str, side: str, side_id: str, *, answer_within_h: float = 24.0) -> Match:
        """Ask a ``helper``, or take an ``asset``, for a need."""
        body = {"need_id": need_id, f"{side}_id": side_id, "answer_within_h": answer_within_h}
        return Match.read(self._send("POST", "/v1/matches", json=body))

    def message_helper(self, match: Match) -> Match:
        """Send whoever is asked a link to answer by; again changes nothing."""
        return Match.read(self._send("POST", f"/v1/matches/{match.id}/ask", json={"ask": True}))

    def step(self, match: Match, verb: str, *, reason: str | None = None) -> Match:
        """Take the next step of a match; ``verb`` as the API names it."""
        how = {"json": {"reason": reason}} if reason else {}
        path = f"/v1/matches/{match.id}/{verb}"
        return Match.read(self._send("POST", path, headers=self._if_at(match.version), **how))

    def list_steps(self, match_id: str) -> tuple[Step, ...]:
        """List the steps of a match, the first one first."""
        return tuple(Step.read(item) for item in self._get(f"/v1/matches/{match_id}/events")["items"])

    def list_matches_of(self, noun: str, record_id: str, *, limit: int = 20) -> tuple[Matched, ...]:
        """List the matches of one of the ``needs`` or ``helpers``, the newest first."""
        body = self._get(f"/v1/{noun}/{record_id}/matches", {"limit": limit})
        return tuple(Matched.read(item) for item in body["items"])

    def propose(self, asked: Mapping[str, Any]) -> Proposals:
        """Ask whom to ask about all open needs; ``asked`` as the API takes it. Nothing is stored."""
        return Proposals.read(self._send("POST", "/v1/matches/propose", json=dict(asked), timeout=PATIENT))

    def list_helpers(self, *, limit: int = PAGE, where: Mapping[str, str | None] | None = None) -> tuple[Helper, ...]:
        """List helpers in the order of arrival, up to one page; ``where`` as the API filters."""
        query: Query = {**(where or {}), "limit": limit}
        return tuple(Helper.read(item) for item in self._get("/v1/helpers", query)["items"])

    def get_helper(self, helper_id: str) -> Helper:
        """Read one helper."""
        return Helper.read(self._get(f"/v1/helpers/{helper_id}"))

    def change_helper(self, helper: Helper, **changes: str | int) -> Helper:
        """Change a helper that has not changed since they were read."""
        headers = self._if_at(helper.version)
        return Helper.read(self._send("PATCH", f"/v1/helpers/{helper.id}", json=changes, headers=headers))

    def set_helper_contact(self, helper: Helper, contact: Mapping[str, Any]) -> Helper:
        """Keep how to reach a helper."""
        headers = self._if_at(helper.version)
        return Helper.read(self._send("PUT", f"/v1/helpers/{helper.id}/contact", json=dict(contact), headers=headers))

    def remove_helper_contact(self, helper: Helper) -> None:
        """Keep no longer how to reach a helper."""
        self._send("DELETE", f"/v1/helpers/{helper.id}/contact", headers=self._if_at(helper.version))

    def reveal_helper(self, helper_id: str, *, reason: str) -> Revealed:
        """See how to reach a helper; it is noted with the reason."""
        seen = self._send("POST", f"/v1/helpers/{helper_id}/reveal", json={"reason": reason})
        return Revealed.read({"contact": seen})

    def list_apart(self) -> tuple[Apart, ...]:
        """List who is never brought together, up to one page of the largest size."""
        return tuple(Apart.read(item) for item in self._get("/v1/kept-apart", {"limit": ALL})["items"])

    def keep_apart(self, helper_id: str, need_id: str) -> Apart:
        """Never bring a helper and the household of a need together again."""
        return Apart.read(self._send("POST", "/v1/kept-apart", json={"helper_id": helper_id, "need_id": need_id}))

    def allow_together(self, apart_id: str) -> None:
        """Let a helper and a household be brought together again."""
        self._send("DELETE", f"/v1/kept-apart/{apart_id}")
