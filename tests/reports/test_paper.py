"""The empty paper form: every question with room for its answer, rules in words, and texts that stay texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from intake.xlsform import read_xlsform
from reports.factory.coverage import uncovered
from reports.paper.blank import blank
from reports.paper.page import Block, Note
from reports.paper.texts import spoken
from scenario.paper import labels, printed, questions_of, squeezed, structure, text_of, written
from validation.errors import ReportError, UsageError
from validation.form import Form

FORMS = Path(__file__).parents[2] / "data" / "forms"
TWO = """
    | survey | type | name | label::Deutsch (de) | label::العربية (ar) | hint::Deutsch (de) | hint::العربية (ar) | relevant | constraint | constraint_message::Deutsch (de) | missing |
    |---|---|---|---|---|---|---|---|---|---|---|
    | | begin_group | person | Person | الشخص | | | | | | |
    | | text | name | Name | الاسم | Wie im Ausweis 12345 | كما في الهوية 12345 | | | | unknown refused |
    | | select_one jn | kinder | Haben Sie Kinder? | هل لديكم أطفال؟ | | | | | | |
    | | integer | zahl | Wie viele? | | | | ${kinder} = 'ja' | . <= 20 | Erwartet wird eine Zahl bis 20. | |
    | | end_group | person | | | | | | | | |

    | choices | list_name | name | label::Deutsch (de) | label::العربية (ar) |
    |---|---|---|---|---|
    | | jn | ja | ja | نعم |
    | | jn | nein | nein | لا |
"""  # noqa: E501 - a table
TWO_SETTINGS = """| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""


@pytest.fixture(scope="module")
def shipped() -> Form:
    return read_xlsform(FORMS / "erstgespraech.md")


@pytest.fixture(scope="module")
def shipped_pdf(shipped: Form) -> PdfReader:
    return printed(blank(shipped))


@pytest.fixture
def bilingual(tmp_path: Path) -> Form:
    return written(tmp_path, TWO, TWO_SETTINGS)


def rows(*survey: str, choices: tuple[str, ...] = ()) -> str:
    """Survey rows 'type | name | label | relevant | constraint | appearance | required' as a table."""
    head = "| survey | type | name | label | relevant | constraint | appearance | required | parameters |\n"
    lines = "".join(f"| | {row}{' |' * (9 - row.count('|') - 1)}\n" for row in survey)
    listed = "".join(f"| | {row} |\n" for row in choices)
    head += "|---|---|---|---|---|---|---|---|---|\n"
    return f"{head}{lines}\n| choices | list_name | name | label |\n|---|---|---|---|\n{listed}"


# --- room for answers


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("text | a | A", "written"),
        ("integer | a | A", "digits"),
        ("decimal | a | A", "digits"),
        ("date | a | A", "date"),
        ("date | a | A | | | month-year", "month"),
        ("date | a | A | | | year", "year"),
        ("time | a | A", "time"),
        ("dateTime | a | A", "datetime"),
        ("select_one l | a | A", "one"),
        ("select_multiple l | a | A", "many"),
        ("rank l | a | A", "rank"),
        ("acknowledge | a | A", "tick"),
        ("image | a | A", "enclosed"),
        ("audio | a | A", "enclosed"),
        ("file | a | A", "enclosed"),
        ("geopoint | a | A", "place"),
        ("geoshape | a | A", "place"),
        ("barcode | a | A", "written"),
        ("range | a | A | | | | | start=1 end=5 step=1", "scale"),
        ("range | a | A | | | | | start=0 end=100 step=1", "digits"),
    ],
)
def test_each_type_has_room_of_its_own_and_can_be_set(row: str, kind: str, tmp_path: Path) -> None:
    form = written(tmp_path, rows(row, choices=("l | x | Ix", "l | y | Ypsilon")))
    assert questions_of(form)["1"].answer.kind == kind
    assert "1A" in text_of(printed(blank(form)))


