"""The box on a study's page that says how to cite it. Styles and languages are links, which need no script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from studies.citations.bibliography import cite_single
from studies.citations.reference import make_reference
from studies.citations.runs import TextRuns
from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.exports.options import style_or_default
from studies.exports.registry import EXPORTS
from studies.records.study import StudyRecord

ANCHOR = "citar"


@dataclass(frozen=True, slots=True)
class CitationOption:
    """A style or language, with the address of the page in it; `language` is that of the label, "" for the page's."""

    label: str
    url: str
    current: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class CitationFile:
    """The citation as a file."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class CitationBox:
    """A citation in the style and language that the reader chose, else APA in the page's language.

    `language` is that of the study, whose title makes most of the text.
    """

    runs: TextRuns
    in_text: TextRuns
    language: str
    styles: tuple[CitationOption, ...]
    languages: tuple[CitationOption, ...]
    files: tuple[CitationFile, ...]


def citation_box(record: StudyRecord, page_language: str, parameters: QueryDict) -> CitationBox:
    """Return the citation in the `style` and language (`cite_in`) of the page's parameters, if they are known ones."""
    style = style_or_default(parameters.get("style", ""))
    language = parameters.get("cite_in", "")
    language = language if language in ("es", "en") else page_language
    entry = cite_single(make_reference(record, language=language, on=timezone.localdate()), STYLES[style], language)
    return CitationBox(
        runs=entry.runs,
        in_text=entry.in_text,
        language=record.language or "",
        styles=tuple(
            CitationOption(
                each.label(page_language) if code == style else each.name,
                _address(code, language, page_language),
                code == style,
            )
            for code, each in STYLES.items()
        ),
        languages=tuple(
            CitationOption(str(name), _address(style, code, page_language), code == language, code)
            for code, name in settings.LANGUAGES
        ),
        files=tuple(_files(record.id, style, language)),
    )


def _address(style: str, language: str, page_language: str) -> str:
    pairs = [("style", style)] if style != DEFAULT_STYLE else []
    pairs += [("cite_in", language)] if language != page_language else []
    return f"?{urlencode(pairs)}#{ANCHOR}"


def _files(slug: str, style: str, language: str) -> Iterator[CitationFile]:
    query = f"?style={style}" if style != DEFAULT_STYLE else ""
    # A file is in the language of its address, which may be another one than the page's.
    with override(language):
        for ext, export in EXPORTS.items():
            path = reverse("study-citation", args=[slug, ext])
            yield CitationFile(export.label, path + query if export.has_style else path)
