"""What others published about a study, as its page prints it: judgements of bias, and ratings of effect apart.

They are facts with a source. The bank's own appraisals are in `appraisals`, and the two are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass

from studies.records.published_appraisal import EFFECT, PublishedAppraisalRecord
from studies.records.study import StudyRecord
from studies.web.shared.links import PageTerms, host_name


@dataclass(frozen=True, slots=True)
class PublishedAppraisalView:
    """A judgement of others. `level` is what it counts as in the bank's filter, "" if it does not."""

    record: PublishedAppraisalRecord
    level: str
    host: str


@dataclass(frozen=True, slots=True)
class PublishedAppraisals:
    """The judgements of others: of bias or quality (or of what is not said), and of whether the programme works."""

    judgements: tuple[PublishedAppraisalView, ...]
    conclusions: tuple[PublishedAppraisalView, ...]


def published_appraisals(record: StudyRecord, terms: PageTerms) -> PublishedAppraisals:
    """Return what others published about a study, in the order of its record."""
    views = [_view(each, terms) for each in record.appraisals]
    return PublishedAppraisals(
        judgements=tuple(view for view in views if view.record.judges != EFFECT),
        conclusions=tuple(view for view in views if view.record.judges == EFFECT),
    )


def _view(appraisal: PublishedAppraisalRecord, terms: PageTerms) -> PublishedAppraisalView:
    code = appraisal.risk_of_bias
    return PublishedAppraisalView(
        record=appraisal,
        level=terms.label("risk_of_bias", code) if code else "",
        host=host_name(appraisal.url) if appraisal.url else "",
    )
