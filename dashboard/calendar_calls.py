"""What the calendar's page asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.calendar_answers import Activity, ActivityAsked, Feed, Shift, SignUp, Taken
from dashboard.wire import PAGE, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dashboard.wire import Query

MOST_SHIFTS: Final = 200


class CalendarCalls(Wire):
    """Activities, their shifts, who has promised to be there, and feeds."""

    def list_shifts(self, start: datetime, end: datetime) -> tuple[Shift, ...]:
        """List the shifts that begin within a window, the first first, up to ``MOST_SHIFTS``."""
        query: Query = {"start": start.isoformat(), "end": end.isoformat(), "limit": MOST_SHIFTS}
        return tuple(Shift.read(item) for item in self._get("/v1/shifts", query)["items"])

    def list_activities(self) -> tuple[Activity, ...]:
        """List activities in the order of arrival, up to one page."""
        return tuple(Activity.read(item) for item in self._get("/v1/activities", {"limit": PAGE})["items"])

    def add_activity(self, asked: ActivityAsked) -> Activity:
        """Take an activity in."""
        return Activity.read(self._send("POST", "/v1/activities", json=asked.as_body()))

    def remove_activity(self, activity: Activity) -> None:
        """Remove an activity with its shifts and whoever signed up for them."""
        self._send("DELETE", f"/v1/activities/{activity.id}", headers=self._if_at(activity.version))

    def list_sign_ups(self, *, shift_id: str | None = None, helper_id: str | None = None) -> tuple[SignUp, ...]:
        """List promises for one shift or of one helper, up to one page."""
        query: Query = {"shift_id": shift_id, "helper_id": helper_id, "limit": PAGE}
        return tuple(SignUp.read(item) for item in self._get("/v1/sign-ups", query)["items"])

    def sign_up(self, shift_id: str, helper_id: str, role: str) -> SignUp:
        """Sign a helper up for a role of a shift."""
        body = {"helper_id": helper_id, "role": role}
        return SignUp.read(self._send("POST", f"/v1/shifts/{shift_id}/sign-ups", json=body))

    def change_sign_up(self, one: SignUp, state: str) -> SignUp:
        """Note what became of a promise."""
        headers = self._if_at(one.version)
        return SignUp.read(self._send("PATCH", f"/v1/sign-ups/{one.id}", json={"state": state}, headers=headers))

    def list_feeds(self) -> tuple[Feed, ...]:
        """List the feeds, up to one page."""
        return tuple(Feed.read(item) for item in self._get("/v1/calendar-feeds", {"limit": PAGE})["items"])

    def open_feed(self, kind: str, subject_id: str | None, label: str) -> str:
        """Open a feed; its address is given here and never again."""
        body: Mapping[str, str | None] = {"kind": kind, "subject_id": subject_id, "label": label or None}
        sent = {name: value for name, value in body.items() if value is not None}
        return str(self._send("POST", "/v1/calendar-feeds", json=sent)["link"])

    def end_feed(self, feed_id: str) -> None:
        """End a feed."""
        self._send("DELETE", f"/v1/calendar-feeds/{feed_id}")

    def import_calendar(self, ics: str) -> Taken:
        """Take a file's events over as activities."""
        return Taken.read(self._send("POST", "/v1/calendar/import", json={"ics": ics}))
