"""Asking, answering, saying what helped, and taking words back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Page

from community.members.views import keeps_typed
from community.questions.forms import AnswerForm, JudgeForm, NeedForm, QuestionFilter, QuestionForm, WritingForm
from community.questions.models import Answer, Question, Routed, RoutedState, name_writers, page_for, teller_of
from community.topics.models import EntryPage
from community.trust.views import stewards_only

PER_PAGE = 20
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def page_here(request: HttpRequest, page: Page | int) -> EntryPage:
    """The page that an address names; one that this reader may not see is not there."""
    if (whole := page_for(request.user, page)) is None:
        raise Http404
    return whole


# --- Lists ------------------------------------------------------------------------------------------------------


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """All questions, newest first."""
    form = QuestionFilter(request)
    found = form.narrow(Question.objects.visible_to(request.user).open(), request.user)
    return _list(request, found, {"form": form})


@require_safe
def on_page(request: HttpRequest, page: int) -> HttpResponse:
    """All questions on one page."""
    ground = page_here(request, page)
    return _list(request, Question.objects.visible_to(request.user).open().filter(page=ground), {"page": ground})


def _list(request: HttpRequest, found: Any, context: dict[str, Any]) -> HttpResponse:
    rows = found.with_answers(request.user).select_related("member", "page")
    entries = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    name_writers(entries, request.user)
    return render(request, "questions/questions.html", context | {"entries": entries})


# --- Asking and answering ---------------------------------------------------------------------------------------


@read_or_send
@keeps_typed("question")
def ask(request: HttpRequest, page: int) -> HttpResponse:
    """Ask something on a page."""
    ground = page_here(request, page)
    form = QuestionForm(request.POST or None, request=request, instance=Question())
    if form.is_valid():
        try:
            asked = Question.ask(request.user, ground, key=request.kept.key, **form.words)  # type: ignore[arg-type, attr-defined]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your question stands here now. You get a notice when somebody answers."))
            return redirect(asked)
    return render(request, "questions/ask.html", {"form": form, "page": ground}, status=form.status)


@require_safe
def question(request: HttpRequest, question: int) -> HttpResponse:
    """A question with its answers, the one that helped first."""
    seen = Question.objects.visible_to(request.user).with_part(request.user).select_related("member", "page")
    asked = get_object_or_404(seen, pk=question)
    page = page_here(request, asked.page) if asked.page else None
    answers = list(Answer.objects.visible_to(request.user).filter(question=asked).select_related("member"))
    answers.sort(key=lambda one: one.pk != asked.accepted_id)
    name_writers([asked, *answers], request.user, teller_of(page) if page else None, linked=True)
    context = {"question": asked, "answers": answers, "page": page}
    return render(request, "questions/question.html", context)


@read_or_send
@keeps_typed("answer")
def answer(request: HttpRequest, question: int) -> HttpResponse:
    """Say what one knows."""
    asked = get_object_or_404(Question.objects.visible_to(request.user).open(), pk=question)
    form = AnswerForm(request.POST or None, request=request, instance=Answer())
    if form.is_valid():
        try:
            given = asked.answer(request.user, key=request.kept.key, **form.words)  # type: ignore[arg-type, attr-defined]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. Your answer stands here now."))
            return redirect(given)
    return render(request, "questions/answer.html", {"form": form, "question": asked}, status=form.status)


@require_safe
def find_answer(request: HttpRequest, answer: int) -> HttpResponse:
    """An answer's own address, for reports and notices: it leads to the place below its question."""
    return redirect(get_object_or_404(Answer.objects.visible_to(request.user), pk=answer))


@login_required
@require_POST
def accept(request: HttpRequest, answer: int) -> HttpResponse:
    """This answer helped; or, after all, it did not."""
    given = get_object_or_404(Answer.objects.visible_to(request.user).open(), pk=answer)
    asked = get_object_or_404(Question.objects.judged_by(request.user), pk=given.question_id)
    try:
        if request.POST.get("helped") == "no":
            asked.reopen(request.user)
        else:
            asked.accept(request.user, given)
    except ValidationError as error:  # taken away, or taken back, since it was looked up above
        messages.error(request, error.messages[0])
        return redirect(asked)
    return redirect(given)


