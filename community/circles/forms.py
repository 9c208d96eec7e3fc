"""The forms of circles: beginning one, its next meeting, asking, answering, inviting."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.circles.models import Action, Circle, CircleKind, Membership, Minutes, Poll
from community.circles.models.circle import CircleQuerySet
from community.members.forms.fresh import FreshForm
from community.members.forms.kept import KeptForm
from community.members.models import Member
from community.topics.models import EntryFilter, Topic, search_words


class CircleForm(FreshForm):
    """What a circle is, and whom it suits."""

    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label=_("Topics"), to_field_name="slug", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Circle
        fields = ("kind", "name", "purpose", "door", "size", "cadence", "language", "place", "next_on", "agenda")
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "door": forms.RadioSelect,
            "purpose": forms.Textarea({"rows": 5}),
            "agenda": forms.Textarea({"rows": 5}),
            "next_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "door"):
            self.fields[name].choices = Circle._meta.get_field(name).choices  # type: ignore[attr-defined, union-attr]
        if self.instance.pk:
            for name in ("next_on", "agenda"):  # everybody in the circle changes these
                del self.fields[name]
            self.initial.setdefault("topics", list(self.instance.topics.values_list("slug", flat=True)))

    @property
    def saved_version(self) -> str:
        """The mark of what is saved; nothing is, where the circle is new."""
        return super().saved_version if self.instance.pk else ""

    @property
    def saved_values(self) -> dict[str, Any]:
        """Only what this form can change."""
        return {name: value for name, value in super().saved_values.items() if name in self.fields}

    def save_for(self, by: Member) -> Circle | None:
        """Begin it or change it; None where it could not be, and the form then says why and keeps what was typed."""
        names = [name for name in self._meta.fields or () if name in self.fields]
        words = {name: self.cleaned_data[name] for name in names} | {"topics": self.cleaned_data["topics"]}
        try:
            if self.instance.pk is None:
                return Circle.found(by, **words)
            Circle.objects.get(pk=self.instance.pk).revise(by, **words)
        except ValidationError as error:
            refuse(self, error)
            return None
        return self.instance  # type: ignore[no-any-return]


def refuse(form: Any, error: ValidationError) -> None:
    """Say what is wrong beside the field that it is about."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error.messages)
        return
    for name, words in error.message_dict.items():
        form.add_error(name if name in form.fields else None, words)


class PlanForm(FreshForm):
    """When a circle meets next, and what comes up then."""

    class Meta:
        model = Circle
        fields = ("next_on", "agenda")
        widgets: ClassVar[dict[str, Any]] = {
            "next_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "agenda": forms.Textarea({"rows": 8}),
        }


class WordForm(KeptForm):
    """A few words that go with a step, to somebody or to everybody in the circle."""

    word = forms.CharField(required=False, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, label: Any, help_text: Any = "", most: int = 1000, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"] = forms.CharField(
            label=label, help_text=help_text, max_length=most, required=False, widget=forms.Textarea({"rows": 4})
        )


