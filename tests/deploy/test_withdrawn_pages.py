"""A withdrawn study before the shipped nginx and the real bank: no page of it is older than two seconds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.public_load import serve_bank
from benchmarks.shipped_proxy import NAME, NGINX, ShippedProxy, serve_proxy
from benchmarks.throwaway import ROOT
from tests.bank_server import environment

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="no nginx: sudo apt install nginx-light"),
    pytest.mark.thorough,  # half a minute on a busy machine
]

SLUG = "abramsky-2014-sasa"
PATHS = ("/estudios/?q=sasa&sort=title", f"/estudios/{SLUG}/", "/sitemap-studies.xml")
KEPT_FOR_S = 2
WITHDRAW = f"""
import time
from django.contrib.auth.models import Group, User
from studies.curation import stages
from studies.models import Study
person = User.objects.create_user("administradora", is_staff=True)
person.groups.add(Group.objects.get(name="Administración"))
study = Study.objects.get(slug="{SLUG}")
stages.move(study, "withdraw", by=person, note="Los autores retiraron el artículo.")
print("committed", time.time())
"""


@pytest.fixture
def site(set_up_bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ShippedProxy, Path]]:
    """The bank as a public site behind nginx, with the folder of its data."""
    var = tmp_path / "var"
    shutil.copytree(set_up_bank, var)
    monkeypatch.setenv("VAR_DIR", str(var))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "evidencebank.settings")
    # A socket file has a short path.
    folder = Path(tempfile.mkdtemp(prefix="bank-", dir="/tmp"))
    try:
        with serve_bank(var, folder), serve_proxy(folder) as proxy:
            yield proxy, var
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ask(proxy: ShippedProxy, path: str) -> tuple[int, str]:
    connection = HTTPConnection(NAME, timeout=60)
    connection.sock = proxy.connect()
    connection.request("GET", path, headers={"Host": NAME})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def shows_it(path: str, body: str) -> bool:
    if path == f"/estudios/{SLUG}/":
        return "Los autores retiraron" not in body
    return f"/estudios/{SLUG}/" in body


def test_is_shown_by_no_copy_after_two_seconds(site: tuple[ShippedProxy, Path]):
    proxy, var = site
    for path in PATHS:
        status, body = ask(proxy, path)
        assert status == 200, path
        assert shows_it(path, body), path
    seen: list[tuple[float, str, bool]] = []
    is_over = threading.Event()

    def read_on() -> None:
        while not is_over.is_set():
            for path in PATHS:
                began = time.time()
                seen.append((began, path, shows_it(path, ask(proxy, path)[1])))

    readers = [threading.Thread(target=read_on) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", WITHDRAW]
        done = subprocess.run(command, cwd=ROOT, env=environment(var), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        committed = float(re.findall(r"committed ([\d.]+)", done.stdout)[0])
        time.sleep(max(0.0, committed + KEPT_FOR_S + 1.5 - time.time()))
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
    assert "cache=HIT" in (proxy.folder / "bank.log").read_text(), "nothing was kept, so nothing was tried"
    for path in PATHS:
        of_path = [(began, shown) for began, each, shown in seen if each == path]
        assert [began - committed for began, shown in of_path if shown and began >= committed + KEPT_FOR_S] == [], path
        assert [shown for began, shown in of_path if began >= committed + KEPT_FOR_S], path
