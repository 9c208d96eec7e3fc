"""The steps in which a story is told. Each asks for one thing; none but the first must be filled in to go on."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.library.forms.rows import Column, RowsField
from community.library.forms.year import YearField
from community.library.models import CaseStudyPage, Licence, Outcome, Reading, read
from community.library.models.plain import part_of, text_of
from community.members.forms.fresh import FreshForm
from community.topics.forms import PictureField
from community.topics.models import Season, Topic, as_paragraphs, clean_picture

MOST = 8000  # letters of one chapter: six pages of a book
WANTED = ("tried", "happened", "summary", "licence")  # empty while one goes on, but not when it is sent


def chapter(label: Any, help_text: Any, rows: int = 8) -> forms.CharField:
    """A box for one part of the story, in plain words."""
    box = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=MOST, required=False, widget=box)


class StepForm(FreshForm):
    """One step of a story, filled from the newest wording; it saves only what it shows."""

    heading: ClassVar[Any]
    chapters: ClassVar[tuple[str, ...]] = ()
    read_too: ClassVar[tuple[str, ...]] = ()

    class Meta:
        model = CaseStudyPage
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, request: HttpRequest, instance: CaseStudyPage | None = None, **kwargs: Any) -> None:
        self.member = request.user
        working = instance.working if instance is not None else None
        begun = self.values_of(working) if working is not None else {}
        super().__init__(*args, request=request, instance=working, initial=begun | kwargs.pop("initial", {}), **kwargs)
        for name, label in self._unsaid().items():
            if name in self.fields:
                field: Any = self.fields[name]
                field.choices = [("", label), *[choice for choice in field.choices if choice[0] != ""]]
        for name in self.fields.keys() & WANTED:
            wanted: Any = self.fields[name]
            wanted.wanted_later = True

    @staticmethod
    def _unsaid() -> dict[str, Any]:
        return dict.fromkeys(("soil", "climate", "scale", "budget"), _("I would rather not say"))

    def values_of(self, story: CaseStudyPage) -> dict[str, Any]:
        """What this step holds of a wording, as its fields give it."""
        own = {name: getattr(story, name) for name in self._meta.fields or ()}
        return own | {name: text_of(story.body, name) for name in self.chapters}

    @property
    def saved_values(self) -> dict[str, Any]:
        """As they stand in the newest wording by now."""
        if self.instance.pk is None:
            return {}
        story = CaseStudyPage.objects.get(pk=self.instance.pk)
        return self.values_of((story.held() if self.is_bound else story).working)

    def clean(self) -> dict[str, Any]:
        """What is not begun yet cannot have been changed meanwhile."""
        return super().clean() if self.instance.pk else self.cleaned_data

    def _post_clean(self) -> None:
        """The page is checked as a whole before it is sent, and not at each step."""

    def fields_to_keep(self) -> dict[str, Any]:
        """What goes into fields of the page."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def parts_to_keep(self) -> dict[str, Any]:
        """What goes into the body."""
        return {name: as_paragraphs(self.cleaned_data[name]) or None for name in self.chapters}

    def keep(self, story: CaseStudyPage) -> bool:
        """Save the step; False where it could not be saved, and the form then says why."""
        try:
            story.keep(self.member, self.fields_to_keep(), self.parts_to_keep())  # type: ignore[arg-type]
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True

    @property
    def reading(self) -> Reading | None:
        """How the words of this step read, so far."""
        return self.read({name: str(self[name].value() or "") for name in (*self.chapters, *self.read_too)})

    @classmethod
    def read(cls, typed: Any) -> Reading | None:
        """How words read that are still being typed, by the names of the boxes."""
        return read("\n\n".join(typed.get(name, "")[:MOST] for name in (*cls.chapters, *cls.read_too)))

    @property
    def hint_url(self) -> str:
        """Who says while one types how it reads; empty where a step has no words to read."""
        name = next(name for name, kind in STEPS.items() if kind is type(self))
        return reverse("library:hint", args=[name]) if self.chapters or self.read_too else ""


