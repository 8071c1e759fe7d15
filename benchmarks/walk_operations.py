"""Follows "For the public" of docs/operations.md word by word on a new Debian root, and uses the site that comes of it.

    sudo .venv/bin/python -m benchmarks.walk_operations --root /var/tmp/walk [--suite trixie]

The lines are read from the page and run in their order by one shell on a root that debootstrap makes, in namespaces of
processes and mounts of its own. systemctl and journalctl are stand-ins (`systemctl_stand_in`), as systemd is not
process 1 there. A certificate authority and a mail server are made for the walk. Then: pages over TLS, the first
sign-in, a letter, every timer's service, backup and restore as the page tells, the upgrade. Prints the seconds of each
step and of all; ends with 1 at the first that fails. Needs root, debootstrap, and free ports 80, 443 and 2525.

Packages of Debian and Python come from where this machine takes them, with its certificates. Not tried: systemd itself
and its timers' clock, a public certificate, mail that leaves the machine, links, IPv6, a firewall, a real person.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

from benchmarks.throwaway import ROOT

NAME = "banco.example.pe"
MAIL_PORT = 2525
PAGE = ROOT / "docs" / "operations.md"
STAND_IN = Path(__file__).with_name("systemctl_stand_in.py")
TRUST = Path("/etc/ssl/certs/ca-certificates.crt")
_MARK = "--walk--"
PASSWORD = "tortuga lámpara viento queso"  # of a bank that is thrown away


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder of the new root; made if it is not there")
    parser.add_argument("--suite", default="trixie", help="release of Debian")
    parser.add_argument(
        "--mirror", default="", help="where Debian's packages are; debootstrap knows a place without it"
    )
    given = parser.parse_args()
    begun = time.monotonic()
    with timed("a new Debian root"):
        make_root(given.root, given.suite, given.mirror)
    with MailSink() as mail, Machine(given.root) as machine:
        walk(machine, mail)
    print(f"{time.monotonic() - begun:6.0f} s in all")
    return 0


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print the seconds of a step, and whether it failed."""
    begun = time.monotonic()
    told = "FAILED"
    try:
        yield
        told = ""
    finally:
        print(f"{time.monotonic() - begun:6.0f} s  {name} {told}".rstrip(), flush=True)


def walk(machine: Machine, mail: MailSink) -> None:
    """Do what the page says from its first line to its last. Raises RuntimeError where a line fails."""
    packages, program = block_with("debian-packages.txt").split("\n", 1)
    with timed("packages (first line)"):
        machine.run(packages)
        # Where a machine has a PostgreSQL already, a new cluster gets another port; systemd would have started it.
        machine.run("sed -i \"s/^port = .*/port = 5432/; s/^#listen_addresses = .*/listen_addresses = ''/\" "
                    "/etc/postgresql/*/main/postgresql.conf; service postgresql restart")  # fmt: skip
    with timed("user, program, database (rest of the first block)"):
        machine.run(program)
    with timed("settings and certificate, by hand"):
        fill_in_settings(machine)
        make_certificates(machine.root)
        # The worker also asks the addresses of studies: from here on no name outside is found.
        (machine.root / "etc/resolv.conf").write_text("")
    with timed("units, set-up, nginx (second block)"):
        machine.run(block_with('bank.conf"').replace("<NAME OF THE SITE>", NAME))
    site = Site(machine.root)
    with timed("pages over TLS"):
        expect(site.ask("/", port=80)[0] == 301, "http is not sent to https")
        for path in ("/", "/en/", "/estudios/?q=violencia", "/intervenciones/cash-transfer/", "/datos/"):
            status, text = site.ask(path)
            expect(status == 200 and "Línea 100" in text, f"{path}: {status}")
        expect(site.ask("/healthz") == (200, "ok\n"), "gunicorn's master does not answer for its workers")
        expect("max-age" in site.headers["Strict-Transport-Security"], "no HSTS")
    with timed("first sign-in with the password of the journal"):
        sign_in(machine, Site(machine.root))
    with timed("a reader asks for alerts, and a letter comes"):
        status, _text = site.send("/avisos/?theme=prevention", {"email": "ana@example.pe", "frequency": "weekly"})
        expect(status in (200, 302), f"/avisos/: {status}")
        letter = mail.wait()
        expect(f"https://{NAME}/" in letter and f"@{NAME}>" in letter, "the letter does not name the site")
    with timed("the worker makes the first edition of open data"):
        wait_for(lambda: f"{time.localtime().tm_year}-" in site.ask("/datos/")[1], "no edition of open data")
    for timer in sorted((machine.root / "etc/systemd/system").glob("bank-*.timer")):
        with timed(f"what {timer.name} starts"):
            machine.run(f"systemctl start {timer.stem}.service")
    with timed("a backup is checked, and put back (block of going back)"):
        (backup,) = (machine.root / "var/backups/bank").iterdir()
        # The private key is brought from where it is kept.
        machine.run("install -m 600 -o bank /mnt/bank-backup.key /srv/bank/var/key")
        named = f"--identity var/key /var/backups/bank/{backup.name}"
        check = f"su -s /bin/sh bank -c '.venv/bin/python manage.py restore --check {named}'"
        machine.run(f"cd /srv/bank; {check}")
        machine.run(block_with("manage.py restore FILE'").replace("restore FILE'", f"restore {named}' <<< restore"))
        expect(site.ask("/estudios/")[0] == 200, "no page after the restore")
    with timed("a new version (block of upgrading), from an archive"):
        lines = block_with("git pull")
        expect("git pull --ff-only" in lines, "the upgrade has no line that brings the program")
        machine.run(re.sub(r"^git pull.*$", ":", lines, flags=re.MULTILINE))
        expect(site.ask("/")[0] == 200, "no page after the upgrade")
        readiness = site.ask("/readyz")[1]
        expect('"database": "ready"' in readiness, readiness)


