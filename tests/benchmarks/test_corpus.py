"""The made-up studies that search is measured on."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmarks.corpus import make_records, make_studies, read_records
from search.criteria.facets import PARAMETERS
from studies.records import rules
from studies.records.study import StudyRecord
from studies.store import vocabularies

SOME = 300


@pytest.fixture(scope="module")
def made_up() -> list[StudyRecord]:
    return list(make_records(SOME))


def words(record: StudyRecord) -> list[str]:
    return re.findall(r"\w+", f"{record.summary_es} {record.summary_en}".lower())


class TestRecords:
    def test_each_could_be_published(self, made_up: list[StudyRecord]):
        assert [record.id for record in made_up if rules.find_problems(record)] == []

    def test_each_names_itself_as_made_up_and_is_like_no_other(self, made_up: list[StudyRecord]):
        assert all(record.id.startswith("made-up-") for record in made_up)
        assert all(record.doi.startswith("10.5555/made-up.") for record in made_up if record.doi)
        assert all(source.url.startswith("https://example.org/") for record in made_up for source in record.sources)
        assert all("Made-up" in number for record in made_up for number in record.registration)
        assert len({record.id for record in made_up}) == len({record.summary_es for record in made_up}) == SOME

    def test_a_small_corpus_is_the_beginning_of_a_larger_one(self, made_up: list[StudyRecord]):
        assert list(make_records(10)) == made_up[:10]

    def test_another_seed_gives_others(self, made_up: list[StudyRecord]):
        assert list(make_records(10, seed=1)) != made_up[:10]


class TestLikeness:
    def test_texts_are_as_long_as_the_real_ones(self, made_up: list[StudyRecord]):
        real = read_records()
        assert sum(map(len, map(words, made_up))) / SOME == pytest.approx(
            sum(map(len, map(words, real))) / len(real), rel=0.1
        )

    def test_the_commonest_codes_are_those_of_the_real_ones(self, made_up: list[StudyRecord]):
        shares = [
            Counter(code for record in some for code in record.interventions).most_common(3)
            for some in (read_records(), made_up)
        ]
        assert {code for code, _ in shares[0]} & {code for code, _ in shares[1]}

    def test_new_words_keep_coming(self, made_up: list[StudyRecord]):
        first = {word for record in made_up[: SOME // 2] for word in words(record)}
        second = {word for record in made_up[SOME // 2 :] for word in words(record)}
        assert len(second - first) > SOME


@pytest.mark.django_db
class TestStudies:
    def test_each_is_described_with_codes_for_all_parameters(self, made_up: list[StudyRecord]):
        known = vocabularies.current()
        for study, record in zip(make_studies(20, known), made_up, strict=False):
            document = study.document(known)
            assert (document.study_id, document.slug) == (study.number, record.id)
            assert document.codes == study.codes(known)
            assert document.codes.keys() == set(PARAMETERS)
            assert all(document.codes.values())
