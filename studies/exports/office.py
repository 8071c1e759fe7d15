"""Streams Word and Excel files: large parts are written into a small template while the reader downloads.

Such a file is a ZIP archive of XML parts. python-docx and openpyxl hold a whole document in memory before they return
its first byte; here they only make the template, and the archive is written part by part. For `workbook` and
`lists.docx`.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from studies.text.characters import replace_non_xml

_OLDEST = datetime.date(1980, 1, 1)  # a ZIP archive knows no older day
_LEVEL = 2
"""Of compression: takes a third of the time of the usual 6, and makes a workbook a seventh larger."""


def stream_archive(
    template: bytes, parts: Mapping[str, Iterable[str]], on: datetime.date | None = None
) -> Iterator[bytes]:
    """Yield the archive `template` with the parts named in `parts` replaced by texts, which are read while written.

    All entries carry the date `on` (1980 without one), so that equal contents give equal bytes.
    """
    outlet = _WriteBuffer()
    day = on or _OLDEST
    with (
        zipfile.ZipFile(io.BytesIO(template)) as original,
        zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in original.namelist():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            # The level of the archive does not count for an entry that is described; public since Python 3.13 alone.
            info._compresslevel = _LEVEL  # type: ignore[attr-defined]
            with archive.open(info, "w") as part:
                for text in parts.get(name, ()):
                    part.write(text.encode())
                    if outlet.is_full:
                        yield outlet.take()
                if name not in parts:
                    part.write(original.read(name))
            yield outlet.take()
    yield outlet.take()


def split_part(template: bytes, name: str, marker: str) -> tuple[str, str]:
    """Return what is before and after `marker` in the part `name` of the template."""
    with zipfile.ZipFile(io.BytesIO(template)) as original:
        before, found, behind = original.read(name).decode().partition(marker)
    assert found, f"{name} has no {marker}"
    return before, behind


def xml_text(text: str) -> str:
    """Escape a text for XML and drop the characters that XML does not allow."""
    # A text without control characters, as nearly all are, holds none that XML does not allow.
    return escape(text if text.isprintable() else replace_non_xml(text), quote=False)


class _WriteBuffer(io.RawIOBase):
    """A write-only stream for `zipfile` that hands over what was written so far."""

    _FULL_BYTES = 16_384

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    @property
    def is_full(self) -> bool:
        return len(self._held) >= self._FULL_BYTES

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # whatever zipfile hands over is a buffer
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = bytes(self._held)
        self._held.clear()
        return taken
