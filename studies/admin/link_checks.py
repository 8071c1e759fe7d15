"""Links that were checked, and the studies that name them. Read only: `check_links` writes them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from studies.admin.shared.base import BankAdmin
from studies.admin.shared.filters import LinkAnswerFilter
from studies.models import LinkCheck, Source, Study
from studies.templatetags.bank import external_link
from studies.text.normalize import fold_text


class _LinkChangeList(ChangeList):
    """A page of links, each with the studies that name it: three queries more."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        urls = [row.url for row in rows]
        naming: dict[str, set[int]] = defaultdict(set)
        for url, key in Source.objects.filter(url__in=urls).values_list("url", "study"):
            naming[url].add(key)
        for url, key in Study.objects.filter(url__in=urls).values_list("url", "pk"):
            naming[url].add(key)
        studies = Study.objects.in_bulk({key for keys in naming.values() for key in keys})
        for row in rows:
            row.studies = [studies[key] for key in sorted(naming[row.url])]
        self.result_list = rows


@admin.register(LinkCheck)
class LinkCheckAdmin(BankAdmin):
    """Links and what they answered, those that fail first."""

    read_with = ("studies.view_study",)
    list_display = ("address", "state", "status", "detail", "checked_at", "failing_since", "named_by")
    list_display_links = None
    list_filter = (LinkAnswerFilter,)
    list_per_page = 50
    search_help_text = "Parte de la dirección."

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        for word in fold_text(search_term).split():
            queryset = queryset.filter(url__icontains=word)
        return queryset, False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return _LinkChangeList

    @admin.display(description="dirección", ordering="url")
    def address(self, check: LinkCheck) -> SafeString | str:
        return external_link(check.url, check.url)

    @admin.display(description="estudios")
    def named_by(self, check: LinkCheck) -> SafeString | str:
        studies = getattr(check, "studies", ())
        links = ((reverse("admin:studies_study_change", args=[study.pk]), study.slug) for study in studies)
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "ninguno"
