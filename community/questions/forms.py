"""The forms of questions: asking, answering, changing one's words, and making a need of one's own out of a page."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.members.forms.fresh import FreshForm
from community.members.forms.kept import KeptForm
from community.members.models import Statement, StatementSide
from community.questions.models import Answer, Question
from community.questions.models.question import QuestionQuerySet
from community.topics.models import EntryFilter, EntryPage, Topic, search_words


class WritingForm(FreshForm):
    """Somebody's words, new or changed; words that were changed in another window meanwhile are not written over."""

    @property
    def saved_version(self) -> str:
        """The mark of what is saved; nothing is, where the words are new."""
        return super().saved_version if self.instance.pk else ""

    @property
    def words(self) -> dict[str, str]:
        """The words alone."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class QuestionForm(WritingForm):
    """What somebody wants to know."""

    class Meta:
        model = Question
        fields = ("title", "text")
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 6})}


class AnswerForm(WritingForm):
    """What somebody knows about it."""

    class Meta:
        model = Answer
        fields = ("text",)
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 8})}
        help_texts: ClassVar[dict[str, Any]] = {
            "text": _("What you did yourself and what came of it helps most. Say so where you only guess.")
        }


class NeedForm(KeptForm, forms.ModelForm):
    """“I need this too”: one line for one's own page, made from the title of what was read."""

    class Meta:
        model = Statement
        fields = ("text", "visibility")
        widgets: ClassVar[dict[str, Any]] = {"visibility": forms.RadioSelect}
        labels: ClassVar[dict[str, Any]] = {"text": _("What you need, in one line")}
        help_texts: ClassVar[dict[str, Any]] = {
            "text": _("Put it as you would say it. For example: somebody who shows me how to render with lime.")
        }

    def __init__(self, *args: Any, request: HttpRequest, page: EntryPage, **kwargs: Any) -> None:
        need = Statement(profile=request.user.profile, side=StatementSide.NEED)  # type: ignore[union-attr]
        initial = {"text": page.title[: Statement._meta.get_field("text").max_length]}
        super().__init__(*args, request=request, instance=need, initial=initial, **kwargs)

    def save(self, commit: bool = True) -> Statement:
        """Put the line into the list."""
        self.instance.put()
        return self.instance


class JudgeForm(forms.Form):
    """Why a steward takes something away, or puts it back."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("The writer reads this. It stays on record under your name.")
    )


class QuestionFilter(EntryFilter):
    """The filters of the list of questions; a value that is not known is no filter, so that no link is ever broken."""

    ALL: ClassVar[dict[str, Any]] = {"unanswered": _("Nobody has answered yet")}
    OWN: ClassVar[dict[str, Any]] = {"mine": _("I asked"), "for-me": _("Passed on to me")}

    def __init__(self, request: HttpRequest) -> None:
        is_member = request.user.is_authenticated
        shown = [*self.ALL.items(), *(self.OWN.items() if is_member else ())]
        topics = [(topic.slug, topic.name) for topic in Topic.objects.all()]
        choices = {"show": (_("Which"), shown), "topic": (_("Topic"), topics)}
        given = {name: request.GET.get(name, "")[:100].replace("\x00", "") for name in ("q", *choices)}
        known = {name: dict(values) for name, (_label, values) in choices.items()}
        self.wanted = {name: word for name, word in given.items() if word and (name == "q" or word in known[name])}
        super().__init__(choices, self.wanted)

    def narrow(self, questions: QuestionQuerySet, viewer: Any) -> QuestionQuerySet:
        """Those that were asked for."""
        narrowed = {
            "unanswered": lambda: questions.unanswered_for(viewer),
            "mine": lambda: questions.filter(member=viewer),
            "for-me": lambda: questions.waiting_for(viewer),
        }.get(self.wanted.get("show", ""), lambda: questions)()
        if topic := self.wanted.get("topic"):
            narrowed = narrowed.about(topic)
        return narrowed.holding(search_words(self.wanted.get("q", "")))
