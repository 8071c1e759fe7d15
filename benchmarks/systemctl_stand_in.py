#!/usr/bin/env python3
"""Stands in for systemctl on a root where systemd is not process 1: starts what the units say, as they say it.

Read: Environment, User, Group, UMask, WorkingDirectory, RuntimeDirectory, ReadWritePaths, PrivateTmp, Type, Requires,
ExecStart and TimeoutStartSec, with their drop-ins. A service sees a file system that it cannot write but for these
paths, has no new privileges, and one of Type=notify counts as started when it has said so. Not imitated: filters of
system calls, limits of memory, restarts, the clock of timers. Of nginx, which Debian starts itself, only reload.

`journalctl -u UNIT` is this program under that name.
"""

import fnmatch
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
STATE = Path("/run/stand-in")
JOURNAL = Path("/var/log/stand-in")
NOTIFY_TIMEOUT_S = 120


def read_unit(name: str) -> dict[str, list[str]]:
    """Return all values of each key, of the unit and its drop-ins, in their order."""
    found: dict[str, list[str]] = {}
    for path in [UNITS / name, *sorted((UNITS / f"{name}.d").glob("*.conf"))]:
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                found.setdefault(key.strip(), []).append(value.strip())
    return found


def pid_of(name: str) -> int | None:
    """Return the process of a service that runs."""
    try:
        pid = int((STATE / name).read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def start(name: str) -> int:
    if name.endswith(".timer"):
        (STATE / name).write_text("enabled")
        return 0
    unit = read_unit(name)
    for needed in unit.get("Requires", []):
        for each in needed.split():
            if not (STATE / each).exists() and (failed := start(each)):
                return failed
    if pid_of(name):
        return 0
    is_once = unit.get("Type", ["simple"])[-1] == "oneshot"
    if is_once and "yes" in unit.get("RemainAfterExit", []) and (STATE / name).exists():
        return 0
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    for line in unit.get("Environment", []):
        environment.update(pair.partition("=")[::2] for pair in shlex.split(line))
    user, group = unit["User"][-1], unit["Group"][-1]
    writable = [path for line in unit.get("ReadWritePaths", []) for path in line.split()]
    for folder in unit.get("RuntimeDirectory", []):
        path = Path("/run", folder)
        path.mkdir(exist_ok=True)
        path.chmod(int(unit.get("RuntimeDirectoryMode", ["0755"])[-1], 8))
        subprocess.run(["chown", f"{user}:{group}", path], check=True)
        writable.append(str(path))
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if unit.get("Type") == ["notify"]:
        address = STATE / f"{name}.notify"
        address.unlink(missing_ok=True)
        told.bind(str(address))
        address.chmod(0o777)
        environment["NOTIFY_SOCKET"] = str(address)
    # What is bound stays writable when the root is not.
    lines = ["set -e", *(f"mount --bind {path} {path}" for path in writable), "mount -o remount,ro,bind /"]
    lines += ["mount -t tmpfs tmpfs /tmp", f"umask {unit.get('UMask', ['0022'])[-1]}"]
    lines += [f"cd {unit.get('WorkingDirectory', ['/'])[-1]}"]
    lines += [
        f"exec setpriv --reuid={user} --regid={group} --clear-groups --no-new-privs --bounding-set=-all "
        + unit["ExecStart"][-1]
    ]
    with (JOURNAL / name).open("ab") as journal:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", "\n".join(lines)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if is_once:
        failed = process.wait()
        if not failed and "yes" in unit.get("RemainAfterExit", []):
            (STATE / name).write_text("done")
        return failed
    (STATE / name).write_text(str(process.pid))
    if "NOTIFY_SOCKET" in environment:
        told.settimeout(1)
        for _second in range(NOTIFY_TIMEOUT_S):
            try:
                if b"READY=1" in told.recv(4096):
                    return 0
            except TimeoutError:
                if process.poll() is not None:
                    break
        sys.stderr.write(f"{name} did not say that it is ready\n")
        return 1
    return 0


def stop(name: str) -> None:
    if pid := pid_of(name):
        os.kill(pid, signal.SIGTERM)
        for _tenth in range(300):
            if pid_of(name) is None or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                break
            time.sleep(0.1)
    (STATE / name).unlink(missing_ok=True)


def named(patterns: list[str], *, of_all: bool) -> list[str]:
    """Return the units that are meant: all that are installed, or of a pattern those that were started."""
    found = []
    for pattern in patterns:
        full = pattern if "." in pattern else f"{pattern}.service"
        if "*" in full:
            known = [path.name for path in (UNITS if of_all else STATE).iterdir()]
            found += sorted(name for name in known if fnmatch.fnmatch(name, full))
        else:
            found.append(full)
    return found


def main() -> int:
    STATE.mkdir(exist_ok=True)
    JOURNAL.mkdir(exist_ok=True)
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if Path(sys.argv[0]).name == "journalctl":
        sys.stdout.write((JOURNAL / named(words, of_all=True)[0]).read_text())
        return 0
    verb, units = words[0], named(words[1:], of_all="--all" in sys.argv)
    if verb == "daemon-reload":
        return 0
    if units == ["nginx.service"]:
        is_running = subprocess.run(["pgrep", "-x", "nginx"], stdout=subprocess.DEVNULL, check=False).returncode == 0
        return subprocess.run(["nginx", *(["-s", "reload"] if is_running else [])], check=False).returncode
    for unit in units:
        if not (UNITS / unit).exists():
            sys.stderr.write(f"Unit {unit} not found.\n")
            return 5
        if verb in ("stop", "restart"):
            stop(unit)
    if verb in ("start", "restart") or (verb == "enable" and "--now" in sys.argv):
        return next((failed for unit in units if (failed := start(unit))), 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
