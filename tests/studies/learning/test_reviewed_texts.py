"""Texts that one person writes and another publishes: who may do what, versions, and what makes them stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.utils import timezone

from studies.learning import dependents, published_texts, reviewed_texts
from studies.learning.reviewed_texts import State, TextRefused
from studies.models import BankCounter, Conclusion, ConclusionSentence, Stage, Study
from tests.factories import edit, make_study, merge_studies, user_with_role, withdraw
from tests.studies.learning.test_decisions import make_decision
from tests.studies.learning.test_policy_questions import make_question
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published, term

pytestmark = pytest.mark.django_db

each_kind = pytest.mark.parametrize("make", [make_conclusion, make_certainty, make_safety_note])
Make = Callable[..., Any]


def sent(row: Any) -> Any:
    return reviewed_texts.move(row, "send", by=row.writers.all()[0])


class TestTwoPeople:
    @each_kind
    def test_nobody_publishes_what_they_wrote(self, make: Make):
        reviewer = user_with_role("Revisión")
        row = sent(make(by=reviewer))
        with pytest.raises(TextRefused, match="Otra persona"):
            reviewed_texts.move(row, "publish", by=reviewer, reviewer_name="Ana Prueba")
        row.refresh_from_db()
        assert row.state == State.IN_REVIEW

    @each_kind
    def test_not_even_in_a_team_of_one(self, make: Make, settings):
        settings.TEAM_OF_ONE = True
        reviewer = user_with_role("Administración")
        row = sent(make(by=reviewer))
        with pytest.raises(TextRefused, match="Otra persona"):
            reviewed_texts.move(row, "publish", by=reviewer, reviewer_name="Ana Prueba")

    def test_nor_a_draft_of_somebody_else_that_they_saved_once(self):
        row, second = make_conclusion(), user_with_role("Revisión")
        reviewed_texts.record_save(row, by=second)
        sent(row)
        with pytest.raises(TextRefused, match="Otra persona"):
            reviewed_texts.move(row, "publish", by=second, reviewer_name="Eva Prueba")

    def test_a_curator_publishes_nothing(self):
        row = sent(make_conclusion())
        with pytest.raises(TextRefused, match="permiso"):
            reviewed_texts.move(row, "publish", by=user_with_role("Curaduría"), reviewer_name="Eva Prueba")

    @each_kind
    def test_a_published_one_says_who_reviewed_it_and_when(self, make: Make):
        reviewer = user_with_role("Revisión")
        row = published(make(), by=reviewer)
        assert (row.state, row.reviewed_by, row.reviewer_name) == (State.PUBLISHED, reviewer, "Eva Prueba")
        assert row.reviewed_on == timezone.localdate()

    def test_the_reviewer_gives_a_name_that_can_be_printed(self):
        row = sent(make_conclusion())
        with pytest.raises(TextRefused, match="nombre"):
            reviewed_texts.move(row, "publish", by=user_with_role("Revisión"), reviewer_name=" ")

    @pytest.mark.parametrize("model", ["conclusion", "certaintyjudgement", "safetynote"])
    def test_the_database_holds_that_a_published_one_was_reviewed(self, model: str):
        make = {"conclusion": make_conclusion, "certaintyjudgement": make_certainty, "safetynote": make_safety_note}
        row = make[model]()
        with pytest.raises(IntegrityError, match=f"{model}_published_is_reviewed"):
            type(row).objects.filter(pk=row.pk).update(state=State.PUBLISHED)


class TestMoves:
    def test_what_was_returned_is_a_draft_with_the_reason(self):
        row = reviewed_texts.move(
            sent(make_conclusion()), "return", by=user_with_role("Revisión"), note="Falta el Perú."
        )
        assert (row.state, row.state_note) == (State.DRAFT, "Falta el Perú.")

    @pytest.mark.parametrize("name", ["return", "withdraw"])
    def test_a_return_and_a_withdrawal_need_a_reason(self, name: str):
        row = sent(make_conclusion()) if name == "return" else published(make_conclusion())
        with pytest.raises(TextRefused, match="motivo"):
            reviewed_texts.move(row, name, by=user_with_role("Revisión"))

    def test_nobody_changes_what_is_in_review_or_published(self):
        row, curator = make_conclusion(), user_with_role("Curaduría")
        assert reviewed_texts.may_write(row, curator)
        assert not reviewed_texts.may_write(sent(row), curator)
        assert not reviewed_texts.may_write(published(make_safety_note()), curator)

    def test_a_text_that_changed_since_it_was_read_is_not_published(self):
        row = make_conclusion()
        read = row.saved_no
        reviewed_texts.record_save(row, by=user_with_role("Curaduría"))
        sent(row)
        with pytest.raises(TextRefused, match="cambió"):
            reviewed_texts.move(row, "publish", by=user_with_role("Revisión"), seen_no=read, reviewer_name="Eva Prueba")


class TestWhatIsNeeded:
    @pytest.mark.parametrize("sentences", [0, Conclusion.MOST_SENTENCES + 1])
    def test_a_conclusion_has_one_to_five_sentences(self, sentences: int):
        row = make_conclusion()
        row.sentences.all().delete()
        study = make_study(stage=Stage.PUBLISHED)
        for position in range(sentences):
            ConclusionSentence.objects.create(
                conclusion=row, position=position, text_es="Sí.", text_en="Yes."
            ).studies.add(study)
        with pytest.raises(TextRefused, match="oraciones"):
            sent(row)

    def test_each_sentence_names_a_study(self):
        row = make_conclusion()
        ConclusionSentence.objects.create(conclusion=row, text_es="Sin estudio.", text_en="Without a study.")
        with pytest.raises(TextRefused, match="al menos un estudio"):
            sent(row)

    @each_kind
    def test_no_study_is_a_draft(self, make: Make):
        with pytest.raises(TextRefused, match="no está publicado"):
            sent(make(make_study(title_es="El borrador")))

    def test_a_certainty_below_high_has_a_reason_in_both_languages(self):
        with pytest.raises(TextRefused, match="al menos una razón"):
            sent(make_certainty(imprecision_es="", imprecision_en=""))
        with pytest.raises(TextRefused, match="español y en inglés"):
            sent(make_certainty(outcome=term("ipv-physical", "outcomes"), imprecision_en=""))
        assert sent(
            make_certainty(level="high", outcome=term("safety", "outcomes"), imprecision_es="", imprecision_en="")
        )

    def test_a_conclusion_has_one_subject(self):
        with pytest.raises(IntegrityError, match="conclusion_has_one_subject"):
            Conclusion.objects.create(author_name="Ana Prueba")


class TestVersions:
    @each_kind
    def test_the_next_version_begins_with_what_the_last_one_says(self, make: Make):
        first = published(make(make_study(stage=Stage.PUBLISHED)))
        second = reviewed_texts.start_next_version(first, by=user_with_role("Curaduría"))
        assert (second.version, second.state) == (2, State.DRAFT)
        assert dependents.list_studies(second) == dependents.list_studies(first)
        assert (second.reviewed_by, second.reviewer_name) == (None, "")

    @each_kind
    def test_one_is_published_at_a_time_and_the_earlier_is_kept(self, make: Make):
        first = published(make(make_study(stage=Stage.PUBLISHED)))
        second = published(reviewed_texts.start_next_version(first, by=user_with_role("Curaduría")))
        first.refresh_from_db()
        assert (first.state, second.state) == (State.REPLACED, State.PUBLISHED)

    def test_two_are_not_under_way_at_once(self):
        first = published(make_conclusion())
        reviewed_texts.start_next_version(first, by=user_with_role("Curaduría"))
        with pytest.raises(TextRefused, match="en preparación"):
            reviewed_texts.start_next_version(first, by=user_with_role("Curaduría"))
        with pytest.raises(IntegrityError):
            make_conclusion()


class TestStale:
    @pytest.fixture
    def study(self) -> Study:
        return make_study(stage=Stage.PUBLISHED)

    def since(self) -> Any:
        found = published_texts.find_conclusion_on_term(term("shelter").pk)
        assert found is not None
        return found.signature.to_review_since

    def test_nothing_is_to_be_reviewed_while_no_study_changed(self, study: Study):
        published(make_conclusion(study))
        edit(make_study(stage=Stage.PUBLISHED), key_finding_es="Otro hallazgo")
        assert self.since() is None

    @pytest.mark.parametrize(
        "change",
        [
            lambda study: edit(study, key_finding_es="Otro hallazgo"),
            withdraw,
            lambda study: merge_studies(study, make_study(stage=Stage.PUBLISHED)),
        ],
        ids=["corrected", "withdrawn", "merged"],
    )
    def test_a_change_of_a_study_under_it_marks_it_at_once(self, study: Study, change: Callable[[Study], Any]):
        row = published(make_conclusion(study))
        change(study)
        assert self.since() == timezone.localdate()
        assert [each.row for each in dependents.list_unsettled()] == [row]

    @pytest.mark.parametrize("make", [make_certainty, make_safety_note])
    def test_a_judgement_and_a_note_too(self, study: Study, make: Make):
        row = published(make(study))
        edit(study, key_finding_es="Otro hallazgo")
        assert [each.row for each in dependents.list_unsettled()] == [row]

    def test_a_change_between_sending_and_publishing_bars_it(self, study: Study):
        row = sent(make_conclusion(study))
        edit(study, key_finding_es="Otro hallazgo")
        with pytest.raises(TextRefused, match="cambió desde que se envió"):
            reviewed_texts.move(row, "publish", by=user_with_role("Revisión"), reviewer_name="Eva Prueba")

    def test_a_draft_is_told_to_nobody(self, study: Study):
        make_conclusion(study)
        edit(study, key_finding_es="Otro hallazgo")
        assert dependents.list_unsettled() == []


class TestVersionOfTheBank:
    """The number that a page, an edition of open data and a cache name stands for the public texts too."""

    def change_no(self) -> int:
        return BankCounter.current().change_no

    @each_kind
    def test_publishing_correcting_and_withdrawing_raise_it_once_each(self, make: Make):
        row, reviewer = sent(make(make_study(stage=Stage.PUBLISHED))), user_with_role("Revisión")
        start = self.change_no()
        first = reviewed_texts.move(row, "publish", by=reviewer, reviewer_name="Eva Prueba")
        assert self.change_no() == start + 1
        second = published(reviewed_texts.start_next_version(first, by=user_with_role("Curaduría")), by=reviewer)
        assert self.change_no() == start + 2
        reviewed_texts.move(second, "withdraw", by=reviewer, note="Ya no se sostiene.")
        assert self.change_no() == start + 3

    @each_kind
    def test_what_no_reader_sees_does_not(self, make: Make):
        row = make(make_study(stage=Stage.PUBLISHED))
        start = self.change_no()
        reviewed_texts.move(sent(row), "return", by=user_with_role("Revisión"), note="Falta el Perú.")
        reviewed_texts.record_save(row, by=user_with_role("Curaduría"))
        with pytest.raises(TextRefused):
            reviewed_texts.move(sent(row), "publish", by=user_with_role("Curaduría"), reviewer_name="Eva Prueba")
        assert self.change_no() == start

    def test_saying_that_a_text_still_holds_raises_it_but_of_a_decision_does_not(self):
        study = make_study(stage=Stage.PUBLISHED)
        row, decision = published(make_conclusion(study)), make_decision()
        edit(study, key_finding_es="Otro hallazgo")
        start = self.change_no()
        dependents.mark_seen(row, start)
        assert self.change_no() == start + 1
        dependents.mark_seen(decision, start)
        assert self.change_no() == start + 1


class TestWhatThePublicReads:
    def read(self) -> list[Any]:
        shelter = term("shelter").pk
        return [
            published_texts.find_conclusion_on_term(shelter),
            published_texts.find_safety_note(shelter),
            *published_texts.list_certainties([shelter]),
        ]

    def test_nothing_before_both_people_did_their_part(self):
        rows = [make_conclusion(), make_certainty(), make_safety_note()]
        assert self.read() == [None, None]
        for row in rows:
            sent(row)
        assert self.read() == [None, None]

    def test_nothing_after_a_withdrawal(self):
        for row in (published(make_conclusion()), published(make_certainty()), published(make_safety_note())):
            reviewed_texts.move(row, "withdraw", by=user_with_role("Revisión"), note="Ya no se sostiene.")
        assert self.read() == [None, None]

    def test_the_sentences_with_their_studies_names_and_day(self):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study))
        found = published_texts.find_conclusion_on_term(term("shelter").pk)
        assert found is not None
        assert (found.text("es"), found.text("en")) == ("Una oración de prueba.", "A made-up sentence.")
        assert found.sentences[0].studies == (study,)
        signature = found.signature
        assert (signature.author_name, signature.reviewer_name) == ("Ana Prueba, oficina de prueba", "Eva Prueba")
        assert (signature.version, signature.reviewed_on) == (1, timezone.localdate())

    def test_the_published_version_while_another_is_under_way(self):
        first = published(make_conclusion())
        second = reviewed_texts.start_next_version(first, by=user_with_role("Curaduría"))
        second.sentences.update(text_es="Otra.")
        found = published_texts.find_conclusion_on_term(term("shelter").pk)
        assert found is not None
        assert found.text("es") == "Una oración de prueba."

    def test_no_study_that_was_withdrawn_since(self):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study))
        withdraw(study)
        found = published_texts.find_conclusion_on_term(term("shelter").pk)
        assert found is not None
        assert found.sentences[0].studies == ()

    def test_the_certainty_with_its_reasons(self):
        published(make_certainty(comparison="nothing"))
        (found,) = published_texts.list_certainties([term("shelter").pk])
        assert (found.intervention, found.outcome, found.comparison) == ("shelter", "ipv-any", "nothing")
        assert (found.level, found.reasons("en")) == ("low", (("imprecision", "Few people."),))

    def test_the_conclusion_on_a_question(self):
        question = make_question()
        assert published_texts.find_conclusion_on_question(question.pk) is None
        published(make_conclusion(question=question))
        assert published_texts.find_conclusion_on_question(question.pk) is not None

    def test_costs_a_few_queries(self, django_assert_max_num_queries):
        for row in (make_conclusion(), make_certainty(), make_safety_note(make_study(stage=Stage.PUBLISHED))):
            published(row)
        shelter = term("shelter").pk
        with django_assert_max_num_queries(5):
            published_texts.find_conclusion_on_term(shelter)
        with django_assert_max_num_queries(4):
            published_texts.list_certainties([shelter])
        with django_assert_max_num_queries(4):
            published_texts.find_safety_note(shelter)
