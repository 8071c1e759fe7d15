"""Rules that the database holds, by the names of their constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from studies.models import (
    Appraisal,
    Assessment,
    Authorship,
    BankCounter,
    Baseline,
    BulkChange,
    BulkItem,
    CertaintyJudgement,
    Concept,
    Conclusion,
    ConclusionSentence,
    Cost,
    Decision,
    DuplicatePair,
    DuplicateSearch,
    Evaluation,
    EvaluationStudy,
    Finding,
    ImportBatch,
    ImportRow,
    Inclusion,
    Instrument,
    InstrumentDomain,
    InstrumentLevel,
    Merge,
    NotDuplicate,
    Note,
    PolicyQuestion,
    PriorityOutcome,
    Programme,
    ProgrammeStudy,
    Proposal,
    PublishedAppraisal,
    Revision,
    SafetyNote,
    Source,
    Stage,
    Study,
    StudyTerm,
    Term,
)
from tests.factories import make_study, publish, user_with_role, withdraw

pytestmark = pytest.mark.django_db


def study(**changes: Any) -> Study:
    slug = f"estudio-{Study.objects.count()}"
    return Study.objects.create(**{"slug": slug, "title": "Estudio", **changes})


def published(**changes: Any) -> Study:
    return study(**{"stage": Stage.PUBLISHED, "year": 2020, "published_at": timezone.now(), **changes})


def term(**changes: Any) -> Term:
    return Term.objects.create(
        **{"vocabulary": "settings", "code": "nuevo", "label_es": "Nuevo", "label_en": "New", **changes}
    )


def found(**changes: Any) -> Finding:
    outcome, effect = Term.objects.filter(vocabulary="outcomes")[0], Term.objects.filter(vocabulary="effects")[0]
    return Finding.objects.create(study=study(), outcome=outcome, effect=effect, **changes)


def update(row: models.Model, **changes: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**changes)


def itself(row: models.Model, field: str) -> None:
    update(row, **{field: row})


def twice(make: Callable[[], Any]) -> None:
    make(), make()


def low_risk() -> Term:
    return Term.objects.get(vocabulary="risk_of_bias", code="low")


def judged(**changes: Any) -> PublishedAppraisal:
    return PublishedAppraisal.objects.create(study=study(), **{"instrument": "RoB 1", **changes})


def included_twice() -> None:
    review = study()
    twice(lambda: Inclusion.objects.create(review=review, slug="uno"))


def appraised(row: Study, **changes: Any) -> Appraisal:
    values = {"instrument": Instrument.objects.all()[0], "risk_of_bias": low_risk(), "overall": "low"}
    return Appraisal.objects.create(study=row, appraised_on="2026-11-20", **{**values, **changes})


def appraised_twice() -> None:
    row = study()
    twice(lambda: appraised(row))


def assessed_twice(kind: str, *people: User) -> None:
    row, instrument = study(), Instrument.objects.all()[0]
    for person in people:
        Assessment.objects.create(study=row, instrument=instrument, kind=kind, by=person)


def a_person() -> User:
    return user_with_role("Revisión")


def a_level_twice() -> None:
    twice(lambda: a_level(code="nuevo", risk_of_bias=low_risk()))


def a_level(**changes: Any) -> InstrumentLevel:
    values = {"scope": "overall", "label_es": "N", "label_en": "N"}
    return InstrumentLevel.objects.create(instrument=Instrument.objects.all()[0], **{**values, **changes})


def a_domain_twice() -> None:
    row = Instrument.objects.all()[0]
    twice(lambda: InstrumentDomain.objects.create(instrument=row, code="nuevo", label_es="N", label_en="N"))


def carried_twice() -> None:
    row, carried = study(), term()
    twice(lambda: StudyTerm.objects.create(study=row, term=carried))


def beside_twice(link: type[models.Model], owner: Callable[[], models.Model], name: str) -> None:
    row, beside = study(), owner()
    twice(lambda: link._default_manager.create(**{"study": row, name: beside}))


def programme(slug: str = "casas", **changes: Any) -> Programme:
    return Programme.objects.create(slug=slug, name=slug, name_es="Casas", name_en="Houses", **changes)


def evaluation(**changes: Any) -> Evaluation:
    return Evaluation.objects.create(**{"slug": "e", "kind": "trial", "name_es": "E", "name_en": "E", **changes})


def revised_twice() -> None:
    row = study()
    twice(lambda: Revision.objects.create(study=row, change_no=1, stage="draft", is_content=True, record={}))


def said_to_be_two(times: int = 1, *, reverse: bool = False) -> None:
    first, second = sorted((study(), study()), key=lambda row: row.pk, reverse=reverse)
    person = user_with_role("Revisión")
    for _ in range(times):
        NotDuplicate.objects.create(first=first, second=second, by=person)


def paired(times: int = 1, *, reverse: bool = False) -> None:
    first, second = sorted((study(), study()), key=lambda row: row.pk, reverse=reverse)
    for _ in range(times):
        DuplicatePair.objects.create(first=first, second=second, kind="duplicate", score=90, reasons=[])


def merge(row: Study, into: Study | None = None) -> Merge:
    by = user_with_role("Revisión")
    return Merge.objects.create(study=row, into=into or row, change_no=1, stage="draft", by=by)


def merged_twice() -> None:
    row, into = study(), study()
    twice(lambda: merge(row, into))


def proposed(times: int = 1, state: str = "waiting") -> None:
    row, author = published(), user_with_role("Curaduría")
    for _ in range(times):
        Proposal.objects.create(study=row, author=author, base_no=1, record={}, state=state)


def resolved_by_nobody() -> None:
    author = user_with_role("Curaduría")
    Note.objects.create(study=study(), author=author, text="Nota", resolved_at=timezone.now())


def imported(times: int = 1, state: str = "preview", **row: Any) -> None:
    batch = ImportBatch.objects.create(file_name="lista.ris", checksum="0" * 64, format="ris", state=state)
    for _ in range(times):
        ImportRow.objects.create(batch=batch, position=0, row_number=1, raw="TY  - JOUR", **row)


def chosen_twice() -> None:
    row, bulk = study(), BulkChange.objects.create(by=user_with_role("Curaduría"))
    twice(lambda: BulkItem.objects.create(bulk=bulk, study=row, slug=row.slug))


def undone_before_it_was_done() -> None:
    BulkChange.objects.create(by=user_with_role("Curaduría"), action={"move": "send"}, undone_at=timezone.now())


def decision(**changes: Any) -> Decision:
    values = {"programme": programme(), "decided_on": timezone.localdate(), "text_es": "Se amplía."}
    return Decision.objects.create(**{**values, **changes})


def question(**changes: Any) -> PolicyQuestion:
    return PolicyQuestion.objects.create(**{"slug": "que", "question_es": "¿Qué?", **changes})


def searched_twice(asked: PolicyQuestion) -> None:
    for _each in range(2):
        asked.searches.create(made_on=timezone.localdate(), criteria="q=a", found=1)


def searched_in_two_places(asked: PolicyQuestion) -> None:
    asked.searches.create(made_on=timezone.localdate(), criteria="q=a", elsewhere="PubMed", found=1)


def coded(vocabulary: str) -> Term:
    return Term.objects.filter(vocabulary=vocabulary).order_by("pk")[0]


def reviewed() -> dict[str, Any]:
    reviewer = {"reviewed_by": user_with_role("Revisión"), "reviewer_name": "Eva", "reviewed_on": timezone.localdate()}
    return {"state": "published", "author_name": "Ana", **reviewer}


def conclusion(**changes: Any) -> Conclusion:
    subject = {} if "question" in changes else {"term": coded("interventions")}
    return Conclusion.objects.create(**{**subject, **changes})


def concluded_twice(**changes: Any) -> None:
    asked = question()
    twice(lambda: conclusion(question=asked, **changes))


def certainty(**changes: Any) -> CertaintyJudgement:
    values = {"intervention": coded("interventions"), "outcome": coded("outcomes"), "level": "low"}
    return CertaintyJudgement.objects.create(**{**values, **changes})


def safety_note(**changes: Any) -> SafetyNote:
    values = {"intervention": coded("interventions"), "text_es": "Cuidado.", "text_en": "Care."}
    return SafetyNote.objects.create(**{**values, **changes})


def put_first_twice(theme: Term | None) -> None:
    twice(lambda: PriorityOutcome.objects.create(outcome=coded("outcome_groups"), theme=theme, position=1))


def baseline(slug: str = "encuesta", **changes: Any) -> Baseline:
    values = {"outcome": coded("outcomes"), "window": "ever", "percent": 10.0, "year": 1999}
    return Baseline.objects.create(slug=slug, **{**values, **changes})


# What breaks a constraint, by its name.
BREACHES: dict[str, Callable[[], Any]] = {
    "proposal_one_open_per_author": lambda: proposed(2),
    "proposal_state": lambda: proposed(state="lost"),
    "note_resolved_by_somebody": resolved_by_nobody,
    "study_doi_unique": lambda: twice(lambda: study(doi="10.1234/uno")),
    "study_doi_is_bare": lambda: study(doi="https://doi.org/10.1234/uno"),
    "study_has_slug_and_title": lambda: study(title=""),
    "study_stage_is_known": lambda: study(stage="lost"),
    "study_sample_unit_has_size": lambda: study(sample_unit=Term.objects.filter(vocabulary="sample_units")[0]),
    "study_published_is_complete": lambda: published(year=None),
    "study_merged_has_target": lambda: published(stage=Stage.MERGED),
    "study_withdrawn_has_reason": lambda: study(stage=Stage.WITHDRAWN, stage_note=""),
    "study_term_unique": carried_twice,
    "authorship_is_person_or_institution": lambda: Authorship.objects.create(study=study(), family="A", literal="B"),
    "finding_p_is_probability": lambda: found(p=1.5),
    "finding_interval_in_order": lambda: found(ci_low=2, ci_high=1),
    "finding_p_below_stands_alone": lambda: found(p=0.04, p_below=0.05),
    "finding_se_is_positive": lambda: found(se=0),
    "finding_higher_is_known": lambda: found(higher_is="good"),
    "cost_has_currency": lambda: Cost.objects.create(study=study(), amount=1, currency=""),
    "inclusion_unique": included_twice,
    "published_appraisal_has_instrument": lambda: judged(instrument=""),
    "published_appraisal_bias_is_judged": lambda: judged(judges="effect", risk_of_bias=low_risk()),
    "source_has_url": lambda: Source.objects.create(study=study(), url=""),
    "term_code_unique": lambda: twice(term),
    "term_has_code": lambda: term(code=""),
    "term_has_labels": lambda: term(label_en=""),
    "term_merged_is_retired": lambda: term(merged_into=Term.objects.filter(vocabulary="settings")[0]),
    "concept_not_broader_than_itself": lambda: itself(Concept.objects.create(slug="uno"), "broader"),
    "conclusion_published_is_reviewed": lambda: conclusion(**{**reviewed(), "reviewer_name": ""}),
    "conclusion_has_one_subject": lambda: conclusion(term=coded("themes"), question=question()),
    "conclusion_one_open_term": lambda: twice(conclusion),
    "conclusion_one_open_question": concluded_twice,
    "conclusion_one_published_term": lambda: twice(lambda: conclusion(**reviewed())),
    "conclusion_one_published_question": lambda: concluded_twice(**reviewed()),
    "conclusion_sentence_has_text": lambda: ConclusionSentence.objects.create(conclusion=conclusion(), text_es="Una."),
    "certaintyjudgement_published_is_reviewed": lambda: certainty(**{**reviewed(), "reviewed_by": None}),
    "certainty_level_is_known": lambda: certainty(level="sure"),
    "certainty_one_open_intervention": lambda: twice(certainty),
    "certainty_one_published_intervention": lambda: twice(lambda: certainty(**reviewed())),
    "safetynote_published_is_reviewed": lambda: safety_note(**{**reviewed(), "author_name": ""}),
    "safetynote_has_text": lambda: safety_note(text_en=""),
    "safetynote_one_open_intervention": lambda: twice(safety_note),
    "safetynote_one_published_intervention": lambda: twice(lambda: safety_note(**reviewed())),
    "priority_once_in_a_theme": lambda: put_first_twice(coded("themes")),
    "priority_once_for_all_themes": lambda: put_first_twice(None),
    "baseline_is_a_share": lambda: baseline(percent=100.0),
    "baseline_window_is_known": lambda: baseline(window="last-week"),
    "baseline_once_a_year": lambda: [baseline(), baseline("otra")],
    "decision_published_has_document": lambda: decision(is_published=True),
    "decision_says_what": lambda: decision(text_es=""),
    "policyquestion_asks": lambda: question(question_es=""),
    "policyquestion_published_is_complete": lambda: question(is_published=True),
    "programme_published_has_source": lambda: programme(is_published=True),
    "programme_stage_is_known": lambda: programme(stage="nada"),
    "question_search_here_or_elsewhere": lambda: searched_in_two_places(question()),
    "question_search_once_a_day": lambda: searched_twice(question()),
    "programme_not_adapted_from_itself": lambda: itself(programme(), "adapted_from"),
    "programme_study_unique": lambda: beside_twice(ProgrammeStudy, programme, "programme"),
    "evaluation_kind": lambda: evaluation(kind="survey"),
    "evaluation_study_unique": lambda: beside_twice(EvaluationStudy, evaluation, "evaluation"),
    "appraisal_once_per_instrument": appraised_twice,
    "appraisal_has_appraisers": lambda: appraised(study(), appraisers=0),
    "assessment_once_per_person": lambda: assessed_twice("own", *[a_person()] * 2),
    "assessment_one_consensus": lambda: assessed_twice("consensus", a_person(), a_person()),
    "instrument_domain_unique": a_domain_twice,
    "instrument_level_unique": a_level_twice,
    "instrument_overall_level_has_risk_of_bias": lambda: a_level(code="sin"),
    "revision_once_per_change": revised_twice,
    "not_duplicate_in_order": lambda: said_to_be_two(reverse=True),
    "not_duplicate_once": lambda: said_to_be_two(times=2),
    "duplicate_pair_in_order": lambda: paired(reverse=True),
    "duplicate_pair_once": lambda: paired(times=2),
    "duplicate_search_has_one_row": lambda: DuplicateSearch.objects.create(id=2),
    "merge_of_two": lambda: merge(study()),
    "merge_once": merged_twice,
    "import_state_is_known": lambda: imported(state="lost"),
    "import_row_position": lambda: imported(times=2),
    "import_row_taken_is_readable": lambda: imported(outcome="error", is_taken=True),
    "bulk_change_done_before_undone": undone_before_it_was_done,
    "bulk_item_once_per_study": chosen_twice,
    "counter_has_one_row": lambda: BankCounter.objects.create(id=2),
}


class TestConstraints:
    @pytest.mark.parametrize("name", BREACHES)
    def test_the_database_refuses_what_breaks_it(self, name: str):
        # SQLite names the columns of a broken uniqueness, not the constraint.
        expected = name if connection.vendor == "postgresql" else rf"{name}|UNIQUE"
        with pytest.raises(IntegrityError, match=expected), transaction.atomic():
            BREACHES[name]()

    def test_each_has_such_a_test(self):
        names = {rule.name for model in apps.get_app_config("studies").get_models() for rule in model._meta.constraints}
        assert names == set(BREACHES)

    @pytest.mark.parametrize(
        "breach",
        [
            lambda: study(slug=""),
            lambda: published(published_at=None),
            lambda: study(merged_into=published()),
            lambda: Authorship.objects.create(study=study()),
            lambda: Authorship.objects.create(study=study(), literal="B", given="A"),
            lambda: found(p=-0.1),
            lambda: found(p_below=0),
            lambda: term(code="x", label_es=""),
            lambda: study(sample_size=-1),
            lambda: BulkChange.objects.create(by=user_with_role("Curaduría"), done_at=timezone.now()),
            lambda: study(year=-1),
            lambda: conclusion(term=None),
            lambda: conclusion(**{**reviewed(), "reviewed_on": None}),
            lambda: [conclusion(state="in-review"), conclusion()],
            lambda: safety_note(text_es=""),
            lambda: baseline(percent=0.0),
        ],
    )
    def test_nor_does_it_take_their_other_sides(self, breach: Callable[[], Any]):
        with pytest.raises(IntegrityError), transaction.atomic():
            breach()

    def test_the_bounds_themselves_are_allowed(self):
        found(p=0, ci_low=1, ci_high=1)
        found(p=1, ci_low=None, ci_high=1)
        study(stage=Stage.WITHDRAWN, stage_note="Motivo")
        published(stage=Stage.MERGED, merged_into=published())
        study(doi=None), study(doi=None)
        conclusion(**reviewed()), conclusion(), conclusion(state="replaced"), conclusion(state="withdrawn")
        certainty(), certainty(comparison="nothing")
        baseline(), baseline("retirada", is_retired=True)


class TestR3NothingPublicIsDeleted:
    @pytest.mark.parametrize("bring", [publish, lambda draft: withdraw(publish(draft))])
    def test_a_study_once_published_is_never_deleted(self, bring: Callable[[Study], Study]):
        kept = bring(make_study())
        with pytest.raises(models.ProtectedError), transaction.atomic():
            kept.delete()
        with pytest.raises(models.ProtectedError), transaction.atomic():
            Study.objects.filter(pk=kept.pk).delete()
        assert Study.objects.filter(pk=kept.pk).exists()

    def test_a_draft_that_never_was_public_may_go(self):
        draft = make_study()
        draft.delete()
        assert not Study.objects.filter(slug=draft.slug).exists()

    def test_a_person_with_revisions_cannot_be_deleted(self):
        curator = user_with_role("Curaduría")
        make_study(by=curator)
        with pytest.raises(models.ProtectedError), transaction.atomic():
            curator.delete()
