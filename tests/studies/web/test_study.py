"""The pages of studies and themes: what a reader sees, and what stays hidden."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from studies.models import Evaluation, EvaluationStudy, Stage, Study
from studies.records.study import CostRecord
from studies.store import vocabularies
from studies.web.shared.bank_counts import StudyCounts
from studies.web.shared.components import sample_text
from studies.web.shared.findings import figure_text, follow_up_text, interval_text
from studies.web.shared.links import host_name
from tests.factories import edit, make_study, merge_studies, user_with_role, withdraw
from tests.studies import evidence_factory
from tests.studies.records_factory import author, finding, institution, source

SASA = "/estudios/abramsky-2014-sasa/"


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def text(html: str) -> str:
    """Return the words of a page as they are read, without tags and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&quot;", '"')


def shown(client: Client, **changes: object) -> str:
    """Publish a study of its own, and give its Spanish page."""
    study = make_study(stage=Stage.PUBLISHED, **changes)
    return page(client, f"/estudios/{study.slug}/")


@pytest.mark.django_db
class TestStudyPage:
    def test_answers_with_the_key_finding_under_the_title(self, client):
        html = page(client, SASA)
        title = html.index("Resultados del estudio SASA!: ensayo controlado")
        answer = html.index("La movilización comunitaria redujo la aceptación de la violencia de pareja en Kampala")
        assert title < html.index("<h2") < html.index("escritos por el banco")
        assert answer < html.index("Este ensayo se preguntó")

    def test_shows_the_original_title_in_its_language(self, client):
        assert '<cite lang="en">Findings from the SASA! Study' in page(client, SASA)
        assert '<cite lang="en">' not in page(client, "/en/studies/abramsky-2014-sasa/")

    def test_names_all_authors_in_order(self, client):
        html = shown(client, authors=(author("Ñahui", "Rosa"), institution("INEI"), author("Ibáñez", "Inés")))
        assert "Rosa Ñahui, INEI e Inés Ibáñez." in html

    def test_tells_the_date_of_publication_as_far_as_it_is_known(self, client):
        told = "Fecha de publicación"
        assert f"{told} 8 de marzo de 2019 " in text(shown(client, year=2019, month=3, day=8))
        assert f"{told} marzo de 2019 " in text(shown(client, year=2019, month=3))
        assert told not in text(shown(client, year=2019))

    def test_tells_access_at_the_publisher_apart_from_a_free_copy(self, client):
        copy = "https://repositorio.example.org/texto.pdf"
        assert "Acceso en la editorial No es libre" in text(shown(client, open_access=False, open_copy=copy))
        assert "Acceso No es libre" in text(shown(client, open_access=False))

    def test_prints_text_never_markup_of_a_record(self, client):
        html = shown(client, title_es="<script>alert(1)</script>", summary_es="<b>negrita</b>")
        assert "<script>alert" not in html
        assert "&lt;b&gt;negrita&lt;/b&gt;" in html

    def test_a_text_that_only_exists_in_english_says_so_on_the_spanish_page(self, client):
        html = shown(client, key_finding_es=None)
        assert '<span lang="en">Sessions with men reduced' in html
        assert '<span class="tag">en inglés</span>' in html

    def test_a_study_that_nobody_appraised_is_said_to_be_neither_good_nor_bad(self, client):
        words = text(page(client, SASA))
        assert "Calidad: aún sin revisar El banco no lo ha revisado aún con un instrumento." in words
        assert "No quiere decir que sea bueno ni malo" in words

    def test_gives_citation_files_and_the_citation(self, client):
        html = page(client, SASA)
        for ext in ("ris", "bib", "json", "csv"):
            assert f'href="{SASA}cita.{ext}"' in html
        assert "<i>BMC Medicine</i>" in html

    def test_an_error_can_be_reported_by_one_link_with_or_without_an_address_of_the_bank(self, client, settings):
        for address in ("errores@example.pe", ""):
            settings.CONTACT_EMAIL = address
            html = page(client, SASA)
            assert html.count(f'href="{SASA}informar/"') == 1
            assert "?subject=" not in html

    def test_leads_to_its_registrations_where_the_registry_is_known(self, client):
        html = shown(client, registration=("ClinicalTrials.gov NCT02458365", "Registro 12"))
        assert 'href="https://clinicaltrials.gov/study/NCT02458365">ClinicalTrials.gov NCT02458365</a>' in html
        assert "Registro 12" in html

    def test_says_of_a_main_link_that_it_is_a_copy(self, client):
        copy = shown(client, url="https://es.scribd.com/document/1/Un-estudio")
        assert '<span class="tag">copia</span>' in copy
        assert "y puede desaparecer" in text(copy)
        assert "copia</span>" not in shown(client, url="https://revista.example/1")

    def test_shows_the_programme_with_its_stage(self, client):
        words = text(page(client, SASA))
        assert "El programa: SASA!" in words
        assert "Raising Voices" in words

    @pytest.mark.thorough
    def test_every_study_of_the_bank_can_be_shown(self, client):
        for slug in Study.objects.published().order_by("slug").values_list("slug", flat=True):
            for path in (f"/estudios/{slug}/", f"/en/studies/{slug}/"):
                assert client.get(path).status_code == 200, path


