"""What list and create routes share: a page with its marker, an answer with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from geo.privacy.disclosure import disclose

from api.etags import tag_record
from api.params import encode_cursor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from fastapi import Response

    from geo.domain.words import Audience


class Record(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> UUID:
        """Its id."""


def page(records: Sequence[Record], *, limit: int, audience: Audience) -> dict[str, Any]:
    """Disclose a page of records; a full page names where the next one begins."""
    following = encode_cursor(records[-1].id) if len(records) == limit else None
    return {"items": [disclose(record, audience) for record in records], "next": following}


def made(response: Response, shown: Mapping[str, Any], *, path: str, is_new: bool) -> Mapping[str, Any]:
    """Answer a create: 201 with the record's place, or 200 when the same request came before."""
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"{path}/{shown['id']}"
    return tag_record(response, shown)
