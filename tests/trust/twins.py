"""Two copies of one community in which the same story is told in confidence, by Anna in one and by Boris in the other.

`raise_twins` runs in processes of their own; what is compared afterwards are their files.
"""

import base64
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from tests.trust.sites import manage

ANNA, BORIS, DESK = "anna@example.org", "boris@example.org", "dora@example.org"
GONE = ("Zennorfold", "Morwenna", "Quarrelstone", "eleven degrees")  # words that the desk takes out
STAYS = "The store was scrubbed with soda."
PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nobody has collected any here


# --- What runs in the processes of the twins -------------------------------------------------------------------------


def settle(out: Path) -> None:
    """The community before anything is told: the same people, all signed in, in both copies."""
    from django.test import Client

    from community.library.models import DeskStory
    from community.members.models import Member, Profile
    from home.tree import plant

    plant()
    sessions = []
    for email, name in ((ANNA, "Anna Field"), (BORIS, "Boris Stone"), (DESK, "Dora Desk"), *(
        (f"p{n}@example.org", f"Person {n}") for n in range(4)
    )):  # fmt: skip
        member = Member.objects.create_user(email, name, is_adult=True, is_steward=email == DESK)
        client = Client()
        client.force_login(member)
        sessions.append(f"{email} {client.session.session_key}")
    Profile.objects.update(open_to=["peer"])
    Member.objects.get(email=DESK).groups.add(DeskStory.group())
    out.write_text("\n".join(sessions))


def tell(email: str, sessions: str, ends: str) -> None:
    """The whole way of a story, by the site's own pages, until it is published, and the purge if there is one."""
    from django.conf import settings
    from django.test import override_settings
    from django.utils import timezone

    from community.library.models import CaseStudyPage, DeskStory, Receipt
    from community.trust.registry.healing import reconcile

    override_settings(STORAGES=settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_FILES}}).enable()
    code = send_in(browser(email, sessions))
    if ends == "told":
        return
    work_on(browser(DESK, sessions), browser(email, sessions), code)
    assert not DeskStory.objects.exists()
    assert Receipt.release_due(timezone.localdate() + timezone.timedelta(days=10)) == 1
    assert CaseStudyPage.objects.get(is_confidential=True).live
    run_tasks()
    if ends == "purged":
        reconcile()


def browser(email: str, sessions: str) -> Any:
    """A browser in which somebody is signed in already."""
    from django.test import Client

    client = Client()
    client.cookies["sessionid"] = dict(line.split() for line in sessions.split(";"))[email]
    return client


def send_in(teller: Any) -> Any:
    """Type, be interrupted, type on, and send; returns the code."""
    page = teller.get("/stories/tell/confidential/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(form_key|receipt_token)" value="([^"]+)"', page))
    typed = {
        "outcome": "failure", "title": "The cave at Zennorfold", "trade": "keeper of the Quarrelstone",
        "place": "Zennorfold", "tried": "We scrubbed it with soda. Only Morwenna knew.", "happened": "Mould.",
    }  # fmt: skip
    kept = teller.post(f"/drafts/{hidden['form_key']}/?form=confide&url=/stories/tell/confidential/", typed)
    assert kept.status_code == 200
    told = teller.post("/stories/tell/confidential/", typed | hidden | {"known": "yes"})
    assert told.status_code == 201
    return re.findall(r"(?:[A-Z]{5}-){5}[A-Z]{5}", told.content.decode())[0]


def work_on(desk: Any, teller: Any, code: str) -> None:
    """The desk asks and is answered, writes, gets its yes, and accepts; between the days the clock mails."""
    from community.library.models import DeskStory

    key = DeskStory.objects.get().pk
    address = f"/steward/desk/{key}/"
    assert "Morwenna" in desk.get(address).content.decode()
    desk.post(address, {"act": "ask", "text": "How warm is it in Zennorfold?"})
    overnight()
    teller.post("/stories/receipt/", {"code": code, "act": "write", "text": "About eleven degrees, says Morwenna."})
    words = {
        "act": "rewrite", "title": "A scrubbed store", "summary": "Scrubbing made it worse.", "outcome": "failure",
        "reach": "none", "tried": STAYS, "happened": "Grey mould grew.", "version": DeskStory.objects.get().mark,
    }  # fmt: skip
    assert desk.post(address, words).status_code == 302
    assert desk.post(address, {"act": "show"}).status_code == 302
    overnight()
    mark = DeskStory.objects.get().mark
    answer = teller.post("/stories/receipt/", {"code": code, "act": "approve", "mark": mark})
    assert answer.status_code == 200 and STAYS in answer.content.decode()
    assert desk.post(address, {"act": "accept"}).status_code == 302