@pytest.mark.django_db
class TestFindings:
    def test_are_a_table_with_numbers_as_the_source_states_them(self, client):
        html = " ".join(page(client, SASA).split())
        assert '<span class="num">0,48</span> <span class="num soft">[0,16; 1,39]</span>' in html
        assert "Razón de riesgos [intervalo]" in html
        assert "48 meses" in html

    def test_with_intervals_are_drawn_with_points_in_the_coordinates(self, client):
        html = page(client, SASA)
        plot = html[html.index('<svg class="plot"') : html.index("</figure>")]
        assert 'class="plot__null"' in plot
        assert plot.count("<circle") == 4
        assert not re.search(r' (?:x|x1|x2|y|y1|y2|cx|cy|height)="[^"]*,', plot)

    def test_without_numbers_have_no_column_for_them(self, client):
        bare = finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None)
        html = shown(client, findings=(bare,))
        assert 'class="num">Cifra' not in html
        assert '<svg class="plot"' not in html

    def test_in_different_measures_name_each_one(self, client):
        other = finding(measure="percentage points", value=-3.5, ci_low=None, ci_high=None, ci_level=None)
        html = shown(client, findings=(finding(), other))
        assert '<span class="figure__measure">puntos porcentuales</span>' in html
        assert "\u22123,5" in html

    def test_name_the_sources_that_support_them(self, client):
        html = shown(
            client, sources=(source("https://www.uno.pe/a"), source("https://dos.pe/b", supports=["bibliography"]))
        )
        line = html[html.index("Fuente de los hallazgos:") :].split("</p>")[0]
        assert "uno.pe" in line
        assert "dos.pe" not in line

    def test_without_a_source_of_their_own_rest_on_all_and_the_page_says_so(self, client):
        bare = finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None)
        html = shown(client, findings=(bare,), sources=(source(supports=["bibliography"]),))
        assert "valen todas" in html

    def test_of_a_study_under_way_are_said_to_be_missing(self, client):
        html = shown(client, status="ongoing", findings=(), designs=("protocol",))
        assert "El estudio está en curso: el registro no trae resultados." in html


