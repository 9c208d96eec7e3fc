"""People in a file: what goes in, what is refused and why, and that what comes out goes in again unchanged."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.members.models import Erasure, Member, Profile, Statement, Visibility, clean_name
from community.members.models.roster_file import COLUMNS, RosterError, RosterImport, exportable, guard, unguard, write
from community.members.models.roster_row import join, split
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db
HEADER = ",".join(COLUMNS)
ALMA = (
    "alma@example.org,Alma Field,Llandovery,52.0339,-3.7358,en;cy,producer;mentor,lay a hedge;dig a pond,keep bees,"
    '"Two fields, one pond.",2,mentor;peer,12'
)


def take(*lines: str, header: str = HEADER, **options: Any) -> RosterImport:
    """Import these lines."""
    return RosterImport.take("\n".join((header, *lines)).encode(), **options)


def counts(result: RosterImport) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected."""
    return result.created, result.updated, result.unchanged, len(result.rejected)


def test_it_makes_people_once_and_changes_nothing_the_second_time() -> None:
    assert counts(take(ALMA)) == (1, 0, 0, 0)
    alma = Member.objects.get(email="alma@example.org")
    profile = alma.profile
    assert (alma.name, alma.handle, alma.is_adult, alma.has_usable_password()) == (
        "Alma Field",
        "alma-field",
        True,
        False,
    )
    assert (profile.place, profile.languages, profile.roles) == ("Llandovery", ["en", "cy"], ["producer", "mentor"])
    assert (profile.open_to, profile.capacity, profile.stops_in_years) == (["mentor", "peer"], 2, 12)
    assert profile.about == "Two fields, one pond."
    assert profile.cell_lat != 52.0339 and abs(profile.cell_lat - 52.0339) < 0.06
    lines = list(profile.statements.values_list("side", "text", "kind", "can_teach", "visibility"))
    rest = ("skill", True, "members")
    assert lines == [("need", "keep bees", *rest), ("offer", "lay a hedge", *rest), ("offer", "dig a pond", *rest)]
    assert profile.stops_visibility == Visibility.ME
    version = profile.version
    assert counts(take(ALMA)) == (0, 0, 1, 0)
    profile.refresh_from_db()
    assert profile.version == version and not mail.outbox


def test_it_leaves_alone_what_an_empty_cell_says_nothing_about() -> None:
    take(ALMA)
    assert counts(take("ALMA@example.org,Alma Field,,,,,,,,,,,")) == (0, 0, 1, 0)
    assert counts(take("alma@example.org,Alma Brook", header="email,name")) == (0, 1, 0, 0)
    alma = Member.objects.get()
    assert (alma.name, alma.profile.place, alma.profile.statements.count()) == ("Alma Brook", "Llandovery", 3)


def test_it_keeps_what_an_unchanged_line_says_besides() -> None:
    take(ALMA)
    Statement.objects.filter(text="lay a hedge").update(kind="machine", level=3, can_teach=False)
    Statement.objects.filter(text="keep bees").update(visibility=Visibility.ME)
    result = take(
        ALMA.replace("lay a hedge;dig a pond", "mend a gate;lay a hedge").replace("keep bees", "keep bees;fly")
    )
    assert counts(result) == (0, 1, 0, 0)
    texts = {one.text: one for one in Statement.objects.all()}
    assert set(texts) == {"mend a gate", "lay a hedge", "keep bees", "fly"}
    hedge = texts["lay a hedge"]
    assert (hedge.kind, hedge.level, hedge.can_teach) == ("machine", 3, False)
    assert texts["keep bees"].visibility == Visibility.ME  # a file never makes a hidden line public


