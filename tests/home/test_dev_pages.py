"""Pages for whoever builds the site: there with DEBUG, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client

pytestmark = pytest.mark.django_db

ADDRESSES = ["/dev/style/", "/dev/mail/", "/dev/mail/x.log/0/"]


@pytest.fixture
def mail_dir(settings: Any, tmp_path: Path) -> Path:
    settings.MAIL_DIR = tmp_path / "mail"
    settings.MAIL_DIR.mkdir()
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=settings.MAIL_DIR)
    for subject in ("First – é", "Second"):
        EmailMessage(subject, f"Text of {subject}\n\n<b>plain</b>", to=["a@example.org"], connection=connection).send()
    connection.close()
    return settings.MAIL_DIR


@pytest.mark.parametrize("address", ADDRESSES)
def test_they_are_not_there_without_debug(address: str, mail_dir: Path) -> None:
    assert Client().get(address).status_code == 404


def test_written_mail_can_be_read(settings: Any, mail_dir: Path) -> None:
    settings.DEBUG = True
    html = Client().get("/dev/mail/").content.decode()
    assert "First – é" in html
    file = next(mail_dir.iterdir()).name
    html = Client().get(f"/dev/mail/{file}/0/").content.decode()
    assert "Text of First – é" in html
    assert "&lt;b&gt;plain" in html
    assert Client().get(f"/dev/mail/{file}/9/").status_code == 404
    assert Client().get("/dev/mail/..%2Fsecret-key/0/").status_code == 404


def test_every_component_can_be_looked_at(settings: Any) -> None:
    settings.DEBUG = True
    assert Client().get("/dev/style/").status_code == 200
