"""Suggestions while typing: pages and names for what is typed, with the lists or pages that they lead to (S7).

What was typed is not stored. Only published studies are counted or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from search.contract import IndexMissing
from search.criteria import codes
from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_OF, FACETS, PARAMETERS
from search.pages.finding import suggest_pages
from search.services import public_search
from search.text.analysis import fold, iterate_words
from studies.models import Study
from studies.store import vocabularies
from studies.web.shared.components import title_of

if TYPE_CHECKING:
    from search.pages.page import Page
    from studies.models import Authorship
    from studies.store.vocabularies import Vocabularies
    from studies.text.bilingual import LocalizedText

LONGEST_TYPED = 100
"""Characters that are read of what was typed."""
SHORTEST_TYPED = 2
"""Nothing is suggested if the longest word typed has fewer letters."""
SHORTEST_FOR_STUDIES = 3
"""The same for authors and titles, as there are many."""
MOST_TERMS, MOST_PROGRAMMES, MOST_AUTHORS, MOST_TITLES = 5, 3, 3, 4
_STUDIES_READ = 40

_SINGLE_CHILD_CODES = {(facet.parameters[0], facet.home[0]) for facet in FACETS}
"""Wider codes with a single narrower one, which is suggested already: the region of one country."""

SuggestionKind = Literal["page", "term", "programme", "author", "title"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name, and the list of `criteria` that it leads to, with `total` studies (None without an index).

    A title leads to the study `slug` instead, and a page to the `page` of the bank. `group` is the label of a term's
    facet.
    """

    kind: SuggestionKind
    text: LocalizedText | str
    group: str = ""
    criteria: Criteria | None = None
    total: int | None = None
    slug: str = ""
    page: Page | None = None


def find_suggestions(typed: str, language: str) -> tuple[Suggestion, ...]:
    """Return names in which every word typed begins a word, ignoring case and accents: two queries at most.

    Names match in both languages and are returned in `language`, in this order: pages that are no study, terms,
    programmes without a page, authors, titles. Pages are also found by what whole words mean.
    """
    sought = tuple(dict.fromkeys(_fold_words(typed[:LONGEST_TYPED])))
    longest = max(map(len, sought), default=0)
    if longest < SHORTEST_TYPED:
        return ()
    pages = suggest_pages(typed[:LONGEST_TYPED])
    found = [Suggestion("page", page.title(language), page=page) for page in pages]
    found += _suggest_names(sought, language)
    if longest >= SHORTEST_FOR_STUDIES:
        found += _suggest_studies(sought, language)
    return tuple(found)


def _suggest_names(sought: tuple[str, ...], language: str) -> Iterator[Suggestion]:
    vocabulary = vocabularies.current()
    try:
        _total, counts = public_search.count_codes()
    except IndexMissing:
        counts = None
    matching = [
        (parameter, code)
        for (parameter, code), texts in _words_of_names(vocabulary).items()
        if any(_matches(sought, text) for text in texts)
    ]
    for kind, most in (("term", MOST_TERMS), ("programme", MOST_PROGRAMMES)):
        own = [key for key in matching if (key[0] == "programme") == (kind == "programme")]
        # One that has a page is among the pages.
        own = [key for key in own if key[0] != "programme" or not vocabulary.programme_by_slug[key[1]].is_published]
        made = [_suggest_code(parameter, code, counts, vocabulary, language) for parameter, code in own]
        offered = [each for each in made if each.total != 0]
        yield from sorted(offered, key=lambda each: _sort_key(each, sought))[:most]


def _suggest_code(
    parameter: str, code: str, counts: Mapping[str, Mapping[str, int]] | None, vocabulary: Vocabularies, language: str
) -> Suggestion:
    return Suggestion(
        kind="programme" if parameter == "programme" else "term",
        text=PARAMETERS[parameter].label(code, vocabulary, language),
        group=str(FACET_OF[parameter].label),
        criteria=Criteria(chosen={parameter: (code,)}),
        total=None if counts is None else counts.get(parameter, {}).get(code, 0),
    )


def _sort_key(each: Suggestion, sought: tuple[str, ...]) -> tuple[bool, int, str]:
    """Sort names that begin with what was typed first, then those with more studies."""
    return not fold(str(each.text)).startswith(sought[0]), -(each.total or 0), str(each.text)


def _suggest_studies(sought: tuple[str, ...], language: str) -> Iterator[Suggestion]:
    vocabulary = vocabularies.current()
    studies = list(Study.objects.for_suggesting(sought)[:_STUDIES_READ])
    yield from _suggest_authors(studies, sought)
    matching = [
        study
        for study in studies
        if any(_matches(sought, _fold_words(title)) for title in (study.title, study.title_es, study.title_en))
    ]
    for study in matching[:MOST_TITLES]:
        yield Suggestion("title", title_of(study, vocabulary, language), slug=study.slug)


def _suggest_authors(studies: Iterable[Study], sought: tuple[str, ...]) -> Iterator[Suggestion]:
    """Yield authors whose names match, those of more of these studies first, each with the total of its list."""
    frequencies: dict[str, int] = {}
    for study in studies:
        for author in study.authorships.all():
            name = _join_author_name(author)
            if _matches(sought, _fold_words(name)):
                frequencies[name] = frequencies.get(name, 0) + 1
    # A name written with and without accents is one person to a reader.
    spelled = {fold(name): name for name in sorted(frequencies, key=lambda name: frequencies[name])}
    for name in sorted(spelled.values(), key=lambda name: (-frequencies[name], name))[:MOST_AUTHORS]:
        criteria = Criteria(q=f'"{name.replace(chr(34), " ")}"')
        try:
            total = public_search.count(criteria)
        except IndexMissing:
            yield Suggestion("author", name, criteria=Criteria(q=name))
        else:
            if total:
                yield Suggestion("author", name, criteria=criteria, total=total)


def _join_author_name(author: Authorship) -> str:
    parts = (author.given, author.dropping_particle, author.non_dropping_particle, author.family, author.literal)
    return " ".join(part for part in parts if part)


_Words = tuple[str, ...]
_held: tuple[Vocabularies, dict[tuple[str, str], list[_Words]]] | None = None


def _words_of_names(vocabulary: Vocabularies) -> dict[tuple[str, str], list[_Words]]:
    """Return the folded words of every name by its code, cached for a version of the vocabularies."""
    global _held
    held = _held
    if held is None or held[0] is not vocabulary:
        names = {
            (name.parameter, name.code): [tuple(_fold_words(text)) for text in name.texts]
            for name in codes.iter_names(vocabulary)
            if (name.parameter, name.code) not in _SINGLE_CHILD_CODES
        }
        held = (vocabulary, names)
        _held = held
    return held[1]


def _fold_words(text: str) -> list[str]:
    return [fold(text[start:end]) for start, end, _ in iterate_words(text)]


def _matches(sought: tuple[str, ...], text: Iterable[str]) -> bool:
    """Return True if every word of `sought` begins one of the words of a text."""
    text = tuple(text)
    return all(any(word.startswith(beginning) for word in text) for beginning in sought)
