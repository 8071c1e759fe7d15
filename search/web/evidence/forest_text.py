"""What a forest says in words: its measure, against what, what the bank changed, a mean and why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.dimensions import strength_labels
from studies.citations.names import join_with_and
from studies.records.finding import FindingRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.comparators import KIND_BY_CODE
from studies.synthesis.estimates import UnusableReason
from studies.synthesis.forest import Change, ForestRow, ForestSet, NoMeanReason
from studies.synthesis.forest_plot import PlacedMean
from studies.synthesis.plots import Measure
from studies.synthesis.pooling import MIN_FOR_PREDICTION, Pooled
from studies.text.numbers import format_number, format_percent

_RATIOS = frozenset({"risk ratio", "odds ratio"})
"""The measures in which the bank computes or inverts; elsewhere it only changes a sign."""


def measure_text(measures: Iterable[Measure], unit: str | None, vocabulary: Vocabularies, language: str) -> str:
    """Return the title of an axis: the measures on it, and their unit where they have one."""
    labels = [vocabulary.label("measures", each.code, language) for each in measures]
    text = join_with_and(labels, language)
    if unit:
        text = f"{text}, {vocabulary.label('units', unit, language)}"
    return text[:1].upper() + text[1:]


def comparator_text(kind: str) -> str:
    """Return against what a kind of comparator sets a programme, or that nobody knows."""
    known = KIND_BY_CODE.get(kind)
    if known is None:
        return _("no consta frente a qué")
    return _("frente a %(comparator)s") % {"comparator": _(known.name)}


class MeanText:
    """The pooled mean of a set in words, in "es" or "en"."""

    def __init__(self, vocabulary: Vocabularies, language: str) -> None:
        self.vocabulary = vocabulary
        self.language = language

    def figure(self, mean: PlacedMean) -> str:
        """Return the mean with its interval."""
        return self._interval_of(mean.value, mean.low, mean.high)

    def sentence(self, mean: PlacedMean, each: ForestSet) -> str:
        """Return of what the mean is, what it is, how much its evaluations differ, and how many are not in it."""
        pooled = mean.pooled
        parts = [
            _("%(outcome)s %(comparator)s, %(number)s evaluaciones %(design)s: promedio %(mean)s, intervalo de 95 %%.")
            % {
                "outcome": self.vocabulary.label("outcomes", each.outcome, self.language),
                "comparator": comparator_text(each.kind),
                "number": format_number(pooled.k, self.language),
                "design": strength_labels()[each.design],
                "mean": self.figure(mean),
            },
            self._heterogeneity(pooled),
        ]
        if mean.prediction is None:
            parts.append(
                _("Con menos de %(number)s evaluaciones no se calcula un intervalo de predicción.")
                % {"number": format_number(MIN_FOR_PREDICTION, self.language)}
            )
        else:
            parts.append(
                _("Intervalo de predicción para otra evaluación: %(predicted)s.")
                % {"predicted": self._bounds(mean.prediction)}
            )
        if each.left_out:
            left_out = ngettext(
                "No entra %(number)s, de la que no se puede deducir el error estándar.",
                "No entran %(number)s, de las que no se puede deducir el error estándar.",
                len(each.left_out),
            )
            parts.append(left_out % {"number": format_number(len(each.left_out), self.language)})
        if each.without_comparator:
            unknown = ngettext(
                "No entra %(number)s evaluación de la que no consta qué recibió el otro grupo.",
                "No entran %(number)s evaluaciones de las que no consta qué recibió el otro grupo.",
                each.without_comparator,
            )
            parts.append(unknown % {"number": format_number(each.without_comparator, self.language)})
        return " ".join(parts)

    def _heterogeneity(self, pooled: Pooled) -> str:
        i2, tau2 = self._share(pooled.i2), self._number(pooled.tau2, 3)
        if pooled.i2_bounds is None or pooled.tau2_bounds is None:
            return _(
                "Heterogeneidad: I² = %(i2)s, τ² = %(tau2)s, sin intervalo: las estimaciones se parecen más de lo que "
                "el azar haría esperar."
            ) % {"i2": i2, "tau2": tau2}
        low, high = (self._share(bound) for bound in pooled.i2_bounds)
        return _("Heterogeneidad: I² = %(i2)s, τ² = %(tau2)s.") % {
            "i2": f"{i2} [{low}; {high}]",
            "tau2": f"{tau2} {self._bounds(pooled.tau2_bounds, 3)}",
        }

    def _share(self, share: float) -> str:
        return format_percent(round(100 * share), self.language)

    def _interval_of(self, value: float, low: float, high: float) -> str:
        return f"{self._number(value)} {self._bounds((low, high))}"

    def _bounds(self, bounds: tuple[float, float], decimals: int = 2) -> str:
        low, high = (self._number(bound, decimals) for bound in bounds)
        return f"[{low}; {high}]"

    def _number(self, number: float, decimals: int = 2) -> str:
        # The bounds of an uncertain ratio, back from their logarithms, can have any number of digits.
        if abs(number) >= 1e6:
            return "> 999 999" if number > 0 else "< −999 999"
        return format_number(number, self.language, decimals)


def no_mean_text(reason: NoMeanReason, shared_data: str) -> str:
    """Return why a set has no mean; `shared_data` is the sentence on who uses the same data."""
    return {
        NoMeanReason.NO_COMPARATOR: _("no consta qué recibió el otro grupo, y por eso no se promedia con ninguna."),
        NoMeanReason.TOO_FEW: _(
            "menos de tres evaluaciones independientes de este resultado, con la misma medida y frente a lo mismo."
        ),
        NoMeanReason.NO_ORIENTATION: _("no consta si un valor más alto de estas escalas es mejor o peor."),
        NoMeanReason.TOO_FEW_USABLE: _("de menos de tres se puede deducir el error estándar."),
        NoMeanReason.NO_COMMON_SCALE: _("las cifras de esta medida no están en una escala común a las evaluaciones."),
        NoMeanReason.SHARED_DATA: shared_data,
        NoMeanReason.OPPOSITE: _(
            "en unas lo favorable es subir y en otras es bajar: sus escalas van en sentido opuesto."
        ),
    }[reason]


def unusable_text(reason: UnusableReason) -> str:
    """Return in words why a finding gives no standard error."""
    return {
        UnusableReason.NO_VALUE: _("sin valor"),
        UnusableReason.NOT_A_COMPARISON: _("no compara"),
        UnusableReason.NO_PRECISION: _("sin intervalo, error estándar ni valor p"),
        UnusableReason.NOT_POSITIVE: _("una razón o su intervalo no es mayor que cero"),
        UnusableReason.WRONG_SIDE: _("el valor está fuera de su intervalo"),
        UnusableReason.NO_WIDTH: _("el intervalo no tiene ancho"),
        UnusableReason.LOPSIDED: _("el intervalo no es simétrico en su escala"),
        UnusableReason.BAD_LEVEL: _("el nivel del intervalo no se entiende"),
        UnusableReason.BAD_ERROR: _("el error estándar no es mayor que cero"),
        UnusableReason.ROUGH_P: _("la cifra y su valor p están demasiado redondeados para deducir el error estándar"),
        UnusableReason.OUT_OF_RANGE: _("cifras fuera de lo razonable"),
    }[reason]


def change_text(row: ForestRow) -> str:
    """Return what the bank did with the numbers of a row."""
    if row.change is Change.COMPUTED:
        return _("razón de riesgos calculada por el banco con las cifras de cada grupo")
    # The finding says what a higher value means now: in the source it means the contrary.
    if row.finding.higher_is == "worse":
        return _("invertida por el banco: en su fuente, un valor más alto es mejor")
    return _("invertida por el banco: en su fuente, un valor más alto es peor")


def round_computed(row: ForestRow) -> FindingRecord:
    """Return the finding on the axis, with two decimals where the bank has computed it: a source gives its own."""
    finding = row.finding
    if row.change is None or finding.measure not in _RATIOS:
        return finding
    value, low, high = (
        None if number is None else round(number, 2) for number in (finding.value, finding.ci_low, finding.ci_high)
    )
    return replace(finding, value=value, ci_low=low, ci_high=high)
