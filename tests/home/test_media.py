"""Pictures are served as pages show them; originals and documents have doors of their own."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def files(settings: Any) -> Path:
    """A picture, an original and a private document."""
    root = Path(settings.MEDIA_ROOT)
    for name in ("images/a.webp", "original_images/a.jpg", "documents/minutes.pdf"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"bytes")
    (root.parent / "secret-key").write_text("do not read")
    return root


def test_it_serves_a_picture_that_may_be_kept(files: Path, client: Client, db: None) -> None:
    answer = client.get("/media/images/a.webp")
    assert b"".join(answer.streaming_content) == b"bytes"  # type: ignore[attr-defined]
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["original_images/a.jpg", "documents/minutes.pdf", "images/../documents/minutes.pdf", "images/../../secret-key",
     "images/%2e%2e/documents/minutes.pdf", "images/", "images/none.webp", ""],
)  # fmt: skip
def test_it_serves_nothing_else(path: str, files: Path, client: Client, db: None) -> None:
    assert client.get(f"/media/{path}").status_code == 404