def test_it_only_fills_what_is_empty_where_the_member_has_logged_in() -> None:
    take(ALMA)
    alma = Member.objects.get()
    alma.last_login, alma.is_adult = timezone.now(), False
    alma.save()
    Profile.objects.update(open_to=[], about="", place="", capacity=5)
    Statement.objects.filter(side="need").delete()
    changed = ALMA.replace("Alma Field", "Somebody Else").replace("lay a hedge", "take all").replace(",12", ",3")
    assert counts(take(changed + ",yes", header=HEADER + ",adult")) == (0, 1, 0, 0)
    alma.refresh_from_db()
    profile = Profile.objects.get()
    assert (alma.name, alma.is_adult, profile.open_to) == ("Alma Field", False, [])
    assert (profile.about, profile.place, profile.capacity, profile.stops_in_years) == (
        "Two fields, one pond.", "Llandovery", 5, 12,
    )  # fmt: skip
    assert set(profile.statements.values_list("text", flat=True)) == {"lay a hedge", "dig a pond", "keep bees"}


def test_it_treats_age_as_the_file_says() -> None:
    header = "email,name,adult"
    take("a@example.org,Ann,yes", "b@example.org,Bob,no", "c@example.org,Cat,", header=header)
    assert list(Member.objects.order_by("email").values_list("is_adult", flat=True)) == [True, False, False]
    assert counts(take("a@example.org,Ann,maybe", header=header)) == (0, 0, 0, 1)
    assert counts(take("a@example.org,Ann,", header=header)) == (0, 0, 1, 0)
    said_no = MemberFactory(name="Dee", email="d@example.org", is_adult=False)
    Member.objects.filter(pk=said_no.pk).update(adult_said_at=timezone.now())
    assert counts(take("d@example.org,Dee", "b@example.org,Bob", header="email,name")) == (0, 1, 1, 0)
    said_no.refresh_from_db()
    assert not said_no.is_adult  # what somebody answered themselves is a steward's to change


BAD = [
    ("email", "no address,Ann,,,,,,,,,,,"),
    ("email", ",Ann,,,,,,,,,,,"),
    ("name", "a@example.org,,,,,,,,,,,,"),
    ("name", "a@example.org,\u202e\u200b,,,,,,,,,,,"),
    ("name", f"a@example.org,{'x' * 101},,,,,,,,,,,"),
    ("name", "a@example.org,Stella Ward,,,,,,,,,,,"),
    ("lat", "a@example.org,Ann,,91,0,,,,,,,,"),
    ("lat", "a@example.org,Ann,,nan,0,,,,,,,,"),
    ("lat", 'a@example.org,Ann,,"52,03",0,,,,,,,,'),
    ("lon", "a@example.org,Ann,,52,,,,,,,,,"),
    ("lon", "a@example.org,Ann,,52,181,,,,,,,,"),
    ("languages", "a@example.org,Ann,,,,klingon,,,,,,,"),
    ("roles", "a@example.org,Ann,,,,,king,,,,,,"),
    ("open_to", "a@example.org,Ann,,,,,,,,,,everyone,"),
    ("capacity", "a@example.org,Ann,,,,,,,,,-1,,"),
    ("capacity", "a@example.org,Ann,,,,,,,,,51,,"),
    ("stops_in_years", "a@example.org,Ann,,,,,,,,,,,soon"),
    ("offers", f"a@example.org,Ann,,,,,,{'x' * 201},,,,,"),
    ("needs", "a@example.org,Ann,,,,,,,!!!,,,,"),
    ("offers", "a@example.org,Ann,,,,,," + ";".join(f"thing {n}x" for n in range(41)) + ",,,,,"),
    ("about", f"a@example.org,Ann,,,,,,,,{'x' * 100_000},,,"),
    ("about", f"a@example.org,Ann,,,,,,,,{'x' * 1_000_000},,,"),
    ("place", f"a@example.org,Ann,{'x' * 100_000},,,,,,,,,,"),
    ("place", "a@example.org,Ann,a\x00b,,,,,,,,,,"),
    ("", "a@example.org,Ann,one cell,too,many,,,,,,,,,,,"),
    ("", "a@example.org,Ann"),
]


