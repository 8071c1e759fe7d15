"""The forms of bulk work: what to do with the chosen studies, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count
from django.http import QueryDict

from studies.admin.shared.fields import (
    PlainTextField,
    TermCheckboxes,
    coding_of,
    definitions_of,
    grouped_choices,
    meanings_of,
    use_datalist_if_many,
)
from studies.curation.bulk import actions
from studies.curation.bulk.actions import TAGGED, BulkAction
from studies.curation.moves import MOVES
from studies.models import BulkChange, StudyTerm, Vocabulary
from studies.records.term_edits import TermEdit
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ACTION_CHOICES = (
    ("add", "Añadir términos"),
    ("remove", "Quitar términos"),
    ("replace", "Cambiar unos términos por otro"),
    *((name, str(MOVES[name].label)) for name in actions.BULK_MOVES),
)


class ActionForm(forms.Form):
    """What to do, asked step by step: each answer shows the next question. Its address is the whole answer."""

    do = forms.ChoiceField(label="Qué se hará", widget=forms.RadioSelect)
    field = forms.ChoiceField(
        label="En qué vocabulario",
        required=False,
        choices=[("", "—"), *((name, kind.label) for name, kind in TAGGED.items())],
    )
    codes = forms.MultipleChoiceField(label="Términos", required=False, widget=TermCheckboxes)
    into = forms.ChoiceField(label="Por este término", required=False)
    role = forms.ChoiceField(
        label="Qué hace cada estudio con ellas",
        required=False,
        help_text="El mismo papel en todos los estudios elegidos. Una intervención que el estudio ya tiene conserva el "
        "suyo; si le falta, recibe este.",
    )

    def __init__(self, data: QueryDict | None, *, selection: BulkChange, user: User, **options: Any) -> None:
        super().__init__(data, **options)
        do = self.fields["do"]
        assert isinstance(do, forms.ChoiceField)
        do.choices = [pair for pair in ACTION_CHOICES if pair[0] not in MOVES or may_move(user, pair[0])]
        doing, name = (data.get("do", ""), data.get("field", "")) if data else ("", "")
        if doing not in ("add", "remove", "replace"):
            for unused in ("field", "codes", "into", "role"):
                del self.fields[unused]
            return
        if name not in TAGGED:
            del self.fields["codes"], self.fields["into"], self.fields["role"]
            return
        known, kind = vocabularies.current(), TAGGED[name]
        every = grouped_choices(known, kind)
        codes, into = self.fields["codes"], self.fields["into"]
        assert isinstance(codes, forms.MultipleChoiceField)
        assert isinstance(into, forms.ChoiceField)
        codes.choices = every if doing == "add" else _carried_terms(selection, kind)
        codes.widget.definitions, codes.widget.coding = definitions_of(known, kind), coding_of(known, kind)
        into.choices = [("", "—"), *every]
        use_datalist_if_many(into)
        if doing != "replace":
            del self.fields["into"]
        if doing != "add" or kind != Vocabulary.INTERVENTIONS:
            del self.fields["role"]
            return
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [("", "Elija…"), *grouped_choices(known, Vocabulary.ROLES)]
        role.guide = meanings_of(known, Vocabulary.ROLES)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse to replace a term by itself."""
        data = super().clean() or {}
        if data.get("into") and data["into"] in data.get("codes", ()):
            self.add_error("into", "Elija un término distinto de los que se quitan.")
        return data

    def action(self) -> BulkAction | None:
        """Return what was chosen, or None while a question is open."""
        if not self.is_bound or not self.is_valid():
            return None
        data = self.cleaned_data
        if data["do"] in actions.BULK_MOVES:
            return BulkAction(move=data["do"])
        asks = [name for name in ("codes", "into", "role") if name in self.fields]
        if not asks or not all(data.get(name) for name in asks):
            return None
        tagging = TermEdit(data["do"], data["field"], tuple(data["codes"]), data.get("into", ""), data.get("role"))
        return BulkAction(tagging)


class BulkNoteForm(forms.Form):
    """The reason of a change, and what the person saw before it."""

    note = PlainTextField(
        label="Motivo",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Queda en la historia de cada estudio.",
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)


def may_move(user: User, name: str) -> bool:
    """Return True if the role of `user` allows a move; its rules may still refuse it for a study."""
    return user.has_perm(MOVES[name].permission)


def _carried_terms(selection: BulkChange, kind: str) -> list[tuple[str, str]]:
    """Return the terms that the chosen studies carry, with the number of those that do: one query."""
    carried = StudyTerm.objects.filter(study__bulk_items__bulk=selection, term__vocabulary=kind).order_by()
    counts = dict(carried.values_list("term").annotate(Count("study", distinct=True)))
    known = vocabularies.current()
    terms = sorted((known.by_id[key] for key in counts), key=lambda term: known.order(term.id))
    return [(term.code, f"{term.es} ({counts[term.id]})") for term in terms]
