"""Logs and mails about faults say where, and never what somebody wrote."""

import io
import logging
from typing import Any

import pytest
from django.conf import settings as site
from django.core import mail
from django.test import Client

from home.logs import PlainLine, WithoutText

SECRET = "CANARY my sister's illness"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the site's own handler writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(PlainLine("%(levelname)s %(name)s %(message)s"))
    handler.addFilter(WithoutText())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        monkeypatch.setattr(logger, "handlers", [handler])
    return written


def test_the_site_uses_this_form_in_production() -> None:
    assert site.LOGGING["formatters"]["line"]["()"] == "home.logs.PlainLine"
    assert site.LOGGING["filters"]["plain"]["()"] == "home.logs.WithoutText"
    for handler in site.LOGGING["handlers"].values():
        assert handler["filters"] == ["plain"] and handler["formatter"] == "line"


def test_a_fault_is_logged_and_mailed_without_what_was_written(
    as_member: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    as_member.raise_request_exception = False

    def broken(*_: Any, **__: Any) -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            error.add_note(SECRET)
            raise ValueError(f"DETAIL: Key (text)=({SECRET}) exists") from error

    monkeypatch.setattr("community.trust.views.write_zip", broken)
    response = as_member.post(f"/me/export/?q={SECRET}", {"text": SECRET})
    assert response.status_code == 500
    assert "ValueError" in log.getvalue() and "KeyError" in log.getvalue() and "in broken" in log.getvalue()
    assert "CANARY" not in log.getvalue()
    assert "CANARY" not in response.content.decode()
    assert not mail.outbox


def test_a_wrong_address_is_logged_without_its_query(client: Client, log: io.StringIO, db: None) -> None:
    client.get(f"/nowhere/?q={SECRET}")
    client.post("/accounts/login/", {"login": "CANARY@example.org", "password": SECRET})
    logging.getLogger("django.request").warning("Not Found: %s", f"/nowhere/?q={SECRET}")
    logging.getLogger().error("it failed: %s", ValueError(SECRET))
    assert "/nowhere/" in log.getvalue() and "it failed: ValueError" in log.getvalue()
    assert "CANARY" not in log.getvalue()


def test_the_control_plain_logging_would_have_told() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("a control")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("it failed")
    assert "CANARY" in written.getvalue()


def test_an_address_that_is_a_key_is_logged_without_it(client: Client, log: io.StringIO, db: None) -> None:
    for before, after in (("/gatherings/x/not-coming", "/"), ("/openings/guardian", "/"), ("/gatherings/mine", ".ics")):
        client.get(f"{before}/12-3:KEYKEY.sig_n{after}")
        assert f"{before}/…{after}" in log.getvalue()
    assert "KEYKEY" not in log.getvalue() and "/nowhere/" not in log.getvalue()
    client.get("/nowhere/mine/")
    assert "/nowhere/mine/" in log.getvalue()
