"""How a form loses nothing and does nothing twice."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.members.forms.kept import Kept, as_key, form_keys, remember_key
from community.members.models import Draft

View = Callable[..., HttpResponse]


def keeps_typed(form_name: str, *, needs_login: bool = True) -> Callable[[View], View]:
    """For a function view that shows and takes one longer form. It also asks for login (unless told not to).

        @keeps_typed("story")
        def tell(request: HttpRequest) -> HttpResponse:
            form = StoryForm(request.POST or None, request=request)     # class StoryForm(KeptForm, …)
            if form.is_valid():
                story = Story.tell(request.user, **form.cleaned_data)
                return redirect(story)                                   # a redirect means: done
            return render(request, "library/tell.html", {"form": form})  # anything else means: not done

    What it gives:
    - an expired login: the text is kept, and after signing in the form comes back filled (`?draft=<key>`);
    - the same form sent twice, even at the same moment: the first is carried out, the others are led to where
      the first one led. The view runs in one transaction with the mark that it was sent, so both are there or
      neither. Another text under the same key (back button) is not lost: it is shown again, marked as not sent;
    - a form with mistakes is kept as a draft, too.
    `form_name` is a short, stable word; drafts are opened by forms of the same name only. Passwords and files
    are never kept. A draft belongs to the member, or, while nobody is signed in, to the browser that made it.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def kept_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            kept = Kept.of(request, form_name)
            request.kept = kept  # type: ignore[attr-defined]
            if needs_login and not request.user.is_authenticated:
                return _ask_to_sign_in(request, kept)
            if request.method == "POST" and as_key(request.POST.get("form_key")):
                return _once(view, request, kept, args, kwargs)
            return _show(view, request, kept, args, kwargs)

        return kept_view

    return wrap


def _ask_to_sign_in(request: HttpRequest, kept: Kept) -> HttpResponse:
    """Keep what was typed for this browser, then to the login and back to the form."""
    back = request.get_full_path()
    # Limited by address: a stranger could fill the disk with texts that nobody comes back to.
    if request.method == "POST" and ratelimit.consume(request, action="keep_draft"):
        draft = Draft.keep(kept.key, kept.form, None, request.POST, url=kept.url, keys=form_keys(request))
        remember_key(request, draft.key)
        messages.info(request, _("Sign in again, please. What you typed is kept, and you go on where you were."))
        back = f"{request.path}?{urlencode({'draft': str(draft.key)})}"
    return redirect_to_login(back)


def _show(view: View, request: HttpRequest, kept: Kept, args: Any, kwargs: Any) -> HttpResponse:
    """Show the form; a draft that was sent already leads to where it led."""
    asked = as_key(request.GET.get("draft"))
    if request.method == "GET" and asked:
        drafts = Draft.objects.editable_by(request.user, form_keys(request)).filter(key=asked, form=kept.form)
        if led := drafts.values_list("outcome_url", flat=True).first():
            return redirect(led)
    if not request.user.is_authenticated:
        remember_key(request, kept.key)
    return view(request, *args, **kwargs)


def _once(view: View, request: HttpRequest, kept: Kept, args: Any, kwargs: Any) -> HttpResponse:
    """Carry the form out once: its key is taken inside the same transaction as whatever the view changes."""
    member = request.user if request.user.is_authenticated else None
    keys = form_keys(request)
    with transaction.atomic():
        draft = Draft.take(kept.key, kept.form, member, url=kept.url, keys=keys)
        if draft is None:
            draft = Draft.take(uuid.uuid4(), kept.form, member, url=kept.url)
        assert draft is not None  # a new key is nobody else's
        if draft.outcome_url:
            return _sent_before(request, draft, kept)
        response = view(request, *args, **kwargs)
        if led := _led_to(response):
            draft.sent(led, request.POST)
        elif response.status_code < 500:
            draft.data = Draft.typed_in(request.POST)
            draft.save()
    return response


def _sent_before(request: HttpRequest, draft: Draft, kept: Kept) -> HttpResponse:
    """The first one counts; a text that was changed after sending is kept and shown as not sent."""
    if draft.digest == Draft.digest_of(request.POST):
        return redirect(draft.outcome_url)
    typed = request.POST.copy()
    typed.pop("version", None)  # the page is opened anew, and so is its count of changes
    new = Draft.keep(uuid.uuid4(), kept.form, draft.member, typed, url=kept.url)
    if draft.member is None:
        remember_key(request, new.key)
    messages.warning(
        request, _("This form was sent before you changed it. Your changes are here and are not sent yet.")
    )
    return redirect(f"{request.path}?{urlencode({'draft': str(new.key)})}")


def _led_to(response: HttpResponse) -> str:
    """Where a response leads; empty where it shows the form again."""
    led = response.headers.get("HX-Redirect", "")
    return led or (response.headers.get("Location", "") if 300 <= response.status_code < 400 else "")


@require_POST
def keep_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep what is being typed; signed out, only for a form that this browser was shown."""
    keys = form_keys(request)
    member = request.user if request.user.is_authenticated else None
    if member is None and str(key) not in keys:
        raise Http404
    if Draft.objects.filter(key=key).exists() and not Draft.objects.editable_by(request.user, keys).filter(key=key):
        raise Http404
    url = request.GET.get("url", "")
    url = url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
    if not Draft.objects.filter(key=key).exclude(outcome_url="").exists():
        Draft.keep(key, request.GET.get("form", ""), member, request.POST, url=url, keys=keys)
    return render(request, "members/_draft_kept.html")
