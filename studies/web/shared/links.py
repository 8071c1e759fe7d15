"""Links and facts that pages print, and the labels of vocabularies in a page's language. No query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _

from studies.models import Source, Vocabulary
from studies.records.study import SourceRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText
from studies.text.identifiers import is_document_mirror, web_link

GLOSSARY_VOCABULARIES = (
    Vocabulary.THEMES,
    Vocabulary.INTERVENTIONS,
    Vocabulary.ROLES,
    Vocabulary.EXPOSURES,
    Vocabulary.DATA_SOURCES,
    Vocabulary.OUTCOME_GROUPS,
    Vocabulary.OUTCOMES,
    Vocabulary.EFFECTS,
    Vocabulary.DESIGN_FAMILIES,
    Vocabulary.DESIGNS,
    Vocabulary.RISK_OF_BIAS,
    Vocabulary.POPULATIONS,
    Vocabulary.SETTINGS,
    Vocabulary.COMPARATORS,
    Vocabulary.REPORTERS,
    Vocabulary.HARMS,
    Vocabulary.MEASURES,
    Vocabulary.TYPES,
    Vocabulary.STATUSES,
    Vocabulary.REGIONS,
)
"""The vocabularies whose terms need a definition. Countries, languages and units do not."""

Criterion = tuple[str, str]
"""The parameter of a list and its one code: `("intervention", "helpline")`."""


@dataclass(frozen=True, slots=True)
class Link:
    """A label with an address, with a criterion, or with neither.

    A criterion stands for a list of studies. Those are pages of `search`, whose addresses `studies` must not know:
    templates write them by `search.templatetags.addresses`.
    """

    label: str
    url: str = ""
    criterion: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its values, printed in one line."""

    label: str
    values: tuple[Link, ...]
    separator: str = ";"


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A page that is a source: its host as a name, and what it supports in words."""

    url: str
    name: str
    supports: tuple[str, ...] = ()

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy on a document-sharing site."""
        return is_document_mirror(self.url)


@dataclass(frozen=True, slots=True)
class TermMeaning:
    """A term with its definition."""

    code: str
    label: str
    definition: str


class PageTerms:
    """Labels of terms in the language of a page, plain or as links to the glossary or to lists of studies."""

    def __init__(self, vocabulary: Vocabularies, language: str) -> None:
        self.vocabulary = vocabulary
        self.language = language

    def label(self, kind: str, code: str) -> str:
        """Return the label of a term. Raises UnknownCode."""
        return self.vocabulary.label(kind, code, self.language)

    def labels(self, kind: str, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the labels of terms, in the order of `codes`. Raises UnknownCode."""
        return tuple(self.label(kind, code) for code in codes)

    def meaning(self, kind: str, code: str) -> TermMeaning:
        """Return a term with its definition. Raises UnknownCode."""
        term = self.vocabulary.term(kind, code)
        return TermMeaning(term.code, term.label(self.language), term.definition(self.language))

    def words(self, kind: str, *codes: str | None) -> tuple[Link, ...]:
        """Return the labels of terms without addresses, leaving out None."""
        return tuple(Link(self.label(kind, code)) for code in codes if code)

    def lists(self, kind: str, parameter: str, codes: Iterable[str]) -> tuple[Link, ...]:
        """Return links to the lists of the studies that carry each term, as the value of `parameter`."""
        return tuple(Link(self.label(kind, code), criterion=(parameter, code)) for code in codes)

    def glossary(self, kind: str, codes: Iterable[str]) -> tuple[Link, ...]:
        """Return links to the terms in the glossary."""
        page = reverse("glossary")
        return tuple(Link(self.label(kind, code), f"{page}#{glossary_anchor(kind, code)}") for code in codes)

    def own(self, text: str) -> LocalizedText:
        """Return a text of the bank, which is in the language of the page."""
        return LocalizedText(text, self.language, is_fallback=False)


def breadcrumbs(*trail: Link) -> tuple[Link, ...]:
    """Return the breadcrumbs of a page: the first page, then `trail`, whose last link is the page itself."""
    return (Link(_("Inicio"), reverse("home")), *trail)


def drop_empty(*facts: Fact) -> tuple[Fact, ...]:
    """Return the facts that have a value."""
    return tuple(fact for fact in facts if fact.values)


def page_links(urls: Iterable[str]) -> tuple[SourceLink, ...]:
    """Return links to pages, named by their hosts."""
    return tuple(SourceLink(url, host_name(url)) for url in urls)


def source_link(source: SourceRecord) -> SourceLink:
    """Return a link to a source, named by its host, with what it supports in words."""
    supports = tuple(str(Source.Supports(kind).label) for kind in source.supports if kind in Source.Supports.values)
    return SourceLink(source.url, host_name(source.url), supports)


def host_name(url: str) -> str:
    """Return the host of an address without "www."; of one that is none of the web, the address itself."""
    return (urlsplit(web_link(url)).hostname or url).removeprefix("www.")


def glossary_anchor(vocabulary: str, code: str) -> str:
    """Return the id of a term on the glossary page: letters, digits and hyphens only."""
    # Codes of measures have spaces, those of countries are capitals.
    return f"{vocabulary}-{code.replace(' ', '-').lower()}"
