"""The pages of programmes: along the learning cycle, with what each step rests on, and nothing that is not public."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from studies.learning import programmes
from studies.models import Evaluation, Programme, ProgrammeStudy, Stage, Term
from studies.records.study import InterventionRecord
from studies.store.changes import vocabulary_change
from studies.text.identifiers import registration_address
from tests import independent_counts
from tests.factories import make_study, merge_studies, user_with_role, withdraw
from tests.studies.records_factory import finding

PATAS = "/programas/hablemos-entre-patas/"


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def text(html: str) -> str:
    """Return the words of a page's content as they are read, without tags and line breaks."""
    content = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def make_programme(**changes: Any) -> Programme:
    """Make a public programme of Peru, under evaluation."""
    values = {
        "slug": "prueba",
        "name": "Programa de prueba",
        "name_es": "Programa de prueba",
        "name_en": "Test programme",
        "stage": "evaluation",
        "sources": ["https://example.org/programa"],
        "is_published": True,
    }
    with vocabulary_change():
        made = Programme.objects.create(**{**values, **changes})
        made.countries.add(Term.objects.get(vocabulary="countries", code="PE"))
        made.themes.add(Term.objects.get(vocabulary="themes", code="prevention"))
    return made


def steps(html: str) -> list[str]:
    """Return the steps of the cycle as they are read."""
    found = re.findall(r"<li[^>]*>\s*(<strong>.*?)</li>", html[html.index('class="stepper') :], re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", each)).strip() for each in found[:6]]


class TestRegistrations:
    @pytest.mark.parametrize(
        ("registration", "address"),
        [
            ("NCT05331248", "https://clinicaltrials.gov/study/NCT05331248"),
            ("ClinicalTrials.gov NCT00242957", "https://clinicaltrials.gov/study/NCT00242957"),
            ("AEARCTR-0010043", "https://www.socialscienceregistry.org/trials/10043"),
            ("ISRCTN12311597", "https://www.isrctn.com/ISRCTN12311597"),
            ("ANZCTR ACTRN12616000032459", "https://www.anzctr.org.au/ACTRN12616000032459.aspx"),
            (
                "PROSPERO CRD42017078611",
                "https://www.crd.york.ac.uk/prospero/display_record.php?ID=CRD42017078611",
            ),
            ("AEARCTR-0000000", ""),
            ("RPCEC00000001", ""),
            ("", ""),
        ],
    )
    def test_lead_to_the_registries_that_are_known(self, registration, address):
        assert registration_address(registration) == address


@pytest.mark.django_db
class TestRules:
    def test_no_programme_is_published_without_a_source(self):
        with pytest.raises(IntegrityError, match="programme_published_has_source"):
            make_programme(sources=[])

    def test_a_stage_is_one_of_the_cycle_or_beside_it(self):
        assert {*programmes.CYCLE, *programmes.BESIDE_CYCLE} == set(Programme.Stage.values)
        with pytest.raises(IntegrityError, match="programme_stage_is_known"):
            make_programme(stage="nada")

    def test_every_programme_of_the_fixtures_is_public(self):
        assert not Programme.objects.exclude(pk__in=Programme.objects.public()).exists()


@pytest.mark.django_db
class TestLineage:
    def test_goes_from_liberia_by_uganda_to_peru(self, client):
        for path, here in (
            (PATAS, "Hablemos Entre Patas"),
            ("/programas/real-man-challenge/", "Real Man Challenge"),
            ("/programas/real-man-challenge-liberia/", "Intervención de Liberia que originó el Real Man Challenge"),
        ):
            html = page(client, path)
            line = html[html.index('class="lineage"') : html.index("</ol>", html.index('class="lineage"'))]
            words = re.sub(r"<[^>]+>", "|", line)
            assert words.index("Liberia") < words.index("Uganda") < words.index("Perú")
            assert f"<strong>{here}</strong>" in line
            assert line.count("<a href=") == 2

    def test_says_what_a_second_branch_adapts(self, client):
        assert "SASA! (Beyond Borders) Haití Adapta SASA!." in text(page(client, "/programas/sasa/"))

    def test_leaves_out_what_is_not_public(self, client):
        Programme.objects.filter(slug="real-man-challenge").update(is_published=False)
        html = page(client, PATAS)
        assert "/programas/real-man-challenge-liberia/" in html
        assert "/programas/real-man-challenge/" not in html

    def test_of_one_alone_is_not_shown(self, client):
        assert 'class="lineage"' not in page(client, "/programas/lideres-en-accion/")

    def test_a_circle_in_the_database_is_followed_once(self, client):
        one = make_programme()
        other = make_programme(slug="otro", name="Otro", adapted_from=one)
        Programme.objects.filter(pk=one.pk).update(adapted_from=other)
        kin = programmes.read_lineages()
        assert [each.slug for each in programmes.list_ancestors(one.pk, kin)] == ["otro"]
        assert [each.slug for each in programmes.list_descendants(one.pk, kin)] == ["otro"]
        page(client, "/programas/prueba/")


@pytest.mark.django_db
class TestProgrammePage:
    def evaluations(self) -> int:
        """Return the evaluations of work with men, as the fixtures tell them."""
        return len(independent_counts.evaluations()["engaging-men"])

    def test_shows_its_stage_in_the_cycle_with_what_the_bank_has_of_each(self, client):
        html = page(client, PATAS)
        assert "Etapa 5 de 6: con resultados" in html
        # Nothing is registered of the first step.
        assert html.count('class="is-done"') == 3
        assert steps(html) == [
            "Diagnóstico Sin documento registrado en el banco.",
            f"Evidencia {self.evaluations()} evaluaciones en el banco: Trabajo con hombres y masculinidades",
            "Diseño Adapta Real Man Challenge (Uganda).",
            "Evaluación Ensayo aleatorizado individual, 2\u202f700 hombres.".replace("\u202f", " "),
            "Resultados (etapa actual) Un mes de retos por WhatsApp con hombres redujo la violencia sexual que "
            "reportaron sus parejas en el Perú",
            "Decisión y escala Ninguna registrada en el banco.",
        ]

    def test_claims_no_step_of_which_the_bank_holds_nothing(self, client):
        make_programme(stage="results")
        html = page(client, "/programas/prueba/")
        assert steps(html)[0] == "Diagnóstico Sin documento registrado en el banco."
        assert 'class="is-done"' not in html

    def test_counts_as_evaluation_only_what_tests_something(self, client):
        make_programme()
        make_study(
            stage=Stage.PUBLISHED,
            programme="Programa de prueba",
            interventions=(InterventionRecord("engaging-men", "described"),),
        )
        html = page(client, "/programas/prueba/")
        assert "Sin evaluación registrada en el banco." in html
        assert 'id="resultados"' not in html

    def test_names_institutions_in_the_language_of_the_page(self, client):
        make_programme(organisation="World Bank; Raising Voices")
        assert "Banco Mundial, Raising Voices" in text(page(client, "/programas/prueba/"))
        assert "World Bank, Raising Voices" in text(page(client, "/en/programmes/prueba/"))

    def test_is_in_english_below_en(self, client):
        html = page(client, "/en/programmes/hablemos-entre-patas/")
        assert "Stage 5 of 6: with results" in html
        assert f"{self.evaluations()} evaluations in the bank: Engaging men and boys" in text(html)
        assert "Where it comes from" in html
        assert f'<link rel="alternate" hreflang="es" href="http://testserver{PATAS}"' in html

    def test_gives_results_with_numbers_and_their_sources(self, client):
        words = text(page(client, PATAS))
        assert "La probabilidad de que la pareja reportara violencia sexual bajó 20 %" in words
        assert "\u221220" in words
        assert "Fuentes de los hallazgos: poverty-action.org" in words

    @pytest.mark.parametrize(
        ("evaluations", "place"),
        [
            ([{"status": "ongoing", "findings": ()}], "evaluacion"),
            ([{"year": 2021}, {"status": "ongoing", "findings": (), "year": 2024}], "evaluacion"),
            ([{"year": 2021}], "resultados"),
            ([{"year": 2021}, {"findings": (), "year": 2024}], "estudios"),
        ],
    )
    def test_tells_its_evaluation_where_the_step_of_the_cycle_leads(self, client, evaluations, place):
        make_programme()
        for changes in evaluations:
            make_study(stage=Stage.PUBLISHED, programme="Programa de prueba", **changes)
        html = page(client, "/programas/prueba/")
        assert re.findall(r'href="#(\w+)">Ensayo', html) == [place]
        assert f'id="{place}"' in html

    def test_under_evaluation_says_how_it_is_tested_and_when_results_are_announced(self, client):
        words = text(page(client, "/programas/lideres-en-accion/"))
        assert "Etapa 4 de 6: evaluación en curso" in words
        assert "NCT05331248" in words
        assert "Este banco no tiene resultados de una evaluación de este programa." in words
        assert "Fecha anunciada de resultados: sin dato." in words
        Programme.objects.filter(slug="lideres-en-accion").update(expected_results="2027")
        words = text(page(client, "/programas/lideres-en-accion/"))
        assert "Se anuncian para: 2027." in words
        assert "Resultados Anunciados para: 2027." in words

    def test_names_the_trial_and_its_registration_once(self, client):
        html = page(client, "/programas/image/")
        assert html.count(">ClinicalTrials.gov NCT00242957</a>") == 1
        assert ">NCT00242957</a>" not in html.replace("ClinicalTrials.gov NCT00242957", "")

    def test_asks_its_question_where_it_has_one(self, client):
        make_programme(question_es="¿Bajan los talleres la violencia?", description_es="Talleres. Otra oración.")
        html = page(client, "/programas/prueba/")
        assert '<p class="lead">¿Bajan los talleres la violencia?</p>' in html
        english = page(client, "/en/programmes/prueba/")
        assert '<span lang="es">¿Bajan los talleres la violencia?</span> <span class="tag">in Spanish</span>' in english

    def test_has_a_description_that_is_rich_and_clean(self, client):
        make_programme(description_es="<p>Con <strong>talleres</strong><script>alert(1)</script></p>")
        html = page(client, "/programas/prueba/")
        assert "<p>Con <strong>talleres</strong>" in html
        assert "<script>alert" not in html
        assert '<p class="lead">Con talleres' in html

    def test_shows_on_which_studies_it_rests(self, client):
        programme = make_programme()
        survey = make_study(stage=Stage.PUBLISHED, title_es="Encuesta previa", designs=("cross-sectional",))
        programme.rests_on.add(survey)
        html = page(client, "/programas/prueba/")
        assert "Encuesta previa" in html[html.index('id="apoyo"') :]
        assert steps(html)[0] == "Diagnóstico 1 estudio descriptivo en el que se apoya."

    def test_tells_studies_that_only_bear_on_it_apart_from_its_own(self, client):
        programme = make_programme(stage="scale-up")
        own = make_study(
            stage=Stage.PUBLISHED,
            programme="Programa de prueba",
            title_es="Estudio del programa",
            interventions=(InterventionRecord("engaging-men", "described"),),
        )
        calls = make_study(stage=Stage.PUBLISHED, title_es="Llamadas en la cuarentena", interventions=())
        for study in (own, calls):
            ProgrammeStudy.objects.create(programme=programme, study=study)
        words = text(page(client, "/programas/prueba/"))
        before, after = words.split("Estudios relacionados")
        assert "Estudio del programa" in before
        assert "Llamadas en la cuarentena" not in before
        assert "No son estudios de este programa" in after
        assert "Llamadas en la cuarentena" in after

    def test_without_an_evaluation_names_none(self, client):
        make_programme(stage="scale-up")
        html = page(client, "/programas/prueba/")
        assert "La evaluación que lo pone a prueba" not in html
        assert steps(html)[1] == "Evidencia Sin evaluaciones registradas en el banco."

    def test_of_a_programme_outside_the_cycle_says_so_and_claims_no_step(self, client):
        html = page(client, "/programas/real-man-challenge/")
        assert "Fuera del ciclo: sin dato" in html
        assert 'class="is-done"' not in html
        assert 'aria-current="step"' not in html

    @pytest.mark.thorough
    def test_every_programme_can_be_shown(self, client):
        for number, slug in enumerate(Programme.objects.values_list("slug", flat=True)):
            path = f"/programas/{slug}/" if number % 2 else f"/en/programmes/{slug}/"
            assert client.get(path).status_code == 200, path

    def test_bad_addresses_are_not_found(self, client):
        for path in ("/programas/nada/", "/programas/x%00/", "/en/programmes/nada/"):
            assert client.get(path).status_code == 404
        assert client.post(PATAS).status_code == 405

    def test_costs_as_many_queries_whatever_it_holds(self, client):
        programme = make_programme()
        counts = []
        for _round in range(2):
            for number in range(3):
                study = make_study(stage=Stage.PUBLISHED, programme="Programa de prueba")
                programme.rests_on.add(make_study(stage=Stage.PUBLISHED))
                trial = Evaluation.objects.create(
                    slug=f"e-{study.pk}-{number}", kind="trial", name_es="E", name_en="E", programme=programme
                )
                trial.evaluation_studies.create(study=study)
            client.get("/programas/prueba/")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get("/programas/prueba/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 26


@pytest.mark.django_db
class TestWhatIsNotPublic:
    def test_a_draft_programme_is_not_found_but_by_the_team(self, client):
        make_programme(is_published=False, name_es="Secreto")
        assert client.get("/programas/prueba/").status_code == 404
        assert "Secreto" not in page(client, "/programas/")
        assert "/programas/prueba/" not in page(client, "/sitemap-programmes.xml")
        client.force_login(user_with_role("Curaduría"))
        response = client.get("/programas/prueba/")
        assert "este programa no está publicado" in response.content.decode()
        assert response["Cache-Control"] == "private, no-store"
        assert "Secreto" not in page(client, "/programas/")

    def test_a_study_names_a_draft_programme_without_a_link(self, client):
        make_programme(is_published=False)
        study = make_study(stage=Stage.PUBLISHED, programme="Programa de prueba")
        html = page(client, f"/estudios/{study.slug}/")
        assert "Programa de prueba" in html
        assert "/programas/prueba/" not in html

    def test_studies_that_are_not_published_are_neither_shown_nor_counted(self, client):
        programme = make_programme()
        shown = make_study(stage=Stage.PUBLISHED, programme="Programa de prueba", title_es="Se ve")
        for number, stage in enumerate((Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED, Stage.PUBLISHED)):
            secret = make_study(
                stage=stage,
                programme="Programa de prueba",
                title_es=f"Zarzaparrilla {number}",
                key_finding_es="Zarzaparrilla",
                findings=(finding(statement_es="Zarzaparrilla"),),
            )
            ProgrammeStudy.objects.create(programme=programme, study=secret)
            programme.rests_on.add(secret)
            if number == 2:
                withdraw(secret)
            if number == 3:
                merge_studies(secret, shown)
        for path in ("/programas/prueba/", "/en/programmes/prueba/", "/programas/"):
            assert "zarzaparrilla" not in page(client, path).lower()
        listed = " ".join(page(client, "/programas/").split())
        assert re.search(r"prueba/\">Programa de prueba</a></p> <p[^>]*> Perú · 1 estudio <", listed)


@pytest.mark.django_db
class TestList:
    def test_begins_with_the_programmes_of_mimp_ipa_and_jpal(self, client):
        html = page(client, "/programas/")
        own, others = html[: html.index("Otros programas, etapa 1")], html[html.index("Otros programas, etapa 1") :]
        for slug in ("lideres-en-accion", "hombres-por-la-igualdad", "mensajes-texto-peru", "hablemos-entre-patas"):
            assert f'href="/programas/{slug}/"' in own
            assert f'href="/programas/{slug}/"' not in others
        assert "Del MIMP, IPA y J-PAL" in own

    def test_goes_along_the_cycle_and_ends_beside_it(self, client):
        html = page(client, "/programas/")
        anchors = re.findall(r'<h2 id="etapa-([a-z-]+)"', html)
        assert anchors == ["diagnosis", "evidence", "design", "evaluation", "results", "scale-up", "closed", "unknown"]

    def test_names_each_programme_once_in_both_languages(self, client):
        total = Programme.objects.count()
        for path in ("/programas/", "/en/programmes/"):
            html = page(client, path)
            links = re.findall(rf'class="list__title"><a href="{path}([a-z0-9-]+)/"', html)
            assert len(links) == len(set(links)) == total
            assert f" {total} program" in text(html)

    def test_is_narrowed_by_theme_stage_and_country_and_its_counts_agree(self, client):
        html = page(client, "/programas/?theme=prevention&stage=evaluation&country=PE")
        names = re.findall(r'class="list__title"><a href="/programas/([a-z0-9-]+)/"', html)
        wanted = Programme.objects.filter(stage="evaluation", countries__code="PE", themes__code="prevention")
        assert sorted(names) == sorted(wanted.values_list("slug", flat=True))
        assert f"{len(names)} programas de {Programme.objects.count()}" in text(html)
        assert re.search(r'<option value="evaluation" selected>evaluación en curso \((\d+)\)', html)[1] == str(
            len(names)
        )

    def test_counts_an_option_under_the_other_choices(self, client):
        html = page(client, "/programas/?country=PE")
        offered = dict(re.findall(r'<option value="([a-z-]+)"(?: selected)?>[^<]* \((\d+)\)', html))
        for stage in programmes.CYCLE:
            left = page(client, f"/programas/?country=PE&stage={stage}")
            assert left.count('class="list__title"') == int(offered.get(stage, 0)), stage

    def test_that_is_empty_says_so_with_a_way_out(self, client):
        html = page(client, "/programas/?stage=evaluation&country=IN")
        assert "Ningún programa de este banco cumple todos los filtros." in html
        assert '<a href="/programas/">Ver todos los programas</a>' in html

    def test_an_unknown_choice_is_named_and_not_used(self, client):
        html = page(client, "/programas/?theme=nada&stage=%3Cb%3E&country=%00")
        assert "El filtro «Tema» no tiene la opción «nada»: no se usó." in html
        assert "<b>" not in html[html.index("<main") : html.index("<section")]
        assert f" {Programme.objects.count()} programas." in text(html)

    def test_of_an_empty_bank_says_so(self, client, empty_bank):
        assert "Todavía no hay programas en este banco." in page(client, "/programas/")

    def test_costs_few_queries_whatever_their_number(self, client, django_assert_max_num_queries):
        page(client, "/programas/")
        with django_assert_max_num_queries(8):
            page(client, "/programas/")

    def test_keeps_its_choices_in_the_other_language(self, client):
        assert 'href="/en/programmes/?theme=autonomy"' in page(client, "/programas/?theme=autonomy")


@pytest.mark.django_db
class TestWaysToAProgramme:
    def test_a_study_leads_to_its_programme(self, client):
        html = page(client, "/estudios/abramsky-2014-sasa/")
        assert html.count('href="/programas/sasa/"') == 2
        assert 'href="/en/programmes/sasa/"' in page(client, "/en/studies/abramsky-2014-sasa/")

    def test_a_suggestion_of_a_programme_leads_to_its_page(self, client):
        groups = client.get("/estudios/sugerencias.json?q=hablemos").json()["groups"]
        urls = [option["url"] for group in groups for option in group["options"]]
        assert PATAS in urls

    def test_the_first_page_and_the_masthead_lead_to_them(self, client):
        html = page(client, "/")
        assert 'href="/programas/lideres-en-accion/"' in html
        assert html.count('href="/programas/"') == 2

    def test_the_map_of_the_site_has_each_in_both_languages(self, client):
        xml = page(client, "/sitemap-programmes.xml")
        with override("en"):
            assert xml.count("/en/programmes/hablemos-entre-patas/</loc>") == 1
        assert xml.count("<loc>") == 2 * Programme.objects.count()
