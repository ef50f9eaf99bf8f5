"""Files the main job wrote into the home folder: one that still names who was erased is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from uuid import UUID


def remove_exports_naming(folder: Path, ids: Iterable[UUID]) -> list[Path]:
    """Remove each file of the folder that names one of the ids; it can be written anew.

    Returns
    -------
    list
        The files that are gone.
    """
    wanted = [str(found).encode() for found in ids]
    files = sorted(path for path in folder.glob("*") if path.is_file()) if wanted and folder.is_dir() else []
    gone = [path for path in files if _names_any(path, wanted)]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _names_any(path: Path, wanted: list[bytes]) -> bool:
    content = path.read_bytes()
    return any(found in content for found in wanted)
