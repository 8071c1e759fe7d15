"""Matching of past records: the same as the search finds among today's."""

from __future__ import annotations

import pytest

from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.help.examples import EXAMPLES
from search.lists import past_records
from search.services import public_search
from studies.curation.terms import merge
from studies.models import Stage, Study, Term
from studies.records.study import StudyRecord
from studies.store.changes import vocabulary_change
from studies.store.revisions import read_public_records_at
from tests.factories import edit, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

LISTS = (
    Criteria(),
    Criteria(q="transferencias"),
    Criteria(q="violencia pareja -brasil"),
    Criteria(q='"violencia de pareja" O policía'),
    Criteria(q="mujer"),
    Criteria(q="cash transfer", exact=True),
    Criteria(q="psico*"),
    Criteria(chosen={"outcome": ("ipv-physical",), "effect": ("favourable",)}),
    Criteria(chosen={"region": ("andean",), "country": ("PE",)}, year_from=2015),
    Criteria(chosen={"programme": ("none",), "risk_of_bias": ("not-appraised",)}),
    *(Criteria(q=example.query("es")) for example in EXAMPLES[::4]),
)


def public_records(studies: list[int]) -> dict[int, StudyRecord]:
    return read_public_records_at(studies, 10**9)


class TestMatching:
    @pytest.mark.parametrize("criteria", LISTS, ids=lambda criteria: criteria.query_string or "all")
    def test_finds_of_a_few_records_what_the_list_holds_of_them(self, criteria: Criteria):
        """A few studies alone, of which most carry what is rare in the bank: company must not matter."""
        listed = set(public_search.list_ids(criteria))
        some = [*Study.objects.published().order_by("slug").values_list("pk", flat=True)[::23]]
        records = public_records(some)
        assert past_records.match_past_records(criteria, records) == listed & set(some)

    def test_would_find_other_studies_if_company_mattered(self, memory_engine: MemoryEngine):
        """The test above can fail: within eight studies that all carry a code, no added code tells anything."""
        criteria = Criteria(q="transferencias monetarias")
        few = public_search.list_ids(criteria)[-8:]
        assert past_records.match_past_records(criteria, public_records(few)) == set(few)

    def test_leads_codes_of_merged_terms_to_those_of_today(self):
        with vocabulary_change():
            old, new = (
                Term.objects.create(vocabulary="settings", code=code, label_es=code, label_en=code)
                for code in ("aa", "bb")
            )
        study = make_study(stage=Stage.PUBLISHED, settings=("aa",))
        before = public_records([study.pk])
        merge(old, new, by=None)
        assert before[study.pk].settings == ("aa",)
        assert past_records.match_past_records(Criteria(chosen={"setting": ("bb",)}), before) == {study.pk}
        assert past_records.match_past_records(Criteria(chosen={"setting": ("aa",)}), before) == {study.pk}

    def test_reads_what_the_record_said_then(self):
        study = make_study(stage=Stage.PUBLISHED, countries=("PE",))
        before = public_records([study.pk])
        edit(study, countries=("BO",))
        assert past_records.match_past_records(Criteria(chosen={"country": ("PE",)}), before) == {study.pk}
        assert past_records.match_past_records(Criteria(chosen={"country": ("BO",)}), before) == frozenset()

    def test_of_nothing_is_nothing(self):
        assert past_records.match_past_records(Criteria(), {}) == frozenset()
