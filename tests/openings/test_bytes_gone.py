"""What is forgotten is not in the files of the database either."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from community.openings.models import Application, Paper
from community.topics.models import CleanFile
from community.trust.registry.erasing import has_traces, wipe_traces
from tests.factories import MemberFactory, OpeningFactory
from tests.soak.seats import Crowd, on_disk

LIFE = b"Two winters with a hedger. zqbytesofapaperqz"


def raw(folder: Path) -> bytes:
    """Every byte of the database's files, wherever the tests keep them."""
    name = Path(str(connections.settings["default"]["NAME"]))
    files = {*folder.rglob("*"), *name.parent.glob(f"{name.name}*")}
    return b"".join(file.read_bytes() for file in files if file.is_file())


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_a_file_are_gone_from_the_disk(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its files to itself; VACUUM frees them there")
    with on_disk(tmp_path), Crowd() as crowd:
        member = crowd.alone(MemberFactory)
        opening = crowd.alone(OpeningFactory)
        words = "I have mended two field gates and would like to learn walls."
        one = crowd.alone(lambda: opening.apply(member, words, papers={"life": CleanFile.of(LIFE, "txt")}))
        assert LIFE in raw(tmp_path)
        crowd.alone(lambda: one.decline(one.poster, "filled"))
        crowd.alone(lambda: Application.objects.update(moved_at=timezone.now() - timedelta(days=400)))
        assert crowd.alone(Application.forget_old) == 1
        assert not crowd.alone(Paper.objects.exists)
        assert has_traces()
        assert crowd.alone(wipe_traces)
        assert LIFE not in raw(tmp_path)
