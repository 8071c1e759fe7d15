"""What the search finds for the judged queries: the figures that it was built for (S4)."""

import pytest

from benchmarks.judge import JUDGEMENTS, first_page, is_good_enough
from benchmarks.judging import judge, read_judgements
from search.engines.whoosh.engine import WhooshEngine


@pytest.mark.django_db
def test_the_first_page_answers_the_judged_queries(whoosh_engine: WhooshEngine) -> None:
    scores = judge(read_judgements(JUDGEMENTS), first_page)
    assert is_good_enough(scores), scores
