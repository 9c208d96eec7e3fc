"""What every answer of the site carries, whoever made it."""

import errno
import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.defaults import server_error

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]

CMS_ACCESS = "wagtailadmin.access_admin"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def harden(get_response: GetResponse) -> GetResponse:
    """Add the headers that Django has no setting for; keep personal pages out of every cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if not getattr(response, "xframe_options_exempt", False):  # a card that others may show on their sites
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if is_personal(request, response):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether an answer may differ from person to person, or is an error that must not be kept.

    Asked without a look into the database, so that it can be said of an answer that the database is gone.
    """
    if response.status_code >= 500:
        return True
    if not hasattr(request, "session"):  # a static file, or a redirect to https: nobody was asked for
        return bool(response.cookies)
    if request.path.startswith(settings.MEDIA_URL) and response.status_code in {200, 206, 304}:
        return False
    return bool(response.cookies) or settings.SESSION_COOKIE_NAME in request.COOKIES


def admin_policy(get_response: GetResponse) -> GetResponse:
    """The Wagtail admin has a content policy of its own; everything else keeps the strict one.

    The preview of a page has passed through the whole site once and carries the strict policy already; it keeps
    that, because what a member wrote is shown there to an editor, but may stand in the frame of the admin.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/cms/"):
            response._csp_config = settings.CMS_POLICY  # type: ignore[attr-defined]
            if made := response.headers.get("Content-Security-Policy"):
                framed = made.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
                response.headers["Content-Security-Policy"] = framed
        return response

    def process_view(request: HttpRequest, *_: object) -> None:
        """Who is signed in and has no business there is not sent to the login, which would send them back here."""
        user = request.user
        if request.path.startswith("/cms/") and user.is_authenticated and not user.has_perm(CMS_ACCESS):
            raise Http404

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def full_disk(get_response: GetResponse) -> GetResponse:
    """A database or a disk that cannot be written right now is a 503 that says so, not an error page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return shut_for_a_moment(request) if passes_by_itself(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def refusal(get_response: GetResponse) -> GetResponse:
    """What a page refuses in the editing tools is said there, also where no form is open that could say it.

    Approving or publishing from a list asks no form; nothing of it was kept, and the page's own form says the rest.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_sent = request.method == "POST" and request.path.startswith("/cms/")
        if not (is_sent and isinstance(exception, ValidationError)):
            return None
        messages.error(request, " ".join(exception.messages))
        page = request.resolver_match.kwargs.get("page_id") if request.resolver_match else None
        way_on = reverse("wagtailadmin_pages:edit", args=[page]) if page else reverse("wagtailadmin_home")
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":  # a window of Wagtail's waits for this
            return JsonResponse({"step": "success", "redirect": way_on})
        return redirect(way_on)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def passes_by_itself(exception: BaseException | None) -> bool:
    """Whether this fault lies in the machine and not in the request: a lock, a full disk, a database that is gone."""
    is_database = isinstance(exception, OperationalError | InterfaceError)
    return is_database or (isinstance(exception, OSError) and exception.errno in NO_ROOM)


def shut_for_a_moment(request: HttpRequest) -> HttpResponse:
    """Say that nothing was kept of this request, and that it is worth trying again."""
    logger.error("not able to answer just now: %s", request.path, exc_info=True)
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = "60"
    return response


def error_page(request: HttpRequest) -> HttpResponse:
    """The site's handler of all that no view caught: faults in the middleware itself arrive only here."""
    return shut_for_a_moment(request) if passes_by_itself(sys.exc_info()[1]) else server_error(request)
