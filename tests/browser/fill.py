"""Fills the database of the browser tests: `python -m tests.browser.fill OUT.json`, with DEBUG=1 and an own VAR_DIR.

The demo community through its own verbs, read by a stand-in for the language model; a few people more for what
the tests change; and a session for everybody, so that only one test has to go through the login form.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

NEWCOMER, YOUNG, GARDENER = "newcomer@example.org", "young@example.org", "gardener@example.org"


def main(out: Path) -> None:
    """Prepare, build, and write down who has which session and what lies where."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from home.demo.build import build
    from matching import refresh
    from tests.matching.planted import WordEncoder

    words = WordEncoder()
    refresh.encoder = lambda: words  # type: ignore[assignment, return-value]
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    build(say=lambda line: None)
    more_people()
    out.write_text(json.dumps({"sessions": sessions(), "places": places()}))


def more_people() -> None:
    """Somebody who has just come, somebody under 18, and somebody who can show what the learner wants to learn."""
    from allauth.account.models import EmailAddress

    from community.members.models import Member, Rules, Statement
    from matching import refresh

    for email, name in ((NEWCOMER, "Nell Newcomer"), (YOUNG, "Yara Young"), (GARDENER, "Greta Green")):
        member = Member.objects.create_user(email, name)
        EmailAddress.objects.create(user=member, email=email, primary=True, verified=True)
        if email != YOUNG:
            member.say_adult()
        member.accept_rules(Rules.current_version())
    gardener = Member.objects.get(email=GARDENER).profile
    gardener.languages, gardener.open_to = ["en"], ["mentor"]
    gardener.save()
    learner = Member.objects.get(email="learner@example.org").profile
    wanted = learner.statements.filter(side="need", kind="skill", visibility="members").first().text
    Statement(profile=gardener, side="offer", kind="skill", text=wanted, can_teach=True).put()
    refresh.follow(gardener.pk)


