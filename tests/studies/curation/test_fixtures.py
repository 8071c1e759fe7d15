"""Loading the fixtures (R9)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command

from studies.curation import terms
from studies.curation.fixtures import load_fixtures
from studies.learning import answer_tables
from studies.models import (
    BankCounter,
    Baseline,
    Concept,
    Evaluation,
    PriorityOutcome,
    Programme,
    Revision,
    Stage,
    Study,
    Term,
)
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import format_1_fingerprint, read_stored
from studies.store import vocabularies
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange.study import save_record, to_record
from tests.factories import edit, make_study, user_with_role, withdraw
from tests.studies.records_factory import FIXTURES, fixture_json, fixture_lines

pytestmark = pytest.mark.django_db
Rows = list[dict[str, Any]]


class Fixtures:
    """A copy of the real fixtures that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, name: str, change: Callable[[Any], None]) -> None:
        """Rewrite one of the JSON files after `change` has altered its value."""
        path = self.folder / f"{name}.json"
        value = json.loads(path.read_text(encoding="utf-8"))
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    def change_study(self, slug: str, **changes: Any) -> None:
        """Rewrite fields of one study; None takes a field away."""
        path = self.folder / "studies.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")]
        for row in rows:
            if row["id"] == slug:
                row.update(changes)
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


@pytest.fixture
def fixtures(tmp_path: Path) -> Fixtures:
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    return Fixtures(tmp_path / "fixtures")


@pytest.fixture
def shortened(nothing_loaded: None, fixtures: Fixtures) -> Fixtures:
    """Fixtures of three studies, one with a programme, and little beside them; the bank has nothing."""
    (fixtures.folder / "studies.jsonl").write_text("\n".join(map(json.dumps, THREE)), encoding="utf-8")
    slugs = {row["id"] for row in THREE}

    def shorten(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["name"] == THREE[2]["programme"]]
        rows[0] |= {"studies": [slug for slug in rows[0]["studies"] if slug in slugs], "adapted_from": None}

    fixtures.change("programmes", shorten)
    fixtures.change("evaluations", lambda rows: rows.__setitem__(slice(None), [EVALUATION]))
    fixtures.change("thesaurus", lambda rows: rows.__setitem__(slice(None), [CONCEPT]))
    return fixtures


@pytest.fixture
def few(shortened: Fixtures) -> Fixtures:
    """The same, loaded."""
    load_fixtures(shortened.folder)
    return shortened


_ALL = [json.loads(line) for line in fixture_lines()]
_ALONE = [row for row in _ALL if not row.get("programme") and not row.get("includes") and row["interventions"]]
THREE = [*_ALONE[:2], next(row for row in _ALL if row.get("programme") and not row.get("includes"))]
FIRST = THREE[0]["id"]
WITH_INTERVENTION = THREE[1]["id"]
EVALUATION = {"id": "prueba", "kind": "trial", "name_es": "Ensayo", "name_en": "Trial", "studies": [FIRST]}
CONCEPT = {"concept": "refugio", "terms": ["themes:attention"], "es": ["refugio"], "en": ["shelter"]}


def numbers() -> tuple[int, int]:
    counter = BankCounter.current()
    return counter.change_no, counter.vocabulary_no


