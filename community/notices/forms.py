"""What a member wants by mail, kind by kind."""

from typing import Any

from django import forms
from django.http import HttpRequest

from community.members.forms.kept import KeptForm
from community.members.models import Member
from community.notices.models import NoticeKind, Preference, heading_of, usual_way, ways_of
from community.notices.models.way import FOR_STEWARDS


class PreferencesForm(KeptForm):
    """One choice for each kind of thing; the kinds of one heading stand together."""

    def __init__(self, *args: Any, request: HttpRequest, member: Member, **kwargs: Any) -> None:
        self.member = member
        super().__init__(*args, request=request, **kwargs)
        wanted = Preference.ways(member)
        for kind, label in NoticeKind.choices:
            ways = ways_of(kind) if member.is_steward or kind not in FOR_STEWARDS else []
            if ways:
                choices = [(way.value, way.label) for way in ways]
                self.fields[kind] = forms.ChoiceField(label=label, choices=choices, required=False)
                self.initial.setdefault(kind, wanted.get(kind) or usual_way(kind).value)

    @property
    def headings(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields, heading by heading."""
        found: dict[str, tuple[Any, list[forms.BoundField]]] = {}
        for field in self.visible_fields():
            heading = heading_of(field.name)
            found.setdefault(str(heading), (heading, []))[1].append(field)
        return list(found.values())

    def keep(self) -> None:
        """Save what was chosen; a kind that was not sent stays as it is."""
        wanted = {kind: way for kind, way in self.cleaned_data.items() if way and kind != "form_key"}
        Preference.choose(self.member, wanted)