@pytest.mark.parametrize(
    ("row", "cells", "decimals"),
    [
        ("integer | a | A | | . <= 20", 2, 0),
        ("integer | a | A | | . >= 1 and . < 1000 and . <= 5000", 4, 0),
        ("integer | a | A", 5, 0),
        ("integer | a | A | | . <= 0", 5, 0),
        ("decimal | a | A | | . > 0 and . <= 1", 1, 2),
    ],
)
def test_a_number_has_as_many_cells_as_its_largest_value_has_digits(
    row: str, cells: int, decimals: int, tmp_path: Path
) -> None:
    answer = questions_of(written(tmp_path, rows(row)))["1"].answer
    assert (answer.cells, answer.decimals) == (cells, decimals)


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        ("text | a | A", 1),
        ("text | a | A | | | multiline", 4),
        ("text | a | A | | string-length(.) <= 200", 3),
        ("text | a | A | | string-length(.) < 20 | multiline", 1),
        ("text | a | A | | string-length(.) <= 90000", 6),
    ],
)
def test_a_text_has_as_many_lines_as_it_may_fill(row: str, lines: int, tmp_path: Path) -> None:
    assert questions_of(written(tmp_path, rows(row)))["1"].answer.lines == lines


def test_a_scale_shows_its_steps_in_german(tmp_path: Path) -> None:
    form = written(tmp_path, rows("range | a | A | | | | | start=3 end=1 step=0.5"))
    assert labels(questions_of(form)["1"].answer.choices) == ["3", "2,5", "2", "1,5", "1"]


def test_long_lists_go_into_the_annex_once_and_very_long_ones_are_named(tmp_path: Path) -> None:
    choices = [
        f"{name} | v{n} | {name} {n}" for name, size in (("kurz", 15), ("lang", 16), ("welt", 81)) for n in range(size)
    ]
    form = written(
        tmp_path,
        rows(
            "select_one kurz | a | A", "select_one lang | b | B", "select_multiple lang | c | C",
            "select_one welt | d | D",
            choices=tuple(choices),
        ),
    )  # fmt: skip
    sheet = blank(form)
    asked = questions_of(form)
    assert [asked[n].answer.kind for n in "1234"] == ["one", "annex", "annex", "open"]
    assert [spoken(annex.title) for annex in sheet.annexes] == ["Liste 1 (zu Frage 2, 3)"]
    assert len(sheet.annexes[0].choices) == 16
    assert spoken(asked["2"].answer.note) == "Nummer aus Liste 1:"
    assert asked["3"].answer.several
    assert "welt" in spoken(asked["4"].answer.note)
    text = text_of(printed(sheet))
    assert text.count("lang15") == 1
    assert "welt80" not in text


def test_choices_that_answers_filter_are_all_printed_and_fixed_filters_hold(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        """
        | survey | type | name | label | choice_filter |
        |---|---|---|---|---|
        | | select_one kreis | k | Kreis | |
        | | select_one ort | o | Ort | kreis = ${k} |
        | | select_one ort | p | Ort im Norden | kreis = 'nord' and name != ${o} |
        | | select_one ort | q | Ort heute | kreis = 'nord' or today() = '2020-01-01' |

        | choices | list_name | name | label | kreis |
        |---|---|---|---|---|
        | | kreis | nord | Nord | |
        | | kreis | sued | Süd | |
        | | ort | a | Adorf | nord |
        | | ort | b | Bdorf | sued |
        """,
    )
    offered = {n: labels(q.answer.choices) for n, q in questions_of(form).items()}
    assert offered == {"1": ["Nord", "Süd"], "2": ["Adorf", "Bdorf"], "3": ["Adorf"], "4": ["Adorf", "Bdorf"]}


def test_choices_from_a_file_are_printed_where_it_is_given(tmp_path: Path) -> None:
    form = written(tmp_path, rows("select_one_from_file orte.csv | a | A"))
    assert questions_of(form)["1"].answer.kind == "written"
    given = blank(form, files={"orte": "name,label\na,Adorf\nb,Bdorf\n"})
    assert "Adorf" in text_of(printed(given))