class TestLoading:
    def test_every_line_is_there_and_published(self):
        assert Study.objects.published().count() == len(fixture_lines())
        assert Programme.objects.count() == len(fixture_json("programmes"))
        assert Evaluation.objects.count() == len(fixture_json("evaluations"))
        assert Concept.objects.count() == len(fixture_json("thesaurus"))
        assert Term.objects.count() == sum(len(rows) for rows in fixture_json("taxonomy").values())

    def test_all_studies_have_one_change_number_and_no_author_among_people(self):
        assert Revision.objects.values_list("change_no", flat=True).distinct().count() == 1
        assert not Revision.objects.filter(by__isnull=False).exists()

    def test_a_study_that_breaks_r2_is_left_as_a_draft_and_reported(self, few: Fixtures):
        lines = (few.folder / "studies.jsonl").read_text(encoding="utf-8").splitlines()
        lines.append(json.dumps({"id": "nuevo-2020", "title": "Sin lo demás"}))
        (few.folder / "studies.jsonl").write_text("\n".join(lines), encoding="utf-8")
        report = load_fixtures(few.folder)
        assert Study.objects.get(slug="nuevo-2020").stage == Stage.DRAFT
        assert ("nuevo-2020", "year: missing") in report.unpublishable
        whole = _ALONE[2] | {"id": "nuevo-2020"}
        few.change_study("nuevo-2020", **whole)
        load_fixtures(few.folder)
        assert Study.objects.get(slug="nuevo-2020").stage == Stage.PUBLISHED

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("taxonomy", lambda taxonomy: taxonomy.pop("effects")),
            ("taxonomy", lambda taxonomy: taxonomy["designs"][0].pop("family")),
            ("taxonomy", lambda taxonomy: taxonomy["themes"].append(taxonomy["themes"][0])),
            ("programmes", lambda rows: rows[0].update(adapted_from="no-existe")),
            ("programmes", lambda rows: rows[0].update(studies=["no-existe"])),
            ("evaluations", lambda rows: rows[0].update(studies=["no-existe"])),
            ("thesaurus", lambda rows: rows[0].update(terms=["themes:no-existe"])),
        ],
    )
    def test_fixtures_that_contradict_themselves_load_nothing_and_say_where(
        self, few: Fixtures, name: str, change: Callable[[Any], None]
    ):
        few.change_study(FIRST, title="No debe quedar")
        few.change(name, change)
        before = numbers()
        with pytest.raises(CommandError, match="fixtures: "):
            call_command("load_bank", "--from", str(few.folder))
        assert numbers() == before
        assert not Study.objects.filter(title="No debe quedar").exists()

    def test_two_lines_of_one_study_are_refused(self, few: Fixtures):
        path = few.folder / "studies.jsonl"
        path.write_text(path.read_text(encoding="utf-8") + "\n" + json.dumps(THREE[0]), encoding="utf-8")
        with pytest.raises(RecordInvalid, match="given twice"):
            load_fixtures(few.folder)

    def test_what_failed_half_way_is_whole_the_next_time(self, shortened: Fixtures):
        shortened.change("evaluations", lambda rows: rows[0].update(studies=["no-existe"]))
        with pytest.raises(CommandError):
            call_command("load_bank", "--from", str(shortened.folder))
        shortened.change("evaluations", lambda rows: rows[0].update(studies=[FIRST]))
        assert load_fixtures(shortened.folder).kept == []
        assert list(Programme.objects.get().studies.values_list("slug", flat=True)) == [THREE[2]["id"]]

    def test_an_unknown_code_is_named_with_its_study(self, few: Fixtures):
        few.change_study(FIRST, countries=["XX"])
        with pytest.raises(CommandError, match=rf"{FIRST}\.countries\[0\]: XX"):
            call_command("load_bank", "--from", str(few.folder))


