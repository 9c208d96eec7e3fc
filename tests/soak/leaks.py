"""The leak matrix: every address, asked by every role, and private words found nowhere they should not be.

A canary is a word that stands in one private place. Each has a list of the roles that may read it; in any other
answer, in its head or body, it is a leak. An answer of 500 and above is a fault. Nothing that a request changes
stays: each runs in a transaction that is rolled back.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from wagtail.models import Page, PageViewRestriction

from community.connections.models import Connection
from community.library.models import Adoption, CaseStudyPage, CoTester, DeskStory, LessonDone, LogUpdate
from community.members.models import Block, Draft, Member, Profile
from community.notices.models import Follow, Notice, NoticeKind
from community.questions.models import Routed
from community.trust.models import Audit, Report
from tests import factories

METHODS = ("get", "head", "post", "options", "put", "patch", "delete")
SIGNED_IN = frozenset({"member", "stranger", "blocked", "minor", "steward", "editor", "host", "mentor"})
ADULTS = SIGNED_IN - {"minor"}
CANARY = re.compile(r"zq[a-z]{4,12}qz")

# Patterns that are not asked, each with its reason.
NOT_ASKED = {
    "^media/(?P<path>.*)$": "pictures, only where DEBUG is on; they are public",
    "wagtail_serve": "asked by the addresses of all pages",
    "wagtailcore_login": "a door of Wagtail's own, redirected to the site's login",
}


@dataclass
class World:
    """People in all roles, what they keep private, and where everything stands."""

    people: dict[str, Member | None] = field(default_factory=dict)
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    words: dict[str, list[Any]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    own: dict[str, dict[str, list[Any]]] = field(default_factory=dict)  # what the addresses of one app want
    sessions: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)

    def secret(self, name: str, *roles: str) -> str:
        """A word that only these roles may read."""
        word = f"zq{name}qz"
        self.allowed[word] = frozenset(roles)
        return word


@dataclass
class Tally:
    """What the matrix found."""

    probes: int = 0
    leaks: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)  # words that somebody who may read them has met: the matrix does look
    faults: set[str] = field(default_factory=set)
    untouched: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found and nothing left out."""
        return not (self.leaks or self.faults or self.untouched)


# --- The world ------------------------------------------------------------------------------------------------


def build() -> World:
    """Everybody and everything, made by the product's own verbs where it has them."""
    world = World(people={"anonymous": None})
    for role in sorted(SIGNED_IN):
        world.people[role] = factories.MemberFactory(
            name=f"{role.capitalize()} Person", email=f"{role}@example.org",
            is_adult=role != "minor", is_steward=role == "steward",
        )  # fmt: skip
    plant_people(world)
    plant_pages(world)
    plant_paper(world)
    for part in ("openings", "gatherings", "connections", "circles", "recognition", "talk", "letters"):
        import_module(f"tests.soak.leaks_{part}").plant(world)
    for role, person in world.people.items():
        client = Client()
        if person:
            client.force_login(person)
            world.sessions[role] = client.session.session_key or ""
    return world


def plant_people(world: World) -> None:
    """What stands on profiles, in statements and between two people."""
    member, minor = world.people["member"], world.people["minor"]
    assert member and minor
    Block.put(member, world.people["blocked"])  # type: ignore[arg-type]
    shown = ADULTS - {"blocked"}
    mail = f"{world.secret('mail', 'member', 'steward', 'mentor')}@example.org"
    Member.objects.filter(pk=member.pk).update(email=mail, verified_reason=world.secret("known", "steward"))
    Member.objects.filter(pk=minor.pk).update(name=f"Young {world.secret('young', 'minor', 'steward', 'host')}")
    Profile.objects.filter(member=member).update(
        about=world.secret("about", "member"), about_visibility="me",
        place=world.secret("place", "member"), place_visibility="matching",
        trade=world.secret("trade", *shown),
    )  # fmt: skip
    Profile.objects.filter(member=minor).update(about=world.secret("youth", "minor"))
    for name, visibility, roles in (
        ("only", "me", {"member"}),
        ("match", "matching", {"member"}),
        ("open", "members", shown),
    ):
        for side in ("offer", "need"):
            factories.StatementFactory(
                profile=member.profile, side=side, text=f"mend {world.secret(name, *roles)}", visibility=visibility
            )
    factories.StatementFactory(profile=minor.profile, text=f"learn {world.secret('line', 'minor')}")
    helped = Member.objects.create_user(None, "Helped Person", helper=member, is_adult=True)
    statements = list(member.profile.statements.values_list("pk", flat=True))
    world.words["handle"] = [member.handle, minor.handle, helped.handle]
    world.words["statement"] = statements


