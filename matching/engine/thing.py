"""What thing a line of text names, so that a milk can is told from canned milk.

The thing is the last word of a noun phrase ("oak sawdust": sawdust), not counting units and measures ("three bags of
sawdust", "straw bales") and before what it is for or made of ("whey from soft cheese": whey). Source: the right-hand
head rule (Williams, "On the notions lexically related and head of a word", Linguistic Inquiry 12, 1981). It holds for
English; texts in other languages name something where they use the same words, and else nothing is claimed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from .text import words

_CUT = re.compile(r"[,;:.()/+&–—]|(?<![\w-])(?:and|or|und|oder|et|ou)(?![\w-])", re.I)
_ASIDE = re.compile(
    r"(?<![\w-])(?:for|to|from|with|without|in|on|at|by|near|after|before|that|which|who|where|when|if|so|until|per"
    r"|a week|a month|a year|a day|für|von|aus|mit|pour|avec)(?![\w-])"
    r"|(?<=\w )(?:kept|left|made|taken|grown|cut|stripped|bought|booked|standing|going)(?![\w-])",
    re.I,
)
_OF = re.compile(r"(?<![\w-])(?:of|de|du|des|d')(?![\w-])", re.I)


def _listed(text: str) -> frozenset[str]:
    return frozenset(words(text))


MEASURES = _listed(
    "kg g t l ml m ha h kilo gram tonne ton litre liter metre meter hour day week month year piece acre hectare bales "
    "load lorry trailer pallet bundle pile heap few bit lot pair set dozen hundred thousand kind sort glut surplus "
    "rest square cubic half quarter one two three four five six seven eight nine ten twelve twenty thirty forty fifty"
)
"""Stems that say how much of a thing there is, and never name it."""

CONTAINERS = _listed("can tin bottle jar barrel drum churn bucket tub sack bag box crate basket tank")
"""Stems that say how much where "of" follows ("a can of milk"), and else name a thing ("a milk can")."""

USES = frozenset({"feed", "fodder", "bed", "litter", "fuel", "mulch", "compost", "pack", "substrate", "fertiliser"})
"""Roots of things that are named by what they are for: whatever serves the use is the thing."""

_EMPTY = _listed(
    "a an the some any my our your their its this these those old new spare used clean fresh good small large big "
    "little own more much many once twice something anything about up i we it is are of "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december spring summer autumn winter"
)


@dataclass(frozen=True, slots=True)
class Naming:
    """What one text names.

    Attributes:
        heads: stems of the words that name the thing.
        first: roots of those in the first phrase; what follows may only name sorts of it ("dust, oak or apple").
        main: roots of all words of the phrases that name it.
        aside: roots of the words that say what it is for, or where it comes from.
    """

    heads: frozenset[str]
    first: frozenset[str]
    main: frozenset[str]
    aside: frozenset[str]

    @property
    def uses(self) -> frozenset[str]:
        """The uses by which the thing is named: "pig feed" is whatever feeds pigs."""
        return frozenset(_root(head) for head in self.heads) & USES

    @property
    def serves(self) -> frozenset[str]:
        """The uses that it is said to serve: "whey for feeding pigs" serves as feed."""
        return self.aside & USES

    def is_use_of(self, other: "Naming") -> bool:
        """Whether the other thing serves the use that this one names, for the same (pigs), where both say for what."""
        if not self.uses & other.serves:
            return False
        mine, theirs = (self.main | self.aside) - USES, other.aside - USES
        return not mine or not theirs or bool(mine & theirs)

    def differs_from(self, other: "Naming") -> bool:
        """Whether the name of one only describes the other, so that they are different things in like words."""
        return self._only_describes(other) or other._only_describes(self)

    def _only_describes(self, other: "Naming") -> bool:
        named_there = frozenset(_root(head) for head in other.heads)
        return bool(self.first & ((other.main | other.aside) - named_there))


@lru_cache(maxsize=16_384)
def named(text: str) -> Naming:
    """Return what a text names; empty sets where nothing can be told."""
    heads: set[str] = set()
    first: set[str] = set()
    main: set[str] = set()
    aside: set[str] = set()
    for phrase in _CUT.split(text):
        thing, *rest = _ASIDE.split(phrase, maxsplit=1)
        for told in _OF.split(thing):
            main |= _roots(told)
        for told in rest:
            aside |= _roots(told)
        heads |= _heads(thing)
        first = first or {_root(head) for head in heads}
    return Naming(frozenset(heads), frozenset(first), frozenset(main), frozenset(aside - main))


def _heads(phrase: str) -> set[str]:
    """The last telling word of each part around "of"; a container before "of" only says how much."""
    *measured, last = [_telling(part) for part in _OF.split(phrase)]
    heads = {part[-1] for part in measured if part and part[-1] not in CONTAINERS}
    return heads | ({last[-1]} if last else set())


def _telling(phrase: str) -> list[str]:
    stems = [stem[:-1] if stem.endswith("oe") else stem for stem in words(phrase)]  # one potato, two potatoes
    return [stem for stem in stems if not stem[0].isdigit() and stem not in _EMPTY and stem not in MEASURES]


def _roots(phrase: str) -> set[str]:
    return {_root(stem) for stem in _telling(phrase) if len(stem) > 2}


def _root(stem: str) -> str:
    """A stem without "-ed" and "-ing": canned, feeding."""
    for ending in ("ing", "ed"):
        if stem.endswith(ending) and len(stem) > len(ending) + 2:
            bare = stem[: -len(ending)]
            return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] else bare
    return stem
