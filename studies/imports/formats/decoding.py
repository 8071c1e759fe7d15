"""Decodes an uploaded file: UTF-8 with or without byte order mark, UTF-16, Windows-1252; any line ends."""

from __future__ import annotations

import codecs

from studies.imports.formats.errors import FileUnreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_REFUSED_STARTS = {
    b"%PDF": "Es un PDF, no una lista de referencias.",
    b"\xd0\xcf\x11\xe0": "Es un archivo antiguo de Office (.xls o .doc): ábralo y guárdelo como .xlsx o .csv.",
    b"\x1f\x8b": "Está comprimido: descomprímalo y suba lo que contiene.",
    b"\x89PNG": "Es una imagen, no una lista de referencias.",
    b"\xff\xd8\xff": "Es una imagen, no una lista de referencias.",
}


def decode_text(data: bytes) -> str:
    """Return the text with `\\n` as line end and without byte order mark. Raises FileUnreadable for what is no text.

    Bytes that are no UTF-8, in a text that is, are taken for Windows-1252.
    """
    for start, sentence in _REFUSED_STARTS.items():
        if data.startswith(start):
            raise FileUnreadable(sentence)
    text = _decode(data)
    if "\x00" in text:
        raise FileUnreadable("No es un archivo de texto.")
    # A file that was joined of several has their marks in its middle.
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    start = data[:2_000]
    # UTF-16 without a mark shows in Latin text as a zero byte beside each letter.
    if start[1::2].count(0) > len(start) // 4:
        return data.decode("utf-16-le", "replace")
    if start[::2].count(0) > len(start) // 4:
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _mostly_utf8(data) or data.decode("cp1252", "replace")


def _mostly_utf8(data: bytes) -> str | None:
    """Return the text if its UTF-8 letters outnumber its other bytes: Windows-1252 rarely looks like UTF-8.

    A byte that is no UTF-8 is then a letter that some program put in as Windows-1252.
    """
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - broken
    return data.decode("utf-8", _AS_WINDOWS_1252) if whole > broken else None


def _read_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


_AS_WINDOWS_1252 = "evidencebank-windows-1252"
codecs.register_error(_AS_WINDOWS_1252, _read_windows_1252)
