"""Merging two studies, and undoing it: nothing is lost, addresses lead on, both records come back exactly."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studies.appraisals import workflow
from studies.curation import stages
from studies.curation.stages import CurationError, MoveRefused, NotPublishable
from studies.duplicates import merging
from studies.duplicates.merging import MergeUndoRefused, StudyMergeRefused, StudyMergeStale, united_interventions
from studies.models import Evaluation, Merge, Programme, Revision, Stage, Study
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import InterventionRecord, StudyRecord, fingerprint
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, user_with_role, withdraw
from tests.studies.appraisals_factory import (
    appraisal_record,
    assessed,
    casp_record,
    confirmed,
    proposed,
    risks_of_bias,
    rob_2,
    round_of,
)
from tests.studies.records_factory import complete_record, fixture_studies, source

pytestmark = pytest.mark.django_db
REVIEWER = "Revisión"


def reviewer() -> User:
    return user_with_role(REVIEWER)


def merged(study: Study, into: Study, *, by: User | None = None, note: str = "", **chosen: Any) -> Merge:
    study.refresh_from_db()
    into.refresh_from_db()
    record = replace(to_record(into), **chosen)
    seen = (study.changed_no, into.changed_no)
    return merging.merge(study, into, record, seen=seen, by=by or reviewer(), note=note)


def undo(merge: Merge) -> None:
    merging.undo(Merge.objects.get(pk=merge.pk), by=reviewer())


def state(study: Study) -> dict[str, Any]:
    """Everything that undoing has to bring back."""
    row = Study.objects.get(pk=study.pk)
    return {
        "record": fingerprint(to_record(row)),
        "stage": (row.stage, row.stage_note, row.merged_into_id, row.published_at),
        "evaluations": sorted(row.evaluation_studies.values_list("evaluation__slug", "position")),
        "programmes": sorted(Programme.objects.filter(studies=row).values_list("slug", flat=True)),
    }


class TestMerging:
    def test_the_merged_study_leads_on_and_both_have_a_revision_of_one_change(self):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        by = reviewer()
        merge = merged(copy, kept, by=by, note="Mismo artículo.")
        copy.refresh_from_db()
        assert (copy.stage, copy.merged_into) == (Stage.MERGED, kept)
        revisions = Revision.objects.filter(change_no=merge.change_no)
        assert {revision.study_id for revision in revisions} == {copy.pk, kept.pk}
        assert {revision.by for revision in revisions} == {by}
        assert all("Mismo artículo." in revision.note for revision in revisions)

    def test_the_sources_of_both_are_united(self):
        copy = make_study(sources=(source("https://a.pe/", ["design"]), source("https://b.pe/", ["bibliography"])))
        kept = make_study(stage=Stage.PUBLISHED, sources=(source("https://a.pe/", ["findings", "bibliography"]),))
        merged(copy, kept)
        held = to_record(Study.objects.get(pk=kept.pk)).sources
        assert [(one.url, set(one.supports)) for one in held] == [
            ("https://a.pe/", {"findings", "bibliography", "design"}),
            ("https://b.pe/", {"bibliography"}),
        ]

    def test_no_doi_is_lost_whichever_is_chosen(self):
        copy, kept = make_study(doi="10.1234/copy"), make_study(stage=Stage.PUBLISHED, doi="10.1234/kept")
        merged(copy, kept, doi="10.1234/copy")
        assert Study.objects.get(pk=kept.pk).doi == "10.1234/copy"
        assert Study.objects.get(pk=copy.pk).doi == "10.1234/kept"

    def test_the_slug_of_the_one_that_stays_never_changes(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        merged(copy, kept, id=copy.slug, title="Otro título")
        kept_now = Study.objects.get(pk=kept.pk)
        assert (kept_now.slug, kept_now.title) == (kept.slug, "Otro título")

    def test_evaluations_and_programmes_go_along(self):
        copy, kept, programme = make_study(), make_study(stage=Stage.PUBLISHED), Programme.objects.all()[0]
        trial = Evaluation.objects.create(slug="ensayo", kind="trial", name_es="Ensayo", name_en="Trial")
        trial.evaluation_studies.create(study=copy, position=0)
        programme.programme_studies.create(study=copy, position=0)
        before = state(copy), state(kept)
        merge = merged(copy, kept)
        assert state(kept)["evaluations"] == [("ensayo", 0)]
        assert state(kept)["programmes"] == [programme.slug]
        undo(merge)
        assert (state(copy), state(kept)) == before

    def test_judgements_of_others_are_united_each_once(self):
        known = {"judges": "bias", "overall": "low", "by": "Cochrane", "url": "https://example.org/review"}
        shared, own = (PublishedAppraisalRecord(instrument=name, **known) for name in ("RoB 1", "JBI"))
        copy = make_study(appraisals=(own, shared))
        kept = make_study(stage=Stage.PUBLISHED, appraisals=(shared,))
        before = state(copy), state(kept)
        merge = merged(copy, kept, appraisals=())
        assert to_record(Study.objects.get(pk=kept.pk)).appraisals == (shared, own)
        undo(merge)
        assert (state(copy), state(kept)) == before

    def test_of_an_intervention_that_both_have_the_role_of_the_one_that_stays_counts(self):
        described = InterventionRecord("engaging-men", "described"), InterventionRecord("helpline", "described")
        one = complete_record(interventions=("engaging-men", InterventionRecord("helpline", None)))
        assert united_interventions(one, complete_record(interventions=described)) == (
            InterventionRecord("engaging-men", "evaluated"),
            InterventionRecord("helpline", "described"),
        )

    def test_appraisals_of_both_are_united_whatever_was_chosen(self):
        copy = make_study(own_appraisals=(appraisal_record(note_es="Del otro"), casp_record()))
        kept = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(note_es="Del que queda"),))
        before = state(copy), state(kept)
        merge = merged(copy, kept, own_appraisals=())
        held = to_record(Study.objects.get(pk=kept.pk)).own_appraisals
        assert [(one.instrument, one.note_es) for one in held] == [
            ("rob-2", "Del que queda"),
            ("casp-qualitative", None),
        ]
        assert to_record(Study.objects.get(pk=copy.pk)).own_appraisals == (
            appraisal_record(note_es="Del otro"),
            casp_record(),
        )
        undo(merge)
        assert (state(copy), state(kept)) == before

    def test_an_appraisal_made_final_since_hinders_the_undoing(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        merge = merged(copy, kept)
        people = proposed(kept)
        workflow.agree(kept, rob_2(), version=1, by=people[1])
        with pytest.raises(MergeUndoRefused) as refusal:
            undo(merge)
        assert any("cambió después de la unión" in sentence for sentence in refusal.value.hindrances)
        assert risks_of_bias(kept) == ["low"]

    def test_what_is_under_way_waits_for_the_undoing(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        person = assessed(copy)
        merge = merged(copy, kept)
        assert not round_of(copy).may_look(person)
        undo(merge)
        assert round_of(copy).find_own(person) is not None
        assert round_of(copy).may_reopen(person)

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED, Stage.WITHDRAWN])
    def test_a_study_of_any_stage_goes_into_a_published_one(self, stage: Stage):
        copy, kept = make_study(stage=stage), make_study(stage=Stage.PUBLISHED)
        before = state(copy), state(kept)
        merge = merged(copy, kept)
        assert Study.objects.get(pk=copy.pk).stage == Stage.MERGED
        undo(merge)
        assert (state(copy), state(kept)) == before


class TestRefusals:
    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW, Stage.WITHDRAWN])
    def test_only_a_published_study_takes_another(self, stage: Stage):
        with pytest.raises(MoveRefused, match="publicado"):
            merged(make_study(), make_study(stage=stage))

    def test_a_merged_study_neither_takes_another_nor_is_merged_again(self):
        first, second, third = (make_study(stage=Stage.PUBLISHED) for _ in range(3))
        merged(first, second)
        for copy, kept in ((third, first), (first, third)):
            with pytest.raises(MoveRefused):
                merged(copy, kept)

    def test_a_study_is_not_merged_into_itself(self):
        study = make_study(stage=Stage.PUBLISHED)
        with pytest.raises(MoveRefused):
            merged(study, study)

    @pytest.mark.parametrize("role", ["Curaduría", None])
    def test_only_who_reviews_merges_and_undoes(self, role: str | None):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        with pytest.raises(MoveRefused, match="permiso"):
            merged(copy, kept, by=user_with_role(role))
        merge = merged(copy, kept)
        with pytest.raises(MoveRefused, match="permiso"):
            merging.undo(merge, by=user_with_role(role))

    def test_what_would_no_longer_be_publishable_is_refused_as_a_whole(self):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        before = state(copy), state(kept)
        with pytest.raises(NotPublishable):
            merged(copy, kept, summary_es=None)
        assert (state(copy), state(kept)) == before
        assert not Merge.objects.exists()

    def test_a_change_since_the_page_was_opened_is_told(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        seen = (copy.changed_no, kept.changed_no)
        edit(kept, title_es="Otro título")
        with pytest.raises(StudyMergeStale):
            merging.merge(copy, kept, to_record(kept), seen=seen, by=reviewer())

    def test_one_study_does_not_come_to_report_on_two_trials(self):
        studies = make_study(), make_study(stage=Stage.PUBLISHED)
        for number, study in enumerate(studies):
            trial = Evaluation.objects.create(
                slug=f"ensayo-{number}", kind="trial", name_es=f"Ensayo {number}", name_en=f"Trial {number}"
            )
            trial.evaluation_studies.create(study=study)
        with pytest.raises(StudyMergeRefused, match=r"Ensayo 0.*Ensayo 1"):
            merged(*studies)


class TestAddresses:
    def test_an_old_address_leads_to_the_end_of_the_chain_in_one_step(self, client: Client):
        first, second, third = (make_study(stage=Stage.PUBLISHED) for _ in range(3))
        merged(first, second)
        merged(second, third)
        for prefix in ("/estudios/", "/en/studies/"):
            response = client.get(f"{prefix}{first.slug}/")
            assert (response.status_code, response.headers["Location"]) == (301, f"{prefix}{third.slug}/")

    def test_no_browser_keeps_the_way_on_for_good_as_a_merge_can_be_undone(self, client: Client):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        merge = merged(copy, kept)
        assert "no-cache" in client.get(copy.get_absolute_url()).headers["Cache-Control"]
        undo(merge)
        assert client.get(copy.get_absolute_url()).status_code == 200

    def test_citations_of_a_merged_study_lead_to_those_of_the_other(self, client: Client):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        merged(copy, kept)
        response = client.get(f"/estudios/{copy.slug}/cita.ris")
        assert (response.status_code, response.headers["Location"]) == (301, f"/estudios/{kept.slug}/cita.ris")

    def test_the_end_of_the_chain_may_be_withdrawn(self, client: Client):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        merged(copy, kept)
        withdraw(kept)
        assert client.get(copy.get_absolute_url(), follow=True).status_code == 200


class TestUndoing:
    def test_an_edit_since_then_hinders_it_and_is_named(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        merge = merged(copy, kept)
        editor = reviewer()
        edit(kept, by=editor, title_es="Otro título")
        with pytest.raises(MergeUndoRefused) as refusal:
            undo(merge)
        (sentence,) = refusal.value.hindrances
        assert kept.slug in sentence
        assert editor.username in sentence
        assert Study.objects.get(pk=copy.pk).stage == Stage.MERGED

    def test_an_edit_that_was_taken_back_hinders_nothing(self):
        copy, kept = make_study(), make_study(stage=Stage.PUBLISHED)
        title = kept.title_es
        merge = merged(copy, kept)
        edit(kept, title_es="Otro título")
        edit(kept, title_es=title)
        undo(merge)
        assert Study.objects.get(pk=copy.pk).stage == Stage.DRAFT

    def test_later_merges_are_undone_first(self):
        first, second, third = (make_study(stage=Stage.PUBLISHED) for _ in range(3))
        before = [state(study) for study in (first, second, third)]
        inner, outer = merged(first, second), merged(second, third)
        with pytest.raises(MergeUndoRefused) as refusal:
            undo(inner)
        assert third.slug in refusal.value.hindrances[0]
        undo(outer)
        undo(inner)
        assert [state(study) for study in (first, second, third)] == before

    def test_two_merges_into_one_are_undone_the_last_one_first(self):
        first, second, kept = (make_study(stage=Stage.PUBLISHED) for _ in range(3))
        earlier, later = merged(first, kept), merged(second, kept)
        with pytest.raises(MergeUndoRefused, match="no se puede"):
            undo(earlier)
        undo(later)
        undo(earlier)
        assert Merge.objects.filter(undone_at=None).count() == 0

    def test_it_is_undone_once(self):
        merge = merged(make_study(), make_study(stage=Stage.PUBLISHED))
        undo(merge)
        with pytest.raises(MergeUndoRefused):
            undo(merge)

    def test_what_went_past_the_revisions_comes_back_too(self):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        Study.objects.filter(pk=kept.pk).update(volume="99")
        Revision.objects.filter(study=copy).delete()
        before = state(copy), state(kept)
        undo(merged(copy, kept, volume="1"))
        assert (state(copy), state(kept)) == before

    def test_a_withdrawal_meanwhile_stays(self):
        copy, kept = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        merge = merged(copy, kept)
        withdraw(kept)
        undo(merge)
        assert [Study.objects.get(pk=study.pk).stage for study in (copy, kept)] == [Stage.PUBLISHED, Stage.WITHDRAWN]


_REAL = [record for record in fixture_studies() if record.findings][:30]


class TestAnyMerge:
    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        one=st.sampled_from(_REAL),
        other=st.sampled_from(_REAL),
        stage=st.sampled_from([Stage.DRAFT, Stage.PUBLISHED, Stage.WITHDRAWN]),
        chosen=st.sets(st.sampled_from(["title", "authors", "year", "doi", "findings", "designs", "countries", "url"])),
    )
    def test_merge_and_undo_restore_both_exactly(
        self, one: StudyRecord, other: StudyRecord, stage: Stage, chosen: set[str]
    ):
        copy = make_study(stage=stage, **_content(one))
        kept = make_study(stage=Stage.PUBLISHED, **_content(other))
        before = state(copy), state(kept)
        if chosen & {"findings"}:
            chosen |= {"outcomes", "interventions", "themes"}
        try:
            merge = merged(copy, kept, **{name: getattr(to_record(copy), name) for name in chosen})
        except CurationError:
            assert (state(copy), state(kept)) == before
            return
        assert {Study.objects.get(pk=study.pk).doi for study in (copy, kept)} == {copy.doi, kept.doi}
        undo(merge)
        assert (state(copy), state(kept)) == before
        assert not stages.find_problems(Study.objects.get(pk=kept.pk))


class TestAnyWalk:
    """Merges, undoings, edits and withdrawals in any order: no address is lost, and what is undone is as it was."""

    @settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["merge", "undo", "edit", "appraise", "withdraw", "restore"]), st.permutations(range(4))
            ),
            min_size=4,
            max_size=9,
        )
    )
    def test_every_once_public_address_answers_and_undoing_is_exact(
        self, client: Client, steps: list[tuple[str, list[int]]]
    ):
        studies = [make_study(stage=Stage.PUBLISHED) for _ in range(4)]
        before: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        for number, (step, order) in enumerate(steps):
            row, other = (Study.objects.get(pk=studies[place].pk) for place in order[:2])
            with suppress(CurationError), transaction.atomic():
                _walk(step, row, other, number, before)
        for study in studies:
            answer = client.get(study.get_absolute_url(), follow=True)
            assert answer.status_code == 200
            assert len(answer.redirect_chain) <= 1


def _walk(
    step: str, row: Study, other: Study, number: int, before: dict[int, tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """Take one step, which may be refused."""
    if step == "merge":
        states = state(row), state(other)
        before[merged(row, other, title=f"Título {number}").pk] = states
    elif step == "undo" and (merge := merging.find_current_merge(row)):
        held = state(merge.into)["stage"]
        undo(merge)
        restored, kept = before[merge.pk]
        assert state(row) == restored
        # What became of the other one meanwhile stays: it may have been withdrawn.
        assert state(merge.into) == {**kept, "stage": held}
    elif step == "edit" and row.stage == Stage.PUBLISHED:
        edit(row, title=f"Otro título {number}")
    elif step == "appraise" and row.stage == Stage.PUBLISHED:
        confirmed(row)
    elif step == "withdraw":
        withdraw(row)
    elif step == "restore":
        stages.move(row, "restore", by=user_with_role("Administración"), note="Se revisó.")


def _content(record: StudyRecord) -> dict[str, Any]:
    """Return what a study says, but for its slug and DOI, which are its own."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in ("id", "doi")}
