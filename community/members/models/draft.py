"""What somebody was typing, kept by the form's own key."""

import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from community.members.models.member import Member


class DraftQuerySet(models.QuerySet["Draft"]):
    """Whose drafts."""

    def editable_by(self, member: Any, keys: Iterable[str] = ()) -> "DraftQuerySet":
        """A member's own, and nobody's whose key this browser holds (`keys`, from its session).

        Holding the key alone opens nothing: keys stand in addresses, and addresses get passed on.
        """
        own = Q(member=None, key__in=list(keys))
        if getattr(member, "is_authenticated", False):
            own |= Q(member=member)
        return self.filter(own)

    def unsent(self) -> "DraftQuerySet":
        """Typed and not sent."""
        return self.filter(outcome_url="").exclude(data={})


class Draft(models.Model):
    """A form that is not sent yet, or was sent once: nothing typed is lost, and nothing sent twice happens twice."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="drafts",
        help_text="Nobody while the writer is signed out; then only the browser that wrote it may open it.",
    )  # fmt: skip
    form = models.CharField(max_length=60)
    url = models.CharField(max_length=500, blank=True, help_text="Where the form stands.")
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, help_text="Keyed hash of what was sent.")
    outcome_url = models.CharField(max_length=500, blank=True, help_text="Where the sent form led; empty until sent.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = DraftQuerySet.as_manager()

    KEPT_FOR = timedelta(days=14)
    NEVER_KEPT = re.compile(r"^(csrfmiddlewaretoken|form_key)$|password|token|secret", re.IGNORECASE)
    MOST = 200_000  # characters of one form
    MOST_UNSENT = 50  # forms of one member: more than anybody comes back to

    def __str__(self) -> str:
        return f"draft of {self.form}"

    @classmethod
    def typed_in(cls, data: QueryDict) -> dict[str, list[str]]:
        """What may be kept of a form: never a password, never more than fits, and no character a database refuses."""
        typed = {
            name.replace("\x00", "")[:100]: [value.replace("\x00", "") for value in data.getlist(name)]
            for name in list(data)[:500]
            if not cls.NEVER_KEPT.search(name)
        }
        return typed if sum(len(v) for values in typed.values() for v in values) <= cls.MOST else {}

    @classmethod
    def digest_of(cls, data: QueryDict) -> str:
        """A keyed hash that tells whether the same form was sent again, or another text under its key."""
        whole = repr(sorted((name, data.getlist(name)) for name in data if name != "csrfmiddlewaretoken"))
        return salted_hmac("draft", whole, algorithm="sha256").hexdigest()

    @classmethod
    def keep(
        cls, key: uuid.UUID, form: str, member: "Member | None", data: QueryDict,
        *, url: str = "", keys: Iterable[str] = (),
    ) -> "Draft":  # fmt: skip
        """Keep what was typed. What is somebody else's, or was sent, is never overwritten: then a new key is made."""
        new = {"member": member, "form": form.replace("\x00", "")[:60]}
        with transaction.atomic():  # two windows may keep the same form at the same moment, or one send it meanwhile
            _draft, is_new = cls.objects.get_or_create(key=key, defaults=new)
            held = cls.objects.select_for_update(of=("self",)).filter(key=key, outcome_url="")
            own = (held if is_new else held.editable_by(member, keys)).first() or cls(key=uuid.uuid4(), **new)
            own.member = own.member or member
            own.data, own.url = cls.typed_in(data), url.replace("\x00", "")[:500] or own.url
            own.save()
            cls._make_room(own.member)
        return own

    @classmethod
    def _make_room(cls, member: "Member | None") -> None:
        """Let the oldest unsent forms of a member go, so that nobody fills the disk with them."""
        if member is not None:
            unsent = cls.objects.filter(member=member).unsent().order_by("-updated_at", "-pk")
            cls.objects.filter(pk__in=list(unsent.values_list("pk", flat=True)[cls.MOST_UNSENT :])).delete()

    @classmethod
    def take(
        cls, key: uuid.UUID, form: str, member: "Member | None", *, url: str = "", keys: Iterable[str] = ()
    ) -> "Draft | None":
        """Take the form in hand, inside the caller's transaction: whoever comes second waits for the first.

        None where the key is somebody else's.
        """
        cls._make_room(member)
        _draft, is_new = cls.objects.get_or_create(
            key=key, defaults={"member": member, "form": form.replace("\x00", "")[:60], "url": url[:500]}
        )
        draft: Draft = cls.objects.select_for_update(of=("self",)).get(key=key)
        if draft.member_id is None:
            draft.member = member
            return draft if is_new or str(key) in set(keys) else None
        return draft if draft.member_id == getattr(member, "pk", None) else None

    def sent(self, outcome_url: str, data: QueryDict) -> None:
        """The form was sent and led here; what was typed is not needed any more."""
        self.data, self.digest, self.outcome_url = {}, self.digest_of(data), outcome_url[:500]
        self.save()

    @classmethod
    def prune(cls) -> int:
        """Forget drafts that nobody came back to."""
        return cls.objects.filter(updated_at__lt=timezone.now() - cls.KEPT_FOR).delete()[0]
