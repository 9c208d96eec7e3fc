"""I have done this: a note for oneself on a lesson."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.library.models import LessonDone, LessonPage


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, slug: str) -> HttpResponse:
    """Note a lesson as done, or take the note back; whoever only looks in is led to the lesson."""
    lesson = get_object_or_404(LessonPage.objects.visible_to(request.user), slug=slug)
    if request.method == "POST" and "undo" in request.POST:
        LessonDone.take_back(request.user, lesson)  # type: ignore[arg-type]
        messages.success(request, _("Your note is taken back."))
    elif request.method == "POST":
        LessonDone.note(request.user, lesson)  # type: ignore[arg-type]
        messages.success(request, _("Noted. Only you see it."))
    return redirect(lesson.get_url(request))
