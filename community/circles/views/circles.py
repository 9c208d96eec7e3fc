"""Finding a circle, looking at one, beginning and changing one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.circles.forms import CircleFilter, CircleForm, PlanForm, refuse
from community.circles.models import Action, Circle, CircleKind, Membership, Minutes, Poll, Standing
from community.circles.models.membership import KNOWING
from community.members.views import keeps_typed
from community.questions.models import Question, name_writers
from community.trust.views import stewards_only

PER_PAGE, SHOWN, SHOWN_PAGES = 12, 5, 20
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def circles(request: HttpRequest) -> HttpResponse:
    """My circles, and those that I can come into; a visitor reads what a circle is."""
    if not getattr(request.user, "is_adult", False):
        return render(request, "circles/about.html")
    form = CircleFilter(request)
    found: Any = Circle.objects.visible_to(request.user).with_people(request.user).prefetch_related("topics")
    mine = list(found.filter(standing__in=KNOWING).order_by("ended_at", "name", "pk")[:50])
    others = form.narrow(found.going().exclude(pk__in=[one.pk for one in mine])).order_by("-created_at", "-pk")
    page = Paginator(others, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    for one in (*mine, *page):
        one.distance = one.distance_from(request.user)  # type: ignore[arg-type]
    context = {"form": form, "mine": mine, "page_obj": page, "kinds": CircleKind.choices}
    return render(request, "circles/circles.html", context)


@login_required
@require_safe
def circle(request: HttpRequest, slug: str) -> HttpResponse:
    """One circle: for everybody who may find it what it is; for those inside all the rest."""
    seen = Circle.objects.visible_to(request.user).with_people(request.user)
    one = get_object_or_404(seen, slug=slug)
    context: dict[str, Any] = {"circle": one, "distance": one.distance_from(request.user)}  # type: ignore[arg-type]
    if one.standing == Standing.IN:
        context |= inside(request, one)
    else:
        context["place"] = Membership.objects.of(request.user).filter(circle=one).first()
    return render(request, "circles/circle.html", context)


def inside(request: HttpRequest, one: Circle) -> dict[str, Any]:
    """What only those read who belong to it."""
    rows = list(Membership.objects.visible_to(request.user).filter(circle=one).with_people(request.user))
    names = {row.member_id: row.member.name for row in rows if row.is_inside}
    minutes = Minutes.objects.visible_to(request.user).filter(circle=one)[:SHOWN]
    actions = list(Action.objects.visible_to(request.user).filter(circle=one, done_at=None))
    for action in actions:
        action.who = names.get(action.doer_id, "")
    asked = Question.objects.visible_in(one.group_id, request.user).open().with_answers(request.user)
    questions = list(asked.select_related("member")[:SHOWN])
    name_writers(questions, request.user)
    return {
        "place": next(row for row in rows if row.member_id == request.user.pk),
        "people": [row for row in rows if row.is_inside],
        "asking": [row for row in rows if row.state == Standing.ASKED],
        "minutes": minutes, "actions": actions, "questions": questions,
        "polls": Poll.objects.visible_to(request.user).filter(circle=one).select_related("circle")[:SHOWN],
        "pages": one.kept_pages(request.user)[:SHOWN_PAGES],
    }  # fmt: skip


@read_or_send
@keeps_typed("circle")
def found(request: HttpRequest) -> HttpResponse:
    """Begin a circle."""
    if not request.user.is_adult:  # type: ignore[union-attr]
        return render(request, "circles/about.html", status=403 if request.method == "POST" else 200)
    beginning = Circle.beginning(request.GET.get("kind", "")[:20])
    form = CircleForm(request.POST or None, request=request, instance=Circle(), initial=beginning)
    if form.is_valid() and (begun := form.save_for(request.user)):  # type: ignore[arg-type]
        messages.success(request, _("Your circle is there. Invite the first people, or wait who comes."))
        return redirect("circles:people", begun.slug)
    context = {"form": form, "kinds": CircleKind.choices, "kind": beginning["kind"]}
    return render(request, "circles/form.html", context, status=form.status)


@read_or_send
@keeps_typed("circle")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever leads it says anew what it is."""
    one = get_object_or_404(Circle.objects.editable_by(request.user), slug=slug)
    form = CircleForm(request.POST or None, request=request, instance=one)
    if form.is_valid() and form.save_for(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("circles:circle", slug)
    return render(request, "circles/form.html", {"form": form, "circle": one}, status=form.status)


@read_or_send
@keeps_typed("agenda")
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """When we meet next, and what comes up."""
    one = get_object_or_404(Circle.objects.of(request.user).going(), slug=slug)
    form = PlanForm(request.POST or None, request=request, instance=one)
    if form.is_valid():
        try:
            fresh = Circle.objects.get(pk=one.pk)
            fresh.plan(request.user, form.cleaned_data["next_on"], form.cleaned_data["agenda"])  # type: ignore[arg-type]
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved. Everybody in the circle sees it."))
            return redirect("circles:circle", slug)
    title = _("The next meeting")
    return render(request, "circles/write.html", {"form": form, "circle": one, "title": title}, status=form.status)


@stewards_only
@require_safe
def asleep(request: HttpRequest) -> HttpResponse:
    """Circles in which nothing happened for a season; closed ones are nobody's business."""
    sleeping = Circle.objects.seen_by_steward(request.user).asleep().with_people(request.user).order_by("stirred_at")
    page = Paginator(sleeping, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "circles/asleep.html", {"page_obj": page})
