"""The form of a move, of a study or of a proposal: its note, and what the person saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from studies.admin.shared.fields import PlainTextField

if TYPE_CHECKING:
    from studies.curation.moves import Move


class MoveForm(forms.Form):
    """The note of a move, and the state of the study that the person saw."""

    note = PlainTextField(required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))
    seen_no = forms.IntegerField(required=False, min_value=0, max_value=10**15, widget=forms.HiddenInput)

    def __init__(self, *args: Any, move: Move, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].label = "Motivo" if move.needs_note else "Nota"
        self.fields["note"].required = move.needs_note
        self.fields["note"].help_text = "Queda en la historia del estudio."
