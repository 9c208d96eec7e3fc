"""What every answer carries: pages, files, redirects, mistakes and faults alike."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import OperationalError
from django.test import Client, RequestFactory

from community.members.models import Member
from home import middleware
from tests.trust.sites import environment

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'none'", "form-action 'self'")


def require_headers(response: Any, policy: tuple[str, ...] = STRICT) -> None:
    """The list of headers, on one answer."""
    for name, value in ALWAYS.items():
        assert response.headers.get(name) == value, (name, response.headers.get(name))
    assert "geolocation=()" in response.headers["Permissions-Policy"]
    assert response.headers["X-Frame-Options"]
    for part in policy:
        assert part in response.headers["Content-Security-Policy"]


def script_sources(response: Any) -> str:
    found = re.search(r"script-src ([^;]*)", response.headers["Content-Security-Policy"])
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/login/", 200),
        ("/report/", 200),
        ("/healthz", 200),
        ("/me/export/", 302),  # to the login
        ("/steward", 301),  # to the address with a slash
        ("/nowhere/", 404),
        ("/static/nowhere.css", 404),
        ("/%00", 404),
        ("/report/?url=%00", 200),
    ],
)
@pytest.mark.django_db
def test_it_is_on_every_answer_to_a_visitor(path: str, status: int, client: Client) -> None:
    response = client.get(path)
    assert response.status_code == status
    require_headers(response)
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert "unsafe-eval" not in response.headers["Content-Security-Policy"]


def test_it_is_on_answers_to_other_methods_and_wrong_hosts(as_member: Client) -> None:
    for method in ("put", "delete", "options", "head", "patch"):
        response = getattr(as_member, method)("/me/erase/")
        assert response.status_code in {200, 405}
        require_headers(response)
    require_headers(as_member.get("/", headers={"host": "evil.example"}))
    assert as_member.get("/", headers={"host": "evil.example"}).status_code == 400


def test_it_is_on_a_form_without_a_token(member: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    response = client.post("/me/erase/", {"confirmation": "x"})
    assert response.status_code == 403 and Member.objects.filter(pk=member.pk).exists()
    require_headers(response)


def test_it_is_on_static_files(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    file = next(Path(site.BASE_DIR, "home/static/scionwood").glob("*.css"))
    served = Client().get(f"/static/scionwood/{file.name}")
    assert served.status_code == 200
    require_headers(served)
    assert "no-store" not in served.headers.get("Cache-Control", "")


def test_it_is_on_a_fault(client: Client, monkeypatch: pytest.MonkeyPatch, as_member: Client) -> None:
    as_member.raise_request_exception = False

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("what somebody typed")

    monkeypatch.setattr("community.trust.views.write_zip", broken)
    response = as_member.post("/me/export/")
    assert response.status_code == 500
    require_headers(response)
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "what somebody typed" not in response.content.decode()


def test_personal_pages_are_never_kept(as_member: Client, client: Client) -> None:
    for path in ("/me/export/", "/notices/", "/report/", "/nowhere/", "/accounts/email/", "/steward/"):
        assert as_member.get(path).headers["Cache-Control"] == "no-store, private", path
    assert "Cookie" in as_member.get("/me/export/").headers["Vary"]
    assert client.get("/accounts/login/").headers["Cache-Control"] == "no-store, private"  # it sets a cookie
    assert "no-store" not in client.get("/robots.txt").headers.get("Cache-Control", "")


def test_it_names_a_new_nonce_on_each_page(client: Client, rf: RequestFactory) -> None:
    from csp.middleware import CSPMiddleware
    from django.http import HttpResponse

    def page(request: Any) -> HttpResponse:
        return HttpResponse(f"<script nonce='{request.csp_nonce}'></script>")

    policies = [script_sources(CSPMiddleware(page)(rf.get("/"))) for _ in range(2)]
    assert all("'nonce-" in policy for policy in policies) and policies[0] != policies[1]


def test_the_editors_pages_have_a_policy_of_their_own(client: Client, db: None) -> None:
    response = client.get("/cms/")
    assert response.status_code == 302
    require_headers(response, ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'"))
    assert "frame-ancestors 'none'" in client.get("/cmsx/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/cms/", "/cms/pages/", "/cms/logout/"])
def test_the_editors_rooms_are_not_there_for_other_members(path: str, as_member: Client, as_steward: Client) -> None:
    for browser in (as_member, as_steward):
        assert browser.get(path).status_code == 404


def test_a_preview_stays_strict_and_may_stand_in_the_editors_frame(rf: RequestFactory) -> None:
    from csp.middleware import CSPMiddleware
    from django.http import HttpResponse

    def preview(request: Any) -> HttpResponse:
        """What Wagtail does: the page is asked for through the whole site."""
        return CSPMiddleware(middleware.admin_policy(lambda _: HttpResponse()))(rf.get("/x/"))

    policy = CSPMiddleware(middleware.admin_policy(preview))(rf.get("/cms/x/preview/")).headers
    assert "frame-ancestors 'self'" in policy["Content-Security-Policy"]
    assert "unsafe-inline" not in policy["Content-Security-Policy"]


# --- A database or a disk that does not take anything ---------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("database is locked"),
        OperationalError("database or disk is full"),
        OSError(28, "No space left on device"),
    ],
)
def test_it_says_that_it_is_shut_for_a_moment(
    fault: Exception, as_member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_member.raise_request_exception = False

    def broken(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr("community.trust.views.write_zip", broken)
    response = as_member.post("/me/export/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "Shut for a moment" in response.content.decode()
    require_headers(response)


def test_it_says_so_when_the_session_cannot_be_read(as_member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    as_member.raise_request_exception = False

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("unable to open database file")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", gone)
    response = as_member.get("/me/export/")
    assert response.status_code == 503
    require_headers(response)


def test_another_fault_is_a_fault() -> None:
    """The control: not everything is called busy."""
    assert not middleware.passes_by_itself(ValueError()) and not middleware.passes_by_itself(OSError(2, "gone"))


# --- In production --------------------------------------------------------------------------------------------

LOOK = """
import json
from django.test import Client
from django.conf import settings
client = Client(raise_request_exception=False)
plain = client.get("/accounts/login/", headers={"host": "learn.example.org"})
safe = client.get("/accounts/login/", secure=True, headers={"host": "learn.example.org"})
print(json.dumps([
    [r.status_code, dict(r.headers), {name: m.OutputString() for name, m in r.cookies.items()}] for r in (plain, safe)
]))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs a command on a site in production, behind https."""
    folder = tmp_path_factory.mktemp("production")

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        wanted = {"SITE_URL": "https://learn.example.org", "ALLOWED_HOSTS": "", "DEBUG": "0"} | more
        wanted["SECRET_KEY"] = "pq8Zr2mV6xL0nB4tY7wK1sD9fG3hJ5aC2eR8uI4oP6zX0vQpq8Zr2mV6xL0nB4tY7wK"
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=site.BASE_DIR, env=environment(folder) | wanted, capture_output=True, text=True, timeout=200,
        )  # fmt: skip

    return run


def test_the_check_for_production_has_no_warning(production: Any) -> None:
    done = production("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_the_check_would_warn_of_plain_http(production: Any) -> None:
    """The control: the same check sees what is missing without https."""
    done = production("check", "--deploy", "--fail-level", "WARNING", SITE_URL="http://learn.example.org")
    assert done.returncode == 1 and "security.W004" in done.stderr


def test_it_is_strict_with_cookies_and_transport(production: Any) -> None:
    assert production("migrate", "-v0").returncode == 0
    assert production("collectstatic", "--noinput", "-v0").returncode == 0
    done = production("shell", "-v0", "-c", LOOK)
    assert done.returncode == 0, done.stderr[-2000:]
    (plain, plain_headers, _none), (status, headers, cookies) = json.loads(done.stdout)
    assert plain == 301 and plain_headers["Location"].startswith("https://")
    assert "frame-ancestors 'none'" in plain_headers["Content-Security-Policy"]
    assert status == 200
    seconds = int(re.search(r"max-age=(\d+)", headers["Strict-Transport-Security"])[1])  # type: ignore[index]
    assert seconds >= 31_536_000 and "includeSubDomains" in headers["Strict-Transport-Security"]
    assert cookies and all(name.startswith("__Host-") for name in cookies)
    for text in cookies.values():
        assert {"Secure", "HttpOnly", "Path=/"} <= set(text.split("; ")) and "SameSite=" in text
        assert "Domain=" not in text
