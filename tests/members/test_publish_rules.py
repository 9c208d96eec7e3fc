"""New rules come into force, and everybody is asked again."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from community.members.models import Member, Rules


def test_it_publishes_a_new_version_and_asks_everybody_again(member: Member, tmp_path: Path) -> None:
    file = tmp_path / "rules.txt"
    file.write_text("Be kind.\n")
    call_command("publish_rules", str(file))
    member.accept_rules(Rules.current_version())
    assert not member.has_old_rules
    call_command("publish_rules", str(file))  # the same text is the same version
    assert Rules.current_version() == 1
    file.write_text("Be kind, and honest.\n")
    call_command("publish_rules", str(file))
    assert member.has_old_rules


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"a\x00b"])
def test_it_says_what_is_wrong_with_a_file(content: bytes | None, tmp_path: Path, db: None) -> None:
    file = tmp_path / "rules.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=r"rules\.txt"):
        call_command("publish_rules", str(file))
    assert not Rules.objects.exists()