@pytest.mark.parametrize(("column", "line"), BAD, ids=[f"{n}-{c}" for n, (c, _line) in enumerate(BAD)])
def test_it_refuses_a_bad_line_and_takes_the_good_ones(column: str, line: str, steward: Member) -> None:
    result = take(ALMA, line, "z@example.org,Zoe,,,,,,,,,,,")
    assert counts(result) == (2, 0, 0, 1)
    refused = result.rejected[0]
    assert (refused["line"], refused["column"]) == (3, column) and len(refused["why"]) > 10
    assert len(refused["why"]) < 1500 and not Member.objects.filter(email="a@example.org").exists()


def test_it_changes_nothing_of_a_person_whose_line_is_bad() -> None:
    take(ALMA)
    assert counts(take(ALMA.replace("Alma Field", "Alma New").replace(",12", ",soon"))) == (0, 0, 0, 1)
    assert Member.objects.get().name == "Alma Field"


def test_it_says_in_which_line_something_stands() -> None:
    result = take('a@example.org,Ann,,,,,,,,"three\nlines\nlong",,,', "", "bad,Bob,,,,,,,,,,,")
    assert [one["line"] for one in result.rejected] == [6]


def test_it_takes_the_same_line_twice_as_one_and_refuses_two_that_differ() -> None:
    result = take(ALMA, ALMA, ALMA.replace("Llandovery", "Newtown"))
    assert counts(result) == (1, 0, 1, 1)
    assert result.rejected[0]["line"] == 4 and "line 2" in result.rejected[0]["why"]
    assert Profile.objects.get().place == "Llandovery"


def test_it_brings_nobody_back_who_asked_to_be_forgotten() -> None:
    Erasure.objects.create(email_hash=Erasure.hash_of("alma@example.org"), member_key=1)
    result = take(ALMA.replace("alma@", "ALMA@"))
    assert counts(result) == (0, 0, 0, 1) and result.rejected[0]["column"] == "email"
    assert not Member.objects.exists()


def test_it_does_not_open_a_closed_account() -> None:
    MemberFactory(name="Gone", email="alma@example.org", is_active=False)
    assert counts(take(ALMA)) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER.encode() + b"\n" + ALMA.encode() + b"\nb@example.org,J\xf6rg,,,,,,,,,,,\n", 3),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), 1),
        (b"email,place\na@example.org,x\n", 1),
        (b"name\nAnn\n", 1),
        (b"email;name\na@example.org;Ann\n", 1),
        (b"email,name,email\na@example.org,Ann,b@example.org\n", 1),
        (b"", 1),
        (b'email,name\na@example.org,Ann\nb@example.org,"Bob\n', 3),
    ],
)
def test_it_changes_nothing_where_the_file_cannot_be_read(content: bytes, line: int) -> None:
    with pytest.raises(RosterError) as error:
        RosterImport.take(content)
    assert error.value.line == line and not Member.objects.exists()


def test_it_takes_a_byte_order_mark_and_names_unknown_columns() -> None:
    result = RosterImport.take(b"\xef\xbb\xbfEmail, Name ,shoe size\r\na@example.org,Ann,43\r\n")
    assert counts(result) == (1, 0, 0, 0) and result.unknown_columns == ["shoe size"]


def test_it_tries_without_changing_anything() -> None:
    assert counts(take(ALMA, "bad,B" + "," * 11, is_dry_run=True)) == (1, 0, 0, 1)
    assert not Member.objects.exists()


# --- Formula cells and semicolons ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 1550", "-3.7", "@home", "\t=x", "\rx", "'=x", "''=x", "'", "'plain", "plain", ""]
)
def test_it_guards_cells_against_spreadsheets(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_it_takes_one_quote_away_before_a_formula() -> None:
    take("a@example.org,Ann,'=place,,,,,'-5 degrees cold store,,'@home,,,")
    profile = Profile.objects.get()
    assert (profile.place, profile.about, profile.statements.get().text) == ("=place", "@home", "-5 degrees cold store")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)))
def test_it_keeps_semicolons_inside_a_statement(parts: list[str]) -> None:
    clean = list(dict.fromkeys(one for one in (" ".join(part.split()) for part in parts) if one))
    assert split(join(clean)) == clean


