"""Styled texts: what becomes an element, and everything that stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.markdown import DEPTH, Mark, Shown, Styled, formatted, formatted_line, plain


def strong(*children: Mark) -> Styled:
    return Styled("strong", children)


def em(*children: Mark) -> Styled:
    return Styled("em", children)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ()),
        ("Wie heißen Sie?", ("Wie heißen Sie?",)),
        ("Nur **volle** Jahre", ("Nur ", strong("volle"), " Jahre")),
        ("Nur __volle__ Jahre", ("Nur ", strong("volle"), " Jahre")),
        ("*bitte* und _danke_", (em("bitte"), " und ", em("danke"))),
        ("***beides***", (strong(em("beides")),)),
        ("**außen *innen* außen**", (strong("außen ", em("innen"), " außen"),)),
        ("<b>fett</b> <em >schräg</em\t>", (strong("fett"), " ", em("schräg"))),
        ("3 * 4 = 12 * 1", ("3 * 4 = 12 * 1",)),
        ("wohnung_im_haus", ("wohnung_im_haus",)),
        ("**nicht zu Ende", ("**nicht zu Ende",)),
        ("*a **b* c", (em("a **b"), " c")),
        (r"\*kein\* \_Stil\_ \\", ("*kein* _Stil_ \\",)),
        ("</b> zu viel", ("</b> zu viel",)),
        ("<script>x</script>", ("<script>x</script>",)),
        ("a](b)", ("a](b)",)),
    ],
)
def test_1_signs_within_a_line(text: str, tree: tuple[Mark, ...]) -> None:
    assert formatted([text]) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("# Wohnen", (Styled("h1", ("Wohnen",)),)),
        ("#### Wohnen ##", (Styled("h4", ("Wohnen",)),)),
        ("####### Wohnen", ("####### Wohnen",)),
        ("#Wohnen", ("#Wohnen",)),
        ("eins\n\nzwei", (Styled("p", ("eins",)), Styled("p", ("zwei",)))),
        ("eins\nzwei", ("eins\nzwei",)),
        ("Titel\n# Wohnen", (Styled("p", ("Titel",)), Styled("h1", ("Wohnen",)))),
        ("- Pass\n- *Visum*", (Styled("ul", (Styled("li", ("Pass",)), Styled("li", (em("Visum"),)))),)),
        ("1. Pass\n2) Visum", (Styled("ol", (Styled("li", ("Pass",)), Styled("li", ("Visum",)))),)),
        (
            "- a\n\n- b\n1. c",
            (Styled("ul", (Styled("li", ("a",)), Styled("li", ("b",)))), Styled("p", ("1. c",))),
        ),
        ("3. Welche *Sprachen*?", ("3. Welche ", em("Sprachen"), "?")),
        ("4. Pass\n5. Visum", (Styled("ol", (Styled("li", ("Pass",)), Styled("li", ("Visum",))), first=4),)),
        ("- a\nEnde", (Styled("ul", (Styled("li", ("a",)),)), Styled("p", ("Ende",)))),
        ("\t    eingerückt", ("eingerückt",)),
    ],
)
def test_2_blocks(text: str, tree: tuple[Mark, ...]) -> None:
    assert formatted([text]) == tree


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("[Amt](https://example.org/a_b_c)", "https://example.org/a_b_c"),
        ("[Amt](tel:+49705112)", "tel:+49705112"),
        ("[Amt](mailto:amt@example.org)", "mailto:amt@example.org"),
    ],
)
def test_3_links(text: str, url: str) -> None:
    assert formatted([text]) == (Styled("a", ("Amt",), url),)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "javascript:x", "data:text/html,x", "//example.org", ""])
def test_4_what_leads_elsewhere_is_no_link(url: str) -> None:
    assert not any(isinstance(mark, Styled) for mark in formatted([f"[Amt]({url})"]))


def test_5_styles_are_those_of_texts() -> None:
    text = """<span style="color: #a00; position: fixed; font-family:'KERN'">rot</span>"""
    assert formatted([text]) == (Styled("span", ("rot",), "", {"color": "#a00", "font-family": "'KERN'"}),)
    assert formatted(["<div style=''>leer</div>"]) == (Styled("div", ("leer",)),)
    assert formatted(["<span style='color:url(//example.org/x)'>x</span>"]) == (Styled("span", ("x",)),)


def test_6_answers_are_shown_as_they_are() -> None:
    answer = Shown("**Ali** <b>")
    assert formatted(["Guten Tag, *", answer, "*!"]) == (
        "Guten Tag, ",
        em(Styled("span", ("**Ali** <b>",))),
        "!",
    )
    assert formatted(["[", Shown("hier"), "](https://example.org/", Shown("7"), ")"]) == (
        Styled("a", (Styled("span", ("hier",)),), "https://example.org/7"),
    )
    assert plain(formatted(["[x](", Shown("javascript:alert()"), ")"])) == "x"
    assert formatted([Shown("")]) == ()


@pytest.mark.parametrize("text", ["1. Klasse", "- keine -", "# 5", "+ 1"])
def test_8_a_line_has_no_blocks(text: str) -> None:
    assert formatted_line([text]) == (text,)
    assert formatted_line([f"{text} **fett**"]) == (f"{text} ", strong("fett"))


@given(st.lists(st.one_of(st.text("*_[<>b/\\# \n-a"), st.text("*_b<>a").map(Shown)), max_size=8))
def test_7_no_letter_of_a_text_is_lost(parts: list[str]) -> None:
    assert plain(formatted(parts)).count("a") == sum(part.count("a") for part in parts)


@pytest.mark.parametrize("piece", ["*", "**a", "[", "<b>", "*a_b*", "](", "`", "\\", "# ", "<", "[x](tel:1)"])
def test_8_a_long_row_of_signs_is_read(piece: str) -> None:
    tree = formatted([piece * (200_000 // len(piece))])
    depth, level = 0, list(tree)
    while level:
        level = [child for mark in level if isinstance(mark, Styled) for child in mark.children]
        depth += 1
    assert depth <= DEPTH + 3
