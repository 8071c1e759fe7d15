"""The form of an assessment or a consensus: a row for each domain, and the overall judgement. A draft may be empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from studies.admin.shared.fields import PlainTextField
from studies.appraisals.workflow import AssessmentInput
from studies.records import appraisal_rules
from studies.records.appraisal import LONGEST_PAGE, LONGEST_QUOTE, DomainRecord, InstrumentRecord, JudgementRecord
from studies.records.appraisal_rules import AppraisalGap

LACKS: Mapping[str, str] = {
    "no-level": "Elija un juicio.",
    "unknown-level": "Elija uno de los juicios que este dominio admite.",
    "no-support": "Escriba una cita o el lugar, o marque que el estudio no lo dice.",
    "no-overall": "Elija el juicio global.",
    "overall-against-rule": "La regla del instrumento no admite este juicio global.",
    "unknown-domain": "Este dominio ya no es del instrumento.",
}
RULES: Mapping[str, str] = {
    "worst-domain": "El juicio global sale de los dominios: el peor decide. Si varios tienen «algunas dudas» y ninguno "
    "riesgo alto, quien evalúa decide si juntas lo hacen alto.",
    "critical-flaws": "El juicio global sale de los dominios: una falla crítica («No» en un dominio crítico) da "
    "confianza baja; más de una, críticamente baja. Sin ellas, hasta una debilidad da confianza alta. Si hay varias, "
    "quien evalúa decide entre moderada y baja.",
}
"""The rules of `appraisal.RULES` in words."""
NO_RULE = "Este instrumento no tiene regla para el juicio global: lo da quien evalúa."


class JudgementForm(forms.Form):
    """The judgement of one domain. `domain` says which levels it may have."""

    level = forms.ChoiceField(label="Juicio", required=False, widget=forms.RadioSelect)
    quote = PlainTextField(
        label="Cita textual del estudio",
        required=False,
        max_length=LONGEST_QUOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    page = PlainTextField(label="Página o lugar", required=False, max_length=LONGEST_PAGE)
    not_reported = forms.BooleanField(label="El estudio no lo dice", required=False)

    def __init__(self, *args: Any, domain: DomainRecord, instrument: InstrumentRecord, **options: Any) -> None:
        super().__init__(*args, **options)
        self.domain = domain
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(level.code, level.es) for level in instrument.levels_of(domain)]

    def judgement(self) -> JudgementRecord | None:
        """Return what was entered; None without a level and without anything that it rests on."""
        given = self.cleaned_data
        if not any(given.values()):
            return None
        return JudgementRecord(
            domain=self.domain.code,
            level=given["level"],
            quote=given["quote"] or None,
            page=given["page"] or None,
            not_reported=given["not_reported"],
        )


class OverallForm(forms.Form):
    """What is said once: the overall judgement, notes for the public page, and the version that the person saw."""

    overall = forms.ChoiceField(label="Juicio global", required=False, widget=forms.RadioSelect)
    note_es = PlainTextField(
        label="Nota en español",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Qué resultado se juzgó y por qué se llegó al juicio global. Se publica.",
    )
    note_en = PlainTextField(
        label="Nota en inglés", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)

    def __init__(self, *args: Any, instrument: InstrumentRecord, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["overall"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(level.code, level.es) for level in instrument.overall]


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A row of the page: the domain, its form, and what each of the two assessments says of it, if they are shown."""

    form: JudgementForm
    missing: str = ""
    beside: tuple[JudgementLine, ...] = ()

    @property
    def domain(self) -> DomainRecord:
        return self.form.domain

    @property
    def differs(self) -> bool:
        """Return True if the assessments beside it judge the domain differently."""
        return len({judgement.code for judgement in self.beside}) > 1


@dataclass(frozen=True, slots=True)
class JudgementLine:
    """A judgement to be read: who, level in words, what it rests on."""

    person: str
    code: str
    level: str
    judgement: JudgementRecord | None


