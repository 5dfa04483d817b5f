"""What can be said of accessibility by measuring a page: axe-core, the size of targets, how the focus is seen."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SMALL = """() => {
  const targets = "a, button, input, select, textarea, summary, [role=option]";
  return [...document.querySelectorAll(`main :is(${targets})`)].flatMap((node) => {
    if (!node.checkVisibility({ visibilityProperty: true }) || node.disabled) return [];
    if (node.closest("p, .lb-skip")) return []; // within a sentence; seen only while it has the focus
    const labels = ["checkbox", "radio"].includes(node.type) ? [...node.labels] : [];
    const boxes = [node, ...labels].map((each) => each.getBoundingClientRect());
    const span = (from, to) => Math.max(...boxes.map((box) => box[to])) - Math.min(...boxes.map((box) => box[from]));
    const [width, height] = [span("left", "right"), span("top", "bottom")];
    const small = Math.min(width, height) < 23.5;
    return small ? [`${Math.round(width)} by ${Math.round(height)} px: ${node.outerHTML.slice(0, 120)}`] : [];
  });
}"""

_FOCUS = """() => {
  const node = document.activeElement;
  if (node === document.body) return { name: "nothing", place: -1, covered: true, contrast: 0 };
  const numbers = (colour) => { // any colour as the browser paints it
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = numbers(colour).map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (from) => {
    const colour = getComputedStyle(from).backgroundColor;
    if (numbers(colour)[3]) return colour;
    return from.parentElement ? ground(from.parentElement) : "Canvas";
  };
  const box = node.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const own = [node, ...(node.labels || [])];
  const mine = (down) => {
    const found = document.elementFromPoint((left + right) / 2, down);
    return own.some((each) => each.contains(found));
  };
  const open = right > left && bottom > top && mine((top + bottom) / 2) && mine(Math.min(top + 4, bottom));
  const style = getComputedStyle(node);
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const [dark, light] = [style.outlineColor, ground(node.parentElement)].map(luminance).sort((one, two) => one - two);
  return {
    name: `${node.tagName} ${node.id || node.className} ${node.textContent.slice(0, 40)}`,
    place: [...document.querySelectorAll("*")].indexOf(node),
    covered: !open,
    contrast: drawn ? (light + 0.05) / (dark + 0.05) : 0,
  };
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, each with the first place of it. What is hidden is not looked at."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    result = page.evaluate(
        "(rules) => axe.run({ exclude: ['.lb-main > [hidden]'] }, { runOnly: rules, resultTypes: ['violations'] })",
        RULES,
    )
    assert len(result["passes"]) > 10, "axe-core looked at something"
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}"
        for each in result["violations"]
    ]


def small_targets(page: Page) -> list[str]:
    """What is to be pressed and smaller than 24 px; a box counts with its label, a link within a sentence does not."""
    found: list[str] = page.evaluate(_SMALL)
    return found


def too_wide(page: Page) -> list[str]:
    """Says by how much the page is wider than the window, if it is."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{wide} px wider than the window"] if wide > 0 else []


def focus(page: Page) -> dict[str, Any]:
    """What has the focus: `name`, `place` in the page, whether something lies over its middle or its upper edge
    (`covered`), and the `contrast` of its outline with what is around it (0 where no outline is drawn)."""
    found: dict[str, Any] = page.evaluate(_FOCUS)
    return found
