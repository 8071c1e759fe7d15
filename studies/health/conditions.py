"""Conditions of studies that need attention, such as a missing summary or a dead link: counts, and filters of lists.

Only drafts, studies in review and published studies count. The page of the bank's health, `check_bank` and the filters
of the workplace use them.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from studies.curation import rechecks
from studies.duplicates import decisions
from studies.duplicates.matching.comparing import MatchKind
from studies.health import link_checker
from studies.models import Appraisal, Finding, LinkCheck, Source, Stage, Study
from studies.records.plausibility import Suspicion, find_suspicions
from studies.records.study import FindingRecord, StudyRecord
from studies.store import bank_state, vocabularies

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models.querysets import StudyQuerySet

LIVE = (Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED)


def _empty(field: str) -> Callable[[], Q]:
    return lambda: Q(**{field: ""})


def _without(model: Any) -> Callable[[], Q]:
    return lambda: ~Q(Exists(model.objects.filter(study=OuterRef("pk"))))


def _dead_link() -> Q:
    gone = LinkCheck.objects.filter(link_checker.dead_link_condition()).values("url")
    return Q(url__in=gone) | Q(Exists(Source.objects.filter(study=OuterRef("pk"), url__in=gone)))


def _doubtful() -> Q:
    return Q(pk__in=list(list_doubtful_numbers()))


CONDITIONS: Mapping[str, Callable[[], Q]] = {
    "no-summary": _empty("summary_es"),
    "no-summary-en": _empty("summary_en"),
    "no-title-es": _empty("title_es"),
    "no-title-en": _empty("title_en"),
    "no-key-finding": _empty("key_finding_es"),
    "no-source": _without(Source),
    "not-appraised": lambda: Q(stage=Stage.PUBLISHED) & _without(Appraisal)(),
    "dead-link": _dead_link,
    "doubtful-numbers": _doubtful,
    "old-check": rechecks.due_filter,
}
"""Conditions by the code that addresses and commands use; a callable, as some depend on the date or on other rows."""


def filter_by_condition(studies: QuerySet[Study], name: str) -> QuerySet[Study]:
    """Return those of `studies` that are live and meet a condition of CONDITIONS."""
    return studies.filter(CONDITIONS[name](), stage__in=LIVE)


def count_by_condition() -> dict[str, int]:
    """Count the studies that meet each condition: one query, and those of `list_doubtful_numbers`."""
    aggregates: dict[str, Any] = {
        _alias(name): Count("pk", filter=condition()) for name, condition in CONDITIONS.items()
    }
    counts = Study.objects.filter(stage__in=LIVE).order_by().aggregate(**aggregates)
    return {name: counts[_alias(name)] for name in CONDITIONS}


def find_oldest_check() -> tuple[Study, datetime] | None:
    """Return the published study that was checked (or else published) longest ago, with that time: one query."""
    public = Study.objects.published().annotate(seen_at=Coalesce(Max("checks__at"), "published_at"))
    oldest = public.order_by("seen_at", "pk").first()
    return (oldest, oldest.seen_at) if oldest is not None else None  # type: ignore[attr-defined]


def count_undecided_pairs() -> Counter[MatchKind] | None:
    """Count possible duplicates without a decision by kind, as of the last search; None before the first search."""
    search = decisions.list_known_pairs()
    return None if search.is_first else Counter(pair.kind for pair in search.pairs)


# --- Doubtful numbers, cached in memory ------------------------------------------------------------------------------


@dataclass(slots=True)
class _SuspicionCache:
    at: tuple[str, int, datetime]
    found: dict[int, tuple[Suspicion, ...]]


_cache: _SuspicionCache | None = None
_reading = threading.Lock()


def list_doubtful_numbers() -> Mapping[int, tuple[Suspicion, ...]]:
    """Return the suspicions of every study that has any, by primary key.

    Cached in this process: no query while the bank has not changed, else four on the studies that did. Only the first
    call, and one after the bank was replaced or set back, reads the numbers of the whole bank.
    """
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
            cached = _SuspicionCache(now, _read_suspicions(Study.objects.all()))
        elif cached.at != now:
            changed = Study.objects.changed_since(cached.at[1])
            keys = set(changed.values_list("pk", flat=True))
            unchanged = {key: found for key, found in cached.found.items() if key not in keys}
            cached = _SuspicionCache(now, unchanged | _read_suspicions(changed))
        _cache = cached
        return cached.found


def forget() -> None:
    """Drop the cache: for tests, whose changes are rolled back so that change numbers come again."""
    global _cache
    _cache = None


_NUMBERS = ("measure", "value", "ci_low", "ci_high", "ci_level", "p", "follow_up", "follow_up_months")


def _read_suspicions(studies: StudyQuerySet) -> dict[int, tuple[Suspicion, ...]]:
    """Check the numbers of `studies` alone: reading whole records would take thirty times as long."""
    rows = Finding.objects.filter(study__in=studies).order_by("study", "position", "id")
    findings: dict[int, list[FindingRecord]] = defaultdict(list)
    known = vocabularies.current().by_id
    for study, effect, measure, *numbers in rows.values_list("study", "effect", *_NUMBERS):
        values = dict(zip(_NUMBERS[1:], numbers, strict=True))
        values["follow_up"] = values["follow_up"] or None
        findings[study].append(
            FindingRecord("", effect=known[effect].code, measure=known[measure].code if measure else None, **values)
        )
    samples = {key: size for key, size in studies.values_list("pk", "sample_size") if size is not None}
    return _check_numbers(findings, samples)


def _check_numbers(
    findings: Mapping[int, Iterable[FindingRecord]], samples: Mapping[int, int]
) -> dict[int, tuple[Suspicion, ...]]:
    by_study = {}
    for key in findings.keys() | samples.keys():
        record = StudyRecord("x", "x", findings=tuple(findings.get(key, ())), sample_size=samples.get(key))
        if found := find_suspicions(record):
            by_study[key] = found
    return by_study


def _alias(condition: str) -> str:
    return condition.replace("-", "_")
