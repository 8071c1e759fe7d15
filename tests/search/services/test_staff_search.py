"""The curators' search: the studies of every stage by the criteria of the public search."""

from __future__ import annotations

import pytest
from django.test import Client

from search.criteria.criteria import Criteria
from search.index import indexing
from search.services.staff_search import list_ids
from studies.models import Stage, Study
from studies.store import bank_state
from tests.factories import edit, make_study, merge_studies, user_with_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]


class TestSelecting:
    def test_published_studies_are_found_as_by_the_public(self, client):
        criteria = Criteria(q="transferencias monetarias", chosen={"theme": ("autonomy",)})
        public = client.get("/estudios/", {"q": criteria.q, "theme": "autonomy", "page_size": 50}).context["page"]
        slugs = Study.objects.in_bulk(list_ids(criteria, Stage.PUBLISHED).study_ids)
        assert [slugs[key].slug for key in list_ids(criteria, Stage.PUBLISHED).study_ids] == [
            card.slug for card in public.cards
        ]

    def test_drafts_are_found_by_words_and_by_filters(self):
        draft = make_study(title_es="Ñandutí y violencia", settings=("urban",))
        make_study(title_es="Ñandutí y violencia", settings=("rural",))
        criteria = Criteria(q="NANDUTI", chosen={"setting": ("urban",)})
        assert list_ids(criteria, Stage.DRAFT).study_ids == [draft.pk]
        assert list_ids(criteria).study_ids == [draft.pk]

    @pytest.mark.parametrize(
        ("q", "is_found"),
        [
            ("tejedora", True),
            ('"tejedoras de Puno"', True),
            ("tejedoras -puno", False),
            ("título:tejedoras", False),
            ("cash transfers tejedoras", True),
            ("año:2010-2030 tejedoras", True),
            ("año:1990-2000 tejedoras", False),
        ],
    )
    def test_drafts_are_searched_as_published_ones_are(self, q, is_found):
        draft = make_study(summary_es="Transferencias monetarias a las tejedoras de Puno.", year=2020)
        assert (draft.pk in list_ids(Criteria(q=q), Stage.DRAFT).study_ids) is is_found

    def test_a_draft_without_a_year_is_found_and_a_change_is_heard_of(self):
        draft = make_study(title="Tejedoras", year=None)
        assert list_ids(Criteria(q="tejedoras"), Stage.DRAFT).study_ids == [draft.pk]
        edit(draft, title="Alfareras")
        assert list_ids(Criteria(q="tejedoras"), Stage.DRAFT).study_ids == []
        assert list_ids(Criteria(q="alfareras"), Stage.DRAFT).study_ids == [draft.pk]

    def test_of_very_many_drafts_only_titles_names_and_doi_are_searched_and_that_is_told(self, monkeypatch):
        monkeypatch.setattr("search.index.drafts.MOST_READ", 1)
        titled, told = make_study(title="Tejedoras"), make_study(summary_es="Tejedoras")
        found = list_ids(Criteria(q="tejedoras"), Stage.DRAFT)
        assert (found.study_ids, found.is_whole) == ([titled.pk], False)
        curator = Client()
        curator.force_login(user_with_role("Curaduría"))
        page = curator.get("/admin/trabajo-en-grupo/", {"q": "tejedoras"}).content.decode()
        assert "sus palabras se buscaron solo en títulos" in page
        edit(told, settings=("urban",))
        narrowed = list_ids(Criteria(q="tejedoras", chosen={"setting": ("urban",)}), Stage.DRAFT)
        assert (narrowed.study_ids, narrowed.is_whole) == ([told.pk], True)

    def test_drafts_that_were_read_are_not_read_again(self, django_assert_num_queries):
        make_study(summary_es="Tejedoras")
        with bank_state.cached_counter():
            for questions in (13, 1):
                with django_assert_num_queries(questions):
                    list_ids(Criteria(q="tejedoras"), Stage.DRAFT)

    def test_each_stage_alone_or_all_together_but_none_that_was_merged(self):
        studies = {stage: make_study(stage=stage) for stage in (Stage.DRAFT, Stage.IN_REVIEW, Stage.WITHDRAWN)}
        merged = merge_studies(make_study(stage=Stage.PUBLISHED), Study.objects.published().first())
        indexing.catch_up()
        for stage, study in studies.items():
            assert list_ids(Criteria(), stage).study_ids == [study.pk]
        every = list_ids(Criteria())
        assert set(every.study_ids) == set(Study.objects.exclude(pk=merged.pk).values_list("pk", flat=True))
