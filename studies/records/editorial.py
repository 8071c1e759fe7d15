"""What a record says in a way that misleads, or does not say though its readers need it. Pure.

A remark never blocks anything: `rules` does. Doubtful numbers are in `plausibility`, whose Suspicion is used here too.
Messages for people stand where remarks are shown; each code of `EDITORIAL_CODES` needs one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from studies.records.plausibility import Suspicion
from studies.records.study import REVIEWED, StudyRecord
from studies.text.identifiers import is_document_mirror, normalize_doi

EDITORIAL_CODES = (
    "about-not-tested",
    "violence-without-finding",
    "trial-without-intervention",
    "trial-without-country",
    "rank-word",
    "summary-length",
    "delivery-long",
    "full-stop",
    "copy-as-main-link",
    "example-source",
    "doi-comma",
    "pages-prefix",
    "sample-without-unit",
)

RANDOMISED, REVIEW = "randomised", "synthesis"
COMPARED_FAMILIES = frozenset({RANDOMISED, "quasi-experimental"})
"""The families of designs that estimate an effect."""
VIOLENCE_GROUPS = frozenset({"partner-violence", "other-violence"})
"""The groups of outcomes that are violence itself."""

SUMMARY_WORDS = (50, 140)
MOST_DELIVERY_WORDS = 50
_TEST_DOI_PREFIXES = ("10.5555/", "10.1234/", "10.0000/")
"""Prefixes that examples and tests of registries use."""
_EXAMPLE_HOST = re.compile(r"(?:.+\.)?(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost)")


@dataclass(frozen=True, slots=True)
class Coding:
    """What remarks need of the vocabularies: the family of each design and the group of each outcome."""

    family_of_design: Mapping[str, str]
    group_of_outcome: Mapping[str, str]


def find_remarks(record: StudyRecord, coding: Coding) -> tuple[Suspicion, ...]:
    """Return what somebody should look at in `record`, each with the path of its field; empty if there is nothing."""
    family = coding.family_of_design.get(record.designs[0]) if record.designs else None
    found = [
        *_about(record, is_review=family == REVIEW),
        *(_violence(record, coding.group_of_outcome) if family in COMPARED_FAMILIES else ()),
        *(_randomised(record) if family == RANDOMISED else ()),
        *_texts(record),
        *_addresses(record),
        *_single_values(record),
    ]
    return tuple(Suspicion(field, code) for field, code in found)


def _about(record: StudyRecord, *, is_review: bool) -> Iterator[tuple[str, str]]:
    """Yield the entries of `about` that the study only describes. What has no role is a problem for `rules`."""
    tested = record.with_roles({REVIEWED}) if is_review else record.tested
    only_described = {each.code for each in record.interventions if each.role is not None} - set(tested)
    for index, finding in enumerate(record.findings):
        for place, code in enumerate(finding.about or ()):
            if code in only_described:
                yield f"findings[{index}].about[{place}]", "about-not-tested"


def _violence(record: StudyRecord, group_of_outcome: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the coded outcomes of violence that have no finding, unless a note of the bank may say why."""
    if record.note_es or record.note_en:
        return
    found = {finding.outcome for finding in record.findings}
    for index, outcome in enumerate(record.outcomes):
        if group_of_outcome.get(outcome) in VIOLENCE_GROUPS and outcome not in found:
            yield f"outcomes[{index}]", "violence-without-finding"


def _randomised(record: StudyRecord) -> Iterator[tuple[str, str]]:
    if not record.interventions:
        yield "interventions", "trial-without-intervention"
    if not record.countries:
        yield "countries", "trial-without-country"


