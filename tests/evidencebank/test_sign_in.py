"""The headers of the sign-in page. Its limits are in `tests/accounts/test_limits.py`."""

import pytest
from django.urls import reverse


@pytest.mark.django_db
class TestHeaders:
    def test_pages_run_no_inline_script_or_style_and_stand_in_no_frame(self, client):
        answer = client.get(reverse("admin:login"))
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