@pytest.mark.django_db
class TestWhatIsNotKnown:
    def test_names_outcomes_without_a_finding(self, client):
        words = text(shown(client, outcomes=("ipv-physical", "help-seeking")))
        assert "Búsqueda de ayuda y uso de servicios: el estudio lo midió; el registro no trae el hallazgo." in words

    def test_says_how_long_results_were_followed(self, client):
        assert "no trae resultados después de 24 meses" in shown(client)

    @pytest.mark.parametrize(
        ("times", "said"),
        [
            ((("12 weeks", 2.8), ("6 weeks", 1.4)), "12 semanas"),
            ((("5-9 months", 9), ("1 month", 1)), "9 meses"),
            ((("2 years", 24),), "2 años"),
        ],
    )
    def test_says_it_as_the_source_does_and_of_a_range_the_end(self, client, times, said):
        found = tuple(finding(follow_up=time, follow_up_months=months) for time, months in times)
        assert f"El registro no trae resultados después de {said}." in text(shown(client, findings=found))

    @pytest.mark.parametrize(("design", "is_said"), [("rct", True), ("cross-sectional", False), ("qualitative", False)])
    def test_asks_how_long_and_against_what_only_of_what_compares(self, client, design, is_said):
        bare = finding(follow_up=None, follow_up_months=None)
        words = text(shown(client, designs=(design,), findings=(bare,)))
        assert ("Cuánto dura lo encontrado" in words) is is_said
        assert ("Con qué se comparó: el registro no lo dice." in words) is is_said

    def test_misses_no_interval_where_there_is_no_figure(self, client):
        bare = finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None)
        assert "Qué tan precisas son las cifras" not in shown(client, findings=(bare,))

    def test_costs_of_the_record_are_what_was_found_on_costs(self, client):
        cost = CostRecord(
            504, "USD", statement_es="Costó 504 dólares por familia.", statement_en="It cost 504 dollars."
        )
        outcomes = ("ipv-physical", "cost-effectiveness")
        assert "Costo y costo-efectividad: el estudio lo midió" in text(shown(client, outcomes=outcomes))
        assert "Costo y costo-efectividad: el estudio lo midió" not in text(
            shown(client, outcomes=outcomes, costs=(cost,))
        )

    def test_a_note_of_the_bank_is_never_a_limit_of_the_source(self, client):
        words = text(shown(client, note_es="El efecto se midió antes de la ley.", note_en="Measured before the law."))
        assert "Nota del banco El efecto se midió antes de la ley." in words
        assert "Límite que señala la fuente." not in words

    def test_tells_limits_of_the_source_from_gaps_of_the_record(self, client):
        html = shown(client, limitations_es="Pocas comunidades.", limitations_en="Few communities.")
        assert html.count("Límite que señala la fuente.") == 1


@pytest.mark.django_db
class TestEvaluationOfAStudy:
    def test_lists_the_other_studies_of_the_trial(self, client):
        html = page(client, SASA)
        assert re.search(r"Una evaluación, \d+ estudios", html)
        assert "Ensayo SASA! en Kampala" in html

    def test_names_each_trial_of_a_study_of_several_though_no_other_study_is_of_it(self, client):
        study, other = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        for slug, members in (("primero", (study, other)), ("segundo", (study,))):
            trial = Evaluation.objects.create(slug=slug, kind="trial", name_es=f"Ensayo {slug}", name_en=slug)
            for member in members:
                EvaluationStudy.objects.create(evaluation=trial, study=member)
        words = text(page(client, f"/estudios/{study.slug}/"))
        assert "informa también sobre otra evaluación, Ensayo segundo , que se cuenta aparte." in words
        assert "Ensayo segundo" not in text(page(client, f"/estudios/{other.slug}/"))

    def test_of_which_no_other_study_is_public_is_not_told(self, client):
        trial = Evaluation.objects.create(slug="sola", kind="trial", name_es="Prueba sola", name_en="Alone")
        study = make_study(stage=Stage.PUBLISHED)
        EvaluationStudy.objects.create(evaluation=trial, study=study)
        assert "Prueba sola" not in page(client, f"/estudios/{study.slug}/")

    def test_leaves_out_those_that_are_not_published(self, client):
        trial = Evaluation.objects.create(slug="prueba", kind="trial", name_es="Prueba", name_en="Test")
        study, draft = make_study(stage=Stage.PUBLISHED), make_study(title_es="Un borrador secreto")
        for member in (study, draft):
            EvaluationStudy.objects.create(evaluation=trial, study=member)
        assert "Un borrador secreto" not in page(client, f"/estudios/{study.slug}/")


