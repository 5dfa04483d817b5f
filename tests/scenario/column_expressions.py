"""Random expressions and the form they stand in: a root table, a repeat, a repeat in it, a list of choices."""

from __future__ import annotations

import random
from xml.sax.saxutils import quoteattr

from scenario.xforms import form, inputs
from validation.form import Form
from validation.xpath.functions import table

LEAVES = ("t", "n", "d", "day", "at", "clock", "one", "many", "b", "place", "hidden")
_LITERALS = (
    "'a'", "'b'", "''", "'2'", "'2024-06-15'", "'x y'", "1", "2", "0", "3.5", "-1", "true()", "1 div 0",
    "number('x')", "today()", "now()",
)  # fmt: skip
_PREDICATES = (
    "1", "2", "last()", "position() = 2", "n > 2", "t = 'a'", "n = /data/n", "position() < /data/n", "count(s) > 1",
    "day < today()", "s/k = 'a'", "n > 1][t = 'a'", "/data/n", "t = current()/../t",
)  # fmt: skip
_APART = frozenset({
    "random", "uuid", "instance", "current", "id", "lang", "randomize", "position", "last", "count", "count-non-empty",
    "indexed-repeat", "pulldata", "jr:choice-name", "jr:itext", "once", "name", "local-name", "namespace-uri", "sum",
})  # fmt: skip
_LIST = """<instance id="list"><root><item><name>a</name><label>Alpha</label><num>1</num></item>
<item><name>b</name><label>Beta</label><num>2</num></item><item><name>a</name><label>zwei</label><num>x</num></item>
<item><name>2</name><num>5</num></item></root></instance>"""


class Drawn:
    """Draws expressions as a question of the root or of the repeat writes them."""

    def __init__(self, chance: random.Random, *, inside: bool) -> None:
        self.chance, self.inside = chance, inside

    def expression(self, depth: int) -> str:
        """An expression nested so deep at most."""
        chance, below = self.chance, depth - 1
        kind = chance.random() if depth > 0 else 0.0
        if kind < 0.15:
            return self._leaf()
        if kind < 0.5:
            return self._operation(below, kind)
        if kind < 0.58:
            return f"({self._several()} {chance.choice(('=', '!=', '<', '>='))} {self.expression(below)})"
        if kind < 0.7:
            return self._aggregate(below)
        if kind < 0.76:
            return self._looked_up(below)
        return self._call(below)

    def _leaf(self) -> str:
        if self.chance.random() < 0.3:
            return self.chance.choice(_LITERALS)
        if self.inside and self.chance.random() < 0.4:
            return self.chance.choice(("../n", "../t", "../day", "../one", "../s/k"))
        return f"/data/{self.chance.choice(LEAVES)}"

    def _operation(self, below: int, kind: float) -> str:
        if kind < 0.18:
            return f"(-{self.expression(below)})"
        signs = ("=", "!=", "<", "<=", ">", ">=") if kind < 0.33 else ("+", "-", "*", "div", "mod")
        sign = self.chance.choice(signs if kind < 0.44 else ("and", "or"))
        return f"({self.expression(below)} {sign} {self.expression(below)})"

    def _several(self) -> str:
        end = self.chance.choice(("/t", "/n", "/day", "/s/k", ""))
        predicate = self.chance.choice(_PREDICATES) if self.chance.random() < 0.5 else ""
        if "current()" in predicate and not self.inside:
            predicate = ""
        return f"/data/r{f'[{predicate}]' if predicate else ''}{end}"

    def _aggregate(self, below: int) -> str:
        made = [
            f"{name}({self._several()})"
            for name in ("count", "sum", "min", "count-non-empty", "string", "not", "position")
        ]
        made += [
            f"join('-', {self._several()})",
            f"max({self._several()}, {self.expression(below)})",
            f"concat({self._several()}, {self.expression(below)})",
            f"indexed-repeat(/data/r/n, /data/r, {self.expression(below)})",
            f"indexed-repeat(/data/r/s/k, /data/r, {self.expression(below)}, /data/r/s, {self.expression(below)})",
        ]
        made += ["position(..)", "count(../s)", "sum(../s/k)", "string(../../t)"] if self.inside else []
        return self.chance.choice(made)

    def _looked_up(self, below: int) -> str:
        key = self.expression(below)
        path = self.chance.choice((
            f"instance('list')/root/item[name = {key}]/label", f"instance('list')/root/item[{key} = name]/num",
            f"instance('list')/root/item[num > {key}]/name", f"instance('list')/root/item[{key}]/label",
            "instance('list')/root/item[selected(/data/many, name)]/num", "instance('list')/root/item/num",
            f"instance('list')/root/item[starts-with(name, {key})][1]/label",
            f"instance('list')/root/item[position() = {key}]/num",
        ))  # fmt: skip
        whole = (path, f"count({path})", f"string({path})", f"pulldata('list', 'label', 'name', {key})",
                 f"jr:choice-name({key}, '/data/one')", f"jr:itext({key})")  # fmt: skip
        return self.chance.choice(whole)

    def _call(self, below: int) -> str:
        function = table()[self.chance.choice([name for name in table() if name not in _APART])]
        count = function.minimum
        if function.maximum is None or function.maximum > count:
            count += self.chance.choice((0, function.step))
        arguments = [self.expression(below) for _ in range(count)]
        if function.name.startswith("format-date"):
            arguments[1] = self.chance.choice(("'%Y-%m'", "'%d.%e %H:%M:%3'", "'%a %b'", "'%Q'"))
        if function.name == "regex":
            arguments[1] = self.chance.choice(("'^[a-z]+$'", "'a|2'", "'('", r"'\d'"))
        if function.name == "digest":
            arguments[1:] = ["'SHA-1'"]
        return f"{function.name}({', '.join(arguments)})"


