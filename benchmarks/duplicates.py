"""How well duplicates are found: precision and recall on a labelled set made from the real studies by seeded damage.

    .venv/bin/python benchmarks/duplicates.py                 # held-out seeds: what counts
    .venv/bin/python benchmarks/duplicates.py --seeds 1 2 3   # the seeds on which weights were set
    .venv/bin/python benchmarks/duplicates.py --speed 20000   # time and memory beside them

For each of the real studies a damaged copy and another version arrive, and siblings: different studies made to look
alike (see `benchmarks/damage.py`). Besides, any two studies of the bank are different ones, which are all compared.
Ends with 1 if precision or recall is below 0.98. The last line is one of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.damage import DamagedCase, make_cases  # noqa: E402 - needs the path
from studies.duplicates.matching.matcher import DuplicateMatcher, KnownRecord  # noqa: E402
from studies.duplicates.matching.titles import split_place_names  # noqa: E402
from studies.records.study import StudyRecord  # noqa: E402

HELD_OUT = (101, 102, 103, 104, 105)
LEAST = 0.98


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=HELD_OUT)
    parser.add_argument("--wrong", action="store_true", help="print each case that is missed or wrongly found")
    parser.add_argument("--speed", type=int, metavar="STUDIES", help="measure with so many made-up studies instead")
    given = parser.parse_args()
    studies, places = _read_fixtures()
    report = (
        measure_speed(studies, places, given.speed)
        if given.speed
        else measure_quality(studies, places, given.seeds, given.wrong)
    )
    print(json.dumps(report))
    return 0 if given.speed or min(report["precision"], report["recall"]) >= LEAST else 1


def measure_quality(
    studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], seeds: Sequence[int], tell: bool
) -> dict[str, float]:
    """Return precision, recall and the share of right kinds, over all seeds together."""
    matcher = DuplicateMatcher(
        (KnownRecord(place, study) for place, study in enumerate(studies)),
        split_place_names(name for pair in places for name in pair),
    )
    counts: Counter[str] = Counter(wrong=sum(1 for _ in matcher.pairs()))
    for seed in seeds:
        before = counts.copy()
        for case in make_cases(studies, places, seed):
            _judge(case, matcher, counts, studies if tell else None)
        print(f"seed {seed}: {_figures(counts - before)}")
    for label in ("duplicate", "same_work", "sibling"):
        found = {name.partition(":")[2]: count for name, count in counts.items() if name.startswith(f"{label}:")}
        print(f"{label}: {found}")
    right, wrong, missed = counts["right"], counts["wrong"], counts["missed"]
    return {
        "cases": counts["cases"],
        "pairs_of_the_bank": len(studies) * (len(studies) - 1) // 2,
        "precision": round(right / (right + wrong), 4),
        "recall": round(right / (right + missed), 4),
        "right_kind": round(counts["right_kind"] / right, 4),
    }


def _judge(
    case: DamagedCase, matcher: DuplicateMatcher, counts: Counter[str], studies: Sequence[StudyRecord] | None
) -> None:
    found = matcher.candidates(case.record)
    right = [candidate for candidate in found if candidate.study_id == case.origin]
    counts["cases"] += 1
    counts["wrong"] += len(found) - len(right)
    counts[f"{case.label}:wrong"] += len(found) - len(right)
    if case.origin is not None:
        outcome = "right" if right else "missed"
        counts[outcome] += 1
        counts[f"{case.label}:{outcome}"] += 1
        counts["right_kind"] += bool(right) and right[0].kind == case.label
        counts[f"{case.label}:right_kind"] += bool(right) and right[0].kind == case.label
    if studies and (len(found) != len(right) or (case.origin is not None and not right)):
        print(f"  {case.label} {case.damage}: {case.record.title} {case.record.year} {len(case.record.authors)}")
        for candidate in found:
            print(f"    found {candidate.score} {candidate.kind}: {studies[candidate.study_id].title}")
        if case.origin is not None:
            print(f"    is    {studies[case.origin].title}")


def _figures(counts: Counter[str]) -> str:
    right, wrong, missed = counts["right"], counts["wrong"], counts["missed"]
    return f"precision {right / (right + wrong):.4f}, recall {right / (right + missed):.4f}"


def measure_speed(studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], number: int) -> dict[str, float]:
    """Return the processor time in seconds for a bank of `number` studies against itself, and for 5,000 that arrive."""
    bank = list(_make_up_records(studies, number))
    arriving = [case.record for case in make_cases(bank[:3_000], places, 1)][:5_000]
    words = split_place_names(name for pair in places for name in pair)
    start = time.process_time()
    matcher = DuplicateMatcher((KnownRecord(place, study) for place, study in enumerate(bank)), words)
    built = time.process_time()
    pairs = sum(1 for _ in matcher.pairs())
    paired = time.process_time()
    found = sum(1 for record in arriving if matcher.candidates(record))
    done = time.process_time()
    return {
        "studies": number,
        "arriving": len(arriving),
        "build_s": round(built - start, 2),
        "pairs_s": round(paired - built, 2),
        "pairs": pairs,
        "candidates_s": round(done - paired, 2),
        "with_candidate": found,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _make_up_records(studies: Sequence[StudyRecord], number: int) -> Iterator[StudyRecord]:
    """Yield records of the bank's words: halves of two titles, authors of several studies."""
    draw = random.Random(7)
    people = [author for study in studies for author in study.authors]
    for place in range(number):
        study, other = draw.choice(studies), draw.choice(studies)
        halves: dict[str, Any] = {
            name: _join_halves(getattr(study, name), getattr(other, name)) for name in ("title", "title_es", "title_en")
        }
        yield replace(
            study,
            id=f"made-up-{place}",
            doi=f"10.9999/made-up.{place}" if draw.random() < 0.6 else None,
            year=draw.randint(1995, 2025),
            authors=tuple(draw.sample(people, draw.randint(1, 8))),
            volume=str(draw.randint(1, 60)),
            pages=str(draw.randint(1, 900)),
            **halves,
        )


def _join_halves(one: str | None, other: str | None) -> str:
    first, second = (one or "").split(), (other or "").split()
    return " ".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])


def _read_fixtures() -> tuple[list[StudyRecord], list[tuple[str, str]]]:
    lines = (ROOT / "fixtures" / "studies.jsonl").read_text(encoding="utf-8").split("\n")
    studies = [StudyRecord.from_json(json.loads(line)) for line in lines if line.strip()]
    taxonomy = json.loads((ROOT / "fixtures" / "taxonomy.json").read_text(encoding="utf-8"))
    return studies, [(term["es"], term["en"]) for term in taxonomy["countries"]]


if __name__ == "__main__":
    sys.exit(main())
