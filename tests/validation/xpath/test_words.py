"""Conditions in words: what is said is what is meant, and nothing that parses is too odd to be said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.xlsform import read_xlsform
from scenario.hostile import expressions
from validation.errors import XPathError
from validation.form import Form
from validation.xpath import evaluate
from validation.xpath.parser import parse
from validation.xpath.words import Name, condition_in_words, in_words

FORMS = Path(__file__).parents[3] / "data" / "forms"
NAMES = {
    "/d/kurs": Name("Kurs", "21", choices={"keiner": "kein Kurs", "b2": "Kurs B2", "c1": "Kurs C1"}),
    "/d/datum": Name("Datum", "4", "date"),
    "/d/zahl": Name("Personen", "17", "int"),
    "/d/geld": Name("Leistungen", "9", choices={"x": "X-Geld", "y": "Y-Geld"}),
    "/d/alter": Name("alter", type="int", made_of=("4", "14")),
    "/d/eins": Name("eins", made_of=("4",)),
    "/d/kind": Name("Kind"),
    "/d/stumm": Name("", "5"),
}

SAID = [
    ("/d/kurs = 'b2'", "Nur wenn Frage 21 (Kurs) = „Kurs B2“", "Only if question 21 (Kurs) = “Kurs B2”"),
    (
        "/d/kurs = 'b2' or /d/kurs = 'c1'",
        "Nur wenn Frage 21 (Kurs) = „Kurs B2“ oder „Kurs C1“",
        "Only if question 21 (Kurs) = “Kurs B2” or “Kurs C1”",
    ),
    ("/d/kurs != ''", "Nur wenn Frage 21 (Kurs) beantwortet", "Only if question 21 (Kurs) is answered"),
    ("string-length(/d/kurs) > 0", "Nur wenn Frage 21 (Kurs) beantwortet", "Only if question 21 (Kurs) is answered"),
    ("/d/kurs = ''", "Entfällt, wenn Frage 21 (Kurs) beantwortet", "Skip if question 21 (Kurs) is answered"),
    (
        "/d/kurs != 'keiner' and /d/kurs != 'b2'",
        "Entfällt, wenn Frage 21 (Kurs) = „kein Kurs“ oder „Kurs B2“",
        "Skip if question 21 (Kurs) = “kein Kurs” or “Kurs B2”",
    ),
    (
        "/d/kurs != '' and /d/kurs != 'keiner' and /d/kurs != 'b2'",
        "Nur wenn Frage 21 (Kurs) beantwortet und weder „kein Kurs“ noch „Kurs B2“",
        "Only if question 21 (Kurs) is answered and is neither “kein Kurs” nor “Kurs B2”",
    ),
    ("/d/kurs != 'keiner' and /d/kurs != ''", "Nur wenn Frage 21 (Kurs) beantwortet und nicht „kein Kurs“", None),
    (
        "not(/d/alter < 15)",
        "Entfällt, wenn „alter“ (ergibt sich aus den Fragen 4 und 14) kleiner als 15",
        "Skip if “alter” (follows from questions 4 and 14) is less than 15",
    ),
    ("/d/eins >= 2", "Nur wenn „eins“ (ergibt sich aus Frage 4) mindestens 2", None),
    ("selected(/d/geld, 'x')", "Nur wenn Frage 9 (Leistungen) „X-Geld“ angekreuzt", None),
    (
        "selected(/d/geld, 'x') and not(selected(/d/geld, 'y'))",
        "Nur wenn Frage 9 (Leistungen) „X-Geld“ angekreuzt und „Y-Geld“ nicht angekreuzt",
        "Only if question 9 (Leistungen) has “X-Geld” ticked and does not have “Y-Geld” ticked",
    ),
    (
        "selected(/d/geld, 'x') or selected(/d/geld, 'y')",
        "Nur wenn Frage 9 (Leistungen) „X-Geld“ oder „Y-Geld“ angekreuzt",
        None,
    ),
    ("count-selected(/d/geld) > 1", "Nur wenn Zahl der Kreuze bei Frage 9 (Leistungen) größer als 1", None),
    ("count-selected(/d/geld) = 0", "Entfällt, wenn Frage 9 (Leistungen) beantwortet", None),
    ("count(/d/kind) >= 2", "Nur wenn Zahl der Einträge bei „Kind“ mindestens 2", None),
    (
        "/d/zahl > 2.5",
        "Nur wenn Frage 17 (Personen) größer als 2,5",
        "Only if question 17 (Personen) is greater than 2.5",
    ),
    ("/d/zahl >= -3 and /d/zahl <= 9", "Nur wenn Frage 17 (Personen) mindestens −3 und höchstens 9", None),
    ("2 < /d/zahl", "Nur wenn Frage 17 (Personen) größer als 2", None),
    ("/d/zahl = '4.5'", "Nur wenn Frage 17 (Personen) = 4,5", None),
    ("/d/datum > '2025-12-31'", "Nur wenn Frage 4 (Datum) später als 31.12.2025", None),
    ("/d/datum <= date('2025-12-31')", "Nur wenn Frage 4 (Datum) spätestens 31.12.2025", None),
    (
        "/d/datum < today()",
        "Nur wenn Frage 4 (Datum) früher als heute",
        "Only if question 4 (Datum) is earlier than today",
    ),
    (
        "(/d/kurs = 'b2' or /d/kurs = 'c1') and /d/zahl > 1",
        "Nur wenn (Frage 21 (Kurs) = „Kurs B2“ oder „Kurs C1“) und Frage 17 (Personen) größer als 1",
        None,
    ),
    (
        "/d/kurs = 'b2' and /d/zahl > 1 or /d/datum != ''",
        "Nur wenn (Frage 21 (Kurs) = „Kurs B2“ und Frage 17 (Personen) größer als 1) oder Frage 4 (Datum) beantwortet",
        None,
    ),
    (
        "/d/zahl > /d/alter",
        "Nur wenn Frage 17 (Personen) größer als „alter“ (ergibt sich aus den Fragen 4 und 14)",
        None,
    ),
    ("/d/zahl - 1 > /d/zahl", "Nur wenn Frage 17 (Personen) − 1 größer als Frage 17", None),
    ("starts-with(/d/kurs, 'b')", "Nur wenn Frage 21 (Kurs) = „Kurs B2“", None),
    ("starts-with(/d/zahl, 'b')", "Nur wenn Frage 17 (Personen) beginnt mit „b“", None),
    ("contains(/d/zahl, 'b')", "Nur wenn Frage 17 (Personen) enthält „b“", None),
    ("/d/stumm = 'a'", "Nur wenn Frage 5 = „a“", None),
    (". > 3", "Nur wenn die Antwort größer als 3", None),
    ("count-selected(.) > 1", "Nur wenn Zahl der Kreuze bei dieser Antwort größer als 1", None),
    ("string-length(.) < 4", "Nur wenn Zahl der Zeichen bei dieser Antwort kleiner als 4", None),
    ("../kurs = 'b2'", "Nur wenn Frage 21 (Kurs) = „Kurs B2“", None),
    ("current()/../kurs = 'b2'", "Nur wenn Frage 21 (Kurs) = „Kurs B2“", None),
    ("true()", "Immer", "Always"),
    ("false()", "Nie", "Never"),
    ("regex(/d/kurs, '^a$')", 'Nur wenn: regex(Frage 21, "^a$")', 'Only if: regex(question 21, "^a$")'),
    ("/d/kurs", "Nur wenn: Frage 21", None),
    ("/x/y[z = 1]/@id = 2", "Nur wenn: /x/y[z = 1]/@id = 2", None),
    ("position(..) = 2", "Nur wenn: position(..) = 2", None),
    (
        "/d/kurs = 'b2' and regex(/d/zahl, '1')",
        'Nur wenn Frage 21 (Kurs) = „Kurs B2“ und gilt: regex(Frage 17, "1")',
        'Only if question 21 (Kurs) = “Kurs B2” and this holds: regex(question 17, "1")',
    ),
]


@pytest.mark.parametrize(("expression", "german", "english"), SAID, ids=[row[0] for row in SAID])
def test_a_condition_reads_as_a_person_would_say_it(expression: str, german: str, english: str | None) -> None:
    assert in_words(parse(expression), NAMES, here="/d/hier") == german
    if english:
        assert in_words(parse(expression), NAMES, "en", here="/d/hier") == english


def test_a_question_is_introduced_once_then_called_by_its_number() -> None:
    said = in_words(parse("/d/zahl > 1 and /d/kurs = 'b2' and /d/zahl < 9"), NAMES)
    assert (
        said == "Nur wenn Frage 17 (Personen) größer als 1 und Frage 21 (Kurs) = „Kurs B2“ und Frage 17 kleiner als 9"
    )


def test_the_condition_alone_stands_after_words_of_the_callers() -> None:
    assert condition_in_words(parse("/d/zahl > 1"), NAMES) == "Frage 17 (Personen) größer als 1"


def test_a_text_that_looks_like_a_rule_of_ours_stays_a_text() -> None:
    assert in_words(parse("""/d/zahl = "{value}" """), NAMES) == "Nur wenn Frage 17 (Personen) = „{value}“"


# --- what is said is what is meant

LETTERS = {"/d/a": Name("A", "1"), "/d/b": Name("B", "2"), "/d/c": Name("C", "3")}
ATOMS = st.sampled_from(
    [f"/d/{q} {sign} '{value}'" for q in "abc" for sign in ("=", "!=") for value in ("v", "w", "")]
    + [f"selected(/d/{q}, '{value}')" for q in "abc" for value in "vw"]
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not({})".format, inner),
    ),
    max_leaves=7,
)
TOKENS = re.compile(
    r"(?P<subject>Frage (?P<number>\d)(?: \([ABC]\))? )"
    r"|(?P<neither>weder )?(?P<sign>= |nicht )?(?P<values>„\w“(?:(?:, | oder | noch )„\w“)*)"
    r"(?P<no> nicht)?(?: angekreuzt)?"
    r"|(?P<empty>nicht beantwortet)|(?P<full>beantwortet)|(?P<word>und|oder)|(?P<bracket>[()])| "
)


def reread(said: str) -> str:
    """The sentence as a Python expression over a, b, c: read by its words alone."""
    lead, text = re.fullmatch(r"(Nur wenn|Entfällt, wenn) (.*)", said).groups()  # type: ignore[union-attr]
    made, subject, at = [], "", 0
    while at < len(text):
        found = TOKENS.match(text, at)
        assert found, text[at:]
        at = found.end()
        if found["subject"]:
            subject = "abc"[int(found["number"]) - 1]
        elif found["values"]:
            negated = found["neither"] or found["no"] or (found["sign"] or "").startswith("nicht")
            made.append(f"({subject} {'not in' if negated else 'in'} {re.findall('„(.)“', found['values'])})")
        elif found["empty"] or found["full"]:
            made.append(f"({subject} {'==' if found['empty'] else '!='} '')")
        elif found["word"]:
            made.append({"und": "and", "oder": "or"}[found["word"]])
        elif found["bracket"]:
            made.append(found["bracket"])
    return f"not ({' '.join(made)})" if lead.startswith("Entfällt") else " ".join(made)


@given(CONDITIONS)
@settings(max_examples=400, deadline=None)
def test_what_is_said_is_true_exactly_where_the_condition_is(expression: str) -> None:
    said = reread(in_words(parse(expression), LETTERS))
    for answers in itertools.product(("", "v", "w"), repeat=3):
        document = "<d>{}</d>".format("".join(f"<{q}>{value}</{q}>" for q, value in zip("abc", answers, strict=True)))
        meant = evaluate(expression, document).boolean()
        assert eval(said, dict(zip("abc", answers, strict=True))) == meant, (expression, said, answers)


# --- nothing is too odd


def every_expression(form: Form) -> Iterator[tuple[str, str]]:
    for nodeset, bind in form.binds.items():
        for kind in ("relevant", "constraint", "required", "readonly", "calculate", "warning"):
            expression = getattr(bind, kind)
            if expression is not None:
                yield nodeset, expression.source
    for control in form.controls():
        if control.itemset is not None:
            yield control.nodeset, control.itemset.nodeset.source


@pytest.mark.parametrize("name", sorted(path.stem for path in FORMS.glob("*.md")))
def test_every_expression_of_the_shipped_forms_is_said_in_both_languages(name: str) -> None:
    form = read_xlsform(FORMS / f"{name}.md")
    names = {control.nodeset: Name("Frage", str(n)) for n, control in enumerate(form.controls(), start=1)}
    said = [
        in_words(parse(source), known, language, here=nodeset)
        for nodeset, source in every_expression(form)
        for known in (names, {})
        for language in ("de", "en")
    ]
    assert len(said) >= 4 * 10
    assert all(text.strip() for text in said)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_nothing_that_parses_is_refused(seed: int) -> None:
    for source in expressions(12, seed):
        try:
            parsed = parse(source)
        except XPathError:
            continue
        for language in ("de", "en"):
            assert in_words(parsed, NAMES, language, here="/d/kurs")


def test_deep_and_long_conditions_are_said_too() -> None:
    deep = "not(" * 90 + "/d/zahl > 1" + ")" * 90
    assert in_words(parse(deep), NAMES) == "Nur wenn Frage 17 (Personen) größer als 1"
    long = " or ".join(f"/d/zahl = {number}" for number in range(2000))
    assert in_words(parse(long), NAMES).endswith("1998 oder 1999")
