"""The private server, with real PostgreSQL processes in folders of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from geo.errors import ClusterError, PostgisMissing
from geo.store import cluster_home, postmaster
from geo.store.account import Account, choose_account
from geo.store.binaries import Binaries, find_binaries
from geo.store.cluster import Cluster, ensure_database_url
from geo.store.cluster_home import ClusterHome
from geo.store.cluster_settings import render_settings
from geo.store.lease import lease_database
from geo.store.postmaster import clear_remains, find_server, list_processes

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_ROOT = os.geteuid() == 0


def _make_home() -> Path:
    """A short folder that the account ``postgres`` can reach, as pytest's own is not."""
    home = Path(tempfile.mkdtemp(prefix="brn-"))
    home.chmod(0o755)
    return home


def _discard(home: Path) -> None:
    cluster = Cluster(home)
    cluster.stop()
    shutil.rmtree(cluster.data.parent)
    shutil.rmtree(home)


@pytest.fixture
def home() -> Iterator[Path]:
    made = _make_home()
    yield made
    _discard(made)


@pytest.fixture
def cluster(home: Path) -> Cluster:
    made = Cluster(home)
    made.start()
    made.ensure_database()
    return made


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """One server for the tests that only look at it."""
    home = _make_home()
    made = Cluster(home)
    made.start()
    made.ensure_database()
    yield made
    _discard(home)


