"""What Wagtail asks the shell."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import Page

from home import languages


@hooks.register("before_serve_page")
def speak_to_reader(page: Page, request: HttpRequest, *_: Any) -> HttpResponse | None:
    """A page was found by its address; from here on its reader is spoken to."""
    return languages.greet(page, request)
