"""A video in a story: only from named hosts, asked of nobody by us, and not loaded before a reader wants it."""

import socket
from typing import Any

import pytest
import requests
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.blocks import StructBlockValidationError
from wagtail.embeds.embeds import get_embed
from wagtail.embeds.exceptions import EmbedUnsupportedProviderException

from community.library.blocks import VideoBlock
from community.library.blocks.video import Video
from community.library.models import CaseStudyPage
from tests.factories import StoryFactory

KEY = "dQw4w9WgXcQ"
PEER = "videos.example.org"
ON_THE_LIST = {
    f"https://www.youtube.com/watch?v={KEY}": f"https://www.youtube-nocookie.com/embed/{KEY}?rel=0",
    f"https://www.youtube.com/watch?t=4&v={KEY}&list=x": f"https://www.youtube-nocookie.com/embed/{KEY}?rel=0",
    f"https://youtu.be/{KEY}": f"https://www.youtube-nocookie.com/embed/{KEY}?rel=0",
    f"https://m.youtube.com/shorts/{KEY}": f"https://www.youtube-nocookie.com/embed/{KEY}?rel=0",
    "https://vimeo.com/76979871": "https://player.vimeo.com/video/76979871?dnt=1",
    "https://vimeo.com/76979871/a1b2c3d4e5": "https://player.vimeo.com/video/76979871?dnt=1&h=a1b2c3d4e5",
    f"https://{PEER}/w/9c9de5e8-0a1e-484a-b099-e80766180a6d":
        f"https://{PEER}/videos/embed/9c9de5e8-0a1e-484a-b099-e80766180a6d?p2p=0",
}  # fmt: skip
OFF_THE_LIST = [
    "", "https://", "video", f"http://www.youtube.com/watch?v={KEY}", f"https://youtube.com.evil.example/watch?v={KEY}",
    f"https://www.youtube.com@127.0.0.1/watch?v={KEY}", f"https://www.youtube.com:8443/watch?v={KEY}",
    "https://127.0.0.1/", "https://localhost/w/9c9de5e8-0a1e-484a-b099-e80766180a6d", "https://[::1]/", "https://[",
    "https://169.254.169.254/latest/meta-data/", "https://10.0.0.8/w/9c9de5e8-0a1e-484a-b099-e80766180a6d",
    "https://2130706433/", "file:///etc/passwd", "javascript:alert(1)",
    f"https://www.youtube.com/redirect?q=https://evil.example/{KEY}", "https://www.youtube.com/subscriber",
    f"https://www.youtube.com/watch?v={KEY}%22onload", f"https://www.youtube.com/embed/../{KEY}",
    "https://vimeo.com/76979871/../../x", "https://vimeo.com/ondemand/x", f"https://other.{PEER}/w/{'a' * 22}",
    f"https://{PEER}/w/short", f"https://{PEER}/w/{'a' * 22}\x00", f"https://youtu.be/{KEY}" + "a" * 10_000,
    f"https://www.youtube.com/watch?v={KEY}\r\nX: y", "https://www.youtube.com/watch?v=\ud800", 42, None,
]  # fmt: skip


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.PEERTUBE_HOSTS = {PEER}


@pytest.fixture(autouse=True)
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A transport that carries nothing and notes who was to be called; what it notes fails the test."""
    called: list[Any] = []

    def refuse(*given: Any, **_more: Any) -> Any:
        called.append(given)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return called


def test_the_wire_would_notice(wire: list[Any]) -> None:
    with pytest.raises((OSError, requests.RequestException)):
        requests.get("https://www.youtube.com/oembed", timeout=1)
    assert wire


@pytest.mark.parametrize(("address", "player"), ON_THE_LIST.items())
def test_it_knows_the_player_without_asking_anybody(address: str, player: str, wire: list[Any]) -> None:
    video = Video.of(address)
    assert video is not None and video.player == player and video.player.startswith(f"https://{video.host}/")
    assert Video.of(video.url) is not None and wire == []


@pytest.mark.parametrize("address", OFF_THE_LIST)
def test_it_refuses_what_is_not_on_the_list_in_words(address: Any, wire: list[Any]) -> None:
    assert Video.of(address) is None
    block = VideoBlock()
    with pytest.raises(ValidationError) as refused:
        block.clean(block.to_python({"url": address, "title": "The first cut"}))
    assert isinstance(refused.value, StructBlockValidationError) and "url" in refused.value.block_errors
    assert wire == []


@pytest.mark.django_db
def test_the_editing_tools_ask_nobody_either(wire: list[Any]) -> None:
    for address in [*ON_THE_LIST, "https://127.0.0.1/", "https://169.254.169.254/"]:
        with pytest.raises(EmbedUnsupportedProviderException):
            get_embed(address)
    assert wire == []


def told(address: str, **more: Any) -> CaseStudyPage:
    body = [("tried", "<p>We laid it.</p>"), ("video", {"url": address, "title": 'The "first" cut', **more})]
    return StoryFactory(body=body)


def frames(answer: Any) -> str:
    policy = answer.headers["Content-Security-Policy"]
    return next((part.strip() for part in policy.split(";") if part.strip().startswith("frame-src")), "")


@pytest.mark.django_db
def test_nothing_of_it_is_loaded_before_a_reader_asks() -> None:
    story = told(f"https://youtu.be/{KEY}", words="He cuts low, and bends it.")
    first = Client().get(story.url)
    html = first.content.decode()
    assert "<iframe" not in html and "youtube-nocookie.com/embed" not in html and frames(first) == ""
    assert f"?video={KEY}#video-{KEY}" in html and "The &quot;first&quot; cut" in html
    assert "learns the address of your connection" in html and "He cuts low" in html
    asked = Client().get(f"{story.url}?video={KEY}")
    html = asked.content.decode()
    assert f'<iframe class="video" src="https://www.youtube-nocookie.com/embed/{KEY}?rel=0"' in html
    assert frames(asked) == "frame-src https://www.youtube-nocookie.com"
    assert frames(Client().get("/stories/")) == ""


@pytest.mark.django_db
def test_only_what_stands_in_the_story_is_ever_framed(settings: Any) -> None:
    story = told(f"https://{PEER}/w/{'a' * 22}")
    for odd in ("x", KEY, "a" * 21, "'", "\x00", "9" * 10_000, f"{'a' * 22}; script-src *"):
        answer = Client().get(story.url, {"video": odd})
        assert answer.status_code == 200 and frames(answer) == "" and "<iframe" not in answer.content.decode()
    assert frames(Client().get(story.url, {"video": "a" * 22})) == f"frame-src https://{PEER}"
    settings.PEERTUBE_HOSTS = set()  # the host is struck off the list
    answer = Client().get(story.url, {"video": "a" * 22})
    assert "cannot be shown here any more" in answer.content.decode() and PEER not in answer.content.decode()
    assert frames(answer) == ""
