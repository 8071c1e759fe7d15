"""Documents, filters and query trees for the tests of search: plain factories, and strategies that make small worlds.

The worlds have few words and few codes, so that documents meet often: rare words would find ties and phrases nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from search.contract import FIELDS, NOT_STATED, SORTS, Document, Filters, Position, SearchRequest
from search.criteria.facets import PARAMETERS
from search.query.tree import (
    AllOf,
    AnyOf,
    Code,
    CodeMatch,
    Doi,
    Everything,
    Expansion,
    MostOf,
    Node,
    Not,
    Phrase,
    Prefix,
    WithExpansion,
    Word,
    YearRange,
)
from search.text.analysis import BREAK, FieldTokens

BANK = "banco"


def at(change_no: int, bank_id: str = BANK) -> Position:
    return Position(bank_id, change_no)


def said(es: str, en: str | None = None) -> FieldTokens:
    """Tokens under both rule sets, from words between spaces; `|` parts two texts. English as Spanish if not given."""
    return FieldTokens(_tokens(es), _tokens(es if en is None else en))


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(BREAK if word == "|" else word for word in text.split())


def document(
    study_id: int,
    texts: Mapping[str, FieldTokens] | None = None,
    codes: Mapping[str, str] | None = None,
    findings: Iterable[tuple[str, str]] = (),
    interventions: Iterable[tuple[str, str]] = (),
    **changes: object,
) -> Document:
    """A document. `codes` are given as words between spaces.

    Outcome and effect follow from `findings`, intervention and role from `interventions`.
    """
    pairs = {("outcome", "effect"): frozenset(findings), ("intervention", "role"): frozenset(interventions)}
    carried = {parameter: frozenset({NOT_STATED}) for parameter in PARAMETERS}
    for facets, of_pair in pairs.items():
        for place, facet in enumerate(facets):
            stated = {codes[place] for codes in of_pair}
            # An outcome without a finding has no effect, while others of the study may have one.
            carried[facet] = frozenset(stated - {NOT_STATED}) or frozenset({NOT_STATED})
    carried |= {parameter: frozenset(words.split()) for parameter, words in (codes or {}).items()}
    values: dict[str, object] = {
        "study_id": study_id,
        "slug": f"study-{study_id:03}",
        "fingerprint": f"hash-{study_id}",
        "texts": texts or {},
        "codes": carried,
        "pairs": pairs,
        "doi": "",
        "year": 2020,
        "added": 1_700_000_000_000_000,
        "title_key": f"title {study_id:03}",
        "nearness": 3,
    }
    return Document(**(values | changes))  # type: ignore[arg-type]


def titled(study_id: int, title: str, **changes: object) -> Document:
    return document(study_id, texts={"title": said(title)}, **changes)  # type: ignore[arg-type]


def word(token: str, *codes: Code) -> Word:
    return Word(token, token, frozenset(codes))


def phrase(tokens: str, *codes: Code) -> Phrase:
    return Phrase(tuple(tokens.split()), tuple(tokens.split()), frozenset(codes))


def chosen(year_from: int | None = None, year_to: int | None = None, **codes: str) -> Filters:
    """Filters; codes are given as words between spaces."""
    return Filters({parameter: frozenset(words.split()) for parameter, words in codes.items()}, year_from, year_to)


# Strategies

TOKENS = ("ana", "luz", "mar", "sol")
YEARS = (1999, 2010, 2011, 2024)
OUTCOMES = ("o1", "o2", "o3")
EFFECTS = ("favourable", "mixed")
INTERVENTIONS = ("i1", "i2", "i3")
ROLES = ("evaluated", "described")
CODES = {
    "theme": ("t1", "t2", "t3"),
    "region": ("r1", "r2"),
    "country": ("PE", "EC"),
    "design_family": ("f1",),
    "design": ("d1", "d2"),
    "programme": ("p1", "p2"),
    "open_access": ("yes", "no"),
}

tokens = st.sampled_from(TOKENS)
texts = st.lists(st.sampled_from((*TOKENS, BREAK)), max_size=7).map(tuple)
field_tokens = st.builds(FieldTokens, es=texts, en=texts)
findings = st.tuples(st.sampled_from(OUTCOMES), st.sampled_from((*EFFECTS, NOT_STATED)))
interventions = st.one_of(
    st.dictionaries(st.sampled_from(INTERVENTIONS), st.sampled_from(ROLES), min_size=1, max_size=2),
    st.just({NOT_STATED: NOT_STATED}),
).map(lambda roles: frozenset(roles.items()))
code_sets = st.fixed_dictionaries(
    {
        name: st.frozensets(st.sampled_from(codes), max_size=2).map(lambda codes: codes or frozenset({NOT_STATED}))
        for name, codes in CODES.items()
    }
)
dois = st.sampled_from(("", "10.1/a", "10.1/b"))


@st.composite
def documents(draw: st.DrawFn, study_id: int) -> Document:
    """A document of this id; its slug is its own, and its place among the slugs is any."""
    made = document(
        study_id,
        texts=draw(st.dictionaries(st.sampled_from(FIELDS), field_tokens)),
        findings=draw(st.frozensets(findings, max_size=3)),
        interventions=draw(interventions),
        slug=f"{draw(st.sampled_from('abc'))}-{study_id}",
        fingerprint=draw(st.sampled_from(("", "h1", "h2"))),
        doi=draw(dois),
        year=draw(st.sampled_from(YEARS)),
        added=draw(st.integers(0, 2)),
        title_key=draw(st.sampled_from(("", "casa", "ñandu", "\x00"))),
        nearness=draw(st.integers(0, 2)),
    )
    return Document(
        **{name: getattr(made, name) for name in Document.__slots__ if name != "codes"},
        codes={**made.codes, **draw(code_sets)},
    )


@st.composite
def corpora(draw: st.DrawFn, ids: range = range(1, 13)) -> list[Document]:
    """Documents of some of `ids`, in any order."""
    return [draw(documents(study_id)) for study_id in draw(st.lists(st.sampled_from(ids), unique=True))]


codes = st.sampled_from(
    [(name, code) for name, some in CODES.items() for code in (*some, NOT_STATED)]
    + [("outcome", "o1"), ("year", "2010")]
)
leaf_codes = st.frozensets(codes, max_size=2)
sought_tokens = st.sampled_from((*TOKENS, "nada", BREAK))
phrases = st.lists(sought_tokens, max_size=3).map(tuple)
fields = st.sampled_from(("", "", "", *FIELDS))
words = st.builds(Word, es=sought_tokens, en=sought_tokens, codes=leaf_codes, field=fields)
whole_phrases = st.builds(Phrase, es=phrases, en=phrases, codes=leaf_codes, field=fields)
beginnings = st.builds(
    Prefix,
    letters=st.sampled_from(("", "a", "m", "s", "so", "luz", "x")),
    es=sought_tokens,
    en=sought_tokens,
    codes=leaf_codes,
    field=fields,
)
range_ends = st.one_of(st.none(), st.sampled_from((1990, *YEARS)))
leaves = st.one_of(
    words,
    whole_phrases,
    beginnings,
    st.builds(Doi, value=dois),
    st.builds(CodeMatch, leaf_codes),
    st.builds(YearRange, range_ends, range_ends),
)
expansions = st.builds(Expansion, st.lists(st.one_of(words, whole_phrases), max_size=4).map(tuple), leaf_codes)


def _branches(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, max_size=3).map(tuple)
    weighted = st.lists(st.tuples(parts, st.integers(1, 2)), max_size=3)
    return st.one_of(
        st.builds(AllOf, several),
        st.builds(AnyOf, several),
        weighted.map(lambda pairs: MostOf(tuple(part for part, _ in pairs), tuple(weight for _, weight in pairs))),
        st.builds(Not, parts),
        st.builds(WithExpansion, parts, expansions),
    )


queries: st.SearchStrategy[Node] = st.recursive(st.one_of(leaves, st.just(Everything())), _branches, max_leaves=5)

_CHOSEN = {**CODES, "outcome": OUTCOMES, "effect": EFFECTS, "intervention": INTERVENTIONS, "role": ROLES}
choices = st.one_of(
    *(
        st.tuples(st.just(name), st.frozensets(st.sampled_from((*some, NOT_STATED, "unknown")), max_size=3))
        for name, some in _CHOSEN.items()
    )
)
bounds = st.one_of(st.none(), st.sampled_from((1990, *YEARS)))
filters = st.builds(Filters, st.lists(choices, max_size=5).map(dict), bounds, bounds)
requests = st.builds(
    SearchRequest,
    query=queries,
    filters=filters,
    sort=st.sampled_from(SORTS),
    offset=st.integers(0, 4),
    limit=st.one_of(st.none(), st.integers(0, 4)),
    count=st.booleans(),
)
