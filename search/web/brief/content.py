"""The view model of a brief: what evaluations found, how sure that is, what it says for Peru, with every reference.

The same for page, Word and PDF. Its numbers and sentences are those of the synthesis; all of it fits on two sheets.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import Place
from search.web.brief.author_text import OwnWords
from search.web.brief.rows import BriefRow, brief_row, name_of, nearest
from search.web.evidence import cell_text
from search.web.evidence.coverage import Gap, Step
from search.web.evidence.forest_view import ForestView
from search.web.evidence.harvest_view import HarvestView, harvest_view
from search.web.evidence.page import Basis, Synthesis, synthesis
from search.web.evidence.sentences import Sentence, linked, told
from studies.citations import reference as citations_reference
from studies.citations.runs import Runs
from studies.citations.styles.registry import STYLES
from studies.models import Study
from studies.store.exchange.study import to_record
from studies.synthesis.evidence import STRENGTHS
from studies.synthesis.statements import most_evaluated
from studies.synthesis.tables import APPRAISED, Tally, by, tally
from studies.text.numbers import format_number
from studies.web.shared.bank_counts import BankVersion

MOST_STUDIES, MOST_WITH_CONCLUSION = 6, 5
"""Studies in the table: with their references they leave room for the rest, and for her conclusion."""
MOST_REVIEWS = 2
_ANSWERS, _FURTHER = 2, 3
_MOST_OUTCOMES, _MOST_HEIGHT_PX = 3, 240


@dataclass(frozen=True, slots=True)
class About:
    """What a brief is of. `criteria` says in words how its studies were found; `address` is its own, whole.

    `record_url` is empty where somebody picked the studies.
    """

    title: str
    question: str
    criteria: str
    list_url: str
    record_url: str
    address: str
    on: datetime.date
    version: BankVersion


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the references that it rests on; its numbers lead to what they count."""

    sentence: Sentence
    references: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the list of references; `language` is that of the work."""

    number: int
    runs: Runs
    language: str


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a brief prints. `left_out` is told where the table does not hold every study."""

    about: About
    own: OwnWords
    answer: tuple[Claim, ...]
    findings: tuple[Sentence, ...]
    rows: tuple[BriefRow, ...]
    caption: str
    left_out: Sentence | None
    forest: ForestView | None
    harvest: HarvestView | None
    sureness: tuple[Claim, ...]
    ladder: tuple[Step, ...]
    gaps: tuple[Gap, ...]
    searched: Sentence
    entries: tuple[Entry, ...]
    style: str
    style_label: str
    synthesis_url: str
    is_chosen_by_effect: bool

    @property
    def title(self) -> str:
        return self.own.title or self.about.title

    @property
    def question(self) -> str:
        return self.own.question or self.about.question


def brief(basis: Basis, about: About, own: OwnWords, style: str) -> Brief:
    """Work out a brief: eleven queries, whatever the number of studies. `style` is one of STYLES."""
    return _Writer(basis, about, own, style).brief()


