"""What happened to me."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from community.notices.models import Notice

PER_PAGE = 20


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """My notices, newest first, and those of people whom I help."""
    mine = Notice.objects.visible_to(request.user).select_related("actor", "member")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page", "1")[:8])
    return render(request, "notices/notices.html", {"page_obj": page})


@login_required
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a notice is about; sent by its button it counts as read, a plain link changes nothing."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        notice.read()
    is_ours = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if is_ours else "notices:list")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """I have seen them all."""
    Notice.objects.visible_to(request.user).read_all()
    return redirect("notices:list")