class TestR9:
    def test_a_second_load_writes_nothing(self, capsys: pytest.CaptureFixture[str]):
        before = numbers(), Revision.objects.count()
        call_command("load_bank")
        assert (numbers(), Revision.objects.count()) == before
        told = capsys.readouterr().out
        assert f"studies: {len(fixture_lines())} unchanged\n" in told
        assert "created" not in told
        assert "kept" not in told

    def test_an_unedited_study_follows_the_fixture(self, few: Fixtures):
        few.change_study(FIRST, title="Un título nuevo")
        report = load_fixtures(few.folder)
        assert Study.objects.get(slug=FIRST).title == "Un título nuevo"
        assert report.outcomes["studies"] == {"changed": 1, "unchanged": 2}
        assert Study.objects.get(slug=FIRST).revisions.count() == 2

    def test_an_edited_study_is_kept_and_reported(self, few: Fixtures, capsys: pytest.CaptureFixture[str]):
        edit(Study.objects.get(slug=FIRST), title="De la casa")
        few.change_study(FIRST, title="Del fichero")
        before = numbers()
        call_command("load_bank", "--from", str(few.folder))
        assert Study.objects.get(slug=FIRST).title == "De la casa"
        assert numbers() == before
        told = capsys.readouterr().out
        assert "studies: 2 unchanged, 1 kept" in told
        assert f"kept as edited here: studies {FIRST}" in told

    def test_a_study_edited_as_the_fixture_says_now_follows_it_again(self, few: Fixtures):
        edit(Study.objects.get(slug=FIRST), title="El mismo")
        few.change_study(FIRST, title="El mismo")
        load_fixtures(few.folder)
        few.change_study(FIRST, title="Otro más")
        load_fixtures(few.folder)
        assert Study.objects.get(slug=FIRST).title == "Otro más"

    def test_a_withdrawn_study_stays_withdrawn(self, few: Fixtures):
        withdraw(Study.objects.get(slug=FIRST))
        few.change_study(FIRST, title="Un título nuevo")
        load_fixtures(few.folder)
        assert Study.objects.get(slug=FIRST).stage == Stage.WITHDRAWN

    def test_a_public_study_is_not_made_unpublishable(self, few: Fixtures):
        before = numbers()
        few.change_study(FIRST, sources=[])
        report = load_fixtures(few.folder)
        assert (FIRST, "sources: missing") in report.unpublishable
        assert report.outcomes["studies"]["kept"] == 1
        assert Study.objects.get(slug=FIRST).sources.exists()
        assert numbers() == before

    def test_a_draft_that_a_person_sent_back_is_not_published_by_a_load(self, few: Fixtures):
        study = Study.objects.get(slug=FIRST)
        edit(study, by=user_with_role("Curaduría"))
        Study.objects.filter(pk=study.pk).update(stage=Stage.DRAFT)
        few.change_study(FIRST, title="Un título nuevo")
        load_fixtures(few.folder)
        assert Study.objects.get(slug=FIRST).stage == Stage.DRAFT

    def test_an_edited_term_programme_concept_and_evaluation_are_kept(self, few: Fixtures):
        with vocabulary_change():
            Term.objects.filter(vocabulary="themes", code="autonomy").update(label_es="De la casa")
            Programme.objects.update(name_es="De la casa")
            Concept.objects.update(note="De la casa")
            Evaluation.objects.update(name_es="De la casa")
        before = numbers()
        report = load_fixtures(few.folder)
        assert {kind for kind, _name in report.kept} == {"terms:themes", "programmes", "concepts", "evaluations"}
        assert numbers() == before

    def test_unedited_words_follow_the_fixture(self, few: Fixtures):
        few.change("taxonomy", lambda taxonomy: taxonomy["themes"][0].update(es="Atención nueva"))
        few.change("programmes", lambda rows: rows[0].update(name_es="Nombre nuevo"))
        before = numbers()
        load_fixtures(few.folder)
        assert vocabularies.current().label("themes", "attention", "es") == "Atención nueva"
        assert Programme.objects.get().name_es == "Nombre nuevo"
        assert numbers()[0] == before[0]

    def test_the_order_that_a_curator_gave_is_no_edit_of_the_studies_and_stays(self, few: Fixtures):
        with vocabulary_change():
            Term.objects.filter(vocabulary="populations", code="women").update(position=99)
        assert load_fixtures(few.folder).kept == []
        few.change(
            "taxonomy", lambda taxonomy: taxonomy["populations"].insert(1, {"code": "new", "es": "Nueva", "en": "New"})
        )
        load_fixtures(few.folder)
        order = [term.code for term in vocabularies.current().terms("populations")]
        assert order[-2:] == ["women", "new"]

    def test_a_new_term_takes_its_place_in_the_order(self, few: Fixtures):
        for place in (0, 3):
            code = f"new-{place}"
            few.change(
                "taxonomy",
                lambda taxonomy, place=place, code=code: taxonomy["populations"].insert(
                    place, {"code": code, "es": code, "en": code}
                ),
            )
        report = load_fixtures(few.folder)
        expected = [row["code"] for row in json.loads((few.folder / "taxonomy.json").read_text())["populations"]]
        assert [term.code for term in vocabularies.current().terms("populations")] == expected
        assert report.kept == []

    def test_a_term_that_the_fixture_moves_touches_its_studies(self, few: Fixtures):
        study = Study.objects.get(slug=FIRST)
        code = THREE[0]["countries"][0]

        def move(taxonomy: dict[str, Rows]) -> None:
            for row in taxonomy["countries"]:
                if row["code"] == code:
                    row["region"] = "andean" if row["region"] != "andean" else "peru"

        few.change("taxonomy", move)
        before = numbers()[0]
        load_fixtures(few.folder)
        assert study in Study.objects.changed_since(before)

    def test_a_merged_term_stays_merged(self, few: Fixtures):
        old, into = (Term.objects.get(vocabulary="settings", code=code) for code in ("rural", "urban"))
        terms.merge(old, into, by=None)
        few.change("taxonomy", lambda taxonomy: taxonomy["settings"][0].update(es="Otro nombre"))
        load_fixtures(few.folder)
        assert vocabularies.current().term("settings", "rural").code == "urban"

    def test_a_renamed_programme_is_no_edit_of_its_studies(self, few: Fixtures):
        slug = THREE[2]["id"]
        few.change("programmes", lambda rows: rows[0].update(name="Otro nombre"))
        few.change_study(slug, programme="Otro nombre")
        assert load_fixtures(few.folder).kept == []
        few.change_study(slug, title="Un título nuevo")
        assert load_fixtures(few.folder).outcomes["studies"]["changed"] == 1

    def test_a_line_may_hold_any_sign_within_its_texts(self, few: Fixtures):
        path = few.folder / "studies.jsonl"
        changed = THREE[0] | {"title": "Antes\u2028después\u0085fin"}
        rows = [changed, *THREE[1:]]
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        load_fixtures(few.folder)
        assert Study.objects.get(slug=FIRST).title == "Antes\u2028después\u0085fin"