class InviteForm(KeptForm):
    """Whom to invite, by name or by the address of their page."""

    who = forms.CharField(
        label=_("Whom do you want to invite?"), max_length=200,
        help_text=_("The name, as it stands on their page, or the address of that page."),
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.by = request.user

    def clean_who(self) -> Member:
        """Somebody whom one finds here; of two people of one name neither is meant."""
        typed = str(self.cleaned_data["who"]).strip()
        handle = typed.rstrip("/").rpartition("/")[2]
        people = Member.objects.visible_to(self.by).adults().exclude(pk=self.by.pk)
        found = list(people.filter(handle=handle)[:1]) or list(people.filter(name__iexact=" ".join(typed.split()))[:2])
        if len(found) > 1:
            raise ValidationError(_("There are several people of this name. Give the address of their page."))
        if not found:
            raise ValidationError(_("Nobody of this name can be invited. Look them up under “People”."))
        return found[0]


class MinutesForm(FreshForm):
    """What was said at a meeting."""

    class Meta:
        model = Minutes
        fields = ("met_on", "text")
        widgets: ClassVar[dict[str, Any]] = {
            "met_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "text": forms.Textarea({"rows": 14}),
        }

    @property
    def saved_version(self) -> str:
        """The mark of what is saved; nothing is, where the minutes are new."""
        return super().saved_version if self.instance.pk else ""


class ActionForm(KeptForm):
    """Something to do, who does it, and by when."""

    text = forms.CharField(label=_("What is to be done?"), max_length=300)
    doer = forms.ModelChoiceField(
        Member.objects.none(), label=_("Who does it?"), required=False, empty_label=_("Nobody yet")
    )
    due_on = forms.DateField(label=_("By when?"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, request: HttpRequest, circle: Circle, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        inside = Membership.objects.visible_to(request.user).inside().filter(circle=circle)
        people: Any = self.fields["doer"]
        people.queryset = Member.objects.filter(pk__in=inside.values("member"))

    def save_for(self, by: Member, circle: Circle, minutes: Minutes | None) -> Action | None:
        """Put it down; None where it could not be, and the form then says why."""
        words = {name: self.cleaned_data[name] for name in ("text", "doer", "due_on")}
        try:
            return Action.give(circle, by, minutes=minutes, **words)
        except ValidationError as error:
            refuse(self, error)
            return None


class PollForm(KeptForm, forms.ModelForm):
    """A question to the circle, and its answers to choose from."""

    answers = forms.CharField(
        label=_("Answers to choose from"), max_length=2000, widget=forms.Textarea({"rows": 5}),
        help_text=_("One on each line, from 2 to 10."),
    )  # fmt: skip

    class Meta:
        model = Poll
        fields = ("title", "closes_on", "is_many", "is_anonymous", "shows_at_once")
        widgets: ClassVar[dict[str, Any]] = {"closes_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    field_order = ("title", "answers", "closes_on", "is_many", "is_anonymous", "shows_at_once")

    def save_for(self, by: Member, circle: Circle) -> Poll | None:
        """Ask it; None where it could not be, and the form then says why."""
        words = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        try:
            return Poll.put(circle, by, self.cleaned_data["answers"].splitlines(), **words)
        except ValidationError as error:
            refuse(self, error)
            return None


class VoteForm(forms.Form):
    """One's answer to a poll."""

    chosen = forms.MultipleChoiceField(label=_("Your answer"), error_messages={"required": _("Choose an answer.")})

    def __init__(self, *args: Any, poll: Poll, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["chosen"]
        chosen.widget = forms.CheckboxSelectMultiple() if poll.is_many else OneOfSeveral()
        chosen.choices = [(str(one.pk), one.text) for one in poll.choices.all()]

    @property
    def keys(self) -> list[int]:
        """The numbers of what was chosen."""
        return [int(key) for key in self.cleaned_data["chosen"]]


class OneOfSeveral(forms.RadioSelect):
    """Round buttons for a field that takes a list."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was sent, as a list."""
        return list(data.getlist(name))


class KeepForm(KeptForm):
    """Who reads a page of one's own: everybody, or one circle."""

    where = forms.ChoiceField(label=_("Who reads it?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, circles: list[Circle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = ("", _("Everybody, as soon as it is published"))
        where: Any = self.fields["where"]
        where.required = False
        where.choices = [everybody, *((one.slug, _("Only “%s”") % one.name) for one in circles)]


class CircleFilter(EntryFilter):
    """The filters of the list of circles; a value that is not known is no filter, so that no link is ever broken."""

    def __init__(self, request: HttpRequest) -> None:
        topics = [(topic.slug, topic.name) for topic in Topic.objects.all()]
        choices: dict[str, tuple[Any, list[tuple[str, Any]]]] = {
            "kind": (_("Kind"), list(CircleKind.choices)),
            "topic": (_("Topic"), topics),
        }
        given = {name: request.GET.get(name, "")[:100].replace("\x00", "") for name in ("q", *choices)}
        known = {name: dict(values) for name, (_label, values) in choices.items()}
        self.wanted = {name: word for name, word in given.items() if word and (name == "q" or word in known[name])}
        super().__init__(choices, self.wanted)

    def narrow(self, circles: CircleQuerySet) -> CircleQuerySet:
        """Those that were asked for."""
        if kind := self.wanted.get("kind"):
            circles = circles.filter(kind=kind)
        if topic := self.wanted.get("topic"):
            circles = circles.filter(topics__slug=topic)
        return circles.holding(search_words(self.wanted.get("q", "")))