def plant_pages(world: World) -> None:
    """A gathering with a secret place, an opening with an application, a story for members and one not yet shown."""
    host, member = (world.people[role] for role in ("host", "member"))
    Member.objects.filter(pk=host.pk).update(verified_at="2026-01-01T00:00Z")  # type: ignore[union-attr]
    host.refresh_from_db()  # type: ignore[union-attr]
    gathering = factories.GatheringFactory(
        author=host, exact_place=world.secret("gate", "host", "member", "minor", "steward", "editor"),
        online_link=f"https://meet.example.org/{world.secret('room', 'host', 'member', 'minor', 'steward', 'editor')}",
    )  # fmt: skip
    gathering.enrol(member, uuid.uuid4())
    opening = factories.OpeningFactory(author=host)
    private = factories.StoryFactory(title=f"Story {world.secret('private', *SIGNED_IN)}")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    hidden = factories.StoryFactory(title=f"Story {world.secret('hidden', 'editor')}")
    hidden.unpublish()
    plant_trials(world, factories.StoryFactory(author=host), private)
    plant_desk(world)
    plant_questions(world, gathering, private, hidden)
    plant_shelves(world, host, member)
    plant_telling(world)
    for role in SIGNED_IN:  # a page that is shut later, and somebody whom one may not find any more
        for what, target in (("page", hidden), ("author", world.people["minor"])):
            Follow.begin(world.people[role], what, target)  # type: ignore[arg-type]
        Notice.objects.create(member=world.people[role], kind=NoticeKind.FOLLOWED_NEW, url="/", page=hidden)
    world.words["slug"] = [gathering.slug, opening.slug]
    world.words["page"] = [gathering.pk, opening.pk, private.pk, hidden.pk]
    world.addresses = [page.get_url() or "/" for page in Page.objects.filter(depth__gte=2)]


def plant_trials(world: World, public: Any, private: Any) -> None:
    """What the member tried: told to everybody, hidden by a steward, and on a page for members."""
    seen = (SIGNED_IN | {"anonymous"}) - {"blocked"}
    told = factories.TrialFactory(member=world.people["member"], page=public, learned=world.secret("tried", *seen))
    hidden = factories.TrialFactory(
        member=world.people["member"], page=public, learned=world.secret("hiddentry", "member", "steward")
    )
    hidden.hide(world.people["steward"], "It is rude.")
    inside = world.secret("insidetry", *(seen - {"anonymous"}))
    within = factories.TrialFactory(member=world.people["member"], page=private, learned=inside)
    world.words["trial"] = [told.uid, hidden.uid, within.uid]
    world.own["library:"] = {"slug": [public.slug, private.slug]}


def plant_shelves(world: World, host: Any, member: Any) -> None:
    """Lessons, an experiment that the member tries along, a playbook that the member's place adopted."""
    everybody = (SIGNED_IN | {"anonymous"}) - {"blocked"}
    # The word stands in no address: the map for search engines is the same for everybody.
    lesson = factories.LessonFactory(
        author=member, title=f"Lesson {world.secret('lesson', *everybody)}", slug="a-lesson-of-the-member"
    )
    inside = factories.LessonFactory(title=f"Lesson {world.secret('inlesson', *SIGNED_IN)}")
    PageViewRestriction.objects.create(page=inside, restriction_type=PageViewRestriction.LOGIN)
    series = factories.SeriesFactory(lessons=[lesson, inside])
    LessonDone.note(member, lesson)
    log = factories.LogFactory(author=host)
    note = LogUpdate(log=log, text="Nothing yet.").put()
    CoTester.join(log, member, world.secret("tester", "member", "host"))
    playbook = factories.PlaybookFactory(author=host)
    told = Adoption(playbook=playbook, member=member, year=2020, place=world.secret("adopted", *everybody)).put()
    hidden = Adoption(
        playbook=playbook, member=member, year=2020, place=world.secret("hidadopted", "member", "steward")
    ).put()
    hidden.hide(world.people["steward"], "No such place.")
    collection = factories.CollectionFactory(pages=[lesson, inside, series, log, playbook])
    world.own |= {
        "collections:": {"slug": [collection.slug]},
        "lessons:": {"slug": [lesson.slug, inside.slug, series.slug]},
        "experiments:": {"slug": [log.slug], "pk": [note.pk]},
        "playbooks:": {"slug": [playbook.slug], "pk": [told.pk, hidden.pk]},
    }