def write_as_format_1(slug: str) -> None:
    """Make a study what a version of format 1 left: interventions without a role, and the hash that it stored."""
    study = Study.objects.for_record().get(slug=slug)
    row = next(row for row in THREE if row["id"] == slug)
    of_format_1 = {
        **{key: row[key] for key in ("id", "title", "language", "authors", "year", "themes", "designs", "sources")},
        "summary_es": "Lo que decía la versión anterior.",
        "interventions": [each["code"] for each in row["interventions"]],
        "outcomes": row["outcomes"],
        "findings": [{"outcome": row["outcomes"][0], "effect": "favourable"}],
    }
    record = read_stored(of_format_1)
    with bank_change() as change:
        save_record(record, study)
        change.touch(study)
    Study.objects.filter(pk=study.pk).update(loaded_hash=format_1_fingerprint(record))


class TestABankOfFormat1:
    """Fixtures of format 1 filled it, and somebody has worked in it since."""

    def test_what_nobody_edited_gets_its_roles(self, few: Fixtures):
        write_as_format_1(WITH_INTERVENTION)
        report = load_fixtures(few.folder)
        assert report.outcomes["studies"] == {"changed": 1, "unchanged": 2}
        assert report.kept == []
        record = to_record(Study.objects.for_record().get(slug=WITH_INTERVENTION))
        assert all(each.role for each in record.interventions)

    def test_what_somebody_edited_is_left_as_it_is_and_named(self, few: Fixtures):
        write_as_format_1(WITH_INTERVENTION)
        edit(Study.objects.get(slug=WITH_INTERVENTION), title_es="De la casa")
        report = load_fixtures(few.folder)
        assert report.kept == [("studies", WITH_INTERVENTION)]
        record = to_record(Study.objects.for_record().get(slug=WITH_INTERVENTION))
        assert record.title_es == "De la casa"
        assert not any(each.role for each in record.interventions)

    def test_a_second_load_changes_nothing(self, few: Fixtures):
        write_as_format_1(WITH_INTERVENTION)
        load_fixtures(few.folder)
        before = numbers()
        assert load_fixtures(few.folder).outcomes["studies"] == {"unchanged": 3}
        assert numbers() == before

    def test_a_merge_of_terms_is_no_edit_of_its_studies(self, few: Fixtures):
        write_as_format_1(WITH_INTERVENTION)
        row = next(row for row in THREE if row["id"] == WITH_INTERVENTION)
        into = next(code for code in ("attention", "prevention", "autonomy") if code not in row["themes"])
        old, new = (Term.objects.get(vocabulary="themes", code=code) for code in (row["themes"][0], into))
        terms.merge(old, new, by=None)
        assert load_fixtures(few.folder).kept == []

    @pytest.mark.parametrize(
        ("name", "change", "told"),
        [
            ("instruments", lambda rows: rows[0]["levels"][0].update(certainty="low"), '"certainty" of levels'),
            ("taxonomy", lambda rows: rows.update(certainty=rows.pop("risk_of_bias")), "take the taxonomy.json"),
        ],
    )
    def test_its_files_are_refused_with_what_to_do(
        self, few: Fixtures, name: str, change: Callable[[Any], None], told: str
    ):
        few.change(name, change)
        with pytest.raises(CommandError, match=rf"{name}\.json.*format 1.*{told}"):
            call_command("load_bank", "--from", str(few.folder))

    def test_so_are_its_studies(self, few: Fixtures):
        few.change_study(WITH_INTERVENTION, interventions=["helpline"])
        with pytest.raises(CommandError, match=r'studies\.jsonl, line .* format 1.*"role"'):
            call_command("load_bank", "--from", str(few.folder))


