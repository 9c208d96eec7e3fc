"""Who adopted a playbook: saying so, changing it, and what stewards do where it is wrong."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.library.forms.adoption import AdoptionForm
from community.library.models import Adoption, PlaybookPage
from community.members.views import keeps_typed
from community.trust.forms import ReasonForm


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("adoption")
def adopted(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that one's own place has set it up, too."""
    playbooks = PlaybookPage.objects.visible_to(request.user).select_related("author")
    page = get_object_or_404(playbooks, slug=slug)
    adoption = Adoption(playbook=page, member=request.user, key=request.kept.key)  # type: ignore[attr-defined, misc]
    form = AdoptionForm(request.POST or None, request=request, instance=adoption)
    why = Adoption.why_not(request.user, page)  # type: ignore[arg-type]
    if not why and form.is_valid() and form.put():
        messages.success(request, _("Thank you. It stands on the page now."))
        return redirect(f"{page.get_url(request)}#adopted")
    status = 409 if why and form.is_bound else form.status
    return render(request, "library/adopted.html", {"page": page, "form": form, "why": why}, status=status)


@require_safe
def adoption(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One of them by itself: to change, to report, or for a steward to hide."""
    found = Adoption.objects.openable_by(request.user).select_related("playbook", "member")
    one = unnamed(request, get_object_or_404(found, pk=pk, playbook__slug=slug))
    return render(request, "library/adoption.html", one_adoption(request, one) | {"form": ReasonForm()})


def unnamed(request: HttpRequest, one: Adoption) -> Adoption:
    """It does not say what stands now on a playbook that this reader may not see any more."""
    if not PlaybookPage.objects.visible_to(request.user).filter(pk=one.playbook_id).exists():
        one.playbook.title = _("A page that is not shown to you")
    return one


def one_adoption(request: HttpRequest, one: Adoption) -> dict[str, Any]:
    """One adoption, and what this reader can do with it."""
    return {
        "adoption": one,
        "page": one.playbook,
        "is_own": one.member_id is not None and one.member_id == request.user.pk,
        "can_hide": Adoption.objects.hideable_by(request.user).filter(pk=one.pk).exists(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("adoption")
def edit_adoption(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say it anew."""
    own = Adoption.objects.editable_by(request.user).select_related("playbook__author", "member")
    one = unnamed(request, get_object_or_404(own, pk=pk, playbook__slug=slug))
    form = AdoptionForm(request.POST or None, request=request, instance=one)
    if form.is_valid() and form.put():
        messages.success(request, _("Saved."))
        return redirect("playbooks:adoption", slug, pk)
    context = {"page": one.playbook, "form": form, "adoption": one}
    return render(request, "library/adopted.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_adoption(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask once more, then take it away."""
    own = Adoption.objects.editable_by(request.user).select_related("playbook")
    one = unnamed(request, get_object_or_404(own, pk=pk, playbook__slug=slug))
    if request.method == "POST":
        one.take_away()
        messages.success(request, _("It is gone."))
        is_shown = PlaybookPage.objects.visible_to(request.user).filter(pk=one.playbook_id).exists()
        return redirect(one.playbook.get_url(request) if is_shown else "/playbooks/")
    return render(request, "library/adoption_delete.html", {"page": one.playbook, "adoption": one})


@login_required
@require_POST
def moderate_adoption(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """A steward takes it from the page, or puts it back, and says why."""
    found = Adoption.objects.openable_by(request.user).select_related("playbook", "member")
    context = one_adoption(request, unnamed(request, get_object_or_404(found, pk=pk, playbook__slug=slug)))
    if not context["can_hide"]:
        raise Http404
    form, one = ReasonForm(request.POST), context["adoption"]
    change = {"hide": Adoption.hide, "show": Adoption.show}[verb]
    if form.is_valid():
        try:
            change(one, request.user, form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Done, and written down."))
            return redirect("playbooks:adoption", slug, pk)
    return render(request, "library/adoption.html", context | {"form": form}, status=422)
