"""Thousands of requests drawn from the API's own schema, valid and invalid: none may fail or be answered otherwise.

    .venv/bin/python -m benchmarks.fuzz_api --examples 3000

Serves a bank of 10,000 studies without a limit of requests, and lets schemathesis ask it: the examples of the schema,
the edges of every parameter, then random requests by seed. Checked is every answer: no failure, no status, media type,
header or body that the schema does not promise, nothing invalid taken, nothing valid refused. Prints what schemathesis
found; ends with 1 on a fault.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import filling

STUDIES = 10_000
_TIMEOUT_S = 3 * 60 * 60
# An address of 414 is refused by the server before the API sees whether it is valid.
_CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "404", "410", "414"]
[checks.negative_data_rejection]
expected-statuses = ["400", "404", "405", "406", "412", "414", "429"]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=3_000, help="random requests of each operation and kind")
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    from benchmarks.http_page import start_server

    without_limit = ["env", "API_REQUESTS_PER_MINUTE=0"]
    with start_server(filling.prepare_bank(given.studies), without_limit) as server:
        host, port = server.address
        done = fuzz(f"http://{host}:{port}", examples=given.examples, seed=given.seed)
    print(done.stdout)
    return done.returncode


def fuzz(url: str, *, examples: int, seed: int) -> subprocess.CompletedProcess[str]:
    """Ask the bank at `url`; its answer is 0 where nothing was found, and tells how to repeat what was."""
    with tempfile.TemporaryDirectory(prefix="fuzz-api-") as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(_CONFIG, encoding="utf-8")
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config)),
            *("run", f"{url}/api/v1/schema/?lang=en", "--phases", "examples,coverage,fuzzing", "--checks", "all"),
            *("--max-examples", str(examples), "--seed", str(seed)),
            *("--generation-database", "none", "--suppress-health-check", "all", "--no-color"),
        ]
        return subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    sys.exit(main())
