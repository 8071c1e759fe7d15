"""The pages for people, compared with the program: nothing left out, and nothing named that is not there."""

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.test import Client
from django.utils.translation import override

from evidencebank.urls import PAGES, urlpatterns
from search import contract
from search.contract import FIELDS, SORTS
from search.criteria.facets import FACETS, PARAMETERS
from search.criteria.filters import MAX_CODES, StudyFilterSet
from search.engines import ENGINES, scoring
from search.query import resolver, tokenizer
from search.text import analysis
from studies.citations import bibtex, ris
from studies.curation.moves import MOVES
from studies.exports.registry import EXPORTS
from studies.exports.tabular import FINDING_PARTS
from studies.models import Programme, Vocabulary
from studies.records import rules, study
from studies.records.json_record import fields_of, vocabularies_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("accounts", "evidencebank", "jobs", "search", "studies")
FOLDERS = (*PACKAGES, "templates", "static", "fixtures", "tests", "docs", "locale", "benchmarks", r"\.ci")
HEAVIEST_IMAGE_BYTES = 200_000
# What a module has that is a variant, by the row of "Where a change goes" that says how to add one.
VARIANTS = {"citation style": "cite", "citation format": "write", "import format": "FORMAT", "engine": "make_engine"}

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(markdown: str) -> str:
    """Leave out fenced blocks, whose # begins no heading, and whose brackets are no links."""
    return re.sub(r"^( *)```.*?^\1```$", "", markdown, flags=re.MULTILINE | re.DOTALL)


def section(name: str, heading: str) -> str:
    """Return what stands between a heading and the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#|\Z)", without_code(read(name)), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no section {heading!r}"
    return found[1]


def tables(markdown: str) -> list[list[list[str]]]:
    """Return the tables of a text, each as its rows of cells, without the head."""
    found: list[list[list[str]]] = []
    for block in re.findall(r"(?:^\|.*\n?)+", markdown, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in block.splitlines()]
        found.append(rows[2:])
    return found


def codes(cell: str) -> list[str]:
    """Return what a cell holds in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def first_codes(table: list[list[str]]) -> list[str]:
    return [code for row in table for code in codes(row[0])]


