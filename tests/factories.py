"""Makes rows for tests; each factory gives something valid and ordinary."""

from typing import Any

import factory
from allauth.account.models import EmailAddress

from community.members.models import Member, Profile, Statement, StatementSide
from community.topics.models import Season, Topic


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