class TestADoiThatAnotherStudyHas:
    """Somebody entered a work under a slug of their own, and newer fixtures bring it too (a DOI is unique)."""

    DOI = "10.1234/prueba.propia"

    @pytest.fixture
    def own(self, few: Fixtures) -> Study:
        few.change_study(FIRST, doi=self.DOI)
        return make_study(stage=Stage.PUBLISHED, doi=self.DOI)

    def test_stays_with_it_and_the_load_says_so(self, own: Study, few: Fixtures, capsys: pytest.CaptureFixture[str]):
        call_command("load_bank", "--from", str(few.folder))
        assert f"without its DOI, which another study has: {FIRST}: {own.slug}\n" in capsys.readouterr().out
        assert set(Study.objects.filter(doi=self.DOI)) == {own}
        assert Study.objects.get(slug=FIRST).stage == Stage.PUBLISHED

    def test_a_second_load_changes_nothing(self, own: Study, few: Fixtures):
        load_fixtures(few.folder)
        before = numbers()
        assert load_fixtures(few.folder).without_doi == [(FIRST, own.slug)]
        assert numbers() == before

    def test_goes_to_the_study_of_the_fixtures_once_the_other_has_it_no_more(self, own: Study, few: Fixtures):
        load_fixtures(few.folder)
        edit(own, doi=None)
        assert load_fixtures(few.folder).without_doi == []
        assert Study.objects.get(doi=self.DOI).slug == FIRST

    def test_is_kept_by_an_edited_study_of_the_fixtures(self, few: Fixtures):
        edit(Study.objects.get(slug=WITH_INTERVENTION), doi=self.DOI)
        few.change_study(FIRST, doi=self.DOI)
        assert load_fixtures(few.folder).without_doi == [(FIRST, WITH_INTERVENTION)]