@login_required
@require_POST
def decline(request: HttpRequest, question: int) -> HttpResponse:
    """A question that was passed on to me is not for me."""
    letter = get_object_or_404(Routed.objects.visible_to(request.user), question=question)
    Routed.close(letter.question_id, request.user, RoutedState.DECLINED)  # type: ignore[arg-type]
    messages.success(request, _("Good. You hear no more of this question."))
    return redirect("questions:questions")


# --- One's own words --------------------------------------------------------------------------------------------


@read_or_send
@keeps_typed("words")
def edit(request: HttpRequest, question: int) -> HttpResponse:
    """Put one's question in other words."""
    own = get_object_or_404(Question.objects.editable_by(request.user), pk=question)
    return _edit(request, own, QuestionForm(request.POST or None, request=request, instance=own))


@read_or_send
@keeps_typed("words")
def edit_answer(request: HttpRequest, answer: int) -> HttpResponse:
    """Put one's answer in other words."""
    own = get_object_or_404(Answer.objects.editable_by(request.user), pk=answer)
    return _edit(request, own, AnswerForm(request.POST or None, request=request, instance=own))


def _edit(request: HttpRequest, own: Question | Answer, form: WritingForm) -> HttpResponse:
    if form.is_valid():
        try:
            own.change(**form.words)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(own)
    return render(request, "questions/edit.html", {"form": form, "back": own.get_absolute_url()}, status=form.status)


@login_required
@read_or_send
def withdraw(request: HttpRequest, question: int) -> HttpResponse:
    """Ask once more, then take one's question back; possible even if the page is gone by now."""
    own = get_object_or_404(Question.objects.of(request.user), pk=question)
    return _withdraw(request, own)


@login_required
@read_or_send
def withdraw_answer(request: HttpRequest, answer: int) -> HttpResponse:
    """Ask once more, then take one's answer back."""
    own = get_object_or_404(Answer.objects.of(request.user), pk=answer)
    return _withdraw(request, own)


def _withdraw(request: HttpRequest, own: Question | Answer) -> HttpResponse:
    if request.method == "POST":
        own.withdraw()
        messages.success(request, _("Taken back. Nobody reads it any more."))
        return redirect("questions:questions")
    return render(request, "questions/withdraw.html", {"own": own, "back": own.get_absolute_url()})


# --- Stewards ---------------------------------------------------------------------------------------------------


@stewards_only
@read_or_send
def judge(request: HttpRequest, question: int) -> HttpResponse:
    """Take a question away, or put it back."""
    return _judge(request, get_object_or_404(Question.objects.visible_to(request.user), pk=question))


@stewards_only
@read_or_send
def judge_answer(request: HttpRequest, answer: int) -> HttpResponse:
    """Take an answer away, or put it back."""
    return _judge(request, get_object_or_404(Answer.objects.visible_to(request.user), pk=answer))


def _judge(request: HttpRequest, what: Question | Answer) -> HttpResponse:
    form = JudgeForm(request.POST or None)
    if form.is_valid():
        try:
            (what.show if what.is_hidden else what.hide)(request.user, form.cleaned_data["reason"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(what)
    return render(request, "questions/judge.html", {"form": form, "what": what})


# --- From a page to a need of one's own -------------------------------------------------------------------------


@read_or_send
@keeps_typed("need")
def need(request: HttpRequest, page: int) -> HttpResponse:
    """“I need this too”: what the page is about becomes a line of my own page, in my words."""
    ground = page_here(request, page)
    form = NeedForm(request.POST or None, request=request, page=ground)
    if form.is_valid():
        form.save()
        messages.success(request, _("It stands on your page now, among what you look for."))
        return redirect(ground.get_url(request) or "members:lines")
    return render(request, "questions/need.html", {"form": form, "page": ground})
