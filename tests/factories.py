"""Makes rows for tests; each factory gives something valid and ordinary."""

from datetime import timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Locale, Page, Site

from community.circles.models import Circle
from community.gatherings.models import GatheringIndexPage, GatheringPage
from community.library.models import (
    CaseStudyPage,
    CollectionIndexPage,
    CollectionItem,
    CollectionPage,
    LessonIndexPage,
    LessonPage,
    LogIndexPage,
    LogPage,
    PlaybookIndexPage,
    PlaybookPage,
    SeriesPage,
    SeriesPart,
    StoryIndexPage,
    Trial,
)
from community.members.models import Member, Profile, Statement, StatementSide
from community.openings.models import OpeningIndexPage, OpeningLine, OpeningPage
from community.questions.models import Answer, Question
from community.topics.models import Season, Topic
from home.tree import plant
from matching.models import Outcome


class MemberFactory(factory.django.DjangoModelFactory):
    """An adult member, open to everything, who speaks English and has confirmed the address."""

    class Meta:
        model = Member
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Member {n}")
    email = factory.Sequence(lambda n: f"member{n}@example.org")
    is_adult = True

    @factory.post_generation
    def profile(self: Any, create: bool, extracted: dict[str, Any] | None, **kwargs: Any) -> None:
        """Fields of the profile: MemberFactory(profile={"about": "…"}) or profile__about="…"."""
        fields: dict[str, Any] = {
            "open_to": ["mentor", "apprentice", "collaborator", "peer"], "languages": ["en"],
        } | (extracted or {}) | kwargs  # fmt: skip
        Profile.objects.filter(member=self).update(**fields)
        self.refresh_from_db()
        if self.email:
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)


class StatementFactory(factory.django.DjangoModelFactory):
    """An offer of a skill that can be taught."""

    class Meta:
        model = Statement

    profile = factory.LazyFunction(lambda: MemberFactory().profile)
    side = StatementSide.OFFER
    text = factory.Sequence(lambda n: f"lay a hedge of kind {n}")


class TopicFactory(factory.django.DjangoModelFactory):
    """A topic."""

    class Meta:
        model = Topic
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"topic-{n}")
    name = factory.LazyAttribute(lambda o: o.slug.replace("-", " ").capitalize())


class SeasonFactory(factory.django.DjangoModelFactory):
    """A season."""

    class Meta:
        model = Season
        django_get_or_create = ("slug",)

    slug = "winter"
    name = factory.LazyAttribute(lambda o: o.slug.capitalize())
    months = [12, 1, 2]


def site_root() -> Page:
    """The page that the site begins with; made anew where a test with real transactions has emptied the tables."""
    Locale.objects.get_or_create(language_code="en-gb")
    if (site := Site.objects.filter(is_default_site=True).select_related("root_page").first()) is None:
        top = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
        home = top.get_children().first() or top.add_child(instance=Page(title="Home", slug="home"))
        site = Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    return site.root_page


def index_page(model: type[Page], slug: str) -> Any:
    """The one list page of its kind, at its own address."""
    if page := model.objects.first():
        return page
    root = Page.objects.get(pk=site_root().pk)
    return root.add_child(instance=model(title=slug.capitalize(), slug=slug))


