"""Dumps of a test's database, as an operator takes and restores them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from geo.store.binaries import find_binaries

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def dump_text(engine: Engine) -> bytes:
    """Give everything a database holds, as text."""
    return _run("pg_dump", _url(engine)).stdout


def dump_file(engine: Engine, path: Path) -> None:
    _run("pg_dump", "--format=custom", f"--file={path}", _url(engine))


def restore_file(engine: Engine, path: Path) -> None:
    """Put a dump back over what is there."""
    engine.dispose()
    _run(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={_url(engine)}",
        str(path),
    )


def _url(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run([find_binaries()[program], *arguments], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done
