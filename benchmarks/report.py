"""Makes docs/benchmarks.md of the sections of results.json. Each section has a function, named in `SECTIONS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks import judging, pooling_coverage, results
from benchmarks.bank import ROOT
from benchmarks.judging import Score
from benchmarks.load import describe_load
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
_MOST_COLD = {"10000": 1.0, "100000": 1.5}
_MOST_CHANGE_MS = {"100000": 50}


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


def load_sentence(section: Mapping[str, Any]) -> str:
    """Return what the load was beside a measurement, and whether its figures are noisy."""
    if "load" not in section:
        return "The load of the machine was not recorded.\n"
    noisy = " Noisy: earlier and later figures differ by more than a tenth." if section.get("is_noisy") else ""
    return f"{describe_load(section['load'])}{noisy}\n"


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
        yield from _required_of_engine(int(size), section[size])
        yield f"{int(size):,}: private memory, MB", f"≤ {_MOST_MB[size]}", f"{section[size]['private_mb']['ours']:.0f}"
    if _REQUIRED.keys() <= section.keys():
        smaller, larger = (section[size]["geometric_mean_ms"]["warm"]["ours"] for size in _REQUIRED)
        yield "growth from 10,000 to 100,000", f"≤ {_MOST_GROWTH}", f"{larger / smaller:.1f}"


def _required_of_engine(size: int, measured: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is required beside tantivy of different queries, of cold pages, of building and of the index."""
    streamed, built, held = measured["stream_ms"], measured["building_s"], measured["index_mb"]
    if "tantivy" in streamed:
        share = streamed["ours"]["mean"] / streamed["tantivy"]["mean"]
        yield f"{size:,}: different queries, mean, share of tantivy's", "≤ 1.00", f"{share:.2f}"
    cold = measured["times_ours"]["cold, peers warm"].get("tantivy")
    if cold:
        yield f"{size:,}: cold, share of tantivy's warm time", f"≤ {_MOST_COLD[str(size)]:.2f}", f"{1 / cold:.2f}"
    if "tantivy" in built and "whoosh" in built:
        most = 10 * built["tantivy"] + built["whoosh"]
        yield f"{size:,}: building, s: ten times tantivy's and Whoosh's", f"≤ {most:.0f}", f"{built['ours']:.0f}"
        yield f"{size:,}: index, times tantivy's", "≤ 2.5", f"{held['ours'] / held['tantivy']:.1f}"
    if str(size) in _MOST_CHANGE_MS:
        most_ms = _MOST_CHANGE_MS[str(size)]
        yield f"{size:,}: one changed study, ms", f"< {most_ms}", f"{measured['change_ms']['ours']['median']:.0f}"


def _of_size(measured: Mapping[str, Any]) -> Iterator[str]:
    warm = measured["geometric_mean_ms"]["warm"]
    head = [_NAMES[name] for name in warm]
    yield machine_sentence(measured["machine"]) + "\n"
    yield from _loads(measured)
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


def _loads(measured: Mapping[str, Any]) -> Iterator[str]:
    if "load" not in measured:
        yield load_sentence(measured)
        return
    for name, load in measured["load"].items():
        yield f"{name[:1].upper()}{name[1:]}: {describe_load(load)}\n"
    for name, noisy in measured["noisy"].items():
        if noisy:
            of = f" ({', '.join(_NAMES[peer] for peer in noisy)})" if isinstance(noisy, list) else ""
            yield f"Noisy, as earlier and later figures differ by more than a tenth: {name}{of}.\n"


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
    rows = [
        [name + " (noisy)" * run.get("is_noisy", False), *(f"{run[key]:g}" for key in columns), str(len(run["errors"]))]
        for name, run in runs.items()
    ]
    kinds = [[kind, f"{ms:g}"] for kind, ms in section["one_core"]["p50_ms_by_kind"].items()]
    size, bounds = section["bytes"], section["bounds"]
    return "\n".join(
        [
            read_text("http_page"),
            machine_sentence(section["machine"]) + "\n",
            f"{section['studies']:,} studies, {section['pages']:,} pages each, in milliseconds:\n",
            markdown_table(["readers", "p50", "p95", "p99", "slowest", "pages a second", "errors"], rows),
            *(f"{name}: {load_sentence(run)}" for name, run in runs.items() if "load" in run),
            _conditional(section["one_core"]),
            f"One reader on one core: half of the pages within {bounds['p50_ms']} ms and 95 in a hundred within "
            f"{bounds['p95_ms']} ms are required; {section['one_core']['cpu_ms_a_page']:g} ms of a page are processor "
            "time. By kind of page, the median:\n",
            markdown_table(["kind", "p50"], kinds),
            f"A page of 20 cards takes {size['median'] / 1000:.1f} kB compressed, the largest "
            f"{size['largest'] / 1000:.1f} kB; at most {bounds['bytes'] / 1000:g} kB are allowed.\n",
        ]
    )


