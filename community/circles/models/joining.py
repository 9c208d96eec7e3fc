"""Coming into a circle, leading it, and leaving: the verbs that move people, each in one transaction."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.circles.models.membership import KNOWING, Membership, Standing
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import one_by_one


class CircleDoor(models.TextChoices):
    """How one comes in."""

    OPEN = "open", _("Open: whoever wants to comes in")
    ASK = "ask", _("On request: whoever leads it answers")
    CLOSED = "closed", _("Closed: by invitation; nobody else learns that it exists")


def kept_apart(one: int, others: list[int]) -> bool:
    """Whether a block stands between somebody and any of these."""
    return Block.objects.filter(Q(blocker=one, blocked__in=others) | Q(blocker__in=others, blocked=one)).exists()


class JoinedCircle(models.Model):
    """A circle as something one comes into and leaves; `taken` counts who is inside and never passes `size`."""

    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="circle", editable=False)
    door = models.CharField(_("how people come in"), max_length=6, choices=CircleDoor.choices, default=CircleDoor.ASK)
    size = models.PositiveSmallIntegerField(
        _("for how many people"), default=8, help_text=_("From 3 to 20. Up to 8 everybody gets a word in."),
    )  # fmt: skip
    taken = models.PositiveSmallIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_word = models.CharField(_("a word to everybody"), max_length=500, blank=True, editable=False)

    SMALLEST: ClassVar[int] = 3
    LARGEST: ClassVar[int] = 20
    MOST_ASKED: ClassVar[int] = 5  # circles that one member asks at the same time
    MOST_INVITED_A_DAY: ClassVar[int] = 20  # by one member
    ASKED_AGAIN: ClassVar[timedelta] = timedelta(days=30)  # after a no
    REMINDED: ClassVar[timedelta] = timedelta(days=7)  # after which whoever leads hears once more who asked
    ANSWERED: ClassVar[timedelta] = timedelta(days=14)  # after which a question nobody answered is closed

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        """Where it stands."""
        raise NotImplementedError

    @classmethod
    def rows(cls) -> Any:
        """The rows of whatever circle this is."""
        return cls._default_manager

    # Coming in

    @transaction.atomic
    def join(self, member: Member) -> None:
        """Come in by an open door, or by an invitation. Whoever is inside already stays inside."""
        row, place = self._hold(member)
        if place.is_inside:
            return
        self._require_findable(member)
        if place.state == Standing.TAKEN_OUT or (row.door != CircleDoor.OPEN and place.state != Standing.INVITED):
            raise ValidationError(_("This circle has to be asked first."))
        self._let_in(place)
        self._tell_leaders(NoticeKind.CIRCLE_JOINED, member)

    @transaction.atomic
    def ask(self, member: Member, word: str) -> None:
        """Ask to come in; whoever leads the circle hears of it. Asking twice does it once."""
        row, place = self._hold(member)
        if place.is_inside or place.state == Standing.ASKED:
            return
        self._require_findable(member)
        if row.door != CircleDoor.ASK or place.state in (Standing.TAKEN_OUT, Standing.INVITED):
            raise ValidationError(_("This circle cannot be asked."))
        if place.state == Standing.DECLINED and place.created_at > timezone.now() - self.ASKED_AGAIN:
            raise ValidationError(_("They have answered you not long ago. Ask again in a month."))
        if Membership.objects.filter(member=member, state=Standing.ASKED).count() >= self.MOST_ASKED:
            raise ValidationError(_("You wait for %(n)s answers already. Wait for one of them.") % {
                "n": self.MOST_ASKED
            })  # fmt: skip
        self._mark(place, Standing.ASKED, word=word.strip(), answer="", created_at=timezone.now())
        self._tell_leaders(NoticeKind.CIRCLE_ASKED, member)

    @transaction.atomic
    def admit(self, by: Member, member: Member) -> None:
        """Say yes to somebody who asked. Saying it twice does it once."""
        place = self._asking(by, member)
        if place.is_inside:
            return
        self._let_in(place)
        Notice.send(member, NoticeKind.CIRCLE_ADMITTED, self.get_absolute_url(), actor=by)

    @transaction.atomic
    def turn_down(self, by: Member, member: Member, answer: str) -> None:
        """Say no, kindly, to somebody who asked; they read the word that goes with it."""
        place = self._asking(by, member)
        if place.is_inside:
            raise ValidationError(_("Somebody has said yes meanwhile. They are in the circle now."))
        if not answer.strip():
            raise ValidationError({"answer": _("Write a kind word with it.")})
        self._mark(place, Standing.DECLINED, answer=answer.strip(), created_at=timezone.now())
        Notice.send(member, NoticeKind.CIRCLE_DECLINED, self.get_absolute_url(), actor=by)

    @transaction.atomic
    def invite(self, by: Member, member: Member) -> None:
        """Invite somebody whom one finds among the people here. Inviting twice does it once."""
        _row, place = self._hold(member)
        self._require_leader(by)
        found = Member.objects.visible_to(by).adults().filter(pk=member.pk).exists()
        if not found or kept_apart(member.pk, self.leader_keys):
            raise ValidationError(_("Nobody of this name can be invited."))
        if place.is_inside or place.state == Standing.INVITED:
            return
        if place.state == Standing.DECLINED and place.created_at > timezone.now() - self.ASKED_AGAIN:
            raise ValidationError(_("Nobody of this name can be invited."))
        # What went out counts, whatever became of it.
        sent = Notice.objects.filter(kind=NoticeKind.CIRCLE_INVITED, actor=by)
        if sent.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= self.MOST_INVITED_A_DAY:
            raise ValidationError(_("You have invited many people today. Go on tomorrow."))
        self._mark(place, Standing.INVITED, word="", answer="", created_at=timezone.now())
        Notice.send(member, NoticeKind.CIRCLE_INVITED, self.get_absolute_url(), actor=by)

    @transaction.atomic
    def refuse(self, member: Member) -> None:
        """Not to come, though one was invited, or take back what one asked; nobody is told why."""
        _row, place = self._hold(member)
        if place.state in (Standing.INVITED, Standing.ASKED):
            # Taking back what one asked is no answer of the circle's: one may ask again at once.
            state = Standing.LEFT if place.state == Standing.ASKED else Standing.DECLINED
            self._mark(place, state, word="", created_at=timezone.now())

    # Leading and leaving

    @transaction.atomic
    def leave(self, member: Member) -> None:
        """Leave. Whoever alone leads hands that on before; the last one out ends the circle."""
        _row, place = self._hold(member)
        if not place.is_inside:
            return
        inside = Membership.objects.inside().filter(circle=self.pk).exclude(pk=place.pk)
        if place.is_facilitator and inside.exists() and not inside.filter(is_facilitator=True).exists():
            raise ValidationError(_("You alone lead this circle. Hand that on to somebody first."))
        self._let_out(place, Standing.LEFT)
        if not inside.exists():
            self._end("")

    @transaction.atomic
    def take_out(self, by: Member, member: Member) -> None:
        """Take somebody out; they hear that they do not belong to it any more, and cannot come back uninvited."""
        _row, place = self._hold(member)
        self._require_leader(by)
        if place.state == Standing.TAKEN_OUT:
            return
        if not place.is_inside or place.is_facilitator:
            raise ValidationError(_("This person cannot be taken out."))
        self._let_out(place, Standing.TAKEN_OUT)
        Notice.send(member, NoticeKind.CIRCLE_TAKEN_OUT, f"/circles/?circle={self.pk}", actor=by)

    @transaction.atomic
    def hand_on(self, by: Member, to: Member, *, stays: bool = False) -> None:
        """Let somebody lead from now on: in one's place, or beside one. Doing it twice does it once."""
        _row, place = self._hold(to)
        own = Membership.objects.inside().filter(circle=self.pk, member=by).first()
        if own and own.pk != place.pk and place.is_facilitator and (stays or not own.is_facilitator):
            return
        own = self._require_leader(by)
        is_there = place.is_inside and to.is_active and to.is_adult and place.pk != own.pk
        if not is_there or kept_apart(by.pk, [to.pk]):
            raise ValidationError(_("Choose somebody who belongs to the circle."))
        is_new = not place.is_facilitator
        if not stays:
            Membership.objects.filter(pk=own.pk).update(is_facilitator=False)
        self._let_lead(place)
        if is_new:
            Notice.send(to, NoticeKind.CIRCLE_HANDED_ON, self.get_absolute_url(), actor=by)

    @transaction.atomic
    def end(self, by: Member, word: str) -> None:
        """End the circle: its members read on, and nobody writes or comes in any more. Twice does it once."""
        row, place = self._hold(by)
        if row.ended_at is not None and place.is_facilitator:
            return
        self._require_leader(by)
        self._end(word)
        for one in Membership.objects.inside().filter(circle=self.pk).exclude(member=by).select_related("member"):
            Notice.send(one.member, NoticeKind.CIRCLE_ENDED, self.get_absolute_url(), actor=by)

    @classmethod
    @transaction.atomic
    def part(cls, one: int, other: int) -> None:
        """A block stands between these two from now on: neither keeps a place in what the other leads, silently."""
        for leader, member in ((one, other), (other, one)):
            led = Membership.objects.led().filter(member=leader).values("circle")
            places = Membership.objects.filter(circle__in=led, member=member, is_facilitator=False)
            places = places.filter(state__in=KNOWING)
            for place in places.select_related("circle", "member"):
                place.circle._give_up(place)

    @transaction.atomic
    def forget(self, member: Member) -> None:
        """Somebody leaves the community: their place is free, and whoever has been longest in it leads on."""
        _row, place = self._hold(member)
        others = Membership.objects.inside().filter(circle=self.pk).exclude(pk=place.pk)
        is_led = not place.is_facilitator or others.filter(is_facilitator=True).exists()
        if not is_led and not self._name_heir(others):
            self._end("")
        self._give_up(place)
        Membership.objects.filter(pk=place.pk).delete()

    # By the clock

    @classmethod
    def keep_time(cls) -> int:
        """Remind whoever leads of those who wait for an answer, and let nobody wait for ever; counts what was done."""
        now, asked = timezone.now(), Membership.objects.filter(state=Standing.ASKED).select_related("circle", "member")
        late = asked.filter(created_at__lte=now - cls.REMINDED, created_at__gt=now - cls.ANSWERED)
        number = one_by_one(late.filter(member__is_active=True), lambda one: one.circle._remind(one))
        return number + one_by_one(
            asked.filter(created_at__lte=now - cls.ANSWERED), lambda one: one.circle._run_out(one)
        )

    @transaction.atomic
    def _remind(self, place: Membership) -> int:
        """Tell whoever leads once more, once, that somebody waits; the address says for which question."""
        self._hold(place.member)
        url = f"{self.get_absolute_url()}people/?asked={place.pk}-{place.created_at:%Y%m%d}"
        if Notice.objects.filter(kind=NoticeKind.CIRCLE_ASKED, url=url).exists():
            return 0
        for one in Membership.objects.led().filter(circle=self.pk).select_related("member"):
            Notice.send(one.member, NoticeKind.CIRCLE_ASKED, url, actor=place.member)
        return 1

    @transaction.atomic
    def _run_out(self, place: Membership) -> int:
        """Nobody answered: whoever asked hears so, kindly, and may ask again."""
        row, _place = self._hold(place.member)
        same = Membership.objects.filter(pk=place.pk, state=Standing.ASKED, created_at=place.created_at)
        if not same.update(state=Standing.LEFT, word=""):
            return 0
        where = "/circles/" if row.door == CircleDoor.CLOSED else self.get_absolute_url()
        Notice.send(place.member, NoticeKind.CIRCLE_DECLINED, f"{where}?asked={place.pk}-{place.created_at:%Y%m%d}")
        return 1

    # What the verbs have in common

    def _hold(self, member: Member) -> tuple[Any, Membership]:
        """The circle as it is, held until the transaction ends, and how this member stands to it."""
        row = self.rows().select_for_update(of=("self",)).get(pk=self.pk)
        place = Membership.objects.filter(circle=self.pk, member=member).first()
        return row, place or Membership(circle_id=self.pk, member=member, state="")

    @property
    def leader_keys(self) -> list[int]:
        """Who leads it."""
        return list(Membership.objects.led().filter(circle=self.pk).values_list("member", flat=True))

    def _require_findable(self, member: Member) -> None:
        if not self.rows().visible_to(member).going().filter(pk=self.pk).exists():
            raise ValidationError(_("This circle is not there any more."))

    def _require_leader(self, by: Member) -> Membership:
        own: Membership | None = Membership.objects.led().filter(circle=self.pk, member=by).first()
        if own is None:
            raise ValidationError(_("Only whoever leads the circle can do this."))
        if not self.rows().filter(pk=self.pk, ended_at=None).exists():
            raise ValidationError(_("This circle has ended."))
        return own

    def _asking(self, by: Member, member: Member) -> Membership:
        """The place of somebody who asked, while it is there to be answered."""
        _row, place = self._hold(member)
        self._require_leader(by)
        if place.is_inside:
            return place
        if place.state != Standing.ASKED or not member.is_active or not member.is_adult:
            raise ValidationError(_("They do not wait for an answer any more."))
        return place

    @staticmethod
    def _mark(place: Membership, state: str, **marks: Any) -> None:
        place.state = state
        for name, value in marks.items():
            setattr(place, name, value)
        place.full_clean(exclude=["circle", "member"], validate_unique=False, validate_constraints=False)
        place.save()

    def _let_in(self, place: Membership) -> None:
        """One more place is taken, if there is one: a single statement that looks and counts at once."""
        free = self.rows().filter(pk=self.pk, ended_at=None, taken__lt=F("size"))
        if not free.update(taken=F("taken") + 1):
            raise ValidationError(_("The circle is full."), code="full")
        self._mark(place, Standing.IN, joined_at=timezone.now(), answer="")
        self.group.user_set.add(place.member)

    def _let_out(self, place: Membership, state: str) -> None:
        if place.is_inside:
            self.rows().filter(pk=self.pk, taken__gt=0).update(taken=F("taken") - 1)
            self.group.user_set.remove(place.member)
        place.is_facilitator = False
        self._mark(place, state, word="")

    def _give_up(self, place: Membership) -> None:
        self.rows().select_for_update(of=("self",)).get(pk=self.pk)
        place.refresh_from_db(fields=["state", "is_facilitator"])
        self._let_out(place, Standing.LEFT)

    def _let_lead(self, place: Membership) -> None:
        """Somebody leads from now on: as with every leader, a block frees the place of whoever is kept apart."""
        Membership.objects.filter(pk=place.pk).update(is_facilitator=True)
        mates = Membership.objects.filter(circle=self.pk, state__in=KNOWING, is_facilitator=False)
        for mate in mates.exclude(pk__in=mates.unblocked_for(place.member).values("pk")).select_related("member"):
            self._give_up(mate)

    def _name_heir(self, others: Any) -> bool:
        """Whoever has been longest in it leads on; False where nobody is left."""
        heir = others.order_by("joined_at", "pk").select_related("member").first()
        if heir is not None:
            self._let_lead(heir)
            Notice.send(heir.member, NoticeKind.CIRCLE_HANDED_ON, self.get_absolute_url())
        return heir is not None

    def _end(self, word: str) -> None:
        marks = {"ended_at": timezone.now(), "ended_word": word.strip()[:500]}
        self.rows().filter(pk=self.pk, ended_at=None).update(**marks)
        waiting = Membership.objects.filter(circle=self.pk, state__in=(Standing.ASKED, Standing.INVITED))
        asked = list(waiting.filter(state=Standing.ASKED).select_related("member"))
        waiting.update(state=Standing.DECLINED, word="")
        for one in asked:  # whoever waits for an answer gets one; the circle itself they find no more
            Notice.send(one.member, NoticeKind.CIRCLE_DECLINED, f"/circles/?circle={self.pk}")
        self.refresh_from_db()

    def _tell_leaders(self, kind: NoticeKind, actor: Member) -> None:
        for one in Membership.objects.led().filter(circle=self.pk).select_related("member"):
            Notice.send(one.member, kind, f"{self.get_absolute_url()}people/", actor=actor)

    @classmethod
    def heal(cls) -> int:
        """What does not say what the places say, and what nobody leads, put right; returns how many were wrong.

        A closed account keeps no seat from others; where it is opened again, the circle has one seat more.
        """
        there = Q(memberships__state=Standing.IN, memberships__member__is_active=True)
        inside = Count("memberships", filter=there)
        wrong = list(cls.rows().annotate(inside=inside).exclude(taken=F("inside")).values_list("pk", flat=True))
        people = Membership.objects.inside().filter(circle=OuterRef("pk"))
        left = cls.rows().filter(Exists(people), ~Exists(people.filter(is_facilitator=True)), ended_at=None)
        heirs = sum(cls._lead_on(pk) for pk in list(left.values_list("pk", flat=True)))
        return heirs + sum(cls._recount(pk) for pk in wrong) + cls._regroup()

    @classmethod
    @transaction.atomic
    def _lead_on(cls, pk: int) -> int:
        """Nobody leads a circle any more, since an account was closed: the same heir as where somebody leaves."""
        row = cls.rows().select_for_update(of=("self",)).get(pk=pk)
        return int(not row.leader_keys and row._name_heir(Membership.objects.inside().filter(circle=pk)))

    @classmethod
    @transaction.atomic
    def _recount(cls, pk: int) -> int:
        row = cls.rows().select_for_update(of=("self",)).get(pk=pk)
        number = Membership.objects.filter(circle=pk, state=Standing.IN, member__is_active=True).count()
        return int(cls.rows().filter(pk=pk).exclude(taken=number).update(taken=number, size=max(row.size, number)))

    @classmethod
    @transaction.atomic
    def _regroup(cls) -> int:
        """The groups open the pages: whoever has no place any more, or is no adult, is taken out of them."""
        through = Member.groups.through
        places = Membership.objects.inside().values_list("circle__group", "member")
        groups = list(cls.rows().values_list("group", flat=True))
        told, said = set(through.objects.filter(group__in=groups).values_list("group", "member")), set(places)
        for group, member in told - said:
            through.objects.filter(group=group, member=member).delete()
        through.objects.bulk_create(
            [through(group_id=group, member_id=member) for group, member in said - told], ignore_conflicts=True
        )
        return len(told ^ said)
