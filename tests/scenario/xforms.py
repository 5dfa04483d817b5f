"""Small XForm documents for tests, written so that the form a test is about stands in the test.

`xform` takes the parts as XML; `survey` takes an XLSForm as a Markdown table and converts it with pyxform, as
authors' forms are. `live` opens a form with a fixed clock and fixed chance.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from validation.errors import FormError, Problem
from validation.form import Form
from validation.instance import Instance
from validation.xform import read_form

NOW = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))

NAMESPACES = (
    'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms" '
    'xmlns:orx="http://openrosa.org/xforms" xmlns:entities="http://www.opendatakit.org/xforms/entities" '
    'xmlns:lb="https://lotsenbuch.example/xform"'
)


COUNTED = """
| survey | type | name | label | required | repeat_count |
|---|---|---|---|---|---|
| | integer | n | N | | |
| | begin_repeat | kind | K | | ${n} |
| | text | a | A | yes | |
| | end_repeat | | | | |
| settings | form_id |
|---|---|
| | probe |
"""
"""For `survey`: as many entries of a repeat as a question says."""


def xform(instance: str, model: str = "", body: str = "", *, itext: str = "", title: str = "Test") -> str:
    """An XForm: the content of `<data id="test">`, what else stands in the model, and the body."""
    texts = f"<itext>{itext}</itext>" if itext else ""
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>{title}</h:title><model>{texts}"
        f'<instance><data id="test" version="1">{instance}</data></instance>{model}</model></h:head>'
        f"<h:body>{body}</h:body></h:html>"
    )


def form(instance: str, model: str = "", body: str = "", *, itext: str = "") -> Form:
    """The same, read."""
    return read_form(xform(instance, model, body, itext=itext))


def problems(instance: str, model: str = "", body: str = "", *, itext: str = "") -> list[Problem]:
    """What is wrong with a form; none where it can be used."""
    try:
        form(instance, model, body, itext=itext)
    except FormError as error:
        return list(error.problems)
    return []


def codes(instance: str, model: str = "", body: str = "", *, itext: str = "") -> list[str]:
    """The codes of what is wrong."""
    return [problem.code for problem in problems(instance, model, body, itext=itext)]


def inputs(*names: str) -> str:
    """A text field for each name below /data."""
    return "".join(f'<input ref="/data/{name}"/>' for name in names)


def live(source: Form | str, **options: Any) -> Instance:
    """A record of a form (or of an XForm's text) with a fixed clock and fixed chance."""
    opened = read_form(source) if isinstance(source, str) else source
    return Instance(opened, **{"now": NOW, "random": random.Random(7), **options})


def survey(markdown: str) -> Form:
    """The form of an XLSForm given as a Markdown table."""
    from pyxform.xls2xform import convert

    return read_form(convert(markdown, file_type=".md", validate=False).xform)
