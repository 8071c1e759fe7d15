"""The rules that a record must meet to be published (R2): a list of problems, each a field and a code. Pure.

Messages for people stand where problems are shown; each code of `PROBLEM_CODES` needs one. Values that are possible but
unlikely are in `plausibility`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from studies.records.finding import HIGHER_IS, FindingRecord
from studies.records.json_record import Record, vocabularies_of
from studies.records.published_appraisal import BIAS, JUDGES, PublishedAppraisalRecord
from studies.records.study import PEOPLE, STUDY_FIELDS, InterventionRecord, StudyRecord
from studies.text.bibliographic_ids import (
    normalize_isbn,
    normalize_issn,
    normalize_orcid,
    normalize_pmid,
    normalize_ror,
)
from studies.text.identifiers import is_normalized_doi, is_web_address

PROBLEM_CODES = (
    "missing",
    "translation-missing",
    "unknown-code",
    "unknown-programme",
    "year-implausible",
    "date-impossible",
    "doi-malformed",
    "issn-malformed",
    "isbn-malformed",
    "orcid-malformed",
    "ror-malformed",
    "pmid-malformed",
    "doi-taken",
    "address-malformed",
    "period-malformed",
    "not-positive",
    "sample-unit-without-size",
    "outcome-not-of-study",
    "intervention-not-of-study",
    "role-missing",
    "included-not-public",
    "bias-without-judgement",
    "currency-malformed",
    "p-twice",
    "number-without-measure",
    "measure-without-value",
    "unit-without-such-measure",
    "interval-incomplete",
    "interval-contradicts-value",
    "level-without-interval",
    "level-out-of-range",
    "p-out-of-range",
    "follow-up-incomplete",
    "follow-up-malformed",
    "findings-unsupported",
)

SUPPORTS = ("bibliography", "findings", "design", "limitations")
"""What a source can support."""
MEASURES_WITH_UNIT = frozenset({"mean difference", "rate", "count", "amount", "index value"})
FIRST_YEAR = 1900

_PERIOD = re.compile(r"[12]\d{3}(?:-(?:[12]\d{3})?)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_FOLLOW_UP = re.compile(r"\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)? (?:day|week|month|year)s?")


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is a path into the record (`findings[2].value`), `code` one of PROBLEM_CODES."""

    field: str
    code: str


def find_problems(
    record: StudyRecord,
    *,
    doi_taken: Callable[[str], bool] = lambda doi: False,
    never_public: Callable[[tuple[str, ...]], Container[str]] = lambda slugs: (),
    known_codes: Mapping[str, Container[str]] | None = None,
    known_programmes: Container[str] | None = None,
    this_year: int | None = None,
) -> tuple[Problem, ...]:
    """Return all that keeps `record` from being published, in the order of its fields; empty if nothing does.

    `doi_taken` says whether another study has a DOI, `never_public` which of some slugs belong to no study that is or
    was public: naming one would show that it is there. `known_codes` holds the codes of each vocabulary by its name
    in the taxonomy. What is not given is not checked.
    """
    known = known_codes or {}
    year = this_year or datetime.datetime.now(tz=datetime.UTC).year
    found = [
        *_missing(record),
        *_unknown_codes(record, known),
        *_single_values(record, year),
        *_doi(record, doi_taken),
        *_standard_numbers(record),
        *_interventions(record),
        *_findings(record),
        *_beside_findings(record),
        *_included(record, never_public),
        *_sources(record),
    ]
    if record.programme is not None and known_programmes is not None and record.programme not in known_programmes:
        found.append(Problem("programme", "unknown-programme"))
    order = {name: position for position, name in enumerate(STUDY_FIELDS)}
    # A stable sort: problems of one field stay in the order in which they were found.
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: order[re.split(r"[.\[]", problem.field)[0]]))


def _missing(record: StudyRecord) -> Iterator[Problem]:
    for name in ("title", "summary_es"):
        if not (getattr(record, name) or "").strip():
            yield Problem(name, "missing")
    if record.year is None:
        yield Problem("year", "missing")
    for name in ("authors", "themes", "designs", "sources"):
        if not getattr(record, name):
            yield Problem(name, "missing")
    for index, author in enumerate(record.authors):
        if not (author.family or author.literal):
            yield Problem(f"authors[{index}]", "missing")
    for name in ("limitations", "note", "harms", "delivery"):
        spanish, english = f"{name}_es", f"{name}_en"
        if bool(getattr(record, spanish)) != bool(getattr(record, english)):
            yield Problem(english if getattr(record, spanish) else spanish, "translation-missing")


