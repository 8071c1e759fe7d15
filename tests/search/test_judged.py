"""What the search finds for the judged queries: no less than it has reached (S4)."""

import pytest

from benchmarks.judge import JUDGEMENTS, is_good_enough, list_first_page
from benchmarks.judging import read_judgements, score_engine
from search.engines.whoosh.engine import WhooshEngine
from search.index import indexing
from search.index.builder import build_document
from studies.models import Study
from tests.bank_server import ROOT

JUDGED = ROOT / "tests" / "data" / "judged-studies.txt"
"""The studies among which those who judged chose; a study that came later is neither good nor bad an answer."""


@pytest.mark.django_db
def test_the_first_page_answers_the_judged_queries(whoosh_engine: WhooshEngine) -> None:
    judged = Study.objects.published().filter(slug__in=JUDGED.read_text(encoding="utf-8").split())
    documents = [build_document(study) for study in judged.for_indexing()]
    whoosh_engine.rebuild(documents, indexing.read_wanted_position())
    scores = score_engine(read_judgements(JUDGEMENTS), list_first_page)
    assert is_good_enough(scores), scores