class TestWhatLeftTheFixtures:
    MOON: ClassVar = {"code": "moon", "es": "Luna", "en": "Moon"}

    def leave(self, few: Fixtures) -> None:
        few.change("taxonomy", lambda taxonomy: taxonomy["settings"].remove(self.MOON))

    @pytest.fixture
    def with_code(self, few: Fixtures) -> Fixtures:
        few.change("taxonomy", lambda taxonomy: taxonomy["settings"].append(self.MOON))
        load_fixtures(few.folder)
        return few

    def test_a_code_that_a_study_has_stays_and_is_named(self, with_code: Fixtures, capsys: pytest.CaptureFixture[str]):
        edit(Study.objects.get(slug=FIRST), settings=("moon",))
        self.leave(with_code)
        report = load_fixtures(with_code.folder)
        assert report.gone == [("terms:settings", "moon")]
        assert not Term.objects.get(vocabulary="settings", code="moon").is_retired
        call_command("load_bank", "--from", str(with_code.folder))
        assert "no longer in the fixtures, left as it is: terms:settings moon" in capsys.readouterr().out

    def test_a_code_that_nothing_uses_is_retired_and_never_deleted(self, with_code: Fixtures):
        self.leave(with_code)
        report = load_fixtures(with_code.folder)
        assert report.retired == [("terms:settings", "moon")]
        assert Term.objects.get(vocabulary="settings", code="moon").is_retired
        again = load_fixtures(with_code.folder)
        assert (again.retired, again.gone) == ([], [])

    def test_a_code_that_somebody_renamed_stays(self, with_code: Fixtures):
        with vocabulary_change():
            Term.objects.filter(vocabulary="settings", code="moon").update(label_es="De la casa")
        self.leave(with_code)
        assert load_fixtures(with_code.folder).gone == [("terms:settings", "moon")]

    def test_a_code_that_a_curator_made_is_none_of_theirs(self, few: Fixtures):
        with vocabulary_change():
            Term.objects.create(vocabulary="settings", code="own", label_es="Propio", label_en="Own")
        assert load_fixtures(few.folder).gone == []

    def test_a_study_stays_and_is_named(self, few: Fixtures):
        path = few.folder / "studies.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in THREE if row["id"] != THREE[1]["id"]), encoding="utf-8")
        assert load_fixtures(few.folder).gone == [("studies", THREE[1]["id"])]
        assert Study.objects.published().filter(slug=THREE[1]["id"]).exists()


class TestMergedTerms:
    """Fixtures that still name a term which was merged here say the same as the bank."""

    def merged(self, vocabulary: str, old: str, new: str) -> None:
        into = Term.objects.get(vocabulary=vocabulary, code=new)
        terms.merge(Term.objects.get(vocabulary=vocabulary, code=old), into, by=None)

    @pytest.mark.parametrize(
        ("vocabulary", "old", "new"),
        [
            ("themes", "autonomy", "prevention"),
            ("settings", "urban", "rural"),
            ("effects", "favourable", "mixed"),
            ("designs", "rct", "cluster-rct"),
        ],
    )
    def test_a_load_keeps_nothing_as_edited(self, few: Fixtures, vocabulary: str, old: str, new: str):
        self.merged(vocabulary, old, new)
        assert load_fixtures(few.folder).kept == []

    def test_a_newer_fixture_of_such_a_study_is_loaded(self, few: Fixtures):
        study = Study.objects.get(slug=THREE[0]["id"])
        first = THREE[0]["themes"][0]
        other = next(code for code in ("attention", "prevention", "autonomy") if code not in THREE[0]["themes"])
        self.merged("themes", first, other)
        few.change_study(THREE[0]["id"], title_es="Un título nuevo")
        assert load_fixtures(few.folder).kept == []
        study.refresh_from_db()
        assert study.title_es == "Un título nuevo"
        assert {term.code for term in study.terms.filter(vocabulary="themes")} >= {other}

    def test_what_somebody_edited_is_still_kept(self, few: Fixtures):
        edit(Study.objects.get(slug=THREE[0]["id"]), title_es="Un título de aquí")
        self.merged("settings", "urban", "rural")
        assert load_fixtures(few.folder).kept == [("studies", THREE[0]["id"])]