_VOCABULARY_OF_FIELD = vocabularies_of(StudyRecord)
# What a finding is about, and its outcome, are the study's, which are looked up once.
_OF_STUDY = frozenset({"outcome", "about"})
_ROWS: Mapping[str, type[Record]] = {
    "interventions": InterventionRecord,
    "findings": FindingRecord,
    "appraisals": PublishedAppraisalRecord,
}
"""The lists of rows that hold codes of vocabularies."""


def _unknown_codes(record: StudyRecord, known: Mapping[str, Container[str]]) -> Iterator[Problem]:
    for name, vocabulary in _VOCABULARY_OF_FIELD.items():
        value = getattr(record, name)
        if vocabulary not in known or value is None:
            continue
        codes = {name: value} if isinstance(value, str) else {f"{name}[{i}]": code for i, code in enumerate(value)}
        yield from (Problem(path, "unknown-code") for path, code in codes.items() if code not in known[vocabulary])
    for rows, kind in _ROWS.items():
        for index, row in enumerate(getattr(record, rows)):
            for name, vocabulary in vocabularies_of(kind).items():
                code = getattr(row, name)
                if name not in _OF_STUDY and vocabulary in known and code is not None and code not in known[vocabulary]:
                    yield Problem(f"{rows}[{index}].{name}", "unknown-code")


def _single_values(record: StudyRecord, this_year: int) -> Iterator[Problem]:
    # Articles are dated ahead: the issue of next January is online in October.
    if record.year is not None and not FIRST_YEAR <= record.year <= this_year + 1:
        yield Problem("year", "year-implausible")
    if not _date_is_possible(record):
        yield Problem("day" if record.day is not None else "month", "date-impossible")
    for name in ("url", "open_copy"):
        if (address := getattr(record, name)) is not None and not is_web_address(address):
            yield Problem(name, "address-malformed")
    if record.sample_size is not None and record.sample_size < 1:
        yield Problem("sample_size", "not-positive")
    if record.sample_unit is not None and record.sample_size is None:
        yield Problem("sample_unit", "sample-unit-without-size")
    if record.period is not None and not _period_is_sound(record.period):
        yield Problem("period", "period-malformed")


def _period_is_sound(period: str) -> bool:
    first, _, last = period.partition("-")
    return _PERIOD.fullmatch(period) is not None and (not last or first <= last)


def _doi(record: StudyRecord, doi_taken: Callable[[str], bool]) -> Iterator[Problem]:
    if record.doi is None:
        return
    if not is_normalized_doi(record.doi):
        yield Problem("doi", "doi-malformed")
    elif doi_taken(record.doi):
        yield Problem("doi", "doi-taken")


def _date_is_possible(record: StudyRecord) -> bool:
    if record.month is None:
        return record.day is None
    try:
        # A year that is not known may be a leap year.
        datetime.date(record.year or 2000, record.month, 1 if record.day is None else record.day)
    except ValueError:
        return False
    return True


def _standard_numbers(record: StudyRecord) -> Iterator[Problem]:
    for name, normalize in (("issn", normalize_issn), ("isbn", normalize_isbn)):
        for position, written in enumerate(getattr(record, name)):
            if normalize(written) != written:
                yield Problem(f"{name}[{position}]", f"{name}-malformed")
    if record.pmid is not None and normalize_pmid(record.pmid) != record.pmid:
        yield Problem("pmid", "pmid-malformed")
    for people in PEOPLE:
        for position, person in enumerate(getattr(record, people)):
            if person.orcid is not None and normalize_orcid(person.orcid) != person.orcid:
                yield Problem(f"{people}[{position}].orcid", "orcid-malformed")
            if person.ror is not None and normalize_ror(person.ror) != person.ror:
                yield Problem(f"{people}[{position}].ror", "ror-malformed")


def _interventions(record: StudyRecord) -> Iterator[Problem]:
    for index, intervention in enumerate(record.interventions):
        if intervention.role is None:
            yield Problem(f"interventions[{index}].role", "role-missing")
    for position, code in enumerate(record.harms_about):
        if code not in record.intervention_codes:
            yield Problem(f"harms_about[{position}]", "intervention-not-of-study")


