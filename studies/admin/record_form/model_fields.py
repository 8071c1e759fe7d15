"""Form fields with the names and the lengths that the models have. What a form asks for is said beside this module."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from studies.admin.shared.fields import LONGEST_TEXT, NumberField, PlainTextField, WholeNumberField
from studies.models import Finding


def label_of(model: type, name: str) -> str:
    """Return the name of a field of a model, with a capital."""
    return str(capfirst(model._meta.get_field(name).verbose_name))  # type: ignore[attr-defined]


def line(model: type, name: str, help_text: str = "", **options: Any) -> PlainTextField:
    """Return a field of one line of text."""
    longest = getattr(model._meta.get_field(name), "max_length", None) or 2_000  # type: ignore[attr-defined]
    options = {"required": False, "max_length": longest, "label": label_of(model, name), **options}
    field = PlainTextField(help_text=help_text, **options)
    field.widget.attrs.setdefault("class", "vTextField")
    return field


def text(model: type, name: str, help_text: str = "", rows: int = 2, **options: Any) -> PlainTextField:
    """Return a field of a text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return line(model, name, help_text, widget=widget, **{"max_length": LONGEST_TEXT, **options})


def short_text(model: type, name: str, help_text: str = "", **options: Any) -> PlainTextField:
    """Return a field of a text as long as its column, of which the page shows one line."""
    return line(model, name, help_text, widget=forms.Textarea(attrs={"rows": 1}), **options)


def number(name: str, help_text: str = "", **options: Any) -> NumberField:
    """Return a field of a number of a finding."""
    return NumberField(label=label_of(Finding, name), help_text=help_text, **options)


def whole_number(label: str, help_text: str = "", *, least: int = 0, most: int = 10**12) -> WholeNumberField:
    """Return a field of a whole number, or none."""
    return WholeNumberField(label=label, min_value=least, max_value=most, help_text=help_text)
