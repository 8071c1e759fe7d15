"""The lists of rows of a record: which there are, how the page names them, and how a list is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.forms import Textarea
from django.forms.formsets import BaseFormSet, formset_factory

from studies.admin.record_form.finding_row import FindingRowForm
from studies.admin.record_form.published_appraisal_row import PublishedAppraisalRowForm
from studies.admin.record_form.rows import (
    AuthorRowForm,
    CostRowForm,
    InterventionRowForm,
    RowForm,
    RowPart,
    SourceRowForm,
)
from studies.admin.shared.fields import Meaning, meanings_of, offer_terms
from studies.models import Vocabulary
from studies.store.vocabularies import Vocabularies

if TYPE_CHECKING:
    _RowFormSet = BaseFormSet[RowForm]
else:
    _RowFormSet = BaseFormSet


class RowFormSet(_RowFormSet):
    """The rows of one kind. They have no identity: each save writes them all, in their order."""

    key: str
    """The field that no two rows have the same value of; empty where any may be repeated."""

    def __init__(
        self, *args: Any, vocabularies: Vocabularies, trials: Sequence[tuple[str, str]] = (), **options: Any
    ) -> None:
        self.vocabularies = vocabularies
        self.trials = trials
        super().__init__(*args, **options)

    def add_fields(self, form: RowForm, index: int | None) -> None:
        """Add the fields for order and deletion, and offer terms and trials."""
        super().add_fields(form, index)
        offer_terms(form, self.vocabularies)
        if isinstance(form, FindingRowForm):
            form.offer_trials(self.trials)
        if self.can_order:
            form.fields["ORDER"].widget.attrs["class"] = "rows__order"

    def clean(self) -> None:
        """Refuse a row that names what an earlier one names."""
        seen: set[str] = set()
        for row in self.forms if self.key else ():
            value = getattr(row, "cleaned_data", {}).get(self.key)
            if value and row not in self.deleted_forms:
                if value in seen:
                    row.add_error(self.key, "Ya está en otra fila.")
                seen.add(value)

    def rows_to_write(self) -> list[RowForm]:
        """Return the rows with content that are not to be deleted, in the curator's order."""
        rows = [row for row in self.forms if not row.is_blank and row not in self.deleted_forms]
        orders = [(row.cleaned_data.get("ORDER"), place, row) for place, row in enumerate(rows)]
        # Rows without a number go last; those with the same one stay as they stand on the page.
        orders.sort(key=lambda entry: (entry[0] is None, entry[0] or 0, entry[1]))
        return [row for _order, _place, row in orders]


@dataclass(frozen=True, slots=True)
class RowKind:
    """One list of rows of the record, and how the page names it.

    `key` is the field that no two rows share. The empty row of one that `is_folded` is closed until it is opened.
    The terms of `explained` stand above the rows with their meanings, those of `guide` can be unfolded there.
    """

    name: str
    title: str
    singular: str
    form: type[RowForm]
    most: int
    blank_at_start: int = 1
    help_text: str = ""
    is_ordered: bool = True
    is_folded: bool = False
    key: str = ""
    explained: Vocabulary | None = None
    guide: Vocabulary | None = None

    def formset_class(self, *, extra: int) -> type[RowFormSet]:
        """Return the formset class of this kind, with `extra` empty rows."""
        made = formset_factory(
            self.form,
            formset=RowFormSet,
            extra=extra,
            can_order=self.is_ordered,
            can_delete=True,
            max_num=self.most,
            absolute_max=self.most + 1,
            validate_max=True,
        )
        assert issubclass(made, RowFormSet)
        made.key = self.key
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
        "editors",
        "Edición a cargo de",
        "Editor o editora",
        AuthorRowForm,
        20,
        help_text="De un libro o de las actas que lo contienen.",
        is_folded=True,
    ),
    RowKind("translators", "Traducción de", "Traductor o traductora", AuthorRowForm, 20, is_folded=True),
    RowKind(
        "interventions",
        "Intervenciones",
        "Intervención",
        InterventionRowForm,
        40,
        2,
        "Lo que alguien hizo y el estudio trata. Un estudio descriptivo puede no tener ninguna. Lo que solo es el "
        "entorno, o solo dio los datos, no es una intervención del registro.",
        is_ordered=False,
        key="code",
        explained=Vocabulary.ROLES,
        guide=Vocabulary.INTERVENTIONS,
    ),
    RowKind(
        "costs",
        "Costos",
        "Costo",
        CostRowForm,
        20,
        help_text="Como los da la fuente. Un costo no es un efecto.",
        is_folded=True,
    ),
    RowKind(
        "findings",
        "Hallazgos",
        "Hallazgo",
        FindingRowForm,
        20,
        help_text="Hasta seis: cada brazo, momento, subgrupo o medida es un hallazgo propio. Números solo si la "
        "fuente los dice.",
        is_folded=True,
    ),
    RowKind(
        "appraisals",
        "Juicios publicados por otros",
        "Juicio publicado",
        PublishedAppraisalRowForm,
        20,
        help_text="Lo que una revisión o un registro con nombre publicó sobre este estudio. No es la evaluación de "
        "calidad del banco, que hacen dos personas en su propia página, y nunca se mezcla con ella.",
        is_folded=True,
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
class RowBlock:
    """One row as the page shows it. One that `is_closed` is empty, and unfolded when it is wanted."""

    row: RowForm
    parts: list[RowPart]
    is_closed: bool = False

    @property
    def has_end_in_line(self) -> bool:
        """Whether its last line has room for its order too: in a row of one part, beside short fields."""
        if len(self.parts) > 1:
            return False
        return not any(isinstance(field.field.widget, Textarea) for field in self.parts[0].lines[-1])


@dataclass(frozen=True, slots=True)
class RowSection:
    """The rows of one kind, as the page shows them."""

    kind: RowKind
    rows: RowFormSet

    def blocks(self) -> Iterator[RowBlock]:
        """Return each row with its parts."""
        for row in self.rows:
            is_empty = row.is_blank if row.is_bound else not row.initial
            yield RowBlock(row, row.parts(), is_closed=self.kind.is_folded and is_empty)

    def empty(self) -> RowBlock:
        """Return a row that the page adds by script."""
        row = self.rows.empty_form
        return RowBlock(row, row.parts())

    def explained(self) -> tuple[Meaning, ...]:
        """Return the meanings that stand above the rows."""
        return self._meanings(self.kind.explained)

    def guide(self) -> tuple[Meaning, ...]:
        """Return the meanings that can be unfolded above the rows."""
        return self._meanings(self.kind.guide)

    def error_count(self) -> int:
        """Return how many errors the rows have after a check."""
        return sum(len(row.errors) for row in self.rows.forms) + len(self.rows.non_form_errors())

    def _meanings(self, vocabulary: Vocabulary | None) -> tuple[Meaning, ...]:
        return meanings_of(self.rows.vocabularies, vocabulary) if vocabulary else ()
