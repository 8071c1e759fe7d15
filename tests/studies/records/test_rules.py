import dataclasses

import pytest

from studies.records import rules
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.rules import Problem
from studies.records.study import AuthorRecord, CostRecord, InterventionRecord
from tests.studies.records_factory import author, complete_record, finding, fixture_json, fixture_studies, source

KNOWN = {vocabulary: {term["code"] for term in terms} for vocabulary, terms in fixture_json("taxonomy").items()}


def problems(record, **options):
    return rules.find_problems(record, known_codes=KNOWN, this_year=2026, **options)


def one_finding(**changes):
    return problems(complete_record(findings=(finding(**changes),)))


class TestR2Publishing:
    def test_a_complete_record_has_no_problem(self):
        assert problems(complete_record()) == ()

    def test_no_real_study_has_a_problem(self):
        programmes = {programme["name"] for programme in fixture_json("programmes")}
        assert {
            study.id: problems(study, known_programmes=programmes)
            for study in fixture_studies()
            if problems(study, known_programmes=programmes)
        } == {}

    @pytest.mark.parametrize(
        ("field", "nothing"),
        [("title", ""), ("year", None), ("summary_es", None)]
        + [(field, ()) for field in ("authors", "themes", "designs", "sources")],
    )
    def test_what_is_needed_is_named_where_it_is_missing(self, field, nothing):
        assert problems(complete_record(**{field: nothing})) == (Problem(field, "missing"),)

    def test_an_empty_draft_hears_of_everything_at_once_in_the_order_of_the_fields(self):
        draft = complete_record(title=" ", authors=(), year=None, themes=(), designs=(), summary_es=None, sources=())
        assert [problem.field for problem in problems(draft)] == [
            "title", "authors", "year", "themes", "designs", "summary_es", "sources",
        ]  # fmt: skip

    def test_a_doi_of_another_study_is_refused(self):
        assert problems(complete_record(), doi_taken=lambda doi: True) == (Problem("doi", "doi-taken"),)

    def test_a_record_without_doi_asks_nobody_whether_it_is_taken(self):
        assert problems(complete_record(doi=None), doi_taken=lambda doi: True) == ()

    @pytest.mark.parametrize("doi", ["https://doi.org/10.1234/abc", "10.1234/ABC", "10.12/abc", "abc"])
    def test_a_doi_is_bare_and_in_small_letters(self, doi):
        assert problems(complete_record(doi=doi), doi_taken=lambda doi: True) == (Problem("doi", "doi-malformed"),)

    def test_each_number_has_its_measure(self):
        bare = {"measure": None, "value": None, "ci_low": None, "ci_high": None, "ci_level": None}
        assert one_finding(**{**bare, "value": 0.7}) == (Problem("findings[0].measure", "number-without-measure"),)

    @pytest.mark.parametrize("changes", [{"p": 0.03}, {"p_below": 0.001}])
    def test_a_p_may_stand_alone(self, changes):
        bare = {"measure": None, "value": None, "ci_low": None, "ci_high": None, "ci_level": None}
        assert one_finding(**bare, **changes) == ()

    @pytest.mark.parametrize("changes", [{"ci_low": 0.8}, {"ci_high": 0.6}])
    def test_the_value_lies_in_its_interval(self, changes):
        assert one_finding(**changes) == (Problem("findings[0].value", "interval-contradicts-value"),)

    @pytest.mark.parametrize("changes", [{"value": 0.5}, {"value": 0.9}, {"ci_low": 0.7, "ci_high": 0.7}])
    def test_a_value_may_stand_on_the_edge_of_its_interval(self, changes):
        assert one_finding(**changes) == ()

    def test_an_interval_has_its_ends_in_order(self):
        assert one_finding(ci_low=0.9, ci_high=0.5) == (Problem("findings[0].ci_low", "interval-contradicts-value"),)

    def test_numbers_need_a_source_that_supports_the_findings(self):
        record = complete_record(sources=(source(supports=["bibliography"]),))
        assert problems(record) == (Problem("sources", "findings-unsupported"),)

    def test_findings_in_words_need_no_source_of_their_own(self):
        words = finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None)
        assert problems(complete_record(findings=(words,), sources=(source(supports=["bibliography"]),))) == ()