class EntryFactory(factory.django.DjangoModelFactory):
    """A page that stands in a list; `children` and many-to-many fields go by keyword like any other."""

    class Meta:
        abstract = True

    title = factory.Sequence(lambda n: f"Entry {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.title))
    summary = "One plain sentence."
    place = "Tolver"
    author = factory.SubFactory(MemberFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        topics = kwargs.pop("topics", [])
        page = model_class(**kwargs)
        page.topics = topics
        return cls._list().add_child(instance=page)

    @classmethod
    def _list(cls) -> Any:
        raise NotImplementedError


class GatheringFactory(EntryFactory):
    """A workshop with six seats, next week, three hours long."""

    class Meta:
        model = GatheringPage

    title = factory.Sequence(lambda n: f"Grafting day {n}")
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + timedelta(hours=3))
    zone = "Europe/London"
    capacity = 6
    text = "<p>We graft apples.</p>"
    exact_place = "Second gate past the church, code zq47qz"
    online_link = "https://meet.example.org/secret-room"

    @classmethod
    def _list(cls) -> Any:
        return index_page(GatheringIndexPage, "gatherings")


class StoryFactory(factory.Factory):
    """A published story on the list of stories; the tree of pages is planted if it is not there."""

    class Meta:
        model = CaseStudyPage

    title = factory.Sequence(lambda n: f"Story {n} of the wet barley")
    summary = "We tried it for one winter and counted what came of it."
    outcome = "success"
    year = 2024
    place = "Stonebeck"
    topics: Any = ()
    body = factory.LazyFunction(lambda: [("setting", "<p>Two acres of wet clay.</p>"), ("now", "<p>Dig first.</p>")])

    @classmethod
    def _create(cls, model_class: Any, *args: Any, topics: Any = (), **kwargs: Any) -> CaseStudyPage:
        plant()
        story = model_class(*args, **kwargs)
        StoryIndexPage.in_first_language().add_child(instance=story)
        story.topics.set(topics)
        story.save_revision().publish()
        story.refresh_from_db()
        return story


class LessonFactory(factory.Factory):
    """A published lesson of two steps, half an hour of work, on the list of lessons."""

    class Meta:
        model = LessonPage

    title = factory.Sequence(lambda n: f"Lesson {n} in sharpening")
    summary = "From blunt to sharp with two stones and some water."
    place = "Stonebeck"
    able = "Sharpen a hook\nSay when it is sharp"
    difficulty = "easy"
    tools = "Two stones"
    materials = "Water, one bucket"
    topics: Any = ()
    steps = factory.LazyFunction(
        lambda: [
            ("step", {"title": "Wet the stone", "text": "<p>Until no bubble comes.</p>", "minutes": 10}),
            ("step", {"title": "Draw the hook", "text": "<p>Along its whole edge.</p>", "minutes": 20,
                      "warning": "Your thumb stays behind the edge."}),
        ]
    )  # fmt: skip

    @classmethod
    def _create(cls, model_class: Any, *args: Any, topics: Any = (), **kwargs: Any) -> Any:
        return published(LessonIndexPage, model_class(*args, **kwargs), topics)


class SeriesFactory(factory.Factory):
    """A published series of the lessons that are given to it."""

    class Meta:
        model = SeriesPage

    title = factory.Sequence(lambda n: f"Series {n} of edges")
    summary = "From the kitchen knife to the scythe."
    lessons: Any = ()

    @classmethod
    def _create(cls, model_class: Any, *args: Any, lessons: Any = (), topics: Any = (), **kwargs: Any) -> Any:
        series = model_class(*args, **kwargs)
        series.parts = [SeriesPart(lesson=lesson, sort_order=n) for n, lesson in enumerate(lessons)]
        return published(LessonIndexPage, series, topics)


class LogFactory(factory.Factory):
    """A published experiment of an adult, begun last month, for which others are wanted."""

    class Meta:
        model = LogPage

    title = factory.Sequence(lambda n: f"Experiment {n} with lime")
    summary = "Two beds, one limed, one not."
    question = "Does lime keep the slugs away?"
    compared = "Bed one: limed\nBed two: bare"
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=30))
    seeks_testers = True
    call = "Two beds of a square yard each will do."
    author = factory.SubFactory(MemberFactory)
    topics: Any = ()

    @classmethod
    def _create(cls, model_class: Any, *args: Any, topics: Any = (), **kwargs: Any) -> Any:
        return published(LogIndexPage, model_class(*args, **kwargs), topics)


class PlaybookFactory(factory.Factory):
    """A published playbook of a ring of machines."""

    class Meta:
        model = PlaybookPage

    title = factory.Sequence(lambda n: f"Playbook {n} of a ring")
    summary = "Nine farms share a baler."
    budget = "some"
    topics: Any = ()
    body = factory.LazyFunction(
        lambda: [
            ("what", "<p>One baler, one board, one purse.</p>"),
            ("stages", [{"title": "Meet once", "text": "<p>Without a plan.</p>"}]),
            ("agreements", "<p>Whoever breaks it mends it.</p>"),
        ]
    )

    @classmethod
    def _create(cls, model_class: Any, *args: Any, topics: Any = (), **kwargs: Any) -> Any:
        return published(PlaybookIndexPage, model_class(*args, **kwargs), topics)


