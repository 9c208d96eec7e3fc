"""My offers and needs, line by line."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.members.forms import StatementForm
from community.members.models import Member, Statement, StatementSide
from community.members.views.kept import keeps_typed
from community.members.views.me import whose


def lines_of(request: HttpRequest, member: Member) -> str:
    """The list of a person's lines."""
    if member.pk == request.user.pk:
        return reverse("members:lines")
    return reverse("members:helped_lines", args=[member.handle])


@login_required
def lines(request: HttpRequest, handle: str = "") -> HttpResponse:
    """All that I offer and look for."""
    member = whose(request, handle)
    context = Statement.by_side(member.profile.statements.all()) | {"member": member, "handle": handle}
    return render(request, "members/lines.html", context)


@keeps_typed("line")
def add_line(request: HttpRequest, handle: str = "") -> HttpResponse:
    """Put one more line into my list."""
    member = whose(request, handle)
    side = StatementSide.NEED if request.GET.get("side") == "need" else StatementSide.OFFER
    return _edit(request, member, Statement(profile=member.profile, side=side))


@keeps_typed("line")
def edit_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one of my lines."""
    statement = get_object_or_404(Statement.objects.editable_by(request.user).select_related("profile__member"), pk=pk)
    return _edit(request, statement.profile.member, statement)


def _edit(request: HttpRequest, member: Member, statement: Statement) -> HttpResponse:
    form = StatementForm(request.POST or None, request=request, instance=statement)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(lines_of(request, member))
    title = _("Change a line") if statement.pk else _("One more line")
    context = {"form": form, "title": title, "member": member, "back": lines_of(request, member)}
    return render(request, "members/edit.html", context, status=form.status)


@login_required
@require_POST
def delete_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one of my lines away."""
    statement = get_object_or_404(Statement.objects.editable_by(request.user).select_related("profile__member"), pk=pk)
    statement.take_away()
    messages.success(request, _("The line is gone."))
    return redirect(lines_of(request, statement.profile.member))