_STUDY_ES = r"(?:estudio|ensayo|evaluaci[oó]n|experimento|investigaci[oó]n|revisi[oó]n|meta-?an[aá]lisis)"
_STUDY_EN = r"(?:study|trial|evaluation|experiment|(?:meta-?)?analysis|investigation|review|paper)"
_KIND_EN = (
    r"(?:(?:large|major|national|quantitative|rigorous|randomi[sz]ed|controlled|impact|systematic|experimental|ever)"
    r"[ -])*"
)
_RANKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "En la primera evaluación" is a time of measurement, and "los estudios más grandes" are some of a review.
        rf"(?<!\ben la )(?<!\ben el )(?<!\btras la )\bprimer(?:[ao]s?)? (?:gran(?:des)? )?{_STUDY_ES}(?:e?s)?\b",
        r"\bm[aá]s (?:citad[oa]|influyente)s?\b",
        rf"\b(?:el|la|del) {_STUDY_ES} m[aá]s (?:conocid|estudiad|le[ií]d|important|grande|complet|riguros|extens)\w*",
        rf"\b(?:el|la) (?:mayor|[uú]nic[oa]) {_STUDY_ES}\b",
        r"\bpioner[oa]s?\b",
        rf"(?<!\bin the )(?<!\bat the )\bfirst {_KIND_EN}{_STUDY_EN}s?\b",
        r"\bmost[- ](?:cited|influential)\b",
        rf"\bthe (?:most (?:important|rigorous|comprehensive|extensive)|best[- ]known) {_KIND_EN}{_STUDY_EN}\b",
        rf"\bthe (?:largest|biggest|only) {_KIND_EN}{_STUDY_EN}\b",
        r"\b(?:pioneering|seminal|landmark)\b",
    )
)
"""Claims of rank, which need a source of their own; "the first year" is none."""
_OWN_WORDS = tuple(
    f"{name}_{language}" for name in ("key_finding", "summary", "delivery", "note") for language in ("es", "en")
)
"""What the bank says of a study in its own words."""
_ABBREVIATIONS = ("UU.", "U.S.", "U.K.", "etc.")


def _texts(record: StudyRecord) -> Iterator[tuple[str, str]]:
    for name in _OWN_WORDS:
        text = getattr(record, name) or ""
        if any(rank.search(text) for rank in _RANKS):
            yield name, "rank-word"
    for name in ("key_finding_es", "key_finding_en"):
        text = (getattr(record, name) or "").rstrip(" \n\"'”’»)")
        if text.endswith(".") and not text.endswith(_ABBREVIATIONS):
            yield name, "full-stop"
    for name in ("summary_es", "summary_en"):
        text = getattr(record, name) or ""
        if text.strip() and not SUMMARY_WORDS[0] <= len(text.split()) <= SUMMARY_WORDS[1]:
            yield name, "summary-length"
    for name in ("delivery_es", "delivery_en"):
        if len((getattr(record, name) or "").split()) > MOST_DELIVERY_WORDS:
            yield name, "delivery-long"


def _addresses(record: StudyRecord) -> Iterator[tuple[str, str]]:
    if record.url and is_document_mirror(record.url):
        yield "url", "copy-as-main-link"
    if record.doi and _is_test_doi(record.doi):
        yield "doi", "example-source"
    if record.url and _is_example(record.url):
        yield "url", "example-source"
    for index, source in enumerate(record.sources):
        if _is_example(source.url):
            yield f"sources[{index}].url", "example-source"


def _is_test_doi(doi: str) -> bool:
    return doi.startswith(_TEST_DOI_PREFIXES)


def _is_example(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return _EXAMPLE_HOST.fullmatch(host) is not None or _is_test_doi(normalize_doi(url) or "")


_PAGES_PREFIX = re.compile(r"\b(?:pp?|p[aá]gs?)[. ]", re.IGNORECASE)


def _single_values(record: StudyRecord) -> Iterator[tuple[str, str]]:
    if "," in (record.doi or ""):
        yield "doi", "doi-comma"
    if _PAGES_PREFIX.search(record.pages or ""):
        yield "pages", "pages-prefix"
    if record.sample_size is not None and record.sample_unit is None:
        yield "sample_size", "sample-without-unit"
