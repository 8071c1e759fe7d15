"""The kinds of pages that one search finds beside the studies. A kind is a module in `sources` and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.pages.page import Page
from search.pages.sources.glossary import list_glossary
from search.pages.sources.help import list_help
from search.pages.sources.interventions import list_interventions
from search.pages.sources.programmes import list_programmes
from search.pages.sources.questions import list_questions
from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page: what it is called above its title, where its public pages are listed, how many are shown.

    `list_pages` may yield nothing that is not public, and costs one query at most.
    """

    code: str
    label: Promise
    list_pages: Callable[[Vocabularies], Iterable[Page]]
    most_shown: int


KINDS: dict[str, PageKind] = {
    kind.code: kind
    for kind in (
        PageKind("intervention", _("Intervención"), list_interventions, 3),
        PageKind("programme", _("Programa"), list_programmes, 3),
        PageKind("question", _("Pregunta"), list_questions, 2),
        PageKind("glossary", _("Glosario"), list_glossary, 1),
        PageKind("help", _("Ayuda"), list_help, 1),
    )
}
"""In the order in which pages that answer equally well are shown."""
