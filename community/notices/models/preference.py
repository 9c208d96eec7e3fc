"""What a member wants by mail, kind by kind, and the link in a mail that switches its kind off."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models.way import ALWAYS, SECRET, Way, usual_way, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGEST = "digest"  # in a link: all that comes together
MOST_IN_LINK = 12  # kinds that one link switches off; an address must stay one line of a mail


class Preference(models.Model):
    """A member hears of one kind of thing in another way than is usual."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=40)
    way = models.CharField(max_length=10, choices=Way)

    objects: ClassVar[Any] = models.Manager()
    SIGNER: ClassVar[signing.Signer] = signing.Signer(sep=".", salt="notices.off")

    class Meta:
        verbose_name = _("what somebody wants by mail")
        verbose_name_plural = _("what people want by mail")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "kind"], name="one_way_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.member_id}"

    @classmethod
    def way_of(cls, member: Any, kind: str) -> Way:
        """How this member hears of this kind."""
        wanted = cls.objects.filter(member=member, kind=kind).values_list("way", flat=True).first()
        return Way(wanted) if wanted in ways_of(kind) else usual_way(kind)

    @classmethod
    def ways(cls, member: Any) -> dict[str, str]:
        """What this member has chosen, by kind."""
        return dict(cls.objects.filter(member=member).values_list("kind", "way"))

    @classmethod
    @transaction.atomic
    def choose(cls, member: Member, wanted: dict[str, str]) -> None:
        """From now on so; twice is once. Raises ValidationError for a way that this kind does not have."""
        for kind, way in wanted.items():
            if way not in ways_of(kind):
                raise ValidationError(_("This cannot be chosen here."))
            if way == usual_way(kind):
                cls.objects.filter(member=member, kind=kind).delete()
            else:
                cls.objects.update_or_create(member=member, kind=kind, defaults={"way": way})

    # The link in a mail

    @classmethod
    def off_link(cls, recipient: Member, about: "Iterable[tuple[int, str]]") -> str:
        """The page that switches mails of these kinds off; empty where none of them can be.

        It is bound to who got the mail, whose notices they were and the kinds, and it does not run out.
        """
        kinds = sorted({(key, kind) for key, kind in about if kind not in ALWAYS and kind not in SECRET})
        if not kinds:
            return ""
        words = "~".join(f"{key}-{kind}" for key, kind in kinds[:MOST_IN_LINK])
        return settings.SITE_URL + reverse("notices:off", args=[cls.SIGNER.sign(f"{recipient.pk}~{words}")])

    @classmethod
    def ending(cls, recipient: Member, notices: "Iterable[Any]", kind: str = "") -> dict[str, Any]:
        """How a mail ends: by which link it is switched off, or why it cannot be."""
        kinds = [(notice.member_id, kind or notice.kind) for notice in notices]
        off = cls.off_link(recipient, kinds)
        return {"off": off, "why": "" if off else next((ALWAYS[one] for _key, one in kinds if one in ALWAYS), "")}

    @classmethod
    def of_link(cls, token: str) -> list[tuple[Member, str]]:
        """For whom a link switches what off; nothing where we did not make it, or somebody else helps by now."""
        try:
            recipient, *parts = cls.SIGNER.unsign(token).split("~")
        except signing.BadSignature:
            return []
        about = [(int(key), kind) for key, _dash, kind in (part.partition("-") for part in parts)]
        hands = models.Q(pk=recipient) | models.Q(helper=recipient, email=None)
        people = Member.objects.filter(hands, pk__in=[key for key, _kind in about]).in_bulk()
        return [(people[key], kind) for key, kind in about if key in people]

    @classmethod
    @transaction.atomic
    def switch_off(cls, found: list[tuple[Member, str]]) -> None:
        """No mail of these kinds to these people any more; on the site nothing changes.

        A kind that must always reach people since the mail was sent stays as it is.
        """
        digest: Any = apps.get_model("notices", "Digest")  # by its name, since it is made of notices, and they of this
        for member, kind in found:
            if kind == DIGEST:
                digest.want(member, "never")
            elif Way.HERE in ways_of(kind):
                cls.choose(member, {kind: Way.HERE})

    @classmethod
    def is_off(cls, found: list[tuple[Member, str]]) -> bool:
        """Whether nothing of it is mailed as it is."""
        digest: Any = apps.get_model("notices", "Digest")
        mailed = {Way.AT_ONCE, Way.TOGETHER}
        return not any(
            digest.rhythm_of(member) != "never" if kind == DIGEST else cls.way_of(member, kind) in mailed
            for member, kind in found
        )
