"""validation/xpath/functions/texts.py: text, patterns, digests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.errors import XPathError
from validation.xpath import evaluate

DOCUMENT = "<d><a>eins</a><a>zwei</a><e/></d>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string(1.50)", "1.5"),
        ("string(/d/a)", "eins"),
        ("string(/nope)", ""),
        ("concat()", ""),
        ("concat('a', 1, true())", "a1true"),
        ("concat(/d/a, '!')", "einszwei!"),
        ("join(', ', /d/a, 'drei')", "eins, zwei, drei"),
        ("join('-')", ""),
        ("starts-with('abc', 'ab')", True),
        ("starts-with('abc', '')", True),
        ("ends-with('abc', 'bc')", True),
        ("ends-with('abc', 'b')", False),
        ("contains('abc', 'b')", True),
        ("contains(/d/a, 'w')", False),
        ("substring-before('1999/04', '/')", "1999"),
        ("substring-before('abc', 'x')", ""),
        ("substring-before('abc', '')", ""),
        ("substring-after('1999/04/01', '/')", "04/01"),
        ("substring-after('abc', 'x')", ""),
        ("substring-after('abc', '')", "abc"),
        ("substring('12345', 2, 3)", "234"),
        ("substring('12345', 2)", "2345"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring('12345', 0 div 0, 3)", ""),
        ("substring('12345', 1, 0 div 0)", ""),
        ("substring('12345', -42, 1 div 0)", "12345"),
        ("substring('12345', -1 div 0, 1 div 0)", ""),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', 1)", "ello"),
        ("substr('hello', -3, -1)", "ll"),
        ("substr('hello', 3, 1)", ""),
        ("substr('hello', 0, 99)", "hello"),
        ("substr('hello', -99)", "hello"),
        ("substr('hello', 'x')", "hello"),
        ("string-length('größe')", 5.0),
        ("string-length('')", 0.0),
        ("normalize-space('  a \t\n b ')", "a b"),
        ("normalize-space(concat('a', '\u00a0 ', 'b'))", "a\u00a0 b"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("translate('--a--', '-', '')", "a"),
        ("translate('aa', 'aa', 'bc')", "bb"),
        ("base64-decode('R3LDvMOfZQ==')", "Grüße"),
        ("base64-decode('no base64!')", ""),
        ("base64-decode('/w==')", ""),
        ("digest('abc', 'SHA-256', 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("digest('abc', 'md5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest('', 'SHA-1')", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ],
)
def test_values(text: str, expected: object) -> None:
    value = evaluate(text, DOCUMENT).raw
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("string-length()", 4.0), ("normalize-space()", "eins"), ("string()", "eins")]
)
def test_without_argument_the_context_is_meant(text: str, expected: object) -> None:
    assert evaluate(text, DOCUMENT, "/d/a").raw == expected


@pytest.mark.parametrize(
    ("value", "pattern", "found"),
    [
        ("75382", "[0-9]{5}", True),
        ("75382 Althengstett", "[0-9]{5}", True),
        ("75382 Althengstett", "^[0-9]{5}$", False),
        ("٧", r"\d", False),
        ("ä", r"\w", False),
        ("ä", r"\W", True),
        ("5", r"[\d]", True),
        ("$", r"[$]", True),
        ("$", r"\$", True),
        ("ä", r"\p{L}", True),
        ("a\\b", r"a\\b", True),
        ("", "", True),
        ("x]", "[]x]+", True),
    ],
)
def test_patterns_are_found_anywhere_and_read_as_in_a_browser(value: str, pattern: str, found: bool) -> None:
    assert evaluate(f"regex(/d, '{pattern}')", f"<d>{value}</d>").boolean() is found


def test_a_line_break_is_not_the_end() -> None:
    assert evaluate("regex('a\n', '^a$')").boolean() is False


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("(", "xpath.regex_wrong"),
        ("[a", "xpath.regex_wrong"),
        ("*", "xpath.regex_wrong"),
        ("(" * 900 + ")" * 900, "xpath.regex_wrong"),
        ("a" * 2001, "xpath.regex_large"),
        ("a{99999999999}", "xpath.regex_large"),
        ("(a{1000}){1000}", "xpath.regex_large"),
        ("((a{900}){900}){900}", "xpath.regex_large"),
        ("(b|(a{1,200})){0,200}", "xpath.regex_large"),
        ("(?:x{101}y){100}{2}", "xpath.regex_large"),
        ("(a|a)*$", "xpath.regex_slow"),
        ("(a{0,100}){0,100}$", "xpath.regex_slow"),
    ],
)
def test_patterns_that_cannot_be_used_are_refused_in_time(pattern: str, code: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(f"regex('{'a' * 400}b', '{pattern}')")
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    "pattern", ["^.{1,5000}$", "(a{100}){100}", "[{]9999999}", r"\{99999\}", "a{,5}b{", "([a{20}]{5}){3}"]
)
def test_honest_patterns_are_not_taken_for_large_ones(pattern: str) -> None:
    assert evaluate(f"regex('a', '{pattern}') or true()").boolean()


@pytest.mark.parametrize("text", ["digest('a', 'SHA-3')", "digest('a', 'MD5', 'ascii')"])
def test_unknown_digests_are_refused(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(text)
    assert caught.value.problems[0].code == "xpath.digest"


_PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="'\0"), max_size=20)


@given(_PLAIN, st.integers(-25, 25), st.integers(-25, 25))
def test_substr_cuts_as_python_does(text: str, start: int, end: int) -> None:
    assert evaluate(f"substr('{text}', {start}, {end})").string() == text[start:end]


@given(_PLAIN, _PLAIN)
def test_before_mark_and_after_make_the_whole(text: str, mark: str) -> None:
    if mark and mark in text:
        expression = f"concat(substring-before('{text}', '{mark}'), '{mark}', substring-after('{text}', '{mark}'))"
        assert evaluate(expression).string() == text
