"""Builds `deploy/container/Containerfile` on a new Debian root without a container engine, and uses what comes of it.

    sudo .venv/bin/python -m benchmarks.walk_container --root /var/tmp/container [--server postgres://user:password@host]

The base image is a root that debootstrap makes; each RUN is done in it by chroot, each COPY from the last commit and
only of what `.containerignore` lets in. Then the commands of `compose.yaml` run as its engine would run them: on a root
that is read-only but for the volume and /tmp, as the user of the image, without capabilities, with the settings of
`env.template`. Prints the seconds of each step; ends with 1 at the first that fails. Needs root, debootstrap, the free
port 8000, and with `--server` a PostgreSQL on this machine; SQLite without it.

Not tried: an engine, its networks, limits of memory and healthchecks, the image of PostgreSQL.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import yaml

from benchmarks.throwaway import ROOT, new_database
from benchmarks.walk_operations import NAME, Machine, expect, fill_in, make_debian, timed, wait_for

CONTAINER = ROOT / "deploy" / "container"
PORT = 8000
SETTINGS = {
    "SITE_URL": f"https://{NAME}",
    "SECRET_KEY": "of-a-walk-and-of-nothing-else-0123456789-abcdefghij",
    "TRUSTED_PROXY": "127.0.0.1",
    "CONTACT_EMAIL": "errores@example.pe",
    "RESPONSIBLE_NAME": "Ministerio de prueba, oficina de prueba",
    "RESPONSIBLE_ADDRESS": "Jirón de prueba 1, Lima",
    "PRIVACY_EMAIL": "datos@example.pe",
    "SECURITY_CONTACT": "mailto:seguridad@example.pe",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder of the new root, which must not be there")
    parser.add_argument("--suite", default="trixie", help="release of Debian")
    parser.add_argument("--mirror", default="", help="where Debian's packages are")
    parser.add_argument("--server", default="", help="postgres://user:password@host:port")
    given = parser.parse_args()
    if given.root.exists():
        parser.error(f"{given.root} is there already: each line is done on a new root")
    begun = time.monotonic()
    with timed("base image"):
        make_debian(given.root, given.suite, given.mirror)
    with Machine(given.root) as machine, new_database(given.server) as address:
        image = Image(machine)
        image.build()
        # The worker also asks the addresses of studies: from here on no name outside is found.
        (given.root / "etc/resolv.conf").write_text("")
        use(image, address)
    print(f"{time.monotonic() - begun:6.0f} s in all")
    return 0


class Image:
    """The root of a machine while a Containerfile is followed in it, and what the file says of how to run it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder, self.user = "/", "root"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        self.command: list[str] = []
        self.volumes: list[str] = []

    def build(self) -> None:
        """Follow the Containerfile. Raises RuntimeError where a line fails, ValueError for a line of another kind."""
        with tempfile.TemporaryDirectory() as context:
            self._take_context(Path(context))
            for kind, argument in read_instructions((CONTAINER / "Containerfile").read_text()):
                if kind == "RUN":
                    with timed(f"RUN {' '.join(argument.split())[:60]}"):
                        self.run(["/bin/sh", "-c", argument])
                elif kind == "COPY":
                    self._copy(Path(context), *shlex.split(argument))
                elif kind == "WORKDIR":
                    self.folder = argument
                    self.machine.run(f"mkdir -p {shlex.quote(argument)}")
                elif kind == "USER":
                    self.user = argument
                elif kind == "ENV":
                    self.environment.update(pair.partition("=")[::2] for pair in shlex.split(argument))
                elif kind == "VOLUME":
                    self.volumes.append(argument)
                elif kind == "CMD":
                    self.command = json.loads(argument)
                elif kind not in ("ARG", "FROM", "EXPOSE"):
                    raise ValueError(f"nobody knows here how to do {kind}")

    def run(self, command: list[str], *, sealed: bool = False, settings: dict[str, str] | None = None) -> str:
        """Run a command in the image, and return what it prints; `sealed` as compose.yaml closes its services."""
        environment = [f"{name}={value}" for name, value in (self.environment | (settings or {})).items()]
        line = shlex.join(["env", "-i", *environment, *command])
        if not sealed:
            return self.machine.run(f"cd {shlex.quote(self.folder)}\n{line}")
        return self.machine.run(f"{self._seal(line)}")

    def start(self, command: list[str], settings: dict[str, str]) -> None:
        """Start a command that goes on until the machine ends."""
        environment = [f"{name}={value}" for name, value in (self.environment | settings).items()]
        self.machine.run(f"{self._seal(shlex.join(['env', '-i', *environment, *command]))} >>/var/log/services 2>&1 &")

    def _seal(self, line: str) -> str:
        mounts = "".join(f"mount --bind {path} {path}; " for path in self.volumes)
        mounts += "mount -o remount,ro,bind /; mount -t tmpfs tmpfs /tmp"
        account = f"--reuid={self.user} --regid=$(id -g {self.user}) --clear-groups"
        inside = f"{mounts}; cd {self.folder}; exec setpriv {account} --no-new-privs --bounding-set=-all {line}"
        return shlex.join(["unshare", "--mount", "sh", "-ec", inside])

    def _take_context(self, context: Path) -> None:
        """Put there what an engine would be sent: the last commit, as far as `.containerignore` lets it in."""
        with subprocess.Popen(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "-C", str(context)], stdin=archive.stdout, check=True)
        let_in = [line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")]
        for path in context.iterdir():
            if not any(fnmatch(path.name, name) for name in let_in):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _copy(self, context: Path, *paths: str) -> None:
        *sources, target = paths
        place = self.machine.root / self.folder.lstrip("/") / target
        for source in (context / name for name in sources):
            if source.is_dir():
                shutil.copytree(source, place, dirs_exist_ok=True)
            else:
                shutil.copy(source, place)


def read_instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction of a Containerfile with its argument; lines that go on are joined."""
    whole = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    for line in filter(str.strip, whole.splitlines()):
        kind, argument = line.split(maxsplit=1)
        yield kind, argument


def use(image: Image, database: str) -> None:
    """Set up, serve, and do the jobs, as compose.yaml tells. Raises RuntimeError."""
    settings = dict(SETTINGS, DATABASE_URL=database or "sqlite:////srv/bank/var/bank.sqlite3")
    template = (ROOT / "deploy" / "env.template").read_text()
    lines = [line for line in fill_in(template, settings).splitlines() if line and not line.startswith("#")]
    env = {name: value for name, _, value in (line.partition("=") for line in lines) if not value.startswith("<")}
    services = yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"]
    with timed("setup"):
        image.run(services["setup"]["command"], sealed=True, settings=env)
    with timed("web: pages and a brief as PDF, as a proxy asks"):
        image.start(services["web"].get("command", image.command), env)
        wait_for(lambda: ask("/healthz")[0] == 200, "nothing answers on the port")
        for path, begins in (("/", b"<!doctype html>"), ("/ficha/ficha.pdf?intervention=cash-transfer", b"%PDF-")):
            status, body = ask(path)
            is_whole = status == 200 and body.lstrip().startswith(begins)
            expect(is_whole, f"{path}: {status} {body[:200]!r}")
        status, body = ask("/readyz")
        expect(status == 200 and b'"database": "ready"' in body, f"/readyz: {status} {body[:500]!r}")
    with timed("worker: the first edition of open data"):
        image.start(services["worker"]["command"], env)
        wait_for(lambda: time.strftime("%Y-").encode() in ask("/datos/")[1], "no edition of open data")
    with timed("the program cannot change itself"):
        refused = image.run(["sh", "-c", "touch manage.py 2>&1 || true"], sealed=True)
        expect("cannot touch" in refused, f"manage.py can be written: {refused}")


def ask(path: str) -> tuple[int, bytes]:
    """Ask as the proxy before the container does. Return 0 where nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        headers = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except ConnectionError:
        return 0, b""
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
