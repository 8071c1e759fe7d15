import json
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.contract import SORTS, EngineStatus, IndexMissing, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines.arrays.cache import ByteCache
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.directory import IndexDirectory
from search.engines.whoosh.engine import WhooshEngine
from search.query.tree import AnyOf, Node, Phrase
from tests.search.corpora import at, corpora, phrase, requests, titled, word
from tests.search.engine_contract import AnswersAsMemory, EngineContract
from tests.thorough import examples


def make_engine(folder: Path, **changes: int) -> WhooshEngine:
    return WhooshEngine(folder / "index", FACET_PARAMETERS, **{"analysis_version": 1} | changes)


def current(folder: Path) -> Path:
    return IndexDirectory(folder / "index", "", 1).current()


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    engine = make_engine(tmp_path)
    engine.rebuild([titled(1, "sol"), titled(2, "mar")], at(1))
    return engine


class TestWhooshEngine(EngineContract, AnswersAsMemory):
    def make_engine(self, folder: Path) -> WhooshEngine:
        return make_engine(folder)


class TestEqualityWithMemory:
    """What `AnswersAsMemory` cannot reach: many segments, large postings, a cache without room."""

    def test_many_segments_answer_as_memory_does(self, tmp_path):
        engine, memory = make_engine(tmp_path), MemoryEngine(FACET_PARAMETERS)
        documents = [titled(n, "sol mar " * (n % 4) + "luz", year=2000 + n % 3) for n in range(20)]
        for each in (engine, memory):
            each.rebuild(documents[:10], at(1))
            for n, made in enumerate(documents):
                each.apply([replace(made, doi=f"10.1/{n}")], [n // 2] if n % 3 == 0 else [], at(2 + n))
        assert len(list(current(tmp_path).glob("*.trm"))) == 20
        for sort in SORTS:
            request = SearchRequest(AnyOf((word("sol"), phrase("mar sol"))), sort=sort, limit=None)
            assert engine.search(request) == memory.search(request)

    def test_blocks_of_postings_are_read_to_the_last(self, tmp_path):
        engine, memory = make_engine(tmp_path), MemoryEngine(FACET_PARAMETERS)
        documents = [titled(n, "sol " * (1 + n % 3) + "mar") for n in range(2100)]
        for each in (engine, memory):
            each.rebuild(documents, at(1))
        for query in (word("mar"), phrase("sol mar")):
            request = SearchRequest(query, limit=None)
            assert engine.search(request) == memory.search(request)

    @given(corpora(), st.lists(requests, max_size=6))
    @settings(max_examples=examples(10))
    def test_a_cache_that_holds_nothing_changes_no_answer(self, documents, asked):
        with tempfile.TemporaryDirectory() as folder:
            engine, memory = make_engine(Path(folder), cache_bytes=0), MemoryEngine(FACET_PARAMETERS)
            for each in (engine, memory):
                each.rebuild(documents, at(1))
            for request in asked:
                assert engine.search(request) == memory.search(request)


class TestIndexOnDisk:
    def test_another_process_finds_what_was_written(self, tmp_path, engine):
        other = make_engine(tmp_path)
        assert other.search(SearchRequest(word("sol"))) == engine.search(SearchRequest(word("sol")))
        engine.apply([titled(3, "sol")], [1], at(2))
        assert [hit.study_id for hit in other.search(SearchRequest(word("sol"))).hits] == [3]
        assert other.status() == EngineStatus("ready", at(2), 2)
        engine.rebuild([titled(4, "sol")], at(3))
        assert [hit.study_id for hit in other.search(SearchRequest(word("sol"))).hits] == [4]

    def test_it_is_private(self, tmp_path, engine):
        for path in (tmp_path / "index", current(tmp_path)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700

    def test_a_deleted_directory_is_a_missing_index_until_it_is_rebuilt(self, tmp_path, engine):
        shutil.rmtree(tmp_path / "index")
        with pytest.raises(IndexMissing):
            engine.search(SearchRequest())
        with pytest.raises(IndexMissing):
            engine.apply([titled(3, "sol")], [], at(2))
        assert engine.status() == EngineStatus("missing", None, 0)
        assert engine.rebuild([titled(1, "sol")], at(2))
        assert engine.search(SearchRequest(word("sol"))).total == 1

    def test_another_analysis_version_is_a_missing_index(self, tmp_path, engine):
        newer = make_engine(tmp_path, analysis_version=2)
        with pytest.raises(IndexMissing, match="this program of"):
            newer.search(SearchRequest())
        with pytest.raises(IndexMissing):
            newer.apply([], [], at(2))
        newer.rebuild([titled(1, "sol")], at(2))
        assert newer.search(SearchRequest()).total == 1
        assert engine.status().state == "missing"

    def test_an_index_of_other_facets_is_a_missing_index(self, tmp_path, engine):
        facets = {**FACET_PARAMETERS, "colour": ("colour",)}
        assert engine.status().state == "ready"
        assert WhooshEngine(tmp_path / "index", facets, analysis_version=1).status().state == "missing"

    def test_an_index_of_other_fields_is_a_missing_index(self, tmp_path, engine, monkeypatch):
        monkeypatch.setattr("search.engines.whoosh.schema.FIELDS", ("title", "colour"))
        assert make_engine(tmp_path).status().state == "missing"

    def test_a_generation_without_its_state_is_a_missing_index(self, tmp_path, engine):
        (current(tmp_path) / "state.json").unlink()
        assert engine.status().state == "missing"

    @pytest.mark.parametrize("content", ["", "{", "[]", "\x00\x00", '{"engine": "whoosh"}'])
    def test_a_torn_state_is_a_missing_index(self, tmp_path, engine, content):
        (current(tmp_path) / "state.json").write_text(content)
        assert engine.status().state == "missing"

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../etc", b"generation-gone", b"generation-x/.."])
    def test_a_torn_pointer_is_a_missing_index(self, tmp_path, engine, content):
        (tmp_path / "index" / "current").write_bytes(content)
        assert engine.status().state == "missing"
        assert engine.rebuild([titled(1, "sol")], at(2))

    @pytest.mark.parametrize("pattern", ["*.toc", "*.trm", "*.pst", "*.words", "*numbers.col", "*keys.col"])
    @pytest.mark.parametrize("content", [b"", b"\x00" * 200, None])
    def test_a_torn_or_lost_file_is_a_missing_index(self, tmp_path, engine, pattern, content):
        for path in current(tmp_path).glob(pattern):
            path.unlink()
            if content is not None:
                path.write_bytes(content)
        other = make_engine(tmp_path)
        assert other.status() == EngineStatus("missing", None, 0)
        assert other.rebuild([titled(1, "sol")], at(2))
        assert other.search(SearchRequest(word("sol"))).total == 1

    def test_postings_that_turn_out_torn_put_the_index_out_of_use(self, tmp_path):
        make_engine(tmp_path).rebuild([titled(n, "sol " * n) for n in range(50)], at(1))
        engine = make_engine(tmp_path)
        assert engine.status().state == "ready"
        for path in current(tmp_path).glob("*.words"):
            path.write_bytes(b"\x00" * path.stat().st_size)
        with pytest.raises(IndexMissing):
            engine.search(SearchRequest(word("sol")))
        assert engine.status().state == "missing"

    def test_foreign_files_are_left_alone(self, tmp_path, engine):
        foreign = tmp_path / "index" / "notes.txt"
        foreign.write_text("mine")
        (current(tmp_path) / "MAIN_x.notes").write_text("mine")
        (current(tmp_path) / "_MAIN_0.toc.123").write_text("left by a crash")
        assert engine.apply([titled(3, "sol")], [], at(2))
        assert engine.rebuild([titled(1, "sol")], at(3))
        assert engine.rebuild([titled(1, "sol")], at(4))
        assert foreign.read_text() == "mine"

    def test_only_the_generation_before_is_kept(self, tmp_path, engine):
        left_by_a_crash = tmp_path / "index" / "generation-half"
        left_by_a_crash.mkdir()
        (tmp_path / "index" / "current.half").write_text("")
        generations = [current(tmp_path)]
        for change_no in (2, 3):
            engine.rebuild([titled(1, "sol")], at(change_no))
            generations.append(current(tmp_path))
        names = {path.name for path in (tmp_path / "index").iterdir()}
        assert names == {"current", "rebuild.lock", *(generation.name for generation in generations[1:])}

    def test_a_rebuilding_that_is_killed_leaves_the_old_index(self, tmp_path, engine):
        script = """
            import os, sys
            from pathlib import Path
            import django
            django.setup()
            from search.criteria.facets import FACET_PARAMETERS
            from search.engines.whoosh.engine import WhooshEngine
            from tests.search.corpora import at, titled

            def documents():
                yield titled(3, "sol")
                os.kill(os.getpid(), 9)

            engine = WhooshEngine(Path(sys.argv[1]) / "index", FACET_PARAMETERS, analysis_version=1)
            if sys.argv[2] == "rebuild":
                engine.rebuild(documents(), at(2))
            else:
                engine.apply(documents(), [1], at(2))
        """
        environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        for use_case in ("rebuild", "apply"):
            killed = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(script), str(tmp_path), use_case], env=environment, check=False
            )
            assert killed.returncode == -9
            assert engine.search(SearchRequest()).total == make_engine(tmp_path).search(SearchRequest()).total == 2
            assert engine.status() == EngineStatus("ready", at(1), 2)
        assert engine.apply([titled(3, "sol")], [], at(2))
        assert engine.rebuild([titled(3, "sol")], at(2))

    def test_documents_may_be_ahead_of_the_position_but_never_behind(self, tmp_path, engine, monkeypatch):
        class Killed(BaseException):
            pass

        def killed(*_: object) -> None:
            raise Killed

        monkeypatch.setattr(IndexDirectory, "write_position", killed)
        with pytest.raises(Killed):
            engine.apply([titled(3, "sol")], [], at(2))
        monkeypatch.undo()
        other = make_engine(tmp_path)
        assert other.status() == EngineStatus("ready", at(1), 3)
        assert other.apply([titled(3, "sol")], [], at(2))
        assert other.status() == EngineStatus("ready", at(2), 3)

    def test_an_older_position_is_written_before_its_documents(self, tmp_path, engine, monkeypatch):
        class Killed(BaseException):
            pass

        def killed(*_: object) -> None:
            raise Killed

        engine.apply([titled(3, "sol")], [], at(9))
        monkeypatch.setattr(WhooshEngine, "_write", killed)
        with pytest.raises(Killed):
            engine.apply([titled(3, "mar")], [], at(5))
        assert json.loads((current(tmp_path) / "state.json").read_text())["change_no"] == 5


class TestConcurrency:
    def test_a_second_writer_is_turned_away_with_nothing_written(self, tmp_path, engine):
        directory = IndexDirectory(tmp_path / "index", "", 1)
        with directory.writing(directory.current()):
            assert not engine.apply([titled(3, "sol")], [], at(2))
            assert not engine.apply([], [], at(2))
        assert engine.status() == EngineStatus("ready", at(1), 2)
        assert engine.apply([titled(3, "sol")], [], at(2))

    def test_a_second_rebuilding_is_turned_away(self, tmp_path, engine):
        answers: list[object] = []

        def documents():
            other = make_engine(tmp_path)
            answers.append(other.rebuild([], at(9)))
            answers.append(other.status())
            yield titled(3, "sol")

        assert engine.rebuild(documents(), at(2))
        assert answers == [False, EngineStatus("rebuilding", at(1), 2)]
        assert engine.status() == EngineStatus("ready", at(2), 1)

    def test_changes_go_on_during_a_rebuilding_and_are_known_to_be_missing_after_it(self, engine):
        def documents():
            assert engine.apply([titled(3, "sol")], [], at(5))
            yield titled(1, "sol")

        assert engine.rebuild(documents(), at(4))
        assert engine.status() == EngineStatus("ready", at(4), 1)

    def test_a_change_into_a_generation_that_was_replaced_meanwhile_is_refused(self, tmp_path, engine, monkeypatch):
        other, write = make_engine(tmp_path), IndexDirectory.write_position

        def write_after_a_swap(*arguments: object) -> None:
            monkeypatch.undo()
            other.rebuild([titled(1, "sol")], at(3))
            write(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(IndexDirectory, "write_position", write_after_a_swap)
        assert not engine.apply([titled(3, "sol")], [], at(4))
        assert engine.status() == EngineStatus("ready", at(3), 1)

    @pytest.mark.thorough
    def test_searches_go_on_while_the_index_is_swapped(self, tmp_path, engine):
        wrong: list[object] = []
        done = threading.Event()

        def search() -> None:
            reader = make_engine(tmp_path)
            while not done.is_set():
                try:
                    result = reader.search(SearchRequest(AnyOf((word("sol"), phrase("sol mar")))))
                except Exception as error:
                    wrong.append(error)
                else:
                    if (result.total, sum(result.years.values())) != (
                        len(result.hits),
                        result.total,
                    ) or not result.total:
                        wrong.append(result)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for change_no in range(2, 8):
            engine.rebuild([titled(n, "sol mar") for n in range(change_no)], at(change_no))
            for n in range(3):
                engine.apply([titled(n, "sol")], [n + 10], at(change_no))
        done.set()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_threads_that_share_an_engine_get_the_same_answers(self, tmp_path, engine):
        engine.rebuild([titled(n, "sol " * n + "mar luz") for n in range(80)], at(2))
        queries: list[Node] = [word("sol"), word("mar"), phrase("sol mar"), Phrase(("luz",), ("luz",)), word("nada")]
        expected = [engine.search(SearchRequest(query)) for query in queries]
        shared = make_engine(tmp_path, cache_bytes=3000)
        wrong: list[object] = []

        def search() -> None:
            for _ in range(10):
                for query, answer in zip(queries, expected, strict=True):
                    if shared.search(SearchRequest(query)) != answer:
                        wrong.append(query)

        threads = [threading.Thread(target=search) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


class TestByteCache:
    def test_what_was_not_asked_for_longest_goes_first(self):
        cache, computed = ByteCache(2 * 600), []

        def get(key: str) -> None:
            cache.get(key, lambda: computed.append(key) or memoryview(bytes(100)))  # type: ignore[func-returns-value]

        for key in ("a", "b", "a", "c", "a", "b"):
            get(key)
        assert computed == ["a", "b", "c", "b"]
