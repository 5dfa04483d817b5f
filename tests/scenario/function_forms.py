"""A small form for every function, operator and way through the tree, in which what it gives is watched by verdicts.

`EXPRESSIONS` are written for one model: questions of every type at the root, a repeat with one within it, a list of
choices with translated labels. Those that begin their steps with '..' stand in the repeat. Each is watched as a
relevance, as a requirement, in constraints, and through a calculation, so that another value is another verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from scenario.xforms import form
from validation.form import Form

ROOT: Mapping[str, str] = {
    "a": "string", "b": "string", "n": "int", "d": "decimal", "day": "date", "moment": "dateTime", "time": "time",
    "one": "string", "many": "string", "bool": "boolean", "point": "geopoint", "trace": "geotrace", "shape": "geoshape",
}  # fmt: skip
ENTRY: Mapping[str, str] = {"ra": "string", "rn": "int", "rday": "date", "rone": "string", "rpoint": "geopoint"}

FUNCTIONS: Mapping[str, Sequence[str]] = {
    "last": ["/data/r[last()]/rn", "/data/r[position() = last()]/ra", "count(../../r[last()]/rn)"],
    "position": ["position(..)", "/data/r[position() = 2]/rn", "count(/data/r[position() > 1])", "position(../..) + 1"],
    "count": ["count(/data/r)", "count(/data/r/rr)", "count(/data/r[rn > 1])", "count(../rr)", "count(/data/a)"],
    "id": ["count(id(/data/a))", "string(id('x'))"],
    "local-name": ["local-name(/data/a)", "local-name()", "local-name(/data/r/rn)"],
    "name": ["name(/data/n)", "name()", "name(/data/none)"],
    "namespace-uri": ["namespace-uri(/data/a)", "namespace-uri()"],
    "boolean": ["boolean(/data/n)", "boolean(/data/a)", "boolean(number(/data/a))", "boolean(../rn = 2)"],
    "not": ["not(/data/a = 'a')", "not(/data/n)", "not(../rn > /data/n)", "not(/data/r)"],
    "true": ["true()", "/data/bool = true()"],
    "false": ["false()", "/data/bool = false()", "string(false())"],
    "lang": ["lang('de')", "lang(/data/a)"],
    "string": ["string(/data/n)", "string(/data/d)", "string(/data/n + 1)", "string(/data/n div 3)", "string()",
               "string(/data/day)", "string(../rn * 0.1)", "string(/data/r/ra)", "string(/data/n > 1)"],
    "concat": ["concat(/data/a, '-', /data/n)", "concat(/data/d, /data/day)", "concat(/data/r/ra)", "concat()",
               "concat(../ra, ../../a, position(..))"],
    "join": ["join(',', /data/r/ra)", "join(/data/a, /data/b, /data/n)", "join('')", "join('-', ../rr/rra, ../rn)"],
    "starts-with": ["starts-with(/data/a, 'a')", "starts-with(/data/a, /data/b)", "starts-with(../ra, '')"],
    "ends-with": ["ends-with(/data/a, 'b')", "ends-with(/data/a, /data/b)", "ends-with(../ra, ../../a)"],
    "contains": ["contains(/data/a, 'b')", "contains(/data/many, /data/one)", "contains(../ra, '1')"],
    "substring-before": ["substring-before(/data/day, '-')", "substring-before(/data/a, /data/b)"],
    "substring-after": ["substring-after(/data/day, '-')", "substring-after(/data/a, '')",
                        "substring-after(../ra, 'a')"],
    "substring": ["substring(/data/a, 2)", "substring(/data/a, /data/n, 2)", "substring(/data/a, 1.5, /data/d)",
                  "substring(/data/day, 6, 2)", "substring(../ra, -1 div 0)"],
    "substr": ["substr(/data/a, 0, 2)", "substr(/data/a, /data/n)", "substr(/data/day, 0, 4)", "substr(../ra, -1)"],
    "string-length": ["string-length(/data/a)", "string-length()", "string-length(/data/n)", "string-length(../ra)"],
    "normalize-space": ["normalize-space(/data/a)", "normalize-space()", "normalize-space(../ra)"],
    "translate": ["translate(/data/a, 'ab1', 'xy')", "translate(/data/a, /data/b, '')", "translate(../ra, 'a', 'bc')"],
    "regex": ["regex(/data/a, '^[a-z]+$')", "regex(/data/n, '[0-9]{2}')", "regex(/data/a, /data/b)",
              "regex(../ra, 'a|1')", "regex(/data/day, '-0[1-5]-')"],
    "digest": ["digest(/data/a, 'SHA-256')", "digest(/data/a, 'MD5', 'hex')", "digest(../ra, 'SHA-1', 'base64')"],
    "base64-decode": ["base64-decode(/data/a)", "base64-decode('YQ==')", "base64-decode(../ra)"],
    "number": ["number(/data/a)", "number(/data/n)", "number()", "number(/data/bool)", "number(/data/day)",
               "number(../ra)", "number('') = number('')", "number(/data/r/rn)"],
    "sum": ["sum(/data/r/rn)", "sum(/data/r[ra = 'a']/rn)", "sum(/data/n)", "sum(../../r/rn) + ../rn",
            "sum(/data/none)"],
    "min": ["min(/data/r/rn)", "min(/data/n, /data/d, 3)", "min(../../r/rn)", "min(/data/n, /data/r/rn)"],
    "max": ["max(/data/r/rn)", "max(/data/n, /data/d)", "max(../../r/rn) = ../rn", "max(/data/none)"],
    "floor": ["floor(/data/d)", "floor(/data/n div 2)", "floor(../rn div 3)", "floor(-0.5)"],
    "ceiling": ["ceiling(/data/d)", "ceiling(/data/n div 2)", "ceiling(../rn div 3)", "ceiling(/data/a)"],
    "int": ["int(/data/d)", "int(/data/a)", "int(-/data/d)", "int(../rn div 2)", "int(/data/moment)"],
    "round": ["round(/data/d)", "round(/data/d, 1)", "round(/data/d * 10, -1)", "round(/data/d, /data/n)",
              "round(../rn div 3, 2)", "round(-2.5)"],
    "abs": ["abs(/data/d)", "abs(-/data/n)", "abs(/data/a)", "abs(../rn)"],
    "pow": ["pow(/data/d, 2)", "pow(/data/n, /data/d)", "pow(../rn, 0.5)", "pow(0, -1)"],
    "sqrt": ["sqrt(/data/d)", "sqrt(/data/n)", "sqrt(../rn)"],
    "exp": ["exp(/data/d)", "exp(/data/n)", "exp(../rn)"],
    "exp10": ["exp10(/data/d)", "exp10(/data/n)", "exp10(../rn)"],
    "log": ["log(/data/d)", "log(/data/n)", "log(../rn)"],
    "log10": ["log10(/data/d)", "log10(/data/n)", "log10(../rn)"],
    "sin": ["sin(/data/d)", "sin(../rn)"],
    "cos": ["cos(/data/d)", "cos(../rn)"],
    "tan": ["tan(/data/d)", "tan(../rn)"],
    "asin": ["asin(/data/d)", "asin(../rn)"],
    "acos": ["acos(/data/d)", "acos(../rn)"],
    "atan": ["atan(/data/d)", "atan(../rn)"],
    "atan2": ["atan2(/data/d, /data/n)", "atan2(../rn, 2)"],
    "pi": ["pi() * /data/n", "pi()"],
    "now": ["now() > /data/moment", "now() >= /data/day", "substring(string(now()), 1, 16)",
            "decimal-date-time(now())"],
    "today": ["/data/day <= today()", "today() + 1 > /data/day", "string(today())", "../rday = today()",
              "(today() - /data/day) div 365.25 > 18", "format-date(today(), '%Y')"],
    "date": ["date(/data/day)", "date(/data/a)", "date(/data/n)", "date('2026-05-04') > /data/day", "date(../rday) + 7",
             "date(/data/moment)", "date(/data/day + 30)"],
    "date-time": ["date-time(/data/moment)", "date-time(/data/day)", "date-time(/data/a)", "date-time(/data/d)"],
    "decimal-date-time": ["decimal-date-time(/data/day)", "decimal-date-time(/data/moment)",
                          "decimal-date-time(../rday)"],
    "decimal-time": ["decimal-time(/data/time)", "decimal-time(/data/moment)", "decimal-time(/data/a)"],
    "format-date": ["format-date(/data/day, '%Y-%m')", "format-date(/data/a, '%d.%n.%y')",
                    "format-date(../rday, '%a %b %e')",
                    "format-date(/data/day, '%W %j')", "format-date(/data/moment, '%H')"],
    "format-date-time": ["format-date-time(/data/moment, '%H:%M:%S %3')", "format-date-time(/data/day, '%Y %h')",
                         "format-date-time(../rday, '%e/%n')"],
    "current": ["count(current()/../rr)", "/data/r[rn = current()/../rn]/ra", "current()", "current()/../rn"],
    "instance": ["instance('l')/root/item[name = /data/one]/size", "count(instance('l')/root/item[size > /data/n])",
                 "instance('l')/root/item[name = current()/../rone]/label", "sum(instance('l')/root/item/size)",
                 "instance('l')/root/item[name = /data/one][size > 1]/name", "instance('l')/root/item[2]/name"],
    "pulldata": ["pulldata('l', 'size', 'name', /data/one)", "pulldata('l', 'label', 'size', /data/n)",
                 "pulldata('l', 'size', 'name', ../rone)"],
    "count-non-empty": ["count-non-empty(/data/r/ra)", "count-non-empty(/data/a)", "count-non-empty(../rr/rra)",
                        "count-non-empty(/data/a | /data/b | /data/n)"],
    "once": ["once(/data/a)", "once(/data/n + 1)", "once(../rn)"],
    "indexed-repeat": ["indexed-repeat(/data/r/rn, /data/r, 1)", "indexed-repeat(/data/r/ra, /data/r, /data/n)",
                       "indexed-repeat(/data/r/rn, /data/r, position(current()/..) - 1)",
                       "indexed-repeat(/data/r/rr/rra, /data/r, 1, /data/r/rr, 2)"],
    "randomize": ["count(randomize(/data/r))", "string(randomize(/data/r/rn, 7))",
                  "count(randomize(/data/r/ra, /data/n))"],
    "if": ["if(/data/n > 1, /data/a, /data/b)", "if(/data/bool, 1, 'x')", "if(../rn, ../ra, ../../a)",
           "if(/data/a = '', 0, if(/data/n < 2, /data/d, /data/n))", "if(/data/r, sum(/data/r/rn), 'none')"],
    "coalesce": ["coalesce(/data/a, /data/b)", "coalesce(/data/n, 0) + 1", "coalesce(../ra, /data/a, 'none')",
                 "coalesce(/data/r/ra, 'x')"],
    "selected": ["selected(/data/many, 'x')", "selected(/data/many, /data/one)", "selected(/data/one, 'y')",
                 "selected(../../many, ../rone)", "selected(/data/a, 'b')", "selected(/data/many, '')"],
    "selected-at": ["selected-at(/data/many, 0)", "selected-at(/data/many, /data/n)", "selected-at(../../many, ../rn)"],
    "count-selected": ["count-selected(/data/many)", "count-selected(/data/a)", "count-selected(../rone)"],
    "jr:choice-name": ["jr:choice-name(/data/one, '/data/one')",
                       "jr:choice-name(selected-at(/data/many, 0), '/data/many')",
                       "jr:choice-name(../rone, '/data/r/rone')", "jr:choice-name('x', '/data/one')"],
    "jr:itext": ["jr:itext('x-label')", "jr:itext(concat(/data/one, '-label'))", "jr:itext(/data/a)"],
    "checklist": ["checklist(1, 2, /data/bool, /data/n > 1, /data/a = 'a')",
                  "checklist(-1, /data/n, true(), ../rn = 1)"],
    "weighted-checklist": ["weighted-checklist(1, 5, /data/n > 1, 2, /data/bool, /data/n)",
                           "weighted-checklist(-1, -1, ../rn = 1, ../rn)"],
    "boolean-from-string": ["boolean-from-string(/data/bool)", "boolean-from-string(/data/a)",
                            "boolean-from-string(../rn)"],
    "random": ["random() < 2", "/data/n + floor(random())"],
    "uuid": ["string-length(uuid())", "string-length(uuid(/data/n + 1))", "uuid() = /data/a"],
    "distance": ["distance(/data/trace)", "distance(/data/point, '48.7 8.8 0 0')", "distance(/data/r/rpoint)",
                 "distance(../rpoint, /data/point) > 10"],
    "area": ["area(/data/shape)", "area(/data/trace)", "area(/data/r/rpoint)"],
    "geofence": ["geofence(/data/point, /data/shape)", "geofence(../rpoint, /data/shape)",
                 "geofence(/data/point, '0 0 0 0;0 90 0 0;90 90 0 0;0 0 0 0')"],
}  # fmt: skip
"""{function: expressions that call it, with each of its shapes of arguments}. A test sees that none is missing."""

OPERATORS: Mapping[str, Sequence[str]] = {
    "arithmetic": ["/data/n + 1", "/data/n - /data/d", "/data/n * /data/d", "/data/n div /data/d", "/data/n mod 3",
                   "-/data/n", "/data/d mod -2", "/data/a + 1", "../rn + ../../n", "/data/day + 1",
                   "/data/moment - 0.5",
                   "/data/bool + 1", "/data/n div 0", "0.1 + 0.2", "/data/one * 2"],
    "comparison": ["/data/n = /data/d", "/data/a = /data/b", "/data/a != ''", "/data/n < /data/d",
                   "/data/day >= '2026-01-01'",
                   "/data/day < /data/moment", "/data/a = 1", "/data/n = '1'", "/data/a > /data/b",
                   "/data/bool = 'true'",
                   "/data/n = ''", "../rn = ../../n", "../rday > /data/day", "/data/one = /data/a", "/data/d = 0.1",
                   "/data/n = true()", "/data/many = 'x'", "/data/day = /data/a", "/data/time < '12:00'",
                   "/data/day = date('2026-05-04')", "/data/one != 'x'", "/data/n != /data/n"],
    "logic": ["/data/n > 1 and /data/a = 'a'", "/data/bool or /data/n", "not(/data/a = 'a' or ../rn > 2)",
              "/data/a and /data/b", "/data/n > 1 and (/data/d < 2 or /data/a != '')"],
    "node-sets": ["/data/r/rn = 2", "/data/r/rn != 2", "/data/r/rn > /data/n", "/data/r/ra = /data/r/rone",
                  "../../r/rn = ../rn",
                  "/data/r/rn = /data/a", "/data/r", "not(/data/r/ra = '')", "/data/r/rr/rra = 'a'",
                  "/data/r/rday < /data/day",
                  "/data/r = true()", "/data/r/rn <= ''"],
    "paths": ["/data/r[1]/rn", "/data/r[2]/ra", "/data/r[/data/n]/rn", "/data/r[rn = 2]/ra",
              "/data/r[rn > 1][ra != '']/rn",
              "/data/r[rr/rra = 'a']/rn", "//ra", "//rn[. > 2]", "/data/r[1]/rr/*[1]", "count(/data/r/rr/*)", "../rn",
              "../../r[1]/rn",
              "../preceding-sibling::r[1]/rn", "../rr[1]/rra", "/data/r/rr[2]/rra",
              "count(/data/r[rn = 1]/rr[rra != ''])", "/data/a | /data/b",
              "count(/data/r/rn | /data/n)", "/data/none/deeper", "/data/@id", "./../rn",
              "/data/r[rone = /data/one]/rn", "/data/r[last() - 1]/rn", "count(/data/r[ra = ''])",
              "/data/r[not(rn > 1)]/ra",
              "/data/r/rr/node()", "/data/r/../n", "/data/r[rn = current()/../rn and ra]/rone"],
}  # fmt: skip

_BODY = {
    "one": '<select1 ref="/data/one">{items}</select1>',
    "many": '<select ref="/data/many">{items}</select>',
    "rone": '<select1 ref="/data/r/rone">{items}</select1>',
}
_ITEMS = '<itemset nodeset="instance(\'l\')/root/item"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset>'
_LIST = "".join(
    f"<item><name>{name}</name><itextId>{name}-label</itextId><label>{name.upper()} 1</label><size>{size}</size></item>"
    for name, size in (("x", 1), ("y", 2), ("z", ""), ("a", 3))
)
_TEXTS = "".join(f'<text id="{name}-label"><value>{name.upper()} 12</value></text>' for name in "xyza")


def watched(expressions: Sequence[str]) -> Form:
    """The form in which these expressions are watched."""
    inner = [text for text in expressions if any(mark in text for mark in ("../", "(..", "/..)"))]
    outer = [text for text in expressions if text not in inner]
    binds = [f'<bind nodeset="/data/{name}" type="{kind}"/>' for name, kind in ROOT.items()]
    binds += [f'<bind nodeset="/data/r/{name}" type="{kind}"/>' for name, kind in ENTRY.items()]
    watchers: dict[str, list[str]] = {"/data": [], "/data/r": []}
    for top, texts in (("/data", outer), ("/data/r", inner)):
        for number, text in enumerate(texts):
            binds += _watchers(top, f"w{number}", text)
            watchers[top] += [f"w{number}{letter}" for letter in "abcdef"]
    leaves = {top: "".join(f"<{name}/>" for name in names) for top, names in watchers.items()}
    entry = "".join(f"<{name}/>" for name in ENTRY) + "<rr><rra/></rr>" + leaves["/data/r"]
    instance = "".join(f"<{name}/>" for name in ROOT) + f"<r>{entry}</r>" + leaves["/data"]
    body = "".join(_control("/data", name) for name in [*ROOT, *watchers["/data"]])
    inside = "".join(_control("/data/r", name) for name in [*ENTRY, *watchers["/data/r"]])
    body += (
        f'<group ref="/data/r"><repeat nodeset="/data/r">{inside}<group ref="/data/r/rr"><repeat nodeset="/data/r/rr">'
        '<input ref="/data/r/rr/rra"/></repeat></group></repeat></group>'
    )
    secondary = f'<instance id="l"><root>{_LIST}</root></instance>'
    return form(instance, secondary + "".join(binds), body, itext=f'<translation lang="de">{_TEXTS}</translation>')


def _watchers(top: str, name: str, text: str) -> list[str]:
    rules = (
        f"relevant={quoteattr(text)}",
        f"constraint={quoteattr(f'({text}) = .')}",
        f"relevant={quoteattr(f'({text}) > 2')}",
        f"required={quoteattr(f'string-length(string({text})) mod 2 = 1')}",
        f"calculate={quoteattr(text)}",
        f"constraint={quoteattr(f'contains(../{name}e, 1) or string(../{name}e) < .')}",
    )
    return [f'<bind nodeset="{top}/{name}{letter}" {rule}/>' for letter, rule in zip("abcdef", rules, strict=True)]


def _control(top: str, name: str) -> str:
    if name in _BODY:
        return _BODY[name].format(items=_ITEMS)
    return "" if name.startswith("w") and name.endswith("e") else f'<input ref="{top}/{name}"/>'