def plant_questions(world: World, public: Any, private: Any, hidden: Any) -> None:
    """Asked and answered for all, by somebody under 18, across a block, on pages that are shut; taken back and away."""
    p, everybody = world.people, SIGNED_IN | {"anonymous"}

    def ask(who: str, page: Any, word: str) -> Any:
        return factories.QuestionFactory(member=p[who], page=page, title=f"How is {word} done here?")

    def answer(who: str, word: str) -> Any:
        return factories.AnswerFactory(question=young, member=p[who], text=f"Like {word}.")

    young = ask("minor", public, world.secret("askyoung", *everybody))
    back = ask("member", public, world.secret("askback", "member"))
    away = ask("stranger", public, world.secret("askaway", "stranger", "steward"))
    asked = [
        young, back, away, ask("member", public, world.secret("askall", *(everybody - {"blocked"}))),
        ask("stranger", private, world.secret("askinside", *SIGNED_IN)),
        ask("mentor", hidden, world.secret("askshut", "mentor")),
    ]  # fmt: skip
    back.withdraw()
    away.hide(p["steward"], f"It names {world.secret('askwhy', 'stranger', 'steward')}.")
    answers = [
        answer("member", world.secret("tellall", *(everybody - {"blocked"}))),
        answer("blocked", world.secret("tellblock", *(everybody - {"member"}))),
        answer("mentor", world.secret("tellaway", "mentor", "steward")),
    ]
    answers[-1].hide(p["steward"], "It is rude.")
    Routed.objects.create(question=young, member=p["mentor"])
    world.own["questions:"] = {
        "page": [public.pk, private.pk, hidden.pk],
        "question": [one.pk for one in asked],
        "answer": [one.pk for one in answers],
    }


def plant_telling(world: World) -> None:
    """A story that the member has begun, and one that waits for a steward."""
    member: Any = world.people["member"]
    titles = [f"Story {world.secret('begun', 'member')}", f"Story {world.secret('waits', 'member', 'steward')}"]
    begun, waits = (CaseStudyPage.begin(member, {"title": title, "outcome": "mixed"}) for title in titles)
    text = f"<p>{world.secret('waitstext', 'member', 'steward')}</p>"
    waits.keep(member, {"summary": "In short.", "licence": "by"}, {"tried": text, "happened": text})
    CaseStudyPage.objects.get(pk=waits.pk).send(member)
    own = {"pk": [begun.pk, waits.pk], "step": ["start", "tried"]}
    world.own["library:"] |= own
    world.own["library_steward:"] = own


def plant_desk(world: World) -> None:
    """A story of the member's that lies at the desk: nobody here sits at it, and only the export gives it back."""
    told = {name: world.secret(f"desk{name}", "member") for name in ("title", "tried", "happened", "place")}
    story, _code = DeskStory.receive(told, uuid.uuid4().hex, world.people["member"])
    story.reply(world.secret("deskreply", "member"))
    world.own["library_desk:"] = {"key": [story.pk]}


def plant_paper(world: World) -> None:
    """Messages, notices, drafts, reports, and what stewards wrote."""
    p = world.people
    one = Connection.objects.create(
        asker=p["stranger"], asked=p["member"], kind="peer", message=world.secret("question", "stranger", "member")
    )
    two = Connection.objects.create(
        asker=p["member"], asked=p["mentor"], kind="mentorship", mentor=p["mentor"],
        message=world.secret("message", "member", "mentor"),
    )  # fmt: skip
    two.accept(p["mentor"], world.secret("answer", "member", "mentor"))
    report = Report.make(
        p["stranger"],
        f"/people/{p['member'].handle}/",
        "other",
        world.secret("report", "stranger", "steward"),  # type: ignore[union-attr]
    )
    Audit.verify(p["mentor"], p["steward"], world.secret("audit", "steward"))  # type: ignore[arg-type]
    typed = QueryDict(mutable=True)
    typed["text"] = world.secret("draft", "member")
    draft = Draft.keep(uuid.uuid4(), "story", p["member"], typed)
    notice = Notice.send(p["member"], NoticeKind.CONNECTION_PROPOSED, one.get_absolute_url(), actor=p["stranger"])  # type: ignore[arg-type]
    world.words["key"] = [draft.key]
    world.numbers = {
        "connections:": [one.pk, two.pk],
        "trust:": [report.pk],
        "notices:": [notice.pk],
        "members:": world.words["statement"][:3],
        "wagtailusers": [person.pk for person in p.values() if person][:3],
    }


# --- The addresses --------------------------------------------------------------------------------------------


