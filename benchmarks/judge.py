"""Judge the search on graded queries, beside its peers on the same studies, or try other weights.

    .venv/bin/python -m benchmarks.judge                       # all engines that are here
    .venv/bin/python -m benchmarks.judge --queries             # and each query with what it misses
    .venv/bin/python -m benchmarks.judge --judgements FILE     # other judgements, in the same form
    .venv/bin/python -m benchmarks.judge --tune                # the weights of the fields, one at a time

Ours is the first page as a reader sees it: the list and, below a short one, what the page shows as near. The peers get
the same texts, with the labels of all terms in both languages; each by its own best practice (`judge_peers`). A bank of
its own is set up in a temporary folder. Ends with 1 if ours misses the required figures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks import results
from benchmarks.judging import JudgedQuery, Score, ndcg, read_judgements, recall, score_engine, score_table

ROOT = Path(__file__).resolve().parents[1]
JUDGEMENTS = Path(__file__).with_name("judgements.tsv")
REQUIRED_NDCG, REQUIRED_RECALL, REQUIRED_OF_A_LANGUAGE = 0.84, 0.76, 0.71
"""What the search has reached on these queries: no change may make it worse."""
REQUIRED_NDCG_OF_KIND = {
    "acronym": 0.90,
    "country": 0.82,
    "lay": 0.85,
    "method": 0.88,
    "programme": 0.87,
    "question": 0.71,
    "topic": 0.81,
    "typo": 0.87,
    "unaccented": 0.95,
}
"""The same of each kind with four queries or more."""

Search = Callable[[str], list[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judgements", type=Path, default=JUDGEMENTS)
    parser.add_argument("--queries", action="store_true", help="print each query with the studies that it misses")
    parser.add_argument("--tune", action="store_true", help="try other weights instead of the peers")
    given = parser.parse_args()
    queries = read_judgements(given.judgements)
    with temporary_bank():
        if given.tune:
            try_weights(queries)
            return 0
        from benchmarks import judge_peers

        with ExitStack() as open_engines:
            engines: dict[str, Search] = {"Banco de Evidencias": list_first_page}
            engines |= judge_peers.open_engines(open_engines)
            scores = {name: score_engine(queries, search) for name, search in engines.items()}
        print("\n".join(score_table(scores)))
        if given.queries:
            print("\n".join(list_misses(queries)))
    if given.judgements == JUDGEMENTS:
        results.save_section(
            "judged", {name: {group: asdict(s) for group, s in of.items()} for name, of in scores.items()}
        )
    return 0 if is_good_enough(scores["Banco de Evidencias"]) else 1


def is_good_enough(scores: Mapping[str, Score]) -> bool:
    """Return True if no figure is below those that the search has reached: over all, in each language, of each kind."""
    overall = scores["all"]
    kinds = {group.removeprefix("kind "): score for group, score in scores.items() if group.startswith("kind ")}
    languages = [score for group, score in scores.items() if group.startswith("language")]
    return (
        overall.ndcg_at_10 >= REQUIRED_NDCG
        and overall.recall_at_20 >= REQUIRED_RECALL
        and overall.zero_result_share == 0
        and all(score.ndcg_at_10 >= REQUIRED_NDCG_OF_KIND.get(kind, 0) for kind, score in kinds.items())
        and all(min(each.ndcg_at_10, each.recall_at_20) >= REQUIRED_OF_A_LANGUAGE for each in languages)
    )


@contextmanager
def temporary_bank() -> Iterator[None]:
    """Set up the real studies in a folder of their own, and start Django on it."""
    with tempfile.TemporaryDirectory(prefix="judging-") as folder:
        os.environ |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}
        os.environ.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "manage.py", "set_up", "--no-admin"], cwd=ROOT, check=True)
        import django

        django.setup()
        yield


def list_first_page(query: str) -> list[str]:
    """Return the slugs on the first page of a search, as its page shows them: the list, and what is near."""
    from django.utils.translation import override

    from search.criteria.criteria import Criteria
    from search.services import public_search
    from search.web.results.page import search_url
    from search.web.results.zero_results import search_help
    from studies.store import vocabularies

    found = public_search.search(Criteria(q=query))
    with override("es"):
        offered = search_help(found, vocabularies.current(), "es", search_url)
    return [study.slug for study in found.studies] + [near.card.slug for near in offered.near]


def list_misses(queries: list[JudgedQuery]) -> Iterator[str]:
    """Yield a line for each query: its figures, and the graded studies that its first page does not show."""
    for query in queries:
        ranked = list_first_page(query.query)
        missed = ", ".join(f"{slug} ({grade})" for slug, grade in query.grades.items() if slug not in ranked[:20])
        figures = f"{ndcg(ranked, query.grades, 10):.2f} {recall(ranked, query.grades, 20):.2f}"
        yield f"{query.query_id} {figures} {query.query}" + (f"\n      not shown: {missed}" if missed else "")


def try_weights(queries: list[JudgedQuery]) -> None:
    """Print the figures with each weight halved and doubled, beside those with the weights as they are."""
    from search.engines import scoring
    from search.index import indexing

    def figures() -> str:
        indexing.get_engine.cache_clear()
        overall = score_engine(queries, list_first_page)["all"]
        return f"nDCG@10 {overall.ndcg_at_10:.4f}  recall@20 {overall.recall_at_20:.4f}"

    print(f"{'as it is':24}{figures()}")
    for field, weight in scoring.WEIGHTS.items():
        for changed in (weight / 2, weight * 2):
            scoring.WEIGHTS[field] = changed
            print(f"{field + f' {changed:g}':24}{figures()}")
        scoring.WEIGHTS[field] = weight
    for name, values in (("K1", (0.6, 0.9, 1.6, 2.0)), ("B", (0.25, 0.5, 0.9))):
        usual = getattr(scoring, name)
        for value in values:
            setattr(scoring, name, value)
            print(f"{name + f' {value:g}':24}{figures()}")
        setattr(scoring, name, usual)


if __name__ == "__main__":
    sys.exit(main())