class AppraisalEntry:
    """All forms of a page, from what is stored or from what was sent."""

    def __init__(
        self, instrument: InstrumentRecord, held: AssessmentInput, version: int, data: QueryDict | None = None
    ) -> None:
        self.instrument = instrument
        by_domain = {judgement.domain: judgement for judgement in held.judgements}
        self.domains = [
            JudgementForm(
                data,
                prefix=domain.code,
                domain=domain,
                instrument=instrument,
                initial=_initial(by_domain.get(domain.code)),
            )
            for domain in instrument.domains
        ]
        first = {"overall": held.overall, "note_es": held.note_es, "note_en": held.note_en, "version": version}
        self.form = OverallForm(data, instrument=instrument, initial=first)
        levels = {judgement.domain: judgement.level for judgement in held.judgements}
        self.found = appraisal_rules.judge_overall(instrument, levels)
        self.missing: dict[str, str] = {}

    def is_valid(self) -> bool:
        """Validate all forms, so that every error shows at once."""
        return all([self.form.is_valid(), *(form.is_valid() for form in self.domains)])

    def entered(self) -> AssessmentInput:
        """Return what was entered; call it when the forms are valid."""
        given = self.form.cleaned_data
        judgements = tuple(found for form in self.domains if (found := form.judgement()) is not None)
        return AssessmentInput(judgements, given["overall"], given["note_es"], given["note_en"])

    @property
    def version(self) -> int:
        """Return the version of the assessment that the person saw; 0 for none."""
        return int(self.form.cleaned_data.get("version") or 0)

    def set_version(self, version: int) -> None:
        """Put the version of the assessment as it is now into the form that is shown again."""
        data = QueryDict(mutable=True)
        data.update(self.form.data)
        data["version"] = str(version)
        self.form.data = data

    def show_lacks(self, lacks: tuple[AppraisalGap, ...]) -> None:
        """Show what keeps the assessment from being finished, at its rows and in the box on top."""
        self.missing = {lack.field: LACKS[lack.code] for lack in lacks}

    def missing_lines(self) -> list[tuple[str, str, str]]:
        """Return the lines of the box: the anchor, the name of the row, what it lacks."""
        names = {domain.code: domain.es for domain in self.instrument.domains}
        return [(f"d-{field}", names.get(field, "Juicio global"), words) for field, words in self.missing.items()]

    @property
    def overall_missing(self) -> str:
        """Return what the overall judgement lacks, in words; empty if nothing."""
        return self.missing.get("overall", "")

    @property
    def asks_overall(self) -> bool:
        """Return True if the person chooses the overall judgement: no rule gives it, or the rule leaves it open."""
        return self.instrument.rule is None or (self.found is not None and self.found.is_open)

    def overall_radios(self) -> Iterator[Any]:
        """Return the radio buttons of the overall judgement: those that the rule allows."""
        allowed = self.found.allowed if self.found else tuple(level.code for level in self.instrument.overall)
        return (radio for radio in self.form["overall"] if radio.data["value"] in allowed)

    @property
    def rule(self) -> str:
        """Return the rule of the overall judgement, in words."""
        return RULES[self.instrument.rule] if self.instrument.rule else NO_RULE

    @property
    def result(self) -> str:
        """Return the overall judgement of the stored levels by the rule, in words; empty while the rule gives none."""
        if self.found is None:
            return ""
        return " o ".join(self._label(code) for code in self.found.allowed)

    def lines(self, beside: Mapping[str, tuple[JudgementLine, ...]] | None = None) -> Iterator[DomainLine]:
        """Return the rows of the page, each with the assessments beside it."""
        for form in self.domains:
            code = form.domain.code
            yield DomainLine(form, self.missing.get(code, ""), (beside or {}).get(code, ()))

    def _label(self, code: str) -> str:
        level = self.instrument.overall_level(code)
        return f"«{level.es}»" if level else code


def _initial(judgement: JudgementRecord | None) -> dict[str, Any]:
    if judgement is None:
        return {}
    return {
        "level": judgement.level,
        "quote": judgement.quote or "",
        "page": judgement.page or "",
        "not_reported": judgement.not_reported,
    }
