"""Other projects that serve a table by the same standard, each run as its own documentation says."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import venv
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sqlalchemy.engine import make_url

from bench.feed_servers import free_port, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy.engine import URL

WORKERS: Final = 4
"""Processes of MapServer: each answers one request at a time."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another project: where it lists the features of a box, and how it is run."""

    items: str
    serve: Callable[[str, Path, Path], AbstractContextManager[int]]
    """Given the address of a database, a folder of programs and one for files: gives its port."""
    programs: tuple[str, ...] = ()
    """What the system's own package manager brings; without them it is left out."""


@contextmanager
def _tipg(url: str, at: Path, _folder: Path) -> Iterator[int]:
    programs, address, port = _installed(at / "tipg", "tipg", "uvicorn"), make_url(url), free_port()
    # a socket's folder stands where a host does, since the settings there want one
    who = ":".join(quote(part, safe="") for part in (address.username, address.password) if part)
    where = f"postgresql://{who}@{quote(_host(address), safe='')}:{address.port or 5432}/{address.database}"
    told = {"DATABASE_URL": where, "TIPG_DB_TABLES": '["public.asset"]', "TIPG_DB_SCHEMAS": '["public"]'}
    command = [str(programs / "uvicorn"), "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    with running(command, port, "/collections/public.asset", told):
        yield port


@contextmanager
def _pygeoapi(url: str, at: Path, folder: Path) -> Iterator[int]:
    wanted = ("pygeoapi", "psycopg2-binary", "sqlalchemy", "geoalchemy2", "gunicorn")
    programs, port = _installed(at / "pygeoapi", *wanted), free_port()
    config, described = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    config.write_text(json.dumps(_pygeoapi_settings(make_url(url), port)), "utf-8")
    told = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
    command = [str(programs / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(described)]
    subprocess.run(command, check=True, env=os.environ | told, capture_output=True)  # noqa: S603 - of ours
    served = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--log-level", "warning"]
    with running([str(programs / "gunicorn"), *served, "pygeoapi.flask_app:APP"], port, "/conformance?f=json", told):
        yield port


@contextmanager
def _mapserver(url: str, at: Path, folder: Path) -> Iterator[int]:
    """Run MapServer as FastCGI: its processes share one socket, and nginx stands before them."""
    port, base = free_port(), at / "mapserver"
    told = _mapserver_files(make_url(url), base, folder, port)
    with ExitStack() as stack:
        asked = stack.enter_context(socket.socket(socket.AF_UNIX))
        asked.bind(str(folder / "ms.sock"))
        (folder / "ms.sock").chmod(0o666)
        asked.listen(128)
        for _ in range(WORKERS):
            # the standard hands a worker the socket it takes requests from as its input
            worker = subprocess.Popen([_program("mapserv", base)], stdin=asked.fileno(), env=os.environ | told)  # noqa: S603
            stack.callback(worker.wait)
            stack.callback(worker.kill)
        front = [_program("nginx", base), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
        stack.enter_context(running(front, port, "/ASSETS/ogcapi/collections/asset?f=json", {}))
        yield port


PEERS: Final[Mapping[str, Peer]] = {
    "tipg": Peer("/collections/public.asset/items?f=geojson&", _tipg),
    "pygeoapi": Peer("/collections/asset/items?f=json&", _pygeoapi),
    "MapServer": Peer("/ASSETS/ogcapi/collections/asset/items?f=json&", _mapserver, ("mapserv", "nginx")),
}


def is_there(peer: Peer, at: Path) -> bool:
    """Tell whether the system has what only it can bring."""
    return all(_find(name, at / "mapserver") for name in peer.programs)


def _find(name: str, base: Path) -> str | None:
    """Find a program that is installed, or unpacked below a folder."""
    unpacked = [base / place / name for place in ("usr/bin", "usr/sbin")]
    here = next((str(path) for path in unpacked if path.exists()), None)
    return here or shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/lib/cgi-bin")


def _program(name: str, base: Path) -> str:
    if (found := _find(name, base)) is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def _installed(home: Path, *wanted: str) -> Path:
    if not (home / "bin" / "python").exists():
        venv.create(home, with_pip=True)
        command = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted]
        subprocess.run(command, check=True)  # noqa: S603 - names of ours
    return home / "bin"


def _host(address: URL) -> str:
    return str(address.query.get("host") or address.host)


def _pygeoapi_settings(address: URL, port: int) -> dict[str, Any]:
    data = {
        "host": _host(address), "port": address.port or 5432, "dbname": address.database, "user": address.username,
        "password": address.password or "", "search_path": ["public"],
    }  # fmt: skip
    provider = {
        "type": "feature", "name": "PostgreSQL", "data": data, "id_field": "id", "table": "asset", "geom_field": "geom",
        "storage_crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    }  # fmt: skip
    asset = {
        "type": "collection", "title": "Assets", "description": "Assets", "keywords": ["assets"],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}}, "providers": [provider], "links": [],
    }  # fmt: skip
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json", "encoding": "utf-8",
            "languages": ["en-US"], "limits": {"default_items": 1000, "max_items": 1000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Assets", "description": "Assets", "keywords": ["assets"], "keywords_type": "theme",
                "terms_of_service": "", "url": "",
            },
            "license": {"name": "", "url": ""}, "provider": {"name": "", "url": ""}, "contact": {"name": ""},
        },
        "resources": {"asset": asset},
    }  # fmt: skip


