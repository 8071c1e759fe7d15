"""What every engine must do. A subclass says how its engine is made, and adds what is true of it alone."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.contract import (
    FIELDS,
    NOT_STATED,
    ChangeBatch,
    Document,
    Engine,
    EngineStatus,
    Filters,
    Hit,
    IndexMissing,
    SearchRequest,
)
from search.criteria.facets import FACET_OF, FACET_PARAMETERS, PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.query.tree import (
    MOST_PREFIX_TOKENS,
    AllOf,
    AnyOf,
    CodeMatch,
    Doi,
    Everything,
    Expansion,
    MostOf,
    Node,
    Not,
    Phrase,
    Prefix,
    WithExpansion,
    Word,
    YearRange,
)
from tests.search.corpora import at, chosen, corpora, document, filters, phrase, queries, requests, said, titled, word
from tests.thorough import examples


def ids(engine: Engine, query: Node = Everything(), **request: object) -> list[int]:  # noqa: B008 - a frozen value
    result = engine.search(SearchRequest(query, limit=None, **request))  # type: ignore[arg-type]
    assert result.total == len(result.hits)
    return [hit.study_id for hit in result.hits]


def found(engine: Engine, query: Node, **request: object) -> set[int]:
    return set(ids(engine, query, **request))


def check_numbers(engine: Engine, documents: list[Document], request: SearchRequest) -> None:
    """Choose every option alone in its facet, and every year, and compare the totals with the numbers."""
    result, filters = engine.search(request), request.filters

    def total(alone: Filters) -> int:
        return engine.search(replace(request, filters=alone, count=False)).total

    for parameter in PARAMETERS:
        cleared = {name: codes for name, codes in filters.chosen.items() if FACET_OF[name] != FACET_OF[parameter]}
        for code in {code for each in documents for code in each.codes[parameter]}:
            alone = replace(filters, chosen={**cleared, parameter: frozenset({code})})
            assert result.facets[parameter].get(code, 0) == total(alone), (parameter, code)
    for year in {each.year for each in documents}:
        assert result.years.get(year, 0) == total(replace(filters, year_from=year, year_to=year)), year


class EngineContract:
    """Subclass it as `Test…`, with `make_engine`."""

    def make_engine(self, folder: Path) -> Engine:
        raise NotImplementedError

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return self.make_engine(tmp_path)

    @pytest.fixture
    def build(self, engine: Engine):
        def build(*documents: Document) -> Engine:
            assert engine.rebuild(documents, at(1))
            return engine

        return build

    # Words

    @pytest.mark.parametrize("field", FIELDS)
    def test_a_word_is_found_in_every_field(self, build, field):
        engine = build(document(1, texts={field: said("agua")}), document(2, texts={field: said("fuego")}))
        assert found(engine, word("agua")) == {1}

    def test_a_word_is_found_under_either_rule_set_but_each_token_under_its_own(self, build):
        engine = build(
            document(1, texts={"title": said("muj", "x")}),
            document(2, texts={"title": said("x", "woman")}),
            document(3, texts={"title": said("woman", "muj")}),
        )
        assert found(engine, Word("muj", "woman")) == {1, 2}

    def test_a_word_that_names_a_code_finds_the_studies_that_carry_it(self, build):
        engine = build(document(1, codes={"country": "PE"}), titled(2, "peru"), document(3, codes={"country": "EC"}))
        assert found(engine, word("peru", ("country", "PE"))) == {1, 2}

    def test_a_code_of_an_unknown_parameter_finds_nothing(self, build):
        assert found(build(document(1)), word("nada", ("colour", "red"))) == set()

    def test_an_empty_token_finds_nothing_although_breaks_are_empty(self, build):
        engine = build(document(1, texts={"summary": said("agua | fuego")}))
        assert found(engine, Word("", "")) == set()
        assert found(engine, Phrase((), ())) == set()
        assert found(engine, Phrase(("agua", "", "fuego"), ("", ""))) == set()

    def test_any_characters_may_be_sought(self, build):
        engine = build(titled(1, "año"), titled(2, "\U0001f600"))
        assert found(engine, word("año")) == {1}
        assert found(engine, word("\U0001f600")) == {2}
        assert found(engine, word("\ud800")) == set()
        assert found(engine, word("a" * 10_000)) == set()
        assert found(engine, word("\x00")) == set()

    def test_a_phrase_stands_side_by_side_in_order(self, build):
        engine = build(titled(1, "ni una menos"), titled(2, "una ni menos"), titled(3, "ni una o menos"))
        assert found(engine, phrase("ni una menos")) == {1}

    def test_a_phrase_does_not_reach_over_a_break(self, build):
        engine = build(
            document(1, texts={"summary": said("ni una | menos")}),
            document(2, texts={"summary": said("| ni una menos")}),
        )
        assert found(engine, phrase("una menos")) == {2}

    def test_a_phrase_does_not_reach_from_field_to_field_nor_from_rules_to_rules(self, build):
        engine = build(
            document(1, texts={"title": said("ni una"), "summary": said("menos")}),
            document(2, texts={"title": said("ni una x", "x x menos")}),
        )
        assert found(engine, phrase("una menos")) == set()

    def test_a_phrase_may_repeat_a_word_and_overlap_itself(self, build):
        engine = build(titled(1, "no no no"), titled(2, "no x no"))
        assert found(engine, phrase("no no")) == {1}

    def test_a_phrase_that_names_a_code_finds_the_studies_that_carry_it(self, build):
        engine = build(document(1, codes={"programme": "sasa"}), document(2))
        assert found(engine, phrase("hombres por la igualdad", ("programme", "sasa"))) == {1}

    def test_a_doi_is_compared_whole(self, build):
        engine = build(document(1, doi="10.1/ab"), document(2, doi="10.1/a"), document(3))
        assert found(engine, Doi("10.1/a")) == {2}
        assert found(engine, Doi("")) == set()

    def test_a_field_restricts_words_and_phrases_but_not_their_codes(self, build):
        engine = build(
            document(1, texts={"title": said("agua clara")}),
            document(2, texts={"summary": said("agua clara")}),
            document(3, codes={"theme": "water"}),
        )
        assert found(engine, Word("agua", "agua", field="title")) == {1}
        assert found(engine, Phrase(("agua", "clara"), ("agua", "clara"), field="summary")) == {2}
        assert found(engine, Word("agua", "agua", frozenset({("theme", "water")}), "title")) == {1, 3}

    def test_a_prefix_matches_tokens_that_begin_so_under_either_rule_set(self, build):
        engine = build(titled(1, "violencia"), document(2, texts={"summary": said("x", "violent")}), titled(3, "vio"))
        assert found(engine, Prefix("viol", "viol", "viol")) == {1, 2}
        assert found(engine, Prefix("viol", "viol", "viol", field="title")) == {1}
        assert found(engine, Prefix("violencias", "violencia", "violencia")) == {1}
        assert found(engine, Prefix("", "", "")) == set()
        assert found(engine, Prefix("agu", "agu", "agu", frozenset({("theme", "a")}))) == set()

    def test_all_tokens_of_a_prefix_in_a_field_count_together(self, build):
        engine = build(titled(1, "sol sola pan"), titled(2, "sol pan pan"), titled(3, "mar mar mar"))
        assert ids(engine, Prefix("sol", "sol", "sol")) == [1, 2]

    def test_a_prefix_seeks_the_shortest_of_many_tokens_and_tells_it(self, build):
        short = " ".join(f"so{number:03}" for number in range(MOST_PREFIX_TOKENS - 1))
        engine = build(titled(1, short), titled(2, "solar1"), titled(3, "solarium"), titled(4, "so"))
        # A token that stands only in a study that went takes nobody's place.
        engine.apply([], [4], at(2))
        result = engine.search(SearchRequest(Not(Prefix("so", "so", "so"))))
        assert [hit.study_id for hit in result.hits] == [3]
        assert result.truncated_prefixes == ("so",)
        assert engine.search(SearchRequest(Prefix("sol", "sol", "sol"))).truncated_prefixes == ()

    def test_codes_and_years_narrow_without_a_score(self, build):
        engine = build(
            titled(1, "sol", codes={"country": "PE"}, year=2010),
            titled(2, "sol sol", codes={"country": "EC"}, year=2015),
            titled(3, "mar", codes={"country": "PE"}, year=2020),
        )
        assert found(engine, CodeMatch(frozenset({("country", "PE")}))) == {1, 3}
        assert found(engine, CodeMatch(frozenset({("country", "PE"), ("country", "EC")}))) == {1, 2, 3}
        assert (
            found(engine, CodeMatch(frozenset({("colour", "red")}))) == found(engine, CodeMatch(frozenset())) == set()
        )
        assert found(engine, YearRange(2010, 2015)) == {1, 2}
        assert found(engine, YearRange(2015, None)) == {2, 3}
        assert found(engine, YearRange(None, 2014)) == {1}
        assert found(engine, YearRange(None, None)) == {1, 2, 3}
        alone = engine.search(SearchRequest(word("sol"))).hits
        assert engine.search(SearchRequest(AllOf((word("sol"), YearRange(2000, None))))).hits == alone

    def test_widened_words_match_by_what_was_added_too(self, build):
        engine = build(
            titled(1, "bono"),
            titled(2, "cash transfer"),
            titled(3, "transfer of cash"),
            document(4, codes={"intervention": "cash"}),
            document(5),
        )
        added = Expansion((phrase("cash transfer"),), frozenset({("intervention", "cash")}))
        assert found(engine, WithExpansion(word("bono"), added)) == {1, 2, 4}
        assert found(engine, Not(WithExpansion(word("bono"), added))) == {3, 5}
        assert found(engine, WithExpansion(word("bono"), Expansion())) == {1}

    def test_the_readers_own_words_rank_above_all_that_was_added(self, build):
        engine = build(
            document(1, texts={"publication": said("bono " + "x " * 200)}),
            titled(2, "subsidio subsidio subsidio", codes={"intervention": "cash"}, year=2024),
            titled(3, "bono subsidio"),
            titled(4, "nada"),
            titled(5, "nada"),
        )
        added = Expansion((word("subsidio"),), frozenset({("intervention", "cash")}))
        assert ids(engine, WithExpansion(word("bono"), added)) == [3, 1, 2]

    def test_a_code_that_most_of_the_bank_carries_is_not_added(self, build):
        engine = build(*(document(n, codes={"population": "women"}) for n in (1, 2)), titled(3, "ama"))
        assert found(engine, WithExpansion(word("ama"), Expansion(codes=frozenset({("population", "women")})))) == {3}

    def test_all_any_and_not_combine(self, build):
        engine = build(titled(1, "sol mar"), titled(2, "sol"), titled(3, "mar"), titled(4, "luz"))
        sol, mar = word("sol"), word("mar")
        assert found(engine, AllOf((sol, mar))) == {1}
        assert found(engine, AnyOf((sol, mar))) == {1, 2, 3}
        assert found(engine, AllOf((sol, Not(mar)))) == {2}
        assert found(engine, Not(AnyOf((sol, mar)))) == {4}
        assert found(engine, Not(Not(sol))) == {1, 2}

    def test_most_of_the_words_are_half_of_their_rarity(self, build):
        engine = build(titled(1, "sol mar"), titled(2, "sol"), titled(3, "sol"), titled(4, "mar pez"), titled(5, "luz"))
        sol, mar, pez = word("sol"), word("mar"), word("pez")
        assert found(engine, MostOf((sol, mar), (1, 1))) == {1, 4}
        assert found(engine, MostOf((sol, mar), (2, 1))) == {1, 2, 3}
        assert found(engine, MostOf((sol, mar, pez), (1, 1, 1))) == {1, 4}
        assert found(engine, MostOf((sol, word("nada")), (1, 1))) == set()
        assert found(engine, MostOf((), ())) == set()

    def test_all_of_nothing_is_everything_and_any_of_nothing_is_nothing(self, build):
        engine = build(document(1))
        assert found(engine, Everything()) == {1}
        assert found(engine, AllOf(())) == {1}
        assert found(engine, AnyOf(())) == set()

    # Filters

    def test_choices_of_one_facet_widen(self, build):
        engine = build(document(1, codes={"theme": "a"}), document(2, codes={"theme": "b"}), document(3))
        assert found(engine, Everything(), filters=chosen(theme="a b")) == {1, 2}

    def test_the_two_parameters_of_a_facet_widen(self, build):
        engine = build(
            document(1, codes={"region": "andes", "country": "PE"}),
            document(2, codes={"region": "africa", "country": "UG"}),
            document(3, codes={"region": "africa", "country": "KE"}),
        )
        assert found(engine, Everything(), filters=chosen(region="andes", country="UG")) == {1, 2}

    def test_facets_narrow(self, build):
        engine = build(
            document(1, codes={"theme": "a", "design": "rct"}),
            document(2, codes={"theme": "a", "design": "survey"}),
            document(3, codes={"theme": "b", "design": "rct"}),
        )
        assert found(engine, Everything(), filters=chosen(theme="a", design="rct")) == {1}

    def test_not_stated_is_a_choice_like_others(self, build):
        engine = build(document(1, codes={"setting": "school"}), document(2))
        assert found(engine, Everything(), filters=chosen(setting=NOT_STATED)) == {2}
        assert found(engine, Everything(), filters=chosen(setting=f"school {NOT_STATED}")) == {1, 2}

    def test_a_code_that_no_study_carries_finds_nothing_alone(self, build):
        engine = build(document(1, codes={"theme": "a"}))
        assert found(engine, Everything(), filters=chosen(theme="z")) == set()
        assert found(engine, Everything(), filters=chosen(theme="a z")) == {1}

    def test_a_parameter_without_codes_is_no_choice(self, build):
        engine = build(document(1), document(2))
        assert found(engine, Everything(), filters=Filters({"theme": frozenset()})) == {1, 2}

    def test_outcome_and_effect_speak_of_one_finding(self, build):
        engine = build(
            document(1, findings=[("income", "favourable"), ("violence", "mixed")]),
            document(2, findings=[("violence", "favourable")]),
        )
        assert found(engine, Everything(), filters=chosen(outcome="violence", effect="favourable")) == {2}
        assert found(engine, Everything(), filters=chosen(outcome="violence income", effect="favourable")) == {1, 2}
        assert found(engine, Everything(), filters=chosen(outcome="violence")) == {1, 2}
        assert found(engine, Everything(), filters=chosen(effect="mixed")) == {1}

    def test_intervention_and_role_speak_of_one_intervention(self, build):
        engine = build(
            document(1, interventions=[("helpline", "described"), ("police", "evaluated")]),
            document(2, interventions=[("helpline", "evaluated")]),
        )
        assert found(engine, Everything(), filters=chosen(intervention="helpline")) == {1, 2}
        assert found(engine, Everything(), filters=chosen(role="evaluated")) == {1, 2}
        assert found(engine, Everything(), filters=chosen(intervention="helpline", role="evaluated")) == {2}
        assert found(engine, Everything(), filters=chosen(intervention="helpline police", role="evaluated")) == {1, 2}
        assert found(engine, Everything(), filters=chosen(intervention="police", role="described")) == set()

    def test_both_pairs_may_be_chosen_at_once(self, build):
        both = {"interventions": [("helpline", "evaluated")], "findings": [("violence", "mixed")]}
        engine = build(
            document(1, **both),
            document(2, **{**both, "findings": [("violence", "favourable"), ("income", "mixed")]}),
            document(3, **{**both, "interventions": [("helpline", "described"), ("police", "evaluated")]}),
        )
        filters = chosen(intervention="helpline", role="evaluated", outcome="violence", effect="mixed")
        assert found(engine, Everything(), filters=filters) == {1}
        facets = engine.search(SearchRequest(filters=filters)).facets
        assert facets["role"] == {"evaluated": 1, "described": 1}
        assert facets["intervention"] == {"helpline": 1, "police": 1}
        assert facets["effect"] == {"mixed": 1, "favourable": 1}
        assert facets["outcome"] == {"violence": 1, "income": 1}

    def test_what_states_no_intervention_is_found_as_such(self, build):
        engine = build(
            document(1, interventions=[(NOT_STATED, NOT_STATED)]), document(2, interventions=[("police", "evaluated")])
        )
        assert found(engine, Everything(), filters=chosen(intervention=NOT_STATED)) == {1}
        assert found(engine, Everything(), filters=chosen(intervention=NOT_STATED, role=NOT_STATED)) == {1}
        assert found(engine, Everything(), filters=chosen(intervention=NOT_STATED, role="evaluated")) == set()

    def test_an_outcome_without_a_finding_is_found_by_its_outcome_and_by_no_effect(self, build):
        engine = build(document(1, findings=[("violence", NOT_STATED), ("income", "mixed")]))
        assert found(engine, Everything(), filters=chosen(outcome="violence")) == {1}
        assert found(engine, Everything(), filters=chosen(outcome="violence", effect="mixed")) == set()
        assert found(engine, Everything(), filters=chosen(outcome="violence", effect=NOT_STATED)) == {1}

    def test_years_are_a_range_with_both_ends(self, build):
        engine = build(*(document(year, year=year) for year in (2009, 2010, 2012, 2013)))
        assert found(engine, Everything(), filters=chosen(2010, 2012)) == {2010, 2012}
        assert found(engine, Everything(), filters=chosen(year_from=2012)) == {2012, 2013}
        assert found(engine, Everything(), filters=chosen(year_to=2009)) == {2009}
        assert found(engine, Everything(), filters=chosen(2013, 2009)) == set()

    def test_filters_narrow_what_words_find(self, build):
        engine = build(titled(1, "sol", codes={"theme": "a"}), titled(2, "sol"), titled(3, "mar", codes={"theme": "a"}))
        assert found(engine, word("sol"), filters=chosen(theme="a")) == {1}

    # Counts

    def test_an_option_is_counted_without_the_other_choices_of_its_facet(self, build):
        engine = build(
            document(1, codes={"theme": "a", "design": "rct"}),
            document(2, codes={"theme": "b", "design": "rct"}),
            document(3, codes={"theme": "b", "design": "survey"}),
        )
        facets = engine.search(SearchRequest(filters=chosen(theme="a"))).facets
        assert facets["theme"] == {"a": 1, "b": 2}
        assert facets["design"] == {"rct": 1}

    def test_a_region_is_counted_without_the_countries_that_are_chosen(self, build):
        engine = build(
            document(1, codes={"region": "andes", "country": "PE"}),
            document(2, codes={"region": "africa", "country": "UG"}),
        )
        facets = engine.search(SearchRequest(filters=chosen(country="PE"))).facets
        assert facets["region"] == {"andes": 1, "africa": 1}
        assert facets["country"] == {"PE": 1, "UG": 1}

    def test_outcomes_are_counted_by_findings_with_the_chosen_effects(self, build):
        engine = build(
            document(1, findings=[("income", "favourable"), ("violence", "mixed")]),
            document(2, findings=[("violence", "favourable"), ("violence", "mixed")]),
            document(3, findings=[("income", NOT_STATED)]),
        )
        facets = engine.search(SearchRequest(filters=chosen(effect="favourable"))).facets
        assert facets["outcome"] == {"income": 1, "violence": 1}
        assert facets["effect"] == {"favourable": 2, "mixed": 2, NOT_STATED: 1}
        facets = engine.search(SearchRequest(filters=chosen(outcome="violence", effect="favourable"))).facets
        assert facets["outcome"] == {"income": 1, "violence": 1}
        assert facets["effect"] == {"favourable": 1, "mixed": 2}

    def test_interventions_are_counted_in_the_chosen_roles(self, build):
        engine = build(
            document(1, interventions=[("helpline", "described"), ("police", "evaluated")]),
            document(2, interventions=[("helpline", "evaluated")]),
            document(3, interventions=[(NOT_STATED, NOT_STATED)]),
        )
        facets = engine.search(SearchRequest(filters=chosen(role="evaluated"))).facets
        assert facets["intervention"] == {"helpline": 1, "police": 1}
        assert facets["role"] == {"evaluated": 2, "described": 1, NOT_STATED: 1}
        facets = engine.search(SearchRequest(filters=chosen(intervention="helpline"))).facets
        assert facets["role"] == {"evaluated": 1, "described": 1}
        assert facets["intervention"] == {"helpline": 2, "police": 1, NOT_STATED: 1}

    def test_years_are_counted_without_the_range_of_years(self, build):
        engine = build(document(1, year=2010), document(2, year=2010), document(3, year=2020, codes={"theme": "a"}))
        assert engine.search(SearchRequest(filters=chosen(year_from=2015))).years == {2010: 2, 2020: 1}
        assert engine.search(SearchRequest(filters=chosen(year_to=2015, theme="a"))).years == {2020: 1}

    def test_options_are_counted_under_the_range_of_years_and_the_words(self, build):
        engine = build(
            *(titled(n, "sol", year=2000 + n, codes={"theme": "a"}) for n in (1, 2)), titled(3, "mar", year=2002)
        )
        result = engine.search(SearchRequest(word("sol"), chosen(year_from=2002)))
        assert result.facets["theme"] == {"a": 1}
        assert result.years == {2001: 1, 2002: 1}

    def test_every_parameter_is_there_and_no_zero(self, build):
        facets = build(document(1)).search(SearchRequest(word("nada"))).facets
        assert facets == {parameter: {} for parameter in PARAMETERS}

    def test_nothing_is_counted_unasked(self, build):
        result = build(document(1)).search(SearchRequest(count=False))
        assert (result.facets, result.years) == ({}, {})

    def test_every_number_is_the_total_of_the_option_chosen_alone(self):
        # Inside, because hypothesis wants a test of its own for every engine.
        @settings(max_examples=examples(30))
        @given(corpora(), queries, filters)
        def check(documents: list[Document], query: Node, filters: Filters) -> None:
            with tempfile.TemporaryDirectory() as folder:
                engine = self.make_engine(Path(folder))
                engine.rebuild(documents, at(1))
                check_numbers(engine, documents, SearchRequest(query, filters))

        check()

    # Scores

    def test_the_title_weighs_more_than_the_summary(self, build):
        engine = build(document(1, texts={"summary": said("sol")}), document(2, texts={"title": said("sol")}))
        assert ids(engine, word("sol")) == [2, 1]

    def test_more_occurrences_in_a_shorter_text_rank_higher(self, build):
        engine = build(titled(1, "sol mar luz pan"), titled(2, "sol"), titled(3, "sol sol"))
        assert ids(engine, word("sol")) == [3, 2, 1]

    def test_breaks_make_no_text_longer(self, build):
        engine = build(titled(1, "sol | | | mar"), titled(2, "sol mar"))
        result = engine.search(SearchRequest(word("sol")))
        assert len({hit.score for hit in result.hits}) == 1

    def test_a_rare_word_counts_more_than_a_common_one(self, build):
        engine = build(titled(1, "sol"), titled(2, "mar"), titled(3, "mar"))
        assert ids(engine, AnyOf((word("sol"), word("mar"))))[0] == 1

    def test_parts_that_match_add_up_and_exclusions_add_nothing(self, build):
        engine = build(titled(1, "sol mar"), titled(2, "luz pan"))
        score = lambda query: engine.search(SearchRequest(query)).hits[0].score  # noqa: E731
        sol, mar = score(word("sol")), score(word("mar"))
        assert score(AllOf((word("sol"), word("mar")))) == sol + mar
        assert score(AnyOf((word("sol"), word("mar"), word("pez")))) == sol + mar
        assert score(AllOf((word("sol"), Not(word("luz"))))) == sol
        assert score(AnyOf((word("sol"), AllOf((word("mar"), word("pez")))))) == sol

    def test_more_of_the_words_rank_before_fewer(self, build):
        engine = build(titled(1, "sol mar"), titled(2, "mar mar mar"), titled(3, "sol"), titled(4, "luz"))
        assert ids(engine, MostOf((word("sol"), word("mar")), (1, 2))) == [1, 2]

    def test_all_words_of_most_score_by_their_weights(self, build):
        engine = build(titled(1, "sol mar"), titled(2, "luz pan"))
        score = lambda query: engine.search(SearchRequest(query)).hits[0].score  # noqa: E731
        sol, mar = word("sol"), word("mar")
        assert score(MostOf((sol, mar), (1, 2))) == score(sol) + 2 * score(mar)

    def test_every_word_that_matches_adds_something(self, build):
        engine = build(*(titled(n, "sol " + "x " * 50) for n in range(1, 60)))
        assert all(hit.score >= 1 for hit in engine.search(SearchRequest(word("sol"), limit=None)).hits)

    def test_the_better_rule_set_counts_not_both(self, build):
        engine = build(document(1, texts={"title": said("sol", "sol")}), document(2, texts={"title": said("sol", "x")}))
        first, second = engine.search(SearchRequest(word("sol"))).hits
        assert first.score == second.score

    def test_a_programme_named_weighs_more_than_another_code(self, build):
        engine = build(document(1, codes={"theme": "a"}), document(2, codes={"programme": "p"}))
        assert ids(engine, word("x", ("theme", "a"), ("programme", "p"))) == [2, 1]

    def test_the_best_code_counts_once(self, build):
        engine = build(document(1, codes={"theme": "a b"}), document(2, codes={"theme": "a c"}))
        first, second = engine.search(SearchRequest(word("x", ("theme", "a"), ("theme", "b")))).hits
        assert first.score == second.score

    def test_a_code_weighs_less_the_more_of_its_kind_a_study_carries(self, build):
        engine = build(document(1, codes={"theme": "a b"}), document(2, codes={"theme": "a"}))
        assert ids(engine, word("x", ("theme", "a"))) == [2, 1]

    def test_a_doi_outweighs_words(self, build):
        engine = build(titled(1, "sol sol sol"), document(2, doi="10.1/a"))
        assert ids(engine, AnyOf((word("sol"), Doi("10.1/a")))) == [2, 1]

    def test_scores_are_there_in_every_order_and_zero_without_words(self, build):
        engine = build(titled(1, "sol"))
        scored = engine.search(SearchRequest(word("sol"))).hits
        assert scored[0].score > 0
        assert engine.search(SearchRequest(word("sol"), sort="title")).hits == scored
        assert engine.search(SearchRequest()).hits == (Hit(1, 0),)
        assert engine.search(SearchRequest(Not(word("mar")))).hits == (Hit(1, 0),)

    # Order and pages

    def test_without_words_relevance_is_newest(self, build):
        engine = build(document(1, year=2001), document(2, year=2003), document(3, year=2002))
        assert ids(engine) == ids(engine, sort="newest") == [2, 3, 1]

    def test_ties_of_score_go_by_year_then_by_slug(self, build):
        engine = build(
            titled(1, "sol", year=2001, slug="a"),
            titled(2, "sol", year=2002, slug="c"),
            titled(3, "sol", year=2002, slug="b"),
        )
        assert ids(engine, word("sol")) == [3, 2, 1]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("newest", [4, 2, 3, 1]),
            ("oldest", [1, 2, 3, 4]),
            ("title", [3, 1, 4, 2]),
            ("added", [1, 3, 2, 4]),
            ("nearness", [2, 3, 4, 1]),
        ],
    )
    def test_each_sort_ends_with_the_slug(self, build, sort, order):
        engine = build(
            document(1, year=2001, slug="d", title_key="b", added=9, nearness=2),
            document(2, year=2002, slug="b", title_key="c", added=5, nearness=0),
            document(3, year=2002, slug="c", title_key="a", added=7, nearness=0),
            document(4, year=2003, slug="a", title_key="b" + "a", added=1, nearness=1),
        )
        assert ids(engine, sort=sort) == order

    @pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "title", "added", "nearness"])
    def test_equal_studies_stand_by_slug_in_every_sort(self, build, sort):
        engine = build(*(document(n, slug=slug, title_key="x") for n, slug in enumerate("cabd")))
        assert ids(engine, sort=sort) == [1, 2, 0, 3]

    def test_pages_part_the_list(self, build):
        engine = build(*(titled(n, "sol " * n, year=2000 + n % 3) for n in range(1, 12)))
        whole = engine.search(SearchRequest(word("sol"), limit=None)).hits
        pages = [engine.search(SearchRequest(word("sol"), offset=n, limit=4)) for n in (0, 4, 8)]
        assert sum((page.hits for page in pages), ()) == whole
        assert {page.total for page in pages} == {11}

    def test_a_page_past_the_end_has_no_hits_but_the_total(self, build):
        result = build(document(1)).search(SearchRequest(offset=20))
        assert (result.total, result.hits) == (1, ())

    def test_the_order_of_insertion_changes_nothing(self, tmp_path):
        documents = [titled(n, "sol " * (n % 3), year=2000 + n % 2) for n in range(10)]
        engines = [self.make_engine(tmp_path / name) for name in ("a", "b")]
        engines[0].rebuild(documents, at(1))
        engines[1].rebuild(reversed(documents), at(1))
        first, second = (engine.search(SearchRequest(word("sol"), limit=None)) for engine in engines)
        assert first == second

    def test_many_small_changes_end_where_one_building_does(self, tmp_path):
        documents = [
            titled(n, "sol " * (n % 3) + "mar", year=2000 + n % 2, codes={"theme": f"t{n % 4}"}) for n in range(14)
        ]
        built, grown = (self.make_engine(tmp_path / name) for name in ("a", "b"))
        built.rebuild(documents, at(30))
        grown.rebuild((), at(1))
        for n, made in enumerate(documents):
            assert grown.apply([replace(made, texts={"title": said("otro sol")})], [], at(2 + n))
            assert grown.apply([made], [], at(3 + n))
        request = SearchRequest(AnyOf((word("sol"), phrase("sol mar"))), limit=None)
        assert grown.search(request) == built.search(request)

    # Changes

    def test_nothing_is_found_before_the_first_building(self, engine):
        assert engine.status() == EngineStatus("missing", None, 0)
        for ask in (
            lambda: engine.search(SearchRequest()),
            lambda: engine.apply([document(1)], [], at(1)),
            engine.fingerprints,
        ):
            with pytest.raises(IndexMissing):
                ask()

    def test_a_bank_may_be_empty(self, build):
        engine = build()
        result = engine.search(SearchRequest(AllOf((word("sol"), phrase("sol mar"))), chosen(2000, theme="a")))
        assert (result.total, result.hits, result.years) == (0, (), {})
        assert engine.status() == EngineStatus("ready", at(1), 0)

    def test_a_study_that_comes_is_found_and_one_that_goes_is_not(self, build):
        engine = build(titled(1, "sol"), titled(2, "sol"))
        assert engine.apply([titled(3, "sol")], [1], at(2))
        assert found(engine, word("sol")) == {2, 3}
        assert engine.search(SearchRequest()).years == {2020: 2}

    def test_a_changed_study_is_found_by_its_new_words_only(self, build):
        engine = build(titled(1, "sol", codes={"theme": "a"}, doi="10.1/a"))
        engine.apply([titled(1, "mar", codes={"theme": "b"}, doi="10.1/b")], [], at(2))
        assert found(engine, word("sol")) == found(engine, Doi("10.1/a")) == set()
        assert found(engine, word("mar")) == found(engine, Doi("10.1/b")) == {1}
        assert engine.search(SearchRequest()).facets["theme"] == {"b": 1}

    def test_studies_that_went_weigh_in_no_score(self, tmp_path, build):
        engine = build(titled(1, "sol"), titled(2, "sol mar luz"), titled(3, "sol " * 9), titled(4, "pan"))
        engine.apply([], [2, 3], at(2))
        fresh = self.make_engine(tmp_path / "fresh")
        fresh.rebuild([titled(1, "sol"), titled(4, "pan")], at(2))
        assert engine.search(SearchRequest(word("sol"))) == fresh.search(SearchRequest(word("sol")))

    def test_applying_the_same_twice_changes_nothing(self, build):
        engine = build(titled(1, "sol"), titled(2, "sol"))
        for _ in range(2):
            assert engine.apply([titled(1, "mar")], [2], at(5))
            result = engine.search(SearchRequest(AnyOf((word("sol"), word("mar")))))
            assert [hit.study_id for hit in result.hits] == [1]
            assert engine.status() == EngineStatus("ready", at(5), 1)
            assert engine.fingerprints() == {1: "hash-1"}

    def test_removing_what_is_not_there_is_no_error(self, build):
        engine = build(document(1))
        assert engine.apply([], [7], at(2))
        assert found(engine, Everything()) == {1}

    def test_a_study_that_both_comes_and_goes_is_gone(self, build):
        engine = build(document(1))
        engine.apply([document(1), document(2)], [1, 2], at(2))
        assert found(engine, Everything()) == set()

    def test_a_study_given_twice_is_there_once(self, build):
        engine = build(titled(1, "sol"), titled(1, "mar"))
        engine.apply([titled(2, "sol"), titled(2, "mar")], [], at(2))
        assert ids(engine) == [1, 2]
        engine.apply([titled(2, "pan")], [], at(3))
        assert ids(engine) == [1, 2]
        assert found(engine, word("sol")) == {1}

    def test_a_change_without_studies_moves_the_position(self, build):
        engine = build(document(1))
        assert engine.apply([], [], at(9))
        assert engine.status().position == at(9)

    def test_an_older_position_is_taken_as_given(self, build):
        engine = build(document(1))
        engine.apply([document(2)], [], at(9))
        engine.apply([document(2)], [], at(4))
        assert engine.status().position == at(4)

    def test_a_batch_that_would_leave_a_gap_is_refused(self, build):
        engine = build(document(1))
        assert not engine.apply([document(2)], [], at(9), since=at(5))
        assert not engine.apply([document(2)], [], at(9), since=at(1, bank_id="other"))
        assert engine.status() == EngineStatus("ready", at(1), 1)
        assert engine.apply([document(2)], [], at(9), since=at(1))

    def test_a_batch_that_others_have_brought_meanwhile_is_left_alone(self, build):
        engine = build(titled(1, "sol"))
        engine.apply([titled(1, "mar")], [], at(9))
        assert engine.apply([titled(1, "sol")], [], at(5), since=at(1))
        assert engine.status().position == at(9)
        assert found(engine, word("mar")) == {1}

    def test_a_batch_may_stay_at_its_position_and_the_next_goes_on_from_there(self, build):
        engine = build(titled(1, "sol"))
        assert engine.apply([titled(2, "sol")], [], at(1), since=at(1))
        assert engine.apply([titled(3, "sol")], [], at(2), since=at(1))
        assert engine.status() == EngineStatus("ready", at(2), 3)

    def test_what_changed_during_a_rebuilding_is_in_the_new_index(self, build):
        engine = build(titled(1, "sol"))

        def later():
            yield ChangeBatch([titled(1, "mar"), titled(2, "mar")], [3], at(8))
            yield ChangeBatch([], [2], at(9))

        assert engine.rebuild([titled(1, "sol"), titled(3, "sol")], at(7), later())
        assert engine.status() == EngineStatus("ready", at(9), 1)
        assert found(engine, word("mar")) == {1}
        assert found(engine, word("sol")) == set()

    def test_rebuilding_replaces_everything(self, build):
        engine = build(titled(1, "sol"))
        assert engine.rebuild([titled(2, "sol")], at(8, bank_id="other"))
        assert found(engine, word("sol")) == {2}
        assert engine.status() == EngineStatus("ready", at(8, bank_id="other"), 1)

    def test_a_rebuilding_that_fails_leaves_the_old_index(self, build):
        def failing():
            yield titled(2, "sol")
            raise ConnectionError

        engine = build(titled(1, "sol"))
        with pytest.raises(ConnectionError):
            engine.rebuild(failing(), at(2))
        assert found(engine, word("sol")) == {1}
        assert engine.status() == EngineStatus("ready", at(1), 1)
        assert engine.rebuild([titled(2, "sol")], at(2))

    def test_changes_that_fail_leave_the_old_index_and_free_the_writer(self, build):
        def failing():
            yield titled(2, "sol")
            raise ConnectionError

        engine = build(titled(1, "sol"))
        with pytest.raises(ConnectionError):
            engine.apply(failing(), [1], at(2))
        assert found(engine, word("sol")) == {1}
        assert engine.apply([titled(2, "sol")], [], at(2))

    def test_fingerprints_tell_what_stands_in_the_index(self, build):
        engine = build(document(1), document(2, fingerprint="other"))
        assert engine.fingerprints() == {1: "hash-1", 2: "other"}


class AnswersAsMemory:
    """The same answers as the specification, to the last score, on random corpora and requests. With `make_engine`."""

    def make_engine(self, folder: Path) -> Engine:
        raise NotImplementedError

    def test_a_built_index_answers_as_memory_does(self):
        @settings(max_examples=examples(50))
        @given(corpora(), st.lists(requests, min_size=4, max_size=8))
        def check(documents: list[Document], asked: list[SearchRequest]) -> None:
            with tempfile.TemporaryDirectory() as folder:
                engine, memory = self.make_engine(Path(folder)), MemoryEngine(FACET_PARAMETERS)
                for each in (engine, memory):
                    each.rebuild(documents, at(1))
                for request in asked:
                    assert engine.search(request) == memory.search(request)

        check()

    def test_an_index_that_has_changed_answers_as_memory_does(self):
        @settings(max_examples=examples(30))
        @given(corpora(), st.data())
        def check(documents: list[Document], data: st.DataObject) -> None:
            with tempfile.TemporaryDirectory() as folder:
                engine, memory = self.make_engine(Path(folder)), MemoryEngine(FACET_PARAMETERS)
                for each in (engine, memory):
                    each.rebuild(documents, at(1))
                for change_no in range(2, 2 + data.draw(st.integers(1, 5))):
                    upserts = data.draw(corpora(range(1, 9)))
                    removals = data.draw(st.frozensets(st.integers(1, 12), max_size=3))
                    for each in (engine, memory):
                        assert each.apply(upserts, removals, at(change_no))
                    assert engine.status() == memory.status()
                    assert engine.fingerprints() == memory.fingerprints()
                    for request in data.draw(st.lists(requests, min_size=2, max_size=4)):
                        assert engine.search(request) == memory.search(request)

        check()
