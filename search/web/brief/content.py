"""Builds a brief as blocks: what evaluations found, how sure that is, what it says for Peru, with every reference.

Page, Word and PDF render the same blocks. Numbers and sentences are those of the synthesis. The bounds of this module
keep a brief on two sheets.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.brief import blocks
from search.web.brief.author_text import AuthorText
from search.web.brief.blocks import BriefRun, BriefRuns, Citation
from search.web.brief.figures import choose_figure
from search.web.brief.rows import order_nearest_first, study_cells, study_columns, study_name
from search.web.evidence import cell_text
from search.web.evidence.intervention import find_uses
from search.web.evidence.page import Basis, Synthesis, build_synthesis
from search.web.evidence.sentences import Sentence, SentencePart, mark_link, parse_sentence
from search.web.evidence.uses import no_evaluation_text, what_there_is
from studies.citations import reference as citations_reference
from studies.citations.styles.registry import STYLES
from studies.models import Study
from studies.store.exchange.study import to_record
from studies.synthesis.evidence import STRENGTHS
from studies.synthesis.statements import rank_outcomes
from studies.synthesis.tables import APPRAISED, Tally, tally_by_dimension, tally_claims
from studies.synthesis.uses import Use
from studies.templatetags.bank import day
from studies.text.numbers import format_number
from studies.web.shared.bank_counts import BankVersion

MOST_STUDIES, MOST_WITH_CONCLUSION = 6, 5
"""Studies in the table, fewer if the preparer wrote a conclusion: their references take room too."""
MOST_REVIEWS = 2
_ANSWERS, _FURTHER = 2, 3


@dataclass(frozen=True, slots=True)
class BriefSubject:
    """What a brief is about. `criteria` says in words how its studies were found; `address` is its own, whole.

    `record_url`, the record of the search, is empty if somebody picked the studies. `unevaluated` is the code of
    the intervention that it is of, if nobody evaluated it, "" for any other subject.
    """

    title: str
    question: str
    criteria: str
    list_url: str
    record_url: str
    address: str
    on: datetime.date
    version: BankVersion
    unevaluated: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief as a list of blocks. `style` is the code of its citation style."""

    subject: BriefSubject
    own: AuthorText
    style: str
    blocks: tuple[blocks.Block, ...]

    @property
    def title(self) -> str:
        return self.own.title or self.subject.title


def build_brief(basis: Basis, subject: BriefSubject, own: AuthorText, style: str) -> Brief:
    """Build a brief: fifteen queries, one more for the names of shared data, whatever the number of studies.

    `style` is one of STYLES. Of an intervention without an evaluation it gives no verdict: it says so, and what there
    is instead.
    """
    return Brief(subject, own, style, tuple(_BriefBuilder(basis, subject, own, style).build()))


