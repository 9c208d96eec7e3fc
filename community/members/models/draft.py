"""What somebody was typing, kept by the form's own key."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.http import QueryDict
from django.utils import timezone

if TYPE_CHECKING:
    from community.members.models.member import Member


class Draft(models.Model):
    """A form that is not sent yet, or was sent once: nothing typed is lost, and nothing sent twice happens twice."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    outcome_url = models.CharField(max_length=500, blank=True, help_text="Where the sent form led; empty until sent.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    KEPT_FOR = timedelta(days=14)
    NOT_KEPT = ("csrfmiddlewaretoken", "password", "password1", "password2", "form_key")

    def __str__(self) -> str:
        return f"draft of {self.form}"

    @classmethod
    def keep(cls, key: uuid.UUID, form: str, member: "Member | None", data: QueryDict) -> "Draft":
        """Keep what was typed. A draft that belongs to somebody else is never overwritten."""
        typed = {name: data.getlist(name) for name in data if name not in cls.NOT_KEPT}
        draft, is_new = cls.objects.get_or_create(key=key, defaults={"member": member, "form": form, "data": typed})
        if not is_new and draft.member_id in {None, getattr(member, "pk", None)} and not draft.outcome_url:
            draft.member, draft.data = member or draft.member, typed
            draft.save()
        return draft

    @classmethod
    def typed(cls, key: uuid.UUID, member: "Member") -> dict[str, Any] | None:
        """What was typed under this key, for its owner, or for the first member who comes back with the key."""
        draft = (
            cls.objects.filter(key=key, outcome_url="").filter(models.Q(member=member) | models.Q(member=None)).first()
        )
        return draft.data if draft else None

    @classmethod
    def sent(cls, key: uuid.UUID, member: "Member", form: str, outcome_url: str) -> None:
        """The form was sent and led here; what was typed is not needed any more."""
        cls.objects.update_or_create(
            key=key, defaults={"member": member, "form": form, "data": {}, "outcome_url": outcome_url}
        )

    @classmethod
    def outcome(cls, key: uuid.UUID, member: "Member") -> str:
        """Where this very form led when it was sent before; empty if it was not."""
        return cls.objects.filter(key=key, member=member).values_list("outcome_url", flat=True).first() or ""

    @classmethod
    def prune(cls) -> int:
        """Forget drafts that nobody came back to."""
        return cls.objects.filter(updated_at__lt=timezone.now() - cls.KEPT_FOR).delete()[0]
