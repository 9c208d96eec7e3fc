"""What the library holds on a person: the stories they told, and what they tried."""

from typing import Any

from django.db.models import Model

from community.library.models import (
    Adoption,
    CaseStudyPage,
    CollectionPage,
    CoTester,
    DeskMessage,
    DeskStory,
    LessonDone,
    LessonPage,
    LogPage,
    LogUpdate,
    Nomination,
    PlaybookPage,
    Receipt,
    SeriesPage,
    Trial,
    TrustedAuthor,
    UsefulFailure,
)
from community.members.models import Member
from community.topics.models import forget_words

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    CaseStudyPage: ("author", "owner"),
    LessonPage: ("author", "owner"),
    SeriesPage: ("author", "owner"),
    LessonDone: "member",
    LogPage: ("author", "owner"),
    LogUpdate: "log__author",
    CoTester: "member",
    PlaybookPage: ("author", "owner"),
    CollectionPage: ("author", "owner"),
    Adoption: "member",
    Trial: "member",
    TrustedAuthor: ("member", "trusted_by"),
    Nomination: "member",
    UsefulFailure: "named_by",
    DeskStory: "teller",
    DeskMessage: "story__teller",
    Receipt: "story__teller",
}
SAID = ("soil", "climate", "scale", "equipment", "budget", "licence", "credit", "standing", "standing_on", "asked_on")


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's stories and trials, whole, and what is not published of them."""
    pages = CaseStudyPage.objects.filter(author=member).select_related("season").order_by("pk")
    trusted = TrustedAuthor.objects.filter(member=member)
    return {
        "stories": [story_row(page) for page in pages],
        "stories you are still working on": [
            story_row(page.working) | {"state": page.state, "answer": page.answer}
            for page in pages
            if page.has_unpublished_changes
        ],
        "trusted with small changes": [{"why": one.reason, "since": one.since} for one in trusted],
        "trials": [trial_row(trial) for trial in Trial.objects.filter(member=member).newest().select_related("page")],
        "failures you nominated": [
            {"story": one.page.title, "year": one.year, "why": one.why}
            for one in Nomination.objects.filter(member=member).select_related("page").order_by("year")
        ],
        **lessons_of(member),
        **experiments_of(member),
        **playbooks_of(member),
        "told in confidence, not accepted yet": confided_by(member),
    }


def story_row(page: CaseStudyPage) -> dict[str, Any]:
    """One story with everything that is kept of it."""
    return {
        "title": page.title, "url": page.url, "outcome": page.outcome, "year": page.year, "place": page.place,
        "summary": page.summary, "season": page.season and page.season.name,
        "topics": [topic.name for topic in page.topics.all()],
        **{name: getattr(page, name) for name in SAID},
        "body": [{"type": block.block_type, "value": block.get_prep_value()["value"]} for block in page.body],
    }  # fmt: skip


def confided_by(member: Member) -> list[dict[str, Any]]:
    """What lies at the desk under the member's name; what was accepted is nobody's any more."""
    stories = DeskStory.objects.filter(teller=member).prefetch_related("messages").order_by("received_on", "pk")
    return [
        {"told": story.told, "as the desk writes it": story.words, "state": story.state, "told on": story.received_on}
        | {"messages": [{"from the desk": one.is_from_desk, "text": one.text} for one in story.messages.all()]}
        for story in stories
    ]


def trial_row(trial: Trial) -> dict[str, Any]:
    """One trial with everything that is kept of it."""
    told = ("outcome", "year", "place", "soil", "climate", "scale", "equipment", "changed", "learned", "cost")
    kept = ("cell_lat", "cell_lon", "hidden_at", "created_at", "updated_at")
    return {"page": trial.page.title, "url": trial.get_absolute_url()} | {
        "season": trial.season and trial.season.name,
        "picture": trial.picture and trial.picture.file.name,
        **{name: getattr(trial, name) for name in told + kept},
    }


