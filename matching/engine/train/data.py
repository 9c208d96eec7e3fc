"""What the weights learn from: occupations, the skills they take, and other names of both.

A folder holds `esco_occupations.jsonl`, `esco_skills.jsonl` and, for a second language,
`esco_occupations_fr.jsonl`, plain or gzipped. A part of the occupations, whole unit groups of trades at a time,
and half of the skills that these use are kept back from the encoder: the fusion learns from them how far the
encoder can be trusted on trades that it never saw.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..evaluate import EvaluationUnsound, read_lines
from ..text import normalise, sentences

KEPT_BACK = 0.18
"""Share of the unit groups that the encoder does not learn from."""

COMMON = 25
"""A skill linked to more occupations than this says little about a trade, and is never kept back."""

LOCAL = re.compile(
    r"^([67]|8(?!3[1235])|51|92|94|1311|1312|1411|2132|2133|2166|2320|2356"
    r"|3112|3113|3115|3119|3122|313[129]|314[123]|3240|3434)"
)
"""ISCO-08 groups of local production: the trades of the people this is for."""


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: its label, its other names (without the label), and the first sentence that describes it."""

    id: str
    label: str
    names: tuple[str, ...]
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation with what it takes.

    Attributes:
        label, names, text: its name, other names, and name with description.
        group: ISCO-08 code.
        essential, optional: ids of skills.
        foreign: its names in the second language; foreign_text: its description there.
    """

    id: str
    label: str
    names: tuple[str, ...]
    text: str
    group: str
    essential: tuple[str, ...]
    optional: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    foreign_text: str = ""

    @property
    def skills(self) -> frozenset[str]:
        """Ids of all skills, essential and optional."""
        return frozenset(self.essential + self.optional)

    @property
    def is_local(self) -> bool:
        """Whether the trade belongs to local production."""
        return bool(LOCAL.match(self.group))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Occupations and the skills they may name, by id."""

    occupations: tuple[Occupation, ...]
    skills: dict[str, Skill]

    def spread(self) -> Counter[str]:
        """In how many occupations each skill stands, by id."""
        return Counter(skill for occupation in self.occupations for skill in occupation.skills)


def read(folder: Path) -> Corpus:
    """Read a training folder.

    Raises:
        EvaluationUnsound: a file is missing or a line cannot be read; the message names it.
    """
    try:
        skills = {row["id"]: _skill(row) for row in read_lines(_file(folder, "esco_skills"))}
        foreign = {row["id"]: row for row in read_lines(_file(folder, "esco_occupations_fr", is_needed=False))}
        rows = read_lines(_file(folder, "esco_occupations"))
        return Corpus(tuple(_occupation(row, skills, foreign.get(row["id"], {})) for row in rows), skills)
    except (KeyError, TypeError, AttributeError) as error:
        raise EvaluationUnsound(
            f"{folder} has a line without what is needed ({error}). See the folder's README."
        ) from None


def split(corpus: Corpus) -> tuple[Corpus, Corpus]:
    """Return what the encoder learns from, and what is kept back for the fusion; the same at every call."""
    back = tuple(one for one in corpus.occupations if _lot(f"unit{one.group}") < KEPT_BACK)
    rest = [one for one in corpus.occupations if _lot(f"unit{one.group}") >= KEPT_BACK]
    spread = corpus.spread()
    hidden = {skill for one in back for skill in one.skills if spread[skill] <= COMMON and _lot(f"skill{skill}") < 0.5}
    seen = tuple(
        replace(
            one,
            essential=tuple(skill for skill in one.essential if skill not in hidden),
            optional=tuple(skill for skill in one.optional if skill not in hidden),
        )
        for one in rest
    )
    learned = {key: skill for key, skill in corpus.skills.items() if key not in hidden}
    return Corpus(seen, learned), Corpus(back, {key: corpus.skills[key] for key in sorted(hidden)})


def _lot(text: str) -> float:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32


def _file(folder: Path, name: str, *, is_needed: bool = True) -> Path | None:
    for path in (folder / f"{name}.jsonl.gz", folder / f"{name}.jsonl"):
        if path.exists():
            return path
    if is_needed:
        raise EvaluationUnsound(f"{folder} holds no {name}.jsonl: name a folder with the training relations.")
    return None


def _skill(row: dict[str, Any]) -> Skill:
    label, about = normalise(row["label"]), sentences(row.get("desc", ""))
    names = tuple(name for name in dict.fromkeys(map(normalise, row.get("alts", []))) if name and name != label)
    return Skill(row["id"], label, names, about[0] if about else label, normalise(row.get("desc", "")))


def _occupation(row: dict[str, Any], skills: dict[str, Skill], foreign: dict[str, Any]) -> Occupation:
    text = normalise(row["text"])
    label = text.partition(". ")[0]
    names = tuple(name for name in dict.fromkeys(map(normalise, row.get("alts", []))) if name and name != label)
    linked = [(skill, grade) for skill, grade in row.get("rel", []) if skill in skills]
    # Both genders stand in one name there: "boulanger/boulangère".
    genders = {normalise(part) for name in foreign.get("names", []) for part in name.split("/")}
    return Occupation(
        id=row["id"],
        label=label,
        names=names,
        text=text,
        group=row.get("isco", ""),
        essential=tuple(skill for skill, grade in linked if grade == 2),
        optional=tuple(skill for skill, grade in linked if grade != 2),
        foreign=tuple(sorted(genders - {""})),
        foreign_text=normalise(re.sub(r"(\w+)/\w+", r"\1", foreign.get("desc", ""))),
    )