def _ask(cluster: Cluster, question: str) -> object:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def _do(cluster: Cluster, statement: str) -> None:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _kill_and_wait(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        try:
            dead = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return
        if dead:
            return
        time.sleep(0.05)
    raise AssertionError(f"{pid} still runs")


def test_start_stop_and_start_again_keep_the_data(cluster: Cluster) -> None:
    _do(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert not cluster.start()
    assert cluster.stop()
    assert not cluster.stop()
    assert not cluster.status().running
    assert cluster.start()
    assert _ask(cluster, "SELECT answer FROM kept") == 42


def test_has_checksums_utf8_and_no_jit(running: Cluster) -> None:
    assert _ask(running, "SHOW data_checksums") == "on"
    assert _ask(running, "SHOW server_encoding") == "UTF8"
    assert _ask(running, "SHOW jit") == "off"
    assert _ask(running, "SHOW max_connections") == "60"
    assert _ask(running, "SELECT lower('ÄÖ')") == "äö"


def test_can_create_postgis(running: Cluster) -> None:
    _do(running, "CREATE EXTENSION postgis")
    assert str(_ask(running, "SELECT postgis_lib_version()")).startswith("3.")


def test_listens_on_no_network_address(running: Cluster) -> None:
    assert _ask(running, "SHOW listen_addresses") == ""
    with socket.socket() as probe:
        pids = set(list_processes(running.data))
        probe.bind(("127.0.0.1", 0))
    assert pids
    inodes = {opened for pid in pids for opened in _descriptors(pid)}
    listening = {f"socket:[{line.split()[9]}]" for line in _tcp_lines() if line.split()[3] == "0A"}
    assert not inodes & listening


def _descriptors(pid: int) -> list[str]:
    """What a process has open; a worker may end while it is being asked."""
    found = []
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(str(link.readlink()))
    return found


def _tcp_lines() -> list[str]:
    tables = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
    return [line for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]


def test_only_the_owner_may_enter(running: Cluster) -> None:
    for folder in (running.data, running.data.parent, running.data.parent / "run"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_runs_as_postgres_for_root_and_as_oneself_otherwise(running: Cluster) -> None:
    owner = running.data.stat().st_uid
    assert owner == choose_account(running.data).uid
    assert (owner != 0) if AS_ROOT else (owner == os.geteuid())
    pid = running.status().pid
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid == owner


def test_the_log_holds_no_row_of_a_failed_statement(running: Cluster) -> None:
    _do(running, "CREATE TABLE contact (name text NOT NULL, phone text CHECK (length(phone) < 5))")
    with psycopg.connect(running.url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO contact VALUES ('Very Private', '040 1234567')")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO contact VALUES (%s, %s)", ["Very Private", "040 1234567"])
    log = running.log.read_text()
    assert "check constraint" in log
    assert "Private" not in log
    assert "1234567" not in log


def test_survives_the_death_of_everything(cluster: Cluster) -> None:
    _do(cluster, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    for pid in list_processes(cluster.data):
        # the server's children may go with it before their turn comes
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert cluster.start()
    assert _ask(cluster, "SELECT count(*) FROM kept") == 1000


def test_ends_a_backend_the_killed_server_left_behind(cluster: Cluster) -> None:
    _do(cluster, "CREATE TABLE kept AS SELECT 1 AS n")
    with psycopg.connect(cluster.url, autocommit=True) as busy:
        orphan = busy.info.backend_pid
        # A loop in PL/pgSQL never looks whether its server is gone.
        worker = Thread(target=_run_until_cut, args=(busy,))
        worker.start()
        time.sleep(0.5)
        pid = cluster.status().pid
        assert pid is not None
        _kill_and_wait(pid)
        assert orphan in list_processes(cluster.data)
        assert cluster.start()
        worker.join(timeout=10)
    assert orphan not in list_processes(cluster.data)
    assert _ask(cluster, "SELECT n FROM kept") == 1


def _run_until_cut(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")


def test_a_pid_file_naming_a_stranger_does_not_stop_the_start(cluster: Cluster) -> None:
    cluster.stop()
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lines = [str(sleeper.pid), str(cluster.data), "1", "5432", str(cluster.data.parent / "run"), "", "1 1", "ready"]
    (cluster.data / "postmaster.pid").write_text("\n".join(lines))
    account = choose_account(cluster.data)
    os.chown(cluster.data / "postmaster.pid", account.uid, account.gid)
    try:
        assert not cluster.status().running
        assert cluster.start()
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_never_touches_the_pid_file_of_a_live_server(running: Cluster) -> None:
    before = (running.data / "postmaster.pid").read_text()
    clear_remains(running.data, running.data.parent / "run")
    assert (running.data / "postmaster.pid").read_text() == before
    assert _ask(running, "SELECT 1") == 1


def test_a_server_out_of_sight_counts_as_live_while_its_socket_answers(
    running: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "_works_in", lambda _pid, _data: False)
    clear_remains(running.data, running.data.parent / "run")
    assert find_server(running.data) is not None
    assert (running.data / "postmaster.pid").exists()


def test_a_first_start_that_was_cut_short_is_repeated(home: Path) -> None:
    folder = home / "cluster"
    (folder / "new-1" / "base").mkdir(parents=True)
    choose_account(home / "missing").own(folder)
    cluster = Cluster(home)
    assert cluster.start()
    assert not list(folder.glob("new-*"))


def test_two_homes_run_side_by_side(cluster: Cluster) -> None:
    other_home = _make_home()
    try:
        other = ensure_database_url(other_home, None)
        assert other != cluster.url
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute("CREATE TABLE mine ()")
        assert _ask(cluster, "SELECT to_regclass('mine')::text") is None
        cluster.stop()
        assert Cluster(other_home).status().running
    finally:
        _discard(other_home)


def test_two_starters_at_once_agree(home: Path) -> None:
    results: list[bool] = []
    threads = [Thread(target=lambda: results.append(Cluster(home).start())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, True]


def test_a_deep_home_gets_a_short_private_socket_folder() -> None:
    base = _make_home()
    home = base / ("deep-" * 20) / "home with, a comma"
    try:
        cluster = Cluster(home)
        cluster.start()
        cluster.ensure_database()
        assert _ask(cluster, "SELECT 1") == 1
        folder = Path(cluster.url.partition("host=")[2])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        cluster.stop()
        shutil.rmtree(folder)
        cluster.start()
        assert _ask(cluster, "SELECT 1") == 1
        shutil.rmtree(Path(Cluster(home).url.partition("host=")[2]), ignore_errors=True)
    finally:
        cluster.stop()
        shutil.rmtree(base)


def test_a_socket_folder_that_became_anothers_is_not_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_home, "_SOCKET_LIMIT_BYTES", 5)
    place, account = ClusterHome(home), choose_account(home / "missing")
    first = place.socket_folder(account)
    assert place.socket_folder(account) == first
    first.chmod(0o777)
    second = place.socket_folder(account)
    assert second != first
    for folder in (first, second):
        folder.rmdir()
    (home / "cluster").mkdir()


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user can reach every folder of its own")
def test_root_gets_a_system_folder_when_postgres_cannot_reach_the_home(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    base, system = _make_home(), _make_home()
    monkeypatch.setattr(cluster_home, "_SYSTEM_FOLDER", system)
    home = base / "closed" / "home"
    home.mkdir(parents=True)
    (base / "closed").chmod(0o700)
    cluster = Cluster(home)
    try:
        cluster.start()
        cluster.ensure_database()
        assert cluster.data.is_relative_to(system)
        assert str(system) in caplog.text
        assert _ask(cluster, "SELECT 1") == 1
        assert Cluster(home).data == cluster.data
    finally:
        cluster.stop()
        shutil.rmtree(base)
        shutil.rmtree(system)


@pytest.mark.skipif(AS_ROOT, reason="root may enter every folder")
def test_a_folder_of_another_user_is_refused_in_words() -> None:
    with pytest.raises(ClusterError, match="BARNRAISER_HOME"):
        choose_account(Path("/root"))


def test_a_missing_postgis_names_the_command_that_installs_it(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, find=lambda major: find_binaries([tmp_path], major=major))
    with pytest.raises(PostgisMissing, match="is not installed"):
        cluster.start()
    assert not (tmp_path / "cluster").exists()


def test_a_postgresql_without_postgis_is_passed_over(tmp_path: Path) -> None:
    known = find_binaries()
    fake = tmp_path / "99" / "bin"
    fake.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_ctl"):
        (fake / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n")
        (fake / name).chmod(0o755)
    assert find_binaries([fake, known.folder]) == known
    (tmp_path / "99" / "share" / "extension").mkdir(parents=True)
    (tmp_path / "99" / "share" / "extension" / "postgis.control").touch()
    assert find_binaries([fake, known.folder]) == Binaries(fake, 99)
    assert find_binaries([fake, known.folder], major=known.major) == known


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ClusterError, match="no_such_setting") as caught:
        cluster.start()
    assert str(cluster.log) in str(caught.value)


def test_a_given_address_is_used_as_it_is(tmp_path: Path) -> None:
    given = "postgresql://somebody@/somewhere"
    assert ensure_database_url(tmp_path, given) == given
    with lease_database(tmp_path, given) as url:
        assert url == given
    assert not list(tmp_path.iterdir())


def test_the_last_job_stops_the_server_it_started(home: Path) -> None:
    with lease_database(home, None):
        with lease_database(home, None):
            assert Cluster(home).status().running
        assert Cluster(home).status().running
    assert not Cluster(home).status().running


def test_a_job_leaves_a_server_running_that_was_started_by_hand(cluster: Cluster) -> None:
    with lease_database(cluster.home, None):
        pass
    assert cluster.status().running


def test_a_killed_job_leaves_no_claim(home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from geo.store.lease import lease_database\n"
        "with lease_database(Path(sys.argv[1]), None):\n    print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "up\n"
        job.kill()
    assert Cluster(home).status().running
    with lease_database(home, None):
        pass
    assert not Cluster(home).status().running


def test_settings_fit_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if "SIZE" in name else 131_072)
    text = render_settings(Path("/run/x"))
    assert "shared_buffers = '64MB'" in text
    assert "effective_cache_size = '256MB'" in text


def test_programs_do_not_see_settings_meant_for_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    me = Account(os.geteuid(), os.getegid(), "me")
    assert "PGPORT" not in me.run(["/usr/bin/env"]).stdout
    with pytest.raises(ClusterError, match="did not finish"):
        me.run(["/bin/sleep", "5"], timeout_s=0.1)