def test_repeats_become_blank_blocks_with_the_same_numbers(tmp_path: Path) -> None:
    survey = rows(
        "begin_repeat | kind | Kind", "text | name | Name | | regex(., 'x')", "begin_repeat | schule | Schule",
        "text | s | Welche?", "end_repeat |", "end_repeat |", "text | z | Zuletzt",
    )  # fmt: skip
    sheet = blank(written(tmp_path, survey))
    blocks = [item for item in sheet.sections[0].items if isinstance(item, Block)]
    assert [block.entry for block in blocks] == [1, 2]
    assert [bool(block.more) for block in blocks] == [False, True]
    text = text_of(printed(sheet))
    assert "Kind1" in text
    assert "Kind2" in text
    assert text.count("1Name") == 2
    assert "3Zuletzt" in text


def test_a_repeat_of_a_fixed_number_has_that_many_blocks(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        """
        | survey | type | name | label | repeat_count |
        |---|---|---|---|---|
        | | begin_repeat | tag | Tag | 3 |
        | | text | was | Was? | |
        | | end_repeat | | | |
        """,
    )
    (section,) = blank(form).sections
    assert [(item.entry, bool(item.more)) for item in section.items if isinstance(item, Block)] == [
        (1, False),
        (2, False),
        (3, False),
    ]


def test_notes_are_printed_calculations_only_where_they_have_a_label(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        """
        | survey | type | name | label | calculation | read_only |
        |---|---|---|---|---|---|
        | | note | n | **Wichtig:** Unterlagen _mitbringen_ | | |
        | | text | a | Wort | | |
        | | calculate | c | | 1 + 1 | |
        | | text | d | Summe | 1 + 1 | yes |
        """,
    )
    note, *_ = blank(form).sections[0].items
    assert isinstance(note, Note)
    assert spoken(note.text) == "Wichtig: Unterlagen mitbringen"
    assert note.text == ((("strong", "Wichtig:"), ("", " Unterlagen "), ("em", "mitbringen")),)
    asked = questions_of(form)
    assert {n: q.answer.kind for n, q in asked.items()} == {"1": "written", "2": "computed"}
    assert "wirdberechnet" in text_of(printed(blank(form)))


def test_a_table_of_questions_is_a_question_a_row(tmp_path: Path) -> None:
    survey = rows(
        "begin_group | m | Wie geht es? | | | table-list", "select_one l | a | Schlaf", "select_one l | b | Essen",
        "end_group |", choices=("l | x | gut", "l | y | schlecht"),
    )  # fmt: skip
    form = written(tmp_path, survey)
    asked = questions_of(form)
    assert [(n, spoken(q.label), labels(q.answer.choices)) for n, q in asked.items()] == [
        ("1", "Schlaf", ["gut", "schlecht"]),
        ("2", "Essen", ["gut", "schlecht"]),
    ]
    assert "Wiegehtes?" in text_of(printed(blank(form)))


def test_a_text_names_the_question_whose_answer_it_would_show(tmp_path: Path) -> None:
    form = written(tmp_path, rows("text | a | Wort", "note | n | Sie sagten ${a}, nicht wahr?"))
    assert "Siesagten[Frage1],nichtwahr?" in text_of(printed(blank(form)))


# --- what stands beside a question


def test_the_required_are_marked_and_conditions_are_said(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        """
        | survey | type | name | label | relevant | required | missing | constraint | constraint_message |
        |---|---|---|---|---|---|---|---|---|
        | | integer | a | Alter | | yes | unknown | . <= 99 | Erwartet wird eine Zahl bis 99. |
        | | text | b | Beruf | ${a} > 15 | ${a} > 18 | | . != 'x' | Nicht x. |
        | | date | c | Datum | not(${a} < 3) | no | unknown refused | . > '2020-01-01' | Das liegt zu früh. Erwartet wird ein Tag ab 2020. |
        """,  # noqa: E501 - a table
    )
    a, b, c = questions_of(form).values()
    assert (a.required, b.required, c.required) == (True, False, False)
    assert labels(a.reasons) == ["weiß nicht"]
    assert labels(c.reasons) == ["weiß nicht", "keine Angabe"]
    assert labels(b.rules) == [
        "Nur wenn Frage 1 (Alter) größer als 15",
        "Antwort nötig, wenn Frage 1 (Alter) größer als 18",
    ]
    assert labels(c.rules) == ["Entfällt, wenn Frage 1 (Alter) kleiner als 3"]
    assert spoken(a.allowed) == "Erlaubt: eine Zahl bis 99."
    assert spoken(b.allowed) == "Zu beachten: Nicht x."
    assert spoken(c.allowed) == "Nicht angenommen: Das liegt zu früh. Erwartet wird ein Tag ab 2020."
    assert "1Alter*" in text_of(printed(blank(form)))


