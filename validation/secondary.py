"""Files of choices beside a form: CSV, XML or GeoJSON text -> a secondary instance (a document node).

Pure: the caller reads the file. A CSV becomes `/root/item` with a child per column, a GeoJSON FeatureCollection the
same with the properties, `id` and `geometry` as ODK writes places (ODK XForms, "Secondary Instances - External").
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from validation.errors import FormError, Problem
from validation.reading import CSV, ITEMSETS, file_name
from validation.tree import Node, parse, uncollected
from validation.xpath.parser import instances as names_in

if TYPE_CHECKING:
    from validation.form import Form

LAST_SAVED = "jr://instance/last-saved"


def readers(form: Form) -> dict[str, str]:
    """The secondary instances that the form's expressions read: {id: nodeset of the first that does}."""
    found: dict[str, str] = {}
    for item in form.graph.computations:
        found.update(dict.fromkeys(names_in(item.expression) - found.keys(), item.nodeset))
    for action in form.actions:
        if action.value is not None:
            found.update(dict.fromkeys(names_in(action.value) - found.keys(), action.ref))
    return found


def external_instances(form: Form, given: Mapping[str, str] | None, *, strict: bool = True) -> dict[str, Node]:
    """The external instances of a form by id.

    `given` maps ids or file names to texts. One that is not given is a FormError `form.missing_instance` where an
    expression reads it and it is asked for by a `strict` caller, else it is left out; a list of entities is empty then,
    and the last saved record starts as an empty copy of the primary instance's root.
    """
    found: dict[str, Node] = {}
    problems: list[Problem] = []
    needed: dict[str, str] | None = None  # sought once something is missing: an interview opens without
    for name, source in form.external.items():
        text = _given(name, source, given or {})
        if text is not None:
            try:
                found[name] = read_instance(text, source)
                if source == ITEMSETS:
                    _keep_list(found[name], name)
            except FormError as error:
                problems.extend(
                    Problem(problem.code, problem.place, {**problem.fields, "file": file_name(source), "name": name})
                    for problem in error.problems
                )
        elif source == LAST_SAVED:
            root = next(form.template.elements())
            found[name] = Node.document(Node.element(root.name, namespace=root.namespace, prefix=root.prefix))
        elif name in form.entity_lists:
            found[name] = Node.document(Node.element("root"))
        elif strict:
            needed = readers(form) if needed is None else needed
            if name in needed:
                fields = {"file": file_name(source), "name": name}
                problems.append(Problem("form.missing_instance", fields=fields))
    if problems:
        raise FormError(problems)
    return found


def unlisted(form: Form, given: Mapping[str, str] | None) -> frozenset[str]:
    """The questions that take their choices from lists of entities that are not given: any value may be right."""
    absent = {name for name in form.entity_lists if _given(name, form.external[name], given or {}) is None}
    if not absent:
        return frozenset()
    return frozenset(
        control.nodeset
        for control in form.controls()
        if control.itemset is not None and not absent.isdisjoint(names_in(control.itemset.nodeset))
    )


def _given(name: str, source: str, given: Mapping[str, str]) -> str | None:
    return given.get(name, given.get(file_name(source)))


def _keep_list(document: Node, name: str) -> None:
    """Leave the rows of one list of `itemsets.csv`."""
    root = next(document.elements())
    for item in list(root.elements()):
        listed = item.child("list_name")
        if listed is not None and listed.value != name:
            root.remove(item)


@uncollected()
def read_instance(text: str, source: str) -> Node:
    """The document node of a file's text, by the ending of its name. FormError where it cannot be read."""
    kind = file_name(source).lower().rpartition(".")[2]
    if kind == "csv" or source.startswith(CSV):
        return _read_csv(text)
    if kind == "geojson" or (kind == "json" and text.lstrip().startswith("{")):
        return _read_geojson(text)
    return parse(text)


def _refused(cause: str) -> FormError:
    return FormError([Problem("form.bad_instance", fields={"cause": cause, "file": "", "name": ""})])


def _read_csv(text: str) -> Node:
    try:
        text = text.removeprefix("\ufeff")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text)))
    except csv.Error as error:
        raise _refused(str(error)) from None
    if not rows or not any(name.strip() for name in rows[0]):
        raise _refused("no header")
    header = [name.strip() for name in rows[0]]
    return _items(dict(zip(header, row, strict=False)) for row in rows[1:] if any(row))


def _delimiter(text: str) -> str:
    """What stands between the names of the header: spreadsheets write ';' where ',' is the decimal sign."""
    header = re.sub('"[^"]*"', "", text.partition("\n")[0])
    return max(",;\t", key=header.count)


def _items(rows: Iterable[Mapping[str, str]]) -> Node:
    root = Node.element("root")
    for row in rows:
        item = Node.element("item")
        for name, value in row.items():
            if name:
                item.append(Node.element(name, value))
        root.append(item)
    return Node.document(root)


def _read_geojson(text: str) -> Node:
    try:
        data = json.loads(text, parse_float=Decimal)
        features = data["features"] if data["type"] == "FeatureCollection" else None
        if features is None:
            raise _refused("no FeatureCollection")
        return _items(_feature(feature) for feature in features)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise _refused(type(error).__name__) from None


def _feature(feature: Mapping[str, Any]) -> dict[str, str]:
    if feature.get("type", "Feature") != "Feature":
        raise _refused("no Feature")
    properties = feature.get("properties") or {}
    row = {str(name): _text(value) for name, value in properties.items()}
    geometry = feature.get("geometry")
    row["geometry"] = _geometry(geometry) if isinstance(geometry, dict) else ""
    if feature.get("id") is not None:
        row["id"] = _text(feature["id"])  # the feature's own wins over a property of that name
    return row


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _geometry(geometry: Mapping[str, Any]) -> str:
    """'latitude longitude 0 0' a point, joined by ';' (GeoJSON writes longitude first)."""
    points = geometry["coordinates"]
    if geometry["type"] == "Point":
        points = [points]
    elif geometry["type"] == "Polygon":
        points = points[0]
    elif geometry["type"] != "LineString":
        raise _refused(str(geometry["type"]))
    return "; ".join(f"{point[1]} {point[0]} 0 0" for point in points)
