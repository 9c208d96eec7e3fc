"""Forms that lose nothing: each has a key of its own, under which what was typed is kept on the server."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from community.members.models import Draft

MOST_KEYS = 40  # forms that one browser may have under way without being signed in


def form_keys(request: HttpRequest) -> list[str]:
    """The keys of the forms that this browser has opened or sent while nobody was signed in."""
    return list(request.session.get("form_keys", []))


def remember_key(request: HttpRequest, key: uuid.UUID) -> None:
    """Bind a form's key to this browser."""
    keys = [one for one in form_keys(request) if one != str(key)]
    request.session["form_keys"] = [*keys, str(key)][-MOST_KEYS:]


def as_key(text: str | None) -> uuid.UUID | None:
    """A form's key, or None where the text is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


@dataclass(frozen=True)
class Kept:
    """The form that a request is about: its key, its name, where it stands, and what was typed before."""

    key: uuid.UUID
    form: str
    url: str
    typed: QueryDict | None = None

    @classmethod
    def of(cls, request: HttpRequest, form: str) -> "Kept":
        """Read the key from the form or from `?draft=`; only one's own draft is ever opened."""
        sent = as_key(request.POST.get("form_key")) if request.method == "POST" else None
        asked = as_key(request.GET.get("draft"))
        drafts = Draft.objects.editable_by(request.user, form_keys(request)).filter(form=form)
        draft = drafts.filter(key=asked).first() if asked else None
        typed = QueryDict(mutable=True)
        for name, values in (draft.data if draft else {}).items():
            typed.setlist(name, values)
        key = sent or (draft.key if draft else uuid.uuid4())
        return cls(key, form, request.path, typed if draft else None)


class KeyInput(forms.HiddenInput):
    """The hidden key; where HTMX is loaded it also saves what is typed, every few seconds."""

    template_name = "members/form_key.html"
    kept: Kept | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Tell the template which form this is."""
        return super().get_context(name, value, attrs) | {"kept": self.kept}


class KeptForm(forms.Form):
    """A form that keeps what was typed. Mix it in before ModelForm or Form, and pass the request:

        class StoryForm(KeptForm, forms.ModelForm): …
        form = StoryForm(request.POST or None, request=request, instance=story)

    It adds the hidden `form_key` and fills itself from the draft that `?draft=<key>` names.
    The view wears `community.members.views.keeps_typed`.
    """

    form_key = forms.CharField(required=False, max_length=36, widget=KeyInput)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept: Kept = getattr(request, "kept", None) or Kept.of(request, type(self).__name__)
        self.initial["form_key"] = str(kept.key)
        self.fields["form_key"].widget.kept = kept
        self.kept_typed = kept.typed
        if kept.typed is not None and not self.is_bound:
            self._fill(kept.typed)

    def _fill(self, typed: QueryDict) -> None:
        """Show again what was typed; files cannot be kept, and a field that was not in the draft stays as it is."""
        for name, field in self.fields.items():
            prefixed = self.add_prefix(name)
            is_there = any(key == prefixed or key.startswith(f"{prefixed}_") for key in typed)
            is_switch = isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple)
            if name != "form_key" and (is_there or is_switch):
                self.initial[name] = field.widget.value_from_datadict(typed, {}, prefixed)

    def add_prefix(self, field_name: str) -> str:
        """The key has the same name in every form."""
        return field_name if field_name == "form_key" else super().add_prefix(field_name)
