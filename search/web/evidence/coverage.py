"""Where evidence comes from, whom it is about and what it lacks: the ladder to Peru, coverage, gaps by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.evidence import cell_text, dimensions
from search.web.evidence.sentences import PlaceUrl
from studies.citations.names import join_with_and
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import NOT_STATED, Evidence, Scope, StudyEvidence
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import FOLLOW_UPS, STATED, Tally, tally_by_dimension
from studies.text.numbers import format_number

_RURAL, _ONLINE, _INDIGENOUS, _AT_SCALE = "rural", "online", "indigenous", "scale-up"


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step of nearness to Peru. `programmes` are the names of its studies' programmes, given for Peru only."""

    label: str
    studies: int
    text: str
    url: str
    ongoing: str
    ongoing_url: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoveredTerm:
    """A term with the evaluations and studies that carry it."""

    label: str
    text: str
    url: str
    studies: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The terms of a vocabulary with studies, and in `missing` the names of those without."""

    heading: str
    covered: tuple[CoveredTerm, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a rule finds missing; `url` lists the few studies that there are, if any."""

    topic: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class CoverageSurvey:
    """Counts studies by what they cover. `address` returns the address of the list behind a place.

    `total` is the tally of all `studies`. Tallies by dimension are computed once each.
    """

    studies: list[StudyEvidence]
    evidence: Evidence
    scope: Scope
    vocabulary: Vocabularies
    language: str
    address: PlaceUrl
    total: Tally
    _counted_by: dict[str, dict[str, Tally]] = field(default_factory=dict, init=False)

    def ladder(self) -> tuple[LadderStep, ...]:
        """Return every step of the ladder, the nearest first; the last, "unknown", only if it has studies."""
        found = self._tallies_by("nearness")
        return tuple(
            self._ladder_step(code, found.get(code, Tally()))
            for code in NEARNESS_STEPS
            if code in found or code != NEARNESS_STEPS[-1]
        )

    def relevance(self) -> tuple[CoveredTerm, ...]:
        """Return what matters for Peru beside the place: rural, urban, online, indigenous peoples, at scale."""
        settings, populations, stages = (
            self._tallies_by("setting"),
            self._tallies_by("population"),
            self._tallies_by("scale"),
        )
        label = self.vocabulary.label
        rows = [
            ("setting", code, label("settings", code, self.language), settings.get(code, Tally()))
            for code in (_RURAL, "urban", _ONLINE)
            if self.vocabulary.find("settings", code)
        ]
        if self.vocabulary.find("populations", _INDIGENOUS):
            name = label("populations", _INDIGENOUS, self.language)
            rows.append(("population", _INDIGENOUS, name, populations.get(_INDIGENOUS, Tally())))
        rows.append(("scale", _AT_SCALE, _("De programas a gran escala"), stages.get(_AT_SCALE, Tally())))
        return tuple(self._covered_term(dimension, code, name, tally) for dimension, code, name, tally in rows)

    def coverage(self) -> tuple[Coverage, ...]:
        """Return which populations and settings the studies cover, in this order, and which not."""
        return (self._coverage_of("population", _("Para quiénes")), self._coverage_of("setting", _("En qué ámbitos")))

    def follow_ups(self) -> tuple[CoveredTerm, ...]:
        """Return how long after the start evaluations measured, by band; an evaluation may be in several bands."""
        found = self._tallies_by("follow_up")
        rows = []
        for code in FOLLOW_UPS:
            if code in found and found[code].evaluations:
                name = dimensions.code_label("follow_up", code, self.vocabulary, self.language)
                place = TablePlace(rows="follow_up", row=code, kind="evaluation")
                text = cell_text.evaluations_text(found[code].evaluations, self.language)
                rows.append(CoveredTerm(name, text, self.address(place), len(found[code].studies)))
        return tuple(rows)

    def gaps(self) -> Iterator[Gap]:
        """Yield by rule what is missing: a test, places, peoples, cost, time and appraisal."""
        if not self.total.evaluations:
            yield Gap(_("Efecto"), _("ninguna evaluación en este banco."))
        total = len(self.total.studies)
        if not total:
            return
        nearness, settings, populations = (
            self._tallies_by("nearness"),
            self._tallies_by("setting"),
            self._tallies_by("population"),
        )
        if not nearness.get("peru", Tally()).evaluations:
            yield self._share_gap(
                _("Perú"), nearness.get("peru", Tally()), total, TablePlace(rows="nearness", row="peru")
            )
        for dimension, code, found in (("setting", _RURAL, settings), ("population", _INDIGENOUS, populations)):
            if self.vocabulary.find(dimensions.VOCABULARY_OF[dimension], code):
                tally = found.get(code, Tally())
                name = dimensions.code_label(dimension, code, self.vocabulary, self.language)
                # A gap is less than a quarter of the studies.
                if 4 * len(tally.studies) < total:
                    yield self._share_gap(name, tally, total, TablePlace(rows=dimension, row=code))
        cost = self._tallies_by("cost").get(STATED, Tally())
        if 4 * len(cost.studies) < total:
            yield self._share_gap(
                _("Con cifras de costo o de costo-efectividad"), cost, total, TablePlace(rows="cost", row=STATED)
            )
        yield from self._time_gap()
        if not any(self.evidence.studies[key].is_appraised for key in self.total.studies):
            yield Gap(
                _("Calidad"),
                ngettext("el estudio está aún sin revisar.", "los %(number)s estudios están aún sin revisar.", total)
                % {"number": format_number(total, self.language)},
            )

    def _time_gap(self) -> Iterator[Gap]:
        evaluations = self._tallies_by("follow_up")
        # Without any evaluation there is nothing that could have been measured later.
        if any(tally.evaluations for tally in evaluations.values()):
            later = [code for code in ("24", "longer") if evaluations.get(code, Tally()).evaluations]
            if not later:
                yield Gap(
                    _("Después de 12 meses"),
                    _("ninguna evaluación de este banco dice haber medido más tarde."),
                )

    def _share_gap(self, topic: str, tally: Tally, total: int, place: TablePlace) -> Gap:
        count = len(tally.studies)
        if not count:
            return Gap(topic, _("ninguno en este banco."))
        text = ngettext("%(some)s estudio de %(all)s.", "%(some)s estudios de %(all)s.", count) % {
            "some": format_number(count, self.language),
            "all": format_number(total, self.language),
        }
        return Gap(topic, text, self.address(place))

    def _tallies_by(self, dimension: str) -> Mapping[str, Tally]:
        if dimension not in self._counted_by:
            self._counted_by[dimension] = tally_by_dimension(dimension, self.studies, self.evidence, self.scope)
        return self._counted_by[dimension]

    def _ladder_step(self, code: str, tally: Tally) -> LadderStep:
        place = TablePlace(rows="nearness", row=code)
        studies = [self.evidence.studies[key] for key in tally.studies]
        ongoing = sum(study.status == "ongoing" for study in studies)
        programmes = {study.programme for study in studies if study.programme} if code == "peru" else set()
        names = sorted(
            self.vocabulary.programme_by_slug[slug].label(self.language)
            for slug in programmes
            if slug in self.vocabulary.programme_by_slug
        )
        return LadderStep(
            label=dimensions.code_label("nearness", code, self.vocabulary, self.language),
            studies=len(studies),
            text=self._counts_text(tally),
            url=self.address(place) if studies else "",
            ongoing=ngettext("%(number)s en curso", "%(number)s en curso", ongoing)
            % {"number": format_number(ongoing, self.language)}
            if ongoing
            else "",
            ongoing_url=self.address(TablePlace(rows="nearness", row=code, kind="ongoing")) if ongoing else "",
            programmes=tuple(names),
        )

    def _coverage_of(self, dimension: str, heading: str) -> Coverage:
        found = self._tallies_by(dimension)
        covered, missing = [], []
        for entry in dimensions.iterate_codes(dimension, self.vocabulary, self.language):
            if entry.code in found:
                covered.append(self._covered_term(dimension, entry.code, entry.label, found[entry.code]))
            elif entry.code != NOT_STATED:
                missing.append(dimensions.lower_first(entry.label))
        return Coverage(heading, tuple(covered), join_with_and(missing, self.language))

    def _covered_term(self, dimension: str, code: str, label: str, tally: Tally) -> CoveredTerm:
        has_some = bool(tally.studies)
        return CoveredTerm(
            label,
            self._counts_text(tally),
            self.address(TablePlace(rows=dimension, row=code)) if has_some else "",
            len(tally.studies),
        )

    def _counts_text(self, tally: Tally) -> str:
        if not tally.studies:
            return _("ninguno en este banco")
        evaluations = cell_text.evaluations_text(tally.evaluations, self.language)
        return f"{evaluations}, {cell_text.studies_text(len(tally.studies), 0, self.language)}"
