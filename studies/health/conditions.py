"""Conditions of studies that need attention, such as a missing summary or a dead link: counts, and filters of lists.

Only drafts, studies in review and published studies count. The page of the bank's health, `check_bank` and the filters
of the workplace use them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from studies.curation import rechecks
from studies.duplicates import decisions
from studies.duplicates.matching.comparing import MatchKind
from studies.health import link_checker, remarks
from studies.models import Appraisal, LinkCheck, Source, Stage, Study
from studies.records.editorial import EDITORIAL_CODES

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.records.plausibility import Suspicion

LIVE = remarks.LIVE


def _empty(field: str) -> Callable[[], Q]:
    return lambda: Q(**{field: ""})


def _without(model: Any) -> Callable[[], Q]:
    return lambda: ~Q(Exists(model.objects.filter(study=OuterRef("pk"))))


def _dead_link() -> Q:
    gone = LinkCheck.objects.filter(link_checker.dead_link_condition()).values("url")
    return Q(url__in=gone) | Q(Exists(Source.objects.filter(study=OuterRef("pk"), url__in=gone)))


def _doubtful() -> Q:
    return Q(pk__in=list(remarks.list_doubtful_numbers()))


def _with_remark(code: str) -> Callable[[], Q]:
    return lambda: Q(pk__in=[key for key, found in remarks.list_remarks().items() if code in _codes(found)])


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
    **{code: _with_remark(code) for code in EDITORIAL_CODES},
    remarks.TRIAL_NOT_LISTED: remarks.names_unlisted_trial,
    "old-check": rechecks.due_filter,
}
"""Conditions by the code that addresses and commands use; a callable, as some depend on the date or on other rows."""


def filter_by_condition(studies: QuerySet[Study], name: str) -> QuerySet[Study]:
    """Return those of `studies` that are live and meet a condition of CONDITIONS."""
    return studies.filter(CONDITIONS[name](), stage__in=LIVE)


def count_by_condition() -> dict[str, int]:
    """Count the studies that meet each condition: one query, and those of `remarks`."""
    aggregates: dict[str, Any] = {
        _alias(name): Count("pk", filter=condition())
        for name, condition in CONDITIONS.items()
        if name not in EDITORIAL_CODES
    }
    counts = Study.objects.filter(stage__in=LIVE).order_by().aggregate(**aggregates)
    # Counted in memory: the ids of all studies with a remark are too many for the parameters of one query.
    found = remarks.list_remarks().values()
    with_remark = Counter(code for each in found for code in _codes(each))
    return {name: with_remark[name] if name in EDITORIAL_CODES else counts[_alias(name)] for name in CONDITIONS}


def find_oldest_check() -> tuple[Study, datetime] | None:
    """Return the published study that was checked (or else published) longest ago, with that time: one query."""
    public = Study.objects.published().annotate(seen_at=Coalesce(Max("checks__at"), "published_at"))
    oldest = public.order_by("seen_at", "pk").first()
    return (oldest, oldest.seen_at) if oldest is not None else None  # type: ignore[attr-defined]


def count_undecided_pairs() -> Counter[MatchKind] | None:
    """Count possible duplicates without a decision by kind, as of the last search; None before the first search."""
    search = decisions.list_known_pairs()
    return None if search.is_first else Counter(pair.kind for pair in search.pairs)


def _codes(found: tuple[Suspicion, ...]) -> set[str]:
    return {one.code for one in found}


def _alias(condition: str) -> str:
    return condition.replace("-", "_")
