"""Which language the site speaks to whom.

An address that begins with a language (/fr/stories/) speaks it. Every other address speaks what its reader has chosen,
which a cookie keeps and, of members, their account; else the first language of LANGUAGES. What a browser asks for of
its own accord (Accept-Language) is not heard: one address would then have two faces for readers who chose nothing,
and no cache between could keep it.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from wagtail.models import Page, Site
from wagtail.models.sites import SiteRootPath

from community.topics.models import ALL_GATES, EntryPage, barring, stands_before
from home.models import HomePage

GetResponse = Callable[[HttpRequest], HttpResponse]

FOR_PROGRAMS = ("/healthz", "/media/", "/api/", "/robots.txt", "/sitemap.xml")  # no reader is looked for there
FOR_ALL = {"feed", "calendar", "embed"}  # what is kept and handed on for many readers stands in the first language


def of_address(path: str) -> str:
    """The language that an address begins with, or nothing; the first of all has no prefix."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in dict(settings.LANGUAGES) and first != settings.LANGUAGE_CODE else ""


def chosen_by(request: HttpRequest) -> str:
    """The language that this reader wants where the address does not say one."""
    known = dict(settings.LANGUAGES)
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if code not in known and settings.SESSION_COOKIE_NAME in request.COOKIES and hasattr(request, "user"):
        code = getattr(request.user, "spoken", "")
    return code if code in known else str(settings.LANGUAGE_CODE)


def speak(get_response: GetResponse) -> GetResponse:
    """Answer each request in its language, and say so to whoever keeps answers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        code = of_address(request.path_info)
        with translation.override(code or settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        has_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in request.COOKIES
        if code and not has_chosen and response.status_code == 200:
            keep(response, code)  # what has one address then speaks it, too; a member's account knows its own
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(request: HttpRequest, _view: object, arguments: Sequence[str], _named: object) -> None:
        """A page is looked for in the language of its address; what is said to its reader begins at `greet`."""
        name, path = request.resolver_match.url_name if request.resolver_match else None, request.path_info
        if name == "wagtail_serve":
            find(request, *arguments)
        elif name not in FOR_ALL and not of_address(path) and not path.startswith(FOR_PROGRAMS):
            _say(request, chosen_by(request))

    def process_exception(request: HttpRequest, exception: Exception) -> None:
        """What is not there is told in the reader's language."""
        if isinstance(exception, Http404) and not of_address(request.path_info):
            _say(request, chosen_by(request))

    middleware.process_view = process_view  # type: ignore[attr-defined]
    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _say(request: HttpRequest, code: str) -> None:
    translation.activate(code)
    request.LANGUAGE_CODE = code


def find(request: HttpRequest, path: str) -> None:
    """Find the page of an address below the front page of its language; all front pages come in one query.

    Wagtail's own way needs three, and one more to say where each tree of pages begins.
    """
    site = Site.find_for_request(request)
    if site is None:
        return
    fronts = HomePage.objects.filter(translation_key=site.root_page.translation_key).select_related("locale")
    gate = stands_before(ALL_GATES)
    by_language = {front.locale.language_code: front for front in fronts.annotate(has_gate=gate)}
    if not by_language:
        return
    request._wagtail_cached_site_root_paths = [  # type: ignore[attr-defined]
        SiteRootPath(site.pk, front.url_path, site.root_url, code) for code, front in by_language.items()
    ]
    front = by_language.get(of_address(request.path_info) or settings.LANGUAGE_CODE)
    if front:
        others = (other for other in by_language.values() if other is not front)
        front.others = [other for other in others if other.live and not other.has_gate]
    try:
        found = front.route(request, [part for part in path.split("/") if part]) if front else None
    except Http404:
        found = None
    request._wagtail_route_for_request = found  # type: ignore[attr-defined]


def greet(page: Page, request: HttpRequest) -> HttpResponse | None:
    """Speak the reader's language from here on; lead from a list or a plain page to the same one in it.

    A story stays what it is: who wants to read it in the words of its teller must be able to.
    """
    code = chosen_by(request)
    if of_address(request.path_info) or code == settings.LANGUAGE_CODE:
        return None
    _say(request, code)
    if isinstance(page, EntryPage) or request.method not in {"GET", "HEAD"}:
        return None
    other = same_page(page, code, request.user)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{other.get_url(request)}{'?' if query else ''}{query}") if other else None


def same_page(page: Page, code: str, reader: Any) -> Page | None:
    """The same page in this language, if there is one that this reader may see."""
    model = page.specific_class or Page
    rows: Any = model.objects
    shown = (
        rows.visible_to(reader) if issubclass(model, EntryPage) else rows.live().exclude(stands_before(barring(None)))
    )
    found: Page | None = shown.filter(translation_key=page.translation_key, locale__language_code=code).first()
    return found


def way_on(request: HttpRequest, code: str, path: str) -> str:
    """Where somebody goes on who has just chosen a language on the page at this path."""
    address = urlsplit(path)
    here = of_address(address.path)
    page = _page_at(request, unquote(address.path).replace("\x00", ""))
    other = same_page(page, code, request.user) if page else None
    if other is None or (page and page.locale.language_code == code):
        return "/" if here and here != code else path
    return f"{other.get_url(request)}{'?' if address.query else ''}{address.query}"


def _page_at(request: HttpRequest, path: str) -> Page | None:
    """The page at a path, found as if the same reader had asked for it."""
    try:
        with translation.override(of_address(path) or settings.LANGUAGE_CODE):
            match = resolve(path)
    except Resolver404:
        return None
    if match.url_name != "wagtail_serve":
        return None
    other = HttpRequest()
    other.method, other.META, other.user = "GET", request.META, request.user
    other.path = other.path_info = path
    find(other, *match.args)
    found: Page | None = Page.find_for_request(other, *match.args)
    return found


def keep(response: HttpResponse, code: str) -> None:
    """Let the browser remember the language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE, path="/",
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )  # fmt: skip
