"""Letters to people without e-mail: to be printed by whoever helps them or by a steward, and answered from there."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.members.models import Member
from community.notices.models import Letter
from community.trust.views import stewards_only
from home import helping

PER_PAGE = 20
LONGEST = 18  # figures of a number that a database knows


def person_of(request: HttpRequest, handle: str) -> Member:
    """Somebody for whom the reader may print a letter; anybody else is not there."""
    found: Member = get_object_or_404(Letter.readers(request.user).select_related("profile", "helper"), handle=handle)
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, handle: str, pk: int | None = None) -> HttpResponse:
    """What waits for one person, to be printed; its button says that it is on paper, and keeps it to print again."""
    person = person_of(request, handle)
    old = get_object_or_404(Letter.objects.visible_to(request.user).filter(member=person), pk=pk) if pk else None
    if request.method == "POST" and old is None:
        keys, done = numbers(request.POST.getlist("notice")), helping.done_for(person)
        put = Letter.put(person, request.user, keys, is_wanted=done.exists())  # type: ignore[arg-type]
        if put is None:
            messages.info(request, _("All of this stands in a letter already."))
            return redirect("letter", handle)
        messages.success(request, _("Noted: this is on paper. You can print it again from here."))
        return redirect("letter_again", handle, put.pk)
    context = {
        "person": person, "letter": old, "entries": helping.content(request.user, person, old),
        "helps": helping.is_helper(request.user, person), "done": helping.done_for(person, old),
        "earlier": Letter.objects.visible_to(request.user).filter(member=person)[:5],
    }  # fmt: skip
    if old is None:
        context |= helping.open_for(request.user, person)
    return render(request, "home/letter.html", context)


def numbers(given: list[str]) -> set[int]:
    """The numbers among what was sent; anything else was not on the page."""
    return {int(one) for one in given[: Letter.MOST] if one.isascii() and one.isdigit() and len(one) <= LONGEST}


@login_required
@require_POST
def act(request: HttpRequest, handle: str) -> HttpResponse:
    """One thing done in the person's name by whoever helps them; on record."""
    person = person_of(request, handle)
    if not helping.is_helper(request.user, person):
        raise Http404
    helper: Any = request.user
    what, keys = request.POST.get("do", "")[:20], numbers(request.POST.getlist("key"))
    version = next(iter(numbers([request.POST.get("version", "")])), None)
    try:
        if what == "told":
            helping.mark_told(helper, person, keys)
        else:
            helping.act_for(helper, person, what, next(iter(keys), 0), version)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, _("Done in their name, and written down. They read of it in their next letter."))
    return redirect("letter", handle)


@stewards_only
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """People without e-mail for whom something waits that is on no paper yet."""
    page = Paginator(helping.people_waiting(request.user), PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "home/letters.html", {"page_obj": page})
