"""How people come, to the place or by the screen, and what becomes of their seats when a host changes that."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from community.gatherings.models.registration import Registration
from community.gatherings.models.seats import GatheringMode, RegistrationState, Seats
from community.gatherings.models.when import DatedPage
from community.notices.models import NoticeKind


class Fate(models.TextChoices):
    """What becomes of seats whose way is taken away; without a word of the host, no way is."""

    MOVE = "move", _("They keep their seats, in the way that there is then")
    END = "end", _("Their seats end, and they may choose anew")


class WayPage(DatedPage):
    """A page about something that people come to in one way or the other, or as each of them likes."""

    mode = models.CharField(_("where"), max_length=8, choices=GatheringMode.choices, default=GatheringMode.ON_SITE)

    fate: str = ""  # what the host has decided for this change; it is stored nowhere
    WAYS: ClassVar[dict[bool, str]] = {False: "place", True: "online"}

    class Meta:
        abstract = True

    @property
    def is_hybrid(self) -> bool:
        """Whether people choose between the place and the screen."""
        return self.mode == GatheringMode.HYBRID

    @property
    def is_online(self) -> bool:
        """Whether there is no place to go to."""
        return self.mode == GatheringMode.ONLINE

    @property
    def ends_seats(self) -> bool:
        """Whether seats of a way that goes end, as the host has decided."""
        return self.fate == Fate.END

    @property
    def stranded(self) -> Any:
        """Those who meant to come in a way that there was until now, and that this wording takes away."""
        rows = self.registrations.pending()  # type: ignore[attr-defined]
        was = Seats.objects.filter(page_id=self.pk).values_list("mode", flat=True).first()
        if self.is_hybrid or was in (None, self.mode):
            return rows.none()
        return rows.filter(is_online=not self.is_online) if was == GatheringMode.HYBRID else rows

    def why_stranded(self) -> dict[str, Any]:
        """What to tell a host who takes a way from people without a word on them; empty where all is well."""
        number = self.stranded.count()
        if not number:
            return {}
        if self.ends_at <= timezone.now():
            return {"mode": _("It is over: how people came stays as it was.")}
        if self.fate:
            return {}
        if not (self.live and not self.locked):  # type: ignore[attr-defined]
            # Whoever publishes it one day would know nothing of what the host decided.
            return {"mode": _("People have joined, so how they come cannot change while this is taken down or locked.")}
        words = ngettext(
            "%(n)s person comes online, waits or asks for it. Leave that way open, or say what becomes of "
            "them: the host’s own form asks.",
            "%(n)s people come online, wait or ask for it. Leave that way open, or say what becomes of "
            "them: the host’s own form asks.",
            number,
        )
        if self.is_online:
            words = ngettext(
                "%(n)s person comes to the place, waits or asks for it. Leave that way open, or say what becomes of "
                "them: the host’s own form asks.",
                "%(n)s people come to the place, wait or ask for it. Leave that way open, or say what becomes of "
                "them: the host’s own form asks.",
                number,
            )
        return {"mode": words % {"n": number}}

    @transaction.atomic
    def settle_ways(self) -> None:
        """Let every seat be of a way that there is: nobody's is lost, and none is had twice. Twice does it once.

        Raises ValidationError where the host must decide first, or where there are too few seats for all. Whoever
        loses a seat hears it here; whoever keeps one hears it with everybody else, of the page that changed.
        """
        was = Seats.hold(self.pk).mode
        if wrong := self.why_stranded():  # nobody can choose a way in between any more
            raise ValidationError(wrong)
        if was == self.mode:
            Seats.fit(self)
            return
        pending, stranded = self.registrations.pending(), list(self.stranded.values_list("pk", flat=True))  # type: ignore[attr-defined]
        Seats.fit(self)
        pending.exclude(way_gone="").update(way_gone="")
        lost = Registration.objects.filter(pk__in=stranded)
        lost.update(way_gone=self.WAYS[not self.is_online])
        if self.ends_seats:
            lost.update(state=RegistrationState.CANCELLED, cancelled_at=timezone.now())
            if self.live and not self.is_cancelled:  # type: ignore[attr-defined]
                for one in lost.select_related("member", "gathering"):
                    one.tell(NoticeKind.GATHERING_CHANGED)
        if self.is_hybrid:
            pending.update(is_online=was == GatheringMode.ONLINE)
        else:
            pending.update(is_online=False)  # where there is but one way, all seats are counted together
