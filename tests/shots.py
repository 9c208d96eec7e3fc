"""`make shots`: takes the README's picture of the front page again, from the demo community in a real browser."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests import chromium
from tests.browser import stand

OUT = stand.ROOT / "docs" / "front-page.png"
WIDTH, HEIGHT = 1280, 900
LIMIT = 200_000  # bytes: a README is read on poor lines, too
COLOURS = 128


def main() -> int:
    """Build the community in a folder of its own, look at it, and keep the picture."""
    folder = Path(tempfile.mkdtemp(prefix="sw-s-"))
    url = f"http://127.0.0.1:{stand.free_port()}"
    try:
        stand.fill(folder, url)
        server = stand.serve(folder, url)
        try:
            picture = take(url)
        finally:
            stand.stop(server, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    picture.save(OUT, optimize=True)
    size = OUT.stat().st_size
    print(f"{OUT.relative_to(stand.ROOT)}: {size / 1000:.0f} kB")
    return 0 if size <= LIMIT else 1


def take(url: str) -> Image.Image:
    """The front page as a visitor sees it, in few colours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.require(), args=list(chromium.ARGUMENTS))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(url, wait_until="networkidle")
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    return shot.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())