def test_what_is_meant_for_interviewers_is_printed_too(tmp_path: Path) -> None:
    survey = """
    | survey | type | name | label | hint | guidance_hint |
    |---|---|---|---|---|---|
    | | text | a | Wort | Hinweis | Nur für Sie |
    | | text | b | Wort | | Leise vorlesen |
    """
    hints = [labels(question.hints) for question in questions_of(written(tmp_path, survey)).values()]
    assert hints == [["Hinweis", "Nur für Sie"], ["Leise vorlesen"]]


def test_sections_get_letters_unless_the_form_counts_them(tmp_path: Path, shipped: Form) -> None:
    survey = rows("begin_group | g | Wohnen", "text | a | A", "end_group |", "text | b | B")
    assert [(section.mark, spoken(section.label)) for section in blank(written(tmp_path, survey)).sections] == [
        ("A", "Wohnen"),
        ("B", "Fragen"),
    ]
    odd = rows(
        "begin_group | g | A family",
        "text | a | A",
        "end_group |",
        "begin_group | h | Home",
        "text | b | B",
        "end_group |",
    )
    assert [section.mark for section in blank(written(tmp_path, odd)).sections] == ["A", "B"]
    assert {section.mark for section in blank(shipped).sections} == {""}


def test_the_questions_of_the_shipped_form_are_numbered_without_gaps(shipped: Form) -> None:
    numbers = list(questions_of(shipped))
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    notes = {control.nodeset for control in shipped.controls()} - {
        c.nodeset for c in shipped.controls() if "__" not in c.nodeset
    }
    assert len(numbers) == len(list(shipped.controls())) - len(notes)


RULES = {
    "plan_kopf": "Nur wenn Frage N (Für wen gilt der Plan?) = „den ganzen Haushalt“ oder "
    "„im Plan der Eltern enthalten“",
    "geburtsdatum_genauigkeit": "Nur wenn Frage N (Geburtsdatum) beantwortet",
    "einreise": "Entfällt, wenn Frage N (Wie kam die Person in die Gemeinde?) = „Geburt“",
    "bildung": "Entfällt, wenn „alter“ (ergibt sich aus den Fragen N und N) kleiner als 15",
    "kinder": "Nur wenn Frage N (davon unter 18 Jahren) größer als 0 und Frage N (Für wen gilt der Plan?) nicht "
    "„im Plan der Eltern enthalten“",
    "platz_seit": "Nur wenn Frage N (Wird ein Platz gesucht?) = „ja“",
    "unterschrift_am": "Nur wenn Frage N (Für wen gilt der Plan?) nicht „im Plan der Eltern enthalten“ und "
    "Frage N (Wer hat unterschrieben?) beantwortet",
}


@pytest.mark.parametrize("name", RULES)
def test_the_rules_of_the_first_interview_read_as_a_person_would_say_them(name: str, shipped: Form) -> None:
    sheet = blank(shipped).json()
    sheet = re.sub(r"Frage \d+", "Frage N", re.sub(r"Fragen \d+ und \d+", "Fragen N und N", sheet))
    assert RULES[name] in sheet


# --- the page


def test_the_pdf_is_tagged_and_says_what_it_is(shipped_pdf: PdfReader) -> None:
    root = shipped_pdf.trailer["/Root"]
    assert root["/Lang"] == "de"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    kinds = {element.get("/S") for element in structure(root["/StructTreeRoot"])}
    assert {"/Title", "/H1", "/H2"} <= kinds
    assert shipped_pdf.metadata is not None
    assert shipped_pdf.metadata.title == "Erstgespräch und Integrationsplan"


