"""Reviews and the studies that they include, both ways: only what is published, at a cost that does not grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studies.models import Stage, Study
from studies.web.shared.queries import reviews_and_included
from tests.factories import make_study, withdraw
from tests.studies.web.test_study import page, text

pytestmark = pytest.mark.django_db


def make_review(*included: Study, **changes: Any) -> Study:
    slugs = tuple(sorted(study.slug for study in included))
    return make_study(stage=Stage.PUBLISHED, designs=("systematic-review",), includes=slugs, **changes)


def show(client: Client, study: Study) -> str:
    return page(client, f"/estudios/{study.slug}/")


class TestReviews:
    def test_list_the_studies_of_the_bank_that_they_include(self, client):
        one, other = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        html = show(client, make_review(one, other))
        assert "Estudios de este banco que incluye" in html
        assert "2 estudios, según la revisión." in text(html)
        assert html.count(f'href="/estudios/{one.slug}/"') == 1

    def test_are_listed_by_the_studies_that_they_include(self, client):
        study = make_study(stage=Stage.PUBLISHED)
        review = make_review(study, title_es="Una revisión")
        html = show(client, study)
        section = html[html.index("Revisiones de este banco que lo incluyen") :]
        assert f'href="/estudios/{review.slug}/">Una revisión</a>' in section
        assert "no es independiente" not in text(html)

    def test_that_share_a_study_are_said_not_to_be_independent(self, client):
        shared, alone = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        first, second = make_review(shared, alone), make_review(shared)
        assert "lo que dicen no es independiente" in text(show(client, shared))
        html = show(client, first)
        assert "Revisiones que comparten estudios con esta" in html
        assert "1 estudio de este banco en común" in text(html)
        assert f'href="/estudios/{second.slug}/"' in html

    def test_of_a_study_in_no_review_have_no_section(self, client):
        html = show(client, make_study(stage=Stage.PUBLISHED))
        assert "Revisiones de este banco" not in html
        assert "comparten estudios" not in html

    def test_show_nothing_that_is_not_published(self, client):
        shared = make_study(stage=Stage.PUBLISHED)
        review, hidden = make_review(shared), make_review(shared, title_es="Revisión secreta")
        withdraw(hidden)
        assert "Revisión secreta" not in show(client, shared)
        assert "comparten estudios" not in show(client, review)
        withdraw(shared)
        assert "Estudios de este banco que incluye" not in show(client, review)


class TestCost:
    def cost(self, study: Study) -> int:
        read = Study.objects.for_detail().get(pk=study.pk)
        with CaptureQueriesContext(connection) as captured:
            reviews_and_included(read)
        return len(captured)

    def test_is_one_query_for_a_study_in_no_review(self):
        assert self.cost(make_study(stage=Stage.PUBLISHED)) == 1

    @pytest.mark.parametrize("number", [1, 4])
    def test_does_not_grow_with_reviews_and_studies(self, number):
        studies = [make_study(stage=Stage.PUBLISHED) for _ in range(number)]
        reviews = [make_review(*studies) for _ in range(number + 1)]
        assert self.cost(studies[0]) == 5
        assert self.cost(reviews[0]) == 9