_MAP: Final = """MAP
  NAME "assets"
  EXTENT -180 -90 180 90
  PROJECTION "init=epsg:4326" END
  WEB METADATA
    "ows_title" "Assets" "ows_onlineresource" "http://127.0.0.1:{port}/ASSETS" "ows_enable_request" "*"
    "oga_max_limit" "1000"
  END END
  LAYER
    NAME "asset" TYPE POINT STATUS ON TEMPLATE "void" EXTENT -180 -90 180 90
    CONNECTIONTYPE POSTGIS CONNECTION "{database}" DATA "geom FROM asset USING UNIQUE id USING SRID=4326"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    PROJECTION "init=epsg:4326" END
    METADATA "ows_title" "Assets" "gml_include_items" "all" "gml_featureid" "id" END
  END
END
"""
_MAP_CONFIG: Final = 'CONFIG\n  ENV\n    MS_MAP_PATTERN "."\n  END\n  MAPS\n    ASSETS "{map}"\n  END\nEND\n'
_NGINX: Final = """daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fcgi; proxy_temp_path {folder}/proxy;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream workers {{ server unix:{folder}/ms.sock; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      fastcgi_pass workers; fastcgi_buffers 256 16k;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;
      fastcgi_param PATH_INFO $uri; fastcgi_param SCRIPT_NAME ""; fastcgi_param SERVER_NAME 127.0.0.1;
      fastcgi_param SERVER_PORT {port}; fastcgi_param SERVER_PROTOCOL $server_protocol;
    }}
  }}
}}
"""


def _mapserver_files(address: URL, base: Path, folder: Path, port: int) -> dict[str, str]:
    """Write the files of MapServer and nginx; give what its processes are told by their environment."""
    folder.chmod(0o755)  # nginx answers as nobody
    parts = {"host": _host(address), "port": address.port or 5432, "dbname": address.database, "user": address.username}
    parts |= {"password": address.password} if address.password else {}
    database = " ".join(f"{name}={value}" for name, value in parts.items())
    (folder / "assets.map").write_text(_MAP.format(port=port, database=database), "utf-8")
    (folder / "mapserver.conf").write_text(_MAP_CONFIG.format(map=folder / "assets.map"), "utf-8")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port), "utf-8")
    libraries = [str(path) for path in base.glob("usr/lib/*-linux-gnu")]
    kept = os.environ.get("LD_LIBRARY_PATH", "")
    return {
        "MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf"),
        "LD_LIBRARY_PATH": ":".join([*libraries, *filter(None, [kept])]),
    }
