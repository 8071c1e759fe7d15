"""Files that want to hurt who opens them, brought by everybody: refused or read in words, bounded, never run."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studies.admin.shared.uploads import MOST_TAKEN_BYTES
from studies.imports.formats.base import MOST_BYTES
from studies.imports.formats.xlsx import write_workbook
from studies.models import ImportBatch, ImportRow
from tests.factories import user_with_role

pytestmark = pytest.mark.django_db

UPLOAD = "admin:studies_importbatch_add"
MB = 1024 * 1024
MOST_MEMORY = 400 * MB
"""What reading a file of a few bytes may take at the most: twenty times the largest file that is read whole."""
KEPT_SECRET = "contenido-de-un-archivo-del-servidor"


def workbook(**parts: bytes) -> bytes:
    """Return a workbook with parts of it replaced; `sheet` is its first sheet, `strings` its shared texts."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
    replaced = {names[part]: content for part, content in parts.items()}
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_workbook({"Hoja": [["title", "year"], ["Uno", "2020"]]}))) as whole,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in dict.fromkeys([*whole.namelist(), *replaced]):
            written.writestr(name, replaced[name] if name in replaced else whole.read(name))
    return made.getvalue()


def zeros_in_a_sheet() -> bytes:
    """A hundred kilobytes that unpack to 110 MB."""
    return workbook(sheet=b"<worksheet><sheetData>" + b" " * (110 * MB) + b"</sheetData></worksheet>")


def cells_without_end() -> bytes:
    """Some kilobytes of compressed tags: each becomes an object in memory."""
    return workbook(sheet=b"<worksheet><sheetData>" + b"<row><c/></row>" * (4 * MB) + b"</sheetData></worksheet>")


def sheet_that_claims_all_cells() -> bytes:
    return workbook(
        sheet=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr">'
        b"<is><t>x</t></is></c></row></sheetData></worksheet>"
    )


def many_parts() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for number in range(5_000):
            written.writestr(f"xl/worksheets/sheet{number}.xml", b"")
    return made.getvalue()


def zip_in_a_zip() -> bytes:
    inner = zeros_in_a_sheet()
    return workbook(sheet=inner)


def names_that_climb() -> bytes:
    made = io.BytesIO(write_workbook({"Hoja": [["title"], ["Uno"]]}))
    with zipfile.ZipFile(made, "a") as written:
        written.writestr("../../../../tmp/escaped.xml", b"<x/>")
    return made.getvalue()


def laughs(root: str) -> bytes:
    """Entities of entities: a thousand million words."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "risa">{entities}]><{root}>&e9;</{root}>'.encode()


def file_of_the_server(path: str) -> bytes:
    """EndNote's XML with an entity that stands for a file of the server."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY f SYSTEM "file://{path}">]><xml><records><record>'
        "<titles><title>&f;</title></titles></record></records></xml>"
    ).encode()


def deep_xml() -> bytes:
    return b"<xml><records>" + b"<record>" * 200_000 + b"</record>" * 200_000 + b"</records></xml>"


HEADER = "title,year,authors\n"
NUL = b"\x00"
HARMFUL: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zeros in a sheet": ("lista.xlsx", zeros_in_a_sheet),
    "cells without end": ("lista.xlsx", cells_without_end),
    "a sheet that claims all cells": ("lista.xlsx", sheet_that_claims_all_cells),
    "a workbook of 5,000 parts": ("lista.xlsx", many_parts),
    "a zip in a zip": ("lista.xlsx", zip_in_a_zip),
    "entities in a sheet": ("lista.xlsx", lambda: workbook(sheet=laughs("worksheet"))),
    "entities in shared texts": ("lista.xlsx", lambda: workbook(strings=laughs("sst"))),
    "entities in the book": ("lista.xlsx", lambda: workbook(book=laughs("workbook"))),
    "names that climb out of the archive": ("lista.xlsx", names_that_climb),
    "entities of entities": ("lista.xml", lambda: laughs("xml")),
    "XML 200,000 deep": ("lista.xml", deep_xml),
    "XML without an end": ("lista.xml", lambda: b"<xml><records><record>" + b"<titles>" * 1_000_000),
    "JSON 500,000 deep": ("lista.json", lambda: b"[" * 500_000),
    "JSON with a number of a million digits": (
        "lista.json",
        lambda: json.dumps([{"type": "book", "title": "Uno"}]).encode()[:-2] + b', "volume": ' + b"9" * MB + b"}]",
    ),
    "JSON lines 100,000 deep": ("lista.jsonl", lambda: b'{"title": ' + b'{"a": ' * 100_000),
    "BibTeX 200,000 braces deep": ("lista.bib", lambda: b"@article{a, title = " + b"{" * 200_000),
    "BibTeX of commands": ("lista.bib", lambda: b"@article{a, title = {" + b"\\a{" * 100_000 + b"}" * 100_001 + b"}"),
    "RIS with a line of 15 MB": ("lista.ris", lambda: b"TY  - JOUR\nTI  - " + b"a " * (7 * MB) + b"\nER  - \n"),
    "RIS of 200,000 tags": ("lista.ris", lambda: b"TY  - JOUR\n" + b"AU  - A\n" * 200_000 + b"ER  - \n"),
    "nbib of 200,000 lines": ("lista.nbib", lambda: b"PMID- 1\nTI  - a\n" + b"      a\n" * 200_000),
    "CSV of 900,000 rows": ("lista.csv", lambda: (HEADER + "Uno,2020,A\n" * 900_000).encode()),
    "CSV of a million columns": ("lista.csv", lambda: (HEADER + "," * 1_000_000).encode()),
    "CSV with one quote that never closes": ("lista.csv", lambda: (HEADER + '"' + "a\n" * 3_000_000).encode()),
    "CSV of quotes": ("lista.csv", lambda: (HEADER + '"' * 5_000_000).encode()),
    "CSV of NUL": ("lista.csv", lambda: HEADER.encode() + NUL * 5_000_000),
    "text that is no reference": ("lista.txt", lambda: b"a" * (15 * MB)),
    "a picture in CSV's clothes": ("lista.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10_000),
    "a name of 10,000 letters": (f"{'a' * 10_000}.csv", lambda: b"title\nUno\n"),
    "a name with markup and a path": ("../../<script>alert(1)</script>.csv", lambda: b"title\nUno\n"),
}


