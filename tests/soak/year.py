"""A year of questions and answers: silent mentors, learners who vanish, a clock and a worker that are killed.

Everybody acts through the product's verbs, and the clock and the mail are the product's own; only the time on the
wall and the mail server are ours. What must never be is looked for after each quarter of a day.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.connections.models import CheckIn, Connection, ConnectionKind, ConnectionState, Meeting, Wait
from community.members.models import Block, Member, Profile
from community.notices.models import Notice, Preference, mailed
from community.topics.models import Season
from community.trust.registry import erasing, healing
from home.management.commands import clock as product_clock
from tests import factories
from tests.moving import Clock

S = ConnectionState
TICK = timedelta(hours=6)
WINDOW, RELEASE, WEEK, KEPT = timedelta(days=7), timedelta(days=28), timedelta(days=7), timedelta(days=3)
SEASONS = {"winter": [12, 1, 2], "spring": [3, 4, 5], "summer": [6, 7, 8], "autumn": [9, 10, 11]}
WORDS = "How do you keep the frost out of the lower orchard?"
CRAFTS = ("graft", "prune", "mend", "sharpen", "bake", "smoke", "weave", "dye", "thatch", "lay")
THINGS = ("hedges", "apple trees", "scythes", "rye bread", "trout", "willow", "wool", "walls")
SKILLS = [f"{craft} {thing}" for craft in CRAFTS for thing in THINGS]
MAILS = ("community.notices.tasks.mail_notice", "community.notices.tasks.mail_digest")


class Killed(BaseException):
    """The process is gone in the middle of something; what it had not committed is undone."""


@dataclass
class Year:
    """What happens to so many members in so many days."""

    wall: Clock
    seed: int = 1
    has_kills: bool = True
    danger: int = 1  # how much more often clock and web are killed than in the whole year
    leaving: float = 0.05  # of those who think of leaving
    people: list[Member] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)
    vanishing: set[int] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)  # by the number of the mail
    kills: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)  # how often somebody changed their mind, or left
    forgotten: set[str] = field(default_factory=set)  # the numbers of mails whose rows were erased with somebody
    wrong: list[str] = field(default_factory=list)
    armed: int = 0  # how many words the process still says before it is killed; 0: it lives

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    # --- Who lives there ------------------------------------------------------------------------------------------

    def settle(self, number: int) -> None:
        """A third teach, and of these a quarter never answers; of the others a sixth vanishes after the first yes."""
        self.people = [factories.MemberFactory(name=f"Person {one}") for one in range(number)]
        self.mentors, self.learners = self.people[: number // 3], self.people[number // 3 :]
        self.silent = {one.pk for one in self.mentors[::4]}
        self.vanishing = {one.pk for one in self.learners[::6]}
        for one in self.mentors:
            Profile.objects.filter(member=one).update(capacity=self.dice.randint(1, 4))
        for position, (slug, months) in enumerate(SEASONS.items()):
            Season.objects.get_or_create(slug=slug, defaults={"name": slug, "months": months, "position": position})
        for one in self.people[::5]:
            Preference.choose(one, {"meeting_noted": "together"})

    # --- What they do ---------------------------------------------------------------------------------------------

    def live(self, days: int) -> None:
        """So many days, with everything that happens in them."""
        for _quarter in range(days * 4):
            self.wall.now += TICK
            for _act in range(max(2, len(self.people) // 25)):
                self.act(self.dice.choice((self.ask, self.ask, self.ask, self.answer, self.answer, self.meet)))
            self.act(self.dice.choice((self.answer, self.part, self.wait, self.ask_again, self.take, self.check)))
            self.act(self.dice.choice((self.change_mind, self.change_mind, self.round, self.go)))
            self.machines()
            self.look()
            self.look_at_waits()

    def act(self, what: Callable[[], None]) -> None:
        """One person does one thing; now and then the web process is killed in it, and all of it is undone."""
        if self.has_kills and self.dice.random() < 0.02 * self.danger:
            self.armed = 1
        try:
            with transaction.atomic():
                what()
        except ValidationError:
            pass  # somebody was told that this cannot be done
        except Killed:
            self.kills["web"] += 1
        self.armed = 0

    def ask(self) -> None:
        """Somebody asks a mentor, and names one or two who are asked next."""
        asker, mentor = self.dice.choice(self.learners), self.dice.choice(self.mentors)
        row = Connection.propose(asker, mentor, ConnectionKind.MENTORSHIP, WORDS, skill=self.dice.choice(SKILLS))
        for one in self.dice.sample(self.mentors, self.dice.randint(0, 2)):
            try:
                row.name_next(asker, one)
            except ValidationError:
                continue

    def answer(self) -> None:
        """Mentors who answer look at what waits for them; the silent ones never do."""
        mentor = self.dice.choice(self.mentors)
        if mentor.pk in self.silent:
            return
        for row in Connection.objects.waiting_for(mentor).with_people()[:3]:
            way = self.dice.random()
            if way < 0.6:
                row.accept(mentor)
            elif way < 0.85:
                row.decline(mentor, reason="time")
            else:
                row.postpone(mentor, timezone.localdate() + timedelta(days=self.dice.randint(1, 40)))

    def pair(self) -> Any:
        """Any two under way, and one of them who has not vanished."""
        rows = Connection.objects.accepted().with_people()
        row = rows.order_by("pk")[self.dice.randrange(number)] if (number := rows.count()) else None
        sides = [one for one in (row.asker, row.asked) if one and one.pk not in self.vanishing] if row else []
        if len(sides) == 1 and self.dice.random() < 0.9:  # who is left waits for the other, and does nothing
            return None, None
        return (row, self.dice.choice(sides)) if sides else (None, None)

    def meet(self) -> None:
        """Two meet, one of them notes it; others rest, or say that it goes on."""
        row, own = self.pair()
        if row is None:
            return
        if self.dice.random() < 0.1:
            row.carry_on(own, weeks=self.dice.choice((0, 2, 4)))
        else:
            Meeting.note(row, own, timezone.localdate(), 60, next_on=self.next_day())

    def next_day(self) -> date | None:
        """When they meet next, where they say so."""
        return timezone.localdate() + timedelta(days=self.dice.randint(5, 20)) if self.dice.random() < 0.3 else None

    def part(self) -> None:
        """It ends, with or without another mentor; once in a while somebody keeps another away."""
        row, own = self.pair()
        if row is None:
            return
        if self.dice.random() < 0.1:
            Block.put(own, row.other(own))
        elif row.learner == own and self.dice.random() < 0.4:
            row.change_mentor(own)
        else:
            row.end(own, "reached")

    def wait(self) -> None:
        """Somebody waits for a mentor, or waits no more."""
        Wait.join(self.dice.choice(self.learners), self.dice.choice(self.mentors))

    def take(self) -> None:
        """Half of those who are offered a place ask at once."""
        for one in Wait.objects.open_offers(timezone.now()).select_related("learner", "mentor")[:5]:
            if self.dice.random() < 0.5:
                Connection.propose(one.learner, one.mentor, ConnectionKind.MENTORSHIP, WORDS)

    def ask_again(self) -> None:
        """Somebody brings back what was put off."""
        put_off = Connection.objects.filter(state=S.POSTPONED, ask_again_on__lte=timezone.localdate()).with_people()
        for row in put_off[:2]:
            row.ask_again(row.asker)

    def check(self) -> None:
        """Some say how it goes."""
        for one in CheckIn.objects.unanswered().select_related("member", "connection")[:6]:
            if one.member_id not in self.vanishing:
                one.say(one.member, self.dice.randint(1, 5))

    def change_mind(self) -> None:
        """A mentor takes nobody on for a while, in some seasons only, or teaches no more; or is back."""
        mentor = self.dice.choice(self.mentors)
        profile = Profile.objects.get(member=mentor)
        if profile.is_paused or profile.seasons or "mentor" not in profile.open_to:
            changed = {"is_paused": False, "seasons": [], "open_to": [*{*profile.open_to, "mentor"}]}
        else:
            way = self.dice.random()
            rest = [one for one in profile.open_to if one != "mentor"]
            changed = {"is_paused": True} if way < 0.6 else {"seasons": ["spring", "autumn"]}
            changed = changed if way < 0.9 else {"open_to": rest}
        Profile.objects.filter(pk=profile.pk).update(**changed)
        self.changes.update(list(changed))

    def round(self) -> None:
        """A round brings two together who have nothing to do with each other yet."""
        mentor, learner = self.dice.choice(self.mentors), self.dice.choice(self.learners)
        between = Q(asker=mentor, asked=learner) | Q(asker=learner, asked=mentor)
        blocked = Q(blocker=mentor, blocked=learner) | Q(blocker=learner, blocked=mentor)
        if not Connection.objects.standing().filter(between) and not Block.objects.filter(blocked):
            Connection.introduce([(mentor, learner)])

    def go(self) -> None:
        """Once in a while an account is closed, or somebody has themselves forgotten."""
        side = self.dice.choice((self.mentors, self.learners))
        if self.dice.random() > self.leaving or len(side) < 8:
            return
        gone, mails = self.dice.choice(side), self.mails_told
        if is_closed := self.dice.random() < 0.5:
            Member.objects.filter(pk=gone.pk).update(is_active=False)
        else:
            self.leave(gone)
        self.forgotten |= mails - self.mails_told
        side.remove(gone)
        self.changes["closed" if is_closed else "erased"] += 1

    def leave(self, gone: Member) -> None:
        """Somebody is forgotten, and everybody who had to do with them hears that something is over."""
        asked = Q(asked=gone, state__in=(S.PROPOSED, S.POSTPONED))
        pairs = (Q(asker=gone) | Q(asked=gone)) & Q(state__in=(S.ACCEPTED, S.AGREED))
        left = [(row.pk, row.other(gone)) for row in Connection.objects.filter(asked | pairs).with_people()]
        told = Notice.objects.filter(kind="connection_gone")
        erasing.erase(Member.objects.get(pk=gone.pk))
        for pk, one in left:
            is_told = told.filter(member=one, url=f"/connections/{pk}/").exists()
            if one is not None and one.is_active and not is_told:
                self.wrong.append(f"{timezone.now():%d %b} nobody told {one} of the end of {pk}")

    # --- The machines ---------------------------------------------------------------------------------------------

    def machines(self) -> None:
        """Clock and worker do what is due; killed in the middle, they are started again, as the launcher does."""
        self.run("clock", product_clock.keep_connections, 0.08)
        self.run("clock", product_clock.mail_what_is_followed, 0)
        self.run("clock", lambda: (healing.reap_tasks(), healing.send_forgotten_notices()), 0)
        self.work()

    def run(self, name: str, job: Callable[[], Any], risk: float) -> None:
        """Run one job to its end, however often it is killed."""
        while True:
            if self.has_kills and self.dice.random() < risk * self.danger:
                self.armed = self.dice.randint(1, 4)
            try:
                # Each verb of the clock is a transaction of its own; what was done before the kill stays done.
                job()
            except Killed:
                self.kills[name] += 1
                self.armed = 0
                continue
            self.armed = 0
            return

    def work(self) -> None:
        """Do the tasks for mail that are due; one whose worker is killed stays as it is until it is found."""
        due = DBTaskResult.objects.ready().filter(task_path__in=MAILS).order_by("enqueued_at")
        while rows := list(due[:200]):
            for row in rows:
                row.claim(f"worker-{self.kills['worker']}")
                try:
                    row.task.call(*row.task_result.args, **row.task_result.kwargs)
                except Killed:
                    self.kills["worker"] += 1
                else:
                    row.set_successful(None)
        DBTaskResult.objects.exclude(task_path__in=MAILS).delete()

    def post(self, message: Any) -> None:
        """The mail server: takes every mail, but now and then the worker dies just before or just after its yes."""
        fate = self.dice.random() if self.has_kills else 1.0
        if fate < 0.002:
            raise Killed
        number = message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        self.sent[number] += 1
        if "notices/off" not in message.body and "http" not in message.body:
            self.wrong.append(f"a mail that leads nowhere: {message.subject}")
        if fate < 0.004:
            raise Killed

    # --- What must never be ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """Write down whatever is not as it should be just now."""
        now = timezone.now()
        rows = Connection.objects.all()
        for row in rows.filter(state=S.PROPOSED, moved_at__lte=now - WINDOW):
            self.wrong.append(f"{now:%d %b} question {row.pk} is older than its window")
        for row in Connection.quiet(now - RELEASE):
            if row.nudged < 3 or row.nudged_at <= now - WEEK:
                self.wrong.append(f"{now:%d %b} pair {row.pk} is quiet for {now - row.quiet_since}")
        for row in Connection.quiet(now - WEEK):
            if not row.nudges:
                self.wrong.append(f"{now:%d %b} pair {row.pk} was not nudged")
        taught = rows.accepted().exclude(mentor=None)
        taken = taught.values("mentor", "mentor__profile__capacity").annotate(n=Count("pk"))
        self.too_many("pairs of", taken, lambda row: row["mentor__profile__capacity"])
        self.too_many("open questions of", rows.filter(state=S.PROPOSED).values("asker").annotate(n=Count("pk")), 5)
        lately = rows.filter(created_at__gt=now - WEEK).values("asked").annotate(n=Count("pk"))
        self.too_many("questions in a week to", lately, 10)
        same = taught.exclude(skill_key="").values("asker", "skill_key").annotate(n=Count("pk"))
        self.too_many("mentors for one thing of", same, 1)
        double = Wait.objects.open_offers(now).values("mentor", "mentor__profile__capacity").annotate(n=Count("pk"))
        self.too_many("places offered of", double, lambda row: row["mentor__profile__capacity"])

    def look_at_waits(self) -> None:
        """Write down who waits in vain just now."""
        now, rows = timezone.now(), Connection.objects.all()
        for row in rows.filter(state=S.INTRODUCED, moved_at__lte=now - WINDOW - RELEASE - TICK):
            self.wrong.append(f"{now:%d %b} pair {row.pk} of a round was never put away")
        for row in rows.standing().filter(Q(asker=None) | Q(asked=None)):
            self.wrong.append(f"{now:%d %b} {row.pk} goes on with nobody")
        for one in Wait.objects.pending().select_related("mentor__profile"):
            if not one.mentor.is_active or "mentor" not in one.mentor.profile.open_to:
                self.wrong.append(f"{now:%d %b} {one.pk} waits for somebody who takes nobody on")
            elif one.offer_until == now + KEPT and Connection.why_none_now(one.mentor):
                self.wrong.append(f"{now:%d %b} a place was offered that nobody can take: {one.pk}")
        for one in Wait.objects.filter(state="lapsed", ended_at=now).select_related("mentor"):
            if Connection.why_none_now(one.mentor):
                self.wrong.append(f"{now:%d %b} {one.pk} lost a place that could not be taken")

    def too_many(self, what: str, counted: Any, most: Any) -> None:
        """Write down whoever has more than they may."""
        for row in counted.order_by():
            limit = most(row) if callable(most) else most
            if row["n"] > limit:
                self.wrong.append(f"{timezone.now():%d %b} {row['n']} {what} {row}")

    def drain(self) -> None:
        """Everybody sleeps for some days, so that all mails that wait have gone."""
        for _quarter in range(16):
            self.wall.now += TICK
            self.run("clock", product_clock.mail_what_is_followed, 0)
            self.run("clock", lambda: (healing.reap_tasks(), healing.send_forgotten_notices()), 0)
            self.work()

    @property
    def unsent(self) -> int:
        """Things that somebody should have had by mail, and has not."""
        return int(Notice.objects.unmailed().count())

    @property
    def repeated(self) -> int:
        """Mails that went more than once."""
        return sum(number > 1 for number in self.sent.values())

    @property
    def unknown(self) -> int:
        """Mails in which nothing stands: empty digests, and mails without a row."""
        return len(set(self.sent) - self.mails_told - self.forgotten)

    @property
    def mails_told(self) -> set[str]:
        """The numbers of mails of which the rows still say what stood in them."""
        return set(Notice.objects.exclude(mail_key="").values_list("mail_key", flat=True))

    @property
    def counts(self) -> dict[str, Any]:
        """How much happened."""
        rows = Connection.objects.all()
        return {
            "members": len(self.people), "requests": rows.count(), "pairs": rows.exclude(accepted_at=None).count(),
            "silent mentors": f"{len(self.silent)} of {len(self.mentors)}",
            "vanishing learners": f"{len(self.vanishing)} of {len(self.learners)}",
            "lapsed": rows.filter(state=S.LAPSED).count(), "overtaken": rows.filter(state=S.OVERTAKEN).count(),
            "released": rows.filter(state=S.RELEASED).count(), "waits": Wait.objects.count(),
            "things told": Notice.objects.count(), "mails": len(self.sent), "repeated": self.repeated,
            "changes": dict(self.changes), "put away": Notice.objects.filter(kind="connection_faded").count() // 2,
            "waits in vain": Notice.objects.filter(kind="connection_wait_over").count(), "kills": dict(self.kills),
            "not mailed": self.unsent, "mails with nothing in them": self.unknown, "wrong": len(self.wrong),
        }  # fmt: skip


@contextmanager
def begun(
    wall: Clock, patch: pytest.MonkeyPatch, members: int, *, seed: int = 1, has_kills: bool = True
) -> Iterator[Year]:
    """A year that has begun: people have settled, and the machines can be killed."""
    year = Year(wall, seed, has_kills)
    honest = Notice.send.__func__  # type: ignore[attr-defined]

    def send(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if year.armed:
            year.armed -= 1
            if not year.armed:
                raise Killed
        return honest(cls, *args, **kwargs)

    patch.setattr(Notice, "send", classmethod(send))
    patch.setattr(mailed, "post", year.post)
    year.settle(members)
    yield year
