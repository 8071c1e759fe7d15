"""The page on which a person makes an assessment, and what the pages of appraisal share.

The rules are in `studies.appraisals`: `workflow` and `state`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.appraisal.forms import AppraisalEntry, JudgementLine
from studies.appraisals import workflow
from studies.appraisals.state import AppraisalRound
from studies.appraisals.workflow import AssessmentIncomplete, AssessmentInput, AssessmentStale
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.models import Assessment, Instrument, Study
from studies.records import appraisal_rules
from studies.records.appraisal import JudgementRecord
from studies.store.exchange import appraisal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.admin.shared.base import BankAdmin

NOTHING_ENTERED = AssessmentInput(())
SAVED = "Se guardó como borrador."
KEPT_DRAFT = "Se guardó como borrador. Para terminarla falta lo que está marcado."
NOT_SAVED = "No se guardó: corrija lo que está marcado. Lo que escribió está aquí."


class AppraisalPage:
    """Base class of the pages. Raises PermissionDenied for whoever may not change studies."""

    template = ""
    title = ""

    def __init__(self, admin: BankAdmin) -> None:
        self.admin = admin
        self.__name__ = "appraising"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, **names: Any) -> HttpResponse:
        user = request.user
        assert user.is_authenticated
        if not user.has_perm(CHANGE_STUDY):
            raise PermissionDenied
        return self.answer(request, user, **names)

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        raise NotImplementedError

    def page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        common = {**self.admin.admin_site.each_context(request), "opts": self.admin.opts, "title": self.title}
        return TemplateResponse(request, f"admin/studies/appraisal/{self.template}.html", {**common, **context})

    def refuse(self, request: HttpRequest, study: Study, refusal: CurationError) -> HttpResponse:
        messages.error(request, refusal.message)
        return redirect_to_appraisals(study)


class AssessmentView(AppraisalPage):
    """Shows and saves the assessment that the person makes with one instrument."""

    template, title = "assess", "Su valoración"

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        now = get_round(names)
        own = now.find_own(user)
        if own is None and not now.may_begin(user):
            messages.warning(
                request, "No puede comenzar esta valoración: ya hay dos personas, o usted ya vio la de otra."
            )
            return redirect_to_appraisals(now.study)
        if request.method == "POST":
            try:
                return self._act(request, user, now, own)
            except AssessmentStale as refusal:
                return self._overtaken(request, user, now, refusal)
            except CurationError as refusal:
                return self.refuse(request, now.study, refusal)
        entry = AppraisalEntry(now.record, stored_entry(own), own.version if own else 0)
        if "check" in request.GET and own is not None:
            entry.show_lacks(appraisal_rules.find_gaps(now.record, stored_entry(own).judgements, own.overall))
        return self._show(request, user, now, own, entry)

    def _act(self, request: HttpRequest, user: User, now: AppraisalRound, own: Assessment | None) -> HttpResponse:
        asked = request.POST.get("_do", "draft")
        if asked == "reopen":
            workflow.reopen(now.study, now.instrument, by=user)
            messages.success(request, "Puede cambiarla otra vez.")
            return HttpResponseRedirect(request.path)
        if asked == "discard" and own is not None:
            workflow.discard(own, by=user)
            messages.success(request, "Se descartó su valoración.")
            return redirect_to_appraisals(now.study)
        entry = AppraisalEntry(now.record, stored_entry(own), own.version if own else 0, request.POST)
        if not entry.is_valid():
            messages.error(request, NOT_SAVED)
            return self._show(request, user, now, own, entry)
        return self._save(request, user, now, own, entry, finish=asked == "finish")

    def _save(
        self,
        request: HttpRequest,
        user: User,
        now: AppraisalRound,
        own: Assessment | None,
        entry: AppraisalEntry,
        *,
        finish: bool,
    ) -> HttpResponse:
        version = entry.version
        if own is None:
            own = workflow.begin(now.study, now.instrument, by=user)
            version = version or own.version
        entered = entry.entered()
        try:
            workflow.save(own, entered, version=version, by=user, finish=finish)
        except AssessmentIncomplete:
            workflow.save(own, entered, version=version, by=user)
            messages.error(request, KEPT_DRAFT)
            return HttpResponseRedirect(f"{request.path}?check=1")
        if not finish:
            messages.success(request, SAVED)
            return HttpResponseRedirect(request.path)
        messages.success(request, "Su valoración está terminada.")
        return redirect_to_appraisals(now.study)

    def _overtaken(
        self, request: HttpRequest, user: User, now: AppraisalRound, refusal: AssessmentStale
    ) -> HttpResponse:
        own = AppraisalRound(now.study, now.instrument).find_own(user)
        if own is None or own.is_done:
            return self.refuse(request, now.study, refusal)
        entry = AppraisalEntry(now.record, stored_entry(own), own.version, request.POST)
        entry.is_valid()
        entry.set_version(own.version)
        messages.error(
            request, f"No se guardó. {refusal.message} Lo que escribió está aquí; si guarda otra vez, queda esto."
        )
        return self._show(request, user, now, own, entry)

    def _show(
        self, request: HttpRequest, user: User, now: AppraisalRound, own: Assessment | None, entry: AppraisalEntry
    ) -> HttpResponse:
        context = {
            "study": now.study,
            "instrument": now.instrument,
            "own": own,
            "entry": entry,
            "lines": list(entry.lines()),
            "read": finished_assessment(now, own) if own and own.is_done else None,
            "may_reopen": now.may_reopen(user),
            "language": now.study.language,
        }
        return self.page(request, context)


@dataclass(frozen=True, slots=True)
class FinishedAssessment:
    """A finished assessment as its readers see it, in words; `lines` are of (domain, judgement)."""

    person: str
    version: int
    overall: str
    note_es: str
    note_en: str
    lines: tuple[tuple[str, JudgementLine], ...]


def finished_assessment(now: AppraisalRound, row: Assessment) -> FinishedAssessment:
    """Return an assessment in words, in the order of the domains."""
    level = now.record.overall_level(row.overall)
    names = {domain.code: domain.es for domain in now.record.domains}
    lines = tuple((names[code], line) for code, line in judgement_lines(now, row).items())
    return FinishedAssessment(str(row.by), row.version, level.es if level else "", row.note_es, row.note_en, lines)


def judgement_lines(now: AppraisalRound, row: Assessment) -> dict[str, JudgementLine]:
    """Return the judgement of each domain of the instrument by code, also of those that were not judged."""
    held = {judgement.domain: judgement for judgement in stored_entry(row).judgements}
    lines = {}
    for domain in now.record.domains:
        judgement = held.get(domain.code)
        level = now.record.level(judgement.level) if judgement else None
        lines[domain.code] = JudgementLine(
            str(row.by), level.code if level else "", level.es if level else "sin juicio", judgement
        )
    return lines


def stored_entry(row: Assessment | None) -> AssessmentInput:
    """Return the stored content of an assessment; NOTHING_ENTERED for None."""
    if row is None:
        return NOTHING_ENTERED
    judgements = tuple(JudgementRecord.from_json(judgement) for judgement in row.judgements)
    return AssessmentInput(judgements, row.overall, row.note_es, row.note_en)


def is_offered(row: Instrument) -> bool:
    """Return True if an instrument is offered or in use: one that is being put together is neither."""
    return not row.is_retired or appraisal.is_in_use(row)


def get_study(study_id: int) -> Study:
    """Return a study of `for_record`. Raises Http404."""
    return get_object_or_404(Study.objects.for_record(), pk=study_id)


def get_round(names: dict[str, Any]) -> AppraisalRound:
    """Return the round of `study_id` and the instrument `code`. Raises Http404, also for an unfinished instrument."""
    study = get_object_or_404(Study, pk=names["study_id"])
    instrument = Instrument.objects.filter(slug=names["code"]).prefetch_related(*appraisal.INSTRUMENT_PARTS).first()
    if instrument is None or not is_offered(instrument):
        raise Http404(names["code"])
    return AppraisalRound(study, instrument)


def redirect_to_appraisals(study: Study) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_study_appraisals", args=[study.pk]))
