"""The pages of appraisal and their addresses: what is under way for a study and in the bank, and withdrawing.

The rules are in `studies.appraisals`: `workflow` and `state`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from studies.admin.appraisal.assessment import (
    AppraisalPage,
    AssessmentView,
    get_round,
    get_study,
    is_offered,
    redirect_to_appraisals,
)
from studies.admin.appraisal.consensus import ConsensusView, ReasonForm
from studies.appraisals import state as appraisals_state
from studies.appraisals import workflow
from studies.appraisals.state import AppraisalRound
from studies.curation.moves import WITHDRAW_APPRAISAL, find_refusal
from studies.curation.roles import ADMINISTER_STUDY
from studies.curation.stages import CurationError
from studies.models import Assessment, Instrument, Study
from studies.records import appraisal_rules
from studies.store import vocabularies
from studies.store.exchange import appraisal
from studies.store.exchange import study as exchange_study
from studies.web.study.appraisals import appraisal_views

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.admin.shared.base import BankAdmin


@dataclass(frozen=True, slots=True)
class AppraiserState:
    """A person who judges, and whether they are done; never what they judged. `assessment` is a key."""

    name: str
    assessment: int
    is_done: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class InstrumentState:
    """One instrument on the page of a study: what is under way with it, and what the reader may do."""

    round: AppraisalRound
    is_proposed: bool
    is_main: bool
    is_final: bool
    own: Assessment | None
    may_begin: bool
    may_look: bool
    has_others: bool
    people: tuple[AppraiserState, ...]

    @property
    def is_shown(self) -> bool:
        """Return True if the page shows it unfolded: it suits the study, or somebody uses it."""
        return self.is_proposed or bool(self.people)


def appraisal_urls(admin: BankAdmin) -> list[URLPattern]:
    """Return the addresses of these pages, below that of the studies."""
    below = "<int:study_id>/calidad/"
    pages: tuple[tuple[str, type[AppraisalPage], str], ...] = (
        ("calidad/", OpenAppraisalsView, "studies_appraisal_waiting"),
        (below, StudyAppraisalsView, "studies_study_appraisals"),
        (f"{below}<slug:code>/", AssessmentView, "studies_study_assess"),
        (f"{below}<slug:code>/acuerdo/", ConsensusView, "studies_study_consensus"),
        (f"{below}<slug:code>/retirar/", WithdrawView, "studies_study_appraisal_withdraw"),
    )
    return [path(route, admin.staff_view(page(admin)), name=name) for route, page, name in pages]


class OpenAppraisalsView(AppraisalPage):
    """Shows what is under way in the whole bank, with its age."""

    template, title = "waiting", "Evaluaciones de calidad en curso"

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        entries = appraisals_state.list_rounds(user)
        groups = [
            (title, help_text, [entry for entry in entries if entry.state == state])
            for state, title, help_text in (
                ("own", "Sus borradores", "Valoraciones que usted comenzó y no terminó."),
                ("second", "Esperan a una segunda persona", "Una terminó. Otra puede valorar aparte, o quien revisa "
                 "puede confirmar la primera."),
                ("consensus", "Esperan el consenso", "Dos personas terminaron: falta comparar y acordar."),
                ("agreement", "Esperan un acuerdo", "Alguien propuso el consenso: falta que la otra lo acepte."),
                ("others", "Las comenzaron otras personas", "Sin terminar."),
            )
        ]  # fmt: skip
        return self.page(request, {"groups": groups, "total": len(entries)})


class StudyAppraisalsView(AppraisalPage):
    """Shows all appraisals of one study, final and under way; closes one that is under way (POST `close`)."""

    template, title = "study", "Evaluación de calidad"

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        study = get_study(names["study_id"])
        if request.method == "POST":
            return self._close(request, user, study)
        record = exchange_study.to_record(study)
        rows = list(Instrument.objects.prefetch_related(*appraisal.INSTRUMENT_PARTS))
        instruments = {row.slug: appraisal.instrument_to_record(row) for row in rows if is_offered(row)}
        proposed = [one.id for one in appraisal_rules.propose_instruments(list(instruments.values()), record.designs)]
        states = _instrument_states(study, rows, proposed, [one.instrument for one in record.own_appraisals], user)
        context = {
            "study": study,
            "finals": appraisal_views(record, instruments, vocabularies.current(), "es"),
            "states": states,
            "has_proposal": any(state.is_proposed for state in states),
            "has_more": not all(state.is_shown for state in states),
            "may_appraise": appraisals_state.may_appraise(study, user),
            "may_withdraw": find_refusal(WITHDRAW_APPRAISAL, study, user) is None,
        }
        return self.page(request, context)

    def _close(self, request: HttpRequest, user: User, study: Study) -> HttpResponse:
        given = request.POST.get("close", "")
        key = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        assessment = Assessment.objects.filter(pk=key, study=study).select_related("study", "instrument").first()
        if assessment is None:
            raise Http404(given)
        try:
            workflow.discard(assessment, by=user)
        except CurationError as refusal:
            return self.refuse(request, study, refusal)
        messages.success(request, "Se cerró. Otra persona puede ocupar su lugar.")
        return redirect_to_appraisals(study)


class WithdrawView(AppraisalPage):
    """Takes a final appraisal out of the record, for a reason (POST)."""

    template, title = "withdraw", "Retirar una evaluación de calidad"

    def answer(self, request: HttpRequest, user: User, **names: Any) -> HttpResponse:
        if not user.has_perm(WITHDRAW_APPRAISAL.permission):
            raise PermissionDenied
        now = get_round(names)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                workflow.withdraw(now.study, now.instrument, by=user, note=form.cleaned_data["note"])
            except CurationError as refusal:
                return self.refuse(request, now.study, refusal)
            messages.success(request, "Se retiró la evaluación. La historia del estudio la guarda.")
            return redirect_to_appraisals(now.study)
        return self.page(request, {"study": now.study, "instrument": now.instrument, "form": form})


def _instrument_states(
    study: Study, rows: list[Instrument], codes: list[str], finals: list[str], user: User
) -> list[InstrumentState]:
    """Return the instruments on offer or in use, the proposed ones (`codes`) first: two queries."""
    open_ones: dict[int, list[Assessment]] = {}
    found = Assessment.objects.filter(study=study, closed_at__isnull=True)
    for assessment in found.select_related("by").prefetch_related("seen_by"):
        open_ones.setdefault(assessment.instrument_id, []).append(assessment)
    offered = [row for row in rows if row.pk in open_ones or not row.is_retired]
    offered.sort(key=lambda row: codes.index(row.slug) if row.slug in codes else len(codes))
    return [
        _instrument_state(AppraisalRound(study, row, open_ones.get(row.pk, [])), codes, finals, user) for row in offered
    ]


def _instrument_state(now: AppraisalRound, codes: list[str], finals: list[str], user: User) -> InstrumentState:
    may_close = user.has_perm(ADMINISTER_STUDY)
    code = now.instrument.slug
    return InstrumentState(
        round=now,
        is_proposed=code in codes,
        is_main=code in codes[:1],
        is_final=code in finals,
        own=now.find_own(user),
        may_begin=now.may_begin(user),
        may_look=now.may_look(user),
        has_others=bool(now.list_others(user)),
        people=tuple(
            AppraiserState(str(row.by), row.pk, row.is_done, may_close and row.by_id != user.pk) for row in now.own
        ),
    )
