"""The curators' form of a record as a whole: it is filled from a record, and what is typed becomes a record.

Not Django's model forms and inlines: a record is written as a whole or not at all, must be comparable with the one
that the curator saw, and can be checked and proposed without touching the rows (R2, R7, R8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict

from studies.admin.record_form.forms import AuthorRowForm, FindingRowForm, RowForm, SourceRowForm, StudyForm
from studies.admin.shared.fields import NOT_CHOSEN, offer_terms, sort_by_taxonomy, use_datalist_if_many
from studies.models import Study
from studies.records.json_fields import RecordInvalid
from studies.records.rules import SUPPORTS
from studies.records.study import STUDY_FIELDS, StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies
from studies.text.identifiers import make_slug

if TYPE_CHECKING:
    _BaseRowFormSet = BaseFormSet[RowForm]
else:
    _BaseRowFormSet = BaseFormSet

_PLAIN_FIELDS = tuple(
    name
    for name in STUDY_FIELDS
    if name not in (*LISTS, "id", "authors", "findings", "sources", "appraisals", "programme", "open_access")
)
_OPEN_ACCESS = {True: "yes", False: "no", None: ""}


class RowFormSet(_BaseRowFormSet):
    """The rows of one kind. They have no identity: each save writes them all, in their order."""

    def __init__(self, *args: Any, vocabularies: Vocabularies, **options: Any) -> None:
        self.vocabularies = vocabularies
        super().__init__(*args, **options)

    def add_fields(self, form: RowForm, index: int | None) -> None:
        """Add the fields for order and deletion, and offer the terms of the vocabularies."""
        super().add_fields(form, index)
        offer_terms(form, self.vocabularies)
        form.fields["ORDER"].widget.attrs["class"] = "rows__order"

    def rows_to_write(self) -> list[RowForm]:
        """Return the rows with content that are not to be deleted, in the curator's order."""
        rows = [row for row in self.forms if not row.is_blank and row not in self.deleted_forms]
        orders = [(row.cleaned_data.get("ORDER"), place, row) for place, row in enumerate(rows)]
        # Rows without a number go last; those with the same one stay as they stand on the page.
        orders.sort(key=lambda entry: (entry[0] is None, entry[0] or 0, entry[1]))
        return [row for _order, _place, row in orders]


@dataclass(frozen=True, slots=True)
class RowKind:
    """One list of rows of the record, and how the page names it."""

    name: str
    title: str
    singular: str
    form: type[RowForm]
    most: int
    blank_at_start: int
    help_text: str = ""

    def formset_class(self, *, extra: int) -> type[RowFormSet]:
        """Return the formset class of this kind, with `extra` empty rows."""
        made = formset_factory(
            self.form,
            formset=RowFormSet,
            extra=extra,
            can_order=True,
            can_delete=True,
            max_num=self.most,
            absolute_max=self.most + 1,
            validate_max=True,
        )
        assert issubclass(made, RowFormSet)
        return made


ROW_KINDS = (
    RowKind(
        "authors",
        "Autores",
        "Autor o autora",
        AuthorRowForm,
        100,
        3,
        "Todos, en el orden publicado; una institución va sola en su casilla. Partícula, la que va antes "
        "del apellido: «de las» en «de las Casas». La pospuesta es la portuguesa: «de» en «Érika Neves de Barros».",
    ),
    RowKind(
        "findings", "Hallazgos", "Hallazgo", FindingRowForm, 20, 1, "Hasta seis. Números solo si la fuente los dice."
    ),
    RowKind(
        "sources",
        "Fuentes",
        "Fuente",
        SourceRowForm,
        30,
        2,
        "Las páginas públicas donde se leyeron los datos, y qué sustenta cada una.",
    ),
)


@dataclass(frozen=True, slots=True)
class RowSection:
    """The rows of one kind, as the page shows them."""

    kind: RowKind
    rows: RowFormSet

    def blocks(self) -> Iterator[tuple[RowForm, list[list[BoundField]]]]:
        """Return each row with its fields, line by line."""
        for row in self.rows:
            yield row, _bound_lines(row, row.FIELDS)  # type: ignore[attr-defined]

    def empty(self) -> list[list[BoundField]]:
        """Return the fields of a row that the page adds by script."""
        row = self.rows.empty_form
        return _bound_lines(row, row.FIELDS)  # type: ignore[attr-defined]


