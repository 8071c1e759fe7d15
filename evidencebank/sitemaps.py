"""The map of the site for search engines: pages, themes and published studies, each in both languages."""

from __future__ import annotations

import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from studies import vocabularies
from studies.models import Study
from studies.vocabularies import TermView

PAGES = ("home", "search", "help", "about", "glossary", "data", "accessibility")


class _Bilingual(Sitemap):  # type: ignore[type-arg]  # the stubs' parameter is no class at run time
    i18n = True
    alternates = True


class PageMap(_Bilingual):
    def items(self) -> list[str]:
        return list(PAGES)

    def location(self, item: str) -> str:
        return reverse(item)


class ThemeMap(_Bilingual):
    def items(self) -> list[TermView]:
        return list(vocabularies.current().terms("themes"))

    def location(self, item: TermView) -> str:
        return reverse("theme", args=[item.code])


class StudyMap(_Bilingual):
    def items(self) -> QuerySet[Study]:
        return Study.objects.published().order_by("slug").only("slug", "updated_at")

    def lastmod(self, item: Study) -> datetime.datetime:
        return item.updated_at


SITEMAPS = {"pages": PageMap, "themes": ThemeMap, "studies": StudyMap}
