"""Any record of the exchange format that a row can store, with all its fields: strategies for properties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from studies.records.appraisal import AppraisalRecord, InstrumentRecord, JudgementRecord
from studies.records.finding import HIGHER_IS, ArmRecord, FindingRecord
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import BIAS, JUDGES, PublishedAppraisalRecord
from studies.records.study import (
    STUDY_LISTS,
    AuthorRecord,
    CostRecord,
    InterventionRecord,
    SourceRecord,
    StudyRecord,
)
from tests.studies.records_factory import fixture_json


def codes(vocabulary: str) -> list[str]:
    return [row["code"] for row in fixture_json("taxonomy")[vocabulary]]


def texts(max_size: int = 40) -> st.SearchStrategy[str]:
    """Any text that a record may have: all characters but NUL and surrogates, and not blank."""
    letters = st.characters(exclude_characters="\x00", exclude_categories=("Cs",))
    return st.text(letters, min_size=1, max_size=max_size).filter(str.strip)


def code_lists(vocabulary: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Sets of codes in the order of the taxonomy, as a row is read."""
    known = codes(vocabulary)
    return st.sets(st.sampled_from(known), max_size=4).map(lambda found: tuple(sorted(found, key=known.index)))


def maybe_code(vocabulary: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(codes(vocabulary))


maybe_text = st.none() | texts()
maybe_flag = st.none() | st.booleans()
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300)
counts = st.none() | st.integers(0, 2**53)
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)

authors = st.builds(
    AuthorRecord,
    family=texts(),
    **dict.fromkeys(("given", "non_dropping_particle", "dropping_particle", "orcid"), maybe_text),
) | st.builds(AuthorRecord, literal=texts(), ror=maybe_text)


