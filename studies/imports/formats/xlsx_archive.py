"""Reduces a workbook to one sheet and what that needs, before openpyxl reads it. Nothing else is unpacked.

openpyxl reads whatever parts an archive names, whole and under any name: 34 kB of empty cell formats took it five
minutes and 2.5 GB. Sizes are those that the archive declares; zipfile unpacks no more of a part.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import IO, Any

from defusedxml.ElementTree import fromstring

from studies.imports.formats.errors import FileUnreadable

MOST_UNPACKED_BYTES = 100 * 1024 * 1024
_MOST_SHARED_TEXT_BYTES = 40 * 1024 * 1024
_MOST_BYTES_OF_SMALL_PART = 4 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_TAGS = 4_000_000
"""Tags of the sheet, or of its shared texts: ten thousand rows of forty cells have 2.4 million."""
_MOST_TAGS_OF_SMALL_PART = 50_000
"""Tags of the formats, of the list of sheets: each costs openpyxl a thousand bytes."""
_BOOK, _RELATIONS, _FORMATS, _TEXTS = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
)
_SHEET = "xl/worksheets/sheet1.xml"
_CHUNK = 64 * 1024

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class NoSuchSheet(Exception):
    """The workbook has fewer sheets."""


def reduce_to_sheet(data: bytes, place: int) -> io.BytesIO:
    """Return a workbook of one sheet alone, 0 being the first that holds cells.

    Raises NoSuchSheet, FileUnreadable for what is no workbook, or unpacks to too much, and what zipfile and the XML
    parser raise.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_sizes(archive)
        book = fromstring(_read_small_part(archive, _BOOK), forbid_dtd=True)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
            _copy_part(archive, _find_sheet(archive, book, place), written, _SHEET)
            names = set(archive.namelist())
            if _TEXTS in names:
                _copy_part(archive, _TEXTS, written, _TEXTS)
            if _FORMATS in names:
                written.writestr(_FORMATS, _read_small_part(archive, _FORMATS))
            written.writestr("[Content_Types].xml", _content_types_xml(names))
            written.writestr(_BOOK, _workbook_xml(is_of_1904=_is_of_1904(book)))
            written.writestr(_RELATIONS, _relations_xml())
        made.seek(0)
        return made


def _check_sizes(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if _BOOK not in archive.namelist():
        raise FileUnreadable("Es un archivo comprimido, no un libro de Excel (.xlsx).")
    shared = sum(part.file_size for part in parts if part.filename == _TEXTS)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or shared > _MOST_SHARED_TEXT_BYTES:
        raise FileUnreadable(
            f"Descomprimido pasaría de {MOST_UNPACKED_BYTES // 1024**2} MB: no parece una lista de referencias."
        )


def _read_small_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part that openpyxl or this module holds in memory as a whole. Raises FileUnreadable if it is large."""
    if archive.getinfo(name).file_size > _MOST_BYTES_OF_SMALL_PART:
        raise _too_many_cells()
    content = archive.read(name)
    if (
        content.count(b"<") > _MOST_TAGS_OF_SMALL_PART
        or content.count("<".encode("utf-16-le")) > _MOST_TAGS_OF_SMALL_PART
    ):
        raise _too_many_cells()
    return content


def _copy_part(archive: zipfile.ZipFile, name: str, written: zipfile.ZipFile, as_name: str) -> None:
    marks = 0
    with archive.open(name) as part, written.open(as_name, "w") as copy:
        while chunk := _read_chunk(part):
            marks += chunk.count(b"<")
            if marks > _MOST_TAGS:
                raise _too_many_cells()
            copy.write(chunk)


def _read_chunk(part: IO[bytes]) -> bytes:
    return part.read(_CHUNK)


def _too_many_cells() -> FileUnreadable:
    return FileUnreadable(
        "Tiene demasiadas celdas o formatos para una lista de referencias: cópiela a un libro nuevo y súbalo."
    )


def _find_sheet(archive: zipfile.ZipFile, book: Any, place: int) -> str:
    """Return the name of the part of a sheet. Raises KeyError where there is none at all, else NoSuchSheet."""
    targets = {}
    for relation in fromstring(_read_small_part(archive, _RELATIONS), forbid_dtd=True):
        if relation.get("Type", "").endswith("/worksheet"):
            target = relation.get("Target", "")
            targets[relation.get("Id")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    sheets = []
    for sheet in book.iter():
        if _local_name(sheet.tag) == "sheet":
            keys = (value for name, value in sheet.attrib.items() if _local_name(name) == "id" and name != "id")
            if found := next((targets[key] for key in keys if key in targets), None):
                sheets.append(found)
    if not sheets:
        raise KeyError("no sheet")
    if place >= len(sheets):
        raise NoSuchSheet
    return sheets[place]


def _is_of_1904(book: Any) -> bool:
    """Whether its dates count from 1904, as those of old Macintoshes do."""
    return any(_local_name(part.tag) == "workbookPr" and part.get("date1904") in ("1", "true") for part in book)


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _content_types_xml(names: set[str]) -> str:
    parts = [(_BOOK, "sheet.main"), (_SHEET, "worksheet")]
    parts += [(name, kind) for name, kind in ((_TEXTS, "sharedStrings"), (_FORMATS, "styles")) if name in names]
    told = "".join(f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts)
    default = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{default}{told}</Types>'


def _workbook_xml(*, is_of_1904: bool) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{int(is_of_1904)}"/>'
        '<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _relations_xml() -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="/{_SHEET}"/></Relationships>'
    )