def block_with(words: str) -> str:
    """Return the only block of shell lines on the page that has these words. Raises ValueError for none or several."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if words in block]
    return str(found)


def expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise RuntimeError(otherwise)


def wait_for(has_come: Callable[[], bool], otherwise: str) -> None:
    """Ask once in five seconds, for ten minutes. Raises RuntimeError."""
    for _try in range(120):
        if has_come():
            return
        time.sleep(5)
    raise RuntimeError(otherwise)


# --- The machine -----------------------------------------------------------------------------------------------------


def make_debian(root: Path, suite: str, mirror: str) -> None:
    """Make a root, if there is none, that takes packages from where this machine takes them."""
    if not (root / "etc/debian_version").exists():
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates,procps", suite, str(root)]
        subprocess.run([*command, *([mirror] if mirror else [])], check=True, stdout=subprocess.DEVNULL)
    for name in ("etc/resolv.conf", "etc/pip.conf", TRUST.relative_to("/")):
        if Path("/", name).exists():
            shutil.copy(Path("/", name), root / name)
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
    # Whoever follows the page answers "yes" to apt.
    (root / "etc/apt/apt.conf.d/90walk").write_text('APT::Get::Assume-Yes "true";\n')


def make_root(root: Path, suite: str, mirror: str) -> None:
    """Make a root, if there is none, and put the program and stand-ins there."""
    make_debian(root, suite, mirror)
    for name in ("systemctl", "journalctl"):
        shutil.copy(STAND_IN, root / "usr/local/sbin" / name)
        (root / "usr/local/sbin" / name).chmod(0o755)
    program = root / "srv/bank"
    program.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", str(program)], stdin=archive.stdout, check=True)


class Machine:
    """A root with processes of its own: everything that was started there ends with it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Machine:
        inside = (
            "mount -t proc proc /proc; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /dev/shm; mkdir -p /run/lock; "
            "export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 HOME=/root; "
            "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; cd /; "
            f'while read -r step; do bash -eu -o pipefail "$step" </dev/null; echo {_MARK}$?; done'
        )
        # The root is a mount of its own, so that the stand-in can close it to services.
        outside = 'mount --bind "$0" "$0"; mount --rbind /dev "$0/dev"; cd "$0"; exec chroot "$0" bash -c "$1"'
        self._shell = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", outside, str(self.root), inside],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shell.kill()
        self._shell.wait()

    def run(self, lines: str) -> str:
        """Run lines as root, and return what they print. Raises RuntimeError for the first that fails."""
        (self.root / "tmp/step").write_text(lines)
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write("/tmp/step\n")
        self._shell.stdin.flush()
        printed: list[str] = []
        for line in self._shell.stdout:
            if line.startswith(_MARK):
                if line.strip() != f"{_MARK}0":
                    raise RuntimeError(f"{lines}\n{''.join(printed)[-6000:]}")
                return "".join(printed)
            printed.append(line)
        raise RuntimeError("".join(printed)[-6000:])


def fill_in_settings(machine: Machine) -> None:
    """Fill var/env as a person would, and make the pair of keys for backups."""
    public_key = machine.run("age-keygen -o /mnt/bank-backup.key 2>&1; chmod 600 /mnt/bank-backup.key").split()[-1]
    values = {
        "SITE_URL": f"https://{NAME}",
        "SECRET_KEY": machine.run("python3 -c 'import secrets; print(secrets.token_urlsafe(64))'").strip(),
        "DATABASE_URL": "postgres:///bank?host=/run/postgresql",
        "CONTACT_EMAIL": "errores@example.pe",
        "RESPONSIBLE_NAME": "Ministerio de prueba, oficina de prueba",
        "RESPONSIBLE_ADDRESS": "Jirón de prueba 1, Lima",
        "PRIVACY_EMAIL": "datos@example.pe",
        "SECURITY_CONTACT": "mailto:seguridad@example.pe",
        "BACKUP_RECIPIENTS": public_key,
        "MAIL_SERVER": f"smtp://127.0.0.1:{MAIL_PORT}",
    }
    env = machine.root / "srv/bank/var/env"
    env.write_text(fill_in(env.read_text(), values))