@pytest.mark.django_db
class TestWhoSeesAStudy:
    def test_a_stranger_finds_no_draft_in_either_language(self, client):
        study = make_study()
        page(client, f"/estudios/{study.slug}/", 404)
        page(client, f"/en/studies/{study.slug}/", 404)
        page(client, f"/estudios/{study.slug}/cita.ris", 404)

    def test_a_curator_sees_the_draft_said_to_be_one(self, client):
        client.force_login(user_with_role("Curaduría"))
        html = page(client, f"/estudios/{make_study().slug}/")
        assert "este estudio no es público (etapa: borrador)" in html
        assert '<meta name="robots" content="noindex">' in html

    def test_a_curator_sees_a_draft_that_has_nothing_but_a_title(self, client):
        client.force_login(user_with_role("Curaduría"))
        empty = {
            "language": None, "title_es": None, "title_en": None, "authors": (), "year": None, "type": None,
            "container_title": None, "doi": None, "url": None, "open_access": None, "status": None, "themes": (),
            "interventions": (), "outcomes": (), "populations": (), "settings": (), "designs": (), "countries": (),
            "sample_size": None, "sample_unit": None, "period": None, "key_finding_es": None, "key_finding_en": None,
            "summary_es": None, "summary_en": None, "findings": (), "sources": (),
        }  # fmt: skip
        study = make_study(**empty)
        assert study.title in page(client, f"/estudios/{study.slug}/")
        assert study.title in page(client, f"/en/studies/{study.slug}/")

    def test_a_withdrawn_study_keeps_its_address_with_the_reason_and_no_content(self, client):
        study = withdraw(make_study(stage=Stage.PUBLISHED), reason="La revista lo retractó.")
        for path in (f"/estudios/{study.slug}/", f"/en/studies/{study.slug}/"):
            html = page(client, path)
            assert "La revista lo retractó." in html
            assert study.title not in html
            assert study.summary_es not in html

    def test_a_withdrawn_study_gives_no_citation_file_but_its_notice(self, client):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        answer = client.get(f"/estudios/{study.slug}/cita.bib")
        assert (answer.status_code, answer.headers["Location"]) == (302, study.get_absolute_url())

    def test_a_merged_study_leads_to_the_one_it_went_into(self, client):
        kept = make_study(stage=Stage.PUBLISHED)
        gone = merge_studies(make_study(stage=Stage.PUBLISHED), into=kept)
        answer = client.get(f"/en/studies/{gone.slug}/")
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"/en/studies/{kept.slug}/"

    def test_an_unknown_study_is_not_found(self, client):
        page(client, "/estudios/no-hay/", 404)

    def test_an_unknown_format_is_not_found(self, client):
        page(client, f"{SASA}cita.exe", 404)

    @pytest.mark.parametrize("path", [SASA, "/temas/autonomy/", f"{SASA}cita.ris"])
    def test_pages_are_read_only(self, client, path):
        assert client.post(path).status_code == 405


@pytest.mark.django_db
class TestCostOfAStudyPage:
    def queries(self, client: Client, study: Study) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, f"/estudios/{study.slug}/")
        return len(captured)

    def test_does_not_grow_with_findings_and_authors(self, client):
        study = make_study(stage=Stage.PUBLISHED)
        page(client, f"/estudios/{study.slug}/")
        before = self.queries(client, study)
        edit(
            study,
            findings=tuple(finding(value=0.5 + n / 100) for n in range(6)),
            authors=tuple(author(f"Autora {n}") for n in range(20)),
            sources=tuple(source(f"https://example.org/{n}") for n in range(9)),
        )
        page(client, f"/estudios/{study.slug}/")
        assert self.queries(client, study) == before == 15

    def test_does_not_grow_with_the_studies_of_its_evaluation(self, client):
        trial = Evaluation.objects.create(slug="prueba", kind="trial", name_es="Prueba", name_en="Test")
        study = make_study(stage=Stage.PUBLISHED)
        EvaluationStudy.objects.create(evaluation=trial, study=study)
        costs = []
        for count in (1, 5):
            for _ in range(count):
                EvaluationStudy.objects.create(evaluation=trial, study=make_study(stage=Stage.PUBLISHED))
            page(client, f"/estudios/{study.slug}/")
            costs.append(self.queries(client, study))
        assert costs[0] == costs[1] <= 20


