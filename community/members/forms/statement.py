"""One offer or need, in one line."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from community.members.forms.fresh import FreshForm
from community.members.models import Skill, Statement, StatementSide

LEVELS = [
    ("", _("I would rather not say")),
    (0, _("I have only heard of it")),
    (1, _("I am beginning")),
    (2, _("I can do it with help")),
    (3, _("I can do it alone")),
    (4, _("I know it through and through")),
]


class StatementForm(FreshForm):
    """What I can give, or look for."""

    side = forms.ChoiceField(label=_("This is something that"), choices=StatementSide.choices, widget=forms.RadioSelect)
    level = forms.TypedChoiceField(label=_("How well"), choices=LEVELS, coerce=int, empty_value=None, required=False)
    skill_name = forms.CharField(
        label=_("The same in the words of the list of skills"), required=False, max_length=200,
        help_text=_("Only if you know it. Type a part, and we show you what is in the list."),
    )  # fmt: skip

    template_name = "members/line_form.html"

    class Meta:
        model = Statement
        fields = ("side", "text", "kind", "level", "years", "can_teach", *Statement.OF_THINGS, "visibility")
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "visibility": forms.RadioSelect,
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "text": _("For example: lay a hedge that keeps sheep in."),
            "quantity": _("Each time, and about is good enough. For example: 200."),
            "unit": _("For example: kg, litres, hours, square metres, sacks."),
        }

    field_order = (
        "side", "text", "kind", *Statement.OF_THINGS, "level", "years", "can_teach", "visibility", "skill_name",
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        skill = kwargs["instance"].skill
        kwargs["initial"] = {"skill_name": skill.label if skill else ""} | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, **kwargs)

    @property
    def has_amount(self) -> bool:
        """Whether the part about things has something in it to show: a value, or a mistake."""
        return any(self[name].errors or self[name].value() not in (None, "") for name in Statement.OF_THINGS)

    def clean_skill_name(self) -> Skill | None:
        """A name of the vocabulary, or nothing; a part of one brings up the names that hold it."""
        words = " ".join(self.cleaned_data["skill_name"].split())
        if not words:
            return None
        if skill := Skill.objects.filter(label__iexact=words).first():
            return skill
        near = Skill.objects.filter(label__icontains=words).values_list("label", flat=True)[:8]
        if near:
            raise ValidationError(_t("Choose one of these, word for word: %(names)s.") % {"names": "; ".join(near)})
        raise ValidationError(_t("The list has nothing like it. Leave this empty: your own line is enough."))

    def save(self, commit: bool = True) -> Statement:
        """Put the line into the list."""
        self.instance.skill = self.cleaned_data["skill_name"]
        self.instance.put()
        return self.instance
