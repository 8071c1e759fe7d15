"""Studies: the list, the one form, the deletion of drafts. Its other pages are modules beside this one."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from studies.admin.appraisal import views as appraisal_views
from studies.admin.duplicates import pair
from studies.admin.duplicates.pair_list import duplicates_view
from studies.admin.record_form.form import RecordForm
from studies.admin.record_form.problems import ProblemLine, describe_doubts, describe_problems
from studies.admin.shared import filters, notifications, previews
from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.admin.shared.sessions import AGAIN, View
from studies.admin.study import clashes, history, moves, notes, queue
from studies.curation import editing, proposals, rechecks, stages
from studies.curation.moves import MOVES
from studies.curation.stages import CurationError, NotPublishable
from studies.duplicates import merging
from studies.health import remarks
from studies.models import Proposal, Stage, Study
from studies.models.querysets import StudyQuerySet
from studies.records.json_fields import RecordInvalid
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record
from studies.text.dates import format_short_date
from studies.text.identifiers import normalize_doi
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

READ_ONLY_REASONS = {
    Stage.PUBLISHED: "Su cuenta puede leer este estudio, no cambiarlo.",
    Stage.WITHDRAWN: "Un estudio retirado lo cambia quien administra el banco. Su cuenta puede leerlo, no cambiarlo.",
    Stage.MERGED: "Este estudio se unió a otro: ya no se cambia.",
}


class FormMode(Enum):
    """What a person may do with the form of a study."""

    EDIT = "edit"
    PROPOSE = "propose"
    READ = "read"


def form_mode(study: Study | None, user: User) -> FormMode:
    """Return what `user` may do with the form of `study`, or of a new one."""
    if study is None or stages.may_edit(study, user):
        return FormMode.EDIT
    return FormMode.PROPOSE if stages.may_propose(study, user) else FormMode.READ


@admin.register(Study)
class StudyAdmin(BankAdmin):
    """The curators' workplace on studies."""

    list_display = ("__str__", "authors", "year", "stage", "last_change")
    list_filter = (
        filters.StageFilter,
        filters.HealthFilter,
        filters.ChangedByMeFilter,
        filters.ThemeFilter,
        filters.DesignFilter,
        filters.PublicationYearFilter,
        filters.LanguageFilter,
        filters.TypeFilter,
        filters.StatusFilter,
        filters.ProgrammeFilter,
    )
    list_per_page = 50
    ordering = ("-updated_at", "slug")
    search_help_text = "Palabras de los títulos, autores, DOI o identificador; sin importar tildes ni mayúsculas."

    def get_queryset(self, request: HttpRequest) -> StudyQuerySet:
        return Study.objects.prefetch_related("authorships").order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Study], search_term: str
    ) -> tuple[QuerySet[Study], bool]:
        if doi := normalize_doi(search_term):
            return queryset.filter(doi=doi), False
        for word in fold_text(search_term).split():
            queryset = queryset.filter(Q(folded__contains=word) | Q(slug__contains=word))
        return queryset, False

    @admin.display(description="Autores")
    def authors(self, study: Study) -> str:
        names = [author.literal or author.family for author in study.authorships.all()]
        return " y ".join(names) if len(names) < 3 else f"{names[0]} y otros {len(names) - 1}"

    @admin.display(description="Último cambio", ordering="updated_at")
    def last_change(self, study: Study) -> str:
        return format_short_date(study.updated_at)

    def own_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[str, View]] = {
            "move": ("etapa/<slug:name>/", moves.MoveView(self)),
            "clash": ("dos-cambios/", clashes.ClashView(self)),
            "compare": ("comparar/", history.CompareRevisionsView(self)),
            "revision": ("cambio/<int:number>/", history.RevisionView(self)),
            "notes": ("notas/", notes.NotesView(self)),
            "check": ("comprobar/", notes.CheckView(self)),
        }
        return [
            path("pendientes/", self.staff_view(queue.QueueView(self)), name="studies_study_queue"),
            path("duplicados/", self.staff_view(duplicates_view(self)), name="studies_study_duplicates"),
            path(
                "duplicados/<int:first_id>/<int:second_id>/",
                self.staff_view(pair.PairView(self)),
                name="studies_study_pair",
            ),
            path("uniones/<int:merge_id>/", self.staff_view(pair.UnmergeView(self)), name="studies_study_unmerge"),
            *(
                path(f"<int:study_id>/{address}", self.staff_view(view), name=f"studies_study_{name}")
                for name, (address, view) in views.items()
            ),
            *appraisal_views.appraisal_urls(self),
        ]

    # --- Who may do what -----------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return stages.may_edit(obj, signed_in_user(request))

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        may_delete = signed_in_user(request).has_perm("studies.delete_study")
        return may_delete and (obj is None or editing.is_deletable(obj))

    def delete_model(self, request: HttpRequest, obj: Study) -> None:
        try:
            editing.delete_draft(obj)
        except editing.EditRefused as refusal:
            raise PermissionDenied(refusal.message) from refusal

    def readable_study(self, request: HttpRequest, object_id: str) -> Study:
        """Return a study of `for_record` that this person may read. Raises Http404 and PermissionDenied."""
        found: Study | None = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404(object_id)
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return Study.objects.for_record().get(pk=found.pk)

    # --- The form ------------------------------------------------------------------------------------------------

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # The counter is read once for the page, which is rendered here while that lasts.
        with bank_state.cached_counter():
            study = self.readable_study(request, object_id) if object_id is not None else None
            if study is None and not self.has_add_permission(request):
                raise PermissionDenied
            is_sent = request.method == "POST"
            entry = RecordForm(
                study, to_record(study) if study else None, vocabularies.current(), request.POST if is_sent else None
            )
            if AGAIN in request.POST:
                messages.info(request, "Aquí está lo que escribió. Todavía no se guardó.")
            elif is_sent:
                return self._save(request, entry)
            return self.form_page(request, entry, describe_problems(stages.find_problems(study)) if study else ())

    def refilled_form(self, study: Study, record: StudyRecord, seen_no: int, note: str) -> RecordForm:
        """Return the form of a record that is not saved yet."""
        return RecordForm(study, record, vocabularies.current(), seen_no=seen_no, note=note)

    def _save(self, request: HttpRequest, entry: RecordForm) -> HttpResponse:
        found: tuple[ProblemLine, ...] = ()
        if form_mode(entry.study, signed_in_user(request)) == FormMode.READ:
            messages.error(request, "No se guardó nada: su cuenta no puede cambiar este estudio en su etapa actual.")
            return self.form_page(request, entry, status=403)
        if entry.is_valid():
            try:
                return self._write(request, entry)
            except RecordInvalid as error:
                entry.add_record_error(error)
            except NotPublishable as refusal:
                found = describe_problems(refusal.problems, entry.row_of)
                messages.error(
                    request,
                    "No se guardó nada: lo publicado tiene que seguir completo. Lo que escribió está aquí.",
                )
            except editing.EditConflict as clash:
                assert entry.study is not None
                return clashes.ClashView(self).page(request, entry.study, entry.record(), clash.seen_no, entry.note)
            except CurationError as refusal:
                messages.error(request, f"No se guardó nada. {refusal.message}")
        else:
            messages.error(request, "No se guardó nada: corrija lo que está marcado. Lo que escribió está aquí.")
        return self.form_page(request, entry, found)

    def _write(self, request: HttpRequest, entry: RecordForm) -> HttpResponse:
        user, record, study = signed_in_user(request), entry.record(), entry.study
        if previews.PREVIEW in request.POST:
            return previews.render_preview(request, record, study, request.POST[previews.PREVIEW])
        if study is None:
            study = editing.create(record, by=user, note=entry.note)
            return self.after_saving(request, study, is_written=True)
        if form_mode(study, user) == FormMode.PROPOSE or "_propose" in request.POST:
            proposal = proposals.propose(study, record, seen_no=entry.seen_no, by=user, note=entry.note)
            return self._after_proposing(request, study, proposal, entry.note)
        is_written = editing.save(study, record, seen_no=entry.seen_no, by=user, note=entry.note)
        return self.after_saving(request, study, is_written=is_written)

    def after_saving(self, request: HttpRequest, study: Study, *, is_written: bool) -> HttpResponse:
        """Show a message of what was written, and redirect: to the move that was asked for, else back to the form."""
        wanted = MOVES.get(request.POST.get("_move", ""))
        if is_written:
            messages.success(request, f"Se guardó «{study.slug}».")
        elif wanted is None:
            messages.info(request, "No había cambios que guardar.")
        if wanted is not None:
            return HttpResponseRedirect(reverse("admin:studies_study_move", args=[study.pk, wanted.name]))
        return HttpResponseRedirect(reverse("admin:studies_study_change", args=[study.pk]))

    def _after_proposing(
        self, request: HttpRequest, study: Study, proposal: Proposal | None, note: str
    ) -> HttpResponse:
        if proposal is None:
            messages.info(request, "No había cambios que proponer.")
            return HttpResponseRedirect(reverse("admin:studies_study_change", args=[study.pk]))
        notifications.notify_of_proposal_move(request, proposal, "send", note)
        messages.success(request, "La propuesta se envió a revisión. El estudio publicado sigue como estaba.")
        return HttpResponseRedirect(reverse("admin:studies_proposal_change", args=[proposal.pk]))

    def form_page(
        self, request: HttpRequest, entry: RecordForm, found: tuple[ProblemLine, ...] = (), *, status: int = 200
    ) -> HttpResponse:
        """Show the form of a study with what keeps it from publication."""
        study, user = entry.study, signed_in_user(request)
        mode = form_mode(study, user)
        own = proposals.find_open_proposal(study, user) if study and stages.may_propose(study, user) else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Estudio" if study else "Estudio nuevo",
            "study": study,
            "entry": entry,
            "outline": entry.outline(found),
            "form_url": request.path if study is None else reverse("admin:studies_study_change", args=[study.pk]),
            "is_unsaved": request.method == "POST",
            "errors": entry.errors(),
            "problems": found,
            "doubts": describe_doubts(remarks.find_doubts(study, to_record(study))) if study else (),
            # What was sent and refused was not checked as a whole: an empty list says nothing of it.
            "is_checked": study is not None and request.method != "POST",
            "may_edit": mode != FormMode.READ and (mode == FormMode.EDIT or own is None),
            "is_proposal": mode == FormMode.PROPOSE,
            "save_label": "Enviar la propuesta" if mode == FormMode.PROPOSE else "Guardar",
            "may_also_propose": mode == FormMode.EDIT and own is None and study and stages.may_propose(study, user),
            "own_proposal": own,
            "waiting": _count_open_proposals(study) if study else 0,
            "may_check": study is not None and rechecks.may_check(study, user),
            "read_only_reason": READ_ONLY_REASONS.get(Stage(study.stage)) if study else None,
            "merge": merging.find_current_merge(study) if study and study.stage == Stage.MERGED else None,
            "moves": stages.list_moves(study, user) if study else (),
            "may_delete": study is not None and self.has_delete_permission(request, study),
        }
        return TemplateResponse(request, "admin/studies/study/change_form.html", context, status=status).render()

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return history.history_page(self, request, self.readable_study(request, object_id))


def _count_open_proposals(study: Study) -> int:
    # What was never public has none: that takes no query.
    return study.proposals.filter(state__in=Proposal.OPEN).count() if study.published_at else 0