class StartForm(StepForm):
    """What it is about, and how it ended."""

    heading = _("What it is about")
    title = forms.CharField(
        label=_("What is it about?"), max_length=120,
        help_text=_("As you would call it to a neighbour: “Liming wet clay before the drain was mended”."),
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=_("How did it end?"), choices=Outcome.choices, widget=forms.RadioSelect,
        help_text=_("All three are equally welcome. Failures are read the most."),
    )  # fmt: skip
    year = YearField(label=_("In which year?"), required=False)

    class Meta(StepForm.Meta):
        fields: ClassVar[list[str]] = ["title", "outcome", "year"]

    def begin(self) -> CaseStudyPage | None:
        """Begin the story; None where that cannot be, and the form then says why."""
        try:
            return CaseStudyPage.begin(self.member, self.fields_to_keep())  # type: ignore[arg-type]
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return None

    def clean_title(self) -> str:
        """A title has words in it, on one line."""
        title = " ".join(self.cleaned_data["title"].split())
        if not any(letter.isalpha() for letter in title):
            raise ValidationError(_("Write it in words."))
        return title


class SettingForm(StepForm):
    """Where they started, and under which conditions."""

    heading = _("Where you started")
    chapters = ("setting",)
    setting = chapter(
        _("Where did you start?"),
        _("Place, size, soil, weather, tools, who: what others must know to compare it with their own."),
    )

    class Meta(StepForm.Meta):
        fields: ClassVar[list[str]] = ["soil", "climate", "scale", "equipment"]

    field_order = ("setting", "soil", "climate", "scale", "equipment")


class TriedForm(StepForm):
    """What they did."""

    heading = _("What you tried")
    chapters = ("tried",)
    tried = chapter(_("What did you try?"), _("What you did, in the order in which you did it."), rows=12)


class HappenedForm(StepForm):
    """What came of it, and why."""

    heading = _("What happened, and why")
    chapters = ("happened", "turning_point", "why")
    happened = chapter(_("What happened?"), _("What came of it, good and bad. Facts before reasons."), rows=10)
    turning_point = chapter(
        _("Was there a turning point?"),
        _("A moment when it went one way or the other. Many stories have none."),
        rows=4,
    )
    why = chapter(
        _("Why, as you see it?"), _("The cause, and how sure you are. A guess is fine if you call it one."), rows=6
    )


class FiguresForm(StepForm):
    """What it cost, and what was counted."""

    heading = _("Cost and figures")
    cost = RowsField(
        (Column("item", _("For what"), 120, True), Column("amount", _("How much"), 60, True)),
        label=_("What did it cost?"), help_text=_("Money, hours or both, with the unit. Readers ask this first."),
    )  # fmt: skip
    figures = RowsField(
        (
            Column("measure", _("What was counted"), 160, True), Column("before", _("Before"), 80),
            Column("after", _("After"), 80), Column("method", _("How it was counted"), 200),
        ),
        label=_("What did you count or weigh?"), help_text=_("With the unit. Leave it out if you counted nothing."),
    )  # fmt: skip

    class Meta(StepForm.Meta):
        fields: ClassVar[list[str]] = ["budget"]

    def values_of(self, story: CaseStudyPage) -> dict[str, Any]:
        """The lines of both tables, too."""
        cost, evidence = part_of(story.body, "cost"), part_of(story.body, "evidence")
        return super().values_of(story) | {
            "cost": [dict(row) for row in cost["rows"]] if cost else [],
            "figures": [{key: row[key] or "" for key in row} for row in evidence["figures"]] if evidence else [],
        }

    def parts_to_keep(self) -> dict[str, Any]:
        """Both tables; the words that an editor put below them stay."""
        return {
            name: {rows: self.cleaned_data[field], "text": self._words_below(name)}
            if self.cleaned_data[field]
            else None
            for name, rows, field in (("cost", "rows", "cost"), ("evidence", "figures", "figures"))
        }

    def _words_below(self, name: str) -> str:
        part = part_of(self.instance.body, name)
        return part["text"].source if part and part["text"] else ""


