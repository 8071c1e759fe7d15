"""Whom the bank believes about where a request comes from, and what every answer tells the browser."""

import pytest
from django.http import HttpRequest, HttpResponse

from evidencebank.middleware import ForwardedRequests, PermissionsPolicy


@pytest.fixture
def pass_through(settings):
    """Send a request from `sender` with `headers` through the middleware, and return what Django would see."""

    def send(sender: str, trusted: list[str], **headers: str) -> dict[str, str]:
        settings.TRUSTED_PROXY = trusted
        request = HttpRequest()
        request.META = {"REMOTE_ADDR": sender, **headers}
        ForwardedRequests(lambda request: HttpResponse())(request)
        return request.META

    return send


class TestForwardedRequests:
    def test_a_strangers_word_is_dropped(self, pass_through):
        seen = pass_through(
            "203.0.113.9", ["10.0.0.0/8"], HTTP_X_FORWARDED_FOR="1.2.3.4", HTTP_X_FORWARDED_PROTO="https"
        )
        assert seen == {"REMOTE_ADDR": "203.0.113.9"}

    def test_without_a_proxy_nobody_is_believed(self, pass_through):
        assert pass_through("127.0.0.1", [], HTTP_X_FORWARDED_PROTO="https") == {"REMOTE_ADDR": "127.0.0.1"}

    def test_the_proxys_word_counts(self, pass_through):
        seen = pass_through(
            "10.0.0.1", ["10.0.0.0/8"], HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_FORWARDED_PROTO="https"
        )
        assert (seen["REMOTE_ADDR"], seen["HTTP_X_FORWARDED_PROTO"]) == ("203.0.113.9", "https")

    def test_what_the_reader_invented_before_it_does_not(self, pass_through):
        seen = pass_through("10.0.0.1", ["10.0.0.0/8"], HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.9, 10.0.0.2")
        assert seen["REMOTE_ADDR"] == "203.0.113.9"

    def test_a_socket_file_has_no_address_and_is_trusted_by_name(self, pass_through):
        assert pass_through("", ["unix"], HTTP_X_FORWARDED_FOR="203.0.113.9")["REMOTE_ADDR"] == "203.0.113.9"
        assert "HTTP_X_FORWARDED_FOR" not in pass_through("", ["10.0.0.1"], HTTP_X_FORWARDED_FOR="203.0.113.9")

    @pytest.mark.parametrize("nonsense", ["", "unknown", "203.0.113.9:80", "10.0.0.3", "<script>"])
    def test_what_is_no_readers_address_leaves_the_proxys(self, pass_through, nonsense):
        assert pass_through("10.0.0.1", ["10.0.0.0/8"], HTTP_X_FORWARDED_FOR=nonsense)["REMOTE_ADDR"] == "10.0.0.1"


class TestPermissionsPolicy:
    def test_browsers_are_told_to_give_no_page_camera_microphone_or_place(self):
        answer = PermissionsPolicy(lambda request: HttpResponse())(HttpRequest())
        for power in ("camera", "microphone", "geolocation"):
            assert f"{power}=()" in answer.headers["Permissions-Policy"]
