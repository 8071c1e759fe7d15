"""Every place that counts evaluations of an intervention gives the number of the JSON, and takes no other study."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from search.criteria.evidence_address import TablePlace
from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.brief.author_text import AuthorText
from search.web.brief.blocks import Citation, TableBlock
from search.web.brief.content import Brief, build_brief
from search.web.brief.page import describe_subject
from search.web.compare.interventions import compare_interventions
from search.web.evidence.answer import Answer, build_answer
from search.web.evidence.files import effect_lines, estimate_lines
from search.web.evidence.intervention import InterventionPage, basis_of_intervention, intervention_page
from search.web.evidence.study_list import evidence_list
from search.web.evidence.theme import theme_page
from search.web.evidence.views import basis_of
from search.web.map.axes import Axes, EvidenceMap
from studies.models import Stage
from studies.store import vocabularies
from studies.store.vocabularies import TermView
from studies.web.shared.bank_counts import study_counts
from tests import independent_counts
from tests.factories import make_study
from tests.html_pages import page_of, parts, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]


def interventions() -> list[TermView]:
    return list(vocabularies.current().terms("interventions"))


def page_for(term: TermView) -> InterventionPage:
    return intervention_page(term, vocabularies.current(), "es")


def brief_of(term: TermView) -> Brief:
    body = gather_evidence(read_criteria(QueryDict(urlencode({"intervention": term.code}))))
    subject = describe_subject(body, lambda path: path, "vancouver", "es")
    own = AuthorText.of({}, title=subject.title, question=subject.question)
    return build_brief(basis_of(body, "es"), subject, own, "vancouver")


def rows_of(lines: Iterator[str]) -> list[dict[str, str]]:
    return list(csv.DictReader("".join(lines).removeprefix("\ufeff").splitlines()))


def studies_testing(code: str) -> set[str]:
    """Return the ids of the studies of an evaluation of an intervention, from the JSON."""
    studies = independent_counts.bank()[0]
    return {
        id_
        for id_, study in studies.items()
        if independent_counts.is_counted(study) and code in independent_counts.tested(study)
    }


def evaluated_behind(address: str) -> set[str]:
    """Return the ids of the studies that a list shows as those of evaluations."""
    data = QueryDict(urlsplit(address).query)
    found = evidence_list(gather_evidence(read_criteria(data)), TablePlace.from_query(data), 1, "es")
    return {
        study.url.strip("/").rpartition("/")[2]
        for section in found.sections
        for work in section.works
        if work.effect
        for study in work.studies
    }


def studies_told(answer: Answer) -> Iterator[str]:
    """Yield the studies behind every number of what an answer says of effects."""
    sentences = [*answer.said]
    for group in answer.groups:
        sentences += [group.heading, *group.others]
        for row in group.rows:
            sentences += [*row.measured, *row.effect, *row.one_by_one, *row.absolute]
    for url in (part.url for sentence in sentences for part in sentence.parts if part.url):
        ids = QueryDict(urlsplit(url).query).getlist("id")
        yield from ids or [url.strip("/").rpartition("/")[2]]


class TestEveryIntervention:
    def test_has_the_number_of_the_json_on_page_map_comparison_theme_and_file(self):
        expected = {code: len(own) for code, own in independent_counts.evaluations().items()}
        on_map = EvidenceMap(gather_evidence(read_criteria(QueryDict(""))), Axes.of({}), "es").row_totals
        counts = study_counts()
        for term in interventions():
            number = expected.get(term.code, 0)
            basis = basis_of_intervention(term, vocabularies.current(), "es")
            assert page_for(term).whole.synthesis.evaluation_count == number, term.code
            assert (on_map[term.code].evaluations if term.code in on_map else 0) == number, term.code
            assert counts.of_intervention(term.code).evaluations == number, term.code
            assert compare_interventions([term], vocabularies.current(), "es").evaluations == number, term.code
            in_file = {row["evaluation"] for row in rows_of(effect_lines(basis))}
            # An evaluation that names no outcome has no line.
            assert in_file <= independent_counts.evaluations().get(term.code, set()), term.code

    def test_has_the_numbers_of_the_json_by_outcome(self):
        expected = independent_counts.evaluations_by_outcome()
        shown = EvidenceMap(gather_evidence(read_criteria(QueryDict(""))), Axes.of({"columns": "outcome"}), "es")
        vocabulary = vocabularies.current()
        for term in interventions():
            own = {outcome: works for (code, outcome), works in expected.items() if code == term.code}
            in_file: defaultdict[str, set[str]] = defaultdict(set)
            for row in rows_of(effect_lines(basis_of_intervention(term, vocabulary, "es"))):
                in_file[row["outcome"]].add(row["evaluation"])
            assert dict(in_file) == own, term.code
            for outcome in vocabulary.terms("outcomes"):
                cell = shown.table.cell(term.code, outcome.code)
                assert cell.evaluations == len(own.get(outcome.code, ())), (term.code, outcome.code)

    def test_takes_no_study_in_which_it_is_neither_evaluated_nor_a_component(self):
        vocabulary = vocabularies.current()
        for term in interventions():
            tested, page = studies_testing(term.code), page_for(term)
            synthesis = page.whole.synthesis
            assert set(studies_told(page.whole.answer)) <= tested, term.code
            assert evaluated_behind(synthesis.evaluations.url) <= tested, term.code
            basis = basis_of_intervention(term, vocabulary, "es")
            in_files = {id_ for row in rows_of(effect_lines(basis)) for id_ in row["studies"].split("; ")}
            in_files |= {row["study"] for row in rows_of(estimate_lines(basis)) if row["study"]}
            assert in_files <= tested, term.code
            drawn = {row.study.id for view in synthesis.forests for row in view.plot.forest.rows}
            panels = synthesis.effects.panels if synthesis.effects else ()
            drawn |= {row.study.id for panel in panels for row in panel.placed.panel.estimates}
            assert drawn <= tested, term.code

    def test_has_no_row_in_its_brief_that_cites_a_study_that_does_not_study_it_so(self):
        studies = independent_counts.bank()[0]
        for term in interventions():
            brief = brief_of(term)
            if brief.subject.unevaluated:
                continue
            cited = {
                number
                for block in brief.blocks
                if isinstance(block, TableBlock) and block.role == "findings"
                for row in block.rows
                for cell in row
                if isinstance(cell, tuple)
                for run in cell
                if isinstance(run, Citation)
                for number in run.numbers
            }
            rows = {
                id_
                for group in build_answer(basis_of_intervention(term, vocabularies.current(), "es")).groups
                for row in group.rows
                for id_ in row.papers
            }
            assert all(term.code in independent_counts.tested(studies[id_]) for id_ in rows), term.code
            assert bool(cited) <= bool(rows), term.code


class TestAnInterventionThatNobodyEvaluated:
    def codes(self) -> list[str]:
        return [term.code for term in interventions() if term.code not in independent_counts.evaluations()]

    def test_says_so_and_shows_no_effect(self, client: Client):
        for code in self.codes():
            page = page_of(client, f"/intervenciones/{code}/")
            (answer,) = parts(page, "answer")
            assert "ninguna evaluación de esta intervención" in text_of(answer)
            assert "Sin juicio" in text_of(answer)
            assert not parts(page, "sof")
            (description,) = page.xpath(".//meta[@name='description']/@content")
            assert "ninguna evaluación de esta intervención" in description
            assert not parts(page, "effect")
            assert "según sus autores" not in text_of(page.find(".//main"))

    def test_lists_who_uses_its_records_and_who_describes_it_apart(self, client: Client):
        studies = independent_counts.bank()[0].values()
        page = page_of(client, "/intervenciones/helpline/")
        (section,) = page.xpath(".//section[@aria-labelledby='records']")
        assert len(parts(section, "list__title")) == sum("helpline-calls" in study["data_sources"] for study in studies)
        shelter = page_of(client, "/intervenciones/shelter/")
        described = sum({"code": "shelter", "role": "described"} in study["interventions"] for study in studies)
        (section,) = shelter.xpath(".//section[@aria-labelledby='described']")
        assert len(parts(section, "list__title")) == described

    def test_lists_no_records_of_other_services_as_its_own(self, client: Client):
        studies = independent_counts.bank()[0].values()
        number = sum("service-records" in study["data_sources"] for study in studies)
        page = page_of(client, "/intervenciones/shelter/")
        assert not page.xpath(".//section[@aria-labelledby='records']")
        (link,) = page.xpath(".//main//a[contains(@href, 'data_source=service-records')]")
        assert text_of(link) == f"{number} estudios de este banco"
        assert "registros de servicios" not in page.xpath(".//meta[@name='description']/@content")[0]

    def test_gets_no_verdict_in_its_brief(self, client: Client):
        for code in self.codes():
            page = page_of(client, f"/ficha/?intervention={code}")
            told = text_of(page.find(".//main"))
            assert "no permite decir qué efecto tiene" in told
            assert "según sus autores" not in told
            assert not parts(page, "effect")
            assert client.get(f"/ficha/ficha.docx?intervention={code}").status_code == 200

    def test_is_told_so_in_a_comparison_and_on_the_map(self, client: Client):
        for code in self.codes():
            page = page_of(client, f"/comparar/?intervention={code}&intervention=engaging-men")
            assert "ninguna evaluación de esta intervención" in text_of(page.find(".//main"))
        told = page_of(client, "/mapa/").xpath(".//tbody//th/small")
        assert len(told) == len(self.codes())


class TestAStudyThatTestsAndDoesNotCount:
    def test_is_told_by_its_main_design_since_another_may_compare_groups(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED, designs=("mixed-methods", "natural-experiment"))
        page = page_of(client, "/intervenciones/engaging-men/")
        (section,) = page.xpath(".//section[@aria-labelledby='uncounted']")
        assert section.xpath(f".//a[contains(@href, '{study.slug}')]")
        assert "Su diseño principal no es un sorteo ni un cuasiexperimento." in text_of(section)


class TestEveryTheme:
    def test_counts_of_an_intervention_the_evaluations_of_its_own_studies(self):
        vocabulary, counts = vocabularies.current(), study_counts()
        studies, trials, _families = independent_counts.bank()
        for theme in vocabulary.terms("themes"):
            page = theme_page(theme, vocabulary, counts, "es")
            shown = {row.label: row.counts.evaluations for row in (*page.rows, *page.other_rows) if row.page_url}
            for term in interventions():
                held = {
                    work
                    for work in independent_counts.evaluations().get(term.code, set())
                    if any(
                        theme.code in study["themes"] and term.code in independent_counts.tested(study)
                        for id_, study in studies.items()
                        if independent_counts.is_counted(study) and (id_ == work or work in trials.get(id_, ()))
                    )
                }
                label = term.label("es")
                assert shown.get(label, 0) == len(held), (theme.code, term.code)


class TestFactors:
    def test_have_a_map_of_their_own_that_counts_studies(self, client: Client):
        studies = independent_counts.bank()[0].values()
        page = page_of(client, "/mapa/?rows=exposure")
        assert not parts(page, "marks")
        assert "Evaluaciones:" not in text_of(page.find(".//main"))
        (row,) = page.xpath(".//tbody//tr[th[normalize-space()='Cuarentena']]")
        total = row.xpath("./td")[-1]
        assert text_of(total.find(".//b")) == str(sum("lockdown" in study["exposures"] for study in studies))

    def test_are_a_click_away_from_the_map_of_interventions(self, client: Client):
        (link,) = page_of(client, "/mapa/").xpath(".//a[contains(@href, 'rows=exposure')]")
        assert text_of(link) == "Ver los factores estudiados"


class TestAList:
    @pytest.mark.parametrize("kind", ["review", "ongoing"])
    def test_of_what_is_no_evaluation_counts_none(self, kind: str):
        found = evidence_list(gather_evidence(read_criteria(QueryDict(""))), TablePlace(kind=kind), 1, "es")
        assert found.evaluations == 0
        assert "evaluaci" not in found.heading
