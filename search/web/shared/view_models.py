"""The view models of the result page, filled by `search.web.results`: templates print them and compute nothing.

Labels are in the page's language. Addresses are paths with their query string.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from search.query.highlight import Fragment
from studies.text.bilingual import LocalizedText

if TYPE_CHECKING:
    from search.help.query_explanation import ExplanationRun


class CriteriaLike(Protocol):
    """The part of the criteria that templates read."""

    @property
    def q(self) -> str: ...
    @property
    def sort(self) -> str: ...
    @property
    def query_string(self) -> str:
        """The canonical query string, without "?"; empty for all studies."""
        ...


@dataclass(frozen=True, slots=True)
class CardEffect:
    """One effect of a card with the outcomes that have it. `is_apart`: it is of no intervention."""

    code: str
    label: str
    outcomes: tuple[str, ...]
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A study in a result list. `sample` is written out ("2 532 personas"); None or empty where not stated.

    `coins` is the reference for programs (see `studies.citations.coins`). `data_only` says of which services it only
    takes the data (see `studies.web.shared.service_data`), "" if of none.
    `text_language` is a sentence's end ("inglés"); `summary` is what two or three lines need, not more.
    """

    slug: str
    url: str
    title: tuple[Fragment, ...]
    title_language: str
    key_finding: LocalizedText | None
    authors_short: str
    year: int | None
    container: str
    design: str
    countries: tuple[str, ...]
    sample: str
    effects: tuple[CardEffect, ...]
    summary: tuple[Fragment, ...]
    summary_language: str
    text_language: str
    open_access: bool | None
    cite_url: str
    coins: str = ""
    data_only: str = ""
    kept: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What templates rendered of it that no query changes (`search.templatetags.kept`); copies share it."""


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A choice of a facet. `count` is None where nothing is counted (no index); `disabled` where it would find nothing.

    A selected option is never disabled. `indent` is 1 below a wider code of the same facet.
    """

    parameter: str
    code: str
    label: str
    count: int | None
    selected: bool = False
    disabled: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class FacetOptionGroup:
    """Options under a heading of their own, or without one."""

    label: str | None
    options: tuple[FacetOption, ...]


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet with the options that are shown. `more_url` shows all of `option_count`, `fewer_url` the first ten.

    `is_open` says whether its options are in sight before somebody unfolds it.
    """

    name: str
    label: str
    groups: tuple[FacetOptionGroup, ...]
    hint: str = ""
    option_count: int = 0
    more_url: str = ""
    fewer_url: str = ""
    is_open: bool = False

    @property
    def chosen_count(self) -> int:
        """The number of options that are selected: each of them is shown."""
        return sum(option.selected for group in self.groups for option in group.options)


BAR_STEP = 6
"""From bar to bar: the template draws each 5 wide."""


@dataclass(frozen=True, slots=True)
class YearBar:
    """A bar of the histogram, in a plot that is 48 high and has BAR_STEP for each year."""

    year: int
    count: int
    x: int
    height: int


@dataclass(frozen=True, slots=True)
class YearsView:
    """The range of years: the histogram, its ends, and what the reader typed, kept even where it is no year."""

    bars: tuple[YearBar, ...]
    width: int
    first: int
    last: int
    highest: int
    year_from: str = ""
    year_to: str = ""
    error: str = ""

    @property
    def outline(self) -> str:
        """The path of the bars in SVG: written by a template, it took as long as all facets."""
        bars = (f"M{bar.x} 48v-{bar.height}h5v{bar.height}" for bar in self.bars if bar.height)
        return "".join(bars)

    @classmethod
    def of(cls, counts: Mapping[int, int], year_from: str = "", year_to: str = "", error: str = "") -> Self | None:
        """Return the histogram of `counts`, the studies by year; None if there is no year."""
        if not counts:
            return None
        first, last, highest = min(counts), max(counts), max(counts.values())
        bars = []
        for year in sorted(counts):
            # At least two pixels, so that a year with few studies does not look like one without any.
            height = max(2, round(44 * counts[year] / highest)) if counts[year] else 0
            bars.append(YearBar(year, counts[year], (year - first) * BAR_STEP, height))
        return cls(tuple(bars), (last - first + 1) * BAR_STEP, first, last, highest, year_from, year_to, error)


@dataclass(frozen=True, slots=True)
class AddedWordView:
    """A word that the thesaurus added to the query, with the address of the list without its concept."""

    text: str
    language: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class ConceptLine:
    """A concept of the thesaurus that added words to the query, and the address of the list without it."""

    label: LocalizedText
    words: tuple[LocalizedText, ...]
    remove_url: str


@dataclass(frozen=True, slots=True)
class SwitchedOffConcept:
    """A concept that the reader switched off, with the address of the list with it."""

    label: LocalizedText
    url: str


@dataclass(frozen=True, slots=True)
class AmbiguousWordView:
    """An ambiguous word, and for each of its meanings a word and the address of the list that it finds."""

    text: str
    meanings: tuple[tuple[LocalizedText, str], ...]


@dataclass(frozen=True, slots=True)
class ThesaurusView:
    """What the thesaurus did with the words: some of the words added, then all of them concept by concept.

    `exact_url` finds only the reader's words, `restore_url` brings back all that was switched off; else empty.
    """

    shown: tuple[AddedWordView, ...] = ()
    more: int = 0
    concepts: tuple[ConceptLine, ...] = ()
    exact_url: str = ""
    switched_off: tuple[SwitchedOffConcept, ...] = ()
    restore_url: str = ""
    choices: tuple[AmbiguousWordView, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """An applied filter, by the name of its facet, with the address without it."""

    facet_label: str
    label: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class SortOption:
    """An order that the list can have."""

    code: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class ExportLink:
    """The whole list in one format. `group` is "citations", "references" (in a citation style) or "data"."""

    label: str
    url: str
    group: str


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """The choice of style and language of a list's references. `hidden`: the criteria, which the form carries on.

    `styles` are (code, label, selected); `rows` are, for each language, its name and the files in it.
    """

    hidden: tuple[tuple[str, str], ...]
    styles: tuple[tuple[str, str, bool], ...]
    rows: tuple[tuple[str, tuple[ExportLink, ...]], ...]


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the list, or a gap between pages (`number` None)."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class WayOut:
    """A change of the criteria that finds studies. `label` says what changes, `note` what stays; `total` is exact."""

    label: str
    note: str
    url: str
    total: int


@dataclass(frozen=True, slots=True)
class NearCard:
    """A study that fulfils part of the criteria. `lacks` says which words it does not have, "" if that is not told."""

    card: Card
    lacks: str


@dataclass(frozen=True, slots=True)
class SearchHelp:
    """What the page offers where a list finds nothing or little (S7). All of it may be empty.

    `meant_words` are other words that find `meant_total` studies at `meant_url`. `near` are studies that the criteria
    do not find; `near_heading` and `near_note` say what they are, `near_url` leads to the list that they begin, if any.
    """

    meant_words: str = ""
    meant_total: int = 0
    meant_url: str = ""
    lead: str = ""
    ways: tuple[WayOut, ...] = ()
    near_heading: str = ""
    near_note: str = ""
    near_url: str = ""
    near_total: int = 0
    near: tuple[NearCard, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchView:
    """What a list of some words is, in a sentence, and the addresses of that with all and, if any, with one less."""

    sentence: str
    all_url: str
    fewer_url: str = ""


@dataclass(frozen=True, slots=True)
class OtherPage:
    """A page of the bank that is no study. `kind` says what it is, `note` what it is about, in a line."""

    kind: str
    title: LocalizedText
    url: str
    note: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class FollowLinks:
    """The addresses by which a reader follows a list; empty where there is none."""

    feed_url: str = ""
    feed_title: str = ""
    record_url: str = ""
    alert_url: str = ""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Everything that the search page prints.

    `total` is None, and `total_is_known` False, where there is no index to count with. `hidden`: criteria without a
    control on the page (page size, what of the thesaurus is switched off), which its form must carry on. `hints`:
    sentences about the query: unknown codes, a page past the end, a bound that was reached. `understood`: how the
    words were read, empty where it is plain. `thesaurus`: what it added to the words, None where it had nothing to do.
    `references_url`: the page on which the style of references is chosen.
    `words_url`: the address without the words, for a list that found nothing; empty where there are none.
    `follow`: the addresses by which a reader follows the list.
    `other_pages`: what else of the bank the words lead to.
    `match`: what the list is where it has studies with some of the words; `lacks`: by slug, what they have not.
    `map_url`, `evidence_url`, `brief_url`: what these studies found, as a map, a synthesis and a brief.
    """

    criteria: CriteriaLike
    total: int | None
    total_is_known: bool
    first: int
    last: int
    page_number: int
    page_count: int
    cards: tuple[Card, ...]
    facets: tuple[FacetView, ...]
    years: YearsView | None
    chips: tuple[Chip, ...]
    clear_url: str
    sorts: tuple[SortOption, ...]
    sort_note: str
    understood: tuple[ExplanationRun, ...]
    hints: tuple[str, ...]
    exports: tuple[ExportLink, ...]
    references_url: str
    pages: tuple[PageLink, ...]
    previous_url: str
    next_url: str
    staff_notice: str
    language_switch_url: str
    words_url: str = ""
    other_pages: tuple[OtherPage, ...] = ()
    match: MatchView | None = None
    lacks: Mapping[str, str] = field(default_factory=dict)
    follow: FollowLinks = FollowLinks()
    map_url: str = ""
    evidence_url: str = ""
    brief_url: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    thesaurus: ThesaurusView | None = None
    help: SearchHelp = SearchHelp()

    @property
    def listed(self) -> tuple[NearCard, ...]:
        """The cards, each with what it lacks of the words."""
        return tuple(NearCard(card, self.lacks.get(card.slug, "")) for card in self.cards)
