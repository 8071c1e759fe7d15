"""Rows that are attached to many studies at once are those of `for_export`, without a query for each study."""

from __future__ import annotations

from typing import Any

import pytest

from studies.models import Study
from studies.models.attached_rows import attach_rows
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from tests.factories import make_study

BELOW = (
    "study_terms",
    "authorships",
    "findings",
    "costs",
    "sources",
    "published_appraisals",
    "appraisals",
    "inclusions",
)


@pytest.fixture
def ids(db: None) -> list[int]:
    return list(Study.objects.published().order_by("-slug").values_list("pk", flat=True)[:200])


class TestReadingForExport:
    def test_gives_the_records_of_the_prefetched_rows(self, ids: list[int]):
        vocabulary = vocabularies.current()
        wanted = [to_record(study, vocabulary) for study in Study.objects.for_export().in_order_of(ids)]
        assert [to_record(study, vocabulary) for study in Study.objects.read_for_export(ids)] == wanted

    def test_makes_as_many_queries_whatever_the_number(self, ids: list[int], django_assert_num_queries: Any):
        vocabulary = vocabularies.current()
        for number in (1, 200):
            with django_assert_num_queries(11):
                for study in Study.objects.read_for_export(ids[:number]):
                    to_record(study, vocabulary)
        with django_assert_num_queries(0):
            assert Study.objects.read_for_export([]) == []

    def test_of_references_alone_reads_terms_authors_and_sources(self, ids: list[int], django_assert_num_queries: Any):
        vocabulary = vocabularies.current()
        whole = [to_record(study, vocabulary) for study in Study.objects.read_for_export(ids)]
        with django_assert_num_queries(4):
            records = [
                to_record(study, vocabulary) for study in Study.objects.read_for_export(ids, references_only=True)
            ]
        for name in ("authors", "sources", "themes", "designs", "title", "url", "intervention_codes"):
            assert [getattr(record, name) for record in records] == [getattr(record, name) for record in whole]
        assert not any(record.findings or record.costs or record.appraisals for record in records)

    def test_leaves_out_what_is_not_published(self, ids: list[int]):
        draft = make_study()
        assert [study.pk for study in Study.objects.read_for_export([draft.pk, *ids[:2]])] == ids[:2]


@pytest.mark.django_db
class TestAttachedRows:
    def test_are_asked_for_without_a_query(self, django_assert_num_queries: Any):
        studies = list(Study.objects.published()[:5])
        for relation in BELOW:
            attach_rows(studies, relation)
        with django_assert_num_queries(0):
            for study in studies:
                assert all(row.study_id == study.pk for relation in BELOW for row in getattr(study, relation).all())
                assert list(study.authorships.all())

    def test_answer_no_other_question(self):
        studies = list(Study.objects.published()[:5])
        attach_rows(studies, "authorships")
        assert not studies[0].authorships.all().filter(position__gte=0).exists()

    def test_of_no_object_are_none(self):
        assert attach_rows([], "authorships") == []
