"""Builds a brief as blocks: the answer, the summary of findings, what nobody knows, how near to Peru, references.

Page, Word and PDF render the same blocks. Sentences and numbers are those of the answer. The bounds of this module and
of `paper` keep a brief on two sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.criteria.evidence_address import TablePlace
from search.web.brief import blocks
from search.web.brief.answered import Answered, tell_reviews
from search.web.brief.author_text import AuthorText
from search.web.brief.blocks import BriefRun, BriefRuns, runs_of
from search.web.brief.figures import choose_figure
from search.web.brief.findings import FindingsTable, other_outcomes
from search.web.brief.paper import SHEETS_MM, measure
from search.web.brief.references import CitedStudies
from search.web.brief.rows import studies_table
from search.web.brief.search_note import search_note
from search.web.brief.signed import conclusion_passage, safety_blocks
from search.web.brief.subject import BriefSubject
from search.web.evidence import cell_text
from search.web.evidence.answer import Answer, build_answer, namer
from search.web.evidence.basis import Basis
from search.web.evidence.coverage import CoverageSurvey
from search.web.evidence.intervention import find_uses
from search.web.evidence.page import shared_data_sentences, tested_text
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from search.web.evidence.uses import no_evaluation_text, what_there_is
from search.web.evidence.written_texts import WrittenTexts, read_texts, with_judgements
from studies.citations.styles.registry import STYLES
from studies.synthesis.tables import Tally, find_shared_data, tally_claims
from studies.templatetags.bank import day
from studies.text.numbers import format_number
from studies.web.shared import queries

MOST_STUDIES = 8
"""Studies in the table of a body of evidence without an evaluation."""

MOST_CITED, MOST_CITED_WITH_FIGURE, MOST_CITED_WITH_CONCLUSION, REFERENCE_MM = 10, 7, 6, 9.0
"""References, fewer beside a figure, a conclusion of the preparer or a safety note, and the height kept for each."""

MOST_PROGRAMMES, MOST_SHARED = 5, 2
"""Programmes that a step of the ladder to Peru names, and sets of data that several evaluations use."""


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
    """Build a brief, with the same number of queries whatever the number of studies.

    `style` is one of STYLES. Of an intervention without an evaluation it gives no verdict: it says so, and what there
    is instead.
    """
    return Brief(subject, own, style, tuple(_BriefBuilder(basis, subject, own, style).build()))


class _BriefBuilder:
    def __init__(self, basis: Basis, subject: BriefSubject, own: AuthorText, style: str) -> None:
        self.basis, self.subject, self.own, self.style = basis, subject, own, STYLES[style]
        self.language = basis.language
        self.total: Tally = tally_claims(basis.studies, basis.evidence, basis.scope)
        self.survey = CoverageSurvey(
            basis.studies, basis.evidence, basis.scope, basis.vocabulary, basis.language, basis.address, self.total
        )
        self.evaluations = _linked(
            cell_text.evaluations_text(self.total.evaluations, self.language),
            basis.address(TablePlace(kind="evaluation")) if self.total.evaluations else "",
        )
        self.studies = _linked(
            cell_text.studies_text(len(self.total.studies), 0, self.language), basis.address(TablePlace())
        )

    def build(self) -> Iterator[blocks.Block]:
        """Yield the blocks in the order in which a brief is read."""
        term = self.subject.term
        texts = read_texts(term, self.language, namer(self.basis)) if term else WrittenTexts(None)
        if self.subject.unevaluated:
            yield from self._without_verdict(texts)
            return
        answer = build_answer(self.basis, term.code if term and term.vocabulary == "themes" else None)
        if any(group.rows or group.others for group in answer.groups):
            yield from self._with_findings(with_judgements(answer, texts.certainties), texts)
        else:
            yield from self._without_findings(answer, texts)

    def _with_findings(self, answer: Answer, texts: WrittenTexts) -> Iterator[blocks.Block]:
        conclusion = texts.conclusion
        figure = choose_figure(self.basis)
        shared = find_shared_data(self.total, self.basis.evidence)
        names = queries.evaluation_names(shared) if shared else {}
        sentences = tuple(shared_data_sentences(shared, names, self.language, MOST_SHARED))
        told = Answered(answer, texts, sentences, self.basis, self.subject.term)
        most = MOST_CITED_WITH_CONCLUSION if self.own.conclusion or texts.safety else MOST_CITED
        if figure:
            most = min(most, MOST_CITED_WITH_FIGURE)

        def build(cited: CitedStudies, findings: Iterable[blocks.Block | None]) -> Iterator[blocks.Block]:
            yield from self._head()
            yield from self._own_conclusion()
            yield conclusion_passage(conclusion, cited) if conclusion else self._said(answer, cited)
            yield from self._notes(has_conclusion=conclusion is not None)
            yield told.key_facts()
            yield blocks.Heading(_("Qué muestran los estudios"))
            yield from filter(None, findings)
            yield blocks.Heading(_("Cuán seguros podemos estar"))
            yield blocks.BulletList(tuple(told.sureness(cited)))
            yield blocks.Heading(_("Qué no se sabe"))
            yield blocks.BulletList(tuple((BriefRun(text),) for text in answer.not_known))
            yield from self._peru()
            yield blocks.Heading(_("Costos y daños"))
            yield blocks.BulletList(tuple(told.costs_and_harms(cited)))
            yield from safety_blocks(texts.safety, cited)
            yield from self._search()

        # The figure stands before the table: it is not parted, and lower down it might leave a part of a sheet empty.
        # The table takes the room that all else leaves; a figure that leaves too little for what the answer tells is
        # left out.
        nobody = CitedStudies.none(self.language)
        room_mm = SHEETS_MM - most * REFERENCE_MM - measure(build(nobody, [figure]))
        table = FindingsTable.fit(answer.groups, room_mm)
        if figure and not table.holds_first_of(answer.groups):
            table = FindingsTable.fit(answer.groups, room_mm + measure([figure]))
            figure = None
        cited = CitedStudies.choose(self.basis, answer, table.rows, texts, most)
        shown = table.block(cited, self.basis) if table.rows else _other_outcomes(answer)
        room_mm = SHEETS_MM - measure(build(cited, [figure, shown]))
        cited = cited.within(room_mm, self.style, self.subject.on)
        if table.rows:
            shown = table.block(cited, self.basis)
        yield from build(cited, [figure, shown])
        yield from self._references(cited)

    def _without_findings(self, answer: Answer, texts: WrittenTexts) -> Iterator[blocks.Block]:
        """Yield the blocks of studies of which none tells an effect: what they are, and what reviews say."""
        table, cited = studies_table(self.basis, self.total, MOST_STUDIES, self.studies)
        yield from self._head()
        yield from self._own_conclusion()
        said = list(answer.said)
        if self.total.evaluations:
            text = _("En este banco hay %(evaluations)s, sin resultados medidos.") % {"evaluations": self.evaluations}
            said = [parse_sentence(text)]
        yield from self._said_of_none(said, texts, cited)
        yield from self._notes(has_conclusion=True)
        if table:
            yield blocks.Heading(_("Qué estudios hay"))
            yield table
        if answer.reviews:
            yield blocks.Heading(_("Qué dicen las revisiones"))
            yield blocks.BulletList(tuple(tell_reviews(answer, cited)))
        yield blocks.Heading(_("Qué no se sabe"))
        yield blocks.BulletList(tuple(self._gaps()))
        yield from self._peru()
        yield from safety_blocks(texts.safety, cited)
        yield from self._search()
        yield from self._references(cited)

    def _without_verdict(self, texts: WrittenTexts) -> Iterator[blocks.Block]:
        """Yield the blocks of an intervention that nobody evaluated: no effect, no figure, no sign."""
        uses = find_uses(self.subject.unevaluated)
        table, cited = studies_table(self.basis, self.total, MOST_STUDIES, self.studies, uses)
        there_is = what_there_is(self.subject.unevaluated, uses, self.basis.vocabulary, self.language)
        yield from self._head()
        yield from self._own_conclusion()
        yield from self._said_of_none([parse_sentence(f"{no_evaluation_text()} {there_is}")], texts, cited)
        if table:
            yield blocks.Heading(_("Qué estudios hay"))
            yield table
        yield blocks.Heading(_("Qué no se sabe"))
        yield blocks.BulletList(tuple(self._gaps()))
        if self.total.studies:
            yield from self._peru()
        yield from safety_blocks(texts.safety, cited)
        yield from self._search()
        yield from self._references(cited)

    # --- Parts of a brief ---------------------------------------------------------------------------------------

    def _head(self) -> Iterator[blocks.Block]:
        yield blocks.Paragraph((BriefRun(_("Ficha de evidencia")),), "eyebrow")
        yield blocks.Heading(self.own.title or self.subject.title, level=1)
        yield blocks.Paragraph((BriefRun(self.own.question or self.subject.question),), "lead")
        prepared = _("Preparada con el Banco de Evidencias el %(day)s, versión %(number)s.") % {
            "day": day(self.subject.on),
            "number": format_number(self.subject.version.change_no, self.language),
        }
        names = _("Texto de quien preparó la ficha: %(names)s.") % {"names": ", ".join(self.own.names)}
        # Not inside the braces of an f-string: the extraction of texts does not look there.
        rest = _("Lo demás es del banco.")
        own = (BriefRun(f" {names}", look="strong"), BriefRun(f" {rest}")) if self.own.names else ()
        yield blocks.Paragraph((BriefRun(prepared), *own), "soft")

    def _own_conclusion(self) -> Iterator[blocks.Block]:
        if self.own.conclusion:
            paragraphs = tuple((BriefRun(text),) for text in self.own.paragraphs)
            yield blocks.Passage(_("Conclusión de quien preparó la ficha"), paragraphs, is_own=True)

    def _said(self, answer: Answer, cited: CitedStudies) -> blocks.Passage:
        tested = tested_text(self.basis) if self.basis.is_chosen_by_context else ""
        return self._passage([*([parse_sentence(tested)] if tested else []), *answer.said], cited)

    def _passage(self, sentences: Iterable[Sentence], cited: CitedStudies) -> blocks.Passage:
        label = _("Respuesta del banco, hecha por reglas") if self.own.conclusion else ""
        runs = tuple(run for sentence in sentences for run in (*cited.runs(sentence), BriefRun(" ")))
        return blocks.Passage(label, (runs,))

    def _said_of_none(
        self, sentences: Sequence[Sentence], texts: WrittenTexts, cited: CitedStudies
    ) -> Iterator[blocks.Block]:
        """Yield that no evaluation tells an effect, behind the conclusion where people published one."""
        if texts.conclusion is None:
            yield self._passage(sentences, cited)
            return
        yield conclusion_passage(texts.conclusion, cited)
        yield blocks.Paragraph(tuple(run for sentence in sentences for run in (*runs_of(sentence), BriefRun(" "))))

    def _notes(self, *, has_conclusion: bool) -> Iterator[blocks.Block]:
        if not has_conclusion:
            text = _(
                "Nadie ha escrito aún una conclusión: esta respuesta está hecha por reglas, y los efectos son los que "
                "publican los autores de cada estudio."
            )
            yield blocks.Paragraph((BriefRun(text),), "soft")
        if self.basis.is_chosen_by_effect:
            text = _(
                "La lista está filtrada por efecto: lo que se cuenta describe esa elección, no lo que halló la "
                "evidencia."
            )
            yield blocks.Paragraph((BriefRun(text),), "notice")

    def _peru(self) -> Iterator[blocks.Block]:
        yield blocks.Heading(_("Qué tan cerca del Perú"))
        runs: list[BriefRun] = []
        none = []
        for step in self.survey.ladder():
            if not step.studies:
                none.append(step.label)
                continue
            programmes = f" ({self._some(step.programmes)})" if step.programmes else ""
            runs += [
                BriefRun(f"{step.label}: ", look="strong"),
                BriefRun(step.text, step.url),
                BriefRun(f"{programmes}. "),
            ]
        if none:
            runs.append(BriefRun(_("Sin estudios: %(places)s.") % {"places": "; ".join(none)}))
        yield blocks.Paragraph(tuple(runs))

    def _some(self, programmes: Sequence[str]) -> str:
        """Return the first programmes, and how many more there are."""
        named, more = ", ".join(programmes[:MOST_PROGRAMMES]), len(programmes) - MOST_PROGRAMMES
        if more <= 0:
            return named
        return _("%(names)s y %(number)s más") % {"names": named, "number": format_number(more, self.language)}

    def _gaps(self) -> Iterator[BriefRuns]:
        for gap in self.survey.gaps():
            yield BriefRun(f"{gap.topic}: ", look="strong"), BriefRun(gap.text, gap.url)

    def _search(self) -> Iterator[blocks.Block]:
        yield blocks.Heading(_("Cómo se buscó"))
        counts = {"studies": self.studies, "evaluations": self.evaluations}
        yield search_note(self.subject, counts, self.language)

    def _references(self, cited: CitedStudies) -> Iterator[blocks.Block]:
        if not cited.numbers:
            return
        yield blocks.Heading(_("Referencias"), note=self.style.label(self.language), id="referencias")
        yield blocks.ReferenceListBlock(tuple(cited.references(self.style, self.subject.on)))


def _other_outcomes(answer: Answer) -> blocks.BulletList:
    return blocks.BulletList(tuple(other_outcomes(answer.groups)))


def _linked(text: str, url: str) -> str:
    return mark_link(text, url) if url else text
