"""What the pages of referrals and partners ask of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboard.referral_answers import AgreementUse, Difference, Preview, Referral, Referrals, ReferralStep, Serving
from dashboard.wire import PAGE, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.wire import Query

SEEN: Final = 200
"""How many needs a preview shows."""


class ReferralCalls(Wire):
    """Needs handed to partners, and what partners do."""

    def list_referrals(self, *, state: str | None = None, need_id: str | None = None) -> Referrals:
        """List referrals, up to one page, with the counts of all."""
        query: Query = {"state": state, "need_id": need_id, "limit": PAGE}
        return Referrals.read(self._get("/v1/referrals", query))

    def list_referral_steps(self, referral_id: str) -> tuple[ReferralStep, ...]:
        """List the steps of a referral."""
        return tuple(ReferralStep.read(item) for item in self._get(f"/v1/referrals/{referral_id}/events")["items"])

    def who_serves(self, need_id: str) -> Serving:
        """Ask who serves a need's kind near it already, and to whom it can be referred."""
        return Serving.read(self._get(f"/v1/needs/{need_id}/serving"))

    def refer(self, need_id: str, agreement_id: str, *, asset_id: str | None, days: int, consent: str) -> Referral:
        """Hand a need to a partner; ``consent`` is how the person agreed."""
        body: dict[str, Any] = {"need_id": need_id, "days": days, "consent": consent}
        body |= {"asset_id": asset_id} if asset_id else {}
        return Referral.read(self._send("POST", f"/v1/agreements/{agreement_id}/referrals", json=body))

    def take_back(self, referral_id: str) -> None:
        """Take a referral back."""
        self._send("DELETE", f"/v1/referrals/{referral_id}")

    def undo_referral(self, referral_id: str) -> Referral:
        """Take the last step of a referral back."""
        return Referral.read(self._send("POST", f"/v1/referrals/{referral_id}/undo"))

    def list_organizations(self) -> dict[str, str]:
        """List organizations by id, up to one page."""
        items = self._get("/v1/organizations", {"limit": PAGE})["items"]
        return {str(item["id"]): str(item["name"]) for item in items}

    def get_agreement_use(self, agreement_id: str) -> AgreementUse:
        """Ask how an agreement is used."""
        return AgreementUse.read(self._get(f"/v1/agreements/{agreement_id}/use"))

    def compare_agreement(self, agreement_id: str, change: Mapping[str, Any]) -> Difference:
        """Ask what a change would make of an agreement; ``change`` as the API takes it."""
        return Difference.read(self._send("POST", f"/v1/agreements/{agreement_id}/difference", json=dict(change)))

    def change_agreement(self, agreement_id: str, version: int, change: Mapping[str, Any]) -> None:
        """Change an agreement that is still at a version."""
        headers = self._if_at(version)
        self._send("PATCH", f"/v1/agreements/{agreement_id}", json=dict(change), headers=headers)

    def undo_agreement(self, agreement_id: str) -> None:
        """Take the last change of an agreement back."""
        self._send("POST", f"/v1/agreements/{agreement_id}/undo")

    def preview_agreement(self, agreement_id: str) -> Preview:
        """See needs as a partner's key gives them."""
        return Preview.read(self._get(f"/v1/agreements/{agreement_id}/preview", {"limit": SEEN}))
