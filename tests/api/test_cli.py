"""The command line: what it prints, how it ends, and that it leaves nothing running."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text
from typer.main import get_command

from geo.domain.drafts import AssetDraft
from geo.domain.place import Point
from geo.domain.words import Category
from geo.store.assets import create_asset
from geo.store.cluster import Cluster
from geo.store.engine import make_sessions, transaction

from api.cli import app, only, run
from api.running import announce, list_running, stop_all
from api.serve import PortTaken, bind
from api.settings import DemoSettings, HomeSettings, ServerSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

COMMAND = [sys.executable, "-m", "api.cli"]
STOP_WITHIN_S = 10.0
AGAIN = "demo" if os.environ.get("BARNRAISER_FULL") else "up"
"""That loading the demonstration again changes nothing is seen elsewhere."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that a private server can be started in, by root as well."""
    made = Path(tempfile.mkdtemp(prefix="brn-"))
    made.chmod(0o755)
    yield made
    Cluster(made).stop()
    shutil.rmtree(Cluster(made).data.parent, ignore_errors=True)
    shutil.rmtree(made)


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def _add_asset(engine: Engine, name: str) -> None:
    with transaction(make_sessions(engine)) as session:
        draft = AssetDraft(kind="pantry", categories=(Category.FOOD,), name=name, point=Point(24.95, 60.17))
        create_asset(session, draft)


# --- usage and settings


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    printed = capsys.readouterr().out
    for verb in ("up", "demo", "status", "doctor", "down", "load", "geocode", "coverage", "export"):
        assert f" {verb} " in printed


def _shape(command: Any) -> Any:
    """What a command takes, and each that is below it."""
    below = {name: _shape(one) for name, one in getattr(command, "commands", {}).items()}
    return command.help, [(one.name, one.opts, one.required) for one in command.params], below


def test_each_verb_built_by_itself_is_the_one_among_all() -> None:
    whole: Any = get_command(app)
    assert len(whole.commands) > 30
    for name, command in whole.commands.items():
        alone: Any = get_command(only(name))
        assert list(alone.commands) == [name]
        assert _shape(alone.commands[name]) == _shape(command)
        assert (alone.name, alone.help) == (whole.name, whole.help)
    assert only("nonsense") is only("") is only("--help") is app


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["up", "--port", "70000"], ["coverage", "--by", "county"], ["geocode", "missing.csv"], ["export"]],
)
def test_bad_usage_ends_with_2(arguments: list[str]) -> None:
    assert run(arguments) == 2


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BARNRAISER_PORT", "many")
    assert run(["status"]) == 2
    assert "BARNRAISER_PORT" in capsys.readouterr().err


@pytest.mark.parametrize(
    "bad",
    [
        {"host": "0.0.0.0"},  # noqa: S104 - this is what must be refused
        {"port": -1},
        {"port": 65_536},
        {"max_body_bytes": 0},
        {"statement_timeout_s": float("inf")},
        {"statement_timeout_s": float("nan")},
        {"pool_size": 0},
        {"read_timeout_s": 0},
    ],
)
def test_every_number_has_limits_and_the_host_is_this_one(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        ServerSettings(**bad)


def test_settings_come_from_the_environment_when_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARNRAISER_SEED", "0")
    monkeypatch.setenv("BARNRAISER_STANDARD_MIN", "7.5")
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", "")
    settings = Settings()
    assert (settings.demo.seed, settings.demo.standard_min) == (0, 7.5)
    assert settings.home.database_url is None


def test_a_database_of_another_kind_is_refused_and_never_shown() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        HomeSettings(database_url="mysql://x")
    assert "secret" not in repr(HomeSettings(database_url="postgresql://u:secret@h/d"))


def test_a_seed_of_zero_is_a_seed() -> None:
    assert DemoSettings(seed=0).seed == 0


def test_a_database_that_does_not_answer_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path))
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", "postgresql://somebody:secret@/x?host=/nonexistent")
    assert run(["coverage"]) == 1
    printed = capsys.readouterr().err
    assert "does not answer" in printed
    assert "secret" not in printed


# --- reading commands


