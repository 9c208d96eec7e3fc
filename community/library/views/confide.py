"""Telling in confidence, and coming back with the code. Nothing here asks or keeps who somebody is."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.library.forms.desk import CodeForm, ConfideForm, MessageForm
from community.library.models.confided import lines
from community.library.models.desk import FORM, DeskState, DeskStory
from community.library.models.receipt import Receipt, as_code
from community.members.forms.kept import Kept
from community.members.views import is_too_often

TOO_OFTEN = _lazy("That was too often in a short time. Wait a little, then try again. What you typed is still here.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confide(request: HttpRequest) -> HttpResponse:
    """Tell the desk a story, signed in or not; the answer shows the code, once for each time the form is sent."""
    request.kept = Kept.of(request, FORM)  # type: ignore[attr-defined]
    form = ConfideForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            code = take_in(request, form)
        except ValidationError as error:
            form.add_error(None, error)
            form.renew()
        else:
            return render(request, "library/desk/told.html", {"code": code}, status=201)
    return render(request, "library/desk/confide.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def take_in(request: HttpRequest, form: ConfideForm) -> str:
    """Hand the story to the desk, forget what was kept while it was typed, and return the code."""
    if is_too_often(request, "desk-tell"):
        raise ValidationError(TOO_OFTEN)
    teller = request.user if form.wants_news and request.user.is_authenticated else None
    _story, code = DeskStory.receive(form.words, form.cleaned_data["receipt_token"], teller)
    DeskStory.forget_typing(request.kept.key, request.user)  # type: ignore[attr-defined]
    return code


# --- With the code -----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of it: opened by the code alone, which travels in the form and is kept nowhere."""
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "library/desk/enter.html", {"form": form}, status=422 if form.errors else 200)
    is_over = is_too_often(request, "desk-receipt")
    found = None if is_over else Receipt.find(form.cleaned_data["code"])
    if found is None:
        form.add_error("code", TOO_OFTEN if is_over else _("This code opens nothing. Look at it letter by letter."))
        return render(request, "library/desk/enter.html", {"form": form}, status=429 if is_over else 422)
    return answer(request, found)


def answer(request: HttpRequest, found: Receipt) -> HttpResponse:
    """Do what the holder wants, and show how things stand."""
    act = ACTS.get(request.POST.get("act", ""))
    context: dict[str, Any] = {"code": as_code(request.POST["code"]), "asks": request.POST.get("act", "")}
    try:
        context["done"] = act(found, request) if act else ""
    except ValidationError as error:
        context |= {"wrong": error.messages[0], "typed": request.POST.get("text", "")}
    if context.get("done") and not Receipt.objects.filter(pk=found.pk).exists():
        return render(request, "library/desk/withdrawn.html")
    found = Receipt.objects.select_related("page").get(pk=found.pk)
    context |= state_of(found)
    return render(request, "library/desk/receipt.html", context, status=409 if context.get("wrong") else 200)


def state_of(found: Receipt) -> dict[str, Any]:
    """What the holder of a receipt may see: the messages, the words that wait for a yes, or the page."""
    story = DeskStory.objects.filter(receipt=found).first()
    to_approve = story is not None and story.state in {DeskState.FOR_APPROVAL, DeskState.APPROVED}
    return {
        "receipt": found,
        "story": story,
        "thread": list(story.messages.all()) if story else [],
        "words": lines(story.words) if story and to_approve else lines(found.waiting or {}),
        "can_write": bool(story and story.state != DeskState.DECLINED) or (not story and found.page_id),
        "is_new": story is not None and story.state == DeskState.FOR_APPROVAL,
    }


def said(request: HttpRequest) -> str:
    """What the holder wrote; ValidationError where it is nothing, or too much."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        raise ValidationError(form.errors["text"][0])
    return str(form.cleaned_data["text"])


def approve(found: Receipt, request: HttpRequest) -> str:
    """Yes to exactly these words."""
    for story in DeskStory.objects.filter(receipt=found):
        story.approve(request.POST.get("mark", "")[:64])
    return _("You have said yes to these words. The desk does the rest.")


def write(found: Receipt, request: HttpRequest) -> str:
    """An answer to the desk, or the wish for a correction."""
    story = DeskStory.objects.filter(receipt=found).first()
    if story is None and found.page_id is None:
        raise ValidationError(_("The words are on their way and cannot be changed just now. Come back in ten days."))
    if story and story.state == DeskState.DECLINED:
        raise ValidationError(_("This story was not taken. You can tell it anew."))
    if story:
        story.reply(said(request))
    else:
        DeskStory.correct(found, said(request))
    return _("The desk has your words.")


def withdraw(found: Receipt, request: HttpRequest) -> str:
    """Take it all back; asked once more before."""
    if request.POST.get("sure") != "yes":
        return ""
    found.withdraw()
    return _("Withdrawn.")


ACTS: dict[str, Callable[[Receipt, HttpRequest], str]] = {"approve": approve, "write": write, "withdraw": withdraw}
