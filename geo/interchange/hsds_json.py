"""HSDS as JSON: one full service, a list of them, a page as the HSDS API gives it, or one in each line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from geo.interchange.hsds_tables import Record

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_LINE: Final = 1024 * 1024


def read_json(stream: BinaryIO) -> Iterator[Record]:
    """Read full services from JSON, or from JSON lines.

    Raises
    ------
    SourceUnreadable
        If it is neither, holds something else, or is longer than ``MAX_BYTES``.
    """
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise SourceUnreadable(f"the file is longer than {MAX_BYTES // 1024**2} MiB; hand it in as a data package")
    whole = _parsed(raw)
    found = _listed(whole) if whole is not None else [_line(line) for line in raw.splitlines() if line.strip()]
    if any(not isinstance(one, dict) for one in found):
        raise SourceUnreadable("the file holds something that is no service")
    return iter(found)


def _listed(whole: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    if isinstance(whole, dict) and isinstance(whole.get("contents"), list):
        return list(whole["contents"])
    return whole if isinstance(whole, list) else [whole]


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - likewise
    try:
        return json.loads(raw)
    except UnicodeDecodeError:
        raise SourceUnreadable("the file is not in UTF-8") from None
    except RecursionError:
        raise SourceUnreadable("the file nests too deeply") from None
    except ValueError:
        return None


def _line(line: bytes) -> Any:  # noqa: ANN401 - likewise
    found = _parsed(line) if len(line) <= MAX_LINE else None
    if found is None:
        raise SourceUnreadable("the file is neither JSON nor one service in each line")
    return found
