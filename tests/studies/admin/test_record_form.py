"""What the form of a study asks of format 2: roles, what a finding is about, groups, costs, harms, judgements."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from studies.admin.record_form.finding_row import MOST_ARM_LINES
from studies.admin.record_form.form import RecordForm
from studies.admin.record_form.problems import describe_problems
from studies.admin.record_form.row_sets import ROW_KINDS
from studies.admin.record_form.sections import SECTION_OF, SECTIONS
from studies.models import Evaluation, Stage, Study, Term
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.rules import Problem
from studies.records.study import CostRecord, InterventionRecord, StudyRecord
from studies.store.exchange.study import to_record
from studies.store.vocabularies import current
from tests.factories import edit, make_study, user_with_role
from tests.studies.admin_forms import address, filled_in
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db
ROLE_MISSING = "nadie ha dicho todavía qué hace el estudio con ella"


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(user_with_role("Curaduría"))
    return signed_in


def held(study: Study) -> StudyRecord:
    return to_record(Study.objects.for_record().get(pk=study.pk))


def saved(client: Client, study: Study | None, **typed: Any) -> str:
    """Send the form of `study`, or of a new one, with what is typed; return the page that follows."""
    return client.post(address(study), filled_in(client, study, **typed), follow=True).content.decode()


def sent(study: Study, values: dict[str, Any]) -> RecordForm:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return RecordForm(study, held(study), current(), data)


class TestByHand:
    """A curator enters a trial with two arms, a comparator, numbers of each group and a judgement of others."""

    def test_everything_typed_is_in_the_record(self, client: Client):
        about_money = {
            "findings-0-outcome": "ipv-physical",
            "findings-0-effect": "favourable",
            "findings-0-primary": "yes",
            "findings-0-statement_es": "El dinero con talleres redujo la violencia física.",
            "findings-0-statement_en": "Cash with workshops reduced physical violence.",
            "findings-0-about_what": "these",
            "findings-0-about": ["cash-transfer"],
            "findings-0-arm_es": "dinero y talleres",
            "findings-0-arm_en": "cash and workshops",
            "findings-0-comparator": "nothing",
            "findings-0-comparator_es": "hogares sin programa",
            "findings-0-comparator_en": "households without a programme",
            "findings-0-reporter": "women",
            "findings-0-subgroup_es": "mujeres de 18 a 24 años",
            "findings-0-subgroup_en": "women aged 18 to 24",
            "findings-0-measure": "risk ratio",
            "findings-0-value": "0,7",
            "findings-0-ci_low": "0,5",
            "findings-0-ci_high": "0,9",
            "findings-0-se": "0,15",
            "findings-0-p_below": "0,01",
            "findings-0-n": "800",
            "findings-0-adjusted": "no",
            "findings-0-higher_is": "worse",
            "findings-0-follow_up": "24 meses",
            "findings-0-arms-0-arm": "Grupo con programa",
            "findings-0-arms-0-n": "400",
            "findings-0-arms-0-events": "80",
            "findings-0-arms-0-percent": "20",
            "findings-0-arms-1-arm": "grupo de comparacion",
            "findings-0-arms-1-n": "400",
            "findings-0-arms-1-percent": "28,5",
        }
        judged = {
            "appraisals-0-instrument": "RoB 1",
            "appraisals-0-version": "2011",
            "appraisals-0-judges": "bias",
            "appraisals-0-overall": "low",
            "appraisals-0-risk_of_bias": "low",
            "appraisals-0-domains": "Domain 1: randomisation: low\r\nblinding: unclear\r\n",
            "appraisals-0-by": "Cochrane review CD000001 (2021)",
            "appraisals-0-where": "tabla 2",
            "appraisals-0-url": "https://example.org/review",
            "appraisals-0-licence": "CC BY 4.0",
        }
        roles = {
            "interventions-0-code": "group-workshops",
            "interventions-0-role": "component",
            "interventions-1-code": "cash-transfer",
            "interventions-1-role": "evaluated",
        }
        more = {
            "title": "Dinero y talleres",
            "outcomes": ["ipv-physical"],
            "exposures": ["income-shock"],
            "data_sources": ["trial-survey"],
            "registration": "ISRCTN12345678\r\n\r\nClinicalTrials.gov NCT01165489",
            "delivery_es": "Promotoras dieron seis talleres.",
            "harms": "none-found",
            "harms_about": ["cash-transfer"],
            "note_es": "Leído solo en su resumen.",
            "costs-0-amount": "12,5",
            "costs-0-currency": "pen",
            "costs-0-year": "2019",
            "costs-0-per": "woman",
        }
        page = saved(client, None, **about_money, **judged, **roles, **more)
        assert "Se guardó" in page
        record = held(Study.objects.latest("pk"))
        assert record.interventions == (
            InterventionRecord("group-workshops", "component"),
            InterventionRecord("cash-transfer", "evaluated"),
        )
        assert record.findings == (
            FindingRecord(
                outcome="ipv-physical",
                effect="favourable",
                primary=True,
                statement_es="El dinero con talleres redujo la violencia física.",
                statement_en="Cash with workshops reduced physical violence.",
                about=("cash-transfer",),
                arm_es="dinero y talleres",
                arm_en="cash and workshops",
                comparator="nothing",
                comparator_es="hogares sin programa",
                comparator_en="households without a programme",
                reporter="women",
                subgroup_es="mujeres de 18 a 24 años",
                subgroup_en="women aged 18 to 24",
                measure="risk ratio",
                value=0.7,
                ci_low=0.5,
                ci_high=0.9,
                se=0.15,
                p_below=0.01,
                n=800,
                adjusted=False,
                higher_is="worse",
                follow_up="24 months",
                follow_up_months=24,
                arms=(
                    ArmRecord("intervention", n=400, events=80, percent=20),
                    ArmRecord("comparison", n=400, percent=28.5),
                ),
            ),
        )
        assert record.appraisals == (
            PublishedAppraisalRecord(
                instrument="RoB 1",
                version="2011",
                judges="bias",
                overall="low",
                risk_of_bias="low",
                domains={"Domain 1: randomisation": "low", "blinding": "unclear"},
                by="Cochrane review CD000001 (2021)",
                where="tabla 2",
                url="https://example.org/review",
                licence="CC BY 4.0",
            ),
        )
        assert record.costs == (CostRecord(amount=12.5, currency="PEN", year=2019, per="woman"),)
        assert (record.exposures, record.data_sources) == (("income-shock",), ("trial-survey",))
        assert record.registration == ("ISRCTN12345678", "ClinicalTrials.gov NCT01165489")
        assert (record.harms, record.harms_about) == ("none-found", ("cash-transfer",))
        assert (record.delivery_es, record.note_es) == ("Promotoras dieron seis talleres.", "Leído solo en su resumen.")

    def test_saving_it_again_unchanged_changes_nothing(self, client: Client):
        study = make_study(
            interventions=(InterventionRecord("cash-transfer", None), InterventionRecord("engaging-men", "described")),
            findings=(
                finding(about=(), arms=(ArmRecord("mujeres", percent=3.25),) * 5, primary=False, inconclusive=True),
                finding(about=("engaging-men",), p_below=0.001),
            ),
            appraisals=(PublishedAppraisalRecord(instrument="ROBINS-I", domains={"a: b": "low"}),),
            costs=(CostRecord(amount=240800000, currency="PEN", statement_es="Costo", statement_en="Cost"),),
            own_appraisals=(appraisal_record(),),
            includes=("otro-2020-estudio",),
            registration=("AEARCTR-0010043",),
            harms="found",
            harms_es="Discusiones",
            harms_en="Quarrels",
        )
        before = held(study)
        assert "No había cambios que guardar" in saved(client, study)
        assert held(study) == before


class TestRoles:
    def test_none_is_chosen_beforehand(self, client: Client):
        assert filled_in(client)["interventions-0-role"] == [""]
        page = client.get(address()).content.decode()
        for term in current().terms("roles"):
            assert term.definition_es in page

    def test_a_draft_may_lack_it_and_nobody_fills_it_in(self, client: Client):
        saved(client, None, **{"title": "Líneas de ayuda", "interventions-0-code": "helpline"})
        study = Study.objects.latest("pk")
        assert held(study).interventions == (InterventionRecord("helpline", None),)
        page = client.get(address(study)).content.decode()
        assert ROLE_MISSING in page
        assert "Intervención 1, qué hace el estudio con ella</a>: falta elegir" in page

    def test_a_record_whose_roles_are_known_says_nothing_of_it(self, client: Client):
        assert ROLE_MISSING not in client.get(address(make_study())).content.decode()

    def test_what_is_published_without_a_role_stays_as_it_is_until_one_is_chosen(self):
        study = make_study(stage=Stage.PUBLISHED)
        study.study_terms.filter(term__vocabulary="interventions").update(role=None)
        reviewer = Client()
        reviewer.force_login(user_with_role("Revisión"))
        assert "No se guardó nada" in saved(reviewer, study, title_es="Otro título")
        chosen = {"title_es": "Otro título", "interventions-0-role": "described"}
        assert "Se guardó" in saved(reviewer, study, **chosen)
        assert held(study).interventions == (InterventionRecord("engaging-men", "described"),)

    def test_a_role_needs_its_intervention(self, client: Client):
        study = make_study()
        assert "Falta este dato" in saved(client, study, **{"interventions-1-role": "evaluated"})

    def test_an_intervention_stands_once(self, client: Client):
        study = make_study()
        again = {"interventions-1-code": "engaging-men", "interventions-1-role": "described"}
        assert "Ya está en otra fila" in saved(client, study, **again)

    def test_the_notes_for_coders_stand_beside_the_choices(self, client: Client):
        note = Term.objects.exclude(coding_es="").filter(vocabulary="interventions")[0].coding_es
        assert note in client.get(address()).content.decode()


class TestFindings:
    def test_one_must_say_what_it_is_about(self, client: Client):
        study = make_study(findings=())
        typed = {"findings-0-outcome": "ipv-physical", "findings-0-effect": "favourable"}
        assert "Falta este dato" in saved(client, study, **typed)
        assert not held(study).findings

    @pytest.mark.parametrize(("what", "about"), [("all", None), ("none", ())])
    def test_all_and_none_are_two_things(self, client: Client, what: str, about: tuple[str, ...] | None):
        study = make_study(findings=(finding(about=("engaging-men",)),))
        saved(client, study, **{"findings-0-about_what": what, "findings-0-about": []})
        assert held(study).findings[0].about == about

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"about_what": "these"}, "Marque de cuáles habla"),
            ({"about_what": "none", "about": ["engaging-men"]}, "elija «Solo de las que marque»"),
            ({"p": "0,04", "p_below": "0,05"}, "deje uno de los dos"),
            ({"p_below": "0"}, "mayor que 0"),
            ({"se": "0"}, "mayor que cero"),
            ({"arms-0-n": "12"}, "Diga de qué grupo"),
            ({"trial": "MAISHA 1"}, "minúsculas sin tilde"),
            ({"n": "12.5"}, "sin puntos ni comas"),
        ],
    )
    def test_what_contradicts_itself_is_refused_in_words(self, client: Client, typed: dict[str, Any], sentence: str):
        study = make_study()
        page = saved(client, study, **{f"findings-0-{name}": value for name, value in typed.items()})
        assert sentence in page
        assert "No se guardó nada" in page

    def test_its_groups_have_three_lines_and_one_more_than_there_are(self, client: Client):
        few = make_study(findings=(finding(arms=(ArmRecord("intervention", n=3),)),))
        many = make_study(findings=(finding(arms=(ArmRecord("comparison", n=3),) * 4),))
        lines = [
            sum(name.startswith("findings-0-arms-") and name.endswith("-arm") for name in filled_in(client, study))
            for study in (few, many)
        ]
        assert lines == [4, 5]

    def test_lines_that_were_sent_are_kept_whatever_the_record_has_now(self, client: Client):
        """A colleague took groups away while this page was open."""
        study = make_study(findings=(finding(arms=(ArmRecord("mujeres", n=3),) * 6),))
        values = filled_in(client, study)
        form = sent(edit(study, findings=(finding(),)), values)
        assert form.is_valid()
        assert len(form.record().findings[0].arms) == 6

    def test_no_page_makes_more_lines_than_a_finding_can_have(self, client: Client):
        study = make_study()
        values = filled_in(client, study)
        values |= {f"findings-0-arms-{place}-arm": "grupo" for place in range(MOST_ARM_LINES + 30)}
        form = sent(study, values)
        assert form.is_valid()
        assert len(form.record().findings[0].arms) == MOST_ARM_LINES

    def test_thousands_may_be_parted_by_a_space(self, client: Client):
        study = make_study()
        saved(client, study, sample_size="1 200", **{"findings-0-n": "1\u00a0150"})
        record = held(study)
        assert (record.sample_size, record.findings[0].n) == (1200, 1150)

    def test_a_whole_number_is_sent_as_it_was_typed_so_that_nothing_is_lost_unsaid(self, client: Client):
        """A number box sends nothing for what it cannot read."""
        assert 'type="number" name="sample_size"' not in client.get(address(make_study())).content.decode()

    @pytest.mark.parametrize(
        ("recorded", "shown"),
        [("24 months", "24 meses"), ("1 year", "1 año"), ("5-9 months", "5-9 meses"), ("2.5 years", "2,5 años")],
    )
    def test_its_follow_up_is_in_spanish_and_stays_as_it_is(self, client: Client, recorded: str, shown: str):
        study = make_study(findings=(finding(follow_up=recorded, follow_up_months=9),))
        before = held(study)
        assert filled_in(client, study)["findings-0-follow_up"] == [shown]
        assert "No había cambios que guardar" in saved(client, study)
        assert held(study) == before

    def test_its_trial_is_found_by_its_name(self, client: Client):
        study = make_study()
        Evaluation.objects.create(slug="ensayo-inventado", kind="trial", name_es="Ensayo inventado", name_en="Made up")
        Evaluation.objects.create(slug="datos", kind="data-set", name_es="Datos inventados", name_en="Made-up data")
        page = client.get(address(study)).content.decode()
        assert '<option value="Ensayo inventado">' in page
        assert "Datos inventados" not in page
        saved(client, study, **{"findings-0-trial": "ensayo inventado"})
        assert held(study).findings[0].trial == "ensayo-inventado"
        assert filled_in(client, study)["findings-0-trial"] == ["Ensayo inventado"]

    def test_a_group_without_a_name_of_ours_keeps_its_own(self, client: Client):
        study = make_study()
        saved(client, study, **{"findings-0-arms-0-arm": "parejas casadas", "findings-0-arms-0-mean": "3,5"})
        assert held(study).findings[0].arms == (ArmRecord("parejas casadas", mean=3.5),)


class TestHarms:
    def test_nobody_looked_is_another_thing_than_the_source_is_silent(self, client: Client):
        study = make_study()
        page = client.get(address(study)).content.decode()
        assert "Sin dato: nadie lo ha mirado todavía" in page
        assert held(study).harms is None
        saved(client, study, harms="not-stated")
        assert held(study).harms == "not-stated"
        saved(client, study, harms="")
        assert held(study).harms is None

    def test_harms_in_words_need_the_answer(self, client: Client):
        assert "Elija si se hallaron daños" in saved(client, make_study(), harms_es="Discusiones")


class TestPublishedAppraisals:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"judges": "effect", "risk_of_bias": "low"}, "Solo lo lleva un juicio sobre el riesgo de sesgo"),
            ({"judges": "", "risk_of_bias": "low"}, "Elija qué se juzgó"),
            ({"judges": "bias", "risk_of_bias": "not-appraised"}, "no equivale a «aún sin revisar»"),
            ({"domains": "solo un nombre"}, "Falta el dominio o el juicio"),
            ({"domains": "a: low\na: high"}, "dos veces"),
            ({"instrument": "", "by": "Cochrane"}, "Falta este dato"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, client: Client, typed: dict[str, str], sentence: str):
        values = {f"appraisals-0-{name}": value for name, value in {"instrument": "RoB 1", **typed}.items()}
        assert sentence in saved(client, make_study(), **values)

    def test_the_bank_s_own_are_not_touched_by_the_form(self, client: Client):
        study = make_study(own_appraisals=(appraisal_record(),))
        saved(client, study, **{"appraisals-0-instrument": "RoB 1"})
        record = held(study)
        assert (len(record.appraisals), record.own_appraisals) == (1, (appraisal_record(),))


class TestOtherFields:
    def test_included_studies_are_given_by_identifier_or_address(self, client: Client):
        study = make_study()
        saved(client, study, includes="https://banco.pe/estudios/perez-2020-casa/\r\nlopez-2019-calle\r\n")
        assert held(study).includes == ("lopez-2019-calle", "perez-2020-casa")
        assert "No es el identificador" in saved(client, study, includes="Pérez y López (2020)")

    @pytest.mark.parametrize("typed", [{"currency": "soles"}, {"currency": ""}, {"amount": ""}])
    def test_a_cost_needs_an_amount_and_a_currency(self, client: Client, typed: dict[str, str]):
        values = {"amount": "5", "currency": "USD", **typed}
        page = saved(client, make_study(), **{f"costs-0-{name}": value for name, value in values.items()})
        assert "No se guardó nada" in page


class TestOutline:
    def test_every_list_of_rows_and_every_section_has_its_place(self):
        assert {kind.name for kind in ROW_KINDS} <= SECTION_OF.keys()
        assert {section.anchor for section in SECTIONS} == {*SECTION_OF.values()}

    def test_it_leads_to_the_sections_and_counts_what_is_missing(self, client: Client):
        study = make_study(summary_es=None, sources=())
        page = client.get(address(study)).content.decode()
        for section in SECTIONS:
            assert f'href="#{section.anchor}"' in page
            assert f'id="{section.anchor}"' in page
        entries = {entry.anchor: entry.count for entry in client.get(address(study)).context["outline"]}
        assert (entries["seccion-textos"], entries["seccion-fuentes"], entries["seccion-titulo"]) == (1, 1, 0)

    def test_it_counts_what_was_refused(self, client: Client):
        study = make_study()
        typed = filled_in(client, study, **{"title": " ", "findings-0-p": "7"})
        entries = {entry.anchor: entry.count for entry in client.post(address(study), typed).context["outline"]}
        assert (entries["seccion-titulo"], entries["seccion-hallazgos"]) == (1, 1)


class TestErrors:
    """What was typed and cannot be kept is listed above the form, with a link to each field."""

    def test_each_leads_to_its_field(self, client: Client):
        typed = {"sample_size": "x", "findings-0-arms-1-n": "12", "appraisals-0-by": "Cochrane", "costs-0-per": "casa"}
        study = make_study()
        answer = client.post(address(study), filled_in(client, study, **typed))
        assert [(line.place, line.anchor) for line in answer.context["errors"]] == [
            ("Tamaño de la muestra", "id_sample_size"),
            ("Hallazgo 1, grupo, línea 2", "id_findings-0-arms-1-arm"),
            ("Costo 1, monto", "id_costs-0-amount"),
            ("Costo 1, moneda", "id_costs-0-currency"),
            ("Juicio publicado 1, instrumento, como lo nombran", "id_appraisals-0-instrument"),
        ]
        page = answer.content.decode()
        for line in answer.context["errors"]:
            assert f'href="#{line.anchor}"' in page
            assert f'id="{line.anchor}"' in page

    def test_a_page_with_some_does_not_say_that_nothing_is_missing(self, client: Client):
        study = make_study()
        nothing = "No le falta nada para poder publicarse"
        assert nothing in client.get(address(study)).content.decode()
        assert nothing not in saved(client, study, sample_size="x")

    def test_a_form_that_nobody_sent_has_none(self, client: Client):
        assert client.get(address()).context["errors"] == ()


class TestProblems:
    @pytest.mark.parametrize(
        ("path", "place", "anchor"),
        [
            ("interventions[0].role", "Intervención 1, qué hace el estudio con ella", "id_interventions-0-role"),
            ("findings[1].about[0]", "Hallazgo 2, de qué habla", "id_findings-1-about_what"),
            ("costs[0].currency", "Costo 1, moneda", "id_costs-0-currency"),
            ("appraisals[0].judges", "Juicio publicado 1, qué se juzgó", "id_appraisals-0-judges"),
            ("harms_about[0]", "A qué intervenciones se deben", "id_harms_about"),
            ("includes[2]", "Estudios del banco que incluye", "id_includes"),
        ],
    )
    def test_a_problem_of_a_new_field_leads_to_it(self, path: str, place: str, anchor: str):
        (line,) = describe_problems([Problem(path, "missing")])
        assert (line.place, line.anchor) == (place, anchor)