def published(shelf: type[Page], page: Any, topics: Any = ()) -> Any:
    """Put a page on its list and publish it; the tree of pages is planted if it is not there."""
    plant()
    shelf.objects.order_by("path")[0].add_child(instance=page)
    page.topics.set(topics)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


class TrialFactory(factory.Factory):
    """Somebody tried a story, and it worked."""

    class Meta:
        model = Trial

    member = factory.SubFactory(MemberFactory)
    page = factory.SubFactory(StoryFactory)
    outcome = "worked"
    year = 2024

    @classmethod
    def _create(cls, model_class: Any, *args: Any, page: Any, is_on_map: bool = False, **kwargs: Any) -> Trial:
        return model_class(*args, **kwargs).put(page, is_on_map=is_on_map)


class OpeningFactory(EntryFactory):
    """An apprenticeship of a verified poster, open for a month, with two lines of what is learned."""

    class Meta:
        model = OpeningPage

    title = factory.Sequence(lambda n: f"A year of walling {n}")
    admits_minors = True
    author = factory.SubFactory(MemberFactory, verified_at=factory.LazyFunction(timezone.now))
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    text = "<p>Footings first.</p>"
    lines = factory.LazyFunction(lambda: [OpeningLine(text="lay footings"), OpeningLine(text="set a throughstone")])

    @classmethod
    def _list(cls) -> Any:
        return index_page(OpeningIndexPage, "openings")


class QuestionFactory(factory.django.DjangoModelFactory):
    """A question of a member on a story that everybody can read."""

    class Meta:
        model = Question

    member = factory.SubFactory(MemberFactory)
    page = factory.LazyFunction(lambda: StoryFactory())
    title = factory.Sequence(lambda n: f"How long did you let it dry, in winter {n}?")


class AnswerFactory(factory.django.DjangoModelFactory):
    """An answer of a member."""

    class Meta:
        model = Answer

    member = factory.SubFactory(MemberFactory)
    question = factory.SubFactory(QuestionFactory)
    text = factory.Sequence(lambda n: f"We waited for {n + 10} dry days.")


class OutcomeFactory(factory.django.DjangoModelFactory):
    """Somebody put aside a mentor who was suggested to them, this month."""

    class Meta:
        model = Outcome

    member = factory.SubFactory(MemberFactory)
    other = factory.SubFactory(MemberFactory)
    kind = "mentor"
    relation = "wish"
    evidence = factory.LazyFunction(lambda: [0.5] * 10)
    basis = "any"
    month = factory.LazyFunction(lambda: timezone.localdate().replace(day=1))


class CollectionFactory(factory.Factory):
    """A published collection of the pages that are given to it."""

    class Meta:
        model = CollectionPage

    title = factory.Sequence(lambda n: f"Collection {n} for a first winter")
    summary = "What to read before the frost."
    pages: Any = ()

    @classmethod
    def _create(cls, model_class: Any, *args: Any, pages: Any = (), topics: Any = (), **kwargs: Any) -> Any:
        collection = model_class(*args, **kwargs)
        collection.items = [CollectionItem(entry=page, sort_order=n) for n, page in enumerate(pages)]
        return published(CollectionIndexPage, collection, topics)


class CircleFactory(factory.Factory):
    """An open circle of eight, begun by whoever is given as `by`, with these people in it."""

    class Meta:
        model = Circle

    name = factory.Sequence(lambda n: f"Hedge circle {n}")
    purpose = "We lay hedges on clay, and show each other what died."
    door = "open"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, by: Any = None, people: Any = (), **kwargs: Any) -> Any:
        is_open = kwargs["door"] == "open"
        circle = Circle.found(by or MemberFactory(), **kwargs)
        for one in people:
            if not is_open:
                circle.invite(circle.memberships.get(is_facilitator=True).member, one)
            circle.join(one)
        circle.refresh_from_db()
        return circle
