"""Organizations as they are sent and as they leave."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from geo.domain.drafts import OrganizationDraft

from api.schemas.common import Body, Change, ClientId, Instant, Line, Note, Page, Version


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or parts.username is not None:
        raise ValueError("must be a web address with a host name, and without a user name")
    return value


WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"']{3,480}$"), AfterValidator(_web_address)]


class OrganizationIn(Body):
    """An organization as it introduces itself."""

    id: ClientId | None = None
    name: Line
    description: Note | None = None
    url: WebAddress | None = None

    def to_draft(self) -> OrganizationDraft:
        """Make the draft the store takes."""
        return OrganizationDraft(self.name, self.description, self.url, self.id)


class OrganizationChange(Change):
    """What may be changed about an organization."""

    nullable = frozenset({"description", "url"})

    name: Line | None = None
    description: Note | None = None
    url: WebAddress | None = None


class OrganizationOut(BaseModel):
    """An organization."""

    id: UUID
    name: str
    description: str | None
    url: str | None
    updated_at: Instant
    version: Version


class OrganizationPage(Page):
    """A page of organizations."""

    items: list[OrganizationOut]


ORGANIZATION_EXAMPLES = {
    "kitchen": {"summary": "A community kitchen", "value": {"name": "Harbour Kitchen", "description": "Hot meals."}}
}
