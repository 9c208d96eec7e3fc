"""`manage.py clock`: does what is due by the clock, until it is told to stop."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import BaseCommand, call_command
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from wagtail.models import Page, Revision

from community.circles.models import Circle
from community.connections.models import CheckIn, Connection, Health, Message, Wait
from community.gatherings.models import Registration
from community.library.models import CaseStudyPage, DeskStory, Receipt
from community.members.models import Draft
from community.notices.models import Digest
from community.openings.models import Application, OpeningPage
from community.trust.models import one_by_one
from community.trust.registry.healing import reconcile, unfinished
from matching import tasks
from matching.models import Unanswered

logger = logging.getLogger(__name__)

MINUTE, HOUR = 60.0, 3600.0


@dataclass
class Job:
    """Something that is done again and again: every so many seconds, the first time soon after the start."""

    name: str
    every: float
    run: Callable[[], str]
    due: float = 0.0


def command(name: str, **options: Any) -> Callable[[], str]:
    """A job that runs another command and gives back the last line it said."""

    def run() -> str:
        said = StringIO()
        call_command(name, stdout=said, stderr=said, **options)
        return (said.getvalue().strip().splitlines() or [""])[-1]

    return run


def prune_drafts() -> str:
    """Forget what somebody typed two weeks ago and never came back to."""
    number = Draft.prune()
    return f"{number} old drafts forgotten" if number else ""


def serve_desk() -> str:
    """Publish what the failure desk has accepted, on the day for it, and mail, once a day, that there is news."""
    released, told = Receipt.release_due(), DeskStory.tell_news()
    return f"{released} stories released, {told} people told of news" if released or told else ""


def share_out() -> str:
    """Have everybody's suggestions made anew; one that waits already is enough."""
    if not unfinished(tasks.share_out.module_path).exists():
        tasks.share_out.enqueue()
    return ""


def learn() -> str:
    """Have the matching learn from what became of suggestions; it does so once a month, however often it is asked."""
    if not unfinished(tasks.learn.module_path).exists():
        tasks.learn.enqueue()
    return ""


def gather_asked() -> str:
    """Count what was asked in vain; the words are kept once five people asked the same."""
    number = Unanswered.gather()
    return f"{number} questions that nobody answered yet" if number else ""


def pass_questions_on() -> str:
    """Have questions without an answer passed on to a few; the rows see to it that nobody is asked too often."""
    if not unfinished(tasks.pass_questions_on.module_path).exists():
        tasks.pass_questions_on.enqueue()
    return ""


def ask_whether_true() -> str:
    """Ask the tellers of stories that are a year old whether they still hold."""
    number = CaseStudyPage.ask_whether_true()
    return f"{number} people asked whether their story is still true" if number else ""


def publish_due() -> str:
    """Put out and take down what is due, as publish_scheduled does, but each by itself.

    A gathering whose guests would lose their way or their seats is refused; that keeps no other page back.
    """
    gone = Page.objects.filter(live=True, expire_at__lt=timezone.now()).order_by("expire_at")
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by("approved_go_live_at")
    number = one_by_one(gone, take_down) + one_by_one(due, put_out)
    return f"{number} pages put out or taken down" if number else ""


def take_down(page: Page) -> int:
    """Its time is over."""
    page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return 1


def put_out(revision: Revision) -> int:
    """Its time has come."""
    revision.publish(log_action="wagtail.publish.scheduled")
    return 1


def pass_seats_on() -> str:
    """End offers of seats that nobody took in time, and ask whoever is next."""
    number = Registration.lapse_due()
    return f"{number} free seats passed on" if number else ""


def remind_guests() -> str:
    """Remind those who have a seat, and ask them afterwards how it was and what came of it."""
    number = Registration.remind_due()
    Registration.forget_answers()
    return f"{number} people told about their gatherings" if number else ""


def keep_connections() -> str:
    """Remind who has to answer, pass questions on, say a word where two are quiet, and offer places that are free."""
    number = Connection.keep_time() + Wait.keep_time() + CheckIn.ask_due() + Message.let_through_grown()
    number += Circle.keep_time()
    Health.look()
    return f"{number} words about connections" if number else ""


def keep_openings() -> str:
    """Remind who has to answer an application, end what nobody answers, ask before an opening closes, and forget."""
    done = (Application.keep_time(), OpeningPage.ask_to_renew(), Application.forget_old())
    return "{} told of applications, {} asked to renew, {} forgotten".format(*done) if any(done) else ""


def mail_what_is_followed() -> str:
    """Mail everybody whose turn it is what is new on what they follow, all in one."""
    number = Digest.queue_due()
    return f"{number} people mailed about what they follow" if number else ""


def heal() -> str:
    """Put right what a crash left; says what, and nothing where there was nothing."""
    return ", ".join(f"{name}: {number}" for name, number in reconcile().items() if number)


def jobs() -> list[Job]:
    """All that is done by the clock."""
    return [
        Job("publish", MINUTE, publish_due),
        Job("seats", MINUTE, pass_seats_on),
        Job("reminders", 5 * MINUTE, remind_guests),
        Job("connections", 5 * MINUTE, keep_connections),
        Job("reconcile", 5 * MINUTE, heal),
        Job("suggestions", 24 * HOUR, share_out, due=time.monotonic() + HOUR),
        Job("learning", 24 * HOUR, learn, due=time.monotonic() + HOUR / 2),
        Job("asked", 10 * MINUTE, gather_asked),
        Job("questions", 24 * HOUR, pass_questions_on, due=time.monotonic() + 2 * HOUR),
        Job("desk", HOUR, serve_desk),
        Job("still true", 24 * HOUR, ask_whether_true, due=time.monotonic() + HOUR),
        Job("openings", HOUR, keep_openings),
        Job("followed", HOUR, mail_what_is_followed),
        Job("sessions", 6 * HOUR, command("clearsessions", verbosity=0)),
        Job("tasks", 6 * HOUR, command("prune_db_task_results", verbosity=0)),
        Job("drafts", 6 * HOUR, prune_drafts),
    ]


class Command(BaseCommand):
    """Publishes what is due, heals, and throws away what is old."""

    help = "Does what is due by the clock: publishing, healing, clearing. Stops on SIGTERM or Ctrl-C."

    def add_arguments(self, parser: Any) -> None:
        """--once is for tests and for a cron of one's own."""
        parser.add_argument("--once", action="store_true", help="do every job once and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Run what is due, sleep until the next is."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        waiting = jobs()
        while not stopped.is_set():
            for job in waiting:
                if not stopped.is_set() and (once or job.due <= time.monotonic()):
                    self.do(job)
                    job.due = time.monotonic() + job.every
            if once:
                return
            stopped.wait(max(0.1, min(job.due for job in waiting) - time.monotonic()))

    def do(self, job: Job) -> None:
        """Run one job; one that fails is tried again when it is due, and stops no other."""
        close_old_connections()
        try:
            said = job.run()
        except (DatabaseError, OSError) as error:
            logger.error("%s did not work and is tried again: %s", job.name, error)
        except Exception:
            logger.exception("%s did not work", job.name)
        else:
            if said:
                self.stdout.write(f"{job.name}: {said}")
        close_old_connections()
