"""The letters of the screen in a real browser: the shipped fonts are drawn; no other computer is asked for anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scenario.served import ROOT, Server, served

pytestmark = pytest.mark.browser

TEXTS = {
    "ar": ("من يتولى الترجمة الشفهية؟", "Noto Sans Arabic"),
    "prs": ("گفتگو چه وقت است؟", "Noto Sans Arabic"),
    "ckb": ("ڕۆژ و ساڵ", "Noto Sans Arabic"),
    "uk": ("Чи вручено план? Ґанок, їжа, єдність", "Fira Sans"),
    "tr": ("Görüşme dili: Şırnak, İzmir", "Fira Sans"),
    "de": ("Zuständige Straße", "Fira Sans"),
}

DRAWN = """async ([font, text]) => {
  await document.fonts.load(font, text);
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  return document.fonts.check(font, text);
}"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    for folder in ("forms", "lists"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / folder)
    with served(tmp_path / "forms" / "erstgespraech.md") as started:
        yield started


def test_every_language_is_drawn_in_a_shipped_font_without_the_network(page: Page, server: Server) -> None:
    page.set_default_timeout(60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
    page.goto(server.url)
    expect(page.locator(".lb h1, .lb h2").first).to_be_visible()
    page.evaluate("document.fonts.ready")
    fonts = [url.rsplit("/", 1)[-1] for url in asked if url.endswith(".woff2")]
    assert fonts
    assert all("-latin-" in name for name in fonts), "files are loaded only where a letter of theirs is on the page"

    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    for language, (text, family) in TEXTS.items():
        for weight in ("400", "700"):
            name = f"sample-{language}-{weight}"
            page.evaluate(
                """([name, language, weight, text]) => {
                  const node = document.createElement("p");
                  Object.assign(node, { id: name, lang: language, textContent: text });
                  node.style.fontWeight = weight;
                  document.querySelector(".lb").append(node);
                }""",
                [name, language, weight, text],
            )
            loaded = page.evaluate(DRAWN, [f"{weight} 16px '{family}'", text])
            assert loaded, (name, family)
            root = devtools.send("DOM.getDocument")["root"]["nodeId"]
            node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": f"#{name}"})["nodeId"]
            drawn = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            letters = {font["familyName"].split(" SemiBold")[0] for font in drawn if font["isCustomFont"]}
            assert family in letters, (name, drawn)
            assert all(font["isCustomFont"] for font in drawn), (name, drawn)
    hosts = {url.split("/")[2] for url in asked if not url.startswith(("blob:", "data:"))}
    assert hosts == {server.url.split("/")[2]}