def _conditional(run: Mapping[str, Any]) -> str:
    ms = run.get("conditional_cpu_ms")
    if ms is None:
        return "A page that is asked for by its tag was not measured.\n"
    noisy = " (noisy)" if run["is_conditional_noisy"] else ""
    return f"A page that is asked for by its tag and answered with 304 takes {ms:g} ms{noisy} of the processor.\n"


def _exports(section: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{file['ext']} {file['style']}".strip() + " (noisy)" * file["is_noisy"],
            *(f"{file[key]:g}" for key in ("cpu_s", "first_byte_s", "mbytes")),
            f"{file['memory_mb']['growth']:g}",
            f"{file['load']['before']:g}, {file['load']['busy_cores']:g}",
        ]
        for file in section["files"]
    ]
    head = ["file", "processor, s", "first byte, s", "MB", "memory, MB", "load before, cores busy"]
    bounds = section["bounds"]
    return "\n".join(
        [
            read_text("exports"),
            machine_sentence(section["machine"]) + "\n",
            f"{section['studies']:,} studies:\n",
            markdown_table(head, rows),
            f"The first byte within {bounds['first_byte_s']:g} s and no more than {bounds['growth_mb']:g} MB of memory "
            "are required.\n",
        ]
    )


def _downloads(section: Mapping[str, Any]) -> str:
    eight, work = section["eight"], section["work"]
    runs = {
        "a search, alone": eight["search_ms"]["idle"],
        "a search beside eight downloads": eight["search_ms"]["beside downloads"],
        "/healthz beside eight downloads": eight["healthz_ms"],
        "a page of 32 readers, four downloads, a curator": work["pages_ms"],
        "the curator's changes meanwhile": work["edits_ms"],
    }
    rows = [[name, *(f"{run[key]:g}" for key in ("p50", "p95", "p99", "slowest"))] for name, run in runs.items()]
    memory = eight["memory_mb"]
    loads = {**{f"search {name}": load for name, load in eight["load"].items()}, "32 readers": work["load"]}
    return "\n".join(
        [
            read_text("downloads"),
            machine_sentence(section["machine"]) + "\n",
            *(f"{name[:1].upper()}{name[1:]}: {describe_load(load)}\n" for name, load in loads.items()),
            f"{section['studies']:,} studies, in milliseconds:\n",
            markdown_table(["", "p50", "p95", "p99", "slowest"], rows),
            f"Memory of the workers: {memory['before']:g} MB before, {memory['most']:g} at the most, "
            f"{memory['after']:g} afterwards. Bounds that were not kept: {'; '.join(section['faults']) or 'none'}.\n",
        ]
    )


def _evidence_pages(section: Mapping[str, Any]) -> str:
    kinds = ("first", "cold", "changed", "warm")
    rows = [[path, *(f"{page[kind]['cpu_ms']}" for kind in kinds)] for path, page in section["pages"].items()]
    return "\n".join(
        [
            read_text("evidence_pages"),
            machine_sentence(section["machine"]) + "\n",
            f"Load before: {section['load']['before']:g}; after: {section['load']['after']:g}.\n",
            f"{section['studies']:,} studies, in milliseconds of the processor:\n",
            markdown_table(["page", *kinds], rows),
            "At most: " + ", ".join(f"{kind} {ms} ms" for kind, ms in section["bounds"].items()) + ".\n",
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
    "evidence_pages": _evidence_pages,
    "exports": _exports,
    "downloads": _downloads,
    "judged": _judged,
    "coverage": _coverage,
}
"""Sections of results.json in the order of the page."""
