"""How what was evaluated was delivered, in the words of the records: a short section of an intervention's answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.basis import Basis
from search.web.evidence.dimensions import code_label, lower_first
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence, remove_marks
from search.web.evidence.study_address import studies_url
from studies.store.vocabularies import Vocabularies
from studies.synthesis.delivery import Counted, Delivery, describe_delivery
from studies.synthesis.study_details import StudyDetails
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number

TOLD_SHOWN = 9
"""Studies whose text an answer prints, the first three in sight; of more, the number and their list."""

MOST_PROGRAMMES = 6


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """A fact with its name and its evaluations linked: "Ámbito", "zona rural (3)"."""

    label: str
    text: Sentence


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """The section: facts, a text for each of the first studies that tell it, and what nobody tells."""

    facts: tuple[DeliveryFact, ...]
    told: tuple[Sentence, ...]
    more: tuple[Sentence, ...]


def delivery_view(basis: Basis, details: Mapping[str, StudyDetails], name_of: Callable[[str], str]) -> DeliveryView:
    """Return how the evaluations of a body of evidence were delivered: no query."""
    delivery = describe_delivery(basis.studies, basis.evidence, basis.scope, details)
    vocabulary, language = basis.vocabulary, basis.language
    settings = {
        lower_first(code_label("setting", code, vocabulary, language)): own for code, own in delivery.settings.items()
    }
    if delivery.without_setting.evaluations:
        settings[_("sin dato")] = delivery.without_setting
    facts = [DeliveryFact(_("Ámbito"), _counted(settings, language))]
    if delivery.programmes:
        facts.append(DeliveryFact(_("Programas"), _programmes(delivery.programmes, vocabulary, language)))
    return DeliveryView(
        facts=tuple(facts),
        told=tuple(_told(id_, details[id_], name_of, language) for id_ in delivery.told[:TOLD_SHOWN]),
        more=tuple(_what_more(delivery, language)),
    )


def _told(id_: str, study: StudyDetails, name_of: Callable[[str], str], language: str) -> Sentence:
    text = choose_text(study.delivery_es, study.delivery_en, language)
    return parse_sentence(f"{mark_link(name_of(id_), studies_url((id_,)))}: {remove_marks(str(text)).rstrip('.')}.")


def _what_more(delivery: Delivery, language: str) -> Iterator[Sentence]:
    left = delivery.told[TOLD_SHOWN:]
    if left:
        pattern = ngettext("Lo dice %(number)s estudio más.", "Lo dicen %(number)s estudios más.", len(left))
        yield parse_sentence(pattern % {"number": mark_link(format_number(len(left), language), studies_url(left))})
    count = delivery.untold.evaluations
    if count:
        pattern = ngettext(
            "De %(number)s evaluación el registro no dice cómo se llevó a cabo.",
            "De %(number)s evaluaciones el registro no dice cómo se llevaron a cabo.",
            count,
        )
        yield parse_sentence(pattern % {"number": _linked(delivery.untold, language)})


def _programmes(programmes: Mapping[str, Counted], vocabulary: Vocabularies, language: str) -> Sentence:
    first = list(programmes.items())[:MOST_PROGRAMMES]
    named = {code_label("programme", slug, vocabulary, language): own for slug, own in first}
    more = len(programmes) - len(first)
    rest = ngettext("%(number)s programa más", "%(number)s programas más", more) % {
        "number": format_number(more, language)
    }
    return _counted(named, language, rest if more else "")


def _counted(named: Mapping[str, Counted], language: str, rest: str = "") -> Sentence:
    parts = [f"{name} ({_linked(own, language)})" for name, own in named.items()]
    return parse_sentence("; ".join([*parts, rest] if rest else parts))


def _linked(counted: Counted, language: str) -> str:
    return mark_link(format_number(counted.evaluations, language), studies_url(counted.studies))