def lists_of(entry: st.SearchStrategy[Any], most: int = 3, **unique: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(entry, max_size=most, **unique).map(tuple)


arms = st.builds(
    ArmRecord,
    arm=st.sampled_from(["intervention", "comparison"]) | texts(),
    n=counts,
    events=counts,
    **dict.fromkeys(("percent", "mean", "sd"), st.none() | numbers),
)


@st.composite
def findings(draw: st.DrawFn) -> FindingRecord:
    low, high = sorted([draw(st.floats(-1e9, 1e9)), draw(st.floats(-1e9, 1e9))])
    p = draw(st.none() | st.floats(0, 1))
    bound = st.none() | st.floats(0, 1, exclude_min=True)
    texts_of: dict[str, Any] = {
        key: draw(maybe_text) for key in fields_of(FindingRecord) if key.endswith(("_es", "_en"))
    }
    return FindingRecord(
        **texts_of,
        outcome=draw(st.sampled_from(codes("outcomes"))),
        effect=draw(st.sampled_from(codes("effects"))),
        about=draw(st.none() | code_lists("interventions")),
        trial=draw(st.none() | slugs),
        comparator=draw(maybe_code("comparators")),
        reporter=draw(maybe_code("reporters")),
        inconclusive=draw(maybe_flag),
        primary=draw(maybe_flag),
        measure=draw(maybe_code("measures")),
        unit=draw(maybe_code("units")),
        value=draw(st.none() | numbers),
        ci_low=draw(st.sampled_from([None, low])),
        ci_high=draw(st.sampled_from([None, high])),
        ci_level=draw(st.none() | numbers),
        p=p,
        p_below=draw(bound) if p is None else None,
        se=draw(st.none() | st.floats(0, 1e9, exclude_min=True)),
        adjusted=draw(maybe_flag),
        higher_is=draw(st.sampled_from([None, *HIGHER_IS])),
        n=draw(counts),
        arms=draw(lists_of(arms)),
        follow_up=draw(maybe_text),
        follow_up_months=draw(st.none() | numbers),
    )


costs = st.builds(
    CostRecord,
    amount=numbers,
    currency=st.sampled_from(["PEN", "USD", "EUR"]),
    year=st.none() | st.integers(0, 3000),
    **dict.fromkeys(("per", "statement_es", "statement_en"), maybe_text),
)


@st.composite
def published_appraisals(draw: st.DrawFn) -> PublishedAppraisalRecord:
    judges = draw(st.sampled_from([None, *JUDGES]))
    plain = ("version", "result", "overall", "by", "where", "url", "licence")
    texts_of: dict[str, Any] = {key: draw(maybe_text) for key in plain}
    return PublishedAppraisalRecord(
        **texts_of,
        instrument=draw(texts()),
        judges=judges,
        risk_of_bias=draw(maybe_code("risk_of_bias")) if judges == BIAS else None,
        domains=draw(st.dictionaries(texts(), texts(), max_size=3)),
    )


@st.composite
def own_appraisals(draw: st.DrawFn) -> AppraisalRecord:
    """A final appraisal with any instrument and its codes."""
    instrument = InstrumentRecord.from_json(draw(st.sampled_from(fixture_json("instruments"))))
    judgement = st.builds(
        JudgementRecord,
        domain=st.sampled_from([domain.code for domain in instrument.domains]),
        level=st.sampled_from([level.code for level in instrument.levels]),
        quote=maybe_text,
        page=maybe_text,
        not_reported=st.booleans(),
    )
    return AppraisalRecord(
        instrument=instrument.id,
        overall=draw(st.sampled_from([level.code for level in instrument.overall])),
        risk_of_bias=draw(st.sampled_from(codes("risk_of_bias"))),
        appraised_on=draw(st.dates()).isoformat(),
        appraisers=draw(st.integers(1, 20)),
        judgements=draw(lists_of(judgement, 4, unique_by=lambda one: one.domain)),
        note_es=draw(maybe_text),
        note_en=draw(maybe_text),
    )


def _interventions() -> st.SearchStrategy[tuple[InterventionRecord, ...]]:
    with_roles = st.dictionaries(st.sampled_from(codes("interventions")), maybe_code("roles"), max_size=4)
    known = codes("interventions")
    return with_roles.map(
        lambda found: tuple(InterventionRecord(code, found[code]) for code in sorted(found, key=known.index))
    )


_OF_THEIR_OWN: dict[str, st.SearchStrategy[Any]] = {
    "title": texts(),
    "authors": lists_of(authors, 4),
    **dict.fromkeys(("editors", "translators"), lists_of(authors, 2)),
    "year": st.none() | st.integers(0, 3000),
    "month": st.none() | st.integers(0, 12),
    "day": st.none() | st.integers(0, 31),
    **dict.fromkeys(("issn", "isbn"), lists_of(texts(), unique=True)),
    "doi": st.none() | st.from_regex(r"10\.[0-9]{4}/[a-z0-9]{1,20}", fullmatch=True),
    "open_access": maybe_flag,
    "registration": lists_of(texts(), unique=True),
    "interventions": _interventions(),
    "programme": st.none() | st.sampled_from([row["name"] for row in fixture_json("programmes")]),
    "designs": lists_of(st.sampled_from(codes("designs")), 4, unique=True),
    "sample_size": st.integers(0, 2**53),
    "costs": lists_of(costs),
    "harms_about": code_lists("interventions"),
    "findings": lists_of(findings()),
    "appraisals": lists_of(published_appraisals()),
    "own_appraisals": lists_of(own_appraisals(), 1),
    "includes": st.sets(slugs, max_size=3).map(lambda found: tuple(sorted(found))),
    "sources": lists_of(
        st.builds(
            SourceRecord,
            url=texts(),
            supports=lists_of(st.sampled_from(["bibliography", "findings", "design"]), unique=True),
        )
    ),
}


def _strategy(record: type[Record], key: str) -> st.SearchStrategy[Any]:
    field = fields_of(record)[key]
    if key in STUDY_LISTS:
        return code_lists(field.vocabulary)
    return maybe_code(field.vocabulary) if field.vocabulary else maybe_text


FIELDS = {
    key: _OF_THEIR_OWN[key] if key in _OF_THEIR_OWN else _strategy(StudyRecord, key)
    for key in fields_of(StudyRecord)
    if key != "id"
}
"""A strategy for each field of a study but its `id`."""

any_changes = st.fixed_dictionaries({}, optional=FIELDS)
"""Values of some fields, as `complete_record` takes them."""
