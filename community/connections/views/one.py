"""One connection: where the two stand, what comes next, and the steps that take no more than a button."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from community.connections.forms.answer import AnswerForm, DeclineForm, PostponeForm
from community.connections.models import (
    CheckIn,
    Connection,
    ConnectionState,
    DeclineReason,
    Message,
)
from community.connections.views.way import way_of
from community.members.models import Block, Member
from community.members.views import keeps_typed

DONE = {
    "accept": gettext_lazy("You said yes. You can reach each other now."),
    "ask_again": gettext_lazy("The question waits for an answer again."),
    "let_go": gettext_lazy("Noted. The other person is not told."),
    "withdraw": gettext_lazy("You took your question back."),
}


def one_of(request: HttpRequest, pk: int) -> Connection:
    """A connection of the reader's; for everybody else this address does not exist."""
    found: Connection = get_object_or_404(Connection.objects.visible_to(request.user).with_people(), pk=pk)
    return found


def sides(connection: Connection, viewer: Any) -> dict[str, object]:
    """Who the reader is in this connection."""
    own = connection.side_of(viewer)
    other = connection.other(viewer)
    return {"connection": connection, "own": own, "other": other, "is_asker": own == connection.asker}


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("answer")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the two stand; the two see it, and whoever acts for one of them."""
    connection = one_of(request, pk)
    form = AnswerForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, DONE[form.step])
        return redirect(connection)
    context = sides(connection, request.user) | {"form": form, "steps": steps_of(connection, request.user)}
    context |= papers_of(connection, request.user) | {"way": way_of(connection)}
    return render(request, "connections/detail.html", context, status=form.status)


def steps_of(connection: Connection, viewer: Any) -> list[str]:
    """What the reader can do now: what the table says, and of what was put off only when its time has come."""
    steps = connection.steps_for(viewer)
    is_early = connection.ask_again_on is not None and connection.ask_again_on > timezone.localdate()
    if is_early and connection.side_of(viewer) == connection.asker:
        steps = [step for step in steps if step != "ask_again"]
    return steps


def papers_of(connection: Connection, viewer: Any) -> dict[str, object]:
    """What the two have written down, as far as the page shows it; nothing is fetched before both said yes."""
    context: dict[str, object] = {"contact": connection.contact(viewer), "referred": referred(connection, viewer)}
    if connection.reason and connection.state == ConnectionState.DECLINED:
        context["why_not"] = DeclineReason(connection.reason).label
    if not connection.has_begun:
        return context
    texts = list(connection.agreements.all())
    check_in = CheckIn.objects.of(viewer).unanswered().filter(connection=connection, member=connection.side_of(viewer))
    return (
        context
        | words_of(connection, viewer)
        | talk_of(connection, viewer)
        | {
            "agreement": next((one for one in texts if one.is_signed), None),
            "proposed": next((one for one in texts[:1] if not one.is_signed), None),
            "signed_mine": bool(texts and texts[0].signed_at(viewer)),
            "meetings": list(connection.meetings.all()[:3]),
            "check_in": check_in.first(),
        }
    )


def talk_of(connection: Connection, viewer: Any) -> dict[str, object]:
    """The last message that the reader may read, and how many are new to them."""
    said = Message.objects.visible_to(viewer).filter(connection=connection)
    new = Message.objects.filter(connection=connection).new_to(connection.side_of(viewer))
    return {"last_message": said.select_related("writer").order_by("-pk").first(), "number_new": new.count()}


def words_of(connection: Connection, viewer: Any) -> dict[str, object]:
    """The last words of both, as far as there are some."""
    own = connection.side_of(viewer)
    closings = list(connection.closings.all()) if connection.is_over else []
    return {
        "mine": next((one for one in closings if own and one.writer_id == own.pk), None),
        "theirs": next((one for one in closings if not own or one.writer_id != own.pk), None),
    }


def referred(connection: Connection, viewer: Any) -> Member | None:
    """Whom the asked named instead, if the reader still finds them."""
    if connection.referred_to_id is None:
        return None
    return Member.objects.visible_to(viewer).filter(pk=connection.referred_to_id).first()


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("decline")
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, kindly; with a reason, and perhaps somebody else."""
    connection = one_of(request, pk)
    form = DeclineForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("You said no. They are told, kindly."))
        return redirect(connection)
    return answered(request, connection, form, "connections/decline.html")


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("postpone")
def postpone(request: HttpRequest, pk: int) -> HttpResponse:
    """Say not now, and from when on it suits better."""
    connection = one_of(request, pk)
    form = PostponeForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Noted. They are told from when they can ask again."))
        return redirect(connection)
    return answered(request, connection, form, "connections/postpone.html")


def answered(request: HttpRequest, connection: Connection, form: Any, template: str) -> HttpResponse:
    """The form of an answer; to whoever cannot answer now only what they typed is shown."""
    can_answer = "decline" in connection.steps_for(request.user)
    context = sides(connection, request.user) | {"form": form, "can_answer": can_answer}
    return render(request, template, context, status=form.status)


@login_required
@require_POST
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the other away: possible from here even where the other is shown in no list."""
    connection = one_of(request, pk)
    own, other = connection.side_of(request.user), connection.other(request.user)
    if own is None or other is None:
        raise Http404
    Block.put(own, other)
    messages.success(request, _("Done. You do not meet each other here any more. Nobody is told."))
    return redirect("connections:overview")
