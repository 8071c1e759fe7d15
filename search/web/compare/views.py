"""The view of the comparison: two to six studies, or types of intervention, all named in its address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search.web.compare.interventions import compare_interventions
from search.web.compare.side_by_side import FEWEST, MOST, SideBySide
from search.web.compare.studies import compare_studies
from studies.citations.names import join_with_and
from studies.models import Stage, Study
from studies.store import vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.text.language import page_language
from studies.text.numbers import format_number

_MOST_ASKED = 60
"""Values of an address that are looked up: as many as a shared selection holds."""
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class InterventionChoice:
    """A type of intervention that can be compared."""

    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """All that the page prints. `table` is None where there is nothing to compare; then `choices` offers what could be.

    `choices` are types of intervention by theme. `messages` say what was asked for and is not shown.
    """

    table: SideBySide | None
    is_of_studies: bool
    messages: tuple[str, ...]
    choices: tuple[tuple[str, tuple[InterventionChoice, ...]], ...]


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Compare what an address names. A study that is not published looks the same as one that never existed."""
    vocabulary = vocabularies.current()
    language = page_language()
    slugs = _read_parameter(request, "id")
    codes = _read_parameter(request, "intervention")
    page = (
        _compare_studies(slugs, codes, vocabulary, language)
        if slugs
        else _compare_interventions(codes, vocabulary, language)
    )
    return render(request, "evidence/compare.html", {"page": page, "fewest": FEWEST, "most": MOST})


def compare_url(slugs: Iterable[str]) -> str:
    """Return the address that compares published studies, "" if they are too few or too many."""
    parameters = [("id", slug) for slug in slugs]
    return f"{reverse('compare')}?{urlencode(parameters)}" if FEWEST <= len(parameters) <= MOST else ""


def _compare_studies(
    slugs: Sequence[str], codes: Sequence[str], vocabulary: Vocabularies, language: str
) -> ComparePage:
    found, unknown = _read_published(slugs)
    table = compare_studies(found[:MOST], vocabulary, language) if len(found) >= FEWEST else None
    messages = [*_messages(unknown, len(found), language)]
    if table is None:
        messages.insert(0, _("Para comparar hacen falta al menos dos estudios publicados."))
    if codes:
        messages.append(_("Se comparan estudios o tipos de intervención, no ambos: aquí, los estudios."))
    return ComparePage(table, is_of_studies=True, messages=tuple(messages), choices=())


def _compare_interventions(codes: Sequence[str], vocabulary: Vocabularies, language: str) -> ComparePage:
    terms: dict[str, TermView] = {}
    unknown = []
    for code in codes:
        term = vocabulary.find("interventions", code)
        if term is None or term.is_retired:
            unknown.append(code)
        else:
            terms[term.code] = term
    found = list(terms.values())
    table = compare_interventions(found[:MOST], vocabulary, language) if len(found) >= FEWEST else None
    messages = [*_messages(unknown, len(found), language)]
    if table is None and codes:
        messages.insert(0, _("Elija con qué comparar: hacen falta al menos dos tipos de intervención."))
    choices = tuple(_choices(vocabulary, language, frozenset(list(terms)[:MOST])))
    return ComparePage(table, is_of_studies=False, messages=tuple(messages), choices=choices)


def _read_published(slugs: Sequence[str]) -> tuple[list[Study], list[str]]:
    """Return the published studies with these slugs, in their order, and the slugs that lead to none: thirteen queries.

    A merged study is replaced by the one that it went into, for one query more a step.
    """
    traces = Study.objects.read_ids_and_stages(slugs)
    keys: dict[str, int] = {slug: key for slug, (key, _stage) in traces.items()}
    for slug, (key, stage) in traces.items():
        if stage == Stage.MERGED:
            keys[slug] = Study.objects.get(pk=key).follow_merges().pk
    wanted = dict.fromkeys(keys[slug] for slug in slugs if slug in keys)
    studies = Study.objects.for_export().select_related("programme").in_order_of(wanted)
    public = {study.pk for study in studies}
    return studies, [slug for slug in slugs if keys.get(slug) not in public]


def _messages(unknown: Sequence[str], found: int, language: str) -> Iterator[str]:
    if unknown:
        names = join_with_and([_("«%(name)s»") % {"name": name} for name in unknown], language)
        yield _("No se encontró en el banco: %(names)s.") % {"names": names}
    if found > MOST:
        over = found - MOST
        text = ngettext(
            "Se comparan seis como máximo: quedó fuera %(number)s de los elegidos.",
            "Se comparan seis como máximo: quedaron fuera %(number)s de los elegidos.",
            over,
        )
        yield text % {"number": format_number(over, language)}


def _choices(
    vocabulary: Vocabularies, language: str, chosen: frozenset[str]
) -> Iterator[tuple[str, tuple[InterventionChoice, ...]]]:
    for theme in vocabulary.terms("themes"):
        offered = tuple(
            InterventionChoice(term.code, term.label(language), term.code in chosen)
            for term in vocabulary.children("interventions", theme.code)
            if not term.is_retired
        )
        if offered:
            yield theme.label(language), offered


def _read_parameter(request: HttpRequest, name: str) -> list[str]:
    """Return the distinct values of a parameter, in order, as they can be shown again."""
    # Unknown values are printed in a message: a reader's address must not fill the page.
    given = (value[:_LONGEST_NAME] for value in request.GET.getlist(name)[:_MOST_ASKED])
    return list(dict.fromkeys(filter(None, given)))
