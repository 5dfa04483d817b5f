"""Choice files beside a form: CSV, XML, GeoJSON, the last saved record."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario.xforms import form, inputs, live
from validation.errors import FormError
from validation.form import Form
from validation.secondary import read_instance
from validation.tree import serialize

FEATURES = '{{"type": "FeatureCollection", "features": [{}]}}'
CSV = "name,label,land\nct,Calw,bw\nmu,München,by\n"


def with_file(source: str) -> Form:
    return form(
        "<a/>",
        f'<instance id="towns" src="{source}"/>',
        """<select1 ref="/data/a"><itemset nodeset="instance('towns')/root/item"><value ref="name"/><label ref="label"/>
           </itemset></select1>""",
    )


@pytest.mark.parametrize("key", ["towns", "towns.csv"])
def test_1_a_csv_gives_choices_by_instance_or_file_name(key: str) -> None:
    record = live(with_file("jr://file-csv/towns.csv"), instances={key: CSV})
    assert record.choices("/data/a") == [("ct", "Calw"), ("mu", "München")]


def test_2_quotes_commas_byte_order_marks_and_short_rows() -> None:
    text = '\ufeffname,label\r\n1,"Bad Liebenzell, Calw"\r\n2\r\n\r\n'
    root = serialize(read_instance(text, "a.csv"))
    assert root == (
        "<root><item><name>1</name><label>Bad Liebenzell, Calw</label></item><item><name>2</name></item></root>"
    )


def test_3_xml_is_taken_as_it_is() -> None:
    xml = "<root><item><name>1</name><label>Eins</label></item></root>"
    record = live(with_file("jr://file/towns.xml"), instances={"towns": xml})
    assert record.choices("/data/a") == [("1", "Eins")]


def test_4_geojson_features_become_items_with_geometry() -> None:
    text = """{"type": "FeatureCollection", "features": [
      {"type": "Feature", "id": "f1", "properties": {"name": "u1", "beds": 12, "open": true, "gone": null},
       "geometry": {"type": "Point", "coordinates": [8.8, 48.7]}},
      {"type": "Feature", "properties": {"name": "u2"},
       "geometry": {"type": "LineString", "coordinates": [[8.0, 48.0], [9.0, 49.0]]}}]}"""
    assert serialize(read_instance(text, "jr://file/a.geojson")) == (
        "<root><item><name>u1</name><beds>12</beds><open>true</open><gone/><geometry>48.7 8.8 0 0</geometry><id>f1</id>"
        "</item><item><name>u2</name><geometry>48.0 8.0 0 0; 49.0 9.0 0 0</geometry></item></root>"
    )


def test_4a_a_geojson_area_is_its_outer_ring() -> None:
    ring = "[[[8.0, 48.0], [9.0, 48.0], [9.0, 49.0], [8.0, 48.0]]]"
    text = FEATURES.format(f'{{"properties": null, "geometry": {{"type": "Polygon", "coordinates": {ring}}}}}')
    assert "48.0 8.0 0 0; 48.0 9.0 0 0; 49.0 9.0 0 0; 48.0 8.0 0 0" in serialize(read_instance(text, "a.geojson"))


def test_5_a_missing_file_is_named_where_it_is_needed() -> None:
    with pytest.raises(FormError) as caught:
        live(with_file("jr://file-csv/towns.csv"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.fields) == ("form.missing_instance", {"file": "towns.csv", "name": "towns"})
    unused = form("<a/>", '<instance id="towns" src="jr://file-csv/towns.csv"/>', inputs("a"))
    assert live(unused).value("/data/a") == ""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("jr://file-csv/t.csv", ""),
        ("jr://file-csv/t.csv", '"offen'),
        ("jr://file/t.xml", "<offen"),
        ("jr://file/t.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("jr://file/t.geojson", "{"),
        ("jr://file/t.geojson", '{"type": "Feature"}'),
        ("jr://file/t.geojson", '{"type": "FeatureCollection", "features": [1]}'),
        ("jr://file/t.geojson", FEATURES.format('{"geometry": {"type": "Blob", "coordinates": []}}')),
        ("jr://file/t.geojson", FEATURES.format('{"geometry": {"type": "Point", "coordinates": [1]}}')),
        ("jr://file/t.geojson", FEATURES.format('{"properties": [1]}')),
    ],
)  # fmt: skip
def test_6_a_broken_file_is_refused_by_name(source: str, text: str) -> None:
    with pytest.raises(FormError) as caught:
        live(with_file(source), instances={"towns": text})
    for problem in caught.value.problems:
        assert problem.text("de")
        assert problem.text("en")


@given(st.text(max_size=80), st.sampled_from(["t.csv", "t.geojson", "t.xml"]))
def test_7_any_text_is_an_instance_or_a_form_error(text: str, name: str) -> None:
    with contextlib.suppress(FormError):
        assert read_instance(text, name).kind == "document"


def test_8_the_last_saved_record_starts_empty_and_can_be_given() -> None:
    read = form(
        "<a/>",
        """<instance id="__last-saved" src="jr://instance/last-saved"/>
           <setvalue event="odk-instance-first-load" ref="/data/a" value="instance('__last-saved')/data/a"/>""",
        inputs("a"),
    )
    assert live(read).value("/data/a") == ""
    assert live(read, instances={"__last-saved": "<data><a>zuletzt</a></data>"}).value("/data/a") == "zuletzt"


def test_external_choices_are_those_of_their_own_list() -> None:
    read = form(
        "<a/><b/><c/>",
        "",
        inputs("a")
        + """<input ref="/data/b" query="instance('orte')/root/item[kreis = /data/a]"/>
             <input ref="/data/c" query="instance('kreise')/root/item"/>""",
    )
    text = "list_name,name,label,kreis\norte,n,Neuhengstett,cw\norte,b,Baiersbronn,fds\nkreise,cw,Calw,\n"
    record = live(read, instances={"itemsets.csv": text})
    assert record.choices("/data/c") == [("cw", "Calw")]
    record.answer("/data/a", "cw")
    assert record.choices("/data/b") == [("n", "Neuhengstett")]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_spreadsheet_may_write_another_sign_between_columns(mark: str) -> None:
    rows = (("name", '"label; kurz, neu"', "plz"), ("cw", '"Calw, Stadt; Kreis"', "75365"), ("nh", "Neuhengstett"))
    text = "\n".join(mark.join(row) for row in rows)
    root = next(read_instance(text, "a.csv").elements())
    assert [[cell.value for cell in item.elements()] for item in root.elements()] == [
        ["cw", "Calw, Stadt; Kreis", "75365"],
        ["nh", "Neuhengstett"],
    ]


def test_what_is_no_feature_is_refused() -> None:
    text = FEATURES.format('{"type": "Place", "geometry": null, "properties": {"name": "x"}}')
    with pytest.raises(FormError) as refused:
        read_instance(text, "a.geojson")
    assert refused.value.problems[0].code == "form.bad_instance"


def test_the_id_of_a_feature_wins_over_a_property_of_that_name() -> None:
    text = FEATURES.format('{"type": "Feature", "id": 7, "geometry": null, "properties": {"id": "x", "name": "n"}}')
    assert serialize(read_instance(text, "a.geojson")) == (
        "<root><item><id>7</id><name>n</name><geometry/></item></root>"
    )
