"""What the page of forms asks of the API."""

from __future__ import annotations

from dashboard.form_answers import Form, FormVersion
from dashboard.import_calls import CONTENT
from dashboard.wire import PAGE, PATIENT, Wire


class FormCalls(Wire):
    """Forms of campaigns: added, asked, and asked no more."""

    def add_form(self, content: bytes) -> FormVersion:
        """Add a form, or a version of one, from a workbook; nobody is asked it yet."""
        headers = {"Content-Type": CONTENT["xlsx"]}
        return FormVersion.read(self._send("POST", "/v1/forms", content=content, headers=headers, timeout=PATIENT))

    def list_forms(self) -> tuple[Form, ...]:
        """List forms in the order they were added, up to one page."""
        return tuple(Form.read(item) for item in self._get("/v1/forms", {"limit": PAGE})["items"])

    def list_form_versions(self, form_id: str) -> tuple[FormVersion, ...]:
        """List the versions of a form, the newest first."""
        return tuple(FormVersion.read(item) for item in self._get(f"/v1/forms/{form_id}/versions")["items"])

    def ask_form(self, form_id: str, version_id: str) -> Form:
        """Let phones and programs ask a version, in place of any other of its form."""
        return Form.read(self._send("POST", f"/v1/forms/{form_id}/versions/{version_id}/activate"))

    def withdraw_form(self, form_id: str) -> Form:
        """Ask a form no more."""
        return Form.read(self._send("POST", f"/v1/forms/{form_id}/withdraw"))