def _beside_findings(record: StudyRecord) -> Iterator[Problem]:
    if record.harms is None and (record.harms_es or record.harms_en or record.harms_about):
        yield Problem("harms", "missing")
    for index, cost in enumerate(record.costs):
        if not _CURRENCY.fullmatch(cost.currency):
            yield Problem(f"costs[{index}].currency", "currency-malformed")
    for index, appraisal in enumerate(record.appraisals):
        path = f"appraisals[{index}]"
        for name in ("by", "url"):
            if not getattr(appraisal, name):
                yield Problem(f"{path}.{name}", "missing")
        if appraisal.judges is None:
            yield Problem(f"{path}.judges", "missing")
        elif appraisal.judges not in JUDGES:
            yield Problem(f"{path}.judges", "unknown-code")
        if appraisal.risk_of_bias is not None and appraisal.judges != BIAS:
            yield Problem(f"{path}.risk_of_bias", "bias-without-judgement")
        if appraisal.url and not is_web_address(appraisal.url):
            yield Problem(f"{path}.url", "address-malformed")
        if not (appraisal.overall or appraisal.domains):
            yield Problem(f"{path}.overall", "missing")


def _included(record: StudyRecord, never_public: Callable[[tuple[str, ...]], Container[str]]) -> Iterator[Problem]:
    if record.includes:
        hidden = never_public(record.includes)
        for position, slug in enumerate(record.includes):
            if slug in hidden:
                yield Problem(f"includes[{position}]", "included-not-public")


def _findings(record: StudyRecord) -> Iterator[Problem]:
    for index, finding in enumerate(record.findings):
        path = f"findings[{index}]"
        if finding.outcome not in record.outcomes:
            yield Problem(f"{path}.outcome", "outcome-not-of-study")
        for position, code in enumerate(finding.about or ()):
            if code not in record.intervention_codes:
                yield Problem(f"{path}.about[{position}]", "intervention-not-of-study")
        if finding.higher_is is not None and finding.higher_is not in HIGHER_IS:
            yield Problem(f"{path}.higher_is", "unknown-code")
        for name, code in (*_estimate(finding), *_interval(finding), *_follow_up(finding)):
            yield Problem(f"{path}.{name}", code)


def _estimate(finding: FindingRecord) -> Iterable[tuple[str, str]]:
    # p may stand alone: a source that gives nothing else has no measure to name.
    if finding.measure is None and any(x is not None for x in (finding.value, finding.ci_low, finding.ci_high)):
        yield "measure", "number-without-measure"
    if finding.value is None and (finding.measure is not None or finding.ci_low is not None):
        yield "value", "measure-without-value"
    if finding.unit is not None and finding.measure not in MEASURES_WITH_UNIT:
        yield "unit", "unit-without-such-measure"
    if finding.p is not None and not 0 <= finding.p <= 1:
        yield "p", "p-out-of-range"
    if finding.p_below is not None:
        if finding.p is not None:
            yield "p_below", "p-twice"
        if not 0 < finding.p_below <= 1:
            yield "p_below", "p-out-of-range"
    if finding.se is not None and finding.se <= 0:
        yield "se", "not-positive"


def _interval(finding: FindingRecord) -> Iterable[tuple[str, str]]:
    low, value, high = finding.ci_low, finding.value, finding.ci_high
    if (low is None) != (high is None):
        yield ("ci_low" if low is None else "ci_high"), "interval-incomplete"
    if low is not None and high is not None and low > high:
        yield "ci_low", "interval-contradicts-value"
    elif value is not None and ((low is not None and low > value) or (high is not None and high < value)):
        yield "value", "interval-contradicts-value"
    if finding.ci_level is not None:
        if low is None and high is None:
            yield "ci_level", "level-without-interval"
        if not 0 < finding.ci_level < 100:
            yield "ci_level", "level-out-of-range"


def _follow_up(finding: FindingRecord) -> Iterable[tuple[str, str]]:
    if (finding.follow_up is None) != (finding.follow_up_months is None):
        yield ("follow_up" if finding.follow_up is None else "follow_up_months"), "follow-up-incomplete"
    if finding.follow_up is not None and not _FOLLOW_UP.fullmatch(finding.follow_up):
        yield "follow_up", "follow-up-malformed"
    if finding.follow_up_months is not None and finding.follow_up_months <= 0:
        yield "follow_up_months", "not-positive"


def _sources(record: StudyRecord) -> Iterator[Problem]:
    for index, source in enumerate(record.sources):
        if not is_web_address(source.url):
            yield Problem(f"sources[{index}].url", "address-malformed")
        for position, supported in enumerate(source.supports):
            if supported not in SUPPORTS:
                yield Problem(f"sources[{index}].supports[{position}]", "unknown-code")
    has_numbers = any(finding.has_numbers for finding in record.findings)
    if record.sources and has_numbers and not any("findings" in source.supports for source in record.sources):
        yield Problem("sources", "findings-unsupported")
