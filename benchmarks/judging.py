"""How well ranked lists answer judged queries: nDCG, recall and lists without a study. Pure: no engine, no Django."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLEARLY_RELEVANT = 2
"""The grade from which a study answers the query; 1 is marginal."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the grade of every study that answers it: 3 exactly, 2 clearly, 1 marginally."""

    query_id: str
    query: str
    language: str
    kind: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """How good lists are, averaged over `queries` of them. `recall_of_clear` leaves marginal studies out."""

    queries: int
    ndcg_at_10: float
    recall_at_20: float
    recall_of_clear_at_20: float
    zero_result_share: float


def read_judgements(path: Path) -> list[JudgedQuery]:
    """Read a file of judgements: tab-separated, a line for each query and study, comments after `#`."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    told: dict[str, tuple[str, str, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t"):
            told[row["query_id"]] = (row["query"], row["language"], row["kind"])
            grades[row["query_id"]][row["study_id"]] = int(row["grade"])
    return [JudgedQuery(query_id, *told[query_id], grades[query_id]) for query_id in told]


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Return the discounted gain of the first `depth` of a list, as a share of the best that there is.

    Source: Järvelin and Kekäläinen, 2002, with the gain 2^grade - 1 (Burges and others, 2005).
    """
    best = sorted(grades.values(), reverse=True)
    return _gain([grades.get(slug, 0) for slug in ranked[:depth]]) / _gain(best[:depth])


def recall(ranked: Sequence[str], grades: Mapping[str, int], depth: int, least: int = 1) -> float:
    """Return the share of all studies graded `least` or better that stand in the first `depth` of a list.

    1.0 where no study has such a grade. A query with more than `depth` of them cannot reach 1.0.
    """
    relevant = {slug for slug, grade in grades.items() if grade >= least}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 1.0


def score_engine(queries: Iterable[JudgedQuery], search: Callable[[str], Sequence[str]]) -> dict[str, Score]:
    """Score what `search` lists (slugs, the best first), over all queries, by language and by kind."""
    by_group: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for query in queries:
        ranked = list(dict.fromkeys(search(query.query)))
        row = (
            ndcg(ranked, query.grades, 10),
            recall(ranked, query.grades, 20),
            recall(ranked, query.grades, 20, CLEARLY_RELEVANT),
            float(not ranked),
        )
        for group in ("all", f"language {query.language}", f"kind {query.kind}"):
            by_group[group].append(row)
    return {group: _average(rows) for group, rows in sorted(by_group.items(), key=lambda item: _group_order(item[0]))}


def score_table(by_engine: Mapping[str, Mapping[str, Score]]) -> Iterator[str]:
    """Yield the lines of a Markdown table: a line for each engine and group of queries."""
    yield "| queries | n | engine | nDCG@10 | recall@20 | recall@20, grades 2 and 3 | without a result |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
    groups = dict.fromkeys(group for scores in by_engine.values() for group in scores)
    for group in groups:
        for engine, scores in by_engine.items():
            score = scores[group]
            yield (
                f"| {group} | {score.queries} | {engine} | {score.ndcg_at_10:.3f} | {score.recall_at_20:.3f} "
                f"| {score.recall_of_clear_at_20:.3f} | {score.zero_result_share:.3f} |"
            )


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))


def _average(rows: Sequence[tuple[float, float, float, float]]) -> Score:
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return Score(len(rows), *means)


def _group_order(group: str) -> tuple[int, str]:
    return (["all", "language", "kind"].index(group.split()[0]), group)
