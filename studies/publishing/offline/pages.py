"""Renders the pages of the offline copy: the list of all studies, and each study, in both languages.

They use the partials of the site's own pages. A link of the site becomes a link to its page in the copy, else one to
the public site if SITE_URL is set, else plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from studies.models import Study
from studies.publishing.offline import search_data
from studies.publishing.opendata.editions import EditionVersion
from studies.records.study import StudyRecord
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.web.shared import queries
from studies.web.shared.addresses import in_each_language
from studies.web.shared.components import study_line
from studies.web.study.page import StudyPage
from studies.web.study.record_history import history_lines

LISTS = {"es": "index.html", "en": "en.html"}
FOLDERS = {"es": "estudios", "en": "studies"}
_BATCH = 100
_LINK = re.compile(r' href="(/[^"]*)"')


@dataclass(frozen=True, slots=True)
class OfflineFrame:
    """What the base template prints. `root` is the relative path to the top folder; `switch_url` the other language."""

    root: str
    list_url: str
    switch_url: str
    switch_language: str
    switch_name: str
    version: EditionVersion
    site_url: str
    copied_at: Any


def render_pages(version: EditionVersion) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every page of the copy. About fifteen queries for each batch and seven for each study."""
    keys = list(Study.objects.published().order_by("-year", "slug").values_list("pk", flat=True))
    lines: dict[str, list[Any]] = {"es": [], "en": []}
    records: list[StudyRecord] = []
    known = _map_addresses(Study.objects.published().values_list("slug", flat=True))
    for start in range(0, len(keys), _BATCH):
        batch = Study.objects.published().for_detail().in_order_of(keys[start : start + _BATCH])
        vocabulary = vocabularies.current()
        for study in batch:
            record = to_record(study, vocabulary)
            records.append(record)
            siblings = queries.studies_of_evaluations(study.evaluations.all())
            reviews = queries.reviews_and_included(study)
            instruments = queries.instruments_of(study)
            for language in LISTS:
                with override(language):
                    lines[language].append(study_line(study, vocabulary, language))
                    page = StudyPage(
                        study,
                        record,
                        vocabulary,
                        language,
                        evaluation_studies=siblings,
                        reviews=reviews,
                        instruments=instruments,
                        parameters=QueryDict(),
                    )
                    yield _render_study(page, language, version, known)
    vocabulary = vocabularies.current()
    yield "recursos/datos.js", search_data.build_script(records, vocabulary)
    for language in LISTS:
        with override(language):
            yield _render_list(lines[language], records, vocabulary, language, version, known)


def _render_study(page: StudyPage, language: str, version: EditionVersion, known: Mapping[str, str]) -> tuple[str, str]:
    slug = page.record.id
    context = {
        "study": page,
        "history": history_lines(page.row, language),
        "frame": _frame(
            language, version, root="../", switch_url=f"../{FOLDERS[_other_language(language)]}/{slug}.html"
        ),
    }
    html = render_to_string("offline/study.html", context)
    return f"{FOLDERS[language]}/{slug}.html", rewrite_links(html, known, root="../")


def _render_list(
    lines: list[Any],
    records: list[StudyRecord],
    vocabulary: Vocabularies,
    language: str,
    version: EditionVersion,
    known: Mapping[str, str],
) -> tuple[str, str]:
    context = {
        "lines": lines,
        "choices": {
            name: search_data.count_options(name, records, vocabulary, language) for name in search_data.FILTERS
        },
        "frame": _frame(language, version, root="", switch_url=LISTS[_other_language(language)]),
    }
    return LISTS[language], rewrite_links(render_to_string("offline/list.html", context), known, root="")


def rewrite_links(html: str, known: Mapping[str, str], *, root: str) -> str:
    """Rewrite the site's own links in `html`. `known` maps paths of the site to paths below `root` in the copy."""

    def lead(link: re.Match[str]) -> str:
        path, sign, place = link[1].partition("#")
        if path in known:
            return f' href="{root}{known[path]}{sign}{place}"'
        return f' href="{settings.SITE_URL}{link[1]}"' if settings.SITE_URL else ""

    return _LINK.sub(lead, html)


def _map_addresses(slugs: Any) -> dict[str, str]:
    known = {path: LISTS[language] for language, path in in_each_language("home").items()}
    for slug in slugs:
        for language, path in in_each_language("study", slug).items():
            known[path] = f"{FOLDERS[language]}/{slug}.html"
    return known


def _frame(language: str, version: EditionVersion, *, root: str, switch_url: str) -> OfflineFrame:
    other = _other_language(language)
    return OfflineFrame(
        root=root,
        list_url=f"{root}{LISTS[language]}",
        switch_url=switch_url,
        switch_language=other,
        switch_name=dict(settings.LANGUAGES)[other],
        version=version,
        site_url=settings.SITE_URL,
        copied_at=timezone.localdate(),
    )


def _other_language(language: str) -> str:
    return "es" if language == "en" else "en"
