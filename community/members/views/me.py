"""My own pages: what I show, seek and allow, and the people for whom I do the same."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.members.forms import TOPICS, HelpedForm
from community.members.models import Draft, Member, Profile, Rules, Statement
from community.members.views.kept import keeps_typed


def whose(request: HttpRequest, handle: str) -> Member:
    """Oneself, or a person whom one helps; anybody else is not there."""
    mine = Member.objects.editable_by(request.user).select_related("profile")
    return get_object_or_404(mine, handle=handle) if handle else mine.get(pk=request.user.pk)


def home_of(request: HttpRequest, member: Member) -> str:
    """The overview of a person's own pages."""
    return reverse("members:me") if member.pk == request.user.pk else reverse("members:helped", args=[member.handle])


def _overview(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What one sees of a person whose pages one keeps."""
    hints = member.profile.hints
    handle = "" if member.pk == request.user.pk else member.handle
    most = len(Profile.HINTS) + 2
    return Statement.by_side(member.profile.statements.all()) | {
        "member": member,
        "profile": member.profile,
        "handle": handle,
        "topics": [(topic_url(name, handle), title) for name, (_form, title) in TOPICS.items()],
        "hints": hints,
        "done": most - len(hints),
        "most": most,
    }


def topic_url(topic: str, handle: str) -> str:
    """Where one topic is edited."""
    name = "members:helped_topic" if handle else "members:topic"
    return reverse(name, args=[handle, topic] if handle else [topic])


@login_required
def me(request: HttpRequest) -> HttpResponse:
    """My overview: what is told, what would help, and everything I can change."""
    member = whose(request, "")
    return render(
        request,
        "members/me.html",
        _overview(request, member)
        | {
            "drafts": Draft.objects.editable_by(request.user).unsent().exclude(url="").order_by("-updated_at")[:10],
            "new_rules": Rules.current() if member.has_old_rules else None,
            "helped": member.helped.all(),
        },
    )


@login_required
def helped(request: HttpRequest, handle: str) -> HttpResponse:
    """The overview of somebody whom I help."""
    return render(request, "members/helped.html", _overview(request, whose(request, handle)))


@keeps_typed("profile")
def edit_topic(request: HttpRequest, topic: str, handle: str = "") -> HttpResponse:
    """Change one topic of a profile; a form that was opened before somebody else saved gets both texts back."""
    form_class, title = TOPICS[topic]
    member = whose(request, handle)
    form = form_class(request.POST or None, request=request, instance=member.profile)
    if form.is_valid():
        form.save()
        member.profile.touch()
        messages.success(request, _("Saved."))
        return redirect(home_of(request, member))
    context = {"form": form, "title": title, "member": member, "back": home_of(request, member), "topic": topic}
    return render(request, "members/edit.html", context, status=form.status)


@keeps_typed("helped")
def help_somebody(request: HttpRequest) -> HttpResponse:
    """Keep an account for a person without e-mail."""
    form = HelpedForm(request.POST or None, request=request)
    if form.is_valid():
        try:
            person = request.user.help(form.cleaned_data["name"], form.cleaned_data["is_adult"] == "yes")  # type: ignore[union-attr]
            return redirect("members:helped", person.handle)
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
    context = {"form": form, "title": _("Help somebody without e-mail"), "back": reverse("members:me")}
    return render(request, "members/edit.html", context)


@login_required
def privacy(request: HttpRequest) -> HttpResponse:
    """My data: who sees what, take it all away, or be forgotten."""
    return render(request, "members/privacy.html", {"profile": whose(request, "").profile})


@login_required
@require_POST
def discard_draft(request: HttpRequest, key: str) -> HttpResponse:
    """Throw away a text that was not sent."""
    Draft.objects.editable_by(request.user).filter(key=key).delete()
    return redirect("members:me")
