"""The measurements from the command line: `python -m benchmarks --help`. `make bench` runs them all."""

from __future__ import annotations

import argparse
import sys

from benchmarks import bank


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    peers = commands.add_parser("peers", help="the page job on our engine and on its peers")
    peers.add_argument("--sizes", type=int, nargs="+", help="studies; 1000 10000 100000 if not given")
    peers.add_argument("--quick", action="store_true", help="1,000 studies, few rounds, written nowhere but var/bench")
    memory = commands.add_parser("memory", help="the memory that one peer takes, for `peers`")
    memory.add_argument("peer")
    memory.add_argument("size", type=int)
    commands.add_parser("report", help="write docs/benchmarks.md from benchmarks/results.json")
    commands.add_parser("clean", help="drop the databases made on PostgreSQL, and var/bench")
    given = parser.parse_args()
    bank.start_on_bank()
    # What follows needs Django to be started; only the peers need what they are made of.
    if given.command == "report":
        from benchmarks import report

        report.write_page()
        return 0
    from benchmarks import page_job

    match given.command:
        case "peers":
            sizes = given.sizes or ([1_000] if given.quick else page_job.SIZES)
            return 0 if page_job.run(sizes, is_quick=given.quick) else 1
        case "memory":
            page_job.print_memory(given.peer, given.size)
        case "clean":
            page_job.remove_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
