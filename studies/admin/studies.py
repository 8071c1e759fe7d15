"""Studies: the list, the one form, the history, the deletion of drafts. The moves between stages are in `moves`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from studies import bank, curation, editing, vocabularies
from studies.admin import filters, moves
from studies.admin.base import BankAdmin, search_words
from studies.admin.entry import Entry
from studies.admin.problems import ProblemLine, field_names, in_words
from studies.curation import MOVES, CurationError, NotPublishable
from studies.exchange import to_record
from studies.identifiers import bare_doi
from studies.models import Stage, Study
from studies.querysets import StudyQuerySet
from studies.records import RecordInvalid

if TYPE_CHECKING:
    from django.contrib.auth.models import User

READ_ONLY_REASONS = {
    Stage.PUBLISHED: "Un estudio publicado lo corrige quien revisa. Su cuenta puede leerlo, no cambiarlo.",
    Stage.WITHDRAWN: "Un estudio retirado lo cambia quien administra el banco. Su cuenta puede leerlo, no cambiarlo.",
    Stage.MERGED: "Este estudio se unió a otro: ya no se cambia.",
}
REVISIONS_PER_PAGE = 100


@admin.register(Study)
class StudyAdmin(BankAdmin):
    """The curators' workplace on studies."""

    list_display = ("__str__", "authors", "year", "stage", "last_change")
    list_filter = (
        filters.ByStage,
        filters.Mine,
        filters.ByTheme,
        filters.ByDesign,
        filters.ByYear,
        filters.ByLanguage,
        filters.ByType,
        filters.ByStatus,
        filters.ByProgramme,
    )
    list_per_page = 50
    ordering = ("-updated_at", "slug")
    search_help_text = "Palabras de los títulos, autores, DOI o identificador; sin importar tildes ni mayúsculas."

    def get_queryset(self, request: HttpRequest) -> StudyQuerySet:
        return Study.objects.prefetch_related("authorships").order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Study], search_term: str
    ) -> tuple[QuerySet[Study], bool]:
        if doi := bare_doi(search_term):
            return queryset.filter(doi=doi), False
        for word in search_words(search_term):
            queryset = queryset.filter(Q(folded__contains=word) | Q(slug__contains=word))
        return queryset, False

    @admin.display(description="Autores")
    def authors(self, study: Study) -> str:
        names = [author.literal or author.family for author in study.authorships.all()]
        return " y ".join(names) if len(names) < 3 else f"{names[0]} y otros {len(names) - 1}"

    @admin.display(description="Último cambio", ordering="updated_at")
    def last_change(self, study: Study) -> str:
        return date_format(study.updated_at.astimezone(timezone.get_current_timezone()), "j M Y")

    def own_urls(self) -> list[URLPattern]:
        return [
            path("<int:study_id>/etapa/<slug:name>/", self.staff_view(moves.MoveView(self)), name="studies_study_move")
        ]

    # --- Who may do what -----------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return curation.may_edit(obj, _user(request))

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        may_delete = _user(request).has_perm("studies.delete_study")
        return may_delete and (obj is None or editing.is_deletable(obj))

    def delete_model(self, request: HttpRequest, obj: Study) -> None:
        try:
            editing.delete_draft(obj)
        except editing.EditRefused as refusal:
            raise PermissionDenied(refusal.message) from refusal

    # --- The form ------------------------------------------------------------------------------------------------

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # One reading of the counter for the page; rendered here, while it is remembered.
        with bank.remembering():
            study = self._study(request, object_id) if object_id is not None else None
            self._check_access(request, study)
            entry = Entry(
                study,
                to_record(study) if study else None,
                vocabularies.current(),
                request.POST if request.method == "POST" else None,
            )
            if request.method != "POST":
                found = in_words(curation.problems(study)) if study else ()
                return self._page(request, entry, found).render()
            return self._save(request, entry)

    def _study(self, request: HttpRequest, object_id: str) -> Study:
        study: Study | None = self.get_object(request, unquote(object_id))
        if study is None:
            raise Http404(object_id)
        return Study.objects.for_record().get(pk=study.pk)

    def _check_access(self, request: HttpRequest, study: Study | None) -> None:
        if study is None:
            allowed = self.has_add_permission(request)
        elif request.method == "POST":
            allowed = self.has_change_permission(request, study)
        else:
            allowed = self.has_view_or_change_permission(request, study)
        if not allowed:
            raise PermissionDenied

    def _save(self, request: HttpRequest, entry: Entry) -> HttpResponse:
        found: tuple[ProblemLine, ...] = ()
        if entry.is_valid():
            try:
                return self._written(request, *self._write(request, entry))
            except RecordInvalid as error:
                entry.refuse(error)
            except NotPublishable as refusal:
                found = in_words(refusal.problems, entry.row_of)
                messages.error(
                    request,
                    "No se guardó nada: lo publicado tiene que seguir completo. Lo que escribió está aquí.",
                )
            except editing.Clash as clash:
                messages.error(request, _tell_clash(clash))
                entry.show_seen(clash.changed_no)
            except CurationError as refusal:
                messages.error(request, f"No se guardó nada. {refusal.message}")
        else:
            messages.error(request, "No se guardó nada: corrija lo que está marcado. Lo que escribió está aquí.")
        return self._page(request, entry, found).render()

    def _write(self, request: HttpRequest, entry: Entry) -> tuple[Study, bool]:
        record = entry.record()
        if entry.study is None:
            return editing.create(record, by=_user(request), note=entry.note), True
        written = editing.save(entry.study, record, seen_no=entry.seen_no, by=_user(request), note=entry.note)
        return entry.study, written

    def _written(self, request: HttpRequest, study: Study, is_written: bool) -> HttpResponse:
        wanted = MOVES.get(request.POST.get("_move", ""))
        if is_written:
            messages.success(request, f"Se guardó «{study.slug}».")
        elif wanted is None:
            messages.info(request, "No había cambios que guardar.")
        if wanted is not None:
            return HttpResponseRedirect(reverse("admin:studies_study_move", args=[study.pk, wanted.name]))
        return HttpResponseRedirect(reverse("admin:studies_study_change", args=[study.pk]))

    def _page(self, request: HttpRequest, entry: Entry, found: tuple[ProblemLine, ...]) -> TemplateResponse:
        study = entry.study
        may_edit = study is None or self.has_change_permission(request, study)
        reason = READ_ONLY_REASONS.get(Stage(study.stage)) if study else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Estudio" if study else "Estudio nuevo",
            "study": study,
            "entry": entry,
            "problems": found,
            "is_checked": study is not None,
            "may_edit": may_edit,
            "read_only_reason": reason or "Su cuenta puede leer este estudio, no cambiarlo.",
            "moves": curation.open_moves(study, _user(request)) if study else (),
            "may_delete": study is not None and self.has_delete_permission(request, study),
        }
        return TemplateResponse(request, "admin/studies/study/change_form.html", context)

    # --- The history ---------------------------------------------------------------------------------------------

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        study = self._study(request, object_id)
        if not self.has_view_or_change_permission(request, study):
            raise PermissionDenied
        revisions = Paginator(study.revisions.select_related("by").defer("record"), REVISIONS_PER_PAGE)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Historia del estudio",
            "study": study,
            "revisions": revisions.get_page(request.GET.get("p")),
        }
        return TemplateResponse(request, "admin/studies/study/object_history.html", context)


def _user(request: HttpRequest) -> User:
    user = request.user
    assert user.is_authenticated
    return user


def _tell_clash(clash: editing.Clash) -> str:
    who = clash.last.by if clash.last else None
    changed = ", ".join(field_names(clash.fields)) or "su etapa o un término de los vocabularios"
    return (
        f"No se guardó nada: {who or 'el programa'} guardó este estudio después de que usted lo abrió. "
        f"Cambió: {changed}. "
        "Lo que usted escribió está aquí. Compárelo con la versión actual; si guarda otra vez, queda lo suyo."
    )