class TestPlausibility:
    @pytest.mark.parametrize("year", [1899, 2028, 20221])
    def test_a_year_is_one_in_which_a_study_can_have_come_out(self, year):
        assert problems(complete_record(year=year)) == (Problem("year", "year-implausible"),)

    @pytest.mark.parametrize(
        ("year", "month", "day", "field"),
        [
            (2021, 13, None, "month"),
            (2021, 0, None, "month"),
            (2021, 2, 29, "day"),
            (2021, None, 5, "day"),
            (2021, 4, 31, "day"),
        ],
    )
    def test_a_date_is_one_of_the_calendar(self, year, month, day, field):
        assert problems(complete_record(year=year, month=month, day=day)) == (Problem(field, "date-impossible"),)

    @pytest.mark.parametrize(("year", "month", "day"), [(2020, 2, 29), (2021, 12, None), (2021, 12, 31)])
    def test_a_date_may_stop_at_its_month(self, year, month, day):
        assert problems(complete_record(year=year, month=month, day=day)) == ()

    def test_standard_numbers_stand_in_their_one_form(self):
        right = complete_record(
            issn=("0378-5955",),
            isbn=("9780306406157",),
            pmid="31217198",
            authors=(author(orcid="0000-0002-1825-0097"), AuthorRecord(literal="Casa", ror="02mhbdp94")),
        )
        assert problems(right) == ()
        wrong = dataclasses.replace(right, issn=("03785955",), authors=(author(orcid="0000-0002-1825-0098"),))
        assert problems(wrong) == (Problem("authors[0].orcid", "orcid-malformed"), Problem("issn[0]", "issn-malformed"))

    def test_an_issue_of_next_year_may_be_out_already(self):
        assert problems(complete_record(year=2027)) == ()

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "ftp://x.pe/a", "www.gob.pe", "https://", "https://x.pe/a b"]
    )
    def test_addresses_are_of_the_web(self, url):
        record = complete_record(url=url, sources=(source(), source(url=url)))
        assert problems(record) == (Problem("url", "address-malformed"), Problem("sources[1].url", "address-malformed"))

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"sample_size": 0}, Problem("sample_size", "not-positive")),
            ({"sample_size": None}, Problem("sample_unit", "sample-unit-without-size")),
            ({"period": "2018-10"}, Problem("period", "period-malformed")),
            ({"period": "2020-2018"}, Problem("period", "period-malformed")),
            ({"limitations_es": "Pocas comunidades."}, Problem("limitations_en", "translation-missing")),
            ({"limitations_en": "Few communities."}, Problem("limitations_es", "translation-missing")),
            ({"authors": (author(family=None, given="Ana"),)}, Problem("authors[0]", "missing")),
        ],
    )
    def test_fields_that_contradict_themselves_are_named(self, changes, problem):
        assert problems(complete_record(**changes)) == (problem,)

    @pytest.mark.parametrize("changes", [{"year": 1900}, {"sample_size": 1}])
    def test_the_least_that_can_be_is_allowed(self, changes):
        assert problems(complete_record(**changes)) == ()

    @pytest.mark.parametrize("period", ["2020", "2011-2012", "2020-2020", "2019-"])
    def test_a_period_may_be_one_year_or_go_on(self, period):
        assert problems(complete_record(period=period)) == ()


