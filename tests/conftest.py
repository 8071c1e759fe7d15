"""What all tests share: where the browser is, which tests run on PostgreSQL, how hypothesis behaves.

A run that leaves something out says so in one line at its end, with the way to get it.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation
from pytest_django import DjangoDbBlocker

from evidencebank import catalogue
from search.web.brief import pdf
from tests.thorough import THOROUGH

pytest_plugins = ["tests.bank_server"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BROWSER_FIXTURES = {"page", "context", "new_context", "browser"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_reset_sequences"}
TEST_ON_POSTGRES = bool(os.environ.get("TEST_ON_POSTGRES"))
PAGES_OF_READERS = [
    Path(__file__).parent / folder for folder in ("search/assistants", "search/help", "search/web", "studies/web")
]
"""What is made of rows that were read. On PostgreSQL each public address is asked for by test_public_addresses.

The server for assistants asks addresses of the API, whose request, when it ends, would close the connection of a test.
"""
LONG_RUNS = Path(__file__).parent / "benchmarks"
"""Short forms of what the commands in benchmarks/ do for an hour."""
FOREIGN_READERS = Path(__file__).parent / "readers"
"""Programs of others read what the bank gives away: only `make readers` runs them."""

# Playwright keeps an event loop in the thread of the tests, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # Before any worker starts: a new clone has no compiled catalogue, and speaks Spanish on English pages.
        catalogue.compile_all(settings.LOCALE_PATHS[0])
    if not CHROMIUM and os.environ.get("BROWSER_TESTS") == "required":
        raise pytest.UsageError("BROWSER_TESTS=required, and no Chromium is in the PATH.")
    if os.environ.get("PDF_TESTS") == "required" and not pdf.is_available():
        raise pytest.UsageError("PDF_TESTS=required, and pango is missing.")
    if TEST_ON_POSTGRES and "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        raise pytest.UsageError("TEST_ON_POSTGRES is set, and DATABASE_URL names no PostgreSQL.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if LONG_RUNS in item.path.parents:
            item.add_marker("thorough")
        if FOREIGN_READERS in item.path.parents:
            item.add_marker("readers")
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if _touches_database(item):
            item.add_marker("database")
        if not CHROMIUM and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium"))
    if TEST_ON_POSTGRES:
        _leave_out(config, items, [item for item in items if not _depends_on_database(item)])
    if config.args_source != pytest.Config.ArgsSource.ARGS:
        _leave_out(config, items, [item for item in items if item.get_closest_marker("readers")])
    if not THOROUGH and config.args_source != pytest.Config.ArgsSource.ARGS:
        # A test that is named is run.
        _leave_out(config, items, [item for item in items if item.get_closest_marker("thorough")])


def _depends_on_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("database") is not None and not set(PAGES_OF_READERS) & set(item.path.parents)


def _leave_out(config: pytest.Config, items: list[pytest.Item], left_out: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & fixtures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not pdf.is_available():
        terminalreporter.write_line(
            "Left out: the tests of PDF files. "
            "To get them: sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        )
    if not CHROMIUM:
        terminalreporter.write_line("Left out: the tests in a browser. To get them: sudo apt install chromium")
    if not THOROUGH:
        terminalreporter.write_line("Left out: what is thorough and takes long. To get it: make test THOROUGH=1")
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        terminalreporter.write_line(
            "Left out: the same on PostgreSQL. To get it: DATABASE_URL=postgres://user@host/bank make test-postgres"
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium of the system, which calls nobody but the server under test."""
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the real bank once into the test database. Each test begins with it, and its own changes are rolled back."""
    with django_db_blocker.unblock():
        _load_bank()


@pytest.fixture
def committed_bank(transactional_db: None) -> None:
    """The real bank in a test of whole transactions: the one before it has emptied every table. Costs seconds."""
    from studies.models import Study

    if not Study.objects.exists():
        _load_bank()


@pytest.fixture
def empty_bank(db: None) -> None:
    """A bank with its vocabularies and thesaurus, but without studies, programmes and evaluations."""
    from django.core.cache import cache

    from studies.store.changes import vocabulary_change

    with vocabulary_change():
        _empty("ConclusionSentence.studies ConclusionSentence Conclusion.writers Conclusion")
        _empty("SafetyNote.studies SafetyNote.writers SafetyNote")
        _empty("CertaintyJudgement.studies CertaintyJudgement.writers CertaintyJudgement")
        _empty("QuestionSearch PolicyQuestion.studies PolicyQuestion.programmes PolicyQuestion")
        _empty("Decision.studies Decision")
        _empty("Assessment.seen_by Assessment Appraisal")
        _empty("EvaluationStudy Evaluation ProgrammeStudy Revision Finding.about Finding StudyTerm")
        _empty("Study.harms_about Cost PublishedAppraisal Inclusion")
        _empty("Programme.rests_on Authorship Source Study Programme.countries Programme.themes Programme")
    # No change number tells this bank from the real one.
    cache.clear()


@pytest.fixture
def nothing_loaded(empty_bank: None) -> None:
    """A bank without any row but its counter, users and roles."""
    from studies.store.changes import vocabulary_change

    with vocabulary_change():
        _empty("PriorityOutcome Baseline")
        _empty("Instrument.designs InstrumentLevel InstrumentDomain Instrument Concept.terms Concept Term")


def _load_bank() -> None:
    from studies.curation.fixtures import load_fixtures

    load_fixtures(settings.BASE_DIR / "fixtures")


def _empty(names: str) -> None:
    """Delete all rows of models, and of many-to-many fields, past every rule of the domain: no use case deletes."""
    from django.apps import apps

    for name in names.split():
        model, _, field = name.partition(".")
        owner: Any = apps.get_model("studies", model)
        table = getattr(owner, field).through if field else owner
        table.objects.all()._raw_delete(table.objects.db)


@pytest.fixture(autouse=True)
def _nothing_of_another_test() -> Iterator[None]:
    """Begin in Spanish, and forget what is kept by change number: a test's changes are rolled back, their numbers not.

    A page that a test asks for in English leaves its thread in English.
    """
    translation.activate(settings.LANGUAGE_CODE)
    yield
    for name in (
        "search.index.drafts",
        "search.help.known_words",
        "search.pages.finding",
        "studies.store.evidence_snapshot",
        "studies.health.remarks",
    ):
        if module := sys.modules.get(name):
            module.forget()
