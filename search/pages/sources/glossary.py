"""Terms of the glossary that have no page of their own. No query."""

from __future__ import annotations

from collections.abc import Iterator

from search.criteria.facets import PARAMETERS
from search.pages.page import Page
from studies.models import Vocabulary
from studies.store.vocabularies import Vocabularies
from studies.text.language import in_both_languages
from studies.text.method_terms import METHOD_TERMS
from studies.web.shared.links import GLOSSARY_VOCABULARIES, glossary_anchor

_PARAMETER_OF = {parameter.vocabulary: name for name, parameter in PARAMETERS.items() if parameter.vocabulary}


def list_glossary(vocabulary: Vocabularies) -> Iterator[Page]:
    """Yield the terms of method and of the vocabularies, each at its place on the glossary page."""
    for term in METHOD_TERMS.values():
        (label_es, label_en), (note_es, note_en) = in_both_languages(term.label), in_both_languages(term.meaning)
        yield Page("glossary", label_es, label_en, "glossary", anchor=term.anchor, note_es=note_es, note_en=note_en)
    for kind in GLOSSARY_VOCABULARIES:
        # An intervention has a page, which says more.
        for each in vocabulary.terms(kind) if kind != Vocabulary.INTERVENTIONS else ():
            parameter = _PARAMETER_OF.get(kind)
            yield Page(
                "glossary",
                each.es[:1].upper() + each.es[1:],
                each.en[:1].upper() + each.en[1:],
                "glossary",
                anchor=glossary_anchor(each.vocabulary, each.code),
                codes=frozenset({(parameter, each.code)}) if parameter else frozenset(),
                note_es=each.definition_es,
                note_en=each.definition_en,
            )