class TestFindings:
    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"outcome": "ipv-sexual"}, "outcome", "outcome-not-of-study"),
            ({"about": ("shelter",)}, "about[0]", "intervention-not-of-study"),
            ({"higher_is": "good"}, "higher_is", "unknown-code"),
            ({"p": 0.04, "p_below": 0.05}, "p_below", "p-twice"),
            ({"p_below": 0}, "p_below", "p-out-of-range"),
            ({"se": 0}, "se", "not-positive"),
            ({"comparator": "unheard-of"}, "comparator", "unknown-code"),
            ({"reporter": "unheard-of"}, "reporter", "unknown-code"),
            ({"p": 1.2}, "p", "p-out-of-range"),
            ({"p": -0.1}, "p", "p-out-of-range"),
            ({"ci_low": None}, "ci_low", "interval-incomplete"),
            ({"ci_high": None}, "ci_high", "interval-incomplete"),
            ({"ci_low": None, "ci_high": None}, "ci_level", "level-without-interval"),
            ({"ci_level": 0}, "ci_level", "level-out-of-range"),
            ({"ci_level": 100}, "ci_level", "level-out-of-range"),
            ({"value": None}, "value", "measure-without-value"),
            ({"unit": "points on the scale"}, "unit", "unit-without-such-measure"),
            ({"follow_up": None}, "follow_up", "follow-up-incomplete"),
            ({"follow_up_months": None}, "follow_up_months", "follow-up-incomplete"),
            ({"follow_up": "dos años"}, "follow_up", "follow-up-malformed"),
            ({"follow_up_months": 0}, "follow_up_months", "not-positive"),
            ({"follow_up_months": -1}, "follow_up_months", "not-positive"),
        ],
    )
    def test_each_slip_is_named_at_its_field(self, changes, field, code):
        assert one_finding(**changes) == (Problem(f"findings[0].{field}", code),)

    @pytest.mark.parametrize("p", [0, 1])
    def test_a_p_may_be_none_or_all(self, p):
        assert one_finding(p=p) == ()

    def test_the_path_counts_the_findings(self):
        record = complete_record(findings=(finding(), finding(p=3)))
        assert problems(record) == (Problem("findings[1].p", "p-out-of-range"),)


def judgement(**changes):
    """Build a judgement of bias that a review published."""
    values = {"instrument": "RoB 1", "judges": "bias", "overall": "high", "by": "Una revisión, 2013"}
    return PublishedAppraisalRecord(**{**values, "url": "https://example.org/revision", **changes})


class TestInterventions:
    def test_each_needs_a_role(self):
        record = complete_record(interventions=("parenting", InterventionRecord("engaging-men")))
        assert problems(record) == (Problem("interventions[1].role", "role-missing"),)

    @pytest.mark.parametrize("row", [InterventionRecord("x", "evaluated"), InterventionRecord("parenting", "x")])
    def test_code_and_role_are_those_of_the_vocabularies(self, row):
        (problem,) = problems(complete_record(interventions=(row,)))
        assert problem.code == "unknown-code"

    def test_harms_are_due_to_interventions_of_the_study(self):
        record = complete_record(harms="found", harms_about=("shelter",))
        assert problems(record) == (Problem("harms_about[0]", "intervention-not-of-study"),)


class TestWhatStandsBesideFindings:
    def test_a_judgement_of_others_says_who_where_and_what(self):
        assert problems(complete_record(appraisals=(judgement(),))) == ()

    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"by": None}, "by", "missing"),
            ({"url": None}, "url", "missing"),
            ({"url": "www.gob.pe"}, "url", "address-malformed"),
            ({"judges": None}, "judges", "missing"),
            ({"judges": "taste"}, "judges", "unknown-code"),
            ({"overall": None}, "overall", "missing"),
            ({"risk_of_bias": "x"}, "risk_of_bias", "unknown-code"),
        ],
    )
    def test_and_each_slip_is_named(self, changes, field, code):
        record = complete_record(appraisals=(judgement(**changes),))
        assert problems(record) == (Problem(f"appraisals[0].{field}", code),)

    def test_only_a_judgement_of_bias_feeds_the_facet(self):
        record = complete_record(appraisals=(judgement(judges="effect", risk_of_bias="low"),))
        assert problems(record) == (Problem("appraisals[0].risk_of_bias", "bias-without-judgement"),)

    def test_harms_in_words_say_first_whether_there_were_any(self):
        assert problems(complete_record(harms_es="Hubo.", harms_en="Some.")) == (Problem("harms", "missing"),)

    @pytest.mark.parametrize("name", ["note", "harms", "delivery"])
    def test_both_languages_or_neither(self, name):
        record = complete_record(harms="found", **{f"{name}_es": "Una frase."})
        assert problems(record) == (Problem(f"{name}_en", "translation-missing"),)

    def test_a_currency_is_a_code(self):
        assert problems(complete_record(costs=(CostRecord(5, "soles"),))) == (
            Problem("costs[0].currency", "currency-malformed"),
        )

    def test_a_review_names_only_studies_that_are_or_were_public(self):
        record = complete_record(includes=("public", "draft"))
        assert problems(record, never_public=lambda slugs: {"draft"}) == (
            Problem("includes[1]", "included-not-public"),
        )


