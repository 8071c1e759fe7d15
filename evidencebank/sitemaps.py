"""Sitemaps for search engines: pages, themes, interventions, programmes, questions and studies, in both languages.

The index leads to one sitemap of each kind, or to several of a long one: one of 20,000 studies would take seconds.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cache
from typing import overload

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from studies.models import PolicyQuestion, Programme, Study
from studies.store import vocabularies
from studies.store.vocabularies import TermView
from studies.web.shared import queries

PAGES = (
    "home", "interventions", "search", "map", "evidence", "programmes", "questions", "help", "about", "glossary",
    "data", "api-docs", "accessibility", "privacy",
)  # fmt: skip


class _BilingualSitemap(Sitemap):  # type: ignore[type-arg]  # the stubs' parameter is no class at run time
    i18n = True
    alternates = True
    # For readers of a third language: the addresses at the root, which are Spanish.
    x_default = True
    limit = 1_000


class PageSitemap(_BilingualSitemap):
    def items(self) -> list[str]:
        return list(PAGES)

    def location(self, item: str) -> str:
        return reverse(item)


class ThemeSitemap(_BilingualSitemap):
    def items(self) -> list[TermView]:
        return list(vocabularies.current().terms("themes"))

    def location(self, item: TermView) -> str:
        return reverse("theme", args=[item.code])


class InterventionSitemap(_BilingualSitemap):
    def items(self) -> list[TermView]:
        return list(vocabularies.current().terms("interventions"))

    def location(self, item: TermView) -> str:
        return reverse("intervention", args=[item.code])


class ProgrammeSitemap(_BilingualSitemap):
    def items(self) -> QuerySet[Programme]:
        return Programme.objects.public().order_by("slug").only("slug")


class QuestionSitemap(_BilingualSitemap):
    def items(self) -> QuerySet[PolicyQuestion]:
        return queries.published_questions().order_by("slug").only("slug")


class _InEachLanguage(Sequence[tuple[Study, str]]):
    """Each study once for each language. A page of the map reads the studies of that page, not the whole bank."""

    def __init__(self, studies: QuerySet[Study]) -> None:
        self.studies = studies
        self.languages = [code for code, _name in settings.LANGUAGES]

    def __len__(self) -> int:
        return self.studies.count() * len(self.languages)

    @overload
    def __getitem__(self, place: int) -> tuple[Study, str]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[Study, str]]: ...
    def __getitem__(self, place: int | slice) -> tuple[Study, str] | list[tuple[Study, str]]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        each = len(self.languages)
        start, stop, _step = place.indices(len(self))
        studies = self.studies[start // each : -(-stop // each)]
        pairs = [(study, language) for study in studies for language in self.languages]
        return pairs[start % each : start % each + stop - start]


class StudySitemap(_BilingualSitemap):
    def items(self) -> QuerySet[Study]:
        return Study.objects.published().order_by("slug").only("slug", "updated_at")

    def _items(self) -> _InEachLanguage:
        return _InEachLanguage(self.items())

    def location(self, item: Study) -> str:
        return f"{_folder_of_studies(get_language() or '')}{item.slug}/"

    def lastmod(self, item: Study) -> datetime.datetime:
        return item.updated_at

    def get_latest_lastmod(self) -> datetime.datetime | None:
        """Return the start of the day on which any study last changed, None without studies: one query."""
        last: datetime.datetime | None = Study.objects.published().aggregate(last=Max("updated_at"))["last"]
        return timezone.localtime(last).replace(hour=0, minute=0, second=0, microsecond=0) if last else None


@cache
def _folder_of_studies(language: str) -> str:
    """Return the address in which all studies lie. Making the address of each anew took most of the time of a map."""
    return reverse("study", args=["x"]).removesuffix("x/")


SITEMAPS = {
    "pages": PageSitemap,
    "themes": ThemeSitemap,
    "interventions": InterventionSitemap,
    "programmes": ProgrammeSitemap,
    "questions": QuestionSitemap,
    "studies": StudySitemap,
}
