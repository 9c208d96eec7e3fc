"""Looking for people, and keeping an account for somebody."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from community.members.forms.kept import KeptForm
from community.members.forms.signup import YES_NO
from community.members.models import LANGUAGES, Member, Role, Statement, Visibility, clean_name


class PeopleFilter(forms.Form):
    """Narrows the list of people."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("all")), *LANGUAGES.items()])

    def narrow(self, people: Any) -> Any:
        """The people who fit; what is not shown to members is not searched either."""
        wanted = self.cleaned_data if self.is_valid() else {}
        if role := wanted.get("role"):
            people = people.annotate(role_list=Cast("profile__roles", TextField())).filter(
                role_list__contains=f'"{role}"'
            )
        if language := wanted.get("language"):
            people = people.annotate(language_list=Cast("profile__languages", TextField())).filter(
                language_list__contains=f'"{language}"', profile__languages_visibility=Visibility.MEMBERS
            )
        for word in wanted.get("q", "").replace("\x00", "").split()[:6]:
            lines = Statement.objects.filter(text__icontains=word, visibility=Visibility.MEMBERS)
            people = people.filter(
                Q(name__icontains=word)
                | Q(profile__trade__icontains=word)
                | Q(profile__about__icontains=word, profile__about_visibility=Visibility.MEMBERS)
                | Q(profile__place__icontains=word, profile__place_visibility=Visibility.MEMBERS)
                | Q(profile__in=lines.values("profile"))
            )
        return people


class HelpedForm(KeptForm):
    """Somebody without e-mail, for whom I keep an account."""

    name = forms.CharField(label=_("Their name"), max_length=100)
    is_adult = forms.ChoiceField(label=_("Are they 18 or older?"), choices=YES_NO, widget=forms.RadioSelect)
    has_agreed = forms.BooleanField(
        label=_("They know that I do this for them, and they want it"),
        error_messages={"required": _("Ask them first. Then tick the box.")},
    )

    def clean_name(self) -> str:
        """A name that is not taken for another's."""
        name = clean_name(self.cleaned_data["name"])
        try:
            Member.check_name(name)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return name
