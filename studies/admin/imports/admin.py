"""Imports: upload or list of DOIs, preview row by row, writing, undoing. The work is done by `studies.imports`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts import security_log
from jobs import queue
from studies.admin.imports.forms import DoiForm, PasteForm, UploadForm
from studies.admin.imports.rows import PLURAL_LABELS, make_lines
from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.imports import bad_rows, batches, errors, job, templates, writing
from studies.imports.formats.base import MOST_BYTES, MOST_ROWS
from studies.imports.formats.errors import FileUnreadable
from studies.imports.formats.registry import FORMATS
from studies.models import ImportBatch, ImportRow
from studies.store import bank_state

State = ImportBatch.State
ROWS_PER_PAGE = 100
FIRST_STEP_S, STEP_S = 1.0, 2.0


@admin.register(ImportBatch)
class ImportBatchAdmin(BankAdmin):
    """All imports, and the pages of one. Who may write a draft may import."""

    read_with = write_with = ("studies.add_study",)
    list_display = ("file_name", "format_name", "row_count", "state", "at", "by")
    list_select_related = ("by",)
    list_per_page = 50
    search_help_text = "Nombre del archivo o de la persona."

    def search_text(self, row: ImportBatch) -> str:
        return f"{row.file_name} {row.by or ''}"

    @admin.display(description="formato", ordering="format")
    def format_name(self, batch: ImportBatch) -> str:
        return FORMATS[batch.format].label

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Importaciones", **(extra_context or {})})

    def own_urls(self) -> list[URLPattern]:
        views = (
            ("por-doi/", self.doi_view, "doi"),
            ("ayuda/<str:name>", self.template_view, "template"),
            ("<int:batch_id>/seguir/", self.continue_view, "continue"),
            ("<int:batch_id>/decidir/", self.decide_view, "decide"),
            ("<int:batch_id>/escribir/", self.write_view, "write"),
            ("<int:batch_id>/errores/", self.errors_view, "errors"),
            ("<int:batch_id>/deshacer/", self.undo_view, "undo"),
            ("<int:batch_id>/descartar/", self.discard_view, "discard"),
            ("<int:batch_id>/otra-vez/", self.again_view, "again"),
        )
        return [path(route, self._guarded(view), name=f"studies_importbatch_{name}") for route, view, name in views]

    def _guarded(self, view: Any) -> Any:
        def allowed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            """Check the permission, and render while the state of the bank is remembered."""
            if not self.has_module_permission(request):
                raise PermissionDenied
            with bank_state.cached_counter():
                response: HttpResponse = view(request, **kwargs)
                return response.render() if isinstance(response, TemplateResponse) else response

        return self.staff_view(csrf_protect(allowed))

    # --- Starting an import ----------------------------------------------------------------------------------------

    @method_decorator(csrf_protect)
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the upload form (GET); open a batch of the file and redirect to it (POST)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm.of(request)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = batches.open_batch(
                    file.name, file.read(), by=signed_in_user(request), language=form.cleaned_data["language"]
                )
            except FileUnreadable as error:
                form.add_error("file", f"No se pudo leer. {error.reason}")
            else:
                return self._started(request, batch)
        context = {
            "form": form,
            "formats": list(FORMATS.values()),
            "most_mb": MOST_BYTES // 1024**2,
            "most_rows": MOST_ROWS,
        }
        return self._page(request, "upload", "Importar referencias", context)

    def doi_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form (GET); open a batch of DOIs, or of pasted references, and redirect to it (POST)."""
        is_pasted = "paste" in request.POST
        form = DoiForm(request.POST if request.method == "POST" and not is_pasted else None)
        paste_form = PasteForm(request.POST if is_pasted else None)
        sent: forms.Form = paste_form if is_pasted else form
        if request.method == "POST" and sent.is_valid():
            try:
                if is_pasted:
                    batch = batches.open_pasted(paste_form.cleaned_data["pasted"], by=signed_in_user(request))
                else:
                    batch = batches.open_dois(form.cleaned_data["dois"], by=signed_in_user(request))
            except FileUnreadable as error:
                sent.add_error(None, f"No se pudo leer. {error.reason}")
            else:
                return self._started(request, batch)
        return self._page(request, "by_doi", "Traer por DOI", {"form": form, "paste_form": paste_form})

    @method_decorator(require_safe)
    def template_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Download an example file, one of `templates.TEMPLATES`. Raises Http404."""
        if name not in templates.TEMPLATES:
            raise Http404(name)
        media_type, make = templates.TEMPLATES[name]
        return _download(name, media_type, make())

    def _started(self, request: HttpRequest, batch: ImportBatch) -> HttpResponse:
        self._read_rows(request, batch, FIRST_STEP_S)
        return _redirect_to_batch(batch)

    # --- One import --------------------------------------------------------------------------------------------------

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a batch as its state has it: being read, preview, being written, or result."""
        with bank_state.cached_counter():
            return self._batch_view(request, object_id).render()

    def _batch_view(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = get_object_or_404(ImportBatch.objects.select_related("by"), pk=_read_key(object_id))
        counts = batches.count_rows(batch)
        common = {"batch": batch, "format": FORMATS[batch.format], "counts": counts}
        if batch.state == State.READING:
            done = batch.row_count - counts["waiting"]
            return self._page(request, "reading", "Leyendo las referencias", {**common, "done": done})
        if batch.state == State.WRITING:
            done, total = writing.count_handled(batch)
            progress = {"done": done, "total": total, "job": job.find_last(batch)}
            more = {**progress, "is_worker_alive": queue.is_worker_alive()}
            return self._page(request, "writing", "Importando las referencias", {**common, **more})
        name = "preview" if batch.state == State.PREVIEW else "result"
        title = {State.PREVIEW: "Antes de importar", State.UNDONE: "Importación deshecha"}.get(
            State(batch.state), "Importación"
        )
        shown, page = _rows_to_show(request, batch)
        context = {
            **common,
            "shown": shown,
            "page": page,
            "lines": make_lines(page.object_list, is_written=batch.state == State.WRITTEN),
            "tabs": _tabs(counts, shown, batch),
            "may_tick": batch.state == State.PREVIEW and shown != "error",
            "markable": {"": "new", "new": "new", "same_work": "same_work"}.get(shown),
            "earlier": batches.find_earlier_import(batch) if batch.state == State.PREVIEW else None,
            "made": counts["made"],
            "left": writing.count_left(batch),
            "is_job": counts["taken"] > writing.MOST_AT_ONCE,
            "job": job.find_last(batch),
        }
        return self._page(request, name, title, context)

    @method_decorator(require_POST)
    def continue_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Read rows for STEP_S seconds, and redirect to the batch."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        if batch.state == State.READING:
            self._read_rows(request, batch, STEP_S)
        return _redirect_to_batch(batch)

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Store which rows are ticked; then, as `action` says, write the batch or tick many rows at once."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        wanted = request.POST.get("action", "tick")
        try:
            writing.tick(batch, _read_keys(request, "shown"), _read_keys(request, "take"))
            if wanted == "write":
                self._write(request, batch)
            elif wanted in ("all", "none"):
                outcome = request.POST.get("outcome") if wanted == "all" else None
                writing.tick_all(batch, outcome, is_taken=wanted == "all")
                messages.success(request, "Se marcaron todas." if wanted == "all" else "Se quitaron las marcas.")
            else:
                messages.success(request, "Se guardó lo marcado. Todavía no se importa nada.")
        except errors.ImportRefused as refusal:
            messages.error(request, refusal.message)
        return _redirect_to_batch(batch, request.POST.get("back", "") if wanted != "write" else "")

    @method_decorator(require_POST)
    def write_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Have the worker write the rows that are left of a batch which was ended or interrupted."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        try:
            job.ask(batch, by=signed_in_user(request))
        except errors.ImportRefused as refusal:
            messages.error(request, refusal.message)
        return _redirect_to_batch(batch)

    @method_decorator(require_safe)
    def errors_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Download the rows that could not be read. Raises Http404 where there are none."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        if not batch.rows.filter(outcome=ImportRow.Outcome.ERROR).exists():
            raise Http404("no errors")
        # The only file with what is not public that the workplace gives away: the page of events tells who took it.
        person = signed_in_user(request)
        security_log.write("rows of import taken", request, name=person.get_username(), told={"import": batch.pk})
        return _download(*bad_rows.build_error_file(batch))

    def undo_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Show what undoing deletes (GET), and delete the drafts (POST). Raises PermissionDenied."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        if not signed_in_user(request).has_perm("studies.delete_study"):
            raise PermissionDenied
        if request.method == "POST":
            try:
                gone = writing.undo(batch)
            except errors.ImportRefused as refusal:
                messages.error(request, refusal.message)
            else:
                told = "se eliminó 1 borrador" if gone == 1 else f"se eliminaron {gone} borradores"
                messages.success(request, f"La importación está deshecha: {told}.")
                return _redirect_to_batch(batch)
        if batch.state != State.WRITTEN:
            return _redirect_to_batch(batch)
        context = {
            "batch": batch,
            "hindrances": writing.list_hindrances(batch),
            "made": writing.studies_made_by(batch).count(),
        }
        return self._page(request, "undo", "Deshacer la importación", context)

    def discard_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Ask whether to discard a batch that is not written (GET), and discard it (POST)."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        if batch.state in (State.WRITING, State.WRITTEN):
            return _redirect_to_batch(batch)
        if request.method == "POST":
            try:
                writing.discard(batch)
            except errors.ImportRefused as refusal:
                messages.error(request, refusal.message)
                return _redirect_to_batch(batch)
            messages.success(request, f"Se descartó «{batch.file_name}». En el banco no cambió nada.")
            return HttpResponseRedirect(reverse("admin:studies_importbatch_changelist"))
        return self._page(request, "discard", "Descartar la importación", {"batch": batch})

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Read all rows of a batch again, compared with the bank as it is now."""
        batch = get_object_or_404(ImportBatch, pk=batch_id)
        try:
            writing.reset(batch)
        except errors.ImportRefused as refusal:
            messages.error(request, refusal.message)
            return _redirect_to_batch(batch)
        return self._started(request, batch)

    # --- What the views share ----------------------------------------------------------------------------------------

    def _read_rows(self, request: HttpRequest, batch: ImportBatch, seconds: float) -> None:
        try:
            batches.read_some(batch, seconds=seconds)
        except errors.LookUpInterrupted as error:
            messages.error(request, f"{error.message} Lo leído hasta aquí está guardado.")

    def _write(self, request: HttpRequest, batch: ImportBatch) -> None:
        ticked = batch.rows.filter(is_taken=True).count()
        if ticked > writing.MOST_AT_ONCE:
            job.ask(batch, by=signed_in_user(request))
            return
        made = writing.write_at_once(batch, by=signed_in_user(request))
        messages.success(request, "Se creó 1 borrador." if made == 1 else f"Se crearon {made} borradores.")
        if made < ticked:
            messages.warning(
                request, f"No se crearon {ticked - made}: otra persona los trajo al banco después de leer el archivo."
            )

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/studies/importbatch/{name}.html", {**common, **context})


def _rows_to_show(request: HttpRequest, batch: ImportBatch) -> tuple[str, Page[ImportRow]]:
    """Return which rows are shown, and the page of them."""
    shown = request.GET.get("show", "")
    rows = batch.rows.select_related("match", "made").defer("abstract").order_by("position")
    if shown == "made":
        rows = rows.filter(made__isnull=False)
    elif shown in PLURAL_LABELS:
        rows = rows.filter(outcome=shown)
    else:
        shown = ""
    return shown, Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("p"))


def _tabs(counts: Any, shown: str, batch: ImportBatch) -> list[dict[str, Any]]:
    kinds = [("", "Todas", batch.row_count)]
    if batch.state == State.WRITTEN:
        kinds.append(("made", "Borradores creados", counts["made"]))
    kinds += [(outcome.value, label, counts[outcome.value]) for outcome, label in PLURAL_LABELS.items()]
    return [{"code": code, "label": label, "count": count, "is_shown": code == shown} for code, label, count in kinds]


def _redirect_to_batch(batch: ImportBatch, query: str = "") -> HttpResponse:
    address = reverse("admin:studies_importbatch_change", args=[batch.pk])
    shown, _, page = query.partition("/")
    known = f"?show={shown}" if shown in PLURAL_LABELS else "?show="
    return HttpResponseRedirect(f"{address}{known}&p={int(page)}" if page.isdecimal() and len(page) < 9 else address)


def _download(name: str, media_type: str, content: bytes) -> HttpResponse:
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _read_keys(request: HttpRequest, name: str) -> list[int]:
    return [int(value) for value in request.POST.getlist(name) if value.isdecimal() and len(value) < 19]


def _read_key(object_id: str) -> int:
    if not object_id.isdecimal() or len(object_id) > 18:
        raise Http404(object_id)
    return int(object_id)
