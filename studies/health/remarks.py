"""Numbers and words of studies that somebody should look at, cached in this process by change number.

`records.plausibility` and `records.editorial` tell what is doubtful; here studies are read, in parts, as whole records
would take thirty times as long. `conditions` counts and filters by what is found.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from studies.models import Evaluation, EvaluationStudy, Finding, Source, Stage, Study, StudyTerm, Vocabulary
from studies.records.editorial import Coding, find_remarks
from studies.records.finding import FindingRecord
from studies.records.plausibility import Suspicion, find_suspicions
from studies.records.study import InterventionRecord, SourceRecord, StudyRecord
from studies.store import bank_state, vocabularies

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models.querysets import StudyQuerySet
    from studies.store.vocabularies import Vocabularies

LIVE = (Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED)
TRIAL_NOT_LISTED = "trial-not-listed"
"""The code of a finding that names a trial which the bank does not have, or which does not list its study."""

Suspicions = Mapping[int, tuple[Suspicion, ...]]
"""What is doubted of studies, by primary key; without those of which nothing is."""


def list_doubtful_numbers() -> Suspicions:
    """Return the numbers to compare with their source, of every study that has any.

    Cached in this process: no query while the bank has not changed, else six on the studies that did. Only the first
    call, and one after the bank was replaced or set back, reads the whole bank.
    """
    return _current().numbers


def list_remarks() -> Suspicions:
    """Return what is remarked on by `editorial` in live studies. It costs what `list_doubtful_numbers` costs."""
    return _current().remarks


def list_unlisted_trials() -> Suspicions:
    """Return the findings of a trial that does not list their study: one query, as trials have no change number."""
    found: dict[int, list[Suspicion]] = defaultdict(list)
    rows = _unlisted_findings().filter(study__stage__in=LIVE).order_by("study", "position", "id")
    for study, position in rows.values_list("study", "position"):
        found[study].append(Suspicion(f"findings[{position}].trial", TRIAL_NOT_LISTED))
    return {study: tuple(each) for study, each in found.items()}


def find_doubts(study: Study, record: StudyRecord) -> tuple[Suspicion, ...]:
    """Return all that is doubted of one study with this record: no query, or one if a finding names a trial."""
    found = [*find_suspicions(record), *find_remarks(record, read_coding(vocabularies.current()))]
    if any(finding.trial for finding in record.findings):
        listed = set(
            EvaluationStudy.objects.filter(study=study, evaluation__kind=Evaluation.Kind.TRIAL).values_list(
                "evaluation__slug", flat=True
            )
        )
        found += [
            Suspicion(f"findings[{index}].trial", TRIAL_NOT_LISTED)
            for index, finding in enumerate(record.findings)
            if finding.trial and finding.trial not in listed
        ]
    return tuple(found)


def names_unlisted_trial() -> Q:
    """Return the filter of studies of which `list_unlisted_trials` knows a finding."""
    return Q(Exists(_unlisted_findings().filter(study=OuterRef("pk"))))


def read_coding(vocabulary: Vocabularies) -> Coding:
    """Return what `editorial` needs of the vocabularies."""
    return Coding(
        family_of_design={term.code: term.parent or "" for term in vocabulary.every_term("designs")},
        group_of_outcome={term.code: term.parent or "" for term in vocabulary.every_term("outcomes")},
    )


def _unlisted_findings() -> QuerySet[Finding]:
    listed = EvaluationStudy.objects.filter(
        study=OuterRef("study"), evaluation__slug=OuterRef("trial"), evaluation__kind=Evaluation.Kind.TRIAL
    )
    return Finding.objects.exclude(trial="").filter(~Exists(listed))


# --- The cache -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cache:
    at: tuple[str, int, datetime]
    numbers: dict[int, tuple[Suspicion, ...]]
    remarks: dict[int, tuple[Suspicion, ...]]


_cache: _Cache | None = None
_reading = threading.Lock()


def forget() -> None:
    """Drop the cache: for tests, whose changes are rolled back so that change numbers come again."""
    global _cache
    _cache = None


def _current() -> _Cache:
    global _cache
    counter = bank_state.current()
    now = (str(counter.bank_id), counter.change_no, counter.changed_at)
    with _reading:
        cached = _cache
        if (
            cached is None
            or cached.at[0] != now[0]
            or cached.at[1] > now[1]
            or (cached.at[1] == now[1] and cached.at != now)
        ):
            cached = _Cache(now, *_read(Study.objects.all()))
        elif cached.at != now:
            changed = Study.objects.changed_since(cached.at[1])
            keys = set(changed.values_list("pk", flat=True))
            numbers, remarks = _read(changed)
            cached = _Cache(now, _without(cached.numbers, keys) | numbers, _without(cached.remarks, keys) | remarks)
        _cache = cached
        return cached


def _without(found: dict[int, tuple[Suspicion, ...]], keys: set[int]) -> dict[int, tuple[Suspicion, ...]]:
    return {key: each for key, each in found.items() if key not in keys}


# --- Reading ---------------------------------------------------------------------------------------------------------

_TEXTS = (
    *("url", "pages", "key_finding_es", "key_finding_en", "summary_es", "summary_en"),
    *("delivery_es", "delivery_en", "note_es", "note_en"),
)
_NUMBERS = ("value", "ci_low", "ci_high", "ci_level", "p", "follow_up_months")


def _read(studies: StudyQuerySet) -> tuple[dict[int, tuple[Suspicion, ...]], dict[int, tuple[Suspicion, ...]]]:
    """Check what is looked at in `studies`: the doubtful numbers, and the remarks on those that are live."""
    vocabulary = vocabularies.current()
    coding = read_coding(vocabulary)
    codes, sources = _read_codes(studies, vocabulary), _read_sources(studies)
    findings = _read_findings(studies, vocabulary)
    numbers: dict[int, tuple[Suspicion, ...]] = {}
    remarks: dict[int, tuple[Suspicion, ...]] = {}
    columns = studies.order_by("pk").values_list("pk", "stage", "doi", "sample_size", "sample_unit", *_TEXTS)
    for key, stage, doi, sample_size, sample_unit, *texts in columns.iterator(chunk_size=500):
        known: dict[str, Any] = {**codes.get(key, {})}
        known |= {name: text or None for name, text in zip(_TEXTS, texts, strict=True)}
        record = StudyRecord(
            "x",
            "x",
            doi=doi,
            sample_size=sample_size,
            sample_unit=vocabulary.by_id[sample_unit].code if sample_unit is not None else None,
            findings=tuple(findings.get(key, ())),
            sources=tuple(sources.get(key, ())),
            **known,
        )
        if found := find_suspicions(record):
            numbers[key] = found
        if stage in LIVE and (found := find_remarks(record, coding)):
            remarks[key] = found
    return numbers, remarks


# Each is the name of its field in the record too.
_LISTS = (Vocabulary.DESIGNS, Vocabulary.INTERVENTIONS, Vocabulary.OUTCOMES, Vocabulary.COUNTRIES)


def _read_codes(studies: StudyQuerySet, vocabulary: Vocabularies) -> dict[int, dict[str, tuple[Any, ...]]]:
    """Return the designs, interventions, outcomes and countries of each study, in the order of its record."""
    found: defaultdict[int, dict[str, list[tuple[int, Any]]]] = defaultdict(lambda: defaultdict(list))
    rows = StudyTerm.objects.filter(study__in=studies, term__vocabulary__in=_LISTS)
    for study, term_id, role_id, position in rows.values_list("study", "term", "role", "position"):
        term = vocabulary.by_id[term_id]
        role = vocabulary.by_id[role_id].code if role_id is not None else None
        code = InterventionRecord(term.code, role) if term.vocabulary == Vocabulary.INTERVENTIONS else term.code
        order = position if term.vocabulary == Vocabulary.DESIGNS else vocabulary.order(term_id)
        found[study][term.vocabulary].append((order, code))
    return {
        study: {name: tuple(code for _order, code in sorted(each, key=itemgetter(0))) for name, each in lists.items()}
        for study, lists in found.items()
    }


def _read_findings(studies: StudyQuerySet, vocabulary: Vocabularies) -> dict[int, list[FindingRecord]]:
    about: defaultdict[int, list[int]] = defaultdict(list)
    tested = Finding.about.through.objects.filter(finding__study__in=studies)
    for finding_id, term_id in tested.values_list("finding_id", "term_id"):
        about[finding_id].append(term_id)
    found: defaultdict[int, list[FindingRecord]] = defaultdict(list)
    rows = Finding.objects.filter(study__in=studies).order_by("study", "position", "id")
    named = ("pk", "study", "outcome", "effect", "measure", "is_about_all", "follow_up")
    for pk, study, outcome, effect, measure, is_about_all, follow_up, *numbers in rows.values_list(*named, *_NUMBERS):
        found[study].append(
            FindingRecord(
                vocabulary.by_id[outcome].code,
                about=None if is_about_all else _codes_in_order(about[pk], vocabulary),
                effect=vocabulary.by_id[effect].code,
                measure=vocabulary.by_id[measure].code if measure is not None else None,
                follow_up=follow_up or None,
                **dict(zip(_NUMBERS, numbers, strict=True)),
            )
        )
    return found


def _codes_in_order(term_ids: Iterable[int], vocabulary: Vocabularies) -> tuple[str, ...]:
    return tuple(vocabulary.by_id[term_id].code for term_id in sorted(term_ids, key=vocabulary.order))


def _read_sources(studies: StudyQuerySet) -> dict[int, list[SourceRecord]]:
    found: defaultdict[int, list[SourceRecord]] = defaultdict(list)
    rows = Source.objects.filter(study__in=studies).order_by("study", "position", "id")
    for study, url in rows.values_list("study", "url"):
        found[study].append(SourceRecord(url))
    return found
