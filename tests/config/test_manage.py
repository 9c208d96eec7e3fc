"""Commands answer bad arguments with one line."""

import sys

import pytest

import manage


def test_it_refuses_an_argument_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "erase_member", "\udcff@example.org"])
    with pytest.raises(SystemExit, match="not UTF-8"):
        manage.main()
