"""Form fields and widgets of the workplace: plain text, terms of a vocabulary, numbers with a comma."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.forms.renderers import BaseRenderer, TemplatesSetting
from django.utils.safestring import SafeString

from studies.models.vocabulary import PARENT_OF, Vocabulary
from studies.store.vocabularies import TermView, Vocabularies
from studies.text.identifiers import is_web_address
from studies.text.normalize import fold_text

LONGEST_TEXT = 20_000
NOT_CHOSEN = ("", "Sin dato")
MOST_IN_A_SELECT = 50
MOST_BOXES_OPEN = 12
"""Check boxes that stand on the page as they are; more of them are fold_text away."""
NOT_IN_THE_LIST = "No está en la lista. Escriba una parte del nombre y elija entre los que aparecen."


def limit_texts(form: forms.BaseForm, most: int = LONGEST_TEXT) -> None:
    """Let the texts of a form in either language have at most `most` letters, and no text a sign that nobody sees."""
    for name, field in form.fields.items():
        if isinstance(field, forms.CharField):
            field.validators.append(_refuse_control_characters)
            if name.endswith(("_es", "_en")):
                field.validators.append(MaxLengthValidator(most))


_refuse_control_characters = RegexValidator(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "Contiene signos que no se ven. Escríbalo de nuevo.", inverse_match=True
)


class PlainTextField(forms.CharField):
    """Text with line ends as records have them, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class WebAddressField(PlainTextField):
    """An address of the web (http or https), as `identifiers` accepts it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Django's own name for it: the page gives it more room than other lines of text.
        self.widget.attrs.setdefault("class", "vURLField")

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_web_address(value):
            raise ValidationError("Escriba una dirección completa que empiece con https:// o http://, sin espacios.")


class LinesField(PlainTextField):
    """A list of texts, one a line; empty lines and repetitions are left out."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class NumbersField(LinesField):
    """Standard numbers, one a line, each kept in its one form. `normalize` returns None for what is no such number."""

    def __init__(self, normalize: Callable[[str], str | None], name: str, example: str, help_text: str) -> None:
        super().__init__(
            label=name,
            required=False,
            max_length=1_000,
            widget=forms.Textarea(attrs={"rows": 1}),
            help_text=help_text,
        )
        self._normalize, self._example = normalize, example

    def clean(self, value: Any) -> list[str]:
        found: list[str] = []
        for typed in super().clean(value):
            number = self._normalize(typed)
            if number is None:
                raise forms.ValidationError(
                    "No es un %(name)s: «%(typed)s». Uno correcto es, por ejemplo, %(example)s.",
                    params={"name": self.label, "typed": typed[:60], "example": self._example},
                )
            found.append(number)
        return list(dict.fromkeys(found))


class NumberField(forms.FloatField):
    """A number as Peru writes it (1 200,7); a point is read too. Bounded, so that every database can hold it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(localize=True, required=False, min_value=-1e15, max_value=1e15, **options)
        self.widget.attrs.update({"inputmode": "decimal", "size": "10"})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_without_spaces(value))


class WholeNumberField(forms.IntegerField):
    """A whole number, or none, with spaces between thousands as sources have it: 1 200."""

    # Not a number box: a browser sends nothing for what it cannot read, which would be lost without a word.
    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.widget.attrs.update({"inputmode": "numeric", "size": "10"})
        self.error_messages["invalid"] = "Escriba un número entero, sin puntos ni comas: 1200."

    def to_python(self, value: Any) -> int | None:
        return super().to_python(_without_spaces(value))


class YesNo(forms.ChoiceField):
    """Yes, no, or not known: never "no" where nobody has answered. Its value is a boolean or None."""

    def __init__(self, **options: Any) -> None:
        choices = [NOT_CHOSEN, ("yes", "Sí"), ("no", "No")]
        super().__init__(**{"required": False, "choices": choices, **options})

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)

    def clean(self, value: Any) -> Any:
        return {"yes": True, "no": False}.get(super().clean(value))


class TermCheckboxes(forms.CheckboxSelectMultiple):
    """Check boxes of a vocabulary, under the names of the groups that it has, each with its definition.

    `coding` are the notes for whoever codes, by code.
    """

    template_name: str = "admin/widgets/term_boxes.html"
    definitions: Mapping[str, str] = {}
    coding: Mapping[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        options = [option for _group, options, _index in widget["optgroups"] for option in options]
        for option in options:
            option["definition"] = self.definitions.get(str(option["value"]), "")
            option["coding"] = self.coding.get(str(option["value"]), "")
        has_groups = any(group for group, _options, _index in widget["optgroups"])
        widget["is_folded"] = has_groups or len(options) > MOST_BOXES_OPEN
        widget["chosen"] = ", ".join(str(option["label"]) for option in options if option["selected"])
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        # Forms bring a renderer that does not see the project's templates.
        return super().render(name, value, attrs, TemplatesSetting())


class DatalistSelect(forms.Select):
    """One of many choices, found by typing its name: a text box with a datalist, without script.

    What is sent is a name or a code; names are read without case and accents. In a field of free text the choices are
    suggestions: any other text is its own value.
    """

    template_name: str = "admin/widgets/by_typing.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = forms.Widget.get_context(self, name, value, attrs)
        names = self._names()
        code = "" if value is None else str(value)
        context["widget"] |= {"value": names.get(code, code), "names": names.values(), "empty": self._empty()}
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        typed = str(data.get(name) or "").strip()
        names = self._names()
        if not typed or typed in names:
            return typed
        return {fold_text(said): code for code, said in names.items()}.get(fold_text(typed), typed)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        # Forms bring a renderer that does not see the project's templates.
        return super().render(name, value, attrs, TemplatesSetting())

    def _names(self) -> dict[str, str]:
        """Return the names by code; of two codes with one name, that of the second has its code too."""
        names: dict[str, str] = {}
        taken: set[str] = set()
        for code, label in _flatten_choices(self.choices):
            if code:
                said = f"{label} [{code}]" if fold_text(label) in taken else label
                taken.add(fold_text(label))
                names[code] = said
        return names

    def _empty(self) -> str:
        return next((label for code, label in _flatten_choices(self.choices) if not code), "")


def use_datalist_if_many(field: forms.Field) -> None:
    """Turn a select into a text box with suggestions where it has more options than anybody scrolls through."""
    assert isinstance(field, forms.ChoiceField)
    offered: Any = field.choices
    choices = list(offered)
    if len(list(_flatten_choices(choices))) > MOST_IN_A_SELECT:
        field.widget = DatalistSelect(attrs=field.widget.attrs)
        field.widget.is_required = field.required
        field.error_messages["invalid_choice"] = NOT_IN_THE_LIST
    # A list, so that the rows of a queryset are not read again to be shown.
    field.widget.choices = choices


class TermMultipleChoiceField(forms.MultipleChoiceField):
    """Several codes of one vocabulary, in its order; `offer_terms` sets the choices.

    `is_guided`: the definitions, which are the coding guide, stand beside the options.
    """

    widget = TermCheckboxes

    def __init__(self, vocabulary: Vocabulary, *, is_guided: bool = True, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.vocabulary = vocabulary
        self.is_guided = is_guided


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a term means: its public definition, and the note for whoever codes."""

    label: str
    definition: str
    coding: str


