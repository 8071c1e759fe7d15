"""Links to the files of a list, in every format of the registry: of result lists, selections and frozen lists."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from search.pages import ExportLink
from studies.exports import EXPORTS


def export_links(name: str, query: str = "", **in_path: str) -> Iterator[ExportLink]:
    """Yield a link for each format. `name` is the address that gives files; `query` says of which list."""
    for ext, export in EXPORTS.items():
        path = reverse(name, kwargs={**in_path, "ext": ext})
        group = "citations" if export.is_citation else "data"
        yield ExportLink(export.label, f"{path}?{query}" if query else path, group)