class _BriefBuilder:
    def __init__(self, basis: Basis, subject: BriefSubject, own: AuthorText, style: str) -> None:
        self.basis, self.subject, self.own, self.style = basis, subject, own, STYLES[style]
        self.language = basis.language
        self.whole: Synthesis = build_synthesis(basis)
        self.studies = mark_link(self.whole.studies.text, self.whole.studies.url)
        self.evaluations = mark_link(self.whole.evaluations.text, self.whole.evaluations.url)
        self.total: Tally = tally_claims(basis.studies, basis.evidence, basis.scope)
        self.uses = find_uses(subject.unevaluated) if subject.unevaluated else {}
        self.use_of = {study.key: use for use, studies in self.uses.items() for study in studies}
        in_order = [study for studies in self.uses.values() for study in studies] or order_nearest_first(
            self.total, basis.evidence
        )
        most = MOST_WITH_CONCLUSION if own.conclusion else MOST_STUDIES
        self.shown = in_order[:most]
        reviews = [study for study in in_order[most:] if basis.evidence.works[study.id].id in self.total.reviews]
        self.reviews = [] if self.uses else reviews[:MOST_REVIEWS]
        keys = [study.key for study in (*self.shown, *self.reviews)]
        self.records = {
            study.pk: to_record(study, basis.vocabulary) for study in Study.objects.for_export().in_order_of(keys)
        }
        # A study may be withdrawn between the two queries: then it has no record, and is left out.
        self.cited = {key: number for number, key in enumerate((key for key in keys if key in self.records), start=1)}

    def build(self) -> Iterator[blocks.Block]:
        """Yield the blocks in the order in which a brief is read."""
        if self.subject.unevaluated:
            yield from self._without_verdict()
            return
        told = (self.whole.lead, *self.whole.sentences) if self.total.evaluations else ()
        sentences = [sentence for sentence in told if sentence]
        if self.whole.tested:
            sentences.insert(0, Sentence((SentencePart(self.whole.tested),)))
        yield from self._head()
        yield from self._passages(sentences[:_ANSWERS])
        yield blocks.Heading(_("Qué muestran los estudios"))
        further = sentences[_ANSWERS : _ANSWERS + _FURTHER]
        # A conclusion of her own takes the room of these on the sheet.
        if further and not self.own.conclusion:
            yield blocks.BulletList(tuple(map(_runs, further)))
        yield self._studies()
        yield blocks.Heading(_("Qué tan seguro es"))
        yield blocks.BulletList(tuple(self._sureness()))
        yield blocks.Heading(_("Qué tan cerca del Perú"))
        yield blocks.Ladder(self.whole.ladder)
        if self.whole.gaps:
            yield blocks.Heading(_("Qué no se sabe"))
            yield blocks.BulletList(tuple(self._gaps()))
        yield from self._end()

    def _without_verdict(self) -> Iterator[blocks.Block]:
        """Yield the blocks of an intervention that nobody evaluated: no effect, no figure, no sign."""
        yield from self._head()
        there_is = what_there_is(self.subject.unevaluated, self.uses, self.basis.vocabulary, self.language)
        yield from self._passages([Sentence((SentencePart(f"{no_evaluation_text()} {there_is}"),))])
        if self.cited:
            yield blocks.Heading(_("Qué estudios hay"))
            yield self._studies()
        if self.total.studies:
            yield blocks.Heading(_("Qué tan cerca del Perú"))
            yield blocks.Ladder(self.whole.ladder)
        yield blocks.Heading(_("Qué no se sabe"))
        yield blocks.BulletList(tuple(self._gaps()))
        yield from self._end()

    def _gaps(self) -> Iterator[BriefRuns]:
        for gap in self.whole.gaps:
            yield BriefRun(f"{gap.topic}: ", look="strong"), BriefRun(gap.text, gap.url)

    def _end(self) -> Iterator[blocks.Block]:
        yield blocks.Heading(_("Cómo se buscó"))
        yield self._search()
        if not self.cited:
            return
        yield blocks.Heading(_("Referencias"), note=self.style.label(self.language), id="referencias")
        yield blocks.ReferenceListBlock(tuple(self._references()))

    # --- Head and answer ----------------------------------------------------------------------------------------

    def _head(self) -> Iterator[blocks.Block]:
        yield blocks.Paragraph((BriefRun(_("Ficha de evidencia")),), "eyebrow")
        yield blocks.Heading(self.own.title or self.subject.title, level=1)
        yield blocks.Paragraph((BriefRun(self.own.question or self.subject.question),), "lead")
        prepared = _("Preparada con el Banco de Evidencias el %(day)s, versión %(number)s.") % {
            "day": day(self.subject.on),
            "number": self._number(self.subject.version.change_no),
        }
        names = _("Texto de quien preparó la ficha: %(names)s.") % {"names": ", ".join(self.own.names)}
        # Not inside the braces of an f-string: the extraction of texts does not look there.
        rest = _("Lo demás es del banco.")
        own = (BriefRun(f" {names}", look="strong"), BriefRun(f" {rest}")) if self.own.names else ()
        yield blocks.Paragraph((BriefRun(prepared), *own), "soft")

    def _passages(self, sentences: list[Sentence]) -> Iterator[blocks.Block]:
        label = ""
        if self.own.conclusion:
            label = _("Respuesta del banco, hecha por reglas")
            paragraphs = tuple((BriefRun(text),) for text in self.own.paragraphs)
            yield blocks.Passage(_("Conclusión de quien preparó la ficha"), paragraphs, is_own=True)
        answer = tuple(run for claim in self._answer(sentences) for run in (*claim, BriefRun(" ")))
        yield blocks.Passage(label, (answer,))
        if self.whole.is_chosen_by_effect:
            text = _(
                "La lista está filtrada por efecto: lo que se cuenta describe esa elección, no lo que halló la "
                "evidencia."
            )
            yield blocks.Paragraph((BriefRun(text),), "notice")

    def _answer(self, sentences: list[Sentence]) -> Iterator[BriefRuns]:
        """Yield the answer: what evaluations found, what there is of Peru, and how sure that is."""
        yield from map(_runs, sentences)
        if self.subject.unevaluated:
            return
        if not self.total.evaluations:
            yield _runs(
                parse_sentence(
                    ngettext(
                        "Este banco no tiene ninguna evaluación con que responder: tiene %(studies)s, que describe o "
                        "reúne.",
                        "Este banco no tiene ninguna evaluación con que responder: tiene %(studies)s, que describen o "
                        "reúnen.",
                        len(self.total.studies),
                    )
                    % {"studies": self.studies}
                )
            )
        elif not sentences:
            counted = {"evaluations": self.evaluations}
            yield _runs(parse_sentence(_("En este banco hay %(evaluations)s, sin resultados medidos.") % counted))
        yield self._of_peru()
        if self.total.evaluations:
            yield _runs(parse_sentence(self._risk_of_bias()))

    def _risk_of_bias(self) -> str:
        randomised = len(self.total.select_evaluations(self.basis.evidence, design="randomised"))
        if not randomised:
            return _("De %(all)s, ninguna es aleatorizada; la certeza del conjunto no está evaluada.") % {
                "all": self.evaluations
            }
        return ngettext(
            "De %(all)s, %(some)s es aleatorizada; la certeza del conjunto no está evaluada.",
            "De %(all)s, %(some)s son aleatorizadas; la certeza del conjunto no está evaluada.",
            randomised,
        ) % {
            "all": self.evaluations,
            "some": mark_link(self._number(randomised), self.basis.address(TablePlace(strength="randomised"))),
        }

    def _of_peru(self) -> BriefRuns:
        nearest_step = self.whole.ladder[0]
        if not nearest_step.studies:
            return _runs(parse_sentence(_("Del Perú no hay ninguno en este banco.")))
        numbers = tuple(
            self.cited[study.key]
            for study in (*self.shown, *self.reviews)
            if study.nearness == 0 and study.key in self.cited  # the first step of the ladder, Peru
        )
        return _runs(
            parse_sentence(
                _("Del Perú hay %(counted)s.") % {"counted": mark_link(nearest_step.text, nearest_step.url)}
            ),
            numbers,
        )

    # --- How sure it is -----------------------------------------------------------------------------------------

    def _sureness(self) -> Iterator[BriefRuns]:
        if self.total.evaluations:
            yield _runs(parse_sentence(self._designs()))
        yield _runs(parse_sentence(self._appraisals()))
        yield from self._appraised()
        if self.total.evaluations:
            yield _runs(parse_sentence(self._mean()))
        for shared in self.whole.shared_data:
            yield (BriefRun(shared),)
        if self.whole.all_reviews:
            numbers = tuple(
                self.cited[study.key]
                for study in (*self.shown, *self.reviews)
                if study.key in self.cited and self.basis.evidence.works[study.id].id in self.total.reviews
            )
            yield _runs(
                parse_sentence(mark_link(self.whole.reviews_heading, self.whole.all_reviews.url) + "."), numbers
            )

    def _designs(self) -> str:
        """Return how many evaluations have which strength of design."""
        parts = []
        for design in STRENGTHS:
            if count := len(self.total.select_evaluations(self.basis.evidence, design=design)):
                number = mark_link(self._number(count), self.basis.address(TablePlace(strength=design)))
                parts.append(f"{number} {cell_text.design_text(design, count)}")
        return _("%(evaluations)s: %(designs)s.") % {"evaluations": self.evaluations, "designs": ", ".join(parts)}

    def _appraisals(self) -> str:
        found = tally_by_dimension("appraisal", self.basis.studies, self.basis.evidence, self.basis.scope)
        count, every = len(found.get(APPRAISED, Tally()).studies), len(self.total.studies)
        all_of_them = mark_link(self._number(every), self.whole.studies.url)
        if not count:
            return ngettext(
                "El estudio no tiene evaluación de calidad: «aún sin revisar» no quiere decir buena ni mala.",
                "Ninguno de los %(all)s estudios tiene evaluación de calidad: "
                "«aún sin revisar» no quiere decir buena ni mala.",
                every,
            ) % {"all": all_of_them}
        some = mark_link(self._number(count), self.basis.address(TablePlace(rows="appraisal", row=APPRAISED)))
        return ngettext(
            "%(some)s de %(all)s estudios tiene evaluación de calidad; "
            "«aún sin revisar» no quiere decir buena ni mala.",
            "%(some)s de %(all)s estudios tienen evaluación de calidad; "
            "«aún sin revisar» no quiere decir buena ni mala.",
            count,
        ) % {"some": some, "all": all_of_them}

    def _appraised(self) -> Iterator[BriefRuns]:
        """Yield the certainty of each appraised study of the brief; of several, the one that the facet uses."""
        for key, number in self.cited.items():
            record = self.records[key]
            if record.own_appraisals:
                judged = record.own_appraisals[0].risk_of_bias
                label = self.basis.vocabulary.label("risk_of_bias", judged, self.language)
                study = f"{study_name(record, self.language)}: {label}."
                yield _runs(parse_sentence(study), (number,))

    def _mean(self) -> str:
        """Return the sentence of the first mean, or why there is none."""
        where = mark_link(_("Ver las cifras, una por evaluación"), f"{self.whole.criteria_url}#cifras")
        sets = [each for forest in self.whole.forests for each in forest.sets]
        means = [f"{each.measure}. {own.mean.sentence}" for each in self.whole.forests for own in each.sets if own.mean]
        if means:
            return f"{means[0]} {where}."
        reason = next((each.no_mean for each in sets if not each.is_too_small and each.no_mean), "")
        if not reason:
            reason = _("menos de tres evaluaciones independientes dan la misma medida de un mismo resultado.")
        return _("No se calcula un promedio: %(reason)s") % {"reason": f"{reason} {where}."}

    # --- Table and figure ---------------------------------------------------------------------------------------

    def _studies(self) -> blocks.TableBlock:
        outcomes = self.basis.outcomes()
        order = rank_outcomes(outcomes, self.basis.outcome_codes(), self.basis.evidence.taxonomy)
        places = {code: place for place, code in enumerate(order)}
        rows = tuple(
            study_cells(
                study,
                self.records[study.key],
                self.cited[study.key],
                self.basis.scope,
                places,
                self.basis.vocabulary,
                self.language,
                use=self.use_of.get(study.key),
            )
            for study in self.shown
            if study.key in self.cited
        )
        return blocks.TableBlock(
            self._caption(len(rows)),
            study_columns(has_effects=not self.uses),
            rows,
            note=self._left_out(len(rows)),
            figure=choose_figure(self.basis, self.whole, outcomes, order),
        )

    def _caption(self, count: int) -> str:
        if count == 1:
            return _("El estudio")
        if self.uses:
            return _("%(number)s estudios, ninguno una evaluación") % {"number": self._number(count)}
        return _("%(number)s estudios, del más cercano al Perú al más lejano") % {"number": self._number(count)}

    def _left_out(self, count: int) -> BriefRuns:
        if self.uses:
            every = sum(map(len, self.uses.values()))
            counts = {"some": self._number(count), "all": self._number(every)}
            return (BriefRun(_("La tabla muestra %(some)s de %(all)s.") % counts),) if count < every else ()
        if count >= len(self.total.studies):
            return ()
        return _runs(
            parse_sentence(
                _(
                    "La tabla muestra %(some)s de %(all)s: los más cercanos al Perú, uno por evaluación y primero las "
                    "evaluaciones."
                )
                % {"some": self._number(count), "all": self.studies}
            )
        )

    # --- Search and references ----------------------------------------------------------------------------------

    def _search(self) -> blocks.Paragraph:
        searched = parse_sentence(
            _("%(criteria)s: %(studies)s, %(evaluations)s.")
            % {
                "criteria": self.subject.criteria[:1].upper() + self.subject.criteria[1:],
                "studies": self.studies,
                "evaluations": self.evaluations if self.total.evaluations else self.whole.evaluations.text,
            }
        )
        version = _("Banco de Evidencias, versión %(number)s del %(date)s, consultado el %(day)s.") % {
            "number": self._number(self.subject.version.change_no),
            "date": day(timezone.localtime(self.subject.version.changed_at)),
            "day": day(self.subject.on),
        }
        record = (
            (BriefRun(", "), BriefRun(_("Registro de la búsqueda"), self.subject.record_url))
            if self.subject.record_url
            else ()
        )
        # They are no studies of the intervention, so that the search for it does not find them.
        text = _("Los que solo usan sus registros se buscan por la fuente de los datos.")
        by_records = (BriefRun(f" {text}"),) if Use.RECORDS in self.uses else ()
        reminder = _("Los conteos describen este banco, que no es una búsqueda sistemática, no toda la literatura.")
        opened = _("Los números de esta ficha se abren en:")
        return blocks.Paragraph(
            (
                *_runs(searched),
                *by_records,
                BriefRun(f" {version} "),
                BriefRun(_("Repetir la búsqueda"), self.subject.list_url),
                *record,
                BriefRun(f". {reminder} {opened} "),
                BriefRun(self.subject.address, self.subject.address),
            )
        )

    def _references(self) -> Iterator[blocks.BriefReference]:
        for key, number in self.cited.items():
            reference = citations_reference.make_reference(
                self.records[key], language=self.language, on=self.subject.on
            )
            yield blocks.BriefReference(number, self.style.cite(reference, self.language, ""), reference.language)

    def _number(self, number: int) -> str:
        return format_number(number, self.language)


def _runs(sentence: Sentence, references: tuple[int, ...] = ()) -> BriefRuns:
    """Return a sentence as runs, followed by the numbers of the references that support it."""
    cited = (Citation(references),) if references else ()
    return (*(BriefRun(part.text, part.url) for part in sentence.parts), *cited)