class NowForm(StepForm):
    """What they would do now, and all of it in short."""

    heading = _("What you would do now")
    chapters, read_too = ("now",), ("summary",)
    now = chapter(
        _("What would you do now?"), _("What you would tell a friend who wants to try the same tomorrow."), rows=6
    )
    summary = forms.CharField(
        label=_("In short"), max_length=240, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("One or two plain sentences. They stand on the card and in search results."),
    )  # fmt: skip

    class Meta(StepForm.Meta):
        fields: ClassVar[list[str]] = ["summary"]

    field_order = ("now", "summary")

    def clean_summary(self) -> str:
        """One run of words: a card has no room for paragraphs."""
        return " ".join(self.cleaned_data["summary"].split())


class AboutForm(StepForm):
    """Where it belongs, a picture, and what others may do with it."""

    heading = _("Topics, picture, licence")
    topics = forms.MultipleChoiceField(label=_("Topics"), required=False, widget=forms.CheckboxSelectMultiple)
    season = forms.ChoiceField(label=_("Season"), required=False)
    photo = PictureField(label=_("A picture"), required=False)
    words = forms.CharField(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Say what matters in it."),
    )  # fmt: skip
    goes = forms.BooleanField(label=_("Take the picture away"), required=False)
    licence = forms.ChoiceField(
        label=_("What may others do with it?"), choices=Licence.choices, required=False, widget=forms.RadioSelect
    )

    class Meta(StepForm.Meta):
        fields: ClassVar[list[str]] = ["place", "licence", "credit"]

    field_order = ("topics", "season", "place", "photo", "words", "goes", "licence", "credit")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        seasons, topics = Season.with_topics()
        self.fields["topics"].choices = [(topic.slug, topic.name) for topic in topics]  # type: ignore[attr-defined]
        unsaid = [("", _("All year, or hard to say"))]
        self.fields["season"].choices = unsaid + [(one.slug, one.name) for one in seasons]  # type: ignore[attr-defined]
        again = _("If this step comes back to you for another reason, choose the picture once more.")
        self.fields["photo"].help_text = f"{self.fields['photo'].help_text} {again}"
        if not self.instance.picture_id:
            del self.fields["goes"]

    def values_of(self, story: CaseStudyPage) -> dict[str, Any]:
        """Topics and season by their words in addresses."""
        return super().values_of(story) | {
            "topics": sorted(topic.slug for topic in story.topics.all()),
            "season": story.season.slug if story.season else "",
            "words": story.picture.description if story.picture else "",
        }

    def clean_topics(self) -> list[str]:
        """In one order, whatever the order in the form."""
        return sorted(self.cleaned_data["topics"])

    def fields_to_keep(self) -> dict[str, Any]:
        """The rows that the words stand for, and the picture."""
        data = self.cleaned_data
        return super().fields_to_keep() | {
            "topics": list(Topic.objects.filter(slug__in=data["topics"])),
            "season": Season.objects.filter(slug=data["season"]).first(),
            "picture": self._picture(),
        }

    def _picture(self) -> Any:
        data, picture = self.cleaned_data, self.instance.picture
        if data["photo"]:
            picture = clean_picture(data["photo"], self.instance.title, self.member)  # type: ignore[arg-type]
        elif data.get("goes"):
            return None
        if picture is not None and picture.uploaded_by_user_id == self.member.pk:
            picture.description = data["words"]
            picture.save(update_fields=["description"])
        return picture


STEPS: dict[str, type[StepForm]] = {
    "start": StartForm,
    "setting": SettingForm,
    "tried": TriedForm,
    "happened": HappenedForm,
    "figures": FiguresForm,
    "now": NowForm,
    "about": AboutForm,
}
