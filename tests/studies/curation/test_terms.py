"""Editing, moving, retiring and merging terms (R4)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, models, transaction

from search.criteria import codes
from search.criteria.criteria import Criteria
from studies.curation import terms
from studies.curation.terms import CodeChangeRefused, TermInUse, TermMergeRefused
from studies.models import BankCounter, Concept, Programme, Study, StudyTerm, Term
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from tests.factories import make_study, publish, user_with_role
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db


def term(vocabulary: str, code: str) -> Term:
    return Term.objects.get(vocabulary=vocabulary, code=code)


def new_term(vocabulary: str, code: str = "nuevo", **changes: object) -> Term:
    made = Term(vocabulary=vocabulary, code=code, label_es="Nuevo", label_en="New", **changes)
    terms.edit(made, by=None)
    return made


def record(study: Study):
    return to_record(Study.objects.for_record().get(pk=study.pk))


class TestR4Codes:
    def test_a_code_is_given_once_in_its_vocabulary(self):
        with pytest.raises(IntegrityError, match=r"term_code_unique|UNIQUE"), transaction.atomic():
            Term.objects.create(vocabulary="themes", code="autonomy", label_es="Otra", label_en="Other")

    def test_the_code_of_a_retired_term_stays_taken(self):
        terms.retire(new_term("settings", "camp"))
        with pytest.raises(IntegrityError), transaction.atomic():
            new_term("settings", "camp")

    @pytest.mark.parametrize("change", [{"code": "otro"}, {"vocabulary": "settings"}])
    def test_a_term_keeps_its_code_and_vocabulary(self, change: dict[str, str]):
        changed = term("themes", "autonomy")
        for name, value in change.items():
            setattr(changed, name, value)
        with pytest.raises(CodeChangeRefused):
            terms.edit(changed, by=None)
        assert term("themes", "autonomy")

    def test_no_term_is_ever_deleted(self):
        unused = new_term("settings")
        with pytest.raises(models.ProtectedError), transaction.atomic():
            unused.delete()
        with pytest.raises(models.ProtectedError), transaction.atomic():
            Term.objects.filter(pk=unused.pk).delete()


class TestEditing:
    def test_a_new_label_raises_only_the_number_of_the_vocabularies(self):
        before = BankCounter.current()
        changed = term("themes", "autonomy")
        changed.label_es = "Autonomía"
        terms.edit(changed, by=None)
        after = BankCounter.current()
        assert (after.change_no, after.vocabulary_no) == (before.change_no, before.vocabulary_no + 1)

    def test_a_moved_term_touches_its_studies_and_no_other(self):
        peruvian, brazilian = publish(make_study(countries=("PE",))), publish(make_study(countries=("BR",)))
        before = BankCounter.current().change_no
        moved = term("countries", "PE")
        moved.parent = term("regions", "andean")
        terms.edit(moved, by=None)
        touched = set(Study.objects.changed_since(before))
        assert peruvian in touched
        assert brazilian not in touched
        assert touched == set(Study.objects.filter(terms=moved))

    def test_a_new_attribute_touches_its_studies(self):
        study = publish(make_study(countries=("KE",)))
        before = BankCounter.current().change_no
        changed = term("countries", "KE")
        changed.attributes = {**changed.attributes, "income": "high"}
        terms.edit(changed, by=None)
        assert study in Study.objects.changed_since(before)

    def test_a_move_is_no_work_of_an_author(self):
        curator, study = user_with_role("Revisión"), make_study(countries=("PE",))
        moved = term("countries", "PE")
        moved.parent = term("regions", "andean")
        terms.edit(moved, by=curator)
        assert not study.revisions.filter(by=curator, is_content=True).exists()


class TestR4Retiring:
    def test_an_unused_term_leaves_the_lists(self):
        unused = new_term("settings", "camp")
        assert vocabularies.current().find("settings", "camp")
        terms.retire(unused)
        assert "camp" not in [view.code for view in vocabularies.current().terms("settings")]

    @pytest.mark.parametrize(
        ("vocabulary", "code"),
        [
            ("themes", "prevention"),
            ("interventions", "engaging-men"),
            ("outcomes", "ipv-physical"),
            ("effects", "favourable"),
            ("measures", "risk ratio"),
            ("languages", "es"),
            ("types", "article-journal"),
            ("statuses", "completed"),
            ("sample_units", "couples"),
            ("regions", "peru"),
            ("design_families", "randomised"),
        ],
    )
    def test_a_term_in_use_is_refused(self, empty_bank: None, vocabulary: str, code: str):
        make_study()
        with pytest.raises(TermInUse):
            terms.retire(term(vocabulary, code))
        assert not term(vocabulary, code).is_retired

    def test_a_term_that_only_a_programme_or_concept_names_is_in_use(self, empty_bank: None):
        country = new_term("countries", "ZZ")
        Programme.objects.create(slug="p", name="P", name_es="P", name_en="P").countries.add(country)
        setting = new_term("settings", "camp")
        Concept.objects.create(slug="campamento").terms.add(setting)
        assert terms.is_used(country)
        assert terms.is_used(setting)


class TestR4Merging:
    def test_every_row_that_names_a_term_is_led_to_the_other(self):
        known = {*terms._FOREIGN_KEYS, *terms._KEYS_IN_CONSTRAINTS, *terms._MANY_TO_MANY}
        known |= {(StudyTerm, "term"), (Term, "merged_into"), (Study, "terms")}
        related = {(link.related_model, link.field.name) for link in Term._meta.related_objects}
        assert related == known

    def test_studies_carry_the_new_term_and_are_touched(self):
        study = publish(make_study(interventions=("engaging-men",), findings=(finding(about=("engaging-men",)),)))
        into, before = new_term("interventions", parent=term("themes", "prevention")), BankCounter.current().change_no
        terms.merge(term("interventions", "engaging-men"), into, by=None)
        assert record(study).interventions == (InterventionRecord("nuevo", "evaluated"),)
        assert record(study).findings[0].about == ("nuevo",)
        assert study in Study.objects.changed_since(before)
        assert BankCounter.current().change_no == before + 1
        assert StudyTerm.objects.filter(term=term("interventions", "engaging-men")).count() == 0

    def test_a_study_that_carried_both_carries_the_new_one_once(self):
        study = make_study(populations=("women", "men"))
        terms.merge(term("populations", "men"), term("populations", "women"), by=None)
        assert record(study).populations == ("women",)

    def test_a_finding_is_led_to_the_new_outcome_and_effect(self):
        study = make_study(outcomes=("ipv-physical",), findings=(finding(),))
        terms.merge(term("outcomes", "ipv-physical"), term("outcomes", "ipv-any"), by=None)
        terms.merge(term("effects", "favourable"), term("effects", "mixed"), by=None)
        assert (record(study).outcomes, record(study).findings[0].outcome) == (("ipv-any",), "ipv-any")
        assert record(study).findings[0].effect == "mixed"

    def test_what_stood_below_a_term_stands_below_the_other(self):
        terms.merge(term("regions", "andean"), term("regions", "latin-america-caribbean"), by=None)
        assert vocabularies.current().term("countries", "EC").parent == "latin-america-caribbean"

    def test_old_links_lead_to_the_new_term(self):
        into = new_term("interventions", parent=term("themes", "prevention"))
        terms.merge(term("interventions", "engaging-men"), into, by=None)
        resolved = codes.resolve_codes(Criteria(chosen={"intervention": ("engaging-men",)}), vocabularies.current())
        assert resolved.filters.chosen == {"intervention": frozenset({"nuevo"})}
        assert resolved.unknown == ()

    def test_a_chain_of_merges_leads_to_its_end(self):
        first, second, third = new_term("settings", "a"), new_term("settings", "b"), new_term("settings", "c")
        terms.merge(first, second, by=None)
        terms.merge(second, third, by=None)
        assert vocabularies.current().term("settings", "a").code == "c"
        assert term("settings", "a").merged_into == third

    def test_only_terms_in_use_of_one_vocabulary_are_merged(self):
        first, second = new_term("settings", "a"), new_term("settings", "b")
        terms.retire(second)
        for wrong in (first, second, term("themes", "autonomy")):
            with pytest.raises(TermMergeRefused):
                terms.merge(first, wrong, by=None)
        assert not term("settings", "a").is_retired

    def test_what_another_person_did_meanwhile_counts(self):
        first, second = new_term("settings", "a"), new_term("settings", "b")
        held_by_another = (term("settings", "b"), term("settings", "a"))
        terms.merge(first, second, by=None)
        with pytest.raises(TermMergeRefused):
            terms.merge(*held_by_another, by=None)
        assert vocabularies.current().term("settings", "a").code == "b"

    def test_the_revision_says_who_and_why(self):
        person, study = user_with_role("Revisión"), make_study(populations=("men",))
        terms.merge(term("populations", "men"), term("populations", "women"), by=person)
        revision = study.revisions.order_by("-change_no")[0]
        assert (revision.by, revision.record["populations"]) == (person, ["women"])
        assert "se unió a" in revision.note
