"""Documents, patterns and expressions that mean no good, and a way to try one with little memory.

`python tests/scenario/hostile.py NAME` tries one attack in this process, which on Linux gets no more address
space than 500 MB of memory need, and prints what came of it as JSON. `attempt` does so in a new process that is
killed after a minute. The tests judge the outcome, `benchmarks/engine.py` prints seconds and megabytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MEGABYTES = 500
RESERVED = 100  # megabytes of address space beyond, which hold nothing
KILLED_AFTER = 60.0
NOW = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)

_ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "entity bomb": (f'<!DOCTYPE a [<!ENTITY l0 "lol">{_ENTITIES}]><a>&l9;</a>', "form.dtd"),
    "quadratic blow-up": (f'<!DOCTYPE a [<!ENTITY b "{"b" * 50_000}">]><a>{"&b;" * 5_000}</a>', "form.dtd"),
    "file entity": ('<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', "form.dtd"),
    "network entity": ('<!DOCTYPE a [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]><a>&f;</a>', "form.dtd"),
    "parameter entity": (
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><a/>',
        "form.dtd",
    ),
    "external DTD": ('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "form.dtd"),
    "public DTD": ('<!DOCTYPE a PUBLIC "-//X//Y" "file:///etc/passwd"><a/>', "form.dtd"),
    "default attributes": ('<!DOCTYPE a [<!ATTLIST a id CDATA "x">]><a/>', "form.dtd"),
    "entity after a comment": ('<!-- <a> --><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "form.dtd"),
    "DTD in UTF-16": ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "form.dtd"),
    "nested 500 deep": ("<a>" * 500 + "</a>" * 500, "form.too_deep"),
    "nested 100,000 deep": ("<a>" * 100_000 + "</a>" * 100_000, "form.too_deep"),
    "unclosed": ("<a>" * 200, "form.not_xml"),
    "unknown entity": ("<a>&nbsp;</a>", "form.not_xml"),
    "null": ("<a>\x00</a>", "form.not_xml"),
    "surrogate": ("<a>\ud800</a>", "form.not_xml"),
    "nothing": ("", "form.not_xml"),
    "twice the same attribute": ('<a x="1" x="2"/>', "form.not_xml"),
    "undeclared prefix": ("<h:a/>", "form.not_xml"),
}
"""{name: (document, the code it is refused with)}."""

_A = "a" * 40
PATTERNS: tuple[tuple[str, str], ...] = (
    (r"^(a+)+$", f"{_A}!"),
    (r"^(a*)*$", f"{_A}!"),
    (r"^(a|a)*$", f"{_A}!"),
    (r"^(a|aa)+$", f"{_A}!"),
    (r"^(.*a){25}$", f"{_A}!"),
    (r"^([a-z]+\s?)*$", f"{'word ' * 20}!"),
    (r"(x+x+)+y", "x" * 60),
    (r"^(\d+)*[^\d]$", "1" * 60),
    (r"(a?){40}a{40}!", _A),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60),
    (r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3}))$", f"{'a' * 60}!"),
    (r"^(?:(?:a|b)*c|(?:a|b)*d)*$", "ab" * 40),
    (r"(.*)*\1(.*)*\2x", "ab" * 60),
    (r"(?=(a+))a*b\1", "a" * 5_000),
    (r"(((((((((a+)+)+)+)+)+)+)+)+)+b", _A),
    (r"((a{1,100}){1,100}){1,100}", _A),
    (r"a{1000000000}", _A),
    (r"(" * 1_000 + "a" + r")" * 1_000, _A),
    (r"(?R)|(?:a(?R)b)", "a" * 200),
    (r"[" + "a-z" * 5_000 + r"]+$", "a" * 50),
)
"""Twenty patterns that keep, or once kept, a regular expression engine busy: (pattern, text)."""

NAMESPACES = (
    'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:jr="http://openrosa.org/javarosa"'
)


def _form(instance: str, model: str = "", body: str = "", itext: str = "") -> str:
    texts = f'<itext><translation lang="de">{itext}</translation></itext>' if itext else ""
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>T</h:title><model>{texts}"
        f'<instance><data id="t">{instance}</data></instance>{model}</model></h:head><h:body>{body}</h:body></h:html>'
    )


def _itemset(label: str) -> str:
    return (
        '<select1 ref="/data/a"><itemset nodeset="instance(\'c\')/root/item[k = /data/k]">'
        f'<value ref="name"/><label ref="{label}"/></itemset></select1>'
    )


def choices(count: int) -> str:
    """A question with a filter over so many choices, as one question above chooses."""
    items = "".join(f"<item><name>n{n}</name><label>L {n}</label><k>{n % 44}</k></item>" for n in range(count))
    model = f'<instance id="c"><root>{items}</root></instance>'
    return _form("<k/><a/>", model, f'<input ref="/data/k"/>{_itemset("label")}')


def translated_choices(count: int) -> str:
    """The same as pyxform writes it where a form has several languages."""
    items = "".join(f"<item><itextId>c-{n}</itextId><name>n{n}</name><k>{n % 44}</k></item>" for n in range(count))
    texts = "".join(f'<text id="c-{n}"><value>L {n}</value></text>' for n in range(count))
    model = f'<instance id="c"><root>{items}</root></instance>'
    return _form("<k/><a/>", model, f'<input ref="/data/k"/>{_itemset("jr:itext(itextId)")}', texts)


def written_choices(count: int) -> str:
    """So many choices written in the question itself."""
    items = "".join(f"<item><label>L {n}</label><value>n{n}</value></item>" for n in range(count))
    return _form("<a/>", "", f'<select1 ref="/data/a">{items}</select1>')


def questions(count: int) -> str:
    """So many questions, each with a bind and a label."""
    return _form(
        "".join(f"<q{n}/>" for n in range(count)),
        "".join(f'<bind nodeset="/data/q{n}" type="string"/>' for n in range(count)),
        "".join(f'<input ref="/data/q{n}"><label>Q {n}</label></input>' for n in range(count)),
    )


def chain(count: int) -> str:
    """So many calculations, each of the one before it."""
    binds = (f'<bind nodeset="/data/c{n}" type="int" calculate="/data/c{n - 1} + 1"/>' for n in range(1, count + 1))
    return _form(
        "".join(f"<c{n}/>" for n in range(count + 1)),
        '<bind nodeset="/data/c0" type="int"/>' + "".join(binds),
        '<input ref="/data/c0"/>',
    )


def circle(count: int, attribute: str, expression: str) -> str:
    """So many nodes in a circle, each with an expression of the next; '{}' in the expression is its path."""
    binds = (
        f'<bind nodeset="/data/c{n}" {attribute}="{expression.format(f"/data/c{(n + 1) % count}")}"/>'
        for n in range(count)
    )
    return _form("".join(f"<c{n}/>" for n in range(count)), "".join(binds), '<input ref="/data/c0"/>')


def nested_groups(depth: int) -> str:
    """Groups in groups, in the record and on the screen."""
    names = [f"g{n}" for n in range(depth)]
    paths = ["/data/" + "/".join(names[: n + 1]) for n in range(depth)]
    instance = "".join(f"<{name}>" for name in names) + "<x/>" + "".join(f"</{name}>" for name in reversed(names))
    body = "".join(f'<group ref="{path}">' for path in paths)
    return _form(instance, "", f'{body}<input ref="{paths[-1]}/x"/>{"</group>" * depth}')


def entangled(nodes: int, readers: int) -> str:
    """So many expressions that each read every node."""
    binds = (f'<bind nodeset="/data/c{n}" constraint="count(//*) &gt; {n}"/>' for n in range(readers))
    return _form("".join(f"<c{n}/>" for n in range(nodes)), "".join(binds), '<input ref="/data/c0"/>')


Attack = tuple[Callable[[], str], Callable[[str], str]]


def _filled(answers: Mapping[str, str], then: Callable[[Any], object]) -> Callable[[str], str]:
    """Read a form, open a record, answer, judge, hand in."""

    def use(xform: str) -> str:
        from validation.instance import Instance
        from validation.xform import read_form

        record = Instance(read_form(xform), now=NOW)
        for path, value in answers.items():
            record.answer(path, value)
        found = then(record)
        record.violations()
        record.to_xml()
        return f"handled: {found}"

    return use


def _csv(count: int) -> str:
    rows = "".join(f"n{n},L {n},{n % 44}\n" for n in range(count))
    return f"name,label,k\n{rows}"


def _external(rows: str) -> str:
    from validation.instance import Instance
    from validation.xform import read_form

    model = '<instance id="c" src="jr://file-csv/c.csv"/>'
    form = read_form(_form("<k/><a/>", model, f'<input ref="/data/k"/>{_itemset("label")}'))
    record = Instance(form, now=NOW, instances={"c.csv": rows})
    record.answer("/data/k", "7")
    return f"handled: {len(record.choices('/data/a'))}"


def _patterns(_nothing: str) -> str:
    from validation.errors import XPathError
    from validation.xpath import evaluate

    ended = 0
    for pattern, text in PATTERNS:
        with contextlib.suppress(XPathError):
            evaluate("regex(/a, /a/@p)", _pattern_document(pattern, text)).boolean()
        ended += 1
    return f"handled: {ended}"


def _pattern_document(pattern: str, text: str) -> Any:
    from validation.tree import Node

    top = Node.element("a", text)
    top.set_attribute("p", pattern)
    return Node.document(top)


ATTACKS: Mapping[str, Attack] = {
    "100,000 choices": (lambda: choices(100_000), _filled({"/data/k": "7"}, lambda i: len(i.choices("/data/a")))),
    "100,000 translated choices": (
        lambda: translated_choices(100_000),
        _filled({"/data/k": "7"}, lambda i: len(i.choices("/data/a"))),
    ),
    "100,000 written choices": (
        lambda: written_choices(100_000),
        _filled({"/data/a": "n99999"}, lambda i: len(i.choices("/data/a"))),
    ),
    "100,000 choices in a CSV": (lambda: _csv(100_000), _external),
    "10,000 nodes": (lambda: questions(10_000), _filled({"/data/q5000": "x"}, lambda i: i.value("/data/q5000"))),
    "nested 100 deep": (lambda: nested_groups(100), _filled({}, lambda i: len(i.form.body))),
    "nested 500 deep": (lambda: nested_groups(500), _filled({}, lambda i: len(i.form.body))),
    "chain of 10,000": (lambda: chain(10_000), _filled({"/data/c0": "5"}, lambda i: i.value("/data/c10000"))),
    "circle of 2 relevances": (
        lambda: circle(2, "relevant", "{} = ''"),
        _filled({"/data/c0": "x"}, lambda i: i.relevant("/data/c1")),
    ),
    "circle of 10,000 relevances": (
        lambda: circle(10_000, "relevant", "{} != 'x'"),
        _filled({"/data/c0": "x"}, lambda i: i.relevant("/data/c9999")),
    ),
    "a relevance of itself": (lambda: circle(1, "relevant", "{} = ''"), _filled({}, lambda i: i.id)),
    "circle of 10,000 calculations": (lambda: circle(10_000, "calculate", "{} + 1"), _filled({}, lambda i: i.id)),
    "10,000 references to nothing": (
        lambda: circle(10_000, "relevant", "{}/nothing = ''"),
        _filled({}, lambda i: len(i.form.warnings)),
    ),
    "1,000 expressions that read all of 10,000 nodes": (
        lambda: entangled(10_000, 1_000),
        _filled({}, lambda i: i.id),
    ),
    "1 MB label": (
        lambda: _form("<a/>", "", f'<input ref="/data/a"><label>{"x" * 1_000_000}</label></input>'),
        _filled({}, lambda i: len(i.label("/data/a"))),
    ),
    "1 MB answer": (
        lambda: _form("<a/><b/>", '<bind nodeset="/data/b" calculate="string-length(/data/a)"/>'),
        _filled({"/data/a": "x" * 1_000_000}, lambda i: i.value("/data/b")),
    ),
    "20 patterns": (lambda: "", _patterns),
}
"""{name: (what makes the material, what is done with it)}; gives 'handled: …' or raises what refuses it."""


def tried(name: str) -> dict[str, Any]:
    """What comes of an attack here and now: outcome, seconds of computing, megabytes at the peak."""
    import validation.instance
    import validation.xform  # noqa: F401 - what is loaded is not what is measured
    from validation.errors import LotsenbuchError

    make, use = ATTACKS[name]
    material = make()
    start = time.process_time()
    try:
        outcome = use(material)
    except LotsenbuchError as error:
        outcome = f"refused: {sorted({problem.code for problem in error.problems})}"
    except MemoryError:
        outcome = f"more than {MEGABYTES} MB"
    seconds = time.process_time() - start
    return {"outcome": outcome, "seconds": seconds, "megabytes": _peak()}


def _peak() -> float:
    """The most memory this process has held; 0 where the system does not say (Windows)."""
    status = Path("/proc/self/status")
    if status.exists():  # rusage would count what the parent held when it forked
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 1024
    try:
        import resource
    except ImportError:
        return 0.0
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _hold_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, ((MEGABYTES + RESERVED) * 1024 * 1024,) * 2)


def attempt(name: str) -> dict[str, Any]:
    """The same in a new process that may hold `MEGABYTES` and is killed after a minute (subprocess.TimeoutExpired)."""
    command = [sys.executable, str(Path(__file__)), name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=KILLED_AFTER, check=False)
    if done.returncode:
        return {"outcome": f"died: {done.stderr.strip().splitlines()[-1:]}", "seconds": 0.0, "megabytes": 0.0}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# --- expressions

DOCUMENT = (
    '<data id="t" version="1"><a>5</a><b>text</b><c>2024-06-15</c><d/><e>a b c</e><g><x>1</x><x>2</x></g>'
    '<g><x>3.5</x><x>no</x></g><p>52.1 13.4 0 0</p><t>2024-06-15T10:20:30.000+02:00</t><instance id="i"><root><item>'
    "<name>n</name><label>L</label></item></root></instance></data>"
)
_NAMES = ("a", "b", "c", "d", "e", "g", "x", "p", "t", "nothing", "*", "item", "instance", "data", "@id", "..", ".")
_OPERATORS = ("+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or", "|")
_AXES = ("ancestor", "ancestor-or-self", "child", "descendant", "descendant-or-self", "following", "preceding")
_AXES += ("following-sibling", "parent", "preceding-sibling", "self", "attribute", "namespace")
_TEXTS = ("", "a", "5", "-1", "1e400", "2024-02-30", "2024-06-15", "25:61", "%Y-%m-%d", "%", "(", "[a")
_TEXTS += ("52.1 13.4 0 0; 52.2 13.5 0 0", "MD5", "i", "name", "uuid:x", "NaN", "\u0000", "9" * 400, "hex", "====")
_TEXTS += ("ä\u0301\U0001f600",)
_NUMBERS = ("0", "1", "2", "-1", "0.5", "1000000000000", "9" * 320, "99999999999999999999", ".0000001", "3")
_SOUP = (*_OPERATORS, "(", ")", "[", "]", ",", "/", "//", "::", "@", "$", "'", '"', "!", "\\", "{", "}", "#", ":", " ")


def expressions(count: int, seed: int) -> Iterator[str]:
    """So many texts that are, or nearly are, expressions; the same for the same seed."""
    from validation.xpath.functions import table

    names = sorted(table())
    chance = random.Random(seed)
    for number in range(count):
        text = _expression(chance, names, 4)
        if number % 4 == 3:
            text = _broken(chance, text)
        yield text


def _expression(chance: random.Random, names: list[str], depth: int) -> str:
    kind = chance.randrange(8 if depth > 0 else 3)
    if kind == 0:
        return chance.choice(_NUMBERS)
    if kind == 1:
        return f"'{chance.choice(_TEXTS)}'"
    if kind == 2:
        return _path(chance, names, depth)
    if kind in (3, 4, 5):
        arguments = [_expression(chance, names, depth - 1) for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 5)))]
        return f"{chance.choice(names)}({', '.join(arguments)})"
    if kind == 6:
        return f"-({_expression(chance, names, depth - 1)})"
    left, right = _expression(chance, names, depth - 1), _expression(chance, names, depth - 1)
    return f"({left}) {chance.choice(_OPERATORS)} ({right})"


def _path(chance: random.Random, names: list[str], depth: int) -> str:
    text = chance.choice(("", "/", "//", "../", "/data/", "current()/", "instance('i')/"))
    for number in range(chance.randrange(1, 4)):
        step = chance.choice(_NAMES)
        if chance.random() < 0.2 and step[0] not in "@.":
            step = f"{chance.choice(_AXES)}::{step}"
        if depth > 1 and chance.random() < 0.3 and step[0] != ".":
            step += f"[{_expression(chance, names, depth - 2)}]"
        text += ("/" if number else "") + step
    return text


def _broken(chance: random.Random, text: str) -> str:
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_SOUP) + text[at + chance.randrange(3) :]
    return text


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    _hold_memory()
    json.dump(tried(sys.argv[1]), sys.stdout)
