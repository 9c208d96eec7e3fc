"""The form of somebody who wants to come."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.gatherings.models import GatheringPage, Registration
from community.members.forms.kept import KeptForm
from community.members.models import Member


class EnrolForm(KeptForm):
    """What this gathering needs to know: mostly nothing. The key makes a second click the same wish."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label=_("How do you come?"), choices=[("place", _("To the place")), ("online", _("Online"))],
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    guests = forms.IntegerField(
        label=_("How many people do you bring along?"), min_value=0, required=False, initial=0,
        help_text=_("Each of them takes a seat, too."),
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, gathering: GatheringPage, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.gathering, most = gathering, gathering.max_guests
        if gathering.is_hybrid:
            self.fields["way"].required = True
        else:
            del self.fields["way"]
        if most:
            self.fields["guests"] = forms.IntegerField(
                label=self.fields["guests"].label, min_value=0, max_value=most, required=False, initial=0,
                help_text=_("At most %(n)s. Each of them takes a seat, too.") % {"n": most},
            )  # fmt: skip
        else:
            del self.fields["guests"]
        for number, question in enumerate(gathering.lines_of_questions):
            self.fields[f"answer_{number}"] = forms.CharField(
                label=question, max_length=gathering.MOST_LETTERS, widget=forms.Textarea({"rows": 2}),
                help_text=_("Only the host reads this."),
            )  # fmt: skip
        if gathering.prerequisites:
            self.fields["is_ready"] = forms.BooleanField(
                label=_("Yes, this is so: %(what)s") % {"what": gathering.prerequisites}
            )
        if not self.asks:
            del self.fields["form_key"]  # nothing typed, nothing to lose; a crowd at the door is let in more quickly

    @property
    def asks(self) -> bool:
        """Whether there is anything to be typed or chosen."""
        return not set(self.fields) <= {"key", "form_key"}

    def enrol(self, member: Member, *, may_wait: bool) -> Registration:
        """Carry the wish out; raises ValidationError, in words for the member, where there is no seat."""
        data = self.cleaned_data
        answers = [data[name] for name in self.fields if name.startswith("answer_")]
        return self.gathering.enrol(
            member, data["key"], guests=data.get("guests") or 0, is_online=data.get("way") == "online",
            answers=answers, may_wait=may_wait,
        )  # fmt: skip
