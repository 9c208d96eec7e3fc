"""Pages of the shell that are not Wagtail pages."""

import email
import email.policy
from email.message import EmailMessage
from functools import reduce
from operator import or_
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve
from wagtail.models import Page, Site

from community.topics.models import barring, stands_before
from home import health, languages, style_samples


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or cookies are off: say so, and that nothing was changed."""
    return render(request, "403_csrf.html", status=403)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """How each part is; 503 only where the database cannot be read, since nothing works without it."""
    parts = health.look()
    return JsonResponse(parts, status=503 if parts["database"] == health.DOWN else 200)


@csrf_exempt  # a token in the foot of every page would keep all pages out of every cache; see is_from_here
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak this language from now on, and go on where one was, if the page is there in it."""
    code, path = request.POST.get("language", ""), request.POST.get("next", "").replace("\x00", "")
    if not is_from_here(request) or code not in dict(settings.LANGUAGES):
        raise PermissionDenied
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, None):
        path = "/"
    response = redirect(languages.way_on(request, code, path[:2000]))
    languages.keep(response, code)
    if request.user.is_authenticated:
        request.user.speak(code)
    return response


def is_from_here(request: HttpRequest) -> bool:
    """Whether the form that was sent stood on a page of ours, as the browser says."""
    if told := request.headers.get("Sec-Fetch-Site"):
        return told == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin).netloc == request.get_host()


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the pages, not the rooms of members."""
    return render(request, "home/robots.txt", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All public pages in all languages, for search engines."""
    site = Site.find_for_request(request)
    fronts = site.root_page.get_translations(inclusive=True).live() if site else Page.objects.none()
    below = [Q(path__startswith=front.path) for front in fronts]
    pages = Page.objects.filter(reduce(or_, below)).live() if below else Page.objects.none()
    pages = pages.exclude(stands_before(barring(None)))
    rows = [(page.get_full_url(request), page.last_published_at) for page in pages.order_by("path")[:50_000]]
    return render(request, "home/sitemap.xml", {"rows": rows}, content_type="application/xml")


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture in the size that a page shows. Originals and documents are behind doors of their own.

    File names are random and never used again, so a browser may keep what it has.
    """
    folder, _slash, name = path.partition("/")
    if folder != "images" or ".." in name:
        raise Http404
    answer = serve(request, name, document_root=str(Path(settings.MEDIA_ROOT) / folder))
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return answer


def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here whatever the page says."""
    return redirect(static("scionwood/favicon.svg"), permanent=True)


def require_debug() -> None:
    """Some pages are for whoever builds the site, and are not there for anybody else."""
    if not settings.DEBUG:
        raise Http404


@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    """All components on one page, for whoever designs them."""
    require_debug()
    return render(request, "home/style_page.html", style_samples.style_samples())


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The mail that was written here instead of being sent, newest first."""
    require_debug()
    files = sorted(settings.MAIL_DIR.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:100]
    rows = [(file.name, number, mail) for file in files for number, mail in enumerate(read_mails(file))]
    return render(request, "home/mails.html", {"mails": rows})


@require_safe
def mail(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One such mail as its reader would see it."""
    require_debug()
    file = next((file for file in settings.MAIL_DIR.glob("*.log") if file.name == name), None)
    found = read_mails(file) if file else []
    if number >= len(found):
        raise Http404
    body = found[number].get_body(("plain", "html"))
    return render(request, "home/mail.html", {"mail": found[number], "text": body.get_content() if body else ""})


def read_mails(file: Path) -> list[EmailMessage]:
    """The mails in one file of Django's file backend, which writes a line of dashes after each."""
    parts = file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")
    return [email.message_from_bytes(part.strip(), policy=email.policy.default) for part in parts if part.strip()]