def test_status_starts_nothing(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BARNRAISER_HOME", str(home))
    monkeypatch.delenv("BARNRAISER_DATABASE_URL", raising=False)
    assert run(["status", "--json"]) == 0
    found = _json(capsys)
    assert found["private_cluster"]["created"] is False
    assert found["servers"] == []
    assert not (home / "cluster").exists()
    assert run(["status"]) == 0
    assert "not made yet" in capsys.readouterr().out


def test_status_counts_needs(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    assert run(["status", "--json"]) == 0
    found = _json(capsys)
    assert found["private_cluster"] is None
    assert found["needs"]["received"] == 0


def test_doctor_gives_json_and_an_exit_code(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with installed.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_asset_geom")
    assert run(["doctor", "--json"]) == 1
    found = _json(capsys)
    assert found["state"] == "fail"
    broken = {one["check"]: one for one in found["checks"] if one["state"] == "fail"}
    assert "ix_asset_geom" in broken["indexes are whole"]["detail"]
    assert all(one["hint"] for one in broken.values())


@pytest.mark.own_db
def test_the_audit_is_shown_verified_and_its_head_kept(
    installed: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _add_asset(installed, "Pantry")
    assert run(["audit", "show", "--action", "create", "--json"]) == 0
    (entry,) = _json(capsys)["items"]
    assert (entry["seq"], entry["action"], entry["object_kind"]) == (1, "create", "asset")
    assert run(["audit", "show"]) == 0
    assert "create 1 asset (" in capsys.readouterr().out
    assert run(["audit", "export-head"]) == 0
    kept = (tmp_path / "home" / "audit-heads.jsonl").read_text()
    printed = capsys.readouterr().out.split()
    assert json.loads(kept)["hash"] == printed[-1]
    assert run(["audit", "export-head", "--json"]) == 0
    assert _json(capsys)["heads"][0]["seq"] == 1
    assert run(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "network home: 1 entries, 1 kept heads, all whole\n"
    with installed.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM audit"))
    assert run(["audit", "verify", "--json"]) == 1
    found = _json(capsys)
    assert found["whole"] is False
    assert found["networks"] == [{"network": "home", "entries": 0, "heads": 1, "broken_at": None, "missing": 1}]


def test_doctor_without_an_installation_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BARNRAISER_HOME", str(home))
    monkeypatch.delenv("BARNRAISER_DATABASE_URL", raising=False)
    assert run(["doctor"]) == 1
    assert "make demo" in capsys.readouterr().err
    assert not (home / "cluster").exists()


def test_geocode_answers_row_for_row(installed: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text('\ufeffid,q\n1,"No Such Street 1"\n2,\n3,"line\nbreak"\n4\n', "utf-8")
    assert run(["geocode", str(source), "--column", "q", "--out", str(out), "--json"]) == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["input"]["id"] for line in lines] == ["1", "2", "3", "4"]
    assert lines[2]["input"]["q"] == "line\nbreak"
    expected = {"input", "decision", "lon", "lat", "match_quality", "uncertainty_m", "score", "faults", "label"}
    assert all(set(line) == expected for line in lines)
    assert _json(capsys) == {
        "rows": 4, "accept": 0, "review": 0, "none": 4, "match_quality": {"none": 4}, "faults": {}, "errors": 0,
        "resumed": 0,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"q,q\n1,2\n", b'"q\n', b"\xff\xfe\xff\n", b"q\xff\n"])
def test_geocode_refuses_a_file_it_cannot_read_and_leaves_none(
    installed: Engine, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installed
    (tmp_path / "in.csv").write_bytes(content)
    assert run(["geocode", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert capsys.readouterr().err.startswith("barnraiser: ")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.csv"]


def test_a_file_that_is_no_extract_is_refused(installed: Engine, tmp_path: Path) -> None:
    assert installed
    (tmp_path / "city.osm.pbf").write_bytes(b"not an extract")
    assert run(["load", "osm", str(tmp_path / "city.osm.pbf")]) == 2


# --- serving


def test_a_taken_port_is_said_with_the_flag_that_helps() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(server=ServerSettings(port=other.getsockname()[1]))
        with pytest.raises(PortTaken, match="--port"):
            bind(settings)


def test_both_loopback_addresses_are_taken() -> None:
    sockets = bind(Settings(server=ServerSettings(port=0)))
    ports = {one.getsockname()[1] for one in sockets}
    addresses = {one.getsockname()[0] for one in sockets}
    for one in sockets:
        one.close()
    assert len(ports) == 1
    assert addresses <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in addresses


def test_an_answer_is_sent_at_once_and_does_not_wait_for_more() -> None:
    async def options() -> list[int]:
        met: asyncio.Queue[asyncio.BaseTransport] = asyncio.Queue()

        class Meeting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                met.put_nowait(transport)

        found = []
        for one in bind(Settings(server=ServerSettings(port=0))):
            server = await asyncio.get_running_loop().create_server(Meeting, sock=one)
            _, asking = await asyncio.open_connection(*one.getsockname()[:2])
            found.append((await met.get()).get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            asking.close()
            server.close()
        return found

    spared = asyncio.run(options())
    assert spared
    assert all(spared)


def test_a_running_server_is_known_until_it_ends(tmp_path: Path) -> None:
    with announce(tmp_path, "http://localhost:1"):
        # The note's lock is this process's own, so only another process can see that it is held.
        code = "import sys; from pathlib import Path; from api.running import list_running\n"
        code += "print(list_running(Path(sys.argv[1])))"
        seen = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
        assert "http://localhost:1" in seen.stdout
    assert list_running(tmp_path) == []


def test_the_note_of_a_dead_server_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    (tmp_path / "servers" / "1.json").write_text('{"pid": 1, "address": "x"}')
    assert stop_all(tmp_path) == []
    assert not list((tmp_path / "servers").iterdir())


def _environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BARNRAISER_")}
    return {**kept, "BARNRAISER_HOME": str(home)}


def _json_of(*arguments: str, home: Path) -> Any:
    command = [*COMMAND, *arguments]
    ran = subprocess.run(command, env=_environment(home), check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)


@contextmanager
def _start(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program; whatever the test finds, it does not outlive it."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=_environment(home),
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _await_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Ready: "):
            return line.split()[1]
    raise AssertionError(f"ended with {process.wait()}")


@pytest.mark.slow
def test_the_demonstration_serves_twice_and_leaves_nothing_behind(home: Path) -> None:
    ways = ("demo", lambda pid: os.killpg(pid, signal.SIGINT)), (AGAIN, lambda pid: os.kill(pid, signal.SIGTERM))
    for verb, end in ways:
        _serve_and_end(home, verb, end)
        assert not Cluster(home).status().running
        assert list_running(home) == []


def _serve_and_end(home: Path, verb: str, end: Callable[[int], None]) -> None:
    with _start(home, verb, "--port", "0") as process:
        address = _await_address(process)
        assert httpx.get(f"{address}/v1/balance", trust_env=False).status_code == 401
        assert httpx.get(f"{address}/dash/", trust_env=False).headers["location"] == "/enter?next=/dash/"
        token = _json_of("token", "issue", "script", "--json", home=home)["token"]
        mine = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/v1/balance", headers=mine, trust_env=False).json()["received"] == 600
        assert httpx.get(f"{address}/dash/", headers=mine, trust_env=False).status_code == 200
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as slow:
            slow.sendall(b"POST /v1/needs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            begun = time.monotonic()
            end(process.pid)
            assert process.wait(timeout=STOP_WITHIN_S) == 0
            assert time.monotonic() - begun < STOP_WITHIN_S
        assert "Traceback" not in (process.stdout.read() if process.stdout else "")


@pytest.mark.slow
def test_down_stops_a_server_and_what_a_killed_one_left(home: Path) -> None:
    environment = {**os.environ, "BARNRAISER_HOME": str(home)}
    environment.pop("BARNRAISER_DATABASE_URL", None)
    with _start(home, "up", "--port", "0") as process:
        _await_address(process)
        subprocess.run([*COMMAND, "down"], env=environment, check=True, capture_output=True)
        assert process.wait(timeout=1) == 0
    with _start(home, "up", "--port", "0") as process:
        _await_address(process)
        process.kill()
    assert Cluster(home).status().running
    stopped = subprocess.run([*COMMAND, "down"], env=environment, check=True, capture_output=True, text=True)
    assert stopped.stdout == "stopped the private database\n"
    assert not Cluster(home).status().running