def sessions() -> dict[str, str]:
    """A session for everybody who can sign in, by e-mail address."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from community.members.models import Member

    found = {}
    for member in Member.objects.exclude(email=None).filter(is_active=True):
        session = SessionStore()
        session[SESSION_KEY] = str(member.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = member.get_session_auth_hash()
        session.create()
        found[str(member.email)] = str(session.session_key)
    return found


def places() -> dict[str, Any]:
    """The addresses that depend on the texts of the demo."""
    from community.connections.models import Connection
    from community.gatherings.models import GatheringPage, Registration
    from community.library.models import CaseStudyPage, Trial
    from community.members.models import Member
    from community.openings.models import OpeningPage

    learner = Member.objects.get(email="learner@example.org")
    connection = Connection.objects.visible_to(learner).accepted().filter(agreements__isnull=False).first()
    mine = set(GatheringPage.objects.filter(registrations__member=learner).values_list("pk", flat=True))
    seats = Registration.objects.of(learner).open().select_related("gathering")
    upcoming = [page for page in GatheringPage.objects.live().order_by("starts_at") if not page.closed]
    tried = Trial.objects.order_by("pk").select_related("page")
    opening = OpeningPage.objects.live().filter(author__email="mentor@example.org").first()
    return {
        **{o: CaseStudyPage.objects.live().filter(outcome=o).first().url for o in ("success", "mixed", "failure")},
        "french": CaseStudyPage.objects.get(locale__language_code="fr").url,
        "gathering": next(page.url for page in upcoming if page.pk not in mine),
        "my_gathering": next(page.url for page in upcoming if page.pk in mine),
        "month": f"{upcoming[0].starts_at:%Y-%m}",
        "not_coming": next(seat.not_coming_url for seat in seats if seat.gathering in upcoming),
        "tried": tried.first().page.url,
        "trial": tried.exclude(member=learner).first().get_absolute_url(),
        "my_trial": tried.filter(member=learner).first().get_absolute_url(),
        "opening": opening.url if opening else "",
        "connection": connection.get_absolute_url(),
        "ended": Connection.objects.visible_to(learner).over().first().get_absolute_url(),
        "certificate": f"{Connection.objects.get(asker__handle='kit-marlowe').get_absolute_url()}certificate/",
        "asked_pair": Connection.objects.get(asked__email="mentor@example.org", state="proposed").get_absolute_url(),
        **talked(connection, learner),
        **told(learner),
        **placed(learner),
        **asked(),
        **shelved(),
        **confided(),
    }


def talked(connection: Any, learner: Any) -> dict[str, str]:
    """A message of the other's, a note of the learner's, a message that waits for safeguarding, and links in mails."""
    from community.connections.models import Connection, Excerpt, MailLink, Message, Note
    from community.members.models import Member
    from community.notices.models import Preference
    from community.trust.models import Safeguarding

    young, mentor, steward = (Member.objects.get(email=f"{who}@example.org") for who in ("young", "mentor", "steward"))
    steward.groups.add(Safeguarding.group())
    pair = Connection.agree(young, mentor, "apprenticeship", mentor=mentor)
    Message.write(pair, mentor, "Bring boots with a good sole on Saturday.")
    said = Message.objects.filter(connection=connection).exclude(writer=learner)
    reported = said.order_by("pk")[1]
    Excerpt.report_to_stewards(reported, learner, "other", "Just to show how it looks.")
    waiting = Connection.objects.get(asked=mentor, state="proposed")
    off = Preference.off_link(learner, [(learner.pk, "meeting_noted")])
    return {
        "message": said.order_by("pk").first().get_absolute_url(), "reported": reported.get_absolute_url(),
        "note": f"{connection.get_absolute_url()}notes/{Note.objects.get(writer=learner).pk}/",
        "young_pair": pair.get_absolute_url(),
        "answer_link": "/" + MailLink.of(waiting)["accept"].split("/", 3)[3],
        "off_link": "/" + off.split("/", 3)[3],
    }  # fmt: skip


def shelved() -> dict[str, str]:
    """What stands on the other shelves of the library."""
    from community.library.models import Adoption, LessonPage, LogPage, PlaybookPage, SeriesPage

    playbook, one = PlaybookPage.objects.get(), Adoption.objects.order_by("pk").first()
    return {
        "lesson": LessonPage.objects.filter(series_parts__isnull=False).order_by("pk").first().url,
        "series": SeriesPage.objects.get().url, "experiment": LogPage.objects.get().url,
        "playbook": playbook.url, "adoption": f"{playbook.url}adopted/{one.pk}/",
    }  # fmt: skip


def confided() -> dict[str, str]:
    """A story that was told in confidence, on its page and at the desk."""
    from community.library.models import CaseStudyPage, DeskStory

    page, story = CaseStudyPage.objects.filter(is_confidential=True).get(), DeskStory.objects.get()
    return {"confidential": page.url, "desk_story": f"/steward/desk/{story.pk}/"}


def asked() -> dict[str, str]:
    """A question with answers, the story it stands on, and the learner's own question."""
    from community.questions.models import Question

    one, mine = (Question.objects.exclude(accepted=None).filter(member__email__startswith=who).first()
                 for who in ("freya-holt", "learner"))  # fmt: skip
    return {
        "question": one.get_absolute_url(), "my_question": mine.get_absolute_url(),
        "asked_on": one.page.specific.url, "questions_on": f"/questions/on/{one.page_id}/",
    }  # fmt: skip


def placed(learner: Any) -> dict[str, str]:
    """Applications of the learner's, one that the mentor has received, and a plan."""
    from community.connections.models import LearningPlan
    from community.openings.models import Application

    mine = Application.objects.of(learner).open().first()
    plan = LearningPlan.objects.visible_to(learner).get()
    return {
        "application": Application.objects.filter(poster__email="mentor@example.org").first().get_absolute_url(),
        "my_application": mine.get_absolute_url(), "my_application_opening": mine.opening.url,
        "plan": plan.get_absolute_url(),
        "plan_line": f"{plan.get_absolute_url()}{plan.skills.last().pk}/",
    }  # fmt: skip


def told(learner: Any) -> dict[str, str]:
    """A story that a steward has given back to the learner, and one that nobody has read yet."""
    from community.library.models import CaseStudyPage

    mine = CaseStudyPage.objects.editable_by(learner).filter(live=False).first()
    return {
        "telling": f"/stories/tell/{mine.pk}/", "my_story": mine.my_url,
        "waiting_story": CaseStudyPage.objects.waiting().first().review_url,
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