def fill_in(template: str, values: dict[str, str]) -> str:
    """Return the template of settings with these values. Raises RuntimeError for one that it has no line for."""
    for name, value in values.items():
        template, found = re.subn(rf"^#?{name}=.*$", f"{name}={value}", template, flags=re.MULTILINE)
        expect(found == 1, f"deploy/env.template has no line for {name}")
    return template


def make_certificates(root: Path) -> None:
    """Make an authority, and with it a certificate in the place that the shipped nginx names."""
    folder = root / f"etc/letsencrypt/live/{NAME}"
    folder.mkdir(parents=True, exist_ok=True)
    made = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Authority' -keyout ca.key -out ca.pem "
        "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign\n"
        f"openssl req -newkey rsa:2048 -nodes -subj /CN={NAME} -keyout privkey.pem -out site.csr\n"
        f"openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -days 30 -out site.pem -extfile names\n"
        "cat site.pem ca.pem > fullchain.pem\n"
    )
    (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
    subprocess.run(["sh", "-ec", made], cwd=folder, check=True, capture_output=True)


# --- Those who use it ------------------------------------------------------------------------------------------------


class Site:
    """A browser of the site that trusts the walk's authority, and keeps cookies."""

    def __init__(self, root: Path) -> None:
        self._context = ssl.create_default_context(cafile=root / f"etc/letsencrypt/live/{NAME}/ca.pem")
        self._cookies: dict[str, str] = {}
        self.headers = http.client.HTTPMessage()

    def ask(self, path: str, *, port: int = 443) -> tuple[int, str]:
        return self._request("GET", path, None, {}, port)

    def send(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Open a form, and send it with its token where it has one."""
        _status, page = self.ask(path)
        if token := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page):
            fields = {**fields, "csrfmiddlewaretoken": token[1]}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{NAME}{path}"}
        return self._request("POST", path, urlencode(fields), headers, 443)

    def _request(self, method: str, path: str, body: str | None, headers: dict[str, str], port: int) -> tuple[int, str]:
        connection = http.client.HTTPConnection(NAME, timeout=60)
        connection.sock = socket.create_connection(("127.0.0.1", port), timeout=60)
        if port == 443:
            connection.sock = self._context.wrap_socket(connection.sock, server_hostname=NAME)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request(method, path, body, {**headers, **({"Cookie": cookies} if cookies else {})})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        self.headers = answer.headers
        return answer.status, text


def sign_in(machine: Machine, site: Site) -> None:
    """Use the printed password once: it opens nothing but the page that asks for another."""
    journal = machine.run("journalctl -u bank-setup")
    found = re.search(r"name +(\S+)\n +password +(\S+)", journal)
    if found is None:
        raise RuntimeError(f"the journal does not tell the first password:\n{journal[-2000:]}")
    status, page = site.send("/admin/login/", {"username": found[1], "password": found[2]})
    expect(status == 302, f"sign-in: {status}\n{page[:2000]}")
    status, page = site.ask("/admin/")
    expect(status == 302, f"the printed password opens the workplace: {status}")
    changed = {"old_password": found[2], "new_password1": PASSWORD, "new_password2": PASSWORD}
    status, page = site.send(site.headers["Location"], changed)
    expect(status == 302, f"change of the first password: {status}\n{page[:2000]}")
    expect(site.ask("/admin/")[0] == 302, "a public site asks for no second factor")


class _Letter(socketserver.StreamRequestHandler):
    """Takes letters as a mail server does (RFC 5321), and sends them nowhere."""

    def handle(self) -> None:
        self.wfile.write(b"220 walk\r\n")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = []
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    letter.append(part)
                MailSink.letters.append(b"".join(letter).decode(errors="replace"))
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


class MailSink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets."""

    allow_reuse_address = True
    daemon_threads = True
    letters: list[str] = []

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", MAIL_PORT), _Letter)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self) -> str:
        """Return the first letter. Raises RuntimeError if none comes in a minute."""
        for _second in range(60):
            if self.letters:
                return self.letters[0]
            time.sleep(1)
        raise RuntimeError("no letter came")


if __name__ == "__main__":
    sys.exit(main())
