"""Reading XForms: what is understood, and by which name everything else is refused."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario.xforms import codes, form, inputs, problems, survey, xform
from validation.errors import FormError
from validation.form import Control, Group, Repeat
from validation.tree import Node
from validation.xform import LB, read_form


def test_1_title_version_id_and_hash() -> None:
    read = form("<a/>", body=inputs("a"))
    assert (read.id, read.version, read.title) == ("test", "1", "Test")
    assert len(read.hash) == 64
    assert read.hash == form("<a/>", body=inputs("a")).hash
    assert read.hash != form("<a/><b/>", body=inputs("a")).hash


def test_2_bytes_and_text_are_the_same_form() -> None:
    text = xform("<ä/>", body=inputs("ä"))
    assert read_form(text).hash == read_form(text.encode()).hash


def test_3_binds_carry_everything_a_question_needs() -> None:
    read = form(
        "<a/><b/>",
        """<bind nodeset="/data/a" type="int" required="true()" constraint=". &gt; 1" readonly="false()"
             relevant="/data/b = 'x'" jr:constraintMsg="Zu klein" jr:requiredMsg="jr:itext('m')"/>
           <bind nodeset="/data/b" calculate="1 + 1" jr:preload="property" jr:preloadParams="username"/>""",
        inputs("a", "b"),
        itext='<translation lang="de"><text id="m"><value>Pflicht</value></text></translation>',
    )
    a, b = read.binds["/data/a"], read.binds["/data/b"]
    assert (a.type, b.type) == ("int", "string")
    assert str(a.constraint) == ". > 1"
    assert a.constraint_message is not None
    assert a.constraint_message.parts == ("Zu klein",)
    assert a.required_message is not None
    assert a.required_message.itext == "m"
    assert (b.preload, b.preload_params) == ("property", "username")
    assert all((a.required, a.readonly, a.relevant, b.calculate))


def test_4_our_own_columns_arrive() -> None:
    """| type | name | bind::lb:warning | bind::lb:warning_message | bind::lb:missing | bind::lb:sensitivity |"""
    read = form(
        "<a/>",
        """<bind nodeset="/data/a" lb:warning=". &lt; 99" lb:warning_message="So alt?" lb:missing="unknown refused"
             lb:sensitivity="special" lb:follow_up="carry" lb:layer="1" lb:purpose="plan" lb:retention="3a"/>""",
        inputs("a"),
    )
    bind = read.binds["/data/a"]
    assert LB == "https://lotsenbuch.example/xform"
    assert str(bind.warning) == ". < 99"
    assert bind.warning_message is not None
    assert bind.warning_message.parts == ("So alt?",)
    assert bind.columns["missing"] == "unknown refused"
    assert set(bind.columns) == {
        "warning", "warning_message", "missing", "sensitivity", "follow_up", "layer", "purpose", "retention"
    }  # fmt: skip


def test_5_attributes_of_others_are_kept() -> None:
    read = form("<a/>", '<bind nodeset="/data/a" entities:saveto="name" orx:max-pixels="100"/>', inputs("a"))
    assert read.binds["/data/a"].attributes == {
        "{http://www.opendatakit.org/xforms/entities}saveto": "name",
        "{http://openrosa.org/xforms}max-pixels": "100",
    }


def test_6_the_body_is_a_tree_of_controls_groups_and_repeats() -> None:
    read = form(
        "<g><a/></g><r><b/></r>",
        "",
        """<group ref="/data/g" appearance="field-list w2"><label>G</label><input ref="/data/g/a"><hint>H</hint></input>
           </group><group ref="/data/r"><label>Kind</label><repeat nodeset="/data/r" jr:count="2"><input ref="b"/>
           </repeat></group>""",
    )
    group, wrapper = read.body
    assert isinstance(group, Group)
    assert group.appearance == ("field-list", "w2")
    assert isinstance(wrapper, Group)
    repeat = wrapper.children[0]
    assert isinstance(repeat, Repeat)
    assert repeat.label == wrapper.label
    assert isinstance(repeat.children[0], Control)
    assert repeat.children[0].nodeset == "/data/r/b"
    assert str(repeat.count) == "2"
    assert [control.nodeset for control in read.controls()] == ["/data/g/a", "/data/r/b"]
    assert read.control("/data/g/a") is group.children[0]
    assert read.control("/data/none") is None


def test_7_choices_written_and_taken_from_an_instance() -> None:
    read = form(
        "<a/><b/>",
        "<instance id='towns'><root><item><name>x</name><label>X</label></item></root></instance>",
        """<select1 ref="/data/a"><item><label>Ja</label><value>yes</value></item></select1>
           <select ref="/data/b"><itemset nodeset="randomize(instance('towns')/root/item, 3)"><value ref="name"/>
             <label ref="label"/></itemset></select>""",
    )
    a, b = read.controls()
    assert [(item.value, item.label.parts) for item in a.items] == [("yes", ("Ja",))]
    assert b.itemset is not None
    assert (b.itemset.value, str(b.itemset.label), str(b.itemset.randomize)) == ("name", "label", "3")
    assert list(read.instances) == ["towns"]


def test_8_texts_in_languages_with_media_guidance_and_outputs() -> None:
    read = form(
        "<a/>",
        "",
        """<input ref="/data/a"><label ref="jr:itext('a:label')"/><hint ref="jr:itext('a:hint')"/></input>""",
        itext="""<translation lang="Deutsch (de)"><text id="a:label"><value> Hallo <output value="/data/a"/> !</value>
            <value form="image">jr://images/a.png</value></text><text id="a:hint"><value>Tipp</value>
            <value form="guidance">Für das Gespräch</value></text></translation>
            <translation lang="English (en)" default="true()"><text id="a:label"><value>Hi</value></text>
            </translation>""",
    )
    assert read.languages == ("Deutsch (de)", "English (en)")
    assert read.itext.default == "English (en)"
    value = read.itext.values["Deutsch (de)"]["a:label"]
    assert [str(part) for part in value.parts] == ["Hallo ", "/data/a", " !"]
    assert value.media == {"image": "jr://images/a.png"}
    assert read.itext.values["Deutsch (de)"]["a:hint"].guidance == ("Für das Gespräch",)
    control = read.control("/data/a")
    assert control is not None
    assert control.guidance is not None


def test_9_repeat_templates_leave_the_record() -> None:
    read = form(
        "<r jr:template=''><a>neu</a></r><r><a/></r><b/>",
        "",
        '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
    )
    top = next(read.template.elements())
    assert [child.name for child in top.elements()] == ["r", "b"]
    assert read.repeat_templates["/data/r"].string_value() == "neu"
    assert read.order["/data/r"] < read.order["/data/b"]
    assert read.followers == {"/data/r": {"b"}}


def test_10_external_instances_are_named_with_their_file() -> None:
    read = form("<a/>", '<instance id="towns" src="jr://file-csv/towns.csv"/>', inputs("a"))
    assert read.external == {"towns": "jr://file-csv/towns.csv"}


def test_11_actions_know_event_target_and_trigger() -> None:
    read = form(
        "<a/><r><b/></r>",
        '<setvalue event="odk-instance-first-load" ref="/data/a">7</setvalue>',
        """<input ref="/data/a"/><repeat nodeset="/data/r"><input ref="/data/r/b"><setvalue ref="/data/a"
            event="xforms-value-changed odk-new-repeat" value="1 + 1"/></input></repeat>""",
    )
    load, change = read.actions
    assert (load.ref, load.literal, load.trigger, load.repeat) == ("/data/a", "7", None, None)
    assert (change.trigger, change.repeat, str(change.value)) == ("/data/r/b", "/data/r", "1 + 1")


@pytest.mark.parametrize(
    ("model", "body", "what"),
    [
        ("<odk:recordaudio event='odk-instance-load' ref='/data/a'/>", "", "<odk:recordaudio>"),
        ("", "<upload ref='/data/a' mediatype='osm/*'><tag key='building'><label>Art</label></tag></upload>", "<tag>"),
        ("", "<group intent='some.app()'><input ref='/data/a'/></group>", "intent"),
    ],
)
def test_11a_what_only_a_phone_can_do_is_kept_and_said(model: str, body: str, what: str) -> None:
    read = form("<a/>", model, body)
    assert [(warning.code, warning.fields["what"]) for warning in read.warnings] == [("form.kept", what)]
    assert read.warnings[0].place.nodeset == ("/data" if what == "intent" else "/data/a")


def test_11a2_an_attribute_that_nobody_knows_is_kept_and_said() -> None:
    read = form("<a/>", "<bind nodeset='/data/a' wobble='1' saveIncomplete='true()' orx:max='9'/>", inputs("a"))
    assert [(warning.code, warning.fields["name"]) for warning in read.warnings] == [("form.kept_attribute", "wobble")]
    assert sorted(read.binds["/data/a"].attributes.values()) == ["1", "9", "true()"]


def test_11b_whole_numbers_have_whole_defaults() -> None:
    read = form(
        "<a>3.9</a><b>3.9</b><r jr:template=''><c>-2.5</c></r>",
        "<bind nodeset='/data/a' type='int'/><bind nodeset='/data/b' type='decimal'/>"
        "<bind nodeset='/data/r/c' type='int'/>",
        inputs("a", "b") + "<repeat nodeset='/data/r'><input ref='/data/r/c'/></repeat>",
    )
    assert [node.value for node in next(read.template.elements()).elements()] == ["3", "3.9"]
    assert read.repeat_templates["/data/r"].string_value() == "-2"


def test_11c_an_external_select_asks_for_the_file_of_all_lists() -> None:
    read = form("<a/><b/>", "", """<input ref="/data/b" query="instance('orte')/root/item[kreis = /data/a]"/>""")
    control = read.control("/data/b")
    assert control is not None
    assert control.kind == "select1"
    assert control.itemset is not None
    assert (control.itemset.value, str(control.itemset.label)) == ("name", "label")
    assert read.external == {"orte": "jr://file-csv/itemsets.csv"}


@pytest.mark.parametrize(
    ("instance", "model", "body", "code"),
    [
        ("<a/>", "<submission base64RsaPublicKey='x'/>", "", "form.unsupported"),
        ("<a/>", "<bind nodeset='/data/a' jr:preload='context' jr:preloadParams='UserName'/>", "", "form.unsupported"),
        ("<a/>", "<bind nodeset='/data/a' type='fish'/>", "", "form.unknown_type"),
        ("<a/>", "<bind nodeset='/data/a' calculate='wobble(1)'/>", "", "xpath.unknown_function"),
        ("<a/>", "<bind nodeset='/data/a' calculate='1 +'/>", "", "xpath.unfinished"),
        ("<a/>", "<bind nodeset='/data/a' calculate=\"instance('x')/root\"/>", "", "form.unknown_instance"),
        ("<a/>", "<bind nodeset='/data/a' type='int'/><bind nodeset='/data/a' type='date'/>", "", "form.two_binds"),
        ("<a/>", "<bind/>", "", "form.no_reference"),
        ("<a/>", "<submission method='get'/>", "", "form.unsupported"),
        ("<a/>", "<bind nodeset='/data/a' constraint1='1'/>", "", "form.unsupported"),
        ("<a/>", "<instance id='x'><r/></instance><instance id='x'><r/></instance>", "", "form.two_instances"),
        ("<a/>", "", "<select1 ref='/data/a' appearance=\"search('x')\"/>", "form.unsupported"),
        ("<a/>", "", "<select1 ref='/data/a'><item><label>A</label></item></select1>", "form.choice_without_value"),
        ("<a/>", "", "<range ref='/data/a' start='0' end='10'/>", "form.range"),
        ("<a/>", "", "<matrix ref='/data/a'/>", "form.unsupported"),
        ("<a/>", "", "<input ref='/data/a'><label>Was <b>ist</b></label></input>", "form.unsupported"),
        ("<a/>", "", "<repeat nodeset='/data/r'/>", "form.unknown_reference"),
        ("<a jr:template=''/>", "", "", "form.template_without_repeat"),
        ("<a/>", "<setvalue event='odk-new-repeat' ref='/data/a'>1</setvalue>", "", "form.new_repeat_outside"),
        ("<a/>", "<setvalue event='xforms-value-changed' ref='/data/a'>1</setvalue>", "", "form.trigger_outside"),
        ("<a/>", "<setvalue event='wobble' ref='/data/a'>1</setvalue>", "", "form.unsupported"),
        ("<a/>", "<bind nodeset='/data/a' calculate='../a + 1'/>", "", "form.cycle"),
    ],
)
def test_12_what_is_not_supported_is_refused_by_name(instance: str, model: str, body: str, code: str) -> None:
    found = problems(instance, model, body)
    assert code in [problem.code for problem in found]
    for problem in found:
        assert problem.text("de")
        assert problem.text("en")


def test_13_every_problem_is_named_at_once_with_its_place() -> None:
    found = problems(
        "<a/><b/>", "<bind nodeset='/data/a' relevant='1 +' constraint=')'/><bind nodeset='/data/b' type='x'/>"
    )
    assert [(p.place.nodeset, p.place.column) for p in found] == [
        ("/data/a", "relevant"),
        ("/data/a", "constraint"),
        ("/data/b", "type"),
    ]
    assert found[0].place.position > 0


def test_14_a_mistake_the_form_can_live_with_is_a_warning() -> None:
    read = form(
        "<a/>",
        "<bind nodeset='/data/a' calculate=\"if(true(), null, '')\"/><bind nodeset='/data/gone'/>",
        "<input ref='/data/a'><label ref=\"jr:itext('gone')\"/></input><input ref='/data/gone'/>",
        itext='<translation lang="de"><text id="other"><value>x</value></text></translation>',
    )
    assert sorted((p.code, p.fields["name"]) for p in read.warnings) == [
        ("form.unknown_itext", "gone"),
        ("form.unknown_reference", "/data/a/null"),
        ("form.unknown_reference", "/data/gone"),
        ("form.unknown_reference", "/data/gone"),
    ]
    assert [control.nodeset for control in read.controls()] == ["/data/a"]


@pytest.mark.parametrize(
    ("model", "itext", "what"),
    [
        ("<bind nodeset='/data/a'><bind nodeset='b'/></bind>", "", "<bind> in <bind>"),
        ("<bind nodeset='/data/*'/>", "", "/data/*"),
        ("", "<text id='x'/>", "<text>"),
        ("", "<translation lang='de'><text id='x'><b/></text></translation>", "<b>"),
    ],
)
def test_14a_odd_places_are_named(model: str, itext: str, what: str) -> None:
    found = problems("<a/>", model, inputs("a"), itext=itext)
    assert [(problem.code, problem.fields["what"]) for problem in found] == [("form.unsupported", what)]


def test_14b_the_look_of_the_form_and_old_instances_without_id_are_kept() -> None:
    text = xform("<a/>", "<instance><towns id='t'><x/></towns></instance><instance/>", inputs("a"))
    read = read_form(text.replace("<h:body>", '<h:body class="pages">'))
    assert read.attributes["body/class"] == "pages"
    assert list(read.instances) == ["t", ""]


def test_15_two_binds_that_do_not_contradict_are_one() -> None:
    read = form("<a/>", "<bind nodeset='/data/a' type='int'/><bind nodeset='/data/a' required='true()'/>", inputs("a"))
    assert read.binds["/data/a"].type == "int"
    assert read.binds["/data/a"].required is not None


@pytest.mark.parametrize("text", ["", "<a/>", "<h:html", "{}", "<html><head/><body/></html>"])
def test_16_what_is_no_xform_is_refused(text: str) -> None:
    with pytest.raises(FormError) as caught:
        read_form(text)
    assert caught.value.problems[0].code in ("form.not_xform", "form.not_xml")


def test_17_a_form_without_primary_instance_is_refused() -> None:
    text = xform("<a/>").replace('<instance><data id="test" version="1"><a/></data></instance>', "")
    with pytest.raises(FormError) as caught:
        read_form(text)
    assert [problem.code for problem in caught.value.problems] == ["form.no_instance"]


def test_18_two_models_are_refused() -> None:
    with pytest.raises(FormError) as caught:
        read_form(xform("<a/>").replace("</model>", "</model><model/>"))
    assert caught.value.problems[0].fields["what"] == "<model> (2)"


def test_19_layout_white_space_and_comments_are_no_content() -> None:
    read = form("\n  <!-- hier -->\n  <a> x </a>\n", body=inputs("a"))
    top = next(read.template.elements())
    assert [child.name for child in top.children] == ["a"]
    assert top.string_value() == " x "


def test_20_an_ordinary_xlsform_is_read_whole() -> None:
    read = survey(
        """
        | survey |
        |        | type                          | name  | label::Deutsch (de) | label::English (en) | relevant      |
        |        | text                          | name  | Name                | Name                |               |
        |        | integer                       | alter | Alter               | Age                 | ${name} != '' |
        |        | select_one land               | land  | Land                | Country             |               |
        |        | select_multiple land or_other | viele | Länder              | Countries           |               |
        |        | rank land                     | rang  | Rang                | Rank                |               |
        |        | begin_repeat                  | kind  | Kind                | Child               |               |
        |        | text                          | ruf   | Rufname             | First name          |               |
        |        | end_repeat                    |       |                     |                     |               |
        |        | acknowledge                   | ok    | Gelesen             | Read                |               |
        | choices |
        |         | list_name | name | label::Deutsch (de) | label::English (en) |
        |         | land      | sy   | Syrien              | Syria               |
        |         | land      | af   | Afghanistan         | Afghanistan         |
        | settings |
        |          | form_title | form_id | version | default_language |
        |          | Gespräch   | probe   | 3       | Deutsch (de)     |
        """
    )
    assert (read.id, read.version, read.title, read.itext.default) == ("probe", "3", "Gespräch", "Deutsch (de)")
    assert [control.kind for control in read.controls()] == [
        "input", "input", "select1", "select", "input", "rank", "input", "trigger"
    ]  # fmt: skip
    assert list(read.repeats) == ["/data/kind"]
    assert read.warnings == ()


@given(st.text(max_size=200))
def test_21_any_text_is_a_form_or_a_form_error(text: str) -> None:
    with pytest.raises(FormError):
        read_form(text)


@given(st.sampled_from(["relevant", "constraint", "required", "readonly", "calculate"]), st.text(max_size=30))
def test_22_any_expression_is_read_or_refused(attribute: str, source: str) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in source if c.isprintable())
    assert isinstance(codes("<a/>", f'<bind nodeset="/data/a" {attribute}="{escaped}"/>'), list)


def test_what_is_not_of_the_form_is_freed_at_once() -> None:
    text = '<text id="a"><value>one</value></text>'
    source = f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><model>
      <itext><translation lang="en">{text}</translation></itext><instance><data id="freed"><a/></data></instance>
      <instance id="list"><root><item/></root></instance><bind nodeset="/data/a"/>
      </model></h:head><h:body/></h:html>"""
    gc.collect()
    gc.disable()
    try:
        before = {id(each) for each in gc.get_objects() if isinstance(each, Node)}
        form = read_form(source)
        left = [each for each in gc.get_objects() if isinstance(each, Node) and id(each) not in before]
    finally:
        gc.enable()
    assert {each.name for each in left if each.kind == "element"} == {"data", "a", "root", "item"}
    assert form.instances["list"].child("root") is not None
