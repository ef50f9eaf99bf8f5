"""The settings of a private server: modest on a shared machine, silent about people in its log."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Final

_MIB: Final = 1024 * 1024
_SMALL_SHM_BYTES: Final = 256 * _MIB


def render_settings(socket_folder: Path) -> str:
    """Write the settings file of a private server.

    Parameters
    ----------
    socket_folder
        The only place the server listens.

    Returns
    -------
    str
        The content of ``postgresql.auto.conf``, which wins over ``postgresql.conf``.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    settings: dict[str, str] = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": f"{max(32, min(256, memory // 8))}MB",
        "effective_cache_size": f"{max(64, memory // 2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "dynamic_shared_memory_type": _dynamic_memory(),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        **_quiet(),
    }
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    return "# Written at each start of the private server; changes here are lost.\n" + "\n".join(lines) + "\n"


def _quiet() -> dict[str, str]:
    """Keep names and addresses out of the log: an error's detail repeats the row, its statement the values."""
    return {
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_line_prefix": "%m [%p] %d ",
    }


def _dynamic_memory() -> str:
    """Avoid a container's 64 MB ``/dev/shm``, which a parallel query would overflow."""
    if platform.system() != "Linux":
        return "posix"
    shm = Path("/dev/shm")  # noqa: S108 - only asked for its size
    return "posix" if shm.is_dir() and shutil.disk_usage(shm).total >= _SMALL_SHM_BYTES else "sysv"