def anchors(markdown: str) -> set[str]:
    """Return the anchors that headings have on GitHub and its like."""
    headings = re.findall(r"^#+ (.+)$", without_code(markdown), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(markdown: str, page: Path) -> list[str]:
    """Return the relative links that lead to no file, or to no heading of it."""
    links = re.findall(r"\]\(([^)\s]+)\)", without_code(markdown))
    return [link for link in links if not re.match(r"[a-z]+:", link) and not _leads_somewhere(link, page, markdown)]


def _leads_somewhere(link: str, page: Path, markdown: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8") if name else markdown)


def missing_paths(markdown: str) -> list[str]:
    """Return the paths and names of files in backticks that nothing in the tree has; a test may stand behind a path."""
    paths = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[^`\s:]*)(?:::[\w:]+)?`", markdown)
    names = re.findall(r"`(\w+\.(?:py|html|css|js))`", markdown)
    files = {
        file.name for folder in (*PACKAGES, "templates", "static", "tests") for file in (ROOT / folder).rglob("*.*")
    }
    return [
        *(path for path in paths if not (ROOT / path).exists()),
        *(name for name in names if name != "manage.py" and name not in files),
    ]


def missing_modules(markdown: str) -> list[str]:
    """Return the dotted names of our packages that cannot be imported."""
    names = re.findall(rf"(?:`|python:)((?:{'|'.join(PACKAGES)})(?:\.\w+)+)", markdown)
    return [name for name in names if not _can_be_imported(name)]


def _can_be_imported(name: str) -> bool:
    module, attributes = name, list[str]()
    while True:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
            if not module:
                return False
            continue
        for attribute in attributes:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True


def where_a_change_goes() -> dict[str, str]:
    """Return the table of CONTRIBUTING.md: what is changed, and the files."""
    (table,) = tables(section("CONTRIBUTING.md", "Where a change goes"))
    return {row[0]: row[1] for row in table}


def folder_and_registry(files: str) -> tuple[str, str]:
    found = re.match(r"a (?:module|package) in `(.+?)/`, a line in `(.+?)`", files)
    assert found, files
    return found[1], found[2]


def variants(folder: str, mark: str) -> list[str]:
    """Return the modules and packages in a folder that have a `mark` of their own."""
    package = importlib.import_module(folder.replace("/", "."))
    names = [each.name for each in pkgutil.iter_modules(package.__path__) if each.name != "registry"]
    return [name for name in names if hasattr(importlib.import_module(f"{package.__name__}.{name}"), mark)]


def unregistered(names: list[str], mark: str, registry: str) -> list[str]:
    """Return the variants that no line of a registry names, as `apa.cite` or "search.engines.whoosh"."""
    return [name for name in names if not re.search(rf'\b{name}\.{mark}\b|\.{name}"', registry)]


def own_commands() -> set[str]:
    folders = (ROOT / package / "management" / "commands" for package in PACKAGES)
    return {file.stem for folder in folders for file in folder.glob("[a-z]*.py")}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))


def routes(language: str) -> list[tuple[str, str]]:
    """Return the address and the name of every page in a language."""
    prefix = "/" if language == "es" else f"/{language}/"
    with override(language):
        return [(prefix + re.sub(r"<\w+:(\w+)>", r"<\1>", str(page.pattern)), str(page.name)) for page in PAGES]


class TestEachPage:
    @each_document
    def test_its_links_lead_somewhere(self, path):
        assert broken_links(path.read_text(encoding="utf-8"), path) == []

    @each_document
    def test_the_files_that_it_names_are_there(self, path):
        assert missing_paths(path.read_text(encoding="utf-8")) == []

    @each_document
    def test_the_modules_that_it_names_are_there(self, path):
        assert missing_modules(path.read_text(encoding="utf-8")) == []

    @each_document
    def test_the_commands_that_it_names_are_there(self, path):
        named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8")))
        assert named <= set(get_commands())

    @each_document
    def test_the_make_targets_that_it_names_are_there(self, path):
        # In code only: in a sentence "make sure" is no target.
        named = set(re.findall(r"(?:`|^|&& )make ([a-z][a-z-]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))

    def test_images_are_light(self):
        heavy = [path.name for path in (ROOT / "docs").rglob("*.*g") if path.stat().st_size > HEAVIEST_IMAGE_BYTES]
        assert heavy == []


class TestReadme:
    def test_every_address_of_the_tour_answers(self, client: Client, db):
        addresses = re.findall(r"<http://127\.0\.0\.1:8000(/[^>]*)>", read("README.md"))
        assert addresses
        assert {address: client.get(address).status_code for address in addresses} == {
            address: 302 if address == "/admin/" else 200 for address in addresses
        }


class TestAddresses:
    def test_it_has_every_address_in_both_languages(self):
        (table,) = tables(section("docs/addresses.md", "Addresses"))
        written = [tuple(codes(cell)[0] for cell in row[:3]) for row in table]
        both = zip(routes("es"), routes("en"), strict=True)
        assert written == [(spanish, english, name) for (spanish, name), (english, _) in both]

    def test_it_has_every_address_without_a_language(self):
        written = section("docs/addresses.md", "Addresses")
        fixed = {f"/{pattern.pattern}" for pattern in urlpatterns[1:]}
        assert fixed == set(re.findall(r"`(/[^`]+)`", written.rpartition("Without a language")[2]))


class TestArchitecture:
    @pytest.mark.parametrize("package", PACKAGES)
    def test_it_has_every_module(self, package):
        entries = (entry for entry in (ROOT / package).iterdir() if not entry.name.startswith("__"))
        modules = {f"{package}/{entry.name}" for entry in entries if entry.suffix == ".py" or entry.is_dir()}
        named = {
            "/".join(path.split("/")[:2]) for path in codes(without_code(read("docs/architecture.md"))) if "/" in path
        }
        assert modules - named == set()

    @pytest.mark.parametrize("package", PACKAGES)
    def test_each_package_begins_with_what_it_is(self, package):
        files = [*(ROOT / package).rglob("__init__.py")]
        silent = [file for file in files if not re.match(r'""".+\w', file.read_text(encoding="utf-8"))]
        assert {file.parent.name for file in silent} <= {"management", "commands", "migrations"}

    @pytest.mark.parametrize("package", ["search", "studies"])
    def test_the_directions_of_imports_are_those_of_the_contracts(self, package):
        contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
        (layers,) = (each["layers"] for each in contracts if each.get("containers") == [package])
        layered = [[name.strip(" ()") for name in re.split(r"[|:]", layer)] for layer in layers]
        wanted = [{name for name in layer if _is_module(package, name)} for layer in layered]
        block = re.search(rf"^ {package} +(.*?)(?=^ \w|^```)", read("docs/architecture.md"), re.MULTILINE | re.DOTALL)
        assert block
        written = [{name.strip() for name in layer.split("|")} for layer in block[1].split("→")]
        assert written == [layer for layer in wanted if layer]


class TestWorkplace:
    def test_it_draws_every_move_between_stages(self):
        drawing = re.search(r"## Stages\n\n```text\n(.*?)```", read("docs/workplace.md"), re.DOTALL)
        assert drawing
        assert [name for name in MOVES if name not in drawing[1]] == []


def _is_module(package: str, name: str) -> bool:
    return (ROOT / package / f"{name}.py").exists() or (ROOT / package / name).is_dir()


class TestOperations:
    def test_it_has_the_settings_that_are_read_and_no_other(self):
        (table,) = tables(section("docs/operations.md", "Settings"))
        settings_read = set(re.findall(r'_read\("(\w+)"', read("evidencebank/settings.py")))
        assert set(first_codes(table)) == settings_read | {"PORT", "HEALTH_SOCKET", "GUNICORN_CMD_ARGS"}

    def test_it_has_our_commands_and_no_other(self):
        (table,) = tables(section("docs/operations.md", "Commands"))
        assert set(first_codes(table)) == own_commands()


class TestContributing:
    def test_it_has_every_task_of_the_makefile(self):
        (table,) = tables(section("CONTRIBUTING.md", "Set up"))
        assert {code.removeprefix("make ") for code in first_codes(table)} == make_targets()

    @pytest.mark.parametrize(("change", "files"), where_a_change_goes().items(), ids=lambda text: text.split(";")[0])
    def test_every_file_of_a_change_is_there(self, change, files):
        paths = [code for code in codes(files) if re.search(r"[/.]", code) and not code.startswith("/")]
        assert [path for path in paths if not (ROOT / path).exists()] == []

    @pytest.mark.parametrize(("change", "mark"), VARIANTS.items())
    def test_every_module_of_a_kind_has_its_line_in_the_registry(self, change, mark):
        folder, registry = folder_and_registry(where_a_change_goes()[change])
        found = variants(folder, mark)
        assert found
        assert unregistered(found, mark, read(registry)) == []


class TestData:
    @pytest.mark.parametrize(
        ("heading", "record"),
        [
            ("A study", study.StudyRecord),
            ("An author", study.AuthorRecord),
            ("An intervention", study.InterventionRecord),
            ("A finding", study.FindingRecord),
            ("A cost", study.CostRecord),
            ("A published appraisal", study.PublishedAppraisalRecord),
            ("A source", study.SourceRecord),
            ("An appraisal", study.AppraisalRecord),
            ("An instrument", study.InstrumentRecord),
            ("An evaluation", study.EvaluationRecord),
            ("A programme", study.ProgrammeRecord),
            ("Vocabularies", study.TermRecord),
            ("A concept", study.ConceptRecord),
        ],
    )
    def test_it_has_every_field_in_the_order_of_the_format(self, heading, record):
        fields = [name for name in fields_of(record) if name != "attributes"]
        assert first_codes(tables(section("docs/data.md", heading))[0]) == fields

    @pytest.mark.parametrize(
        ("heading", "record"),
        [
            ("A study", study.StudyRecord),
            ("An intervention", study.InterventionRecord),
            ("A finding", study.FindingRecord),
            ("A published appraisal", study.PublishedAppraisalRecord),
        ],
    )
    def test_it_has_the_vocabulary_of_every_field_of_codes(self, heading, record):
        rows = tables(section("docs/data.md", heading))[0]
        written = {codes(row[0])[0]: codes(row[1])[0] for row in rows if row[1].startswith(("code of", "codes of"))}
        assert written == vocabularies_of(record)

    def test_it_has_every_vocabulary(self):
        assert sorted(first_codes(tables(section("docs/data.md", "Vocabularies"))[1])) == sorted(Vocabulary.values)

    def test_it_has_every_stage_of_a_programme(self):
        assert set(Programme.Stage.values) <= set(codes(section("docs/data.md", "A programme")))

    def test_it_has_what_sources_support_and_which_measures_have_a_unit(self):
        assert set(rules.SUPPORTS) <= set(codes(section("docs/data.md", "A source")))
        assert set(rules.MEASURES_WITH_UNIT) <= set(codes(section("docs/data.md", "A finding")))

    def test_it_has_every_export_format(self):
        (table,) = tables(section("docs/data.md", "Taking data away"))
        written = [(row[0], codes(row[1])[0], codes(row[2])[0]) for row in table]
        assert written == [(e.label, e.ext, e.content_type.partition(";")[0]) for e in EXPORTS.values()]

    def test_it_has_every_type_in_ris_and_bibtex(self):
        (table,) = tables(section("docs/data.md", "Types"))
        written = {codes(row[0])[0]: (codes(row[1])[0], codes(row[2])[0]) for row in table}
        assert written == {name: (ris.TYPES[name], f"@{bibtex.TYPES[name]}") for name in ris.TYPES}

    def test_it_says_what_a_finding_is_in_the_table(self):
        assert "|".join(FINDING_PARTS) in read("docs/data.md")


class TestSearch:
    def test_it_has_every_criterion(self):
        (table,) = tables(section("docs/search.md", "Criteria"))
        assert set(first_codes(table)) == set(StudyFilterSet.base_filters) - set(PARAMETERS)
        assert f"up to {MAX_CODES} times" in section("docs/search.md", "Criteria")

    def test_it_has_every_order(self):
        assert set(SORTS) <= set(codes(section("docs/search.md", "Criteria")))

    def test_it_has_every_facet(self):
        (table,) = tables(section("docs/search.md", "Facets and numbers"))
        written = [(row[0], tuple(codes(row[1])), tuple(codes(row[2]))) for row in table]
        assert written == [
            (facet.name, facet.parameters, tuple(filter(None, (each.vocabulary for each in facet.code_parameters))))
            for facet in FACETS
        ]

    def test_it_has_the_weights_and_constants_of_the_ranking(self):
        ranking = section("docs/search.md", "Ranking")
        (table,) = tables(ranking)
        assert {row[0]: float(row[1]) for row in table} == scoring.WEIGHTS
        assert set(FIELDS) <= set(scoring.WEIGHTS)
        assert f"K1 is {scoring.K1}, B is {scoring.B}, SCALE is {scoring.SCALE:.0f}." in ranking
        assert f"adds {scoring.DOI_SCORE:,}." in ranking

    def test_it_has_the_bounds_of_a_query(self):
        grammar = section("docs/search.md", "Grammar")
        assert f"{tokenizer.LONGEST_QUERY} characters" in grammar
        assert f"{resolver.MOST_WORDS} words" in grammar
        assert f"{tokenizer.DEEPEST_NESTING} parentheses" in grammar
        assert f"at most {analysis.LONGEST_TOKEN} letters" in section("docs/search.md", "Analysis")

    def test_it_has_every_engine_and_all_of_the_protocol(self):
        part = section("docs/search.md", "Engines")
        table, _ = tables(part)
        assert set(ENGINES) == set(first_codes(table))
        assert set(ENGINES) <= set(codes(section("docs/operations.md", "Settings")))
        assert {name for name in vars(contract.Engine) if not name.startswith("_")} <= set(codes(part))


class TestDecisions:
    PATHS = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    def test_they_are_numbered_without_a_gap(self):
        assert [int(path.name[:4]) for path in self.PATHS] == list(range(1, len(self.PATHS) + 1))

    @pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
    def test_each_has_number_date_context_decision_and_consequences(self, path):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {int(path.name[:4])}. ")
        assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ 20\d\d", lines[2])
        assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]


class TestTheChecksThemselves:
    """A check that finds nothing must be one that would find something."""

    page = ROOT / "README.md"

    @pytest.mark.parametrize("link", ["nowhere.md", "docs/nowhere.md", "docs/search.md#nowhere", "#nowhere"])
    def test_a_broken_link_is_found(self, link):
        assert broken_links(f"# Here\n[here](#here) [there](docs/search.md#grammar) [gone]({link})", self.page) == [
            link
        ]

    def test_links_elsewhere_and_in_code_are_left_alone(self):
        assert broken_links("[a](https://example.org/)\n```text\n[b](nowhere.md)\n```\n", self.page) == []

    @pytest.mark.parametrize("path", ["search/nowhere.py", "templates/nowhere/", ".ci/nowhere", "nowhere.py"])
    def test_a_path_that_is_not_there_is_found(self, path):
        assert missing_paths(f"`search/text/analysis.py`, `text.py`, `search/engines/` and `{path}`") == [path]

    def test_a_module_that_its_registry_does_not_name_is_found(self):
        assert unregistered(["apa", "harvard"], "cite", "STYLES = (Style(apa.cite),)  # not harvard") == ["harvard"]

    @pytest.mark.parametrize(
        "name", ["search.nowhere", "studies.records.study.Nowhere", "search.engines.nowhere.Engine"]
    )
    def test_a_module_that_is_not_there_is_found(self, name):
        assert missing_modules(f"`search.text.analysis`, `studies.records.study.StudyRecord` and `{name}`") == [name]
