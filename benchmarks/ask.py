"""CPU time and queries of a question, among two thousand pages and among twenty thousand, on sites of their own.

The pages are the demo community's, copied, and so are their passages; each copy's vectors are turned a little, so that
no two are the same. Questions are typed in words that no page uses exactly, and half of them are misspelt.
"""

import json
import tempfile
from itertools import islice

import numpy as np

from benchmarks import pages
from benchmarks.table import Row

PART = "ask"
SIZES = {2_000: 60.0, 20_000: 150.0}
"""Stories at SCALE=1, and how many ms of CPU a question may take among them."""

QUERIES = 12
ROUNDS = 40
NOISE = 0.02
AT_ONCE = 2_000
QUESTIONS = (
    "my compost stays cold", "cheese with a bitter taste", "who can sharpen a scythe", "we lost most of our bees",
    "bread that does not rise", "the roof leaks after repair", "how to find an apprentice", "selling vegetables",
    "sheep got out through the fence", "pricing pottery", "render comes off the wall", "cider stopped fermenting",
    "vinager", "mushrom", "scithe", "chesemaking", "hegde laying", "grafting aple trees", "wood oven", "milstones",
)  # fmt: skip


def rows(scale: float) -> list[Row]:
    """Build both sites, ask on each.

    Raises:
        pages.CouldNot: a site could not be built, or a question was not answered.
    """
    found: list[Row] = []
    for size, budget in SIZES.items():
        number = max(100, round(size * scale))
        with tempfile.TemporaryDirectory(prefix="scionwood-bench-") as folder:
            building = pages.environment(folder) | {"DEBUG": "1"}
            serving = pages.environment(folder) | {"DEBUG": "0"}
            pages.run([*pages.IN_DJANGO, f"from benchmarks import ask; ask.build({number})"], building)
            pages.run(["manage.py", "collectstatic", "--noinput", *(f"--ignore={n}" for n in pages.UNUSED)], serving)
            answer = pages.run([*pages.IN_DJANGO, f"from benchmarks import ask; ask.main({number}, {budget})"], serving)
        found += [Row.from_json(row) for row in json.loads(answer)]
    return found


def build(number: int) -> None:
    """A site with so many stories, all of them read by the real model, or copied from what it read."""
    from benchmarks import site
    from community.library.models import CaseStudyPage
    from matching import language, reading, refresh

    by = language.encoder()
    site.build_pages({"casestudypage": number, "gatheringpage": 200, "openingpage": 200, "people": 200})
    refresh.embed(by=by)
    originals = CaseStudyPage.objects.exclude(slug__regex=r"-\d+$").values_list("pk", "title")
    for pk, title in originals:
        reading.read_page(pk, by)
        copies = CaseStudyPage.objects.filter(title__regex=rf"^{title} \d+$".replace("(", r"\(").replace(")", r"\)"))
        copy_passages(pk, list(copies.values_list("pk", flat=True)))
    reading.read_everything(by)  # what is no copy: gatherings, openings, plain pages, and offers


def copy_passages(original: int, copies: list[int]) -> None:
    """Give each copy of a page the passages of the original, turned a little."""
    from matching.models import Passage

    chance = np.random.default_rng(original)
    fields = [field.attname for field in Passage._meta.concrete_fields if field.name not in ("id", "page", "data")]

    def turned(row: Passage) -> bytes:
        vector = row.vector + NOISE * chance.standard_normal(len(row.data or b"") // 4)
        return np.asarray(vector / np.linalg.norm(vector), "<f4").tobytes()

    known = list(Passage.objects.filter(page=original))
    made = (
        Passage(page_id=pk, data=turned(row), **{name: getattr(row, name) for name in fields})
        for pk in copies for row in known
    )  # fmt: skip
    while some := list(islice(made, AT_ONCE)):
        Passage.objects.bulk_create(some)


def main(number: int, budget: float) -> None:
    """Print the rows for the site in `VAR_DIR` as JSON."""
    print(json.dumps([row.as_json() for row in measure(number, budget)]))


def measure(number: int, budget: float) -> list[Row]:
    """Ask as a visitor and as members: CPU time (median), queries (most of five), and the memory of the process."""
    from benchmarks import visits
    from community.members.models import Member
    from matching.models import Passage

    members = Member.objects.filter(email__endswith="@example.org", is_adult=True).order_by("pk")[:6]
    stop = visits.Stop(f"a question to {number:,} stories ({Passage.objects.count():,} passages)", "search",
                       [f"/ask/?q={question}" for question in QUESTIONS])  # fmt: skip
    found = [row for who, people in (("anonymous", [None]), ("signed in", list(members)))
             for row in visits._rows_of(stop, who, [visits.browser(one) for one in people], ROUNDS)]  # fmt: skip
    rows = [Row(PART, row.name, row.measured, row.unit, most=budget if row.unit == "ms" else QUERIES) for row in found]
    memory = next(row for row in visits.process_rows() if row.unit == "MB")
    return [*rows, Row(PART, f"web process after {number:,} stories: memory", memory.measured, "MB")]
