"""Every format of a list of 20,000 studies over http: the first byte, the memory of the server, and that all are there.

    .venv/bin/python -m benchmarks.exports

One worker serves one export after another, each again until its processor times agree. Memory is the worker's private
memory (RssAnon), read ten times a second: what it had before, and the most while the list was written. Word and Excel
files are streams too (see `studies/exports/office.py`); lists sorted by author are read to their end before their first
entry, but not before their head. Prints a table and one line of JSON; ends with 1 if a bound is not kept or a study is
missing. `--keep` writes the section "exports" of the results; `--quick` measures 1,000 studies.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import io
import json
import statistics
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from benchmarks import filling, results
from benchmarks.http_page import Server, start_server
from benchmarks.load import describe_load, halves_agree, repeat_until_steady, watch_load

STUDIES = 20_000
MOST_FIRST_BYTE_S = 0.5
MOST_GROWTH_MB = 40.0
_EVERY_S = 0.1
_PIECE_BYTES = 65_536


def _count_lines(beginning: bytes) -> Callable[[IO[bytes]], int]:
    return lambda file: sum(line.startswith(beginning) for line in file)


def _count_in_archive(part: str, marker: bytes) -> Callable[[IO[bytes]], int]:
    def count(file: IO[bytes]) -> int:
        with zipfile.ZipFile(file) as archive, archive.open(part) as content:
            found, rest = 0, b""
            while piece := content.read(_PIECE_BYTES):
                found += (rest + piece).count(marker) - rest.count(marker)
                rest = piece[-len(marker) :]
            return found

    return count


def _count_rows(file: IO[bytes]) -> int:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    rows = sum(1 for _row in csv.reader(text)) - 1
    text.detach()  # else the file is closed with it
    return rows


# How the studies of a file are counted, without holding the file.
COUNTS: dict[str, Callable[[IO[bytes]], int]] = {
    "ris": _count_lines(b"TY  - "),
    "bib": _count_lines(b"@"),
    "json": _count_lines(b'{"id":'),
    "docx": _count_in_archive("word/document.xml", b'<w:pStyle w:val="Referencia"/>'),
    "html": _count_lines(b"<li id="),
    "txt": _count_lines(b"    En el texto: "),
    "xlsx": lambda file: _count_in_archive("xl/worksheets/sheet1.xml", b'<row r="')(file) - 1,
    "csv": _count_rows,
}
STYLES = {"docx": ("apa", "vancouver"), "html": ("apa", "vancouver"), "txt": ("apa", "vancouver")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--bank", type=Path, help="a VAR_DIR with a bank to use as it is, instead of one made up")
    parser.add_argument("--quick", action="store_true", help="1,000 studies")
    parser.add_argument("--keep", action="store_true", help="write it into the results")
    given = parser.parse_args()
    studies = 1_000 if given.quick else given.studies
    var = given.bank or filling.prepare_bank(studies)
    told = measure(var, None if given.bank else studies)
    if given.keep:
        results.save_section("exports", told)
    print(json.dumps(told))
    return 0 if told["is_within_bounds"] else 1


def measure(var: Path, studies: int | None) -> dict[str, Any]:
    """Return what each export took, a file after another. `studies` is their number, None for what the first gives."""
    files: list[dict[str, Any]] = []
    with start_server(var, options="--workers 1 --threads 2") as server:
        _ask(server, "/estudios/?q=violencia", io.BytesIO())
        for ext in COUNTS:
            for style in STYLES.get(ext, ("",)):
                file = _export_steadily(server, ext, style)
                files.append(file)
                print(
                    f"{ext + (f' {style}' if style else ''):16} first byte {file['first_byte_s']:6.3f} s, "
                    f"all {file['seconds']:6.1f} s, processor {file['cpu_s']:.2f} s{' (noisy)' * file['is_noisy']}, "
                    f"{file['mbytes']:6.1f} MB, {file['studies']:,} studies, "
                    f"memory {file['memory_mb']['before']:.0f} MB + {file['memory_mb']['growth']:.1f}. "
                    f"{describe_load(file['load'])}",
                    flush=True,
                )
    wanted = studies or files[0]["studies"]
    is_kept = all(
        file["first_byte_s"] <= MOST_FIRST_BYTE_S
        and file["memory_mb"]["growth"] <= MOST_GROWTH_MB
        and file["studies"] == wanted
        for file in files
    )
    return {
        "machine": results.describe_machine(),
        "studies": wanted,
        "files": files,
        "bounds": {"first_byte_s": MOST_FIRST_BYTE_S, "growth_mb": MOST_GROWTH_MB},
        "is_within_bounds": is_kept,
    }


def _export_steadily(server: Server, ext: str, style: str) -> dict[str, Any]:
    """Take a file again until the processor times agree. Return the figures of the first time, and the median time."""
    files: list[dict[str, Any]] = []

    def export() -> float:
        files.append(_export(server, ext, style))
        return float(files[-1]["cpu_s"])

    with watch_load() as load:
        times = repeat_until_steady(export, least=2, most=4)
    median = round(statistics.median(times), 2)
    return files[0] | {"cpu_s": median, "is_noisy": not halves_agree(times), "load": load}


def _export(server: Server, ext: str, style: str) -> dict[str, Any]:
    path = f"/estudios/exportar.{ext}" + (f"?style={style}" if style else "")
    with tempfile.TemporaryFile() as file, _watch_memory(server) as memory:
        cpu_before = server.cpu_s()
        first, seconds = _ask(server, path, file)
        nbytes = file.tell()
        file.seek(0)
        return {
            "ext": ext,
            "style": style,
            "first_byte_s": round(first, 3),
            "seconds": round(seconds, 1),
            "cpu_s": round(server.cpu_s() - cpu_before, 2),
            "mbytes": round(nbytes / 1e6, 1),
            "studies": COUNTS[ext](file),
            "memory_mb": {"before": round(memory[0], 1), "growth": round(max(memory) - memory[0], 1)},
        }


def _ask(server: Server, path: str, into: IO[bytes]) -> tuple[float, float]:
    """Return the seconds until the first byte of the content, and until the last."""
    connection = http.client.HTTPConnection(*server.address, timeout=600)
    begun = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    first = answer.read(1)
    took = time.perf_counter() - begun
    into.write(first)
    while piece := answer.read1(_PIECE_BYTES):
        into.write(piece)
    connection.close()
    return took, time.perf_counter() - begun


@contextmanager
def _watch_memory(server: Server) -> Iterator[list[float]]:
    """Read the private memory of the one worker until the end of the block; the first reading is from before."""
    readings = [_read_worker_mbytes(server)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_S):
            readings.append(_read_worker_mbytes(server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield readings
    finally:
        ended.set()
        watcher.join()


def _read_worker_mbytes(server: Server) -> float:
    (worker,) = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    status = Path(f"/proc/{worker}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))) * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
