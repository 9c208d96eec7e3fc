"""Keeping a page of one's own in a circle, and the way from a group to its circle."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.circles.forms import KeepForm
from community.circles.models import Circle, kept_by_circles, let_out, own_page
from community.members.views import keeps_typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("keep")
def keep(request: HttpRequest, page: int) -> HttpResponse:
    """Who reads a page of mine: everybody, or one of my circles."""
    own = own_page(request.user, page)
    if own is None:
        raise Http404
    circles = list(Circle.objects.of(request.user).going().order_by("name"))
    now = Circle.objects.filter(group__pageviewrestriction__in=kept_by_circles(own)).first()
    form = KeepForm(
        request.POST or None, request=request, circles=circles, initial={"where": now.slug if now else ""}
    )  # fmt: skip
    if form.is_valid():
        chosen = next((one for one in circles if one.slug == form.cleaned_data["where"]), None)
        try:
            chosen.keep(request.user, own) if chosen else let_out(request.user, own)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect(chosen or (own.live and own.get_url(request)) or "circles:circles")
    return render(
        request,
        "circles/keep.html",
        {"form": form, "page": own, "circles": circles, "has_left": now and now not in circles},
    )


@login_required
@require_safe
def of_group(request: HttpRequest, group: int) -> HttpResponse:
    """The circle whose group this is; pages and questions know the group alone."""
    return redirect(get_object_or_404(Circle.objects.of(request.user), group__pk=group))
