"""The form of a learning plan."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.connections.models import LearningPlan, PlanSkill, Rating
from community.members.forms.fresh import FreshForm
from community.members.models import Member


class PlanForm(FreshForm):
    """What it is for, how far each thing is in one's own eyes, and one more line."""

    line = forms.CharField(required=False, max_length=200)

    class Meta:
        model = LearningPlan
        fields = ("goal",)
        widgets: ClassVar[dict[str, Any]] = {"goal": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        self.own = own  # the field with the ratings of whoever looks at it
        super().__init__(*args, **kwargs)
        choices = [("", _("not rated")), *Rating.choices]
        for skill in self.open_lines:
            self.fields[self.name_of(skill)] = forms.TypedChoiceField(
                label=skill.text, choices=choices, coerce=int, empty_value=None, required=False
            )
            self.initial.setdefault(self.name_of(skill), getattr(skill, own))
        self.fields["line"].label = _("One more thing to learn")
        self.order_fields(["goal", *(self.name_of(skill) for skill in self.open_lines), "line"])

    @property
    def open_lines(self) -> list[PlanSkill]:
        """What is not signed off yet."""
        return [skill for skill in self.instance.skills.all() if not skill.is_passed_on]

    @staticmethod
    def name_of(skill: PlanSkill) -> str:
        """The name of its box."""
        return f"rating_{skill.pk}"

    @property
    def saved_values(self) -> dict[str, Any]:
        """The goal and one's own ratings; the ratings of the other are theirs."""
        return super().saved_values | {self.name_of(one): getattr(one, self.own) for one in self.open_lines}

    def keep(self, by: Member) -> bool:
        """Save; False where it could not be, and the form then says why."""
        data = self.cleaned_data
        ratings = {skill.pk: data.get(self.name_of(skill)) for skill in self.open_lines}
        try:
            self.instance.keep(by, data["goal"], ratings, data["line"])
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True
