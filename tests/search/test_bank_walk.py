"""Edits, proposals, merges, undos, restores and withdrawals in any order, on both engines (I2, I5, R3, R8)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.index import indexing
from search.text.analysis import ANALYSIS_VERSION
from studies.curation import history
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Stage, Study
from studies.records.study import StudyRecord
from studies.store.exchange.study import to_record
from tests.factories import user_with_role
from tests.search.bank_walk import BankWalk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank"), pytest.mark.thorough]


class TestAnyWalk:
    def test_index_addresses_and_history_hold_after_every_step(self, monkeypatch: pytest.MonkeyPatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        assert indexing.rebuild()
        taken: Counter[str] = Counter()
        for seed in (1, 2):
            walk = BankWalk(seed)
            walk.walk(200)
            taken += walk.taken
            _restore_everything(walk)
        # Walks that get nowhere show nothing: each kind of step was taken.
        assert set(walk.steps) - {"any_move"} <= set(taken), taken

    def test_the_index_on_a_disk_follows_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        engine = WhooshEngine(tmp_path / "index", FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        assert indexing.rebuild()
        walk = BankWalk(3)
        walk.walk(60)
        assert walk.taken.total() > 25, walk.taken


def _restore_everything(walk: BankWalk) -> None:
    """Bring every record back that a study ever had: it is what it was, to the letter, or is refused as incomplete."""
    chief = user_with_role("Administración")
    restored = 0
    for pk in walk.studies:
        for revision in list(Study.objects.get(pk=pk).revisions.order_by("change_no")):
            study = Study.objects.for_record().get(pk=pk)
            wanted = StudyRecord.from_json(revision.record)
            try:
                history.restore(study, revision, seen_no=study.changed_no, by=chief)
            except NotPublishable:
                assert study.stage == Stage.PUBLISHED
                continue
            except CurationError:
                # Nobody edits what is merged; a DOI of then may be another study's now.
                others = Study.objects.exclude(pk=pk).filter(doi=wanted.doi)
                assert study.stage == Stage.MERGED or others.exists()
                continue
            now = to_record(Study.objects.for_record().get(pk=pk))
            assert {**now.to_json(), "id": ""} == {**wanted.to_json(), "id": ""}
            restored += 1
        walk.check()
    assert restored > 8
