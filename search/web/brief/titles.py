"""The title and the question of a brief in words: "Violencia física de pareja en zonas rurales", no list of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.brief.author_text import LONGEST
from search.web.evidence.dimensions import lower_first
from search.web.shared.criteria_text import describe_criteria
from studies.citations.names import join_with_and
from studies.store import vocabularies
from studies.store.vocabularies import TermView
from studies.text.normalize import fold_text
from studies.text.numbers import format_number

if TYPE_CHECKING:
    from search.services.evidence_scope import EvidenceScope

_TOPICS = {"intervention": "interventions", "theme": "themes", "outcome": "outcomes"}
"""Parameters that name a topic, with their vocabularies, in the order of the title."""

_PLACES = ("setting", "country")
_MOST_TOPICS = 2


def describe_title(body: EvidenceScope, term: TermView | None, language: str) -> tuple[str, str]:
    """Return title and question. `term` is the intervention or theme that is the only criterion."""
    if body.slugs:
        count = len(body.slugs)
        title = ngettext("%(number)s estudio elegido", "%(number)s estudios elegidos", count)
        return title % {"number": format_number(count, language)}, _("¿Qué dicen los estudios elegidos?")
    title = term.label(language) if term else _title_in_words(body, language)
    if title:
        return title, _("¿Qué dice la evidencia sobre «%(topic)s»?") % {"topic": lower_first(title)}
    title = describe_criteria(body.criteria, language)
    if len(title) > LONGEST["title"]:
        title = _("Estudios que cumplen los criterios")
    return title[:1].upper() + title[1:], _("¿Qué dicen los estudios que cumplen estos criterios?")


def _title_in_words(body: EvidenceScope, language: str) -> str:
    """Return topics and place in words, "" where the criteria name more than a title can say."""
    chosen = {parameter: sorted(codes) for parameter, codes in body.filters.chosen.items() if codes}
    if not chosen.keys() <= {*_TOPICS, *_PLACES} or (body.filters.year_from, body.filters.year_to) != (None, None):
        return ""
    vocabulary = vocabularies.current()
    terms = [
        vocabulary.find(of_topic, code) for parameter, of_topic in _TOPICS.items() for code in chosen.get(parameter, ())
    ]
    # A code may say that nothing is stated, which no vocabulary has.
    topics = [term.label(language) for term in terms if term is not None]
    settings, countries = (chosen.get(parameter, []) for parameter in _PLACES)
    if len(topics) < len(terms) or not 0 < len(topics) <= _MOST_TOPICS or len(settings) > 1 or len(countries) > 1:
        return ""
    title = join_with_and([topics[0], *map(lower_first, topics[1:])], language)
    if settings:
        place = _places().get(settings[0])
        if place is None:
            return ""
        title += f" {place}"
    if countries:
        country = vocabulary.find("countries", countries[0])
        if country is None:
            return ""
        title += f" ({country.label(language)})"
    return title if len(title) <= LONGEST["title"] and _says_all(title, body.criteria.q) else ""


def _says_all(title: str, words: str) -> bool:
    """Return True if a title has every word that somebody searched for, in whatever number: "rural", "rurales"."""
    said = fold_text(title).split()
    return all(any(each.startswith(word) for each in said) for word in fold_text(words).split())


def _places() -> dict[str, str]:
    return {
        "rural": _("en zonas rurales"),
        "urban": _("en zonas urbanas"),
        "school": _("en escuelas y universidades"),
        "humanitarian": _("en emergencias humanitarias o conflictos"),
        "online": _("a distancia o en línea"),
        "health-facility": _("en establecimientos de salud"),
        "police-station": _("en comisarías"),
        "court": _("en juzgados y fiscalías"),
        "refuge": _("en casas refugio"),
        "workplace": _("en lugares de trabajo"),
        "public-transport": _("en el transporte público"),
        "home": _("en visitas al hogar"),
        "place-of-worship": _("en iglesias y templos"),
        "prison": _("en cárceles"),
    }