def send(client: Client, name: str, content: bytes) -> tuple[int, str]:
    response = client.post(reverse(UPLOAD), {"file": SimpleUploadedFile(name, content)}, follow=True)
    return response.status_code, response.content.decode()


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(user_with_role("Curaduría"))
    return client


class TestHarmfulFiles:
    @pytest.mark.parametrize("case", HARMFUL)
    def test_are_answered_in_words_within_bounds(self, curator: Client, case: str):
        name, make = HARMFUL[case]
        content = make()
        tracemalloc.start()
        try:
            status, page = send(curator, name, content)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert status == 200
        assert peak < MOST_MEMORY, f"{peak / MB:.0f} MB"
        assert "<script>alert" not in page
        is_refused = 'class="errorlist"' in page
        assert is_refused != ImportBatch.objects.exists()
        # What is read is cut into references, however many bytes there are of it.
        assert ImportRow.objects.count() <= 10_000

    def test_read_no_file_of_the_server(self, curator: Client, tmp_path):
        held = tmp_path / "secret.txt"
        held.write_text(KEPT_SECRET)
        _status, page = send(curator, "lista.xml", file_of_the_server(str(held)))
        assert KEPT_SECRET not in page
        assert not ImportRow.objects.filter(raw__contains=KEPT_SECRET).exists()

    def test_that_are_larger_than_any_list_are_dropped_on_the_way(self, curator: Client):
        for size in (MOST_BYTES + 1, MOST_TAKEN_BYTES + 1):
            status, page = send(curator, "lista.csv", b"a" * size)
            assert status == 200
            assert "el límite es de 20 MB" in page
        assert not ImportBatch.objects.exists()

    def test_of_formulas_come_back_as_text(self, curator: Client):
        formulas = ("=HYPERLINK(1)", "+1+1", "-1-1", "@SUM(1)", "\t=1")
        send(curator, "lista.csv", ("title,journal\n" + "".join(f',"{each}"\n' for each in formulas)).encode())
        answer = curator.get(reverse("admin:studies_importbatch_errors", args=[ImportBatch.objects.get().pk]))
        cells = [row[1] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))]
        assert cells == ["journal", *(f"'{each}" for each in formulas)]


class TestWhoMaySend:
    """A file is parsed for nobody but who may import."""

    @pytest.mark.parametrize("role", [None, "Curaduría", "Revisión", "Administración"])
    def test_only_roles_that_write_drafts(self, client: Client, role: str | None):
        client.force_login(user_with_role(role))
        status, _page = send(client, "lista.csv", b"title\nUno\n")
        assert (status, ImportBatch.objects.exists()) == ((200, True) if role else (403, False))

    @pytest.mark.parametrize("is_signed_in", [False, True])
    def test_no_stranger_and_no_reader(self, client: Client, is_signed_in: bool):
        if is_signed_in:
            client.force_login(User.objects.create_user("lectora"))
        status, _page = send(client, "lista.csv", b"title\nUno\n")
        assert status in (200, 401, 403)
        assert not ImportBatch.objects.exists()

    @pytest.mark.parametrize("case", ["zeros in a sheet", "entities of entities", "CSV of 900,000 rows"])
    def test_nobody_else_makes_the_bank_read_one(self, client: Client, case: str, monkeypatch: pytest.MonkeyPatch):
        read: list[str] = []
        monkeypatch.setattr("studies.imports.batches.open_file", lambda name, data: read.append(name))
        name, make = HARMFUL[case]
        content = make()
        send(client, name, content)
        client.force_login(user_with_role())
        send(client, name, content)
        assert read == []

    def test_no_page_of_readers_takes_files(self, client: Client):
        """A file in a form that has no place for one is dropped, and the form is answered as if there were none."""
        for address in ("/estudios/", "/avisos/", "/reportar/", "/seleccion/", "/ficha/"):
            sent = {"file": SimpleUploadedFile("a.csv", b"a" * 1000)}
            assert client.post(address, sent).status_code < 500, address
