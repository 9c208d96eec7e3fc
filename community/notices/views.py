"""What happened to me, and what I want to hear of."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.members.models import Member
from community.members.views import keeps_typed
from community.notices.forms import PreferencesForm
from community.notices.models import DIGEST, Digest, Follow, Notice, NoticeKind, Preference, Rhythm
from community.notices.models.way import ALWAYS, FOR_STEWARDS

PER_PAGE = 20


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """My notices, newest first, and those of people whom I help."""
    mine = Notice.objects.visible_to(request.user).select_related("actor", "member", "page")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page", "1")[:8])
    return render(request, "notices/notices.html", {"page_obj": page})


@login_required
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a notice is about; sent by its button it counts as read, a plain link changes nothing."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        Notice.objects.filter(pk=pk).not_for_paper(request.user).read_all()
    is_ours = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if is_ours else "notices:list")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """I have seen them all."""
    Notice.objects.visible_to(request.user).not_for_paper(request.user).read_all()
    return redirect("notices:list")


@login_required
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What I follow, and how often I hear of it by mail."""
    context = {"follows": Follow.of(request.user), "rhythm": Digest.rhythm_of(request.user), "rhythms": Rhythm}
    return render(request, "notices/following.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """What can be followed from a page, a topic or somebody's page; sent by its button, it is followed."""
    what = next((name for name in Follow.TARGETS if request.GET.get(name)), "page")
    target = Follow.find(request.user, what, request.GET.get(what, ""))  # type: ignore[arg-type]
    if target is None:
        raise Http404
    choices, why = choices_from(request.user, what, target), ""
    for kind, one, _follow in choices if request.method == "POST" else ():
        if request.POST.get("what") == f"{kind}-{one.pk}":
            try:
                Follow.begin(request.user, kind, one)  # type: ignore[arg-type]
            except ValidationError as error:
                why = error.messages[0]
            else:
                messages.success(request, _("You follow it now."))
                return redirect(request.get_full_path())
    context = {"choices": choices, "why": why, "target": target if what == "page" else None}
    return render(request, "notices/follow.html", context, status=422 if request.method == "POST" else 200)


def choices_from(member: Any, what: str, target: Any) -> list[tuple[str, Any, Follow | None]]:
    """What can be followed from here, and the row where it is followed already."""
    found = [(what, target)]
    if what == "page":
        is_found = target.author_id and Member.objects.visible_to(member).filter(pk=target.author_id).exists()
        is_known = is_found and target.author_id != member.pk and target.author.name == target.byline
        found += [("author", target.author)] if is_known else []
        found += [("topic", topic) for topic in target.topics.all()]
    mine = {
        (name, getattr(one, f"{name}_id")): one for one in Follow.objects.visible_to(member) for name in Follow.TARGETS
    }
    return [(kind, one, mine.get((kind, one.pk))) for kind, one in found]


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Hear of it no more; once is enough."""
    get_object_or_404(Follow.objects.editable_by(request.user), pk=pk).end()
    messages.success(request, _("You do not follow it any more."))
    return redirect("notices:following")


@login_required
@require_POST
def rhythm(request: HttpRequest) -> HttpResponse:
    """How often I want mail about what I follow."""
    wanted = request.POST.get("rhythm", "")
    if wanted in Rhythm.values:
        Digest.want(request.user, Rhythm(wanted))  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose one of the three."))
    return redirect("notices:following")


# --- What comes by mail --------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("notice-preferences")
def preferences(request: HttpRequest) -> HttpResponse:
    """What comes by mail, kind by kind: mine, or that of somebody without e-mail whom I help."""
    people = Member.objects.editable_by(request.user)
    handle = request.GET.get("of", "")[:60].replace("\x00", "")
    member = get_object_or_404(people, handle=handle) if handle else request.user
    form = PreferencesForm(request.POST or None, request=request, member=member)  # type: ignore[arg-type]
    if form.is_valid():
        form.keep()
        messages.success(request, _("Saved."))
        return redirect(request.get_full_path())
    context = {
        "form": form,
        "member": member,
        "helped": people.exclude(pk=request.user.pk).filter(email=None),
        "always": [(NoticeKind(kind).label, why) for kind, why in ALWAYS.items() if is_told(member, kind)],
    }
    return render(request, "notices/preferences.html", context, status=422 if form.is_bound else 200)


def is_told(member: Any, kind: str) -> bool:
    """Whether this member can hear of this kind at all."""
    return bool(member.is_steward) or kind not in FOR_STEWARDS


@csrf_exempt  # a mail program sends this by itself (RFC 8058), with nothing but the address; the signature is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a mail: looking changes nothing, its button switches mails of this kind off, without a login."""
    found = Preference.of_link(token[:2000])
    if not found:
        raise Http404
    if request.method == "POST":
        Preference.switch_off(found)
        return redirect("notices:off", token)
    names = dict(NoticeKind.choices) | {DIGEST: _("What is new, all in one mail")}
    about = sorted({str(names[kind]) for _member, kind in found if kind in names})
    return render(request, "notices/off.html", {"about": about, "is_off": Preference.is_off(found)})
