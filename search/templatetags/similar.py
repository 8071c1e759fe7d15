"""Similar studies for a study's own page: a tag, because views of `studies` must not import `search`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

from search.help.similar import SimilarStudy, find_similar_studies
from studies.citations.names import join_with_and
from studies.store import vocabularies
from studies.text.language import page_language
from studies.web.shared.components import StudyLine, study_line

if TYPE_CHECKING:
    from studies.models import Study
    from studies.store.vocabularies import Vocabularies

register = template.Library()

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SimilarLine:
    """A similar study in two lines, and in words why it is similar."""

    line: StudyLine
    reason: str


@register.simple_tag
def similar_to(study: Study, shown: Iterable[int] = ()) -> tuple[SimilarLine, ...]:
    """Return studies similar to a row of `for_detail`, without those already `shown`: four queries."""
    language = page_language()
    vocabulary = vocabularies.current()
    return tuple(
        SimilarLine(study_line(each.study, vocabulary, language), _reason(each, study, vocabulary, language))
        for each in find_similar_studies(study, shown)
    )


def _reason(each: SimilarStudy, study: Study, vocabulary: Vocabularies, language: str) -> str:
    if each.kind == "programme":
        assert study.programme_id is not None
        return _("Mismo programa: %(name)s") % {"name": vocabulary.programme_by_id[study.programme_id].label(language)}
    labels = [term.label(language) for term in each.shared]
    if each.kind == "intervention":
        own = [term.label(language) for term in each.shared if term.vocabulary == "interventions"]
        return _("Misma intervención, otro resultado: %(names)s") % {
            "names": join_with_and(own[:_MOST_NAMED], language)
        }
    return _("Contenido cercano: %(names)s") % {"names": "; ".join(labels[:_MOST_NAMED])}
