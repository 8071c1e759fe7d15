"""Writes a list of studies into a file, in any format that the pages offer."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand
from django.http import QueryDict
from django.utils.translation import override

from search.criteria.filters import read_criteria
from search.services import public_search
from search.web.results.page import search_url
from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.exports.registry import EXPORTS
from studies.store import vocabularies
from studies.web.shared.downloads import writer_context


class Command(BaseCommand):
    help = "Writes the published studies of a list in one format: to standard output, or into a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=list(EXPORTS), metavar="FORMAT", help=", ".join(EXPORTS))
        parser.add_argument(
            "criteria",
            nargs="?",
            default="",
            help='what stands behind "?" in the address of the list: "q=perú&theme=autonomy"; all studies without it',
        )
        parser.add_argument(
            "--style", choices=list(STYLES), default=DEFAULT_STYLE, help="of references in docx, html, txt"
        )
        parser.add_argument("--language", choices=("es", "en"), default="es", help="of labels, notes and styles")
        parser.add_argument("--output", type=Path, help="a file; without it the list goes to standard output")

    def handle(self, *args: Any, **given: Any) -> None:
        pieces = _pieces(given["format"], given["criteria"], given["language"], given["style"])
        output: Path | None = given["output"]
        if output is None:
            _write(pieces, sys.stdout.buffer)
            return
        with output.open("wb") as file:
            _write(pieces, file)


def _pieces(ext: str, query: str, language: str, style: str) -> Iterator[bytes]:
    criteria = read_criteria(QueryDict(query.removeprefix("?")))
    vocabulary = vocabularies.current()
    with override(language):
        listed_at = f"{settings.SITE_URL}{search_url(criteria.with_page(1))}" if settings.SITE_URL else ""
    return EXPORTS[ext].write(public_search.iterate(criteria), writer_context(vocabulary, language, style, listed_at))


def _write(pieces: Iterator[bytes], file: BinaryIO) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()