class TestCodes:
    @pytest.mark.parametrize("field", ["language", "type", "status", "sample_unit", "harms"])
    def test_a_code_is_one_of_its_vocabulary(self, field):
        assert problems(complete_record(**{field: "unheard-of"})) == (Problem(field, "unknown-code"),)

    @pytest.mark.parametrize(
        "field", ["themes", "exposures", "data_sources", "populations", "settings", "designs", "countries"]
    )
    def test_each_code_of_a_list_is_looked_at(self, field):
        record = complete_record()
        record = dataclasses.replace(record, **{field: (*getattr(record, field), "unheard-of")})
        (problem,) = problems(record)
        assert problem == Problem(f"{field}[{len(getattr(record, field)) - 1}]", "unknown-code")

    @pytest.mark.parametrize("field", ["effect", "measure"])
    def test_the_codes_of_findings_are_looked_at(self, field):
        assert Problem(f"findings[0].{field}", "unknown-code") in one_finding(**{field: "unheard-of"})

    def test_a_source_supports_what_a_source_can_support(self):
        record = complete_record(sources=(source(supports=["findings", "everything"]),))
        assert problems(record) == (Problem("sources[0].supports[1]", "unknown-code"),)

    def test_a_programme_is_one_of_the_bank(self):
        record = complete_record(programme="SASA!")
        assert problems(record, known_programmes={"Juntos"}) == (Problem("programme", "unknown-programme"),)
        assert problems(record, known_programmes={"SASA!"}) == ()

    def test_without_vocabularies_no_code_is_unknown(self):
        assert rules.find_problems(complete_record(themes=("unheard-of",)), this_year=2026) == ()

    def test_every_code_that_a_problem_can_have_is_listed_and_can_come(self):
        broken = [
            complete_record(
                title="",
                year=3000,
                doi="x",
                url="x",
                period="x",
                sample_size=None,
                limitations_es="x",
                programme="x",
                sources=(source(supports=["x"]),),
                findings=(
                    finding(
                        outcome="x", about=("x",), measure=None, unit="x", ci_low=None, p=2, p_below=0.5, ci_level=200
                    ),
                    finding(follow_up="x", follow_up_months=None, value=None),
                    finding(value=0.1, ci_high=None),
                    finding(ci_low=None, ci_high=None),
                ),
            ),
            complete_record(
                sample_size=-1,
                month=2,
                day=30,
                issn=("0378-5954",),
                isbn=("0306406152",),
                pmid="PMC1",
                authors=(author(orcid="x"), AuthorRecord(literal="x", ror="x")),
                interventions=(InterventionRecord("parenting"),),
                costs=(CostRecord(5, "soles"),),
                appraisals=(judgement(judges="effect", risk_of_bias="low"),),
            ),
        ]
        seen = {problem.code for record in broken for problem in problems(record, known_programmes=set())}
        seen |= {problem.code for problem in problems(complete_record(), doi_taken=lambda doi: True)}
        seen |= {
            problem.code for problem in problems(complete_record(includes=("a",)), never_public=lambda slugs: slugs)
        }
        assert seen == set(rules.PROBLEM_CODES)