def lessons_of(member: Member) -> dict[str, list[dict[str, Any]]]:
    """What the member teaches, whole, and what they have noted as done."""
    told = ("title", "url", "summary", "place", "able", "difficulty", "minutes", "waiting", "tools", "materials")
    done = LessonDone.objects.filter(member=member).select_related("lesson").order_by("done_at", "pk")
    return {
        "lessons": [
            {name: getattr(page, name) for name in told} | {"safety": page.safety, "steps": page.steps.get_prep_value()}
            for page in LessonPage.objects.filter(author=member).order_by("pk")
        ],
        "series": [
            {"title": page.title, "url": page.url, "summary": page.summary, "able": page.able}
            | {"lessons": [part.lesson.title for part in page.parts.select_related("lesson")]}
            for page in SeriesPage.objects.filter(author=member).order_by("pk")
        ],
        "collections": [
            {name: getattr(page, name) for name in ("title", "url", "summary", "intro")}
            | {"pages": [{"title": item.entry.title, "note": item.note} for item in page.items.select_related("entry")]}
            for page in CollectionPage.objects.filter(author=member).order_by("pk")
        ],
        "lessons_done": [{"lesson": row.lesson.title, "url": row.lesson.url, "done_at": row.done_at} for row in done],
    }


def experiments_of(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's experiments with all their notes, and those of others that they try along."""
    told = ("title", "url", "summary", "place", "question", "compared", "measured", "starts_on", "ends_on")
    kept = ("finished_on", "seeks_testers", "call")
    noted = ("day", "text", "measure", "amount", "is_last", "created_at", "updated_at")
    mine = CoTester.objects.filter(member=member).select_related("log").order_by("joined_at", "pk")
    return {
        "experiments": [
            {name: getattr(log, name) for name in told + kept}
            | {"notes": [{name: getattr(note, name) for name in noted} for note in log.updates.all()]}
            for log in LogPage.objects.filter(author=member).prefetch_related("updates").order_by("pk")
        ],
        "experiments you try along": [
            {"experiment": one.log.title, "note": one.note, "joined_at": one.joined_at} for one in mine
        ],
    }


def playbooks_of(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's playbooks, whole, and the places of which they said that they adopted one."""
    told = ("title", "url", "summary", "place", "people", "budget", "licence", "credit")
    said = Adoption.objects.filter(member=member).select_related("playbook").order_by("pk")
    return {
        "playbooks": [
            {name: getattr(page, name) for name in told} | {"body": page.body.get_prep_value()}
            for page in PlaybookPage.objects.filter(author=member).order_by("pk")
        ],
        "adoptions": [
            {"playbook": one.playbook.title, "place": one.place, "year": one.year, "note": one.note}
            | {"hidden_at": one.hidden_at, "created_at": one.created_at}
            for one in said
        ],
    }


def forget_lessons(member: Member) -> None:
    """What was taught, noted and adopted stays for those who learn, by nobody; what one has done or joined goes.

    A place that adopted a playbook is a fact about the place; the words about it were the member's, and go.
    """
    LessonDone.objects.filter(member=member).delete()
    CoTester.objects.filter(member=member).delete()
    Adoption.objects.filter(member=member).update(member=None, key=None, note="")
    for model in (LessonPage, SeriesPage, LogPage, PlaybookPage, CollectionPage):
        for page in model.objects.filter(author=member):
            page.revisions.all().delete()  # they keep every earlier wording, with the name
            forget_words(page.translation_key)
        model.objects.filter(author=member).update(author=None)
        model.objects.filter(owner=member).update(owner=None)


def erase(member: Member) -> None:
    """Stories and trials stay for those who learn from them, by nobody; earlier wordings go with the name.

    A trial loses where it was, too: a place and a trade together would name the person once more.
    """
    for receipt in Receipt.objects.filter(story__teller=member):
        receipt.withdraw()  # what was not accepted goes as a whole; it has no page yet
    forget_lessons(member)
    Nomination.objects.filter(member=member).delete()
    UsefulFailure.objects.filter(named_by=member).update(named_by=None)
    for page in CaseStudyPage.objects.filter(author=member):
        page.forget_wordings()
    CaseStudyPage.objects.filter(author=member).update(author=None)
    CaseStudyPage.objects.filter(owner=member).update(owner=None)
    gone: dict[str, Any] = {"member": None, "key": None, "place": "", "cell_lat": None, "cell_lon": None}
    Trial.objects.filter(member=member).update(**gone)
