"""A PDF form (AcroForm) that is filled: texts, boxes, lists. The only door to pypdf.

The viewer is asked to draw the fields anew, so that an answer in any script is shown in the viewer's own font. Forms of
the kind XFA hold nothing that can be filled here and are refused, and so is what is protected.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from reports.filling.answers import Value
from validation.errors import DataError


def fields_of(data: bytes, file: str) -> tuple[str, ...]:
    """The names of the fields, in the order of the file. DataError for what is no PDF form."""
    return tuple(_fields(_reader(data, file), file))


def fill_pdf(data: bytes, values: Mapping[str, Value], file: str) -> bytes:
    """The form with these values in the fields of these names. DataError 'fill.no_choice' for a list or boxes that do
    not offer what was answered; the message does not say what that was."""
    from pypdf import PdfWriter
    from pypdf.errors import PyPdfError

    reader = _reader(data, file)
    fields = _fields(reader, file)
    written = {name: _written(fields[name], value, file, name) for name, value in values.items()}
    lists = {name for name in written if fields[name].get("/FT") == "/Ch"}
    others = {name: text for name, text in written.items() if name not in lists}
    try:
        writer = PdfWriter(clone_from=reader)
        writer.set_need_appearances_writer(True)
        for page in writer.pages:
            if "/Annots" in page:
                writer.update_page_form_field_values(page, dict(others), auto_regenerate=True)
                _choose(page, {name: written[name] for name in lists})
        made = io.BytesIO()
        writer.write(made)
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DataError("import.damaged", file=file) from error
    return made.getvalue()


def _reader(data: bytes, file: str) -> Any:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        protected = reader.is_encrypted
        form = None if protected else reader.root_object.get("/AcroForm")
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise DataError("import.damaged", file=file) from error
    if protected:
        raise DataError("import.protected", file=file)
    if form is not None and "/XFA" in form.get_object():
        raise DataError("fill.xfa", file=file)
    return reader


def _fields(reader: Any, file: str) -> dict[str, Any]:
    from pypdf.errors import PyPdfError

    try:
        return dict(reader.get_fields() or {})
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DataError("import.damaged", file=file) from error


def _choose(page: Any, chosen: Mapping[str, str]) -> None:
    """Set the lists of a page; pypdf 7 cannot draw one whose options are pairs, the viewer can."""
    from pypdf.generic import NameObject, TextStringObject

    for reference in page["/Annots"]:
        drawn = reference.get_object()
        field = drawn if "/T" in drawn else drawn.get("/Parent", drawn).get_object()
        if (name := _name(field)) in chosen:
            field[NameObject("/V")] = TextStringObject(chosen[name])
            for stale in ("/I", "/AP"):
                drawn.pop(stale, None)
                field.pop(stale, None)


def _name(field: Any) -> str:
    """The whole name of a field: those above it first, joined by points (ISO 32000-1, 12.7.3.2)."""
    parts: list[str] = []
    while field is not None and len(parts) < 50:  # a chain that goes in circles ends, too
        if "/T" in field:
            parts.insert(0, str(field["/T"]))
        above = field.get("/Parent")
        field = above.get_object() if above is not None else None
    return ".".join(parts)


def _written(field: Mapping[str, Any], value: Value, file: str, name: str) -> str:
    kind = str(field.get("/FT", ""))
    if kind == "/Btn":
        return _ticked([str(state) for state in field.get("/_States_", ())], value, file, name)
    if kind == "/Ch" and value.text:
        return _offered(field.get("/_States_") or field.get("/Opt") or (), value, file, name)
    return value.text


def _ticked(states: list[str], value: Value, file: str, name: str) -> str:
    """A box has one state beside /Off; several boxes under one name are told by the codes they stand for."""
    on = [state for state in states if state != "/Off"]
    if len(on) == 1:
        return on[0] if value.ticked else "/Off"
    if not value.text:
        return "/Off"
    wanted = {f"/{text}".casefold() for text in (*value.codes, value.text)}
    found = next((state for state in on if state.casefold() in wanted), None)
    if found is None:
        raise DataError("fill.no_choice", file=file, field=name)
    return found


def _offered(options: Any, value: Value, file: str, name: str) -> str:
    """The stored value of the option that is meant; an option is a text, or a pair of what is stored and shown."""
    wanted = {value.text.casefold(), *(code.casefold() for code in value.codes)}
    for option in options:
        pair = [str(each) for each in option] if isinstance(option, list) else [str(option)]
        if wanted & {text.casefold() for text in pair}:
            return pair[0]
    raise DataError("fill.no_choice", file=file, field=name)
