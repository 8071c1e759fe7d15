"""How long an import of many references takes, from the upload to the drafts, and how much memory it needs.

    .venv/bin/python benchmarks/imports.py --references 5000 --format ris

Sets up a bank of its own in a temporary folder, or works on a copy of the one in `--bank` (a VAR_DIR). The references
are made up from the words of real titles. Prints one line of JSON: seconds of each part, the longest single step, and
the highest memory of the process after each part.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FORMATS = ("ris", "bib", "json", "csv", "xlsx", "jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=5_000)
    parser.add_argument("--format", choices=FORMATS, default="ris")
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy; without it a new bank is set up")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imports-") as folder:
        var = Path(folder) / "var"
        os.environ |= {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "evidencebank.settings", "LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        if given.bank:
            shutil.copytree(given.bank, var)
        else:
            subprocess.run([sys.executable, "manage.py", "set_up", "--no-admin"], cwd=ROOT, check=True)
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        print(json.dumps(measure(given.references, given.format)))
    return 0


def measure(count: int, ext: str) -> dict[str, Any]:
    from studies import bank, ingest
    from studies.models import Study

    data = made_up_file(count, ext)
    report: dict[str, Any] = {"references": count, "format": ext, "file_kb": len(data) // 1024}
    report |= {"studies_before": Study.objects.count(), "memory_mb_before": memory_mb()}
    steps = []
    with Timer(report, "upload"):
        batch = ingest.open_batch(f"prueba.{ext}", data, by=None)
    with Timer(report, "preview"):
        is_read = False
        while not is_read:
            begun = time.monotonic()
            with bank.remembering():
                is_read = ingest.read_on(batch, seconds=2)
            steps.append(time.monotonic() - begun)
    report |= {"steps": len(steps), "longest_step_s": round(max(steps), 2), "counts": dict(ingest.counts(batch))}
    with Timer(report, "write"):
        ingest.write(batch, by=None)
    report["written"] = Study.objects.count() - report["studies_before"]
    with Timer(report, "undo"):
        ingest.undo(batch)
    report["left"] = Study.objects.count() - report["studies_before"]
    return report


class Timer:
    """Notes the seconds of a part, and the highest memory of the process at its end."""

    def __init__(self, report: dict[str, Any], name: str) -> None:
        self.report, self.name = report, name

    def __enter__(self) -> None:
        self.begun = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self.report[f"{self.name}_s"] = round(time.monotonic() - self.begun, 2)
        self.report[f"{self.name}_memory_mb"] = memory_mb()


def memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def made_up_file(count: int, ext: str) -> bytes:
    from studies import citations
    from studies.exports import tabular
    from studies.importers import xlsx

    records = list(made_up_records(count))
    if ext == "jsonl":
        return "".join(json.dumps(record.to_json(), ensure_ascii=False) + "\n" for record in records).encode()
    if ext == "csv":
        return "".join(tabular.write(records)).encode()
    if ext == "xlsx":
        header = ("title", "language", "authors", "year", "type", "container_title", "volume", "pages", "doi", "url")
        rows = ([tabular._cell(record, column) for column in header] for record in records)
        return xlsx.workbook({"Estudios": [header, *rows]})
    references = (citations.reference(record, keywords=("mujeres", "violencia de pareja")) for record in records)
    return "".join(citations.FORMATS[ext].write(references)).encode()


def made_up_records(count: int) -> Iterator[Any]:
    from studies.records import AuthorRecord, StudyRecord

    chance = random.Random(5)
    lines = (ROOT / "fixtures" / "studies.jsonl").read_text(encoding="utf-8").split("\n")
    # As often as in real titles: how many references share a word decides what comparing them costs.
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