def patterns(resolver: Any = None, names: str = "", route: str = "") -> Iterator[tuple[str, str, set[str]]]:
    """Every pattern of the site: its full route, its full name, and what it wants to know."""
    for part in (resolver or get_resolver()).url_patterns:
        here = f"{route}{part.pattern}"
        if isinstance(part, URLResolver):
            yield from patterns(part, f"{names}{part.namespace}:" if part.namespace else names, here)
        elif isinstance(part, URLPattern):
            wants = set(re.findall(r"<(?:\w+:)?(\w+)>", here.replace("?P", "")))
            yield here, f"{names}{part.name}" if part.name else "", wants


def candidates(
    world: World, wants: set[str], numbers: list[int], own: dict[str, list[Any]]
) -> Iterator[dict[str, Any]]:
    """Ways to fill a pattern in; those that fit nothing are passed over when the address is made."""
    choices: dict[str, list[Any]] = {
        "handle": world.words["handle"], "slug": world.words["slug"], "key": world.words["key"],
        "trial": world.words["trial"],
        "kind": ["mentor", "apprentice", "collaborator", "peer"], "topic": ["about", "place", "allow", "wishes"],
        "action": ["verify", "adult", "close", "open"], "name": ["x.log"], "number": [0],
        "path": ["x"], "uidb36": ["1"], "app_label": ["members"], "model_name": ["member"], **own,
    }  # fmt: skip
    ways: list[dict[str, Any]] = [{}]
    for want in sorted(wants):
        ways = [way | {want: value} for way in ways for value in choices.get(want, numbers)]
    yield from ways


def addresses(world: World, tally: Tally, share: int) -> Iterator[str]:
    """Every address of the product; of the editing tools every `share`-th pattern, and all of them where it is 1."""
    yield from world.addresses
    yield from (
        "/static/scionwood/scionwood.css",
        "/nowhere/",
        *(f"/notices/follow/?page={key}" for key in world.words["page"]),
        *(f"/notices/follow/?author={handle}" for handle in world.words["handle"]),
        "/ask/?q=mend",
        "/stories/feed/?q=story",
        "/api/v3/pages/?search=story",
        "/api/v3/pages/?type=gatherings.GatheringPage",
    )
    for number, (route, name, wants) in enumerate(patterns()):
        if route in NOT_ASKED or name in NOT_ASKED or (route.startswith("cms/") and number % share):
            continue
        made = list(islice(made_of(world, route, name, wants), 12 if share == 1 else 6))
        if not made:
            tally.untouched.append(f"{name or route}")
        yield from made


def made_of(world: World, route: str, name: str, wants: set[str]) -> Iterator[str]:
    """The addresses that one pattern leads to in this world."""
    if not name:
        yield f"/{route}"
        return
    group = next((group for group in world.numbers if name.startswith(group)), "")
    own = next((world.own[group] for group in world.own if name.startswith(group)), {})
    for values in candidates(world, wants, world.numbers.get(group, world.words["page"]), own):
        unnamed = [world.words["page"][0], "x"][: 2 if "documents" in route else 1]
        for arguments in ({"kwargs": values}, {"args": unnamed}):
            try:
                yield reverse(name, **arguments)  # type: ignore[arg-type]
                break
            except NoReverseMatch:
                continue


# --- Asking ---------------------------------------------------------------------------------------------------


def run(world: World, roles: list[str], methods: tuple[str, ...], share: int = 1, below: str = "/") -> Tally:
    """Ask everything, as everybody, in every way; `below` keeps to one part of the site."""
    tally = Tally()
    for address in dict.fromkeys(addresses(world, tally, share)):
        for role in roles if address.startswith(below) else []:
            for method in methods:
                probe(world, tally, role, method, address)
    return tally


def probe(world: World, tally: Tally, role: str, method: str, address: str) -> None:
    """One request, whose effects are taken back."""
    client = Client(raise_request_exception=False)
    if role in world.sessions:
        client.cookies["sessionid"] = world.sessions[role]
    tally.probes += 1
    with transaction.atomic():
        response = getattr(client, method)(address)
        told = told_by(response)
        transaction.set_rollback(True)
    where = f"{role} {method.upper()} {address}"
    if response.status_code >= 500:
        tally.faults.add(f"{response.status_code} {where}")
    for word in set(CANARY.findall(told)) & set(world.allowed) - set(CANARY.findall(address)):
        if role in world.allowed[word]:
            tally.seen.add(word)
        else:
            tally.leaks.add(f"{word} to {where}")


def told_by(response: Any) -> str:
    """Head and body of an answer; a zip file by the names and texts in it."""
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    body: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return head + body.decode("utf-8", "replace")