def test_it_reads_plain_lists_as_people_write_them() -> None:
    assert split(" lay a hedge ;; dig\ta pond;lay a hedge;") == ["lay a hedge", "dig a pond"]
    assert split(r"mend C:\tools; either\; or") == [r"mend C:\tools", "either; or"]


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn"]), max_size=30)
SHARP = st.sampled_from(["", "=", "+", "-", "@", "'=", "''-", "'", '"', ";", "\\", "\\;", ",", "a\nb", "\n=", "\r\n@"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_it_takes_in_unchanged_what_it_gave_out(data: st.DataObject, db: None) -> None:
    Member.objects.all().delete()
    for n in range(data.draw(st.integers(1, 3))):
        text = st.builds(lambda a, b, c: f"{a}{b}x{c}", SHARP, WORDS, SHARP)
        place, about, name = (data.draw(text) for _ in range(3))
        who = MemberFactory(
            name=clean_name(name)[:100].strip(),
            email=f"m{n}@example.org",
            profile={"place": place.strip()[:80], "about": about},
        )
        who.profile.move_to(*data.draw(st.tuples(st.floats(-89, 89), st.floats(-180, 180))))
        who.profile.stops_in_years = data.draw(st.none() | st.integers(0, 80))
        who.profile.open_to = data.draw(st.sampled_from([[], ["mentor"], ["mentor", "peer"]]))
        who.profile.save()
        for line in data.draw(st.lists(text, max_size=4)):
            new = Statement(profile=who.profile, side=data.draw(st.sampled_from(["offer", "need"])), text=line)
            new.visibility = data.draw(st.sampled_from(Visibility.values))
            new.text = " ".join(new.text.split())
            if not Statement.objects.filter(profile=who.profile, side=new.side, text=new.text):
                new.put()
    before = write(exportable())
    result = RosterImport.take(before.encode())
    assert counts(result) == (0, 0, Member.objects.count(), 0)
    assert write(exportable()) == before


# --- Out ----------------------------------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    """An exported file, read as a spreadsheet would."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_it_gives_out_adults_only_and_nothing_hidden(minor: Member) -> None:
    MemberFactory(name="Gone", is_active=False)
    who = MemberFactory(
        name="Ann", profile={"about": "hidden", "about_visibility": Visibility.MATCHING, "stops_in_years": 4}
    )
    who.help("Old Enid", is_adult=True)
    StatementFactory(profile=who.profile, text="a hidden need", side="need", visibility=Visibility.ME)
    rows = rows_of(write(exportable()))
    assert [row["email"] for row in rows] == [who.email]
    assert (rows[0]["about"], rows[0]["needs"], rows[0]["stops_in_years"]) == ("", "", "4")
    assert list(rows[0]) == list(COLUMNS)


def test_the_commands_speak_json_and_plain_words(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"{HEADER}\n{ALMA}\nbad,Bob,,,,,,,,,,,\n", encoding="utf-8")
    with pytest.raises(CommandError, match="1 lines were not taken") as stopped:
        call_command("import_members", file, "--json")
    assert stopped.value.returncode == 1
    result = json.loads(capsys.readouterr().out)
    assert result["created"] == 1 and result["rejected"][0]["line"] == 3
    assert set(result) == {"created", "updated", "unchanged", "rejected"}
    out = tmp_path / "out.csv"
    call_command("export_members", out)
    assert out.stat().st_mode & 0o077 == 0
    call_command("import_members", out)
    assert "unchanged 1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_members", tmp_path / "none.csv")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_members", tmp_path / "none" / "x.csv")
    for no_file in ("", "/", str(tmp_path)):
        with pytest.raises(CommandError, match="not the name of a file"):
            call_command("export_members", no_file)
    file.write_bytes(b"email,name\n\xff,x\n")
    with pytest.raises(CommandError, match="not UTF-8"):
        call_command("import_members", file, "--json")
    assert json.loads(capsys.readouterr().out)["rejected"][0]["line"] == 2
