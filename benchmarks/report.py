"""Makes docs/benchmarks.md of the sections of results.json. Each section has a function, named in `SECTIONS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks import judging, pooling_coverage, results
from benchmarks.bank import ROOT
from benchmarks.judging import Score
from benchmarks.tables import markdown_table

_TEXTS = ROOT / "benchmarks" / "texts"
PAGE = ROOT / "docs" / "benchmarks.md"

_NAMES = {"ours": "ours", "tantivy": "tantivy", "sqlite": "SQLite", "postgresql": "PostgreSQL", "whoosh": "Whoosh"}

_REQUIRED = {
    "10000": {"tantivy": 1.0, "sqlite": 10.0, "postgresql": 15.0, "whoosh": 60.0},
    "100000": {"tantivy": 1 / 0.7, "sqlite": 60.0, "postgresql": 80.0, "whoosh": 400.0},
}
"""Times ours that each peer has to take, at the least."""
_MOST_GROWTH = 2.2
_MOST_MB = {"10000": 20, "100000": 60}


def write_page() -> None:
    """Write the page."""
    PAGE.write_text(render_page(), encoding="utf-8")


def render_page() -> str:
    """Return docs/benchmarks.md."""
    sections = results.load_results()
    return "\n".join(
        [read_text("head"), *(tell(sections[name]) for name, tell in SECTIONS.items() if name in sections)]
    )


def read_text(name: str) -> str:
    """Return what is written by hand of the page: its head, or how a section was measured."""
    return (_TEXTS / f"{name}.md").read_text(encoding="utf-8")


def machine_sentence(machine: Mapping[str, str]) -> str:
    """Return one sentence on where and when something was measured."""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}, "
        f"Python {machine['python']}; {machine['date']}, commit {machine['commit']}."
    )


def _peers(section: Mapping[str, Any]) -> str:
    sizes = sorted(section, key=int)
    parts = [
        read_text("peers"),
        "### Required and measured\n",
        markdown_table(("", "required", "measured"), _required(section)),
    ]
    for size in sizes:
        parts += [f"### {int(size):,} studies\n", *_of_size(section[size])]
    return "\n".join(parts)


def _required(section: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for size, peers in _REQUIRED.items():
        if size not in section:
            continue
        ratios = section[size]["times_ours"]["warm"]
        for peer, least in peers.items():
            if peer not in ratios:
                yield f"{int(size):,}: {_NAMES[peer]}", "", "not measured"
            elif peer == "tantivy":
                yield f"{int(size):,}: share of tantivy's time", f"≤ {1 / least:.2f}", f"{1 / ratios[peer]:.2f}"
            else:
                yield f"{int(size):,}: times as fast as {_NAMES[peer]}", f"≥ {least:.0f}", f"{ratios[peer]:.0f}"
        yield f"{int(size):,}: private memory, MB", f"≤ {_MOST_MB[size]}", f"{section[size]['private_mb']['ours']:.0f}"
    if _REQUIRED.keys() <= section.keys():
        smaller, larger = (section[size]["geometric_mean_ms"]["warm"]["ours"] for size in _REQUIRED)
        yield "growth from 10,000 to 100,000", f"≤ {_MOST_GROWTH}", f"{larger / smaller:.1f}"


def _of_size(measured: Mapping[str, Any]) -> Iterator[str]:
    warm = measured["geometric_mean_ms"]["warm"]
    head = [_NAMES[name] for name in warm]
    yield machine_sentence(measured["machine"]) + "\n"
    for peer, reason in measured["unavailable"].items():
        yield f"Without {_NAMES[peer]}: {reason}\n"
    yield "Warm, median and (95th percentile) in milliseconds:\n"
    kinds = measured["kinds"].items()
    rows = [[kind, *(f"{each[name]['median']:.2f} ({each[name]['p95']:.2f})" for name in warm)] for kind, each in kinds]
    rows.append(["geometric mean", *(f"{mean:.2f}" for mean in warm.values())])
    rows.append(["times ours", *(f"{measured['times_ours']['warm'][name]:g}" for name in warm)])
    yield markdown_table(["kind", *head], rows)
    yield from _beside(measured)
    yield markdown_table(
        ["", *head],
        [
            [label, *(_cell(measured[key].get(name)) for name in warm)]
            for label, key in (
                ("private memory of a process, MB", "private_mb"),
                ("index on disk, MB", "index_mb"),
                ("building, s", "building_s"),
                ("one changed study, ms", "change_ms"),
                ("1,000 different queries, mean (p95), ms", "stream_ms"),
            )
        ],
    )


def _beside(measured: Mapping[str, Any]) -> Iterator[str]:
    means, ratios = measured["geometric_mean_ms"], measured["times_ours"]
    cold = ratios["cold, peers warm"].get("tantivy")
    yield (
        f"Cold, with nothing kept of an earlier query, ours takes {means['cold']['ours']:.2f} ms in the geometric mean"
        + (f": {1 / cold:.2f} of tantivy's warm time" if cold else "")
        + ". First time in a process: "
        + ", ".join(f"{_NAMES[name]} {mean:.2f}" for name, mean in means["first"].items())
        + ".\n"
    )


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case {"mean": mean, "p95": p95}:
            return f"{mean:.2f} ({p95:.2f})"
        case {"median": median, "slowest": slowest}:
            return f"{median:.1f} (at most {slowest:.0f})"
        case _:
            return f"{value}"


def _judged(section: Mapping[str, Any]) -> str:
    groups = ("all", "language es", "language en", "language mixed")
    scores = {engine: {group: Score(**of[group]) for group in groups} for engine, of in section.items()}
    return "\n".join([read_text("judged"), *judging.score_table(scores), ""])


def _http_page(section: Mapping[str, Any]) -> str:
    runs = {f"{readers} at once": run for readers, run in section["readers"].items()}
    runs["one, on one core"] = section["one_core"]
    columns = ("p50_ms", "p95_ms", "p99_ms", "slowest_ms", "pages_a_second")
    rows = [[name, *(f"{run[key]:g}" for key in columns), str(len(run["errors"]))] for name, run in runs.items()]
    kinds = [[kind, f"{ms:g}"] for kind, ms in section["one_core"]["p50_ms_by_kind"].items()]
    size, bounds = section["bytes"], section["bounds"]
    return "\n".join(
        [
            read_text("http_page"),
            machine_sentence(section["machine"]) + "\n",
            f"{section['studies']:,} studies, {section['pages']:,} pages each, in milliseconds:\n",
            markdown_table(["readers", "p50", "p95", "p99", "slowest", "pages a second", "errors"], rows),
            f"One reader on one core: half of the pages within {bounds['p50_ms']} ms and 95 in a hundred within "
            f"{bounds['p95_ms']} ms are required; {section['one_core']['cpu_ms_a_page']:g} ms of a page are processor "
            "time. By kind of page, the median:\n",
            markdown_table(["kind", "p50"], kinds),
            f"A page of 20 cards takes {size['median'] / 1000:.1f} kB compressed, the largest "
            f"{size['largest'] / 1000:.1f} kB; at most {bounds['bytes'] / 1000:g} kB are allowed.\n",
        ]
    )


def _evidence_map(section: Mapping[str, Any]) -> str:
    bounds, cells = section["bounds"], section["cells"]
    rows = [
        [
            path,
            *(f"{page[state]['cpu_ms']} (at most {page[state]['slowest_cpu_ms']})" for state in ("cold", "warm")),
            *(f"{page[size] / 1000:.1f}" for size in ("html_bytes", "sent_bytes")),
        ]
        for path, page in section["pages"].items()
    ]
    return "\n".join(
        [
            read_text("evidence_map"),
            machine_sentence(section["machine"]) + "\n",
            f"{section['studies']:,} studies; {cells['filled']} of {cells['all']} cells have studies. In milliseconds, "
            "and in kB of HTML:\n",
            markdown_table(["page", "cold", "warm", "HTML", "compressed"], rows),
            f"Less than {bounds['cpu_ms']:,} ms and {bounds['bytes'] / 1000:g} kB of HTML are required. The first page "
            f"of a process, which also opens the index and reads the templates, took {section['first']['cpu_ms']:,} "
            "ms.\n",
        ]
    )


def _coverage(section: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            read_text("coverage"),
            f"{section['draws']:,} draws of each case. The interval of the mean has to hold the truth in "
            f"{section['least_pct']:g} % of them at least.\n",
            pooling_coverage.table(section["cases"]),
        ]
    )


SECTIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "peers": _peers,
    "http_page": _http_page,
    "evidence_map": _evidence_map,
    "judged": _judged,
    "coverage": _coverage,
}
"""Sections of results.json in the order of the page."""
