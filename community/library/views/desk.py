"""The failure desk, for the few who sit at it: for everybody else these addresses do not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from community.library.forms.desk import DeskForm, MessageForm
from community.library.models.confided import lines
from community.library.models.desk import WORK, DeskState, DeskStory
from community.members.forms.kept import as_key
from community.members.views import keeps_typed

View = Callable[..., HttpResponse]


def desk_only(view: View) -> View:
    """Stewards who were named for the desk; an operator's or an editor's rights open nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not DeskStory.is_desk(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@desk_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What lies on the desk. The list says nothing of what was told: reading is written down, story by story."""
    stories = DeskStory.objects.visible_to(request.user).waiting().select_related("receipt")
    page = Paginator(stories, 20).get_page(request.GET.get("page", "1")[:9])
    # Said by the address and not by a message: that would leave the hour of it in the session.
    done = DONE.get(request.GET.get("done", ""), "")
    return render(request, "library/desk/desk.html", {"page_obj": page, "done": done})


def keeps_words(view: View) -> View:
    """Whoever's login ended while they were rewriting finds the words again; nobody else learns of this address."""
    kept = keeps_typed(WORK)(desk_only(view))

    @wraps(view)
    def kept_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        was_open = request.method == "POST" and as_key(request.POST.get("form_key"))
        if not request.user.is_authenticated and not was_open:
            raise Http404
        return kept(request, *args, **kwargs)

    return kept_view


@never_cache
@keeps_words
@require_http_methods(["GET", "HEAD", "POST"])
def desk_story(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One story: what was told beside what would be published, the messages, and the next step."""
    story = DeskStory.open(key, request.user)  # type: ignore[arg-type]
    if story is None:
        raise Http404
    name = request.POST.get("act", "")
    act = STEPS.get(name)
    form = DeskForm(request.POST if act is rewrite else None, request=request, story=story)
    wrong = ""
    if request.method == "POST" and act:
        try:
            act(story, request, form)
        except ValidationError as error:
            wrong = error.messages[0]
        else:
            return redirect(f"{reverse('library_desk:desk')}?done={name}" if name in DONE else request.path)
    context = desk_context(story, form) | message_of(request, form, wrong)
    status = 409 if form.is_stale else 422 if wrong else 200
    return render(request, "library/desk/story.html", context, status=status)


def message_of(request: HttpRequest, form: DeskForm, wrong: str) -> dict[str, Any]:
    """The box for a word to the teller, with what was typed in it and could not be sent."""
    typed: Any = request.POST if wrong else form.kept_typed or {}
    text = typed.get("text", "")
    key = request.kept.key if text else uuid.uuid4()  # type: ignore[attr-defined]
    return {"wrong": wrong, "message": MessageForm(initial={"text": text}), "message_key": key}


def desk_context(story: DeskStory, form: DeskForm) -> dict[str, Any]:
    """What the desk sees of a story."""
    return {
        "story": story,
        "form": form,
        "thread": list(story.messages.all()),
        "risk": story.risk,
        "told": lines(story.told),
        "words": lines(story.words),
        "is_open": story.state != DeskState.DECLINED,
    }


# --- The steps -----------------------------------------------------------------------------------------------------


def rewrite(story: DeskStory, request: HttpRequest, form: DeskForm) -> None:
    """Save the words."""
    if not form.is_valid():
        raise ValidationError(_t("The words are not saved yet."))
    story.rewrite(request.user, form.words)  # type: ignore[arg-type]


def ask(story: DeskStory, request: HttpRequest, form: DeskForm) -> None:
    """Ask the teller something."""
    story.ask(request.user, said(request))  # type: ignore[arg-type]


def show(story: DeskStory, request: HttpRequest, form: DeskForm) -> None:
    """Show the teller what would appear."""
    story.send_for_approval(request.user)  # type: ignore[arg-type]


def accept(story: DeskStory, request: HttpRequest, form: DeskForm) -> None:
    """Let it be published, and forget who told it."""
    story.accept(request.user)  # type: ignore[arg-type]


def decline(story: DeskStory, request: HttpRequest, form: DeskForm) -> None:
    """Not take it, and say why."""
    story.decline(request.user, said(request))  # type: ignore[arg-type]


def said(request: HttpRequest) -> str:
    """The words of a message; ValidationError where there are none, or too many."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        raise ValidationError(form.errors["text"][0])
    return str(form.cleaned_data["text"])


STEPS: dict[str, Callable[[DeskStory, HttpRequest, DeskForm], None]] = {
    "rewrite": rewrite, "ask": ask, "show": show, "accept": accept, "decline": decline,
}  # fmt: skip
DONE = {
    "accept": _("Accepted. What tied it to its teller is gone; the page appears with the next release."),
    "decline": _("Not taken. The teller reads why with their code."),
}