def test_the_shipped_form_needs_little_paper_and_every_page_has_room_for_the_case(
    shipped: Form, shipped_pdf: PdfReader
) -> None:
    assert len(shipped_pdf.pages) <= 21  # 133 items in three layers, two children and two goals
    assert len(printed(blank(shipped, ("de", "en"))).pages) <= 30
    assert all("Nummer des Falls" in page.extract_text() for page in shipped_pdf.pages)
    assert all({round(float(side)) for side in page.mediabox[2:]} == {595, 842} for page in shipped_pdf.pages)


def test_no_question_is_parted_from_its_choices(shipped: Form, shipped_pdf: PdfReader) -> None:
    pages = [squeezed(page.extract_text()).replace("-", "") for page in shipped_pdf.pages]
    for question in questions_of(shipped).values():
        if question.answer.kind in ("one", "many"):
            parts = [squeezed(spoken(question.label)), *map(squeezed, labels(question.answer.choices))]
            assert any(all(part.replace("-", "") in page for part in parts) for page in pages), parts


def test_the_same_form_gives_the_same_bytes(shipped: Form) -> None:
    from reports.factory.render import page_to_pdf

    assert page_to_pdf(blank(shipped).json()) == page_to_pdf(blank(shipped).json())


@pytest.mark.parametrize("name", sorted(path.stem for path in FORMS.glob("*.md")))
def test_every_shipped_form_can_be_printed_in_all_its_pairs_of_languages(name: str) -> None:
    form = read_xlsform(FORMS / f"{name}.md")
    for second in form.languages[1:]:
        assert len(printed(blank(form, ("de", second))).pages) <= 32


# --- languages


def places(pdf: PdfReader) -> dict[str, float]:
    """How far right each text of the first page begins, in points."""
    found: dict[str, float] = {}

    def note(text: str, current: list[float], matrix: list[float], *_: object) -> None:
        found.setdefault(text.strip(), current[4] + matrix[4])

    pdf.pages[0].extract_text(visitor_text=note)
    return found


def test_two_languages_stand_side_by_side_each_in_its_direction(bilingual: Form) -> None:
    sheet = blank(bilingual, ("de", "ar"))
    assert sheet.languages == (("de", "ltr"), ("ar", "rtl"))
    pdf = printed(sheet)
    placed = places(pdf)
    middle = float(pdf.pages[0].mediabox.width) / 2
    assert placed["Name"] < middle < placed["الاسم"]
    assert placed["12345"] < placed["الهوية"] < placed["في"] < placed["كما"], "words run from right to left"
    spoken_in = {
        str(element["/Lang"]) for element in structure(pdf.trailer["/Root"]["/StructTreeRoot"]) if "/Lang" in element
    }
    assert "ar" in spoken_in


def test_a_page_in_arabic_alone_runs_from_right_to_left(bilingual: Form) -> None:
    pdf = printed(blank(bilingual, ("ar",)))
    assert pdf.trailer["/Root"]["/Lang"] == "ar"
    placed = places(pdf)
    assert placed["1"] > float(pdf.pages[0].mediabox.width) / 2


def test_what_a_language_lacks_is_not_printed_twice(bilingual: Form) -> None:
    sheet = blank(bilingual, ("de", "ar"))
    question = questions_of(bilingual, "de", "ar")["3"]
    assert spoken(question.label) == "Wie viele?"
    assert question.label[1] == ()
    assert spoken(question.rules[0], 1) == "يُسأل فقط عند تحقق: السؤال 2 (هل لديكم أطفال؟) = «نعم»"
    assert text_of(printed(sheet)).count("Wieviele?") == 1


def test_a_second_language_is_not_filled_up_from_a_third(tmp_path: Path) -> None:
    survey = """
    | survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) |
    |---|---|---|---|---|---|
    | | text | a | Deutsch da | English there | |
    | | text | b | Deutsch da | | عربي |
    """
    found = questions_of(written(tmp_path, survey, TWO_SETTINGS), "en", "ar")
    assert found["1"].label == ((("", "English there"),), ())
    assert found["2"].label == ((("", "Deutsch da"),), (("", "عربي"),))


def test_english_rules_stand_beside_german_ones(shipped: Form) -> None:
    rules = [q.rules[0] for q in questions_of(shipped, "de", "en").values() if q.rules]
    assert rules
    assert all(spoken(rule, 1).startswith(("Only if ", "Skip if ")) for rule in rules)


@pytest.mark.parametrize("languages", [("fr",), ("de", "fr")])
def test_a_language_the_form_has_not_is_refused_by_name(languages: tuple[str, ...], shipped: Form) -> None:
    with pytest.raises(UsageError, match=r"fr.*de, en"):
        blank(shipped, languages)


def test_a_form_without_translations_has_one_language(tmp_path: Path) -> None:
    form = written(tmp_path, rows("text | a | A"))
    assert blank(form, ("en",)).languages == (("en", "ltr"),)
    with pytest.raises(UsageError, match="--second"):
        blank(form, ("de", "en"))


def test_a_translation_nobody_has_checked_says_so(tmp_path: Path) -> None:
    settings = TWO_SETTINGS.replace("default_language |", "default_language | unreviewed |").replace(
        "---|\n| |", "---|---|\n| |"
    )
    form = written(tmp_path, TWO, settings.rstrip().removesuffix("|") + "| ar |\n")
    assert form.unreviewed == frozenset({"ar"})
    assert "Muttersprache" in spoken(blank(form, ("de", "ar")).remarks[0])
    assert blank(form, ("de",)).remarks == ()


# --- hostile texts

PAYLOADS = [
    "#panic()",
    '#read("/etc/passwd")',
    '#import "x.typ": *',
    "#let a = 1",
    "#{1+1}",
    '#eval("1")',
    "#pagebreak()",
    "#",
    "$x^2$",
    "$ sum_(i=0)^n $",
    "$",
    "\\",
    "\\u{41}",
    "\\x",
    '"',
    '""',
    "'",
    "„“",
    "`raw`",
    "```rs fn```",
    "<label>",
    "@ref",
    "= Titel",
    "~",
    "--",
    "---",
    "...",
    "// weg",
    "/* weg */",
    "] #x [",
    "){",
    "}}{{ x }}",
    "{% raw %}",
    "{page}",
    "%s %d",
    "<script>alert(1)</script>",
    "&lt;&amp;",
    "a * b * c",
    "* allein",
    "x_1 und y_2",
    "https://x.example/?a=#b",
    "\\n\\t",
    "null",
    "*/",
    "#set text(size: 99pt)",
]


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_of_a_form_are_printed_as_they_are(payload: str, tmp_path: Path) -> None:
    cell = payload.replace("\\", "\\\\").replace("|", "\\|") if "|" in payload else payload
    form = written(
        tmp_path,
        f"""
        | survey | type | name | label | hint |
        |---|---|---|---|---|
        | | select_one l | a | A {cell} Z | H {cell} Z |
        | | note | n | N {cell} Z | |

        | choices | list_name | name | label |
        |---|---|---|---|
        | | l | x | C {cell} Z |
        | | l | y | Ypsilon |
        """,
    )
    text = text_of(printed(blank(form)))
    for letter in "AHNC":
        assert squeezed(f"{letter} {payload} Z") in text, letter


def test_signs_without_a_font_are_replaced_and_the_page_says_so(tmp_path: Path) -> None:
    survey = rows(
        "text | a | Wie geht es Ihnen heute? 🙂", *(f"text | t{n} | Eine Frage nach etwas anderem" for n in range(3))
    )
    text = text_of(printed(blank(written(tmp_path, survey))))
    assert "heute?�" in text
    assert "keineDruckschrift" in text


def test_a_script_without_a_font_is_refused_by_name(tmp_path: Path) -> None:
    form = written(tmp_path, rows("text | a | ስምህ ማን ነው"))
    assert uncovered("ስ")
    with pytest.raises(ReportError, match="Ethiopic"):
        blank(form).json()