class _Writer:
    def __init__(self, basis: Basis, about: About, own: OwnWords, style: str) -> None:
        self.basis, self.about, self.own, self.style = basis, about, own, STYLES[style]
        self.language = basis.language
        self.whole: Synthesis = synthesis(basis)
        self.total: Tally = tally(basis.studies, basis.evidence, basis.scope)
        in_order = nearest((basis.evidence.studies[key] for key in self.total.studies), basis.evidence)
        most = MOST_WITH_CONCLUSION if own.conclusion else MOST_STUDIES
        self.shown = in_order[:most]
        reviews = [study for study in in_order[most:] if basis.evidence.works[study.id].is_review]
        self.reviews = reviews[:MOST_REVIEWS]
        keys = [study.key for study in (*self.shown, *self.reviews)]
        self.records = {
            study.pk: to_record(study, basis.vocabulary) for study in Study.objects.for_export().in_order_of(keys)
        }
        # A study may go between two questions: what is not there is not cited.
        self.cited = {key: number for number, key in enumerate((key for key in keys if key in self.records), start=1)}

    def brief(self) -> Brief:
        whole = self.whole
        sentences = [sentence for sentence in (whole.lead, *whole.sentences) if sentence]
        outcomes = self.basis.outcomes()
        order = most_evaluated(outcomes, self.basis.outcome_codes())
        places = {code: place for place, code in enumerate(order)}
        rows = tuple(
            brief_row(
                study,
                self.records[study.key],
                self.cited[study.key],
                self.basis.scope,
                places,
                self.basis.vocabulary,
                self.language,
            )
            for study in self.shown
            if study.key in self.cited
        )
        forest = self._forest()
        return Brief(
            about=self.about,
            own=self.own,
            answer=tuple(self._answer(sentences[:_ANSWERS])),
            findings=() if self.own.conclusion else tuple(sentences[_ANSWERS : _ANSWERS + _FURTHER]),
            rows=rows,
            caption=self._caption(len(rows)),
            left_out=self._left_out(len(rows)),
            forest=forest,
            harvest=None if forest else self._harvest(outcomes, order),
            sureness=tuple(self._sureness()),
            ladder=whole.ladder,
            gaps=whole.gaps,
            searched=self._searched(),
            entries=tuple(self._entries()),
            style=self.style.code,
            style_label=self.style.label(self.language),
            synthesis_url=whole.criteria_url,
            is_chosen_by_effect=whole.is_chosen_by_effect,
        )

    # --- The answer ---------------------------------------------------------------------------------------------

    def _answer(self, sentences: list[Sentence]) -> Iterator[Claim]:
        """Yield the answer: what evaluations found, what there is of Peru, and how sure that is."""
        yield from map(Claim, sentences)
        if not self.total.evaluations:
            yield Claim(
                told(
                    ngettext(
                        "Este banco no tiene ninguna evaluación con que responder: tiene %(studies)s, que describe o "
                        "reúne.",
                        "Este banco no tiene ninguna evaluación con que responder: tiene %(studies)s, que describen o "
                        "reúnen.",
                        len(self.total.studies),
                    )
                    % {"studies": linked(self.whole.studies.text, self.whole.studies.url)}
                )
            )
        elif not sentences:
            evaluations = linked(self.whole.evaluations.text, self.whole.evaluations.url)
            yield Claim(
                told(_("En este banco hay %(evaluations)s, sin resultados medidos.") % {"evaluations": evaluations})
            )
        yield self._of_peru()
        if self.total.evaluations:
            yield Claim(told(self._certainty()))

    def _certainty(self) -> str:
        randomised = len(self.total.chosen(self.basis.evidence, design="randomised"))
        evaluations = linked(self.whole.evaluations.text, self.whole.evaluations.url)
        if not randomised:
            return _("De %(all)s, ninguna es aleatorizada; la certeza del conjunto no está evaluada.") % {
                "all": evaluations
            }
        return ngettext(
            "De %(all)s, %(some)s es aleatorizada; la certeza del conjunto no está evaluada.",
            "De %(all)s, %(some)s son aleatorizadas; la certeza del conjunto no está evaluada.",
            randomised,
        ) % {
            "all": evaluations,
            "some": linked(self._number(randomised), self.basis.address(Place(strength="randomised"))),
        }

    def _of_peru(self) -> Claim:
        nearest_step = self.whole.ladder[0]
        if not nearest_step.studies:
            return Claim(told(_("Del Perú no hay ninguno en este banco.")))
        numbers = tuple(
            self.cited[study.key]
            for study in (*self.shown, *self.reviews)
            if study.nearness == 0 and study.key in self.cited
        )
        return Claim(
            told(_("Del Perú hay %(counted)s.") % {"counted": linked(nearest_step.text, nearest_step.url)}), numbers
        )

    # --- How sure it is -----------------------------------------------------------------------------------------

    def _sureness(self) -> Iterator[Claim]:
        if self.total.evaluations:
            yield Claim(told(self._designs()))
        yield Claim(told(self._appraisals()))
        yield from self._appraised()
        if self.total.evaluations:
            yield Claim(told(self._mean()))
        if self.whole.all_reviews:
            numbers = tuple(
                self.cited[study.key]
                for study in (*self.shown, *self.reviews)
                if study.key in self.cited and self.basis.evidence.works[study.id].is_review
            )
            yield Claim(told(linked(self.whole.reviews_heading, self.whole.all_reviews.url) + "."), numbers)

    def _designs(self) -> str:
        """Say how many evaluations compare by which kind of design."""
        parts = []
        for design in STRENGTHS:
            if count := len(self.total.chosen(self.basis.evidence, design=design)):
                number = linked(self._number(count), self.basis.address(Place(strength=design)))
                parts.append(f"{number} {cell_text.design_text(design, count)}")
        evaluations = linked(self.whole.evaluations.text, self.whole.evaluations.url)
        return _("%(evaluations)s: %(designs)s.") % {"evaluations": evaluations, "designs": ", ".join(parts)}

    def _appraisals(self) -> str:
        found = by("appraisal", self.basis.studies, self.basis.evidence, self.basis.scope)
        count, every = len(found.get(APPRAISED, Tally()).studies), len(self.total.studies)
        all_of_them = linked(self._number(every), self.whole.studies.url)
        if not count:
            return ngettext(
                "El estudio no tiene evaluación de calidad: «no evaluado» no quiere decir bueno ni malo.",
                "Ninguno de los %(all)s estudios tiene evaluación de calidad: "
                "«no evaluado» no quiere decir bueno ni malo.",
                every,
            ) % {"all": all_of_them}
        some = linked(self._number(count), self.basis.address(Place(rows="appraisal", row=APPRAISED)))
        return ngettext(
            "%(some)s de %(all)s estudios tiene evaluación de calidad; «no evaluado» no quiere decir bueno ni malo.",
            "%(some)s de %(all)s estudios tienen evaluación de calidad; «no evaluado» no quiere decir bueno ni malo.",
            count,
        ) % {"some": some, "all": all_of_them}

    def _appraised(self) -> Iterator[Claim]:
        """Yield the judgement on each study of the brief that has one, that of the facet."""
        for key, number in self.cited.items():
            record = self.records[key]
            if record.appraisals:
                label = self.basis.vocabulary.label("certainty", record.appraisals[0].certainty, self.language)
                study = f"{name_of(record, self.language)}: {label}."
                yield Claim(told(study), (number,))

    def _mean(self) -> str:
        """Tell the means, or why there is none."""
        where = linked(_("Ver las cifras, una por evaluación"), f"{self.whole.criteria_url}#cifras")
        sets = [each for forest in self.whole.forests for each in forest.sets]
        means = [f"{each.measure}. {own.mean.sentence}" for each in self.whole.forests for own in each.sets if own.mean]
        if means:
            return f"{means[0]} {where}."
        reason = next((each.no_mean for each in sets if not each.is_too_small and each.no_mean), "")
        if not reason:
            reason = _("menos de tres evaluaciones independientes dan la misma medida de un mismo resultado.")
        return _("No se calcula un promedio: %(reason)s") % {"reason": f"{reason} {where}."}

    # --- Table and plot -----------------------------------------------------------------------------------------

    def _caption(self, count: int) -> str:
        if count == 1:
            return _("El estudio")
        return _("%(number)s estudios, del más cercano al Perú al más lejano") % {"number": self._number(count)}

    def _left_out(self, count: int) -> Sentence | None:
        every = len(self.total.studies)
        if count >= every:
            return None
        return told(
            _("Aquí, %(some)s de %(all)s: los más cercanos al Perú, uno por evaluación y primero las evaluaciones.")
            % {"some": self._number(count), "all": linked(self.whole.studies.text, self.whole.studies.url)}
        )

    def _forest(self) -> ForestView | None:
        """Return the first forest with a mean that leaves room on the sheet."""
        fitting = (each for each in self.whole.forests if each.has_mean and each.plot.frame.height <= _MOST_HEIGHT_PX)
        return next(fitting, None)

    def _harvest(self, outcomes: dict[str, Tally], order: tuple[str, ...]) -> HarvestView | None:
        """Draw as many of the most evaluated outcomes as leave room on the sheet."""
        drawn = None
        for count in range(1, _MOST_OUTCOMES + 1):
            view = harvest_view(
                outcomes,
                order[:count],
                self.basis.evidence,
                self.basis.vocabulary,
                self.language,
                self.basis.address,
            )
            if view.rows and view.plot.height <= _MOST_HEIGHT_PX:
                drawn = view
        return drawn

    # --- Search and references ----------------------------------------------------------------------------------

    def _searched(self) -> Sentence:
        return told(
            _("%(criteria)s: %(studies)s, %(evaluations)s.")
            % {
                "criteria": self.about.criteria[:1].upper() + self.about.criteria[1:],
                "studies": linked(self.whole.studies.text, self.whole.studies.url),
                "evaluations": linked(self.whole.evaluations.text, self.whole.evaluations.url)
                if self.total.evaluations
                else self.whole.evaluations.text,
            }
        )

    def _entries(self) -> Iterator[Entry]:
        for key, number in self.cited.items():
            reference = citations_reference.reference(self.records[key], language=self.language, on=self.about.on)
            yield Entry(number, self.style.cite(reference, self.language, ""), reference.language)

    def _number(self, number: int) -> str:
        return format_number(number, self.language)