class RecordForm:
    """The form of one study with its rows, of `study` or for a new one."""

    def __init__(
        self,
        study: Study | None,
        record: StudyRecord | None,
        vocabularies: Vocabularies,
        data: QueryDict | None = None,
        *,
        seen_no: int | None = None,
        note: str = "",
    ) -> None:
        """Make the form of `record`, or of what was sent. `seen_no` is that of the study unless told."""
        self.study = study
        self.vocabularies = vocabularies
        self.before = record
        json: Mapping[str, Any] = record.to_json() if record else {}
        initial = {
            **_initial_values(record, vocabularies),
            "seen_no": seen_no or (study.changed_no if study else 0),
            "note": note,
        }
        self.form = StudyForm(data, study=study, initial=initial, auto_id="id_%s")
        offer_terms(self.form, vocabularies)
        programme = self.form.fields["programme"]
        assert isinstance(programme, forms.ChoiceField)
        programme.choices = [NOT_CHOSEN, *_programme_choices(vocabularies)]
        use_datalist_if_many(programme)
        self.sections = [
            RowSection(kind, self._row_set(kind, [_initial_row_values(row) for row in json.get(kind.name, [])], data))
            for kind in ROW_KINDS
        ]
        self.row_of: dict[tuple[str, int], int] = {}

    def is_valid(self) -> bool:
        """Validate all forms, so that every error shows at once."""
        return all([self.form.is_valid(), *(section.rows.is_valid() for section in self.sections)])

    @property
    def seen_no(self) -> int:
        """Return the change number of the study that the person saw; 0 for a new one."""
        return int(self.form.cleaned_data.get("seen_no") or 0)

    @property
    def note(self) -> str:
        return str(self.form.cleaned_data["note"])

    def record(self) -> StudyRecord:
        """Return what was typed as a record; call it when the forms are valid. Raises RecordInvalid."""
        values = self.form.cleaned_data
        json: dict[str, Any] = {name: values[name] for name in _PLAIN_FIELDS}
        json["open_access"] = {"yes": True, "no": False}.get(values["open_access"])
        programme = self.vocabularies.programme_by_slug.get(values["programme"])
        json["programme"] = programme.name if programme else None
        for name, vocabulary in LISTS.items():
            if name != "designs":
                json[name] = sort_by_taxonomy(values[name], self.vocabularies, vocabulary)
        json["designs"] = self._designs(values)
        for section in self.sections:
            json[section.kind.name] = self._rows(section)
        self._keep_order_of_supports(json["sources"])
        # Appraisals are made on pages of their own, so they stay as they are.
        json["appraisals"] = [appraisal.to_json() for appraisal in self.before.appraisals] if self.before else []
        json["id"] = values["slug"] or self._proposed_slug(json)
        return StudyRecord.from_json({key: value for key, value in json.items() if value != ""})

    def add_record_error(self, error: RecordInvalid) -> None:
        """Show an error of the record that the forms did not catch."""
        self.form.add_error(None, f"No se pudo leer «{error.path}».")

    def text_sections(self) -> list[tuple[str, list[list[BoundField]]]]:
        """Return the titles and lines of the study's own fields, as the page shows them."""
        return [(title, _bound_lines(self.form, lines)) for title, lines in StudyForm.SECTIONS]

    def _row_set(self, kind: RowKind, initial: list[dict[str, Any]], data: QueryDict | None) -> RowFormSet:
        extra = 1 if initial else kind.blank_at_start
        row_set = kind.formset_class(extra=extra)
        return row_set(data, prefix=kind.name, initial=initial, vocabularies=self.vocabularies)

    def _designs(self, values: Mapping[str, Any]) -> list[str]:
        held = list(self.before.designs) if self.before else []
        others = sort_by_taxonomy(values["other_designs"], self.vocabularies, LISTS["designs"])
        # Boxes have no order: those that the record had keep theirs.
        others.sort(key=lambda code: held.index(code) if code in held else len(held))
        return [values["main_design"], *others] if values["main_design"] else []

    def _keep_order_of_supports(self, sources: list[dict[str, Any]]) -> None:
        held = {source.url: source.supports for source in self.before.sources} if self.before else {}
        for source in sources:
            order = (*held.get(source["url"], ()), *SUPPORTS)
            source["supports"] = sorted(source.get("supports", []), key=order.index)

    def _rows(self, section: RowSection) -> list[dict[str, Any]]:
        rows = []
        for place, row in enumerate(section.rows.rows_to_write()):
            self.row_of[section.kind.name, place] = section.rows.forms.index(row)
            content = {key: value for key, value in row.cleaned_data.items() if key not in ("ORDER", "DELETE")}
            rows.append({key.replace("_", "-") if "particle" in key else key: value for key, value in content.items()})
        return [{key: value for key, value in row.items() if value not in ("", None)} for row in rows]

    def _proposed_slug(self, json: Mapping[str, Any]) -> str:
        first = json["authors"][0] if json["authors"] else {}
        others = Study.objects.exclude(pk=self.study.pk if self.study else 0)
        return make_slug(
            first.get("family") or first.get("literal"),
            json["year"],
            json["title"],
            lambda slug: others.filter(slug=slug).exists(),
        )


def _initial_values(record: StudyRecord | None, vocabularies: Vocabularies) -> dict[str, Any]:
    if record is None:
        return {}
    by_name = {programme.name: programme.slug for programme in vocabularies.programmes}
    return {
        **{name: getattr(record, name) for name in (*_PLAIN_FIELDS, *LISTS)},
        "slug": record.id,
        "open_access": _OPEN_ACCESS[record.open_access],
        "programme": by_name.get(record.programme or "", ""),
        "main_design": record.designs[0] if record.designs else "",
        "other_designs": record.designs[1:],
    }


def _initial_row_values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in row.items()}


def _programme_choices(vocabularies: Vocabularies) -> Iterator[tuple[str, str]]:
    for view in vocabularies.programmes:
        yield view.slug, view.name if view.name == view.name_es else f"{view.name} ({view.name_es})"


def _bound_lines(form: forms.BaseForm, lines: tuple[tuple[str, ...], ...]) -> list[list[BoundField]]:
    return [[form[name] for name in line] for line in lines]