@pytest.mark.django_db
class TestThemePage:
    def test_counts_by_intervention_are_those_of_the_lists_they_link_to(self, client):
        html = page(client, "/temas/autonomy/")
        rows = re.findall(r'data-label="Estudios"><a\s+href="(/estudios/[^"]+)">([^<]+)<', html)
        assert len(rows) > 5
        for url, number in rows[:6]:
            listed = url.replace("/estudios/", "/estudios/exportar.ris").replace("&amp;", "&")
            assert b"".join(client.get(listed)).count(b"TY  - ") == int(number), url

    def test_an_intervention_without_studies_is_none_in_this_bank(self, client, empty_bank):
        html = page(client, "/temas/attention/")
        assert "Ninguno en este banco" in html
        assert "0 estudios, 0 evaluaciones" in text(html)

    def test_always_says_how_many_are_from_peru(self, client):
        study = make_study(stage=Stage.PUBLISHED, countries=("PE",), themes=("autonomy",))
        peru = re.search(r"(\d+) del Perú", text(page(client, "/temas/autonomy/")))
        withdraw(study)
        assert peru is not None
        assert f"{int(peru[1]) - 1} del Perú" in text(page(client, "/temas/autonomy/"))

    def test_an_unknown_theme_is_not_found(self, client):
        page(client, "/temas/otro/", 404)


class TestCounts:
    def test_count_a_trial_of_two_studies_once(self):
        members = (evidence_factory.study("a"), evidence_factory.study("b"), evidence_factory.study("c"))
        evidence = evidence_factory.evidence_of(members, [evidence_factory.group("a", "b")])
        assert StudyCounts(members, evidence).evaluations == 2

    def test_keep_studies_without_a_country_apart(self):
        members = (evidence_factory.study("a"), evidence_factory.study("b", countries=()))
        counts = StudyCounts(members, evidence_factory.evidence_of(members))
        assert counts.peru == 1
        assert counts.without_country().studies == 1


@pytest.mark.django_db
class TestWordsOfNumbers:
    def test_value_and_interval_have_the_same_decimals(self):
        record = finding(value=0.5, ci_low=0.34, ci_high=0.6)
        assert figure_text(record, vocabularies.current(), "es") == "0,50"
        assert interval_text(record, "es") == "[0,34; 0,60]"

    def test_an_interval_of_another_level_names_it(self):
        assert interval_text(finding(ci_level=90), "es") == "[0,5; 0,9] (intervalo de 90\u202f%)"

    def test_percentages_carry_their_sign(self):
        assert figure_text(finding(measure="share", value=23), vocabularies.current(), "es") == "23,0\u202f%"

    @pytest.mark.parametrize(("value", "written"), [(1, "1 año de estudios"), (1.4, "1,4 años de estudios")])
    def test_units_agree_with_the_number(self, value, written):
        record = finding(
            measure="mean difference", unit="years of schooling", value=value, ci_low=None, ci_high=None, ci_level=None
        )
        assert figure_text(record, vocabularies.current(), "es") == written

    @pytest.mark.parametrize(
        ("source_text", "written"),
        [
            ("48 months", "48 meses"),
            ("5-9 months", "5–9 meses"),
            ("1 week", "1 semana"),
            ("2.5 years", "2,5 años"),
            ("4.5-10.5 months", "4,5–10,5 meses"),
            ("1.2.3 months", "1.2.3 months"),
            ("end of term", "end of term"),
        ],
    )
    def test_times_are_in_the_language_of_the_page(self, source_text, written):
        with override("es"):
            assert follow_up_text(source_text) == written

    def test_times_have_the_decimal_point_of_english(self):
        with override("en"):
            assert follow_up_text("4.5-10.5 months") == "4.5–10.5 months"

    def test_samples_have_their_noun(self):
        vocabulary = vocabularies.current()
        assert sample_text(2532, "people", vocabulary, "es") == "2\u202f532 personas"
        assert sample_text(1, "women", vocabulary, "es") == "1 mujer"
        assert sample_text(2532, None, vocabulary, "en") == "2,532"
        assert sample_text(None, "women", vocabulary, "es") == ""


class TestHosts:
    @pytest.mark.parametrize(("url", "name"), [("https://www.uno.pe/a", "uno.pe"), ("http://x.org:80/", "x.org")])
    def test_name_a_source(self, url, name):
        assert host_name(url) == name
