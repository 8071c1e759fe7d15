"""The page on which two people agree on their assessments, or a reviewer confirms a single one.

It shows nothing of the others' assessments before the reader has asked to see them (`workflow.look`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from studies.admin.appraisal.assessment import (
    KEPT_DRAFT,
    NOT_SAVED,
    SAVED,
    AppraisalPage,
    finished_assessment,
    get_round,
    judgement_lines,
    redirect_to_appraisals,
    stored_entry,
)
from studies.admin.appraisal.forms import AppraisalEntry, JudgementLine
from studies.admin.shared.fields import PlainTextField
from studies.appraisals import workflow
from studies.appraisals.state import AppraisalRound
from studies.appraisals.workflow import AssessmentIncomplete, AssessmentInput, AssessmentStale
from studies.curation.stages import CurationError
from studies.records import appraisal_rules

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ReasonForm(forms.Form):
    """Why something is returned or withdrawn."""

    note = PlainTextField(label="Motivo", max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))


class ConsensusView(AppraisalPage):
    """Shows finished assessments beside the consensus, after a warning; saves, agrees, confirms or returns (POST)."""

    template, title = "compare", "Acuerdo"

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        now = get_round(names)
        if not now.may_look(user):
            messages.warning(
                request, "Todavía no hay nada terminado que usted pueda ver. Primero termine su valoración."
            )
            return redirect_to_appraisals(now.study)
        if request.method == "POST":
            try:
                return self._act(request, user, now)
            except AssessmentStale as refusal:
                return self._overtaken(request, user, refusal, names)
            except CurationError as refusal:
                return self.refuse(request, now.study, refusal)
        return self._show(request, user, now, self._entry(now, check="check" in request.GET))

    def _act(self, request: HttpRequest, user: User, now: AppraisalRound) -> HttpResponse:
        asked = request.POST.get("_do", "draft")
        if asked == "look":
            workflow.mark_seen(now.study, now.instrument, by=user)
            return HttpResponseRedirect(request.path)
        simple: dict[str, tuple[Callable[[], None], str]] = {
            "agree": (
                lambda: workflow.agree(now.study, now.instrument, version=_sent_version(request), by=user),
                "Hay consenso: la evaluación es final.",
            ),
            "confirm": (
                lambda: workflow.confirm(now.study, now.instrument, version=_sent_version(request), by=user),
                "Se confirmó: la evaluación es final.",
            ),
            "return": (
                lambda: workflow.send_back(
                    now.study, now.instrument, by=user, note=request.POST.get("note", "")[:2_000]
                ),
                "Se devolvió a quien la escribió.",
            ),
        }
        if asked in simple:
            act, told = simple[asked]
            act()
            messages.success(request, told)
            return redirect_to_appraisals(now.study)
        return self._save(request, user, now, finish=asked == "finish")

    def _save(self, request: HttpRequest, user: User, now: AppraisalRound, *, finish: bool) -> HttpResponse:
        entry = self._entry(now, request)
        if not entry.is_valid():
            messages.error(request, NOT_SAVED)
            return self._show(request, user, now, entry)
        entered = entry.entered()

        def save(*, finish: bool) -> bool:
            return workflow.save_consensus(
                now.study, now.instrument, entered, version=entry.version, by=user, finish=finish
            )

        try:
            is_final = save(finish=finish)
        except AssessmentIncomplete:
            save(finish=False)
            messages.error(request, KEPT_DRAFT)
            return HttpResponseRedirect(f"{request.path}?check=1")
        if is_final:
            messages.success(request, "Hay consenso: la evaluación es final.")
        else:
            messages.success(request, "Se propuso: falta el acuerdo de la otra persona." if finish else SAVED)
        return redirect_to_appraisals(now.study) if finish else HttpResponseRedirect(request.path)

    def _overtaken(
        self, request: HttpRequest, user: User, refusal: AssessmentStale, names: dict[str, Any]
    ) -> HttpResponse:
        now = get_round(names)
        if request.POST.get("_do", "draft") not in ("draft", "finish") or not now.may_write_consensus(user):
            return self.refuse(request, now.study, refusal)
        entry = self._entry(now, request)
        entry.is_valid()
        entry.set_version(now.consensus.version if now.consensus else 0)
        messages.error(
            request, f"No se guardó. {refusal.message} Lo que escribió está aquí; si guarda otra vez, queda esto."
        )
        return self._show(request, user, now, entry)

    def _entry(self, now: AppraisalRound, request: HttpRequest | None = None, *, check: bool = False) -> AppraisalEntry:
        held = stored_entry(now.consensus) if now.consensus else _common_judgements(now)
        version = now.consensus.version if now.consensus else 0
        entry = AppraisalEntry(now.record, held, version, request.POST if request else None)
        if check:
            entry.show_lacks(appraisal_rules.find_gaps(now.record, held.judgements, held.overall))
        return entry

    def _show(self, request: HttpRequest, user: User, now: AppraisalRound, entry: AppraisalEntry) -> HttpResponse:
        context: dict[str, Any] = {
            "study": now.study,
            "instrument": now.instrument,
            "round": now,
            "own": now.find_own(user),
            "has_seen": now.has_seen(user),
        }
        # Not even the template gets the others' assessments before the person has asked to see them.
        if now.has_seen(user):
            context |= {
                "entry": entry,
                "lines": list(entry.lines(_lines_by_domain(now))),
                "assessments": [finished_assessment(now, row) for row in now.done],
                "may_confirm": now.may_confirm(user),
                "may_write": now.may_write_consensus(user),
                "may_decide": now.may_decide(user),
                "may_agree": now.may_agree(user),
                "note": ReasonForm(),
            }
        return self.page(request, context)


def _lines_by_domain(now: AppraisalRound) -> dict[str, tuple[JudgementLine, ...]]:
    lines = [judgement_lines(now, row) for row in now.done]
    return {domain.code: tuple(one[domain.code] for one in lines) for domain in now.record.domains}


def _common_judgements(now: AppraisalRound) -> AssessmentInput:
    """Return a first consensus: the levels on which all agree, each with the first support that was given."""
    found = []
    for domain in now.record.domains:
        held = [
            judgement
            for row in now.done
            for judgement in stored_entry(row).judgements
            if judgement.domain == domain.code
        ]
        if len(held) == len(now.done) and len({judgement.level for judgement in held}) == 1:
            found.append(next((one for one in held if one.has_support), held[0]))
    chosen = {row.overall for row in now.done}
    return AssessmentInput(tuple(found), chosen.pop() if len(chosen) == 1 else "")


def _sent_version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
