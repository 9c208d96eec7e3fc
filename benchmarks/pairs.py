"""CPU time and queries of the pages of connections, circles and notices, in a community that has many of them."""

import json
import tempfile

from benchmarks import pages
from benchmarks.table import Row

CONNECTIONS, NOTICES, PEOPLE = 2_000, 10_000, 200
"""How many of each at SCALE=1, all looked after by one steward."""

ROUNDS = 40


def rows(scale: float) -> list[Row]:
    """Build the site, visit its pages.

    Raises:
        pages.CouldNot: the site could not be built, or a page did not answer.
    """
    wanted = [max(40, round(CONNECTIONS * scale)), max(200, round(NOTICES * scale)), max(20, round(PEOPLE * scale))]
    rounds = max(10, round(ROUNDS * min(1, scale * 2)))
    with tempfile.TemporaryDirectory(prefix="scionwood-bench-") as folder:
        building = pages.environment(folder) | {"DEBUG": "1"}
        serving = pages.environment(folder) | {"DEBUG": "0"}
        pages.run([*pages.IN_DJANGO, f"from benchmarks import crowd; crowd.build(*{wanted!r})"], building)
        ignored = (f"--ignore={name}" for name in pages.UNUSED)
        pages.run(["manage.py", "collectstatic", "--noinput", *ignored], serving)
        answer = pages.run([*pages.IN_DJANGO, f"from benchmarks import crowd; crowd.main({rounds})"], serving)
    return [Row.from_json(row) for row in json.loads(answer)]
