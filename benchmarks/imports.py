"""How long an import of many references takes, from the upload to the drafts and back, and how much memory it needs.

    .venv/bin/python -m benchmarks.imports                             # 5,000 references in RIS, on the real bank
    .venv/bin/python -m benchmarks.imports --format xlsx --references 10000
    .venv/bin/python -m benchmarks.imports --studies 20000             # on a bank of `benchmarks/filling.py`

Works on a bank of its own that is thrown away. The references are made up from the words of real titles. Prints one
line of JSON: for each part the seconds that passed, those of the processor alone (`cpu`, for a machine that others use
too) and the private memory at its end; the longest single step of the preview, and the longest
transaction of the writing; `memory_grown_mb`, from before the upload to the highest reading. Ends with 1 if the preview
takes more than 20 seconds, the writing more than 60, the memory grows by more than 128 MB, or a reference is lost.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import throwaway

if TYPE_CHECKING:
    from studies.models import ImportBatch
    from studies.records.study import StudyRecord

FORMATS = ("ris", "bib", "json", "csv", "xlsx", "jsonl")
MOST_PREVIEW_S, MOST_WRITE_S, MOST_GROWTH_MB = 20.0, 60.0, 128.0
_STEP_S = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=5_000)
    parser.add_argument("--format", choices=FORMATS, default="ris")
    parser.add_argument("--studies", type=int, help="of a bank with made-up studies beside the real ones")
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy, instead of setting a bank up")
    parser.add_argument("--server", default="", help="postgres://user@host, instead of SQLite")
    given = parser.parse_args()
    template = given.bank
    if given.studies:
        from benchmarks import filling

        template = filling.prepare_bank(given.studies)
    with throwaway.throwaway_bank(given.server, template):
        throwaway.start_django()
        report = measure(given.references, given.format)
    report["faults"] = find_faults(report)
    print(json.dumps(report))
    return 1 if report["faults"] else 0


def measure(count: int, ext: str) -> dict[str, Any]:
    """Import a list, write its drafts and undo them. Return what each part cost."""
    from studies.imports import batches, writing
    from studies.models import Study
    from studies.store import bank_state

    report: dict[str, Any] = {"references": count, "format": ext, "studies": Study.objects.count()}
    data = make_up_file(count, ext)
    gc.collect()
    readings = [_read_memory_mb()]
    report |= {"file_mb": round(len(data) / 1e6, 1), "memory_mb": round(readings[0], 1)}
    steps = []
    with _measure_part(report, "upload", readings):
        batch = batches.open_batch(f"prueba.{ext}", data, by=None)
    del data
    with _measure_part(report, "preview", readings):
        is_read = False
        while not is_read:
            begun = time.monotonic()
            # As a request does.
            with bank_state.cached_counter():
                is_read = batches.read_some(batch, seconds=_STEP_S)
            steps.append(time.monotonic() - begun)
            readings.append(_read_memory_mb())
    report |= {"steps": len(steps), "longest_step_s": round(max(steps), 2), "counts": dict(batches.count_rows(batch))}
    with _measure_part(report, "write", readings):
        report["written"], report["longest_write_s"] = _write(batch)
    report["made"] = Study.objects.count() - report["studies"]
    with _measure_part(report, "undo", readings):
        writing.undo(batch)
    report["left"] = Study.objects.count() - report["studies"]
    return report | {"memory_grown_mb": round(max(readings) - readings[0], 1)}


def _write(batch: ImportBatch) -> tuple[int, float]:
    """Write a batch as the worker does. Return the number of drafts, and the seconds of the longest transaction."""
    from studies.imports import writing

    begun, longest_s = 0.0, 0.0

    def begin() -> None:
        nonlocal begun
        begun = time.monotonic()

    def end(_done: int, _total: int) -> None:
        nonlocal longest_s
        longest_s = max(longest_s, time.monotonic() - begun)

    made = writing.write(batch, by=None, hold=begin, between=end)
    return made, round(longest_s, 2)


@contextmanager
def _measure_part(report: dict[str, Any], name: str, readings: list[float]) -> Iterator[None]:
    begun, cpu_begun = time.monotonic(), time.process_time()
    yield
    readings.append(_read_memory_mb())
    report[name] = {
        "s": round(time.monotonic() - begun, 2),
        "cpu": round(time.process_time() - cpu_begun, 2),
        "memory_mb": round(readings[-1], 1),
    }


def _read_memory_mb() -> float:
    # It asks for models, so not before Django has started.
    from benchmarks.measuring import read_private_mbytes

    return read_private_mbytes()


def find_faults(report: dict[str, Any]) -> list[str]:
    """Return what of a measurement is not as it should be, in words."""
    bounds = (
        ("preview", report["preview"]["s"], MOST_PREVIEW_S),
        ("write", report["write"]["s"], MOST_WRITE_S),
        ("memory_grown_mb", report["memory_grown_mb"], MOST_GROWTH_MB),
    )
    found = [f"{name}: {is_now} instead of {most}" for name, is_now, most in bounds if is_now > most]
    if not report["references"] == report["counts"]["new"] == report["written"] == report["made"]:
        found.append("not every reference became a draft")
    return found if report["left"] == 0 else [*found, "undoing left drafts behind"]


def make_up_file(count: int, ext: str) -> bytes:
    """Return a list of references that no bank has, in the format of these files."""
    from studies.citations import formats, reference
    from studies.exports import tabular
    from studies.imports.formats import xlsx

    records = make_up_records(count)
    if ext == "jsonl":
        return "".join(json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records).encode()
    if ext == "csv":
        return "".join(tabular.write(records)).encode()
    if ext == "xlsx":
        header = ("title", "authors", "year", "container_title", "volume", "pages", "doi")
        rows = ([_cell(record, column) for column in header] for record in records)
        return xlsx.write_workbook({"Estudios": [header, *rows]})
    references = (reference.make_reference(record, keywords=("mujeres", "violencia de pareja")) for record in records)
    return "".join(formats.CITATION_FORMATS[ext].write(references)).encode()


def _cell(record: StudyRecord, column: str) -> str:
    if column == "authors":
        return "; ".join(f"{author.family}, {author.given}" for author in record.authors)
    return str(getattr(record, column) or "")


def make_up_records(count: int) -> Iterator[StudyRecord]:
    """Yield references made of words of real titles, as the cost of comparing depends on how many share a word."""
    from studies.records.study import AuthorRecord, StudyRecord

    chance = random.Random(5)
    lines = (throwaway.ROOT / "fixtures" / "studies.jsonl").read_text(encoding="utf-8").split("\n")
    words = [word for line in filter(None, lines) for word in json.loads(line)["title_es"].split()]
    for number in range(count):
        yield StudyRecord(
            id=f"prueba-{number}",
            title=" ".join(chance.choices(words, k=14)).capitalize(),
            language="es",
            authors=tuple(
                AuthorRecord(family="".join(chance.choices("aeiourstlmn", k=8)).title(), given="Ana María")
                for _ in range(chance.randint(1, 6))
            ),
            year=chance.randint(1990, 2025),
            type="article-journal",
            container_title=f"Revista de Prueba {chance.randint(1, 60)}",
            volume=str(chance.randint(1, 60)),
            pages=f"{number}-{number + 9}",
            doi=f"10.9999/prueba.{number}" if chance.random() < 0.8 else None,
            summary_es=" ".join(chance.choices(words, k=150)),
        )


if __name__ == "__main__":
    sys.exit(main())
