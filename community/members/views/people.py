"""The people of the community, as far as each agreed to be shown."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.members.forms import PeopleFilter
from community.members.models import LANGUAGES, Block, Glances, Member, Role, SeasonName, Statement, distance_band

PER_PAGE = 20


def _card(member: Member, viewer: Any) -> dict[str, Any]:
    """What a card shows of somebody."""
    lines = member.profile.shown_lines  # type: ignore[attr-defined]
    return {
        "url": member.get_absolute_url(),
        "name": member.name,
        "trade": member.profile.trade,
        "place": member.profile.shown("place", viewer) or "",
        "is_verified": member.is_verified,
        "offers": [line.text for line in lines if line.side == "offer"][:3],
        "needs": [line.text for line in lines if line.side == "need"][:3],
    }


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """The list of people; somebody under 18 sees nobody here, and is seen by nobody."""
    form = PeopleFilter(request.GET or None)
    shown = Prefetch("profile__statements", Statement.objects.filter(visibility="members"), to_attr="shown_lines")
    everyone = Member.objects.visible_to(request.user).exclude(pk=request.user.pk).order_by("name", "pk")
    found = form.narrow(everyone).select_related("profile").prefetch_related(shown)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page", "1")[:8])
    if not Glances.take(request.user, [one.pk for one in page]):  # type: ignore[arg-type]
        return too_many(request)
    context = {"form": form, "page_obj": page, "cards": [_card(one, request.user) for one in page]}
    return render(request, "members/people.html", context)


@login_required
def person(request: HttpRequest, handle: str) -> HttpResponse:
    """One person's page, with what they chose to show."""
    who = get_object_or_404(Member.objects.visible_to(request.user).select_related("profile"), handle=handle)
    if not Glances.take(request.user, [who.pk]):  # type: ignore[arg-type]
        return too_many(request)
    lines = Statement.objects.visible_to(request.user).filter(profile=who.profile)
    context = shown_of(who, request.user) | {
        **Statement.by_side(lines),
        "who": who,
        "is_me": who.pk == request.user.pk,
        "is_mine": who.pk == request.user.pk or who.helper_id == request.user.pk,
    }
    return render(request, "members/person.html", context)


def shown_of(who: Member, viewer: Any) -> dict[str, Any]:
    """The parts of a profile that this viewer may read, in words."""
    profile = who.profile
    place = profile.shown("place", viewer)
    own, theirs = viewer.profile.cell, profile.cell if place is not None else None
    is_other = who.pk != viewer.pk
    return {
        "trade": profile.trade,
        "place": place or "",
        "distance": distance_band(own.km_to(theirs)) if own and theirs and is_other else "",
        "about": profile.shown("about", viewer) or "",
        "languages": [LANGUAGES[code] for code in profile.shown("languages", viewer) or [] if code in LANGUAGES],
        "roles": [Role(role).label for role in profile.roles if role in Role.values],
        "seasons": [SeasonName(s).label for s in profile.shown("seasons", viewer) or [] if s in SeasonName.values],
        "hours": profile.shown("hours_per_month", viewer),
        "stops_in_years": profile.shown("stops_in_years", viewer),
    }


def too_many(request: HttpRequest) -> HttpResponse:
    """Enough people for one day; the list is for finding somebody, not for copying it."""
    response = render(request, "members/too_many.html", status=429)
    response["Retry-After"] = "3600"
    return response


@login_required
@require_POST
def block(request: HttpRequest, handle: str) -> HttpResponse:
    """Keep somebody away from now on."""
    who = get_object_or_404(Member.objects.visible_to(request.user).exclude(pk=request.user.pk), handle=handle)
    Block.put(request.user, who)  # type: ignore[arg-type]
    messages.success(request, _("Done. You do not meet each other here any more. Nobody is told."))
    return redirect("members:blocks")


@login_required
def blocks(request: HttpRequest) -> HttpResponse:
    """Whom I keep away."""
    mine = Block.objects.filter(blocker=request.user.pk).select_related("blocked").order_by("blocked__name")
    return render(request, "members/blocks.html", {"blocks": mine})


@login_required
@require_POST
def lift_block(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop keeping somebody away."""
    mine = get_object_or_404(Block.objects.filter(blocker=request.user.pk).select_related("blocked"), pk=pk)
    Block.lift(request.user, mine.blocked)  # type: ignore[arg-type]
    messages.success(request, _("Lifted. You can meet each other here again."))
    return redirect("members:blocks")
