"""What every request passes before a page sees it, and what every answer tells the browser."""

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory

from evidencebank.middleware import ForwardedRequests, PermissionsPolicy, StorableParameters, ignore_charset


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


class TestStorableParameters:
    @staticmethod
    def seen(query: str) -> QueryDict:
        request = RequestFactory().get("/", QUERY_STRING=query)
        StorableParameters(lambda request: HttpResponse())(request)
        return request.GET

    def test_nul_counts_as_a_space_in_names_and_values(self):
        assert dict(self.seen("q=casas%00de&id=a%00&id=b&%00=c").lists()) == {
            "q": ["casas de"],
            "id": ["a ", "b"],
            " ": ["c"],
        }

    def test_other_parameters_stay_as_they_are(self):
        assert self.seen("q=%C3%B1&q=&id=%F0%9F%98%80") == QueryDict("q=%C3%B1&q=&id=%F0%9F%98%80")

    def test_what_a_form_sends_is_left_to_its_fields(self):
        request = RequestFactory().post("/", {"note": "a\x00b"})
        StorableParameters(lambda request: HttpResponse())(request)
        assert request.POST["note"] == "a\x00b"


class TestIgnoreCharset:
    @staticmethod
    def seen(content_type: str, query: str = "", body: bytes = b"") -> WSGIRequest:
        """Return the request that Django makes of what the wrapped application is given."""
        seen = []
        application = ignore_charset(lambda environ, start_response: seen.append(WSGIRequest(environ)) or [])
        environ = RequestFactory().generic("POST", "/", body, "text/plain", QUERY_STRING=query).environ
        application(environ | {"CONTENT_TYPE": content_type}, start_response=None)
        return seen[0]

    @pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape", "ISO-8859-1", "base64", "idna", '"hex"'])
    def test_parameters_are_utf_8_whatever_charset_the_request_names(self, charset):
        content_type = f"application/x-www-form-urlencoded; Charset={charset}"
        request = self.seen(content_type, query="q=%2B2AA-%C3%B1", body=b"note=%C3%B1")
        assert (request.GET["q"], request.POST["note"]) == ("+2AA-ñ", "ñ")

    def test_a_form_with_files_keeps_its_boundary(self):
        body = b'--a"b\r\nContent-Disposition: form-data; name="note"\r\n\r\n\xc3\xb1\r\n--a"b--\r\n'
        request = self.seen(r'multipart/form-data; charset=base64; boundary="a\"b"', body=body)
        assert request.POST["note"] == "ñ"

    @pytest.mark.parametrize("parameters", ["charset*=nada''utf-8", "charset*;charset*0*"])
    def test_parameters_that_cannot_be_read_are_dropped(self, parameters):
        assert self.seen(f"text/plain; {parameters}").META["CONTENT_TYPE"] == "text/plain"

    @pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data; boundary=x"])
    def test_other_types_stay_as_they_are(self, content_type):
        assert self.seen(content_type).META["CONTENT_TYPE"] == content_type
