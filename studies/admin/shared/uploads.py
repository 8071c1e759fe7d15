"""Bounds what the server takes of an upload, whoever sends it: the CSRF token of a form is read with its files.

Django parses the files of a form before it knows whether anybody may send it, and spools them to the disk.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

MOST_TAKEN_BYTES = 32 * 1024 * 1024
"""Of all files of one form. A form may allow less, and then tells how large the file was."""


class BoundedUploadHandler(FileUploadHandler):
    """Passes chunks on to the next handler until there are too many; what follows is read and dropped."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._taken += len(raw_data)
        if self._taken > MOST_TAKEN_BYTES:
            if self.request is not None:
                # The form does not get the file, and has to tell why.
                self.request.META[_MARK] = True
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Leave the file to the next handler."""
        return None


_MARK = "evidencebank.upload_too_large"


def was_too_large(request: HttpRequest) -> bool:
    """Return True if the files of a form were dropped because they are too large."""
    return bool(request.META.get(_MARK))