class TermChoiceField(forms.ChoiceField):
    """One code of a vocabulary or none; the form says which are there, and in `guide` what each means.

    `not_chosen` is what the empty option says.
    """

    guide: tuple[Meaning, ...] = ()

    def __init__(
        self, vocabulary: Vocabulary, *, is_guided: bool = True, not_chosen: str = NOT_CHOSEN[1], **options: Any
    ) -> None:
        super().__init__(required=False, **options)
        self.vocabulary = vocabulary
        self.is_guided = is_guided
        self.not_chosen = not_chosen


def offer_terms(form: forms.BaseForm, vocabularies: Vocabularies) -> None:
    """Set the choices of each field of codes: no query, whatever the number of forms on the page."""
    for field in form.fields.values():
        if isinstance(field, TermMultipleChoiceField):
            field.choices = grouped_choices(vocabularies, field.vocabulary)
            if field.is_guided:
                field.widget.definitions = definitions_of(vocabularies, field.vocabulary)
                field.widget.coding = coding_of(vocabularies, field.vocabulary)
        elif isinstance(field, TermChoiceField):
            field.choices = [("", field.not_chosen), *grouped_choices(vocabularies, field.vocabulary)]
            use_datalist_if_many(field)
            if field.is_guided:
                field.guide = meanings_of(vocabularies, field.vocabulary)


def meanings_of(vocabularies: Vocabularies, vocabulary: str) -> tuple[Meaning, ...]:
    """Return what the terms of a vocabulary mean, in Spanish, those without any definition left out."""
    terms = vocabularies.terms(vocabulary)
    return tuple(
        Meaning(term.es, term.definition_es, term.coding_es) for term in terms if term.definition_es or term.coding_es
    )


def coding_of(vocabularies: Vocabularies, vocabulary: str) -> dict[str, str]:
    """Return the notes for whoever codes, in Spanish, by code."""
    return {term.code: term.coding_es for term in vocabularies.terms(vocabulary)}


def definitions_of(vocabularies: Vocabularies, vocabulary: str) -> dict[str, str]:
    """Return what the terms of a vocabulary mean, in Spanish, by code."""
    return {term.code: term.definition_es for term in vocabularies.terms(vocabulary)}


def grouped_choices(vocabularies: Vocabularies, vocabulary: Vocabulary) -> list[Any]:
    """Return the choices of a vocabulary, under their parents where it has them."""
    terms = vocabularies.terms(vocabulary)
    if vocabulary not in PARENT_OF:
        return _choices_of(terms)
    groups: dict[str, list[TermView]] = {parent.code: [] for parent in vocabularies.terms(PARENT_OF[vocabulary])}
    for term in terms:
        groups.setdefault(term.parent or "", []).append(term)
    return [(_group_name(vocabularies, vocabulary, code), _choices_of(rows)) for code, rows in groups.items() if rows]


def sort_by_taxonomy(codes: Iterable[str], vocabularies: Vocabularies, vocabulary: Vocabulary) -> list[str]:
    """Return the codes in the order of the taxonomy, which is that of sets in a record."""
    order: Mapping[str, int] = {term.code: place for place, term in enumerate(vocabularies.terms(vocabulary))}
    return sorted(codes, key=lambda code: order.get(code, len(order)))


def _without_spaces(value: Any) -> Any:
    return re.sub(r"(?<=\d)\s(?=\d{3}(?!\d))", "", value.strip()) if isinstance(value, str) else value


def _flatten_choices(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for code, label in choices:
        if isinstance(label, list | tuple):
            yield from _flatten_choices(label)
        else:
            yield str(code), str(label)


def _group_name(vocabularies: Vocabularies, vocabulary: Vocabulary, code: str) -> str:
    return vocabularies.label(PARENT_OF[vocabulary], code, "es") if code else "Otros"


def _choices_of(terms: Iterable[TermView]) -> list[tuple[str, str]]:
    return [(term.code, term.es) for term in terms]
