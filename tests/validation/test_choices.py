"""What a question offers: filters, stale answers, names of choices."""

from __future__ import annotations

import random

import pytest

from scenario.xforms import form, inputs, live
from validation.errors import AnswerError
from validation.form import Form

TOWNS = """<instance id="towns"><root>
  <item><name>ct</name><label>Calw</label><land>bw</land></item>
  <item><name>al</name><label>Althengstett</label><land>bw</land></item>
  <item><name>mu</name><label>München</label><land>by</land></item>
</root></instance>"""


def towns(kind: str = "select1", nodeset: str = "instance('towns')/root/item[land = /data/land]") -> Form:
    return form(
        "<land/><town/>",
        TOWNS,
        f"""{inputs("land")}<{kind} ref="/data/town"><itemset nodeset="{nodeset}"><value ref="name"/>
        <label ref="label"/></itemset></{kind}>""",
    )


def test_1_choices_follow_their_filter() -> None:
    record = live(towns())
    assert record.choices("/data/town") == []
    record.answer("/data/land", "bw")
    assert record.choices("/data/town") == [("ct", "Calw"), ("al", "Althengstett")]
    record.answer("/data/land", "by")
    assert record.choices("/data/town") == [("mu", "München")]


def test_2_an_answer_that_is_offered_no_more_is_dropped_and_comes_back() -> None:
    record = live(towns())
    record.answer("/data/land", "bw")
    record.answer("/data/town", "ct")
    record.answer("/data/land", "by")
    assert record.value("/data/town") == ""
    assert "<town/>" in record.to_xml()
    record.answer("/data/land", "bw")
    assert record.value("/data/town") == "ct"


def test_3_a_new_answer_forgets_the_dropped_one() -> None:
    record = live(towns())
    record.answer("/data/land", "bw")
    record.answer("/data/town", "ct")
    record.answer("/data/land", "by")
    record.answer("/data/town", "mu")
    record.answer("/data/land", "bw")
    assert record.value("/data/town") == ""
    record.answer("/data/land", "by")
    assert record.value("/data/town") == "mu"


def test_4_of_several_only_the_stale_ones_are_dropped_in_order() -> None:
    record = live(towns("select", "instance('towns')/root/item[selected(/data/land, land)]"))
    record.answer("/data/land", "bw by")
    record.answer("/data/town", ["mu", "ct"])
    assert record.typed("/data/town") == ["mu", "ct"]
    record.answer("/data/land", "bw")
    assert record.value("/data/town") == "ct"
    record.answer("/data/land", "by bw")
    assert record.value("/data/town") == "mu ct"


def test_5_a_calculation_sees_the_dropped_answer_go() -> None:
    read = form(
        "<land>bw</land><town/><copy/>",
        f'{TOWNS}<bind nodeset="/data/copy" calculate="/data/town"/>',
        f"""{inputs("land")}<select1 ref="/data/town"><itemset nodeset="instance('towns')/root/item[land = /data/land]">
        <value ref="name"/></itemset></select1>""",
    )
    record = live(read)
    record.answer("/data/town", "al")
    assert record.value("/data/copy") == "al"
    record.answer("/data/land", "by")
    assert record.value("/data/copy") == ""


def test_6_an_answer_outside_the_choices_is_kept_and_named() -> None:
    record = live(towns())
    record.answer("/data/land", "bw")
    record.answer("/data/town", "hamburg")
    assert record.value("/data/town") == "hamburg"
    assert [(hit.path, hit.kind) for hit in record.violations()] == [("/data/town", "type")]


def test_7_opening_a_record_drops_nothing() -> None:
    record = live(towns(), xml="<data><land>by</land><town>ct</town></data>")
    assert record.value("/data/town") == "ct"
    assert [hit.kind for hit in record.violations()] == ["type"]


def test_8_a_random_order_is_drawn_once_and_is_the_seed_s() -> None:
    items = "".join(f"<item><name>n{n}</name></item>" for n in range(30))
    model = f"<instance id='many'><root>{items}</root></instance>"
    body = """<select1 ref="/data/a"><itemset nodeset="randomize(instance('many')/root/item{})"><value ref="name"/>
              </itemset></select1>"""
    unseeded = live(form("<a/>", model, body.format("")), random=random.Random(1))
    first = unseeded.choices("/data/a")
    unseeded.answer("/data/a", "n3")
    assert unseeded.choices("/data/a") == first
    assert first != sorted(first)
    seeded = form("<a/>", model, body.format(", 42"))
    assert live(seeded).choices("/data/a") == live(seeded, random=random.Random(5)).choices("/data/a")


