"""Pages of answers: what stands first, what people wrote and what nobody has, and no count of votes anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.evidence.answer import GROUPS_IN_SIGHT, ROWS_IN_SIGHT, Answer, build_answer
from search.web.evidence.theme import CountRow, row_columns
from search.web.evidence.views import basis_of
from studies.learning import reviewed_texts
from studies.models import Stage
from studies.store import evidence_snapshot, vocabularies
from studies.web.shared.bank_counts import StudyCounts
from tests.factories import edit, make_study, user_with_role
from tests.html_pages import page_of, parts, text_of
from tests.search.web.test_answers_of_the_bank import FORBIDDEN
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published, term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

EVALUATED = "/intervenciones/economic-plus/"
PAGES = (
    EVALUATED,
    "/intervenciones/cash-transfer/",
    "/intervenciones/police-response/",
    "/intervenciones/shelter/",
    "/intervenciones/helpline/",
    "/temas/prevention/",
    "/evidencia/",
    "/evidencia/?country=PE",
)
SIX = {
    "es": ["Evaluaciones", "Certeza", "Costo", "Daños", "Perú", "Revisiones"],
    "en": ["Evaluations", "Certainty", "Cost", "Harms", "Peru", "Reviews"],
}
_QUOTED = re.compile("«[^»]*»|“[^”]*”")
_ONCE_A_PAGE = re.compile("según sus autores|according to (?:its|their) authors", re.IGNORECASE)


def answer_of(query: str, language: str = "es") -> Answer:
    return build_answer(basis_of(gather_evidence(read_criteria(QueryDict(query))), language))


def facts_of(page: Any) -> dict[str, Any]:
    (line,) = parts(page, "keyline")
    return {text_of(fact.find("dt")): fact for fact in line.findall("div")}


def in_english(path: str) -> str:
    return "/en" + path.replace("intervenciones", "interventions").replace("temas", "themes").replace(
        "evidencia", "evidence"
    )


class TestWhatStandsFirst:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_the_answer_then_its_six_facts_in_their_order(self, client: Client, path: str):
        for language, address in (("es", path), ("en", in_english(path))):
            page = page_of(client, address)
            (section,) = page.xpath(".//main//section")[:1]
            assert section.get("class") == "answer"
            assert parts(section, "answer__said")
            assert list(facts_of(page)) == SIX[language]

    def test_is_what_search_engines_read_too(self, client: Client):
        for path in (EVALUATED, "/temas/autonomy/", "/evidencia/?country=PE", "/intervenciones/shelter/"):
            for address in (path, in_english(path)):
                page = page_of(client, address)
                (description,) = page.xpath(".//meta[@name='description']/@content")
                said = [text_of(line) for line in parts(page, "answer__said")[0].findall("li")]
                for line in said:
                    assert line in " ".join(description.split())

    def test_of_an_intervention_has_its_name_for_a_title_in_both_languages(self, client: Client):
        found = vocabularies.current().find("interventions", "economic-plus")
        assert found is not None
        for address, label in ((EVALUATED, found.es), (in_english(EVALUATED), found.en)):
            assert page_of(client, address).findtext(".//title").strip().startswith(label)

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_tells_evaluations_in_peru_where_there_are_any(self, language: str):
        start = {"es": "En el Perú. ", "en": "In Peru. "}[language]
        with override(language):
            for code in ("economic-plus", "cash-transfer", "school-based"):
                told = answer_of(f"intervention={code}", language)
                has_any = not next(fact for fact in told.facts if fact.label in ("Perú", "Peru")).is_lacking
                assert any(str(sentence).startswith(start) for sentence in told.said) is has_any, code

    def test_is_short_on_what_nobody_measured(self):
        with override("es"):
            for code in ("economic-plus", "school-based"):
                (unmeasured, *_others) = answer_of(f"intervention={code}").not_known
                assert unmeasured.startswith("Ninguna de estas evaluaciones midió: ")
                assert unmeasured.count("; ") <= 4


class TestNoPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_counts_votes_or_calls_anything_effective(self, client: Client, path: str):
        for address in (path, in_english(path)):
            main = page_of(client, address).find(".//main")
            # Titles of studies, what records say and the names of rules are not the bank's own words.
            for other in main.xpath(".//*[contains(@class, 'list__title')] | .//section[@aria-labelledby='cifras']"):
                other.getparent().remove(other)
            for sentence in (*parts(main, "answer"), *main.xpath(".//section//p | .//caption | .//h2 | .//h3")):
                text = _ONCE_A_PAGE.sub("", _QUOTED.sub("", text_of(sentence)))
                assert not FORBIDDEN.search(text), text

    @pytest.mark.parametrize("path", [path for path in PAGES if "shelter" not in path and "helpline" not in path])
    def test_says_according_to_its_authors_more_than_once(self, client: Client, path: str):
        (note,) = [
            each
            for each in page_of(client, path).xpath(".//main//p[contains(@class, 'note')]")
            if "según sus autores" in text_of(each)
        ]
        assert "«No concluye»" in text_of(note)
        assert note.xpath(".//a/@href") == ["/acerca/#respuestas"]

    def test_without_an_evaluation_says_it(self, client: Client):
        for code in ("shelter", "helpline"):
            main = page_of(client, f"/intervenciones/{code}/").find(".//main")
            assert "según sus autores" not in text_of(main)
            assert not parts(main, "sof")
            assert not main.xpath(".//*[@aria-labelledby='revisiones']")


class TestTheSummaryOfFindings:
    def test_has_a_row_for_each_priority_outcome_and_five_columns(self, client: Client):
        tables = page_of(client, EVALUATED).xpath(".//table[contains(@class, 'sof')][thead]")
        told = answer_of("intervention=economic-plus")
        assert sum(len(table.findall("tbody/tr")) for table in tables) == sum(len(each.rows) for each in told.groups)
        for table in tables:
            assert len(table.findall("thead/tr/th")) == 5
            assert all(len(row) == 5 for row in table.findall("tbody/tr"))

    @pytest.mark.parametrize("query", ["", "theme=attention", "intervention=cash-transfer"])
    def test_keeps_few_rows_in_sight_and_hides_none(self, query: str):
        told = answer_of(query)
        assert sum(group.in_sight for group in told.groups) <= ROWS_IN_SIGHT
        assert 0 < len(told.open_groups) <= GROUPS_IN_SIGHT
        assert {*told.open_groups, *told.folded_groups} == {*told.groups}
        for group in told.groups:
            assert (*group.first_rows, *group.folded_rows) == group.rows

    def test_ends_with_harms_and_costs(self, client: Client):
        last = page_of(client, EVALUATED).xpath(".//section[@aria-labelledby='efectos']//table")[-1]
        assert [text_of(head) for head in last.xpath(".//tbody/tr/th")] == ["Daños", "Costo"]

    def test_says_how_many_evaluations_tell_no_result(self):
        make_study(stage=Stage.PUBLISHED, interventions=("workplace",), findings=())
        evidence_snapshot.forget()
        told = answer_of("intervention=workplace")
        assert told.left_out == "De 1 evaluación el registro no trae ningún resultado que contar."
        assert not told.groups


class TestTheEndOfAPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_says_why_there_is_no_score_and_on_paper_where_the_page_is(self, client: Client, path: str):
        for address in (path, in_english(path)):
            page = page_of(client, address)
            assert page.xpath(
                "//main//a[contains(@href, '#respuestas')][contains(., 'puntaje') or contains(., 'score')]"
            )
            assert f"http://testserver{address}" in text_of(parts(page, "paper-only")[-1])


class TestTheInterventionsOfATheme:
    @pytest.mark.parametrize(("number", "tables"), [(1, [1]), (8, [8]), (9, [5, 4]), (16, [8, 8])])
    def test_stand_in_two_tables_where_one_would_be_long(self, number: int, tables: list[int]):
        none = StudyCounts((), evidence_snapshot.current())
        rows = tuple(CountRow(str(place), "", none) for place in range(number))
        columns = row_columns(rows)
        assert [len(each) for each in columns] == tables
        assert sum(columns, ()) == rows


class TestAConclusion:
    def read(self, client: Client, path: str = "/intervenciones/shelter/") -> Any:
        (found,) = parts(page_of(client, path), "conclusion")
        return found

    def test_is_said_to_be_missing_until_one_is_published(self, client: Client):
        for path in ("/intervenciones/shelter/", EVALUATED, "/temas/prevention/"):
            assert text_of(self.read(client, path)).startswith("Nadie ha escrito aún una conclusión.")
        make_conclusion()
        found = self.read(client)
        assert "Nadie ha escrito aún una conclusión." in text_of(found)
        assert "Una oración de prueba." not in text_of(found)

    def test_stands_with_its_studies_names_version_and_date(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study))
        found = self.read(client)
        assert text_of(found).startswith("Una oración de prueba. [")
        assert found.xpath(".//a/@href") == [f"/estudios/{study.slug}/"]
        assert re.search(
            r"Escribió Ana Prueba, oficina de prueba; revisó Eva Prueba\. Versión 1, \d+ de", text_of(found)
        )
        english = text_of(self.read(client, "/en/interventions/shelter/"))
        assert english.startswith("A made-up sentence. [")
        assert "Written by Ana Prueba, oficina de prueba; reviewed by Eva Prueba." in english

    def test_is_marked_as_soon_as_a_study_under_it_changes(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study))
        assert "conclusion--stale" not in self.read(client).get("class")
        edit(study, title="Otro título")
        found = self.read(client)
        assert "conclusion--stale" in found.get("class")
        assert re.match(
            r"Por revisar desde el \d+ de \w+ de \d{4}: cambió o se retiró un estudio citado\. Una oración",
            text_of(found),
        )

    def test_is_gone_when_it_is_withdrawn(self, client: Client):
        row = published(make_conclusion())
        reviewed_texts.move(row, "withdraw", by=user_with_role("Revisión"), note="Ya no vale.")
        assert "Nadie ha escrito aún una conclusión." in text_of(self.read(client))

    def test_is_not_asked_of_any_criteria(self, client: Client):
        assert not parts(page_of(client, "/evidencia/?country=PE"), "conclusion")

    def test_of_a_theme_stands_on_its_page(self, client: Client):
        published(make_conclusion(term=term("prevention", "themes")))
        assert text_of(self.read(client, "/temas/prevention/")).startswith("Una oración de prueba.")


class TestASafetyNote:
    def test_stands_only_once_it_is_published(self, client: Client):
        row = make_safety_note()
        assert "Nota de seguridad" not in text_of(page_of(client, "/intervenciones/shelter/"))
        published(row)
        assert "Nota de seguridad Cuidado." in text_of(page_of(client, "/intervenciones/shelter/"))


class TestCertainty:
    def fact(self, client: Client, path: str = EVALUATED) -> Any:
        return facts_of(page_of(client, path))["Certeza"]

    def test_is_not_judged_until_somebody_did(self, client: Client):
        make_certainty(intervention=term("economic-plus"))
        found = self.fact(client)
        assert text_of(found.find("dd")) == "Sin juicio nadie la ha juzgado aún"
        assert found.get("class") == "is-lacking"

    def test_stands_first_with_its_date_names_and_reasons(self, client: Client):
        published(make_certainty(intervention=term("economic-plus")))
        found = self.fact(client)
        assert re.match(r"Baja violencia de pareja, de cualquier tipo; \d+ de \w+ de \d{4}$", text_of(found.find("dd")))
        assert found.get("class") is None
        page = page_of(client, EVALUATED)
        (row, *_others) = page.xpath(".//table[contains(@class, 'sof')]//tr[td]")
        assert text_of(row[-1]).startswith("Certeza baja, juzgada el ")
        (first, *_others) = parts(page, "sure")[0]
        assert "baja, según Ana Prueba y Eva Prueba" in text_of(first)
        assert "Pocas personas." in text_of(first)

    def test_of_one_comparison_is_not_told_of_another(self, client: Client):
        published(make_certainty(intervention=term("economic-plus"), comparison="part"))
        told = answer_of("intervention=economic-plus")
        page = page_of(client, EVALUATED)
        judged = [
            text_of(table.find("caption"))
            for table in page.xpath(".//table[contains(@class, 'sof')][thead]")
            if "Certeza baja" in text_of(table)
        ]
        assert judged == [str(group.heading) for group in told.groups if group.kind == "part"]
        assert "frente a lo mismo sin un componente" in text_of(self.fact(client))

    def test_is_judged_for_interventions_alone(self, client: Client):
        published(make_certainty(intervention=term("economic-plus")))
        for path in ("/temas/autonomy/", "/evidencia/?intervention=economic-plus&country=PE"):
            assert text_of(self.fact(client, path).find("dd")) == "Sin juicio se juzga por intervención"
