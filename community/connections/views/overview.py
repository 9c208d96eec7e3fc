"""All my connections: what waits for me first, then whom I wait for, who is under way, and what is past."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.connections.models import (
    STANDING,
    UNDER_WAY,
    Agreement,
    CheckIn,
    Connection,
    ConnectionState,
    Message,
)

PER_PAGE, MOST = 20, 100


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for me, for whom I wait, with whom I am in touch, and what is over."""
    new = Message.objects.filter(connection=OuterRef("pk")).new_for(request.user)
    own = Connection.objects.visible_to(request.user).with_people().annotate(has_new=Exists(new))
    is_past = "past" in request.GET
    listed = own.over().order_by("-ended_at", "-pk") if is_past else own.accepted().order_by("-accepted_at", "-pk")
    entries = Paginator(listed, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    context = {
        "entries": entries,
        "people": [(one, one.other(request.user)) for one in entries],
        "is_past": is_past,
        "has_past": is_past or own.over().exists(),
        **({} if is_past else before(request)),
    }
    return render(request, "connections/overview.html", context)


def before(request: HttpRequest) -> dict[str, list[object]]:
    """What has not begun yet, by whose turn it is, and what else waits for this member."""
    own = Connection.objects.visible_to(request.user).with_people()
    rows = own.filter(state__in=STANDING - UNDER_WAY).order_by("-moved_at", "-pk")[:MOST]
    parts: dict[str, list[object]] = {"introduced": [], "waiting": [], "asked": []}
    for one in rows:
        parts[part_of(one, request)].append((one, one.other(request.user)))
    texts = Agreement.objects.to_sign_by(request.user).select_related("connection__asker", "connection__asked")
    questions = CheckIn.objects.of(request.user).unanswered().select_related("connection__asker", "connection__asked")
    latest = {one.connection_id: one for one in reversed(questions[:MOST])}
    papers = {
        "texts": [(one, one.connection.other(request.user)) for one in texts[:MOST]],
        "questions": [(one, one.connection.other(request.user)) for one in latest.values()],
    }
    return parts | papers  # type: ignore[return-value]


def part_of(one: Connection, request: HttpRequest) -> str:
    """Under which heading it stands for this reader."""
    if one.state == ConnectionState.INTRODUCED:
        return "introduced"
    is_asker = one.side_of(request.user) == one.asker
    if one.state == ConnectionState.POSTPONED:
        is_time = one.ask_again_on is None or one.ask_again_on <= timezone.localdate()
        return "waiting" if is_asker and is_time else "asked"
    return "asked" if is_asker else "waiting"
