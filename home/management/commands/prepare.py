"""`manage.py prepare`: everything that must be there before the site can start; quick when it all is."""

import logging
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from community.members.models import Member, Rules, Skill
from home.demo.build import LOGINS, PASSWORD
from home.demo.build import build as build_demo
from home.translated import is_translated, translate
from home.tree import first_rules, is_planted, plant
from matching import language
from matching.language import ModelUnsound


class Command(BaseCommand):
    """Brings database, cache table and first pages up to date, then the demo community or the first steward."""

    help = "Prepares a start: migrations, cache table, first pages, demo community (DEMO=0: the first steward)."
    requires_system_checks: list[Any] = []  # the server that starts next makes them

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is missing, in order, and say where to go."""
        for talker in ("wagtail", "sentence_transformers"):  # one names each page, the other its folders
            logging.getLogger(talker).setLevel(logging.WARNING)
        self.migrate()
        if not is_planted():
            plant()
            self.stdout.write("First pages: the front page, stories, gatherings, openings, help")
        if not Skill.objects.exists():
            call_command("load_skills", verbosity=0, stdout=StringIO())
        self.prepare_model()
        wants_demo = settings.DEBUG and settings.DEMO
        if not Member.objects.exists():
            self.first_people(wants_demo)
        if not is_translated():
            translate()
        if Rules.current() is None:
            Rules.publish(first_rules())
        self.say_where(wants_demo and Member.objects.filter(email=f"{LOGINS[0]}@example.org").exists())

    def migrate(self) -> None:
        """Apply what is missing, with one line for every ten steps."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.stdout.write(f"Database: {len(plan)} steps")
            done = 0

            def tell(action: str, *about: Any) -> None:
                nonlocal done
                if action == "apply_success":
                    done += 1
                    if done % 50 == 0 or done == len(plan):
                        self.stdout.write(f"  {done} of {len(plan)}")
                        self.stdout.flush()

            executor.progress_callback = tell
            executor.migrate(executor.loader.graph.leaf_nodes(), plan)
            call_command("migrate", verbosity=0)  # what follows a migration: permissions and content types
        if "cache" not in connection.introspection.table_names():
            call_command("createcachetable", verbosity=0)

    def prepare_model(self) -> None:
        """The language model, made ready for this machine before anything is read by it."""
        try:
            language.prepare(self.say_at_once)
        except ModelUnsound as error:
            raise CommandError(str(error)) from error

    def first_people(self, wants_demo: bool) -> None:
        """The demo community, or the person who will keep a real one."""
        if wants_demo:
            self.stdout.write("The demo community (DEMO=0 leaves it out):")
            build_demo(say=self.tell)
        elif "first_steward" in get_commands():
            call_command("first_steward")

    def tell(self, line: str) -> None:
        """One line of progress within a step."""
        self.say_at_once(f"  {line}")

    def say_at_once(self, line: str) -> None:
        """A line that is seen while the next thing takes its time."""
        self.stdout.write(line)
        self.stdout.flush()

    def say_where(self, has_demo: bool) -> None:
        """The address, and whom one can be."""
        self.stdout.write(f"\nScionwood at {settings.SITE_URL}/")
        if has_demo:
            self.stdout.write(f"Everything in it is invented. Sign in with the password {PASSWORD} as")
            self.stdout.write("  " + ", ".join(f"{name}@example.org" for name in LOGINS))
        self.stdout.flush()
