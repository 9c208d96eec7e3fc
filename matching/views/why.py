"""Why somebody is not suggested to me, and which of my texts the matching uses."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from community.members.models import Glances, Member
from community.members.views.people import too_many
from matching import privacy
from matching import why as reasons
from matching.views.suggestions import KIND_WORDS

WORDS: dict[str, tuple[Any, str, Any]] = {
    "off": (_("Nobody is suggested to you: your page is not used for matching."), "/me/allow/", _("What I allow")),
    "shown": (_("They are among your suggestions."), "/matches/{kind}/", _("Look at them")),
    "dismissed": (_("You put them aside."), "/matches/dismissed/", _("Those you put aside")),
    "met": (_("You have something under way together already."), "/connections/", _("My connections")),
    "unread": (_("We have read nothing of yours yet. Add a line, or look again in a minute."), "/me/lines/",
               _("My lines")),
    "not_with": (_("They are on your own list of people with whom you do not want to be brought together."),
                 "/me/wishes/", _("My list")),
    "full": (_("You have no room for one more person at the moment."), "/me/allow/", _("How many I can help")),
    "language": (_("The languages that you both show have none in common."), "/me/about/", _("My languages")),
    "too_far": (_("They are further away than you have set."), "/me/allow/", _("How far")),
    "own_trade": (_("They have your own trade, and you wanted nobody of it so near."), "/me/wishes/", _("My wishes")),
    "nothing_shown": (_("They show no line that could be compared with yours here."), "", ""),
    "further_down": (_("They stand further down than those we show you, or have reasons of their own. We never tell "
                       "which, of anybody."), "", ""),
}  # fmt: skip


@login_required
@require_GET
def why(request: HttpRequest, handle: str) -> HttpResponse:
    """Why this person is, or is not, among my suggestions."""
    people = Member.objects.visible_to(request.user).exclude(pk=request.user.pk).select_related("profile")
    other = get_object_or_404(people, handle=handle)
    if not Glances.take(request.user, [other.pk]):  # type: ignore[arg-type]
        return too_many(request)
    rows = []
    for kind, answer in reasons.answers(request.user, other).items():  # type: ignore[arg-type]
        sentence, url, link = WORDS[answer]
        rows.append({"title": KIND_WORDS[kind][0], "sentence": sentence, "url": url.format(kind=kind), "link": link})
    return render(request, "matching/why.html", {"other": other, "rows": rows})


@login_required
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Which of my texts and settings the matching uses, for what, and where I change them."""
    member: Any = request.user
    context = {"used": privacy.used(member), "is_matched": member.is_adult and member.profile.is_matched}
    return render(request, "matching/data.html", context)
