"""What the public may know of a record's history: dates and kinds, nobody's name."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from studies.appraisals import workflow
from studies.curation import stages
from studies.curation.history import PARTS, read_public_history
from studies.models import Revision, Stage, Study
from studies.records.study import STUDY_FIELDS
from studies.store.changes import bank_change
from tests.factories import edit, make_proposal, make_study, user_with_role, withdraw
from tests.studies.appraisals_factory import proposed, rob_2
from tests.studies.records_factory import source

pytestmark = pytest.mark.django_db


def told(study: Study) -> list[tuple[str, tuple[str, ...]]]:
    return [(event.kind, event.parts) for event in read_public_history(study)]


def aged(study: Study, days: int) -> None:
    """Put all that has happened so far into the past."""
    for revision in study.revisions.all():
        at = revision.at - datetime.timedelta(days=days)
        Revision.objects.filter(pk=revision.pk).update(at=at)


class TestPublicHistory:
    def test_every_field_of_a_record_belongs_to_one_part(self):
        assert sorted(field for fields in PARTS.values() for field in fields) == sorted(STUDY_FIELDS)

    def test_begins_with_the_first_publication(self):
        study = make_study(title_es="Un borrador")
        edit(study, title_es="Otro borrador")
        assert told(study) == []
        published = make_study(stage=Stage.PUBLISHED)
        assert told(published) == [("published", ())]

    def test_tells_corrections_by_their_parts(self):
        study = make_study(stage=Stage.PUBLISHED)
        edit(study, findings=(), sources=())
        aged(study, 3)
        edit(study, themes=("autonomy",))
        assert told(study)[1:] == [("corrected", ("results", "sources")), ("corrected", ("classification",))]

    def test_corrections_of_one_day_are_one(self):
        study = make_study(stage=Stage.PUBLISHED)
        edit(study, year=2020)
        edit(study, findings=())
        assert told(study) == [("published", ()), ("corrected", ("results", "bibliography"))]

    def test_tells_withdrawal_and_return_and_nothing_of_between(self):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        edit(study, year=2020)
        stages.move(study, "restore", by=user_with_role("Administración"), note="Era un error.")
        assert [kind for kind, _parts in told(study)] == ["published", "withdrawn", "restored"]

    def test_tells_an_appraisal_apart_from_corrections(self):
        study = make_study(stage=Stage.PUBLISHED)
        people = proposed(study)
        workflow.agree(study, rob_2(), version=1, by=people[1])
        edit(study, own_appraisals=(), year=2020)
        assert told(study)[1:] == [("appraised", ()), ("corrected", ("bibliography", "appraisal"))]

    def test_nothing_is_told_of_judgements_before_they_are_final(self):
        study = make_study(stage=Stage.PUBLISHED)
        proposed(study)
        assert told(study) == [("published", ())]

    def test_a_touch_that_changed_nothing_is_not_told(self):
        study = make_study(stage=Stage.PUBLISHED)
        with bank_change() as change:
            change.touch(study, content=False)
        assert told(study) == [("published", ())]

    def test_costs_one_query(self, django_assert_num_queries):
        study = make_study(stage=Stage.PUBLISHED)
        with django_assert_num_queries(1):
            read_public_history(study)


class TestOnThePage:
    @pytest.mark.parametrize(
        ("prefix", "line", "first"),
        [
            (
                "/estudios",
                "Última modificación: 3 de mayo de 2026 · corrección de resultados y fuentes",
                "1 de enero de 2026: publicación en el banco",
            ),
            (
                "/en/studies",
                "Last change: 3 May 2026 · correction of results and sources",
                "1 January 2026: publication in the bank",
            ),
        ],
    )
    def test_says_when_and_what_kind_without_names(self, client: Client, prefix: str, line: str, first: str):
        writer = user_with_role("Revisión", username="nombre-secreto")
        study = make_study(stage=Stage.PUBLISHED)
        study.revisions.update(at=datetime.datetime(2026, 1, 1, 17, tzinfo=datetime.UTC))
        edit(study, by=writer, findings=(), sources=(source("https://otra.pe"),))
        study.revisions.filter(by=writer).update(
            at=datetime.datetime(2026, 5, 4, 3, tzinfo=datetime.UTC), note="nota-secreta"
        )
        page = client.get(f"{prefix}/{study.slug}/").content.decode()
        assert line in page
        assert first in page
        assert "nombre-secreto" not in page
        assert "nota-secreta" not in page

    def test_says_so_where_nothing_changed(self, client: Client):
        page = client.get(f"/estudios/{make_study(stage=Stage.PUBLISHED).slug}/").content.decode()
        assert "Sin modificaciones." in page
        assert "Historia del registro" not in page

    def test_a_proposal_is_no_change(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED)
        before = client.get(f"/estudios/{study.slug}/").content
        make_proposal(study, title_es="Secreto todavía")
        assert client.get(f"/estudios/{study.slug}/").content == before

    def test_the_notice_of_a_withdrawn_study_keeps_its_day(self, client: Client):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        study.revisions.filter(stage=Stage.WITHDRAWN).update(at=datetime.datetime(2026, 5, 3, 17, tzinfo=datetime.UTC))
        edit(study, title_es="Cambiado después")
        assert "Retirado el 3 de mayo de 2026" in client.get(f"/estudios/{study.slug}/").content.decode()
