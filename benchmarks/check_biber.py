"""Our BibTeX file of the whole bank, and of the hard records of the tests, read by biber without a warning.

    .venv/bin/python -m benchmarks.check_biber

Needs biber, which brings a TeX system (Debian: `sudo apt install biber`): a command of its own, never in CI. biber
reads in its tool mode, as it reads for a document. Prints what it warns of; ends with 1 if there is anything.

Then biber holds the same against the data model of biblatex, which no document does unless it asks for it. What it
misses there is counted by kind and is no fault: it is what a record lacks (a report without an institution, a chapter
without editors).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.bank import ROOT
from studies.citations import bibtex
from studies.citations.reference import make_reference
from studies.records.study import StudyRecord

_COMPLAINT = re.compile(r"^(WARN|ERROR) - (.*)$", re.MULTILINE)
_NAMES = re.compile(r"WARN: Datamodel: | '[\w-]+' \(\S+\)")


def main() -> int:
    if not shutil.which("biber"):
        print("This needs biber: sudo apt install biber", file=sys.stderr)
        return 2
    lines = (ROOT / "fixtures" / "studies.jsonl").read_text(encoding="utf-8").splitlines()
    bank = [StudyRecord.from_json(json.loads(line)) for line in lines]
    sys.path.insert(0, str(ROOT))
    from tests.studies.hard_records import hard_records

    found = 0
    for name, records in (("the bank", bank), ("hard records", hard_records())):
        complaints = find_complaints(records)
        found += len(complaints)
        print(f"{name}: {len(records)} entries, {len(complaints)} complaints")
        print("".join(f"  {complaint}\n" for complaint in complaints), end="")
        kinds = Counter(_NAMES.sub("", complaint) for complaint in find_complaints(records, "--validate-datamodel"))
        print("".join(f"  {count} × {kind}\n" for kind, count in kinds.most_common()), end="")
    return 1 if found else 0


def find_complaints(records: Iterable[StudyRecord], *options: str) -> list[str]:
    """Return the warnings and errors of biber, called with these options, about the file of these records."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.bib"
        file.write_text("".join(bibtex.write(make_reference(record) for record in records)), encoding="utf-8")
        done = subprocess.run(
            [
                "biber",
                "--tool",
                *options,
                "--nolog",
                "--output-file",
                str(file.with_suffix(".out")),
                str(file),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    complaints = [f"{kind}: {text}" for kind, text in _COMPLAINT.findall(done.stdout + done.stderr)]
    if done.returncode and not complaints:
        complaints.append(f"ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return complaints


if __name__ == "__main__":
    sys.exit(main())
