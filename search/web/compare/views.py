"""The view of the comparison: two to six studies, types of intervention or programmes, all named in its address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search.web.compare.interventions import compare_interventions
from search.web.compare.programmes import compare_programmes
from search.web.compare.side_by_side import FEWEST, MOST, SideBySide
from search.web.compare.studies import compare_studies
from studies.citations.names import join_with_and
from studies.models import Stage, Study
from studies.store import vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.text.language import page_language
from studies.text.numbers import format_number
from studies.web.shared import queries
from studies.web.shared.components import name_of

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

    `kind` is the parameter that names what is compared. `choices` are types of intervention by theme; `list_url` leads
    to the list of programmes with the chosen ones marked, "" if they are not what is compared. `messages` say what was
    asked for and is not shown. `question` asks with what to compare the one that was named.
    """

    table: SideBySide | None
    kind: str
    messages: tuple[str, ...]
    choices: tuple[tuple[str, tuple[InterventionChoice, ...]], ...] = ()
    list_url: str = ""
    question: str = ""


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Compare what an address names. A study that is not published looks the same as one that never existed."""
    vocabulary = vocabularies.current()
    language = page_language()
    asked = {kind: _read_parameter(request, kind) for kind in _COMPARING}
    kind = next((each for each, values in asked.items() if values), "intervention")
    page = _COMPARING[kind](asked[kind], vocabulary, language)
    if sum(map(bool, asked.values())) > 1:
        page = replace(page, messages=(*page.messages, _mixed(kind)))
    return render(request, "evidence/compare.html", {"page": page, "fewest": FEWEST, "most": MOST})


def compare_url(slugs: Iterable[str]) -> str:
    """Return the address that compares published studies, "" if they are too few or too many."""
    parameters = [("id", slug) for slug in slugs]
    return f"{reverse('compare')}?{urlencode(parameters)}" if FEWEST <= len(parameters) <= MOST else ""


def _compare_studies(slugs: Sequence[str], vocabulary: Vocabularies, language: str) -> ComparePage:
    found, unknown = _read_published(slugs)
    table = compare_studies(found[:MOST], vocabulary, language) if len(found) >= FEWEST else None
    messages = [*_messages(unknown, len(found), language)]
    if table is None:
        messages.insert(0, _("Para comparar hacen falta al menos dos estudios publicados."))
    return ComparePage(table, "id", tuple(messages))


def _compare_programmes(slugs: Sequence[str], vocabulary: Vocabularies, language: str) -> ComparePage:
    found = queries.public_programmes_named(slugs)
    known = [each.slug for each in found]
    table = compare_programmes(found[:MOST], vocabulary, language) if len(found) >= FEWEST else None
    messages = [*_messages([slug for slug in slugs if slug not in known], len(found), language)]
    if not found:
        messages.insert(0, _("Para comparar hacen falta al menos dos programas publicados."))
    chosen = urlencode([("programme", slug) for slug in known[:MOST]])
    return ComparePage(
        table,
        "programme",
        tuple(messages),
        list_url=reverse("programmes") + (f"?{chosen}" if chosen else ""),
        question=_ask_with_what(name_of(found[0], language)) if len(found) == 1 else "",
    )


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
    # The page of a type of intervention leads here with that one: to ask for the others is no error of the reader's.
    question = _ask_with_what(found[0].label(language)) if len(found) == 1 else ""
    choices = tuple(_choices(vocabulary, language, frozenset(list(terms)[:MOST])))
    return ComparePage(table, "intervention", tuple(messages), choices, question=question)


# In this order: what an address of several kinds compares is the first.
_COMPARING: Mapping[str, Callable[[Sequence[str], Vocabularies, str], ComparePage]] = {
    "id": _compare_studies,
    "programme": _compare_programmes,
    "intervention": _compare_interventions,
}


def _mixed(kind: str) -> str:
    if kind == "id":
        return _("Se comparan estudios, programas o tipos de intervención, sin mezclarlos: aquí, los estudios.")
    return _("Se comparan estudios, programas o tipos de intervención, sin mezclarlos: aquí, los programas.")


def _ask_with_what(name: str) -> str:
    return _("¿Con qué se compara «%(name)s»?") % {"name": name}


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
