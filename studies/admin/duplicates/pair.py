"""Two studies side by side, and what a person decides: merge, not the same, one evaluation; and a merge undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.differences.choices import read_choices
from studies.admin.duplicates.pair_list import KIND_LABELS, pair_url
from studies.admin.duplicates.side_by_side import VALUES, RecordPair
from studies.admin.record_form.problems import describe_problems
from studies.admin.shared.base import signed_in_user
from studies.admin.shared.fields import PlainTextField
from studies.curation import grouping
from studies.curation.moves import MERGE, UNMERGE
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError, NotPublishable
from studies.duplicates import decisions, merging
from studies.models import Evaluation, Merge, Stage, Study
from studies.records.json_fields import RecordInvalid
from studies.store import vocabularies
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.auth.models import User

    from studies.admin.record_form.problems import ProblemLine

NEW_TRIAL, NEW_DATA_SET = "new-trial", "new-data-set"


def _note_field(rows: int = 2) -> PlainTextField:
    widget = forms.Textarea(attrs={"rows": rows})
    return PlainTextField(label="Nota", required=False, max_length=2_000, widget=widget)


class DecisionNoteForm(forms.Form):
    """A note that stays with a decision."""

    note = _note_field()

    def __init__(self, *args: Any, help_text: str = "Queda en la historia de ambos estudios.", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].help_text = help_text


class MergeStudiesForm(DecisionNoteForm):
    """What the person saw when choosing the fields, which `RecordPair` reads."""

    kept_no = forms.IntegerField(min_value=0, max_value=10**15, widget=forms.HiddenInput)
    other_no = forms.IntegerField(min_value=0, max_value=10**15, widget=forms.HiddenInput)


class EvaluationForm(DecisionNoteForm):
    """The evaluation of which both studies report: one that a study has already, or a new one."""

    evaluation = forms.ChoiceField(label="Evaluación", widget=forms.RadioSelect)
    name_es = PlainTextField(label="Nombre de la evaluación nueva", required=False, max_length=300)
    name_en = PlainTextField(label="Su nombre en inglés", required=False, max_length=300)

    def __init__(self, *args: Any, evaluations: list[Evaluation], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["evaluation"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [
            *((str(one.pk), f"{one.name_es} ({one.get_kind_display()})") for one in evaluations),
            (NEW_TRIAL, "Una nueva: informan del mismo ensayo o comparación, que se cuenta una vez"),
            (NEW_DATA_SET, "Una nueva: usan la misma base de datos; no cuenta nada, solo impide sumarlos"),
        ]
        self.initial.setdefault("evaluation", chosen.choices[0][0])

    def clean(self) -> dict[str, Any]:
        """Require a name for a new evaluation."""
        values = self.cleaned_data
        if values.get("evaluation") in (NEW_TRIAL, NEW_DATA_SET) and not values.get("name_es"):
            self.add_error("name_es", "Escriba cómo se llama la evaluación nueva.")
        return values

    def chosen(self, evaluations: list[Evaluation]) -> Evaluation:
        """Return the evaluation that was chosen, a new one not saved yet."""
        values = self.cleaned_data
        if values["evaluation"] in (NEW_TRIAL, NEW_DATA_SET):
            kind = Evaluation.Kind.TRIAL if values["evaluation"] == NEW_TRIAL else Evaluation.Kind.DATA_SET
            return grouping.make_evaluation(kind, values["name_es"], values["name_en"])
        return next(one for one in evaluations if str(one.pk) == values["evaluation"])


class PairView:
    """Shows two studies side by side (GET), and does what was decided about them (POST)."""

    def __init__(self, admin: ModelAdmin[Study]) -> None:
        self.admin = admin
        self.__name__ = "pair"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, first_id: int, second_id: int) -> HttpResponse:
        user = signed_in_user(request)
        if not user.has_perm("studies.view_study"):
            raise PermissionDenied
        if first_id == second_id:
            raise Http404(f"{first_id}: one study is no pair")
        studies = Study.objects.for_record().in_bulk((first_id, second_id))
        if len(studies) < 2:
            raise Http404(f"{first_id}, {second_id}")
        if first_id > second_id:
            # One address for a pair, whichever study it was reached from.
            return HttpResponseRedirect(pair_url(first_id, second_id))
        pair = _PairPage(self.admin, request, user, studies[first_id], studies[second_id])
        return pair.decide() if request.method == "POST" else pair.show()


class _PairPage:
    """Answers one request about a pair."""

    def __init__(self, admin: ModelAdmin[Study], request: HttpRequest, user: User, first: Study, second: Study) -> None:
        self.admin, self.request, self.user = admin, request, user
        self.first, self.second = first, second
        self.kept, self.other = self._kept_and_other()
        self.evaluations = list(grouping.list_evaluations(first, second))
        self.problems: tuple[ProblemLine, ...] = ()

    def decide(self) -> HttpResponse:
        """Do what `action` of the form names and redirect; show the page again where it is unknown or refused."""
        actions = {
            "merge": self._merge,
            "not-duplicate": self._say_not_duplicate,
            "take-back": self._take_back,
            "evaluation": self._say_same_evaluation,
        }
        action = actions.get(self.request.POST.get("action", ""))
        if action is None:
            return self.show()
        return action()

    def show(self, **bound: forms.Form) -> HttpResponse:
        """Show the page. `bound` holds forms to show again: "merge", "two", "evaluation"."""
        kept, other = self.kept, self.other
        may_merge = kept.stage == Stage.PUBLISHED and other.stage != Stage.MERGED
        found = decisions.compare_studies(self.first, self.second)
        pair = self._record_pair()
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": "Comparar dos estudios",
            "study": None,
            "first": self.first,
            "second": self.second,
            "kept": kept,
            "other": other,
            "found": found,
            "kind": KIND_LABELS[found.kind] if found else "",
            "word": decisions.find_decision(self.first, self.second),
            "merge_between": self._merge_between(),
            "may_merge": may_merge and self.user.has_perm(MERGE.permission),
            "may_swap": may_merge and other.stage == Stage.PUBLISHED,
            "may_decide": self.user.has_perm(CHANGE_STUDY)
            and Stage.MERGED not in (self.first.stage, self.second.stage),
            "may_join": self.user.has_perm("studies.change_evaluation"),
            "is_mergeable": may_merge,
            "choices": pair.choices(),
            "same": pair.equal_fields(),
            "sources": pair.united_lines("sources"),
            "appraisals": pair.united_lines("appraisals"),
            "own_appraisals": pair.united_lines("own_appraisals"),
            "problems": self.problems,
            "kept_url": reverse("admin:studies_study_change", args=[kept.pk]),
            "merge_form": bound.get("merge", MergeStudiesForm(initial=self._seen(), auto_id="merge_%s")),
            "two_form": bound.get(
                "two", DecisionNoteForm(auto_id="two_%s", help_text="Por qué no lo son. Queda con el par.")
            ),
            "evaluation_form": bound.get(
                "evaluation", EvaluationForm(evaluations=self.evaluations, auto_id="evaluation_%s")
            ),
        }
        return TemplateResponse(self.request, "admin/studies/duplicates/pair.html", context)

    def _merge(self) -> HttpResponse:
        form = MergeStudiesForm(self.request.POST, auto_id="merge_%s")
        if not form.is_valid():
            return self.show(merge=form)
        seen = (form.cleaned_data["other_no"], form.cleaned_data["kept_no"])
        note = form.cleaned_data["note"]
        try:
            merging.merge(self.other, self.kept, self._record_pair().record(), seen=seen, by=self.user, note=note)
        except NotPublishable as refusal:
            self.problems = describe_problems(refusal.problems)
            messages.error(self.request, "No se unió nada: lo publicado tiene que seguir completo. Elija otra cosa.")
        except RecordInvalid as error:
            messages.error(self.request, f"No se unió nada: no se pudo leer «{error.path}».")
        except merging.StudyMergeStale as refusal:
            messages.error(self.request, f"No se unió nada. {refusal.message}")
            return self.show()
        except CurationError as refusal:
            messages.error(self.request, f"No se unió nada. {refusal.message}")
        else:
            messages.success(
                self.request,
                f"«{self.other.slug}» se unió a «{self.kept.slug}». Su dirección lleva ahora a este, y la unión se "
                "puede deshacer.",
            )
            return HttpResponseRedirect(reverse("admin:studies_study_change", args=[self.kept.pk]))
        return self.show(merge=form)

    def _say_not_duplicate(self) -> HttpResponse:
        form = DecisionNoteForm(self.request.POST, auto_id="two_%s")
        if not form.is_valid():
            return self.show(two=form)
        try:
            decisions.mark_not_duplicate(self.first, self.second, by=self.user, note=form.cleaned_data["note"])
        except CurationError as refusal:
            messages.error(self.request, refusal.message)
            return self.show(two=form)
        messages.success(self.request, "Queda dicho: son dos estudios. El banco no volverá a proponer este par.")
        return HttpResponseRedirect(reverse("admin:studies_study_duplicates"))

    def _take_back(self) -> HttpResponse:
        word = decisions.find_decision(self.first, self.second)
        try:
            if word is None:
                raise decisions.AlreadyDecided
            decisions.revoke_not_duplicate(word, by=self.user)
        except CurationError as refusal:
            messages.error(self.request, refusal.message)
        else:
            messages.success(self.request, "El par vuelve a estar por decidir.")
        return HttpResponseRedirect(pair_url(self.first.pk, self.second.pk))

    def _say_same_evaluation(self) -> HttpResponse:
        form = EvaluationForm(self.request.POST, evaluations=self.evaluations, auto_id="evaluation_%s")
        if not form.is_valid():
            return self.show(evaluation=form)
        try:
            chosen = form.chosen(self.evaluations)
            decisions.mark_same_evaluation(
                self.first, self.second, chosen, by=self.user, note=form.cleaned_data["note"]
            )
        except CurationError as refusal:
            form.add_error(None, refusal.message)
            return self.show(evaluation=form)
        messages.success(self.request, f"Los dos estudios son ahora de la evaluación «{chosen.name_es}».")
        return HttpResponseRedirect(reverse("admin:studies_study_duplicates"))

    def _kept_and_other(self) -> tuple[Study, Study]:
        """Return the study that stays and the one that goes: the published one stays, of two the one chosen."""
        wanted = self.request.POST.get("keep") or self.request.GET.get("keep")
        first, second = self.first, self.second
        published = [row for row in (first, second) if row.stage == Stage.PUBLISHED]
        chosen = next((row for row in published if str(row.pk) == wanted), published[0] if published else first)
        return chosen, second if chosen is first else first

    def _record_pair(self) -> RecordPair:
        chosen = read_choices(self.request.POST, VALUES)
        vocabulary = vocabularies.current()
        return RecordPair(to_record(self.kept, vocabulary), to_record(self.other, vocabulary), vocabulary, chosen)

    def _seen(self) -> dict[str, int]:
        return {"kept_no": self.kept.changed_no, "other_no": self.other.changed_no}

    def _merge_between(self) -> Merge | None:
        merges = Merge.objects.filter(undone_at=None, study__in=(self.first, self.second))
        return merges.select_related("study", "into").first()


class UnmergeView:
    """Shows a merge and what undoing it does (GET), and undoes it (POST)."""

    def __init__(self, admin: ModelAdmin[Study]) -> None:
        self.admin = admin
        self.__name__ = "unmerge"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, merge_id: int) -> HttpResponse:
        user = signed_in_user(request)
        merge = get_object_or_404(Merge.objects.select_related("study", "into", "by", "undone_by"), pk=merge_id)
        if not user.has_perm("studies.view_study"):
            raise PermissionDenied
        if request.method == "POST":
            return self._undo(request, merge, user)
        return self._page(request, merge, user, DecisionNoteForm())

    def _undo(self, request: HttpRequest, merge: Merge, user: User) -> HttpResponse:
        if not user.has_perm(UNMERGE.permission):
            raise PermissionDenied
        form = DecisionNoteForm(request.POST)
        if form.is_valid():
            try:
                merging.undo(merge, by=user, note=form.cleaned_data["note"])
            except CurationError as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, "La unión se deshizo: los dos estudios están como antes de ella.")
                return HttpResponseRedirect(pair_url(merge.study_id, merge.into_id))
        return self._page(request, merge, user, form)

    def _page(self, request: HttpRequest, merge: Merge, user: User, form: DecisionNoteForm) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": "Deshacer una unión" if merge.undone_at is None else "Unión deshecha",
            "study": merge.study,
            "merge": merge,
            "hindrances": merging.list_hindrances(merge) if merge.undone_at is None else (),
            "may_undo": merge.undone_at is None and user.has_perm(UNMERGE.permission),
            "stage_label": Stage(merge.stage).label,
            "form": form,
        }
        return TemplateResponse(request, "admin/studies/duplicates/unmerge.html", context)
