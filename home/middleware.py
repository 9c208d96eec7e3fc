"""What every answer of the site carries, whoever made it."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


def harden(get_response: GetResponse) -> GetResponse:
    """Add the headers that Django has no setting for; keep personal pages out of every cache.

    A page is personal as soon as the answer depended on who is signed in, or sets a cookie.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        user = getattr(request, "user", None)
        is_static = request.path.startswith(settings.STATIC_URL)
        if not is_static and (response.cookies or getattr(user, "is_authenticated", False)):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def admin_policy(get_response: GetResponse) -> GetResponse:
    """The Wagtail admin has a content policy of its own; everything else keeps the strict one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/cms/"):
            response._csp_config = settings.CMS_POLICY  # type: ignore[attr-defined]
        return response

    return middleware


def full_disk(get_response: GetResponse) -> GetResponse:
    """A database that cannot write right now is a 503 that says so, not an error page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError):
            logger.error("the database does not answer: %s", exception)
            response = render(request, "503.html", status=503)
            response.headers["Retry-After"] = "60"
            return response
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
