"""What producers want to learn, against what is taught here: by words that at least five of them use."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from community.members.models import Role, Statement, StatementKind, StatementSide, Visibility
from community.openings.models import LEARNING, OpeningLine, OpeningPage
from matching.engine.text import surface, words

# Words that say nothing about a craft; of other languages they are used by few and fall out by themselves.
SAID_OFTEN = (
    "a an and or the to of in on at for from with without by my our your their its it is are be do how what when where "
    "which who more some any all not no can want learn look need know get make use work keep run set good new old own "
    "up out into over about than that this as if so one two first way thing help"
)
COMMON = frozenset(SAID_OFTEN.split())
Known = dict[str, set[int]]


class Gap(models.Model):
    """A word for something that several producers want to learn, and how many people here teach it."""

    word = models.CharField(max_length=80, unique=True)
    wanted = models.PositiveIntegerField(help_text="Producers who look for it.")
    taught = models.PositiveIntegerField(help_text="People who offer to teach it, and openings in which it is learned.")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["taught", "-wanted", "word"]

    def __str__(self) -> str:
        return self.word

    @classmethod
    @transaction.atomic
    def count(cls) -> int:
        """Count anew from what members show to each other; returns how many words there are.

        Nothing of fewer than `SMALL_COUNT` people is kept, so that no word stands for a person.
        """
        said = Statement.objects.filter(
            kind=StatementKind.SKILL, visibility=Visibility.MEMBERS, profile__is_matched=True,
            profile__member__is_active=True, profile__member__is_adult=True,
        )  # fmt: skip
        rows = list(said.values_list("side", "text", "profile", "profile__roles", "can_teach"))
        wanted, written = cls._by_word(
            (text, who) for side, text, who, roles, _t in rows if side == StatementSide.NEED and Role.PRODUCER in roles
        )
        taught, _w = cls._by_word((text, who) for side, text, who, _r, t in rows if side == StatementSide.OFFER and t)
        pages = OpeningPage.objects.live().public().open().filter(kind__in=LEARNING)
        lines = OpeningLine.objects.filter(opening__in=pages.values("pk")).values_list("text", "opening")
        learned, _w = cls._by_word((text, -page) for text, page in lines)
        kept = {word: who for word, who in wanted.items() if len(who) >= settings.SMALL_COUNT}
        cls.objects.all().delete()
        found = [
            cls(word=written[word], wanted=len(who), taught=len(taught.get(word, set()) | learned.get(word, set())))
            for word, who in kept.items()
            if not cls._is_part(word, kept)
        ]
        unique = {one.word: one for one in found}
        return len(cls.objects.bulk_create(unique.values()))

    @staticmethod
    def _by_word(texts: Iterable[tuple[str, int]]) -> tuple[Known, dict[str, str]]:
        """Who says each stem, or two in a row, and how it is written most often."""
        who: Known = defaultdict(set)
        written: dict[str, Counter[str]] = defaultdict(Counter)
        for text, person in texts:
            stems, seen = words(text), surface(text)
            if len(stems) != len(seen):
                continue
            for size in (1, 2):
                for start in range(len(stems) - size + 1):
                    part, shown = stems[start : start + size], " ".join(seen[start : start + size])[:80]
                    if not COMMON & {*part, *seen[start : start + size]} and all(len(stem) > 2 for stem in part):
                        who[" ".join(part)].add(person)
                        written[" ".join(part)][shown] += 1
        return who, {stem: min(forms, key=lambda f: (-forms[f], f)) for stem, forms in written.items()}

    @staticmethod
    def _is_part(word: str, kept: Known) -> bool:
        """Whether two words that stand there say the same of the same people, and more clearly."""
        return " " not in word and any(
            word in other.split() and kept[other] == kept[word] for other in kept if " " in other
        )

    @property
    def taught_in_words(self) -> str:
        """How many teach it; nobody, or too few to be counted, in words."""
        if self.taught == 0:
            return _("nobody")
        if self.taught < settings.SMALL_COUNT:
            return _("fewer than %(n)s") % {"n": settings.SMALL_COUNT}
        return str(self.taught)
