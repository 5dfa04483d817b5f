"""A live record: what answers do to it. Each test shows the form it is about."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from scenario.xforms import NOW, form, inputs, live, survey
from validation.errors import AnswerError, FormError, XPathError
from validation.instance import Instance, locate
from validation.tree import parse
from validation.xpath.parser import parse as parse_expression

REPEAT = '<repeat nodeset="/data/r"><input ref="/data/r/a"/><input ref="/data/r/b"/></repeat>'


def refusal(record: Instance, path: str, value: object = "x") -> str:
    with pytest.raises(AnswerError) as caught:
        record.answer(path, value)  # type: ignore[arg-type]
    assert caught.value.text("de") != caught.value.text("en")
    return caught.value.code


# --- answers


def test_1_an_answer_is_kept_as_text_and_read_by_type() -> None:
    record = live(form("<a/><b/>", '<bind nodeset="/data/a" type="int"/>', inputs("a", "b")))
    record.answer("/data/a", 12)
    record.answer("/data/b", Decimal("1.50"))
    assert (record.value("/data/a"), record.typed("/data/a")) == ("12", 12)
    assert record.value("/data/b") == "1.5"
    record.answer("/data/a", None)
    assert (record.value("/data/a"), record.typed("/data/a")) == ("", None)


def test_2_an_ill_typed_answer_is_kept_and_named() -> None:
    record = live(form("<a/>", '<bind nodeset="/data/a" type="date"/>', inputs("a")))
    record.answer("/data/a", "31.2.2026")
    assert (record.value("/data/a"), record.typed("/data/a")) == ("31.2.2026", None)
    assert [(hit.path, hit.kind) for hit in record.violations()] == [("/data/a", "type")]


def test_3_bad_calls_are_refused_and_change_nothing() -> None:
    record = live(
        form(
            "<a/><ro/><g><c/></g><hidden/><r><a/><b/></r>",
            """<bind nodeset="/data/ro" readonly="true()"/><bind nodeset="/data/hidden" calculate="1"/>""",
            inputs("a", "ro", "g/c") + REPEAT,
        )
    )
    before = record.to_xml(draft=True)
    assert refusal(record, "/data/none") == "answer.unknown_path"
    assert refusal(record, "/data/r[2]/a") == "answer.unknown_path"
    assert refusal(record, "nonsense[[") == "answer.unknown_path"
    assert refusal(record, "/data/ro") == "answer.readonly"
    assert refusal(record, "/data/hidden") == "answer.readonly"
    assert refusal(record, "/data/g") == "answer.no_question"
    assert refusal(record, "/data/r[1]") == "answer.no_question"
    assert refusal(record, "/data/a", {"x": 1}) == "answer.bad_value"
    assert refusal(record, "/data/a", float("nan")) == "answer.bad_value"
    assert record.to_xml(draft=True) == before


def test_4_no_refusal_repeats_an_answer() -> None:
    record = live(form("<a/>", "", inputs("a")))
    with pytest.raises(AnswerError) as caught:
        record.answer("/data/b", "Geheimnis")
    assert "Geheimnis" not in caught.value.text("de") + caught.value.text("en")


def test_5_text_is_composed_and_cleaned_of_what_xml_cannot_carry() -> None:
    record = live(form("<a/>", "", inputs("a")))
    record.answer("/data/a", "Zoe\u0308\x00\x0b\ud800 & <b>\r\n")
    assert record.value("/data/a") == "Zoë & <b>\r\n"
    assert live(record.form, xml=record.to_xml()).value("/data/a") == "Zoë & <b>\r\n"


def test_6_an_acknowledgement_is_ok_or_nothing() -> None:
    record = live(form("<a/>", "", '<trigger ref="/data/a"/>'))
    record.answer("/data/a", value=True)
    assert record.value("/data/a") == "OK"
    record.answer("/data/a", value=False)
    assert record.value("/data/a") == ""


# --- relevance


def test_7_what_is_not_relevant_reads_empty_and_comes_back() -> None:
    """g is asked where yes is 'y'; b copies what is in g."""
    record = live(
        form(
            "<yes>y</yes><g><a/></g><b/>",
            """<bind nodeset="/data/g" relevant="/data/yes = 'y'"/><bind nodeset="/data/b" calculate="/data/g/a"/>""",
            inputs("yes", "g/a"),
        )
    )
    record.answer("/data/g/a", "hier")
    assert record.value("/data/b") == "hier"
    record.answer("/data/yes", "n")
    assert not record.relevant("/data/g/a")
    assert (record.value("/data/g/a"), record.value("/data/b")) == ("", "")
    assert "<g>" not in record.to_xml()
    assert "hier" in record.to_xml(draft=True)
    record.answer("/data/yes", "y")
    assert (record.value("/data/g/a"), record.value("/data/b")) == ("hier", "hier")


def test_8_a_chain_of_relevances_settles_at_once() -> None:
    binds = "".join(f"""<bind nodeset="/data/n{n}" relevant="/data/n{n - 1} = '1'"/>""" for n in range(1, 20))
    names = "".join(f"<n{n}>1</n{n}>" for n in range(20))
    record = live(form(names, binds, inputs(*(f"n{n}" for n in range(20)))))
    assert record.relevant("/data/n19")
    record.answer("/data/n0", "0")
    assert not record.relevant("/data/n1")
    assert not record.relevant("/data/n19")


def test_9_relevances_that_depend_on_one_another_settle() -> None:
    record = live(
        form(
            "<a>1</a><b>1</b>",
            '<bind nodeset="/data/a" relevant="/data/b &gt; 0"/><bind nodeset="/data/b" relevant="/data/a &gt; 0"/>',
            inputs("a", "b"),
        )
    )
    assert record.relevant("/data/a")
    record.answer("/data/a", "0")
    assert not record.relevant("/data/b")


# --- calculations


def test_10_calculations_follow_in_order_through_a_long_chain() -> None:
    binds = "".join(f'<bind nodeset="/data/n{n}" type="int" calculate="/data/n{n - 1} + 1"/>' for n in range(1, 21))
    record = live(form("".join(f"<n{n}/>" for n in range(21)), binds, inputs("n0")))
    record.answer("/data/n0", 5)
    assert record.value("/data/n20") == "25"


def test_11_an_int_is_cut_off_and_what_is_no_number_is_empty() -> None:
    record = live(
        form(
            "<a>x</a><b/><c/>",
            """<bind nodeset="/data/b" type="int" calculate="7 div 2"/>
               <bind nodeset="/data/c" type="decimal" calculate="/data/a + 1"/>""",
            inputs("a"),
        )
    )
    assert (record.value("/data/b"), record.value("/data/c")) == ("3", "")


def test_12_only_what_depends_on_a_change_is_computed_again() -> None:
    """Chance shows it: b would be drawn anew, were it computed again."""
    record = live(
        form(
            "<a/><other/><b/>",
            '<bind nodeset="/data/b" calculate="concat(/data/a, random())"/>',
            inputs("a", "other"),
        )
    )
    before = record.value("/data/b")
    record.answer("/data/other", "x")
    assert record.value("/data/b") == before
    record.answer("/data/a", "x")
    assert record.value("/data/b") != before


def test_13_an_entry_is_left_alone_by_answers_in_another() -> None:
    record = live(form("<r><a/><b/></r>", '<bind nodeset="/data/r/b" calculate="concat(../a, random())"/>', REPEAT))
    record.add_repeat("/data/r")
    before = record.value("/data/r[2]/b")
    record.answer("/data/r[1]/a", "x")
    assert record.value("/data/r[2]/b") == before


def test_14_attributes_are_computed_and_written() -> None:
    record = live(form('<a/><g tag=""/>', '<bind nodeset="/data/g/@tag" calculate="/data/a"/>', inputs("a")))
    record.answer("/data/a", "neu")
    assert '<g tag="neu"/>' in record.to_xml()


def test_15_what_cannot_be_computed_reads_empty_and_is_named() -> None:
    record = live(form("<a/><b/>", '<bind nodeset="/data/b" calculate="digest(/data/a, /data/a)"/>', inputs("a")))
    record.answer("/data/a", "kein Verfahren")
    assert record.value("/data/b") == ""
    assert record.problems()


# --- whole forms


def test_24b_a_whole_xlsform_lives() -> None:
    """Dynamic defaults in a repeat, a trigger, a count, a cascade, or_other, as pyxform writes them."""
    record = live(
        survey(
            """
        | survey |
        |  | type                | name | label | default | trigger | calculation  | repeat_count | choice_filter  |
        |  | integer             | n    | N     | 2       |         |          |          |            |
        |  | begin_repeat        | r    | R     |         |         |          | ${n}         |            |
        |  | date                | tag  | Tag   | today() |         |          |          |            |
        |  | text                | a    | A     |         |         |          |          |            |
        |  | text                | b    | B     |         | ${a}    | position(..) |          |            |
        |  | end_repeat          |      |       |         |         |          |          |            |
        |  | select_one land         | land | Land  |         |         |          |          |            |
        |  | select_one ort          | ort  | Ort   |         |         |          |          | land = ${land} |
        |  | select_one art or_other | art  | Art   |         |         |          |          |            |
        | choices |
        |         | list_name | name | label  | land |
        |         | land      | bw   | BW     |      |
        |         | land      | by   | BY     |      |
        |         | ort       | ct   | Calw   | bw   |
        |         | art       | eins | Eins   |      |
            """
        )
    )
    assert [record.value(f"{path}/tag") for path in record.entries("/data/r")] == ["2026-05-04"] * 2
    record.answer("/data/r[2]/a", "x")
    assert (record.value("/data/r[1]/b"), record.value("/data/r[2]/b")) == ("", "2")
    record.answer("/data/land", "bw")
    record.answer("/data/ort", "ct")
    record.answer("/data/land", "by")
    assert record.value("/data/ort") == ""
    record.answer("/data/art", "other")
    assert record.relevant("/data/art_other")
    record.answer("/data/art_other", "Anderes")
    assert "<art_other>Anderes</art_other>" in record.to_xml()


# --- readonly and required


def test_25_readonly_is_inherited_and_computed() -> None:
    record = live(
        form(
            "<lock/><g><a/></g>",
            """<bind nodeset="/data/g" readonly="/data/lock = 'y'"/>
               <bind nodeset="/data/g/a" required="/data/lock = ''"/>""",
            inputs("lock", "g/a"),
        )
    )
    assert (record.readonly("/data/g/a"), record.required("/data/g/a")) == (False, True)
    record.answer("/data/lock", "y")
    assert (record.readonly("/data/g/a"), record.required("/data/g/a")) == (True, False)


# --- languages


SURVEY = """
| survey |
|        | type            | name  | label::Deutsch (de) | label::English (en) | hint::Deutsch (de) |
|        | select_one land | land  | Land                | Country             | Wählen             |
|        | note            | info  | Aus ${land}         |                     |                    |
| choices |
|         | list_name | name | label::Deutsch (de) | label::English (en) |
|         | land      | sy   | Syrien              | Syria               |
| settings |
|          | form_id | default_language |
|          | probe   | Deutsch (de)     |
"""


def test_26_labels_hints_choices_and_outputs_in_each_language() -> None:
    record = live(survey(SURVEY))
    assert record.language == "Deutsch (de)"
    assert (record.label("/data/land"), record.hint("/data/land")) == ("Land", "Wählen")
    assert record.choices("/data/land") == [("sy", "Syrien")]
    assert record.choices("/data/land", "en") == [("sy", "Syria")]
    record.answer("/data/land", "sy")
    assert record.label("/data/info") == "Aus sy"
    record.set_language("English (en)")
    assert record.label("/data/land") == "Country"
    assert record.label("/data/info") == "Aus sy"
    assert record.hint("/data/land") == "Wählen"


def test_27_an_unknown_language_is_refused() -> None:
    record = live(survey(SURVEY))
    for call in (record.set_language, lambda name: record.label("/data/land", name)):
        with pytest.raises(AnswerError) as caught:
            call("fr")
        assert caught.value.code == "answer.unknown_language"
    with pytest.raises(AnswerError):
        live(survey(SURVEY), language="Klingonisch")


def test_28_a_question_without_label_is_called_by_its_name() -> None:
    record = live(form("<a/>", "", inputs("a")))
    assert (record.label("/data/a"), record.hint("/data/a"), record.guidance("/data/a")) == ("a", "", "")


# --- records


def test_29_a_record_has_an_id_even_where_the_form_forgot_it() -> None:
    record = live(form("<a/>", "", inputs("a")))
    assert record.id.startswith("uuid:")
    assert parse(record.to_xml()) is not None
    assert live(record.form, xml=record.to_xml()).id == record.id


def test_30_metadata_is_filled_at_its_time() -> None:
    record = live(
        form(
            "<s/><e/><t/><u/><d/><meta><instanceID/></meta>",
            """<bind nodeset="/data/s" type="dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
               <bind nodeset="/data/e" type="dateTime" jr:preload="timestamp" jr:preloadParams="end"/>
               <bind nodeset="/data/t" type="date" jr:preload="date" jr:preloadParams="today"/>
               <bind nodeset="/data/u" jr:preload="property" jr:preloadParams="username"/>
               <bind nodeset="/data/d" jr:preload="property" jr:preloadParams="deviceid"/>
               <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>""",
        ),
        properties={"username": "im-07"},
    )
    assert record.value("/data/s") == "2026-05-04T10:30:00.000+02:00"
    assert (record.value("/data/t"), record.value("/data/u"), record.value("/data/d")) == ("2026-05-04", "im-07", "")
    assert record.value("/data/e") == ""
    record.now = NOW + dt.timedelta(hours=1)
    record.to_xml()
    assert record.value("/data/e") == "2026-05-04T11:30:00.000+02:00"
    assert record.value("/data/s") == "2026-05-04T10:30:00.000+02:00"


def test_31_editing_gives_a_new_id_and_names_the_old() -> None:
    record = live(form("<a/><meta><instanceID/></meta>", '<bind nodeset="/data/meta/instanceID" jr:preload="uid"/>'))
    edited = live(record.form, xml=record.to_xml(), edit=True, random=random.Random(8))
    assert edited.id != record.id
    assert f"<deprecatedID>{record.id}</deprecatedID>" in edited.to_xml()
    assert edited.value("/data/meta/deprecatedID") == record.id


def test_32_a_record_of_another_form_is_refused() -> None:
    read = form("<a/>", "", inputs("a"))
    for text in ("<other/>", "<data", "", "kein XML"):
        with pytest.raises(FormError):
            live(read, xml=text)


def test_33_a_record_of_an_older_version_is_completed_and_nothing_is_lost() -> None:
    """The older form had `old`; this one has `new` and a repeat."""
    read = form("<a/><new>3</new><r jr:template=''><a/><b>4</b></r>", "", inputs("a", "new") + REPEAT)
    record = live(read, xml="<data><a>1</a><old x='y'>weg</old><r><a>2</a></r></data>")
    assert (record.value("/data/a"), record.value("/data/new"), record.value("/data/r[1]/a")) == ("1", "3", "2")
    assert '<old x="y">weg</old>' in record.to_xml()
    record.answer("/data/r[1]/b", "5")
    assert record.value("/data/r[1]/b") == "5"


def test_34_what_changed_is_told_once() -> None:
    record = live(
        form("<a/><b/><c/>", '<bind nodeset="/data/b" calculate="/data/a"/>', inputs("a", "c")),
    )
    record.answer("/data/a", "x")
    assert record.changed() == ["/data/a", "/data/b"]
    assert record.changed() == []


def test_34a_a_label_with_an_output_changes_with_what_it_shows() -> None:
    body = '<input ref="/data/a"/><input ref="/data/b"><label>Hallo <output value="/data/a"/></label></input>'
    record = live(form("<a/><b/>", "", body))
    record.answer("/data/a", "Ada")
    assert record.changed() == ["/data/a", "/data/b"]
    assert record.label("/data/b") == "Hallo Ada"


@pytest.mark.parametrize(
    ("nodeset", "entry", "path"),
    [
        ("/data/r/a", "/data/r[2]", "/data/r[2]/a"),
        ("/data/r/s/b", "/data/r[2]/s[3]", "/data/r[2]/s[3]/b"),
        ("/data/other/a", "/data/r[2]", "/data/other/a"),
        ("/data/rr/a", "/data/r[2]", "/data/rr/a"),
        ("/data", "/data/r[2]/s[1]", "/data"),
    ],
)
def test_35_a_nodeset_takes_the_positions_of_an_entry(nodeset: str, entry: str, path: str) -> None:
    assert locate(nodeset, entry) == path


# --- texts, expressions, clock


def test_numbers_stay_as_they_were_typed() -> None:
    record = live(form("<a/><b/>", '<bind nodeset="/data/a" type="decimal"/>', inputs("a", "b")))
    for path in ("/data/a", "/data/b"):
        record.answer(path, "23")
        assert record.value(path) == "23"
        record.answer(path, "23.0")
        assert record.value(path) == "23.0"


def test_every_text_of_a_record_is_composed() -> None:
    parts, whole = "u\u0308", "\u00fc"
    read = form(
        f'<a>{parts}</a><b/><c x="{parts}"/><d/>',
        f"""<bind nodeset="/data/b" calculate="concat('u', '\u0308')"/>
            <setvalue event="odk-instance-first-load" ref="/data/c">{parts}</setvalue>""",
        inputs("a", "c", "d"),
    )
    record = live(read)
    record.answer("/data/d", parts)
    assert [record.value(f"/data/{name}") for name in ("a", "b", "c", "c/@x", "d")] == [whole] * 5


def test_an_expression_of_the_form_can_be_asked_at_any_place() -> None:
    record = live(form("<r><a/></r>", "", '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>'))
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/a", "zwei")
    assert record.evaluate(parse_expression("concat(position(..), ' ', .)"), "/data/r[2]/a") == "2 zwei"
    with pytest.raises(XPathError):
        record.evaluate(parse_expression("digest('x', 'y')"), "/data/r[1]/a")


def test_the_clock_of_a_record_can_be_set() -> None:
    bind = """<bind nodeset="/data/b" calculate="if(/data/a = '', '', today())"/>"""
    record = live(form("<a/><b/>", bind, inputs("a")))
    later = record.now + dt.timedelta(days=1)
    record.now = later
    assert record.now == later
    record.answer("/data/a", "x")
    assert record.value("/data/b") == later.date().isoformat()
