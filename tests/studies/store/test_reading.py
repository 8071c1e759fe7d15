"""Records that are read of many studies at once are those of `for_export`, with no more queries for more studies."""

from __future__ import annotations

from typing import Any

import pytest

from studies.models import Study
from studies.store import vocabularies
from studies.store.exchange.reading import read_public_records
from studies.store.exchange.study import to_record
from tests.factories import make_study


@pytest.fixture
def ids(db: None) -> list[int]:
    return list(Study.objects.published().order_by("-slug").values_list("pk", flat=True))


class TestPublicRecords:
    def test_are_those_of_the_objects(self, ids: list[int]):
        vocabulary = vocabularies.current()
        wanted = [to_record(study, vocabulary) for study in Study.objects.for_export().in_order_of(ids)]
        assert read_public_records(ids, vocabulary) == wanted

    def test_take_as_many_queries_whatever_the_number(self, ids: list[int], django_assert_num_queries: Any):
        vocabulary = vocabularies.current()
        for number in (1, 200):
            with django_assert_num_queries(11):
                read_public_records(ids[:number], vocabulary)
        with django_assert_num_queries(0):
            assert read_public_records([], vocabulary) == []

    def test_of_references_alone_have_terms_authors_and_sources(self, ids: list[int], django_assert_num_queries: Any):
        vocabulary = vocabularies.current()
        whole = read_public_records(ids, vocabulary)
        with django_assert_num_queries(4):
            records = read_public_records(ids, vocabulary, references_only=True)
        for name in ("authors", "sources", "themes", "designs", "title", "url", "intervention_codes"):
            assert [getattr(record, name) for record in records] == [getattr(record, name) for record in whole]
        assert not any(record.findings or record.costs or record.appraisals for record in records)

    def test_leave_out_what_is_not_published(self, ids: list[int]):
        draft = make_study()
        read = read_public_records([draft.pk, *ids[:2]], vocabularies.current())
        assert [record.id for record in read] == list(
            Study.objects.filter(pk__in=ids[:2]).order_by("-slug").values_list("slug", flat=True)
        )
