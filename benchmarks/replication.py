"""A PostgreSQL for the time of a run: a primary, a replica that streams from it, and PgBouncer before both."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWNER = "bank"
PRIMARY_OPTIONS = ("wal_level=replica", "max_connections=100", "wal_sender_timeout=5s")
REPLICA_OPTIONS = ("hot_standby_feedback=on", "wal_receiver_timeout=2s", "max_standby_streaming_delay=2s")
START_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses without a database: `postgres://user@host:port`. `options` goes behind the name of the database."""

    primary: str
    replica: str
    options: str = ""


def is_available() -> bool:
    """Return True if the programs of a PostgreSQL server are here, and a user that may run them."""
    return _find_programs() is not None and (os.geteuid() != 0 or _has_user("postgres"))


@contextmanager
def replicated_servers() -> Iterator[Servers]:
    """Make and start both servers. Their files are deleted at the end. Raises RuntimeError without the programs."""
    programs = _find_programs()
    if programs is None:
        raise RuntimeError("No PostgreSQL server is installed here: apt install postgresql")
    with tempfile.TemporaryDirectory(prefix="replicated-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _give_away(folder)
        primary, replica = folder / "primary", folder / "replica"
        ports = {primary: find_free_port(), replica: find_free_port()}
        _run(programs / "initdb", "-D", primary, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-sync")
        try:
            _start(programs, primary, ports[primary], PRIMARY_OPTIONS)
            source = ("-h", "127.0.0.1", "-p", str(ports[primary]), "-U", OWNER)
            _run(programs / "pg_basebackup", *source, "-D", replica, "-R", "-X", "stream", "-c", "fast", "--no-sync")
            _start(programs, replica, ports[replica], REPLICA_OPTIONS)
            yield Servers(*(f"postgres://{OWNER}@127.0.0.1:{ports[each]}" for each in (primary, replica)))
        finally:
            for each in (replica, primary):
                if (each / "postmaster.pid").exists():
                    _run(programs / "pg_ctl", "-D", each, "-m", "immediate", "stop")


@contextmanager
def pooled(servers: Servers, database: str) -> Iterator[Servers]:
    """Put a PgBouncer before both, pooling by transaction. There the replica is a database of another name."""
    program = shutil.which("pgbouncer")
    if program is None:
        raise RuntimeError("PgBouncer is not installed here: apt install pgbouncer")
    with tempfile.TemporaryDirectory(prefix="pgbouncer-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), find_free_port()
        (folder / "users.txt").write_text(f'"{OWNER}" ""\n')
        targets = ((database, servers.primary), (f"{database}_replica", servers.replica))
        lines = [f"{each} = host=127.0.0.1 port={url.rpartition(':')[2]} dbname={database}" for each, url in targets]
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": folder / "users.txt",
            "pool_mode": "transaction",
            "default_pool_size": 10,
            "max_client_conn": 500,
            "server_fast_close": 1,
        }
        text = ["[databases]", *lines, "[pgbouncer]", *(f"{key} = {value}" for key, value in settings.items())]
        (folder / "pgbouncer.ini").write_text("\n".join(text) + "\n")
        _give_away(folder)
        with (folder / "log").open("wb") as log:
            command = [program, str(folder / "pgbouncer.ini")]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **_as_owner())
        try:
            _wait_for_port(port)
            address = f"postgres://{OWNER}@127.0.0.1:{port}"
            yield Servers(address, address, "disable_server_side_cursors=true")
        finally:
            process.terminate()
            process.wait(10)


def find_free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _start(programs: Path, data: Path, port: int, options: Sequence[str]) -> None:
    with (data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{line.replace('=', ' = ', 1)}\n" for line in (f"port={port}", "unix_socket_directories=''"))
        file.writelines("{} = '{}'\n".format(*line.split("=")) for line in options)
    _run(programs / "pg_ctl", "-D", data, "-w", "-t", START_TIMEOUT_S, "-l", data.with_suffix(".log"), "start")


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    # Not captured by a pipe: the server that pg_ctl starts would hold its end open.
    done = subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_as_owner())
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}")


def _as_owner() -> dict[str, Any]:
    """Return how to start a program that refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        for each in (folder, *folder.iterdir()):
            shutil.chown(each, "postgres", "postgres")


def _find_programs() -> Path | None:
    if found := shutil.which("pg_basebackup"):
        beside = Path(found).resolve().parent
        if (beside / "initdb").exists():
            return beside
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    return installed[-1].parent if installed else None


def _has_user(name: str) -> bool:
    import pwd

    return any(each.pw_name == name for each in pwd.getpwall())


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Nobody listens on port {port}")
