"""Pages of the shell that are not Wagtail pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or cookies are off: say so, and that nothing was changed."""
    return render(request, "403_csrf.html", status=403)
