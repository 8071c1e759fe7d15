"""Open data: what an edition holds, that it can be read back, when it is written, and how it is offered."""

from __future__ import annotations

import csv
import datetime
import fcntl
import hashlib
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from studies.curation import fixtures
from studies.exports.tabular import BYTE_ORDER_MARK
from studies.models import (
    Baseline,
    Decision,
    Evaluation,
    EvaluationStudy,
    PolicyQuestion,
    PriorityOutcome,
    Programme,
    ProgrammeStudy,
    Stage,
    Study,
    Term,
)
from studies.publishing.opendata import answers, contents, editions, learning, publishing
from studies.publishing.opendata.contents import FILES
from studies.publishing.opendata.fields import UNPUBLISHED, list_fields
from studies.records import study as records_study
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.finding import ArmRecord
from studies.records.json_record import fields_of
from studies.records.study import StudyRecord, fingerprint
from studies.store.changes import answer_change, vocabulary_change
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published
from tests.studies.records_factory import author, finding, fixture_json, fixture_studies, source

pytestmark = pytest.mark.django_db
SASA = "abramsky-2014-sasa"
TYPES = ("text", "integer", "number", "boolean", "object", "list of texts", "list of objects")


@pytest.fixture(autouse=True)
def var(settings, tmp_path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture(scope="module")
def edition(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of an edition of the real bank, for tests that only read it: making one takes seconds."""
    with django_db_blocker.unblock(), override_settings(VAR_DIR=tmp_path_factory.mktemp("var")):
        return publish()


def publish(keep: int = 5, **options: bool) -> Path:
    """Publish, and return the folder of the edition."""
    edition, _ = publishing.publish(keep=keep, **options)
    return editions.editions_folder() / edition.day


def of_another_day(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    class Then:
        @staticmethod
        def localdate() -> object:
            return datetime.date.fromisoformat(day)

    monkeypatch.setattr(publishing, "timezone", Then)


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def header(path: Path) -> list[str]:
    text = path.read_bytes().decode().removeprefix(BYTE_ORDER_MARK)
    return next(csv.reader(io.StringIO(text, newline="")))


class TestContents:
    def test_has_every_file_of_the_list_and_an_archive_of_them(self, edition: Path):
        day = edition.name
        archive = editions.archive_name(day)
        assert {path.name for path in edition.iterdir()} == {*FILES, editions.MANIFEST, editions.CHECKSUMS, archive}
        with zipfile.ZipFile(edition / archive) as packed:
            assert packed.testzip() is None
            names = {name.rpartition("/")[2] for name in packed.namelist()}
            assert names == {*FILES, editions.MANIFEST, editions.CHECKSUMS}
            assert packed.read(f"banco-de-evidencias-{day}/studies.csv") == (edition / "studies.csv").read_bytes()

    def test_its_checksums_hold(self, edition: Path):
        done = subprocess.run(
            ["sha256sum", "--check", "--strict", editions.CHECKSUMS], cwd=edition, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def test_its_manifest_gives_the_size_and_hash_of_each_file_and_the_licence(self, edition: Path):
        package = json.loads((edition / editions.MANIFEST).read_text(encoding="utf-8"))
        assert {each["path"] for each in package["resources"]} == set(FILES)
        for each in package["resources"]:
            held = (edition / each["path"]).read_bytes()
            assert (each["bytes"], each["hash"]) == (len(held), f"sha256:{hashlib.sha256(held).hexdigest()}")
        assert package["licenses"] == [{"name": "CC BY 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}]

    @pytest.mark.thorough
    def test_an_empty_bank_that_loads_it_holds_the_same(self, nothing_loaded_after_publishing):
        fixtures.load_fixtures(nothing_loaded_after_publishing)
        published = {record.id: fingerprint(record) for record in contents.published_records()}
        assert published == {record.id: fingerprint(record) for record in fixture_studies()}
        assert Evaluation.objects.count() == len(fixture_json("evaluations"))
        assert Programme.objects.count() == len(fixture_json("programmes"))
        assert PriorityOutcome.objects.count() == len(fixture_json("priorities"))
        assert Baseline.objects.count() == len(fixture_json("baselines"))

    @pytest.fixture
    def nothing_loaded_after_publishing(self, request) -> Path:
        folder = publish()
        request.getfixturevalue("nothing_loaded")
        return folder

    def test_the_files_beside_the_studies_are_those_of_the_fixtures(self, edition: Path):
        for name, key, record in (
            ("evaluations", "id", records_study.EvaluationRecord),
            ("programmes", "id", records_study.ProgrammeRecord),
            ("thesaurus", "concept", records_study.ConceptRecord),
            ("instruments", "id", records_study.InstrumentRecord),
            ("baselines", "id", BaselineRecord),
        ):
            written = json.loads((edition / f"{name}.json").read_text(encoding="utf-8"))
            ours = {row[key]: fingerprint(record.from_json(row)) for row in written}
            assert ours == {row[key]: fingerprint(record.from_json(row)) for row in fixture_json(name)}

    def test_the_vocabularies_are_those_of_the_fixtures_without_the_notes_for_whoever_codes(self, edition: Path):
        public = {
            vocabulary: [{key: value for key, value in term.items() if key not in UNPUBLISHED} for term in terms]
            for vocabulary, terms in fixture_json("taxonomy").items()
        }
        assert json.loads((edition / "taxonomy.json").read_text(encoding="utf-8")) == public

    def test_the_tables_have_a_row_for_each_study_and_each_finding(self, edition: Path):
        studies, findings = rows(edition / "studies.csv"), rows(edition / "findings.csv")
        assert [row["id"] for row in studies] == sorted(record.id for record in fixture_studies())
        (sasa,) = (record for record in fixture_studies() if record.id == SASA)
        ours = [row for row in findings if row["study"] == SASA]
        assert [row["statement_es"] for row in ours] == [each.statement_es for each in sasa.findings]
        assert ours[0]["ci_low"] == "0.16"

    def test_groups_costs_and_judgements_have_tables_of_their_own(self, edition: Path):
        records = sorted(fixture_studies(), key=lambda record: record.id)
        groups = [
            (record.id, str(position), arm.arm)
            for record in records
            for position, each in enumerate(record.findings, start=1)
            for arm in each.arms
        ]
        assert [(row["study"], row["position"], row["arm"]) for row in rows(edition / "arms.csv")] == groups
        costs = [(record.id, cost.currency) for record in records for cost in record.costs]
        assert [(row["study"], row["currency"]) for row in rows(edition / "costs.csv")] == costs
        judged = [(record.id, each.instrument) for record in records for each in record.appraisals]
        assert [(row["study"], row["instrument"]) for row in rows(edition / "appraisals.csv")] == judged

    def test_a_finding_says_whether_it_tests_all_some_or_none(self, empty_bank: None):
        make_study(
            interventions=("parenting", "engaging-men"),
            findings=(finding(), finding(about=("parenting",)), finding(about=(), value=-0.3, ci_low=-0.5, ci_high=0)),
            stage=Stage.PUBLISHED,
        )
        found = rows(publish() / "findings.csv")
        assert [(row["position"], row["about"]) for row in found] == [("1", ""), ("2", "parenting"), ("3", "none")]
        assert (found[2]["value"], found[2]["ci_low"]) == ("-0.3", "-0.5")

    def test_a_review_names_only_public_studies(self, empty_bank: None):
        shown = make_study(stage=Stage.PUBLISHED)
        gone = withdraw(make_study(stage=Stage.PUBLISHED))
        make_study(id="review-2020", includes=(gone.slug, shown.slug), stage=Stage.PUBLISHED)
        (review,) = (each for each in lines(publish(), "studies.jsonl") if each["id"] == "review-2020")
        assert review["includes"] == [shown.slug]

    def test_a_cell_that_a_spreadsheet_would_run_is_defused(self):
        make_study(stage=Stage.PUBLISHED, findings=(finding(statement_es="=1+1"),))
        (row,) = (row for row in rows(publish() / "findings.csv") if "=1+1" in row["statement_es"])
        assert row["statement_es"] == "'=1+1"

    def test_the_texts_speak_both_languages(self, edition: Path):
        for name, spanish, english in (
            ("README.txt", "El banco no es una búsqueda sistemática", "The bank is not a systematic search"),
            ("LICENCE.txt", "llevan la licencia CC BY 4.0", "carry the licence CC BY 4.0"),
        ):
            text = (edition / name).read_text(encoding="utf-8")
            assert spanish in text
            assert english in text
        assert all(f"\n{name}\n" in (edition / "README.txt").read_text(encoding="utf-8") for name in FILES)

    def test_a_retired_term_is_written_only_where_a_study_carries_it(self):
        with vocabulary_change():
            Term.objects.filter(code__in=["helpline", "PE"]).update(is_retired=True)
        Study.objects.filter(study_terms__term__code="helpline").update(stage="withdrawn", stage_note="Prueba.")
        taxonomy = json.loads((publish() / "taxonomy.json").read_text(encoding="utf-8"))
        assert "PE" in [term["code"] for term in taxonomy["countries"]]
        assert "helpline" not in [term["code"] for term in taxonomy["interventions"]]


class TestUnpublished:
    def test_is_in_no_file(self):
        secret = {
            "title": "Zarzaparrilla",
            "authors": (author("Zarzaparrilla"),),
            "findings": (finding(statement_es="Zarzaparrilla."),),
            "sources": (source("https://zarzaparrilla.example/"),),
        }
        sasa = Study.objects.get(slug=SASA)
        hidden = [
            make_study(id="zarzaparrilla-1", **secret),
            make_study(id="zarzaparrilla-2", stage=Stage.IN_REVIEW, **secret),
            withdraw(make_study(id="zarzaparrilla-3", stage=Stage.PUBLISHED, **secret)),
            make_study(id="zarzaparrilla-4", **secret),
        ]
        sasa_sources = secret | {"sources": (source("https://example.org/otra"),)}
        merge_studies(make_study(id="zarzaparrilla-5", stage=Stage.PUBLISHED, **sasa_sources), sasa)
        trial = Evaluation.objects.filter(studies__slug=SASA).first()
        programme = Programme.objects.exclude(stage="unknown").first()
        assert trial
        assert programme
        alone = Evaluation.objects.create(slug="zarzaparrilla", kind="trial", name_es="Z", name_en="Z")
        for study in hidden[:3]:
            EvaluationStudy.objects.create(evaluation=trial, study=study)
            EvaluationStudy.objects.create(evaluation=alone, study=study)
            ProgrammeStudy.objects.create(programme=programme, study=study)
        folder = publish()
        for path in folder.iterdir():
            assert b"zarzaparrilla" not in path.read_bytes().lower(), path.name
        with zipfile.ZipFile(folder / editions.archive_name(folder.name)) as packed:
            assert not [name for name in packed.namelist() if b"zarzaparrilla" in packed.read(name).lower()]

    def test_no_file_has_a_programme_that_is_not_published_unless_a_study_carries_its_name(self):
        draft = Programme.objects.create(slug="borrador", name="Borrador", name_es="Borrador", name_en="Draft")
        origin = Programme.objects.create(slug="origen", name="Origen", name_es="Origen", name_en="Origin")
        named = Programme.objects.create(
            slug="nombrado", name="Nombrado", name_es="Nombrado", name_en="Named", adapted_from=origin
        )
        make_study(stage=Stage.PUBLISHED, programme="Nombrado")
        rows = {row["id"]: row for row in json.loads((publish() / "programmes.json").read_text(encoding="utf-8"))}
        assert not {draft.slug, origin.slug} & rows.keys()
        assert rows[named.slug]["adapted_from"] is None

    def test_a_study_like_that_does_show_once_it_is_published(self):
        make_study(id="zarzaparrilla-1", stage=Stage.PUBLISHED)
        assert b"zarzaparrilla" in (publish() / "studies.jsonl").read_bytes()


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def make_question(**changes: Any) -> PolicyQuestion:
    values = {
        "slug": "hombres",
        "question_es": "¿Qué se sabe?",
        "answer_es": "<p>Hay <strong>ensayos</strong>.</p><script>alert(1)</script>",
        "reviewed_by": "Equipo",
        "reviewed_on": datetime.date(2026, 11, 2),
        "sources": ["https://example.org/pedido"],
        "is_published": True,
    }
    return PolicyQuestion.objects.create(**{**values, **changes})


def make_decision(programme: Programme, **changes: Any) -> Decision:
    values = {
        "programme": programme,
        "decided_on": datetime.date(2025, 3, 8),
        "text_es": "=Se amplía; y más.",
        "document_url": "https://example.org/resolucion",
        "is_published": True,
    }
    return Decision.objects.create(**{**values, **changes})


class TestWhatFollowsFromStudies:
    def test_questions_are_told_as_their_pages_show_them(self):
        question = make_question()
        question.studies.add(Study.objects.get(slug=SASA))
        question.programmes.add(Programme.objects.get(slug="sasa"))
        day = datetime.date(2026, 11, 1)
        question.searches.create(made_on=day, criteria="country=PE", found=9, change_no=1, vocabulary_no=2)
        question.searches.create(made_on=day, elsewhere="PubMed: men; violence", found=1312)
        folder = publish()
        (told,) = lines(folder, "questions.jsonl")
        searches = [
            {"made_on": "2026-11-01", "found": 9, "criteria": "country=PE", "change_no": 1, "vocabulary_no": 2},
            {"made_on": "2026-11-01", "found": 1312, "elsewhere": "PubMed: men; violence"},
        ]
        assert told == {
            "id": "hombres",
            "question_es": "¿Qué se sabe?",
            "answer_es": "<p>Hay <strong>ensayos</strong>.</p>alert(1)",
            "reviewed_by": "Equipo",
            "reviewed_on": "2026-11-02",
            "studies": [SASA],
            "programmes": ["sasa"],
            "searches": searches,
            "sources": ["https://example.org/pedido"],
        }
        assert learning.QuestionRecord.from_json(told).to_json() == told
        (row,) = rows(folder / "questions.csv")
        assert (row["studies"], row["answer_es"]) == (SASA, told["answer_es"])
        assert "searches" not in row
        first, second = rows(folder / "searches.csv")
        assert (first["question"], first["found"], first["change_no"]) == ("hombres", "9", "1")
        assert (second["elsewhere"], second["criteria"], second["change_no"]) == ("PubMed: men; violence", "", "")

    def test_decisions_are_told_with_document_and_studies(self):
        decision = make_decision(Programme.objects.get(slug="sasa"))
        decision.studies.add(Study.objects.get(slug=SASA))
        folder = publish()
        (told,) = lines(folder, "decisions.jsonl")
        assert (told["programme"], told["decided_on"], told["studies"]) == ("sasa", "2025-03-08", [SASA])
        assert learning.DecisionRecord.from_json(told).to_json() == told
        (row,) = rows(folder / "decisions.csv")
        assert row["text_es"] == "'=Se amplía; y más."

    def test_programmes_are_told_with_what_they_rest_on_what_tests_them_and_where_they_come_from(self):
        patas, sasa = (Programme.objects.get(slug=slug) for slug in ("hablemos-entre-patas", "sasa"))
        patas.rests_on.add(Study.objects.get(slug=SASA))
        make_question().programmes.add(patas)
        folder = publish()
        told = {each["programme"]: each for each in lines(folder, "cycle.jsonl")}
        assert told.keys() == set(Programme.objects.public().values_list("slug", flat=True))
        assert told["hablemos-entre-patas"] == {
            "programme": "hablemos-entre-patas",
            "stage": "results",
            "questions": ["hombres"],
            "rests_on": [SASA],
            "evaluations": [],
            "lineage": ["real-man-challenge-liberia", "real-man-challenge"],
        }
        trials = Evaluation.objects.filter(kind="trial", programme=sasa).values_list("slug", flat=True)
        assert told["sasa"]["evaluations"] == sorted(trials) != []
        known = {each["id"] for each in json.loads((folder / "evaluations.json").read_text(encoding="utf-8"))}
        assert {slug for each in told.values() for slug in each["evaluations"]} <= known
        table = {row["programme"]: row for row in rows(folder / "cycle.csv")}
        assert table["hablemos-entre-patas"]["lineage"] == "real-man-challenge-liberia; real-man-challenge"

    def test_nothing_that_is_not_published_is_told(self):
        secret = make_study(id="zarzaparrilla-1", title="Zarzaparrilla")
        gone = withdraw(make_study(id="zarzaparrilla-2", stage=Stage.PUBLISHED))
        sasa = Programme.objects.get(slug="sasa")
        draft = Programme.objects.create(
            slug="zarzaparrilla", name="Zarzaparrilla", name_es="Zarzaparrilla", name_en="Zarzaparrilla"
        )
        Evaluation.objects.create(slug="zarzaparrilla-e", kind="trial", name_es="E", name_en="E", programme=sasa)
        trial = Evaluation.objects.create(slug="zarzaparrilla", kind="trial", name_es="E", name_en="E", programme=sasa)
        EvaluationStudy.objects.create(evaluation=trial, study=secret)
        public, hidden = make_question(), make_question(slug="zarzaparrilla", is_published=False)
        hidden.searches.create(made_on=datetime.date(2026, 11, 1), criteria="q=zarzaparrilla", found=0)
        public.programmes.add(draft)
        hidden.programmes.add(sasa)
        told = make_decision(sasa)
        make_decision(sasa, text_es="Zarzaparrilla.", is_published=False)
        make_decision(draft, text_es="Zarzaparrilla.")
        for rests in (public.studies, hidden.studies, told.studies, sasa.rests_on, draft.rests_on):
            rests.add(secret, gone)
        Programme.objects.filter(slug="sasa").update(adapted_from=draft)
        folder = publish()
        for path in folder.iterdir():
            assert b"zarzaparrilla" not in path.read_bytes().lower(), path.name
        assert [each["id"] for each in lines(folder, "questions.jsonl")] == ["hombres"]
        assert len(lines(folder, "decisions.jsonl")) == 1

    def test_a_change_of_it_is_a_change_of_the_edition(self):
        publish()
        question = make_question(is_published=False)
        assert not publishing.publish(keep=5)[1]
        PolicyQuestion.objects.update(is_published=True)
        assert publishing.publish(keep=5)[1]
        question.searches.create(made_on=datetime.date(2026, 11, 1), criteria="", found=0)
        assert publishing.publish(keep=5)[1]
        Programme.objects.get(slug="sasa").rests_on.add(Study.objects.get(slug=SASA))
        assert publishing.publish(keep=5)[1]
        assert not publishing.publish(keep=5)[1]

    def test_an_edition_of_before_is_read(self):
        folder = publish()
        manifest = json.loads((folder / editions.MANIFEST).read_text(encoding="utf-8"))
        del manifest["bank"]["learning"]
        (folder / editions.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        held = editions.get_edition(folder.name)
        assert held is not None
        assert held.version.learning == ""

    def test_costs_as_many_queries_whatever_there_is(self, django_assert_max_num_queries):
        for number in range(3):
            question = make_question(slug=f"p-{number}")
            question.studies.add(Study.objects.get(slug=SASA))
            question.programmes.set(Programme.objects.all()[:3])
            make_decision(Programme.objects.get(slug="sasa")).studies.add(Study.objects.get(slug=SASA))
        with django_assert_max_num_queries(11):
            learning.compute_fingerprint()


class TestWhatPeopleSay:
    def test_is_told_with_both_names_studies_and_since_when_it_is_to_be_reviewed(self):
        study = make_study(stage=Stage.PUBLISHED)
        for row in (make_conclusion(study), make_certainty(study), make_safety_note(study)):
            published(row)
        edit(study, key_finding_es="Otro hallazgo")
        folder, today = publish(), timezone.localdate().isoformat()
        for name, record in (
            ("conclusions", answers.ConclusionRecord),
            ("certainty", answers.CertaintyRecord),
            ("safety-notes", answers.SafetyNoteRecord),
        ):
            (told,) = lines(folder, f"{name}.jsonl")
            assert (told["reviewer"], told["reviewed_on"], told["to_review_since"]) == ("Eva Prueba", today, today)
            assert study.slug in json.dumps(told)
            assert record.from_json(told).to_json() == told
        (conclusion,) = lines(folder, "conclusions.jsonl")
        assert conclusion["about"] == "interventions:shelter"

    def test_has_the_fields_that_the_documents_name(self):
        study = make_study(stage=Stage.PUBLISHED)
        published(make_conclusion(study))
        published(make_certainty(study, comparison="nothing"))
        published(make_safety_note(study))
        edit(study, key_finding_es="Otro hallazgo")
        folder = publish()
        text = (settings.BASE_DIR / "docs" / "data.md").read_text(encoding="utf-8")
        table = re.findall(r"^\| `([a-z.-]+)`[^|]*\| ((?:`\w+`(?:, )?)+) \|$", text, re.MULTILINE)
        documented = {name: re.findall(r"`(\w+)`", fields) for name, fields in table}
        whole = {name: lines(folder, f"{name}.jsonl")[0] for name in ("conclusions", "certainty", "safety-notes")}
        for name, told in whole.items():
            assert sorted(told) == sorted(documented[f"{name}.jsonl"])
        assert sorted(whole["conclusions"]["sentences"][0]) == sorted(documented["sentences"])
        assert sorted(whole["certainty"]["reasons"][0]) == sorted(documented["reasons"])

    def test_nothing_is_told_that_is_not_published(self):
        secret = make_question(slug="zarzaparrilla", is_published=False)
        published(make_conclusion(question=secret))
        make_conclusion(author_name="Zarzaparrilla")
        make_certainty(author_name="Zarzaparrilla")
        make_safety_note(author_name="Zarzaparrilla")
        folder = publish()
        for path in folder.iterdir():
            assert b"zarzaparrilla" not in path.read_bytes().lower(), path.name

    def test_a_change_of_it_is_a_change_of_the_edition(self):
        row = make_safety_note()
        publish()
        published(row)
        assert publishing.publish(keep=5)[1]
        with answer_change():
            PriorityOutcome.objects.filter(outcome__code="femicide").update(position=1)
        assert publishing.publish(keep=5)[1]
        assert not publishing.publish(keep=5)[1]


class TestDictionary:
    def test_explains_every_field_of_every_file_in_both_languages(self):
        explained: dict[str, list[str]] = {}
        for field in list_fields():
            explained.setdefault(field.file, []).append(field.path)
            assert field.es
            assert field.en
            assert field.type in TYPES
        assert explained["evaluations.json"] == list(fields_of(records_study.EvaluationRecord))
        assert explained["programmes.json"] == list(fields_of(records_study.ProgrammeRecord))
        assert explained["thesaurus.json"] == list(fields_of(records_study.ConceptRecord))
        assert explained["taxonomy.json"] == [
            name for name in fields_of(records_study.TermRecord) if name not in {"attributes", *UNPUBLISHED}
        ]
        plain = [path for path in explained["studies.jsonl"] if "[]" not in path]
        assert plain == explained["studies.csv"] == list(fields_of(StudyRecord))
        assert explained["cycle.jsonl"] == explained["cycle.csv"] == list(fields_of(learning.CycleRecord))
        assert explained["decisions.jsonl"] == explained["decisions.csv"] == list(fields_of(learning.DecisionRecord))
        searches = [f"searches[].{name}" for name in fields_of(learning.QuestionSearchRecord)]
        questions = [path for path in explained["questions.jsonl"] if path not in searches]
        assert questions == list(fields_of(learning.QuestionRecord))
        assert explained["questions.csv"] == [name for name in questions if name != "searches"]
        assert explained["searches.csv"] == ["question", *fields_of(learning.QuestionSearchRecord)]
        assert explained["priorities.json"] == list(fields_of(PriorityRecord))
        assert explained["baselines.json"] == list(fields_of(BaselineRecord))
        assert explained["safety-notes.jsonl"] == list(fields_of(answers.SafetyNoteRecord))
        for name, record in (
            ("authors", records_study.AuthorRecord),
            ("interventions", records_study.InterventionRecord),
            ("costs", records_study.CostRecord),
            ("findings", records_study.FindingRecord),
            ("findings[].arms", ArmRecord),
            ("appraisals", records_study.PublishedAppraisalRecord),
            ("sources", records_study.SourceRecord),
        ):
            below = [
                path.removeprefix(f"{name}[].") for path in explained["studies.jsonl"] if path.startswith(f"{name}[].")
            ]
            parts = [path for path in below if "[]" not in path]
            assert parts == list(fields_of(record))

    def test_has_the_columns_of_the_tables(self, edition: Path):
        tables = [name for name in FILES if name.endswith(".csv") and name != "dictionary.csv"]
        assert len(tables) == 9
        for table in tables:
            columns = header(edition / table)
            assert columns == [row["field"] for row in rows(edition / "dictionary.csv") if row["file"] == table]


@pytest.fixture
def few(empty_bank: None) -> Study:
    """A bank of one study: what is asked here does not depend on their number."""
    return make_study(id=SASA, stage=Stage.PUBLISHED)


@pytest.mark.usefixtures("few")
class TestPublishing:
    def test_writes_nothing_while_the_bank_is_what_it_was(self):
        first = publish()
        written = (first / "studies.jsonl").stat().st_mtime_ns
        edition, is_new = publishing.publish(keep=5)
        assert (edition.day, is_new) == (first.name, False)
        assert (first / "studies.jsonl").stat().st_mtime_ns == written
        assert publishing.publish(keep=5, force=True)[1]

    def test_writes_again_after_a_change_of_a_study_a_word_or_the_licence(self, settings):
        publish()
        edit(Study.objects.get(slug=SASA), publisher="Otra editorial")
        assert publishing.publish(keep=5)[1]
        with vocabulary_change():
            Term.objects.filter(code="autonomy").update(label_es="Autonomía")
        assert publishing.publish(keep=5)[1]
        settings.DATA_LICENCE_NAME = "CC0"
        assert publishing.publish(keep=5)[1]
        assert len(editions.list_days()) == 1
        assert b"CC0" in (editions.editions_folder() / editions.list_days()[0] / "LICENCE.txt").read_bytes()

    def test_keeps_the_newest_and_lets_the_others_go(self, monkeypatch):
        for day in ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"):
            of_another_day(monkeypatch, day)
            publish(keep=2, force=True)
        assert editions.list_days() == ["2026-11-04", "2026-11-03"]
        assert {path.name for path in editions.editions_folder().iterdir()} == {"2026-11-04", "2026-11-03", ".lock"}

    def test_tells_of_one_version_though_the_bank_changes_meanwhile(self, monkeypatch):
        study = Study.objects.get(slug=SASA)
        changes = iter(["Editorial Primera"])
        write = publishing._write

        def write_slowly(*arguments: object) -> None:
            write(*arguments)
            for publisher in changes:
                edit(study, publisher=publisher)

        monkeypatch.setattr(publishing, "_write", write_slowly)
        assert b"Editorial Primera" in (publish() / "studies.jsonl").read_bytes()

    def test_gives_up_on_a_bank_that_never_rests_and_keeps_what_was_there(self, monkeypatch):
        first = publish()
        study = Study.objects.get(slug=SASA)
        write = publishing._write
        monkeypatch.setattr(
            publishing, "_write", lambda *given: (write(*given), edit(study, publisher=f"{timezone.now()}"))
        )
        with pytest.raises(publishing.BankKeptChanging):
            publish(force=True)
        assert editions.get_newest() is not None
        assert {path.name for path in editions.editions_folder().iterdir()} == {first.name, ".lock"}

    def test_is_not_done_twice_at_once(self):
        editions.editions_folder().mkdir()
        with (editions.editions_folder() / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(CommandError, match="another process"):
                call_command("publish_data")

    def test_the_command_says_what_it_did(self, capsys):
        call_command("publish_data", keep=3)
        call_command("publish_data")
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith("open data of ")
        assert second.startswith("nothing has changed since the open data of ")

    @pytest.mark.parametrize("keep", ["0", "-1", "muchas"])
    def test_the_command_keeps_at_least_one(self, keep):
        with pytest.raises(CommandError, match="no number of editions"):
            call_command("publish_data", "--keep", keep)


@pytest.mark.usefixtures("few")
class TestOffer:
    def test_the_page_offers_the_newest_edition_with_its_files(self, client, monkeypatch):
        of_another_day(monkeypatch, "2026-11-01")
        publish(force=True)
        of_another_day(monkeypatch, "2026-11-02")
        publish(force=True)
        html = client.get("/datos/").content.decode()
        assert "Edición del 2 de noviembre de 2026" in html
        for name in (*FILES, editions.CHECKSUMS, "banco-de-evidencias-2026-11-02.zip"):
            assert f'href="/datos/archivos/2026-11-02/{name}"' in html
        assert 'href="/datos/archivos/2026-11-01/banco-de-evidencias-2026-11-01.zip"' in html
        assert "Edition of 2 November 2026" in client.get("/en/data/").content.decode()

    def test_the_page_says_nothing_of_it_before_the_first(self, client):
        assert "archivos/" not in client.get("/datos/").content.decode()

    def test_a_file_comes_as_it_is_and_only_once_to_who_has_it(self, client):
        folder = publish()
        path = f"/datos/archivos/{folder.name}/studies.csv"
        response = client.get(path)
        assert b"".join(response) == (folder / "studies.csv").read_bytes()
        assert response["Content-Disposition"] == 'attachment; filename="studies.csv"'
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304

    def test_a_new_edition_of_the_same_day_is_what_is_given(self, client):
        folder = publish()
        path = f"/datos/archivos/{folder.name}/studies.jsonl"
        response = client.get(path)
        before = response["ETag"], b"".join(response)
        edit(Study.objects.get(slug=SASA), publisher="Otra editorial")
        publish()
        response = client.get(path)
        assert response["ETag"] != before[0]
        assert "Otra editorial" in b"".join(response).decode()

    @pytest.mark.parametrize(
        "path",
        [
            "2026-01-01/studies.csv",
            "nada/studies.csv",
            "{day}/nada.csv",
            "{day}/..%2f..%2fenv",
            "..%2f/env",
            "{day}/.lock",
        ],
    )
    def test_nothing_else_is_given(self, client, path):
        folder = publish()
        assert client.get(f"/datos/archivos/{path.format(day=folder.name)}").status_code == 404