def overnight() -> None:
    """As if a night had passed: the clock sends the mails of yesterday's news."""
    from community.library.models import DeskStory

    yesterday = DeskStory.objects.get().moved_on.replace(year=2020)
    for field in ("news_on", "waits_on"):
        DeskStory.objects.exclude(**{field: None}).update(**{field: yesterday})
    DeskStory.tell_news()
    run_tasks()


def run_tasks() -> None:
    """What a worker does with the queue, for the tasks that need no language model."""
    from django.utils import timezone
    from django.utils.module_loading import import_string
    from django_tasks_db.models import DBTaskResult

    for row in DBTaskResult.objects.ready().exclude(task_path__startswith="matching.").order_by("enqueued_at"):
        given = row.args_kwargs
        import_string(row.task_path).call(*given["args"], **given["kwargs"])
        DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL", finished_at=timezone.now())


# --- Raising them, and comparing --------------------------------------------------------------------------------------


def raise_twins(blank: Path, folder: Path, ends: str, who: tuple[str, ...] = (ANNA, BORIS)) -> tuple[list[Path], str]:
    """Copies of one community, one for each teller; and all that their processes said."""
    first, sessions = folder / "first", folder / "sessions"
    first.mkdir(parents=True)
    shutil.copy(blank / "scionwood.sqlite3", first)
    said = run(first, f"from pathlib import Path; twins.settle(Path({str(sessions)!r}))")
    lines = sessions.read_text().replace("\n", ";")
    places = []
    for email in who:
        place = folder / email.partition("@")[0]
        shutil.copytree(first, place)
        said += run(place, f"twins.tell({email!r}, {lines!r}, {ends!r})")
        places.append(place)
    return places, said


def run(place: Path, code: str) -> str:
    """Run a piece of this module on a site."""
    done = manage(place, "shell", code=f"from tests.trust import twins; {code}")
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


# What differs between any two runs of the same thing, and says nothing about who did it.
LIKE: tuple[tuple[str, str], ...] = (
    (r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", "<random key>"),
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(\+\d{2}:\d{2}|Z)?", "<moment>"),
    (r"\d{4}-\d{2}-\d{2}", "<day>"),
    (r"\b[0-9a-f]{64}\b", "<mark>"),
    (r"pbkdf2_sha256\$\S+?=", "<slow hash>"),
    (r"\b([BDFGHJKLMNPRSTVZ][AIOU][BDFGHJKLMNPRSTVZ][AIOU][BDFGHJKLMNPRSTVZ]-?){2}\b", "<finder>"),
)


def alike(text: str) -> str:
    """A text without random tokens and times."""
    for pattern, word in LIKE:
        text = re.sub(pattern, word, text)
    return text


def rows(place: Path) -> dict[str, list[str]]:
    """Every row of every table, those of the search index and of SQLite itself among them, made alike."""
    database = sqlite3.connect(place / "scionwood.sqlite3")
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {}
    for name in names:
        every = database.execute(f'SELECT * FROM "{name}"').fetchall()
        found[name] = sorted(alike(repr(tuple(plain(value) for value in row))) for row in every)
    database.close()
    return found


def plain(value: Any) -> Any:
    """Bytes as text, so that they can be compared and shown."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def files(place: Path) -> dict[str, str]:
    """Every other file by its name and what stands in it; mails without the lines that are new each time."""
    found: dict[str, list[str]] = {}
    for file in sorted(place.rglob("*")):
        if file.is_file() and not file.name.startswith("scionwood.sqlite3"):
            name = re.sub(r"\d{8}-\d{6}-\d+", "<moment>", str(file.relative_to(place)))
            text = re.sub(r"(?m)^(Date|Message-ID): .*$", "", file.read_bytes().decode("latin-1"))
            found.setdefault(name, []).append(alike(text))
    return {name: "\n".join(sorted(texts)) for name, texts in found.items()}


def differences(one: Path, other: Path) -> list[str]:
    """In which tables and files two sites differ once they are made alike."""
    first, second = rows(one), rows(other)
    tables = [name for name in sorted(first | second) if first.get(name) != second.get(name)]
    first_files, second_files = files(one), files(other)
    names = sorted(first_files | second_files)
    return tables + [name for name in names if first_files.get(name) != second_files.get(name)]


def bytes_of(place: Path, word: str) -> int:
    """How often a word stands in the raw bytes of a site, in whatever case."""
    return sum(file.read_bytes().lower().count(word.lower().encode()) for file in place.rglob("*") if file.is_file())
