"""Builds the demo community through the product's own verbs; a second time finds everything there."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command, get_commands
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.connections.models import Connection
from community.members.models import Member
from home.demo import circles, desk, helping, pages, people, placing, questions, shelves, telling, together, translating
from home.demo.texts import read
from home.tree import plant

PASSWORD = "scionwood-demo-only"  # noqa: S105  printed at every start, and only where DEBUG is on
LOGINS = ("learner", "mentor", "educator", "steward", "editor")
SEED = 1

# What a full refresh has just done for everybody needs no task for each; mail and everything else stays queued.
DONE_AT_ONCE = (
    "matching.tasks.follow_profile", "matching.tasks.read_openings", "matching.tasks.read_page",
    "modelsearch.tasks.insert_or_update_object_task",
)  # fmt: skip

Say = Callable[[str], None]


class NotForReal(Exception):
    """The demo community may not come into a real one."""


def build(seed: int = SEED, members: int | None = None, say: Say = print) -> int:
    """Build what is missing of the demo community; returns how many people and pages are new.

    Raises NotForReal with DEBUG off: its people have a password that everybody knows.
    """
    if not settings.DEBUG:
        raise NotForReal("The demo community is only for trying things out: it needs DEBUG=1.")
    with transaction.atomic():  # all or nothing: a start that was stopped half-way begins anew
        plant()
        pages.name_the_valley()
        new = people.settle(members, seed, make_password(PASSWORD), say)
        new += pages.write_plain_pages()
        new += pages.tell_stories(seed, say)
        new += pages.try_stories()
        new += pages.nominate()
        new += shelves.fill()
        new += pages.call_gatherings(say)
        new += pages.offer_openings(say)
        new += placing.apply()
        new += questions.ask()
        new += circles.meet()
        new += telling.tell()
        new += desk.open_desk()
        new += introduce()
        new += helping.keep()
        new += translating.put_into_french()
    if new:
        refresh(say)
    return new


def introduce() -> int:
    """A few people who have met already, or who have asked to. Counts the new ones."""
    number = 0
    for texts in read("connections")["connections"]:
        asker, asked = (Member.objects.get(handle=texts[side]) for side in ("asker", "asked"))
        if Connection.objects.filter(asker=asker, asked=asked, kind=texts["kind"]).exists():
            continue
        mentor = {"asker": asker, "asked": asked}.get(texts.get("mentor", ""))
        about = {name: texts.get(name, "") for name in ("skill", "goal")}
        connection = Connection.propose(asker, asked, texts["kind"], texts["message"].strip(), mentor=mentor, **about)
        if answer := texts.get("answer"):
            connection.accept(asked, answer.strip())
            together.live(connection, texts)
        number += 1
    return number


def refresh(say: Say) -> None:
    """Search index, vectors and suggestions for everybody at once, in place of a task for each change."""
    began_at = timezone.now()
    call_command("update_index", verbosity=0)
    if "refresh_matches" in get_commands():
        say("Reading everybody's lines, and finding who might meet whom")
        call_command("refresh_matches")
    DBTaskResult.objects.ready().filter(task_path__in=DONE_AT_ONCE, enqueued_at__lt=began_at).delete()