class TestTheTablesBehindAnswers:
    def test_every_row_of_the_files_is_there(self):
        assert PriorityOutcome.objects.count() == len(fixture_json("priorities"))
        assert Baseline.objects.count() == len(fixture_json("baselines"))

    def test_what_a_curator_edited_is_kept_and_told(self, few: Fixtures):
        PriorityOutcome.objects.filter(outcome__code="femicide").update(position=1)
        slug = Baseline.objects.values_list("slug", flat=True)[0]
        Baseline.objects.filter(slug=slug).update(percent=1.5)
        for name in ("priorities", "baselines"):
            few.change(name, _change_all)
        report = load_fixtures(few.folder)
        assert ("priorities", "femicide") in report.kept
        assert ("baselines", slug) in report.kept
        assert PriorityOutcome.objects.get(outcome__code="femicide").position == 1
        assert Baseline.objects.get(slug=slug).percent == 1.5
        assert set(Baseline.objects.exclude(slug=slug).values_list("year", flat=True)) == {2030}

    def test_one_that_was_retired_stays_so_when_its_record_is_renewed(self, few: Fixtures):
        PriorityOutcome.objects.update(is_retired=True)
        few.change("priorities", _change_all)
        assert not load_fixtures(few.folder).kept
        assert not PriorityOutcome.objects.filter(is_retired=False).exists()

    def test_a_second_load_changes_nothing(self, few: Fixtures):
        outcomes = load_fixtures(few.folder).outcomes
        assert set(outcomes["priorities"]) == set(outcomes["baselines"]) == {"unchanged"}

    def test_fixtures_of_before_there_were_any_load_without_them(self, shortened: Fixtures):
        for name in ("priorities", "baselines"):
            (shortened.folder / f"{name}.json").unlink()
        load_fixtures(shortened.folder)
        assert not PriorityOutcome.objects.exists()

    @pytest.mark.parametrize(
        "change", [{"window": "yesterday"}, {"form": "some"}, {"percent": 100}, {"percent": "7"}, {"unknown": 1}]
    )
    def test_a_baseline_that_makes_no_sense_is_refused(
        self,
        shortened: Fixtures,
        change: dict[str, Any],
    ):
        shortened.change("baselines", lambda rows: rows[0].update(change))
        with pytest.raises(RecordInvalid):
            load_fixtures(shortened.folder)

    def test_the_files_read_back_as_they_are_written(self):
        for name, record in (("priorities", PriorityRecord), ("baselines", BaselineRecord)):
            for row in fixture_json(name):
                assert record.from_json(row).to_json() == row

    def test_merged_outcomes_lead_to_the_other_and_still_count_as_unedited(self, few: Fixtures):
        # Both have a row: that of the outcome that stays counts.
        terms.merge(outcome("femicide"), outcome("ipv-physical"), by=None)
        assert "femicide" not in answer_tables.list_priority_outcomes()
        # Only one has a row.
        terms.merge(outcome("child-marriage"), outcome("child-wellbeing"), by=None)
        assert "child-wellbeing" in answer_tables.list_priority_outcomes("prevention")
        report = load_fixtures(few.folder)
        assert not [kind for kind, _name in report.kept if kind == "priorities"]
        assert "child-marriage" not in answer_tables.list_priority_outcomes("prevention")


def _change_all(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if "year" in row:
            row["year"] = 2030
        else:
            row["position"] += 1


def outcome(code: str) -> Term:
    return Term.objects.get(vocabulary="outcomes", code=code)