def drawn_form(chance: random.Random, calculations: int = 5) -> Form:
    """A form with random calculations `o0`, `o1`, … in the root and in the repeat, and questions with random rules.

    FormError where the expressions drawn depend on one another in a circle.
    """
    outside, inside = Drawn(chance, inside=False), Drawn(chance, inside=True)
    types = {"n": "int", "d": "decimal", "day": "date", "at": "dateTime", "clock": "time", "b": "boolean",
             "place": "geopoint", "r/n": "int", "r/day": "date"}  # fmt: skip
    binds = [f'<bind nodeset="/data/{name}" type="{kind}"/>' for name, kind in types.items()]
    binds += [
        '<bind nodeset="/data/hidden" relevant="/data/n &gt; 2"/>',
        '<bind nodeset="/data/r" relevant="/data/t != \'a\'"/>',
        '<bind nodeset="/data/r/t" relevant="../n &gt; 1 or /data/b"/>',
    ]
    for number in range(calculations):
        kind = ("string", "int", "string", "decimal")[number % 4]
        for place, drawn in (("/data", outside), ("/data/r", inside)):
            source = quoteattr(drawn.expression(chance.randint(1, 3)))
            binds.append(f'<bind nodeset="{place}/o{number}" type="{kind}" calculate={source}/>')
    for place, drawn in (("/data/q", outside), ("/data/r/q", inside)):
        rules = (f"{rule}={quoteattr(drawn.expression(2))}" for rule in ("relevant", "constraint", "required"))
        binds.append(f'<bind nodeset="{place}" {" ".join(rules)}/>')
    calculated = "".join(f"<o{number}/>" for number in range(calculations))
    questions = "".join(f"<{name}/>" for name in LEAVES)
    repeat = f'<r jr:template=""><t/><n/><day/><one/><s jr:template=""><k/></s>{calculated}<q/></r>'
    chosen = (
        '<select1 ref="{}"><itemset nodeset="instance(\'list\')/root/item[{}]"><value ref="name"/></itemset></select1>'
    )
    body = inputs(*(name for name in LEAVES if name not in ("one", "many")), "q")
    body += chosen.format("/data/one", "num != /data/n")
    body += '<select ref="/data/many"><item><label>A</label><value>a</value></item></select>'
    entry = inputs("r/t", "r/n", "r/day", "r/q") + chosen.format("/data/r/one", "num &gt; current()/../n")
    inner = f'<repeat nodeset="/data/r/s">{inputs("r/s/k")}</repeat>'
    body += f'<repeat nodeset="/data/r">{entry}{inner}</repeat>'
    itext = '<translation lang="de"><text id="a"><value>Ä</value></text></translation>'
    return form(f"{questions}{calculated}<q/>{repeat}", _LIST + "".join(binds), body, itext=itext)
