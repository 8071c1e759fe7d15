"""The page of a theme: the answer on it, and its studies by intervention and by place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.criteria.filters import read_criteria
from search.web.evidence.basis import Basis
from search.web.evidence.changes import AnswerChanges, list_answer_changes
from search.web.evidence.whole_answer import WholeAnswer, build_whole_answer
from search.web.shared.list_address import list_address
from studies.store import evidence_snapshot, vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.evidence import Scope
from studies.text.language import page_language
from studies.web.shared.bank_counts import PERU, StudyCounts, study_counts
from studies.web.shared.links import Link, breadcrumbs

MOST_ROWS_OF_ONE_TABLE = 8


@dataclass(frozen=True, slots=True)
class CountRow:
    """A term with its counts. `url` lists exactly the studies counted; `page_url` is the term's own page."""

    label: str
    url: str
    counts: StudyCounts
    page_url: str = ""


@dataclass(frozen=True, slots=True)
class ThemePage:
    """All that the page of a theme prints."""

    crumbs: tuple[Link, ...]
    label: str
    definition: str
    counts: StudyCounts
    search_url: str
    table_caption: str
    rows: tuple[CountRow, ...]
    row_columns: tuple[tuple[CountRow, ...], ...]
    other_table_caption: str
    other_rows: tuple[CountRow, ...]
    places: tuple[CountRow, ...]
    whole: WholeAnswer
    changes: AnswerChanges | None


@require_safe
def theme(request: HttpRequest, code: str) -> HttpResponse:
    """Show a theme; the address of one that was merged leads to the theme that it went into."""
    vocabulary = vocabularies.current()
    term = vocabulary.find("themes", code)
    if term is None or term.is_retired:
        raise Http404
    if term.code != code:
        return redirect("theme", code=term.code, permanent=True)
    language = page_language()
    page = theme_page(term, vocabulary, study_counts(), language, request.GET.get("since"))
    return render(request, "studies/theme.html", {"theme": page})


def theme_page(
    term: TermView, vocabulary: Vocabularies, counts: StudyCounts, language: str, since: str | None = None
) -> ThemePage:
    """Return the view model of a theme's page. `counts` are those of the whole bank."""
    own = counts.of_theme(term.code)
    label = term.label(language)
    interventions = vocabulary.terms("interventions")
    rows = [_intervention_row(each, own, term, language) for each in interventions if each.parent == term.code]
    if own.without_intervention().studies:
        rows.append(_no_intervention_row(own, term))
    basis = _basis(term, vocabulary, language)
    whole = build_whole_answer(basis, term)
    other = [_intervention_row(each, own, term, language) for each in interventions if each.parent != term.code]
    return ThemePage(
        crumbs=breadcrumbs(Link(_("Temas"), f"{reverse('home')}#temas"), Link(label)),
        label=label,
        definition=term.definition(language),
        counts=own,
        search_url=list_address(theme=term.code),
        table_caption=_("Estudios y evaluaciones de %(theme)s, por tipo de intervención") % {"theme": label},
        rows=tuple(rows),
        row_columns=row_columns(tuple(rows)),
        other_table_caption=_("Estudios de %(theme)s con intervenciones de otros temas") % {"theme": label},
        other_rows=tuple(row for row in other if row.counts.studies),
        places=tuple(_place_rows(own, vocabulary, term, language)),
        whole=whole,
        changes=list_answer_changes(basis, read_criteria(QueryDict(basis.query)), whole.texts, since, is_own_page=True),
    )


def row_columns(rows: tuple[CountRow, ...]) -> tuple[tuple[CountRow, ...], ...]:
    """Return the rows of one table or, where it would be long, of two that a wide screen shows side by side."""
    if len(rows) <= MOST_ROWS_OF_ONE_TABLE:
        return (rows,)
    half = (len(rows) + 1) // 2
    return rows[:half], rows[half:]


def _basis(term: TermView, vocabulary: Vocabularies, language: str) -> Basis:
    snapshot = evidence_snapshot.current()
    return Basis(
        studies=list(snapshot.of_theme.get(term.code, ())),
        evidence=snapshot,
        scope=Scope(),
        query=urlencode({"theme": term.code}),
        vocabulary=vocabulary,
        language=language,
    )


def _intervention_row(each: TermView, own: StudyCounts, theme: TermView, language: str) -> CountRow:
    return CountRow(
        label=each.label(language),
        url=list_address(theme=theme.code, intervention=each.code),
        counts=own.of_intervention(each.code),
        page_url=reverse("intervention", args=[each.code]),
    )


def _no_intervention_row(own: StudyCounts, theme: TermView) -> CountRow:
    url = list_address(theme=theme.code, intervention="none")
    return CountRow(_("Sin tipo de intervención"), url, own.without_intervention())


def _place_rows(own: StudyCounts, vocabulary: Vocabularies, theme: TermView, language: str) -> Iterable[CountRow]:
    for region in vocabulary.terms("regions"):
        codes = {country.code for country in vocabulary.children("countries", region.code)}
        here = own.in_countries(codes)
        # Peru's row is printed without studies too: that there are none is an answer.
        if here.studies or PERU in codes:
            url = list_address(theme=theme.code, region=region.code)
            yield CountRow(region.label(language), url, here)
    elsewhere = own.without_country()
    if elsewhere.studies:
        url = list_address(theme=theme.code, country="none")
        yield CountRow(_("Varios países o sin dato"), url, elsewhere)
