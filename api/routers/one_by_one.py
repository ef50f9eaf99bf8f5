"""Lists whose entries are judged one by one: each is kept or refused by itself, and its result says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from api.handlers import errors_of
from api.problems import VALIDATION

if TYPE_CHECKING:
    from collections.abc import Sequence

Entry = TypeVar("Entry", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)


def read_each(sent: Sequence[dict[str, Any]], entry: type[Entry], result: type[Result]) -> list[Entry | Result]:
    """Read each entry, or say in its result what is wrong with it."""
    return [_read(index, raw, entry, result) for index, raw in enumerate(sent)]


def _read(index: int, raw: dict[str, Any], entry: type[Entry], result: type[Result]) -> Entry | Result:
    try:
        return entry.model_validate(raw)
    except ValidationError as error:
        faults = errors_of(error.errors(), inside=("body", "entries", index))
        return reject(result, _usable_id(raw), VALIDATION.status, faults)


def _usable_id(raw: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(raw.get("id"))[:36])
    except ValueError:
        return None


def reject(result: type[Result], entry_id: UUID | None, code: int, faults: list[dict[str, str]]) -> Result:
    """Make the result of an entry that is not kept."""
    return result.model_validate({"id": entry_id, "status": "rejected", "code": code, "errors": faults})


def show_result(result: BaseModel) -> dict[str, Any]:
    """Write a result without what it does not say; its id is always there."""
    shown = result.model_dump(mode="json")
    return {name: value for name, value in shown.items() if value is not None or name == "id"}
