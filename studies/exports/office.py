"""Files of Word and Excel as streams: a frame made once, whose large part is poured in while the reader receives.

Such a file is a ZIP archive of XML parts. python-docx and openpyxl finish a whole document before they give its first
byte; here they only make the frame, and the archive is written forwards, a part after another.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from studies.text.characters import replace_non_xml

_OLDEST = datetime.date(1980, 1, 1)  # a ZIP archive knows no older day


def poured(frame: bytes, parts: Mapping[str, Iterable[str]], on: datetime.date | None = None) -> Iterator[bytes]:
    """Yield the archive `frame` with some of its parts replaced by texts, which are read while they are written.

    Equal contents give equal bytes on one day.
    """
    outlet = _Outlet()
    day = on or _OLDEST
    with zipfile.ZipFile(io.BytesIO(frame)) as made, zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made.namelist():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as part:
                for text in parts.get(name, ()):
                    part.write(text.encode())
                    if outlet.is_full:
                        yield outlet.take()
                if name not in parts:
                    part.write(made.read(name))
            yield outlet.take()
    yield outlet.take()


def part_around(frame: bytes, name: str, marker: str) -> tuple[str, str]:
    """Give what stands before and behind a marker in a part of the frame."""
    with zipfile.ZipFile(io.BytesIO(frame)) as made:
        before, found, behind = made.read(name).decode().partition(marker)
    assert found, f"{name} has no {marker}"
    return before, behind


def xml_text(text: str) -> str:
    """Escape a text for XML, without the characters that XML cannot hold."""
    return escape(replace_non_xml(text), quote=False)


class _Outlet(io.RawIOBase):
    """A stream that can only be written to, and emptied."""

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
        """Return what was written since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken
