"""What is wrong with a record, question by question."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, live
from validation.violations import Violation, ui_language

TEXTS = """<translation lang="Deutsch (de)"><text id="r"><value>Bitte den Namen angeben</value></text>
  <text id="c"><value>Zu kurz, <output value="/data/a"/>!</value></text></translation>
  <translation lang="English (en)"><text id="r"><value>Please give the name</value></text></translation>"""


def test_1_required_asks_only_what_is_empty_and_relevant() -> None:
    record = live(
        form(
            "<on>1</on><a/><b/>",
            """<bind nodeset="/data/a" required="true()"/>
               <bind nodeset="/data/b" required="/data/a = 'x'" relevant="/data/on = '1'"/>""",
            inputs("on", "a", "b"),
        )
    )
    assert record.violations() == [Violation("/data/a", "required", "Bitte beantworten Sie diese Frage.")]
    record.answer("/data/a", "x")
    assert [hit.path for hit in record.violations()] == ["/data/b"]
    record.answer("/data/on", "0")
    assert record.violations() == []


def test_2_a_constraint_is_asked_of_answers_only() -> None:
    record = live(form("<a/>", '<bind nodeset="/data/a" type="int" constraint=". &gt; 5"/>', inputs("a")))
    assert record.violations() == []
    record.answer("/data/a", 3)
    assert [hit.kind for hit in record.violations()] == ["constraint"]
    record.answer("/data/a", 6)
    assert record.violations() == []


def test_3_a_constraint_follows_the_nodes_it_reads() -> None:
    record = live(form("<a>5</a><b>3</b>", '<bind nodeset="/data/a" constraint=". &lt; /data/b"/>', inputs("a", "b")))
    assert [hit.path for hit in record.violations()] == ["/data/a"]
    record.answer("/data/b", 9)
    assert record.violations() == []


def test_4_a_warning_is_its_own_kind() -> None:
    record = live(
        form("<a/>", '<bind nodeset="/data/a" lb:warning=". &lt; 99" lb:warning_message="So alt?"/>', inputs("a"))
    )
    record.answer("/data/a", 120)
    assert record.violations() == [Violation("/data/a", "warning", "So alt?")]


def test_5_messages_speak_the_language_asked_for() -> None:
    record = live(
        form(
            "<a/>",
            """<bind nodeset="/data/a" required="true()" jr:requiredMsg="jr:itext('r')"
                 constraint="string-length(.) &gt; 3" jr:constraintMsg="jr:itext('c')"/>""",
            inputs("a"),
            itext=TEXTS,
        )
    )
    assert [hit.message for hit in record.violations()] == ["Bitte den Namen angeben"]
    assert [hit.message for hit in record.violations("en")] == ["Please give the name"]
    record.set_language("English (en)")
    assert [hit.message for hit in record.violations()] == ["Please give the name"]
    record.answer("/data/a", "Ada")
    assert [hit.message for hit in record.violations()] == ["Zu kurz, Ada!"]


def test_6_our_own_sentences_come_in_the_form_s_language() -> None:
    record = live(form("<a/>", '<bind nodeset="/data/a" required="true()"/>', inputs("a"), itext=TEXTS), language="en")
    assert [hit.message for hit in record.violations()] == ["Please answer this question."]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("English (en)", "en"),
        ("العربية (ar)", "ar"),
        ("Українська (uk-UA)", "uk"),
        ("en", "en"),
        ("Deutsch (de)", "de"),
        ("Français (fr)", "de"),
        ("default", "de"),
        (None, "de"),
    ],
)
def test_7_a_form_s_language_is_mapped_to_ours(language: str | None, code: str) -> None:
    assert ui_language(language) == code


def test_8_they_come_in_document_order() -> None:
    record = live(
        form(
            "<z/><g><b/></g><r><a/></r><c/>",
            "".join(f'<bind nodeset="/data/{n}" required="true()"/>' for n in ("c", "r/a", "g/b", "z")),
            inputs("z", "g/b", "c") + '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
        )
    )
    record.add_repeat("/data/r")
    assert [hit.path for hit in record.violations()] == [
        "/data/z",
        "/data/g/b",
        "/data/r[1]/a",
        "/data/r[2]/a",
        "/data/c",
    ]


def test_8a_groups_are_not_asked() -> None:
    record = live(form("<g><a/></g>", '<bind nodeset="/data/g" required="true()"/>', inputs("g/a")))
    assert record.violations() == []


def test_9_a_range_has_its_ends() -> None:
    record = live(form("<a/>", "", '<range ref="/data/a" start="10" end="0" step="1"/>'))
    record.answer("/data/a", 5)
    assert record.violations() == []
    record.answer("/data/a", 11)
    assert [hit.kind for hit in record.violations()] == ["type"]
    record.answer("/data/a", "viel")
    assert [hit.kind for hit in record.violations()] == ["type"]


def test_10_an_ill_typed_answer_is_not_held_against_its_constraint_too() -> None:
    record = live(form("<a/>", '<bind nodeset="/data/a" type="int" constraint=". &gt; 5"/>', inputs("a")))
    record.answer("/data/a", "drei")
    assert [hit.kind for hit in record.violations()] == ["type"]


def test_11_a_message_never_holds_the_answer_by_itself() -> None:
    record = live(form("<a/>", '<bind nodeset="/data/a" type="int"/>', inputs("a")))
    record.answer("/data/a", "Geheimnis")
    assert "Geheimnis" not in record.violations()[0].message


def test_12_the_missing_reason_idiom_works_without_special_cases() -> None:
    """Required means: an answer, or a reason why there is none (the column `missing`)."""
    record = live(
        form(
            "<a/><a__missing/>",
            """<bind nodeset="/data/a" required="/data/a__missing = ''" lb:missing="unknown refused"/>
               <bind nodeset="/data/a__missing" relevant="/data/a = ''"/>""",
            inputs("a", "a__missing"),
        )
    )
    assert [hit.path for hit in record.violations()] == ["/data/a"]
    record.answer("/data/a__missing", "refused")
    assert record.violations() == []
    record.answer("/data/a", "doch")
    assert not record.relevant("/data/a__missing")
    assert "refused" not in record.to_xml()
