"""The meaning of the criteria on the ORM, which every engine is compared with (S5, S6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.contract import NOT_STATED, Filters, SearchRequest
from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS, PARAMETERS
from search.criteria.filters import (
    MAX_CODES,
    StudyFilterSet,
    filter_by_words,
    filter_studies,
    read_criteria,
    unresolved_filters,
)
from search.criteria.old_parameters import update_parameters
from search.engines.memory.engine import MemoryEngine
from search.index.builder import build_document
from search.index.indexing import read_wanted_position
from studies.models import Programme, Stage, Study
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from studies.store.changes import bank_change
from tests.factories import edit, make_study
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import author, finding, published_appraisal, source
from tests.thorough import examples, mainly

pytestmark = pytest.mark.django_db


def published(**changes: Any) -> Study:
    return make_study(stage=Stage.PUBLISHED, **changes)


def appraise(study: Study, *risks: str) -> Study:
    """Give a study final appraisals: the first with the instrument of its main design, which is a trial."""
    instruments = ("rob-2", "casp-qualitative")
    made = (
        appraisal_record(instrument=instrument, risk_of_bias=risk, overall=OVERALL[instrument], judgements=())
        for instrument, risk in zip(instruments, risks, strict=False)
    )
    return edit(study, own_appraisals=tuple(made))


OVERALL = {"rob-2": "low", "casp-qualitative": "most"}


def found(**chosen: Any) -> set[Study]:
    """What the choices find; `year_from` and `year_to` are the range of years."""
    years = {name: chosen.pop(name) for name in ("year_from", "year_to") if name in chosen}
    filters = Filters({name: frozenset(given.split()) for name, given in chosen.items()}, **years)
    return set(filter_studies(Study.objects.published(), filters))


def described(code: str) -> InterventionRecord:
    return InterventionRecord(code, "described")


NO_FINDINGS = {"findings": (), "outcomes": ()}

# A parameter, a code of it, a record that has it, a record that has another, a record that states none.
MEANINGS: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any] | None]] = [
    ("theme", "autonomy", {"themes": ("prevention", "autonomy")}, {}, None),
    ("intervention", "helpline", {"interventions": ("helpline",)}, {}, {"interventions": ()}),
    ("role", "described", {"interventions": (described("helpline"), "shelter")}, {}, {"interventions": ()}),
    ("exposure", "lockdown", {"exposures": ("lockdown", "alcohol")}, {"exposures": ("alcohol",)}, {}),
    ("data_source", "police-records", {"data_sources": ("police-records",)}, {"data_sources": ("interviews",)}, {}),
    ("reporter", "men", {"findings": (finding(reporter="men"),)}, {"findings": (finding(reporter="women"),)}, {}),
    ("outcome", "ipv-sexual", {"outcomes": ("ipv-sexual", "ipv-physical")}, {}, NO_FINDINGS),
    ("effect", "mixed", {"findings": (finding(effect="mixed"), finding())}, {}, NO_FINDINGS),
    ("design", "qualitative", {"designs": ("rct", "qualitative")}, {}, None),
    ("design_family", "quasi-experimental", {"designs": ("natural-experiment",)}, {}, None),
    ("country", "EC", {"countries": ("EC", "PE")}, {}, {"countries": ()}),
    ("region", "andean", {"countries": ("EC",)}, {}, {"countries": ()}),
    ("population", "children", {"populations": ("children",)}, {}, {"populations": ()}),
    ("setting", "urban", {"settings": ("urban",)}, {}, {"settings": ()}),
    ("type", "report", {"type": "report"}, {}, {"type": None}),
    ("language", "pt", {"language": "pt"}, {}, {"language": None}),
    ("status", "ongoing", {"status": "ongoing"}, {}, {"status": None}),
]


@pytest.mark.usefixtures("empty_bank")
class TestMeaning:
    @pytest.mark.parametrize(
        ("parameter", "code", "having", "other", "stating_none"), MEANINGS, ids=lambda v: str(v)[:20]
    )
    def test_a_choice_finds_the_studies_that_have_it(
        self,
        parameter: str,
        code: str,
        having: dict[str, Any],
        other: dict[str, Any],
        stating_none: dict[str, Any] | None,
    ):
        wanted, different = published(**having), published(**other)
        silent = {published(**stating_none)} if stating_none is not None else set()
        assert found(**{parameter: code}) == {wanted}
        assert found(**{parameter: NOT_STATED}) == silent
        assert found(**{parameter: f"{code} {NOT_STATED}"}) == {wanted} | silent
        assert different not in found(**{parameter: f"{code} {NOT_STATED}"})

    def test_open_access_is_yes_no_or_unknown(self):
        yes, no, unknown = (published(open_access=value) for value in (True, False, None))
        assert found(open_access="yes") == {yes}
        assert found(open_access="no unknown") == {no, unknown}
        assert found(open_access="unknown") == {unknown}
        assert found(open_access="perhaps") == set()

    def test_what_nobody_appraised_is_found_as_such(self):
        low, never = appraise(published(), "low"), published()
        assert found(risk_of_bias="low") == {low}
        assert found(risk_of_bias="not-appraised") == {never}
        assert found(risk_of_bias="low not-appraised") == {low, never}

    def test_of_several_appraisals_that_of_the_main_design_is_meant(self):
        trial = appraise(published(designs=("rct", "qualitative")), "low", "high")
        qualitative = appraise(published(designs=("qualitative", "rct")), "low", "high")
        assert found(risk_of_bias="low") == {trial}
        assert found(risk_of_bias="high") == {qualitative}

    def test_what_others_judged_of_bias_counts_and_what_they_judged_of_effect_does_not(self):
        judged = published(appraisals=(published_appraisal(risk_of_bias="high"),))
        rated = published(appraisals=(published_appraisal(judges="effect", overall="Promising"),))
        unclear = published(appraisals=(published_appraisal(),))
        assert found(risk_of_bias="high") == {judged}
        assert found(risk_of_bias="not-appraised") == {rated, unclear}

    def test_own_and_published_judgements_that_disagree_both_count(self):
        study = appraise(published(appraisals=(published_appraisal(risk_of_bias="high"),)), "low")
        assert found(risk_of_bias="low") == found(risk_of_bias="high") == {study}
        assert found(risk_of_bias="not-appraised") == set()

    def test_an_own_appraisal_without_information_is_none_beside_a_published_one(self):
        study = appraise(published(appraisals=(published_appraisal(risk_of_bias="some"),)), "not-appraised")
        alone = appraise(published(), "not-appraised")
        assert found(risk_of_bias="some") == {study}
        assert found(risk_of_bias="not-appraised") == {alone}

    def test_an_intervention_without_a_role_counts_nowhere(self):
        # Only a record of before can lack a role: nobody could publish it today.
        helpline = InterventionRecord("helpline", "evaluated")
        study = edit(published(), interventions=(helpline, InterventionRecord("legal-reform")))
        unknown = edit(published(), interventions=(InterventionRecord("helpline"),))
        assert found(intervention="helpline") == {study}
        assert found(intervention="legal-reform") == set()
        assert found(studied="law") == set()
        assert found(intervention="none") == found(role="none") == found(studied="none") == {unknown}

    def test_what_was_studied_follows_from_the_record(self):
        law = published(interventions=(described("legal-reform"),))
        both = published(interventions=("legal-reform", described("helpline")))
        programme = published(interventions=("helpline",), outcomes=("ipv-physical", "measurement"))
        exposure = published(interventions=(), exposures=("lockdown",))
        magnitude = published(interventions=(), findings=(), outcomes=("prevalence",))
        other = published(interventions=(), findings=(), outcomes=("cost-effectiveness",))
        assert found(studied="law") == {law, both}
        assert found(studied="programme") == {both, programme}
        assert found(studied="exposure") == {exposure}
        assert found(studied="magnitude") == {magnitude}
        assert found(studied="method") == {programme}
        assert found(studied="none") == {other}
        assert found(studied="none exposure") == {other, exposure}
        assert found(studied="weather") == set()

    def test_a_programme_is_found_by_its_slug(self):
        programme = Programme.objects.create(slug="casas", name="Casas", name_es="Casas", name_en="Houses")
        with bank_change() as change:
            with_it, without = published(), published()
            Study.objects.filter(pk=with_it.pk).update(programme=programme)
            change.touch(with_it)
        assert found(programme="casas") == {with_it}
        assert found(programme="none") == {without}

    def test_an_outcome_is_found_without_a_finding_on_it(self):
        named = published(outcomes=("ipv-sexual",), findings=())
        assert found(outcome="ipv-sexual") == {named}

    def test_the_code_of_another_vocabulary_finds_nothing(self):
        published()
        assert found(theme="rct") == set()

    def test_years_are_a_range_with_both_ends(self):
        studies = {year: published(year=year) for year in (2014, 2015, 2018, 2020, 2021)}
        assert found(year_from=2015, year_to=2020) == {studies[2015], studies[2018], studies[2020]}
        assert found(year_from=2020) == {studies[2020], studies[2021]}
        assert found(year_to=2014) == {studies[2014]}
        assert found(year_from=2021, year_to=2014) == set()

    def test_only_what_the_queryset_holds_is_found(self):
        make_study(), make_study(stage=Stage.WITHDRAWN)
        assert found(theme="prevention") == set()


@pytest.mark.usefixtures("empty_bank")
class TestS5WidenAndNarrow:
    def test_choices_of_one_facet_widen(self):
        men, women = published(populations=("men",)), published(populations=("women",))
        assert found(population="men women") == {men, women}

    def test_the_two_parameters_of_one_facet_widen(self):
        peru, andes, brazil = (published(countries=(code,)) for code in ("PE", "EC", "BR"))
        assert found(region="andean", country="BR") == {andes, brazil}
        assert peru not in found(region="andean", country="BR")
        rct, natural = (
            published(designs=("rct",), countries=()),
            published(designs=("natural-experiment",), countries=()),
        )
        assert {rct, natural} <= found(design_family="randomised", design="natural-experiment")

    def test_choices_of_different_facets_narrow(self):
        both = published(populations=("men",), settings=("urban",))
        published(populations=("men",), settings=("rural",))
        published(populations=("women",), settings=("urban",))
        assert found(population="men", setting="urban") == {both}


@pytest.mark.usefixtures("empty_bank")
class TestS5OneFinding:
    def test_outcome_and_effect_speak_of_one_finding(self):
        apart = published(
            outcomes=("ipv-physical", "ipv-sexual"),
            findings=(finding(), finding(outcome="ipv-sexual", effect="no-effect")),
        )
        together = published(outcomes=("ipv-sexual",), findings=(finding(outcome="ipv-sexual"),))
        assert found(outcome="ipv-sexual", effect="favourable") == {together}
        assert found(outcome="ipv-sexual") == {apart, together}
        assert found(effect="favourable") == {apart, together}
        assert found(outcome="ipv-sexual ipv-physical", effect="favourable") == {apart, together}

    def test_an_effect_is_that_of_the_intervention_where_the_study_evaluates_one(self):
        on_factor = finding(outcome="ipv-sexual", effect="unfavourable", about=())
        outcomes = ("ipv-physical", "ipv-sexual")
        both = published(outcomes=outcomes, exposures=("lockdown",), findings=(finding(), on_factor))
        factor = published(interventions=(), outcomes=outcomes, exposures=("lockdown",), findings=(on_factor,))
        assert found(effect="unfavourable") == {factor}
        assert found(outcome="ipv-sexual", effect="unfavourable") == {factor}
        assert found(outcome="ipv-sexual", effect="none") == {both}
        assert found(outcome="ipv-physical", effect="favourable") == {both}

    def test_an_effect_not_stated_asks_for_an_outcome_without_a_finding(self):
        bare = published(outcomes=("ipv-physical", "ipv-sexual"), findings=(finding(),))
        assert found(outcome="ipv-sexual", effect="none") == {bare}
        assert found(outcome="ipv-physical", effect="none") == set()

    def test_neither_stated_asks_for_a_study_without_outcomes(self):
        bare = published(**NO_FINDINGS)
        published()
        assert found(outcome="none", effect="none") == {bare}
        assert found(outcome="none", effect="favourable") == set()


@pytest.mark.usefixtures("empty_bank")
class TestS5OneIntervention:
    def test_intervention_and_role_speak_of_one_intervention(self):
        apart = published(interventions=(described("helpline"), "shelter"))
        together = published(interventions=("helpline",))
        assert found(intervention="helpline") == {apart, together}
        assert found(role="evaluated") == {apart, together}
        assert found(intervention="helpline", role="evaluated") == {together}
        assert found(intervention="helpline shelter", role="evaluated") == {apart, together}

    def test_neither_stated_asks_for_a_study_without_interventions(self):
        bare = published(interventions=())
        published()
        assert found(intervention="none", role="none") == {bare}
        assert found(intervention="none", role="evaluated") == set()


@pytest.mark.usefixtures("empty_bank")
class TestWordsWithoutIndex:
    def test_every_word_must_stand_in_titles_names_or_doi(self):
        wanted = published(title="Casas de acogida", authors=(author("Núñez"),), doi="10.5555/acogida")
        published(title="Casas de cambio")
        for words in ("casas ACOGIDA", "nunez", "NÚÑEZ casas", "10.5555/acogida", "acog"):
            assert set(filter_by_words(Study.objects.published(), words)) == {wanted}, words
        assert not filter_by_words(Study.objects.published(), "casas nunca").exists()

    @pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "casa%", "\x00", "acogida\x00"])
    def test_signs_have_no_meaning_of_their_own(self, words: str):
        published(title="Sin signos")
        assert filter_by_words(Study.objects.published(), words).count() in (0, 1)
        assert not filter_by_words(Study.objects.published(), "%ig_os").exists()

    def test_no_words_find_everything(self):
        study = published()
        assert list(filter_by_words(Study.objects.published(), "  ")) == [study]


class TestReading:
    def test_the_filter_set_narrows_and_looks_up_words(self, empty_bank: None):
        wanted = published(title="Casas de acogida", countries=("PE",))
        published(title="Casas de acogida", countries=("BR",))
        data = QueryDict("q=acogida&country=PE&year_to=2021&unknown=1")
        assert list(StudyFilterSet(data, queryset=Study.objects.published()).qs) == [wanted]

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("year_from=soon", "year_from"),
            ("year_from=99", "year_from"),
            ("year_to=3000", "year_to"),
            ("year_to=1e3", "year_to"),
            ("year_to=" + "9" * 5000, "year_to"),
            ("sort=best", "sort"),
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=" + "9" * 30, "page"),
            ("page=" + "9" * 5000, "page"),
            ("page=1.5", "page"),
            ("page=x", "page"),
            ("page_size=7", "page_size"),
            ("page_size=" + "9" * 30, "page_size"),
            ("page=%00", "page"),
        ],
    )
    def test_what_cannot_be_read_is_ignored_and_told(self, query: str, parameter: str):
        filters = StudyFilterSet(QueryDict("country=PE&" + query), queryset=Study.objects.none())
        assert filters.criteria() == Criteria(chosen={"country": ("PE",)})
        assert list(filters.errors) == [parameter]

    def test_words_lose_their_nul_bytes(self):
        assert read_criteria(QueryDict("q=casas%00de%00acogida")).q == "casas de acogida"

    def test_a_code_with_a_nul_byte_finds_nothing_and_breaks_nothing(self):
        criteria = read_criteria(QueryDict("country=P%00E&type=%00"))
        assert list(filter_studies(Study.objects.all(), unresolved_filters(criteria))) == []

    def test_codes_are_bounded_in_number_and_length(self):
        many = "&".join(f"country=C{number}" for number in range(1000))
        assert len(read_criteria(QueryDict(many)).chosen["country"]) == MAX_CODES
        assert read_criteria(QueryDict("country=" + "x" * 10_000)).chosen == {}

    def test_empty_and_repeated_codes_count_once(self):
        assert read_criteria(QueryDict("country=PE&country=&country=PE&country= BR ")).chosen == {
            "country": ("BR", "PE")
        }


class TestOldAddresses:
    @pytest.mark.parametrize("old", ["appraisal", "certainty"])
    def test_a_parameter_of_before_is_read_by_its_name_of_today(self, old: str):
        criteria = read_criteria(QueryDict(f"{old}=low&risk_of_bias=high"))
        assert criteria.chosen == {"risk_of_bias": ("high", "low")}

    def test_exposures_take_the_place_of_a_retired_intervention(self):
        criteria = read_criteria(QueryDict("intervention=economic-context&country=PE&exposure=lockdown"))
        assert criteria.chosen == {
            "exposure": ("income-shock", "lockdown", "unemployment", "women-work"),
            "country": ("PE",),
        }

    def test_a_retired_intervention_is_dropped_beside_others(self):
        criteria = read_criteria(QueryDict("intervention=economic-context&intervention=helpline"))
        assert criteria.chosen == {"intervention": ("helpline",)}

    def test_what_is_of_today_stays_as_it_is(self):
        assert update_parameters(QueryDict("intervention=helpline&risk_of_bias=low&q=certainty")) is None


def possible_codes(parameter: str) -> list[str]:
    """The codes that the parameter offers, with "not stated" and one that nobody knows."""
    return list(dict.fromkeys([*PARAMETERS[parameter].codes(vocabularies.current()), NOT_STATED, "no-such-code"]))


SOME_YEAR = st.none() | st.integers(2000, 2026)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    """Choices in up to four parameters: frequent codes often, so that something is found."""
    chosen = {}
    for parameter in draw(st.lists(st.sampled_from([*PARAMETERS, "outcome", "effect"]), max_size=4, unique=True)):
        values = possible_codes(parameter)
        options = st.sampled_from(values[:6]) | st.sampled_from(values) | st.just(NOT_STATED)
        chosen[parameter] = frozenset(draw(st.lists(options, min_size=1, max_size=3)))
    return Filters(chosen, draw(SOME_YEAR), draw(SOME_YEAR))


class TestS6DocumentsMeanWhatTheOrmMeans:
    @pytest.fixture
    def engine(self) -> MemoryEngine:
        """The naive engine over the real bank and some studies that lack what the real ones have."""
        lacking = ("interventions", "populations", "settings", "countries")
        published(**dict.fromkeys(lacking, ()), type=None, language=None, status=None, open_access=None, **NO_FINDINGS)
        published(outcomes=("ipv-physical", "ipv-sexual"), sources=(source(supports=["findings", "bibliography"]),))
        published(outcomes=("ipv-sexual",), findings=(), open_access=False, designs=("qualitative", "rct"))
        appraise(published(), "low")
        appraise(published(countries=("PE", "BR")), "high", "some")
        make_study(), make_study(stage=Stage.IN_REVIEW), make_study(stage=Stage.WITHDRAWN)
        engine, vocabulary = MemoryEngine(FACET_PARAMETERS), vocabularies.current()
        studies = Study.objects.published().for_indexing()
        engine.rebuild([build_document(study, vocabulary) for study in studies], read_wanted_position())
        return engine

    @settings(max_examples=examples(250), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(wanted=filters())
    def test_the_engine_finds_what_the_filter_set_finds(self, engine: MemoryEngine, wanted: Filters):
        result = engine.search(SearchRequest(filters=wanted, limit=None, count=False))
        expected = set(filter_studies(Study.objects.published(), wanted).values_list("pk", flat=True))
        assert {hit.study_id for hit in result.hits} == expected
        assert result.total == len(expected)

    @pytest.mark.parametrize("parameter", mainly(5, tuple(PARAMETERS)))
    def test_every_option_finds_as_many_as_the_database(self, engine: MemoryEngine, parameter: str):
        counts = engine.search(SearchRequest(limit=1)).facets[parameter]
        studies = Study.objects.published()
        expected = {
            code: filter_studies(studies, Filters({parameter: frozenset({code})})).count()
            for code in possible_codes(parameter)
        }
        assert counts == {code: number for code, number in expected.items() if number}
