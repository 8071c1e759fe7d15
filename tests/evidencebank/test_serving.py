"""What gunicorn is told."""

import subprocess
import sys

from tests.bank_server import ROOT


def thresholds_after(importing: str) -> tuple[int, ...]:
    code = f"import gc, {importing}; print(*gc.get_threshold())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(map(int, done.stdout.split()))


class TestCollector:
    def test_goes_seldom_through_what_a_worker_keeps(self):
        own = thresholds_after("sys")
        served = thresholds_after("evidencebank.serving")
        assert served[0] * served[1] * served[2] >= 100 * own[0] * own[1] * own[2]

    def test_is_as_python_has_it_in_every_other_process(self):
        assert thresholds_after("evidencebank.wsgi") == thresholds_after("sys")