def test_9_choices_may_come_from_a_repeat() -> None:
    record = live(
        form(
            "<r><id/><name/></r><who/>",
            "",
            """<repeat nodeset="/data/r"><input ref="/data/r/id"/><input ref="/data/r/name"/></repeat>
               <select1 ref="/data/who"><itemset nodeset="/data/r"><value ref="id"/><label ref="name"/></itemset>
               </select1>""",
        )
    )
    assert record.choices("/data/who") == []
    record.answer("/data/r[1]/id", "1")
    record.answer("/data/r[1]/name", "Ada")
    assert record.choices("/data/who") == [("1", "Ada")]
    record.answer("/data/r[1]/name", "Adele")
    assert record.choices("/data/who") == [("1", "Adele")]
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/id", "2")
    assert record.choices("/data/who") == [("1", "Adele"), ("2", "2")]


def test_10_each_entry_filters_for_itself() -> None:
    record = live(
        form(
            "<r><land/><town/></r>",
            TOWNS,
            """<repeat nodeset="/data/r"><input ref="/data/r/land"/><select1 ref="/data/r/town">
               <itemset nodeset="instance('towns')/root/item[land = current()/../land]"><value ref="name"/></itemset>
               </select1></repeat>""",
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/r[1]/land", "bw")
    record.answer("/data/r[2]/land", "by")
    assert [value for value, _ in record.choices("/data/r[1]/town")] == ["ct", "al"]
    assert [value for value, _ in record.choices("/data/r[2]/town")] == ["mu"]


def test_11_jr_choice_name_is_the_label_in_the_language_of_the_moment() -> None:
    record = live(
        form(
            "<a/><b/>",
            """<instance id="yn"><root><item><itextId>y</itextId><name>1</name></item></root></instance>
               <bind nodeset="/data/b" calculate="jr:choice-name(/data/a, '/data/a')"/>""",
            """<select1 ref="/data/a"><itemset nodeset="instance('yn')/root/item"><value ref="name"/>
               <label ref="jr:itext(itextId)"/></itemset></select1>""",
            itext="""<translation lang="Deutsch (de)"><text id="y"><value>Ja</value></text></translation>
                     <translation lang="English (en)"><text id="y"><value>Yes</value></text></translation>""",
        )
    )
    record.answer("/data/a", "1")
    assert record.value("/data/b") == "Ja"
    record.set_language("en")
    assert record.value("/data/b") == "Yes"


def test_12_a_choice_text_with_an_output_is_read_for_the_record() -> None:
    record = live(
        form(
            "<name>Ada</name><a/>",
            '<instance id="x"><root><item><itextId>t</itextId><name>1</name></item></root></instance>',
            """<select1 ref="/data/a"><itemset nodeset="instance('x')/root/item"><value ref="name"/>
               <label ref="jr:itext(itextId)"/></itemset></select1>""",
            itext="""<translation lang="de"><text id="t"><value>Ich bin <output value="/data/name"/></value></text>
                     </translation>""",
        )
    )
    assert record.choices("/data/a") == [("1", "Ich bin Ada")]


def test_12a_an_output_in_a_choice_text_is_read_from_the_question_s_own_entry() -> None:
    record = live(
        form(
            "<r><n/><a/></r>",
            '<instance id="x"><root><item><itextId>t</itextId><name>1</name></item></root></instance>',
            """<repeat nodeset="/data/r"><input ref="/data/r/n"/><select1 ref="/data/r/a">
               <itemset nodeset="instance('x')/root/item"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset>
               </select1></repeat>""",
            itext='<translation lang="de"><text id="t"><value>Ich <output value="../n"/></value></text></translation>',
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/n", "Ada")
    assert record.choices("/data/r[2]/a") == [("1", "Ich Ada")]


def test_12b_values_may_stand_deeper_or_in_attributes() -> None:
    model = (
        """<instance id="x"><root><item id="7"><deep><er>1</er></deep><name>n</name></item><item/></root></instance>"""
    )
    body = """<select1 ref="/data/a"><itemset nodeset="instance('x')/root/item"><value ref="{}"/></itemset></select1>"""
    for reference, value in (("deep/er", "1"), ("@id", "7"), ("./name", "n")):
        assert live(form("<a/>", model, body.format(reference))).choices("/data/a") == [(value, value)]


def test_12c_a_filter_that_cannot_be_computed_offers_nothing_and_is_named() -> None:
    model = "<instance id='x'><root><item><name>n</name></item></root></instance>"
    nodeset = "instance('x')/root/item[digest('a', 'kein Verfahren') = '']"
    body = f"""<select1 ref="/data/a"><itemset nodeset="{nodeset}"><value ref="name"/></itemset></select1>"""
    record = live(form("<a/>", model, body))
    assert record.choices("/data/a") == []
    assert record.problems()


def test_13_a_value_with_spaces_is_one_choice_of_a_single_select() -> None:
    record = live(
        form("<a/>", "", '<select1 ref="/data/a"><item><label>A</label><value>ganz neu</value></item></select1>')
    )
    record.answer("/data/a", "ganz neu")
    assert record.violations() == []


def test_14_a_question_without_choices_has_none() -> None:
    record = live(towns())
    with pytest.raises(AnswerError) as caught:
        record.choices("/data/land")
    assert caught.value.code == "answer.no_choices"


def test_choices_that_stand_in_the_question_are_offered_as_they_stand() -> None:
    items = "<item><label>Ja</label><value>1</value></item><item><label/><value>2</value></item>"
    record = live(form("<a/><b/>", "", f'<select1 ref="/data/a">{items}</select1>' + inputs("b")))
    assert record.choices("/data/a") == [("1", "Ja"), ("2", "2")]
    with pytest.raises(AnswerError):
        record.choices("/data/b")


def test_a_name_of_a_choice_of_no_question_is_empty() -> None:
    items = "<item><label>Ja</label><value>1</value></item>"
    name = "jr:choice-name('{}', '/data/{}')"
    for value, path, label in (("1", "a", "Ja"), ("2", "a", ""), ("1", "b", ""), ("1", "nope", "")):
        bind = f"""<bind nodeset="/data/b" calculate="concat('=', {name.format(value, path)})"/>"""
        record = live(form("<a/><b/>", bind, f'<select1 ref="/data/a">{items}</select1>'))
        assert record.value("/data/b") == f"={label}", (value, path)


PICTURES = """
<translation lang="Deutsch (de)" default="true()">
  <text id="bus"><value>Bus</value><value form="image">jr://images/bus.png</value>
    <value form="audio">jr://audio/bus.mp3</value></text>
  <text id="rad"><value>Rad</value><value form="image">jr://images/rad.png</value></text>
  <text id="fuss"><value>Zu Fuß</value></text></translation>
<translation lang="العربية (ar)">
  <text id="bus"><value>حافلة</value><value form="audio">jr://audio/bus-ar.mp3</value></text></translation>"""
WAYS = """<instance id="ways"><root><item><name>b</name><itextId>bus</itextId><far>1</far></item>
  <item><name>r</name><itextId>rad</itextId><far>1</far></item>
  <item><name>f</name><itextId>fuss</itextId></item></root></instance>"""


def test_choices_have_their_media_in_the_best_language() -> None:
    body = """<select1 ref="/data/a"><itemset nodeset="instance('ways')/root/item"><value ref="name"/>
      <label ref="jr:itext(itextId)"/></itemset></select1>"""
    record = live(form("<a/>", WAYS, body, itext=PICTURES))
    german = {
        "b": {"image": "jr://images/bus.png", "audio": "jr://audio/bus.mp3"},
        "r": {"image": "jr://images/rad.png"},
    }
    assert record.choice_media("/data/a") == german
    arabic = record.choice_media("/data/a", "ar")
    assert arabic["b"] == {"image": "jr://images/bus.png", "audio": "jr://audio/bus-ar.mp3"}


def test_only_choices_that_are_offered_have_media() -> None:
    body = f"""{inputs("land")}<select1 ref="/data/a"><itemset nodeset="instance('ways')/root/item[far = /data/land]">
      <value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>"""
    record = live(form("<land/><a/>", WAYS, body, itext=PICTURES))
    assert record.choice_media("/data/a") == {}
    record.answer("/data/land", "1")
    assert sorted(record.choice_media("/data/a")) == ["b", "r"]


def test_choices_written_in_the_body_have_media_and_other_questions_have_none() -> None:
    body = """<input ref="/data/b"/><select1 ref="/data/a"><item><label ref="jr:itext('rad')"/><value>r</value></item>
      <item><label>Zu Fuß</label><value>f</value></item></select1>"""
    record = live(form("<a/><b/>", "", body, itext=PICTURES))
    assert record.choice_media("/data/a") == {"r": {"image": "jr://images/rad.png"}}
    assert record.choice_media("/data/b") == {}
