"""A Word document whose content controls (ECMA-376, part 1, 17.5.2) are filled: texts, dates, lists, boxes.

A control is known by its tag, else by its title. What else is in the file stays as it is, byte by byte; only the parts
with controls are written anew. A control that was bound to data inside the file is unbound, else Word would put the old
value back.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

from intake.exchange.guards import members
from reports.filling.answers import Value
from validation.errors import DataError, FormError
from validation.tree import NOT_XML, Node, parse, serialize

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_BODY = ("word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes")
_TICKED, _OPEN = "\N{BALLOT BOX WITH X}", "\N{BALLOT BOX}"
_PLACEHOLDER = ("showingPlcHdr", "dataBinding")


def fields_of(data: bytes, file: str) -> tuple[str, ...]:
    """The names of the controls, each once, in the order of the document. DataError for what is no Word document."""
    parts = _parts(members(data, file), file)
    return tuple(
        dict.fromkeys(name for part in parts.values() for control in _controls(part) if (name := _name(control)))
    )


def fill_docx(data: bytes, values: Mapping[str, Value], file: str) -> bytes:
    """The document with these values in the controls of these names. DataError 'fill.no_choice' for a list that does
    not offer what was answered; the message does not say what that was."""
    content = members(data, file)
    for name, part in _parts(content, file).items():
        for control in list(_controls(part)):
            if (field := _name(control)) in values:
                _fill(control, values[field], file, field)
        content[name] = serialize(part, declaration=True).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _parts(content: Mapping[str, bytes], file: str) -> dict[str, Node]:
    """The parts that may hold controls and have some."""
    if "word/document.xml" not in content:
        raise DataError("fill.no_document", file=file)
    found = {}
    for name, text in content.items():
        if name.startswith(_BODY) and name.endswith(".xml") and b"sdt" in text:
            try:
                found[name] = parse(text)
            except FormError as error:
                raise DataError("import.damaged", file=file) from error
    return found


def _controls(part: Node) -> Iterator[Node]:
    for node in part.descendants():
        if node.kind == "element" and node.name == "sdt" and node.namespace == W:
            yield node


def _name(control: Node) -> str:
    properties = _child(control, "sdtPr")
    found = [_child(properties, name) for name in ("tag", "alias")] if properties else []
    return next((text for each in found if each is not None and (text := _attribute(each, "val"))), "")


def _fill(control: Node, value: Value, file: str, field: str) -> None:
    properties, content = _child(control, "sdtPr"), _child(control, "sdtContent")
    if properties is None or content is None:
        return
    text = value.text
    for child in list(properties.elements()):
        if child.namespace == W and child.name in _PLACEHOLDER:
            properties.remove(child)
    if (box := _child(properties, "checkbox", W14)) is not None:
        text = _tick(box, ticked=value.ticked)
    elif (day := _child(properties, "date")) is not None and value.day is not None:
        day.set_attribute(f"{{{W}}}fullDate", f"{value.day.isoformat()}T00:00:00Z")
    elif (listed := _child(properties, "dropDownList")) is not None and text:
        text = _offered(listed, value, file, field)
    _write(content, NOT_XML.sub("", text))


def _tick(box: Node, *, ticked: bool) -> str:
    """Set a box and give the sign that shows it: the control's own, else the usual one."""
    state = _child(box, "checked", W14)
    if state is None:
        state = Node.element("checked", namespace=W14, prefix=box.prefix)
        box.insert(0, state)
    state.set_attribute(f"{{{W14}}}val", "1" if ticked else "0")
    sign = _child(box, "checkedState" if ticked else "uncheckedState", W14)
    try:
        return chr(int(_attribute(sign, "val", W14), 16)) if sign is not None else (_TICKED if ticked else _OPEN)
    except ValueError:
        return _TICKED if ticked else _OPEN


def _offered(listed: Node, value: Value, file: str, field: str) -> str:
    wanted = {value.text.casefold(), *(code.casefold() for code in value.codes)}
    for item in listed.elements():
        said, shown = _attribute(item, "value"), _attribute(item, "displayText")
        if wanted & {said.casefold(), shown.casefold()} - {""}:
            return shown or said
    raise DataError("fill.no_choice", file=file, field=field)


def _write(content: Node, text: str) -> None:
    """Put a text in the place of what a control holds: its first paragraph and run stay, with their look."""
    runs = [
        node for node in content.descendants() if node.kind == "element" and node.name == "r" and node.namespace == W
    ]
    first = runs[0] if runs else _new_run(content)
    for run in runs[1:]:
        if run.parent is not None:
            run.parent.remove(run)
    paragraphs = [node for node in content.elements() if node.name == "p" and node.namespace == W]
    for paragraph in paragraphs:
        if paragraph not in _above(first):
            content.remove(paragraph)
    look = _child(first, "rPr")
    style = _child(look, "rStyle") if look is not None else None
    if look is not None and style is not None and _attribute(style, "val") == "PlaceholderText":
        look.remove(style)
    for child in list(first.children):
        if child is not look:
            first.remove(child)
    for number, line in enumerate(text.split("\n")):
        if number:
            first.append(Node.element("br", namespace=W, prefix=first.prefix))
        said = Node.element("t", line, namespace=W, prefix=first.prefix)
        said.set_attribute("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        first.append(said)


def _new_run(content: Node) -> Node:
    """A run where a control was empty: in its paragraph, or in that of its cell."""
    inside = [node for node in content.descendants() if node.kind == "element" and node.name == "p"]
    run = Node.element("r", namespace=W, prefix=content.prefix)
    (inside[0] if inside else content).append(run)
    return run


def _above(node: Node) -> list[Node]:
    found, here = [], node.parent
    while here is not None:
        found.append(here)
        here = here.parent
    return found


def _child(node: Node, name: str, namespace: str = W) -> Node | None:
    return next((each for each in node.elements() if (each.name, each.namespace) == (name, namespace)), None)


def _attribute(node: Node, name: str, namespace: str = W) -> str:
    return node.attributes.get(f"{{{namespace}}}{name}", "")
