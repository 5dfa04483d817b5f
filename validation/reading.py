"""What reading an XForm needs everywhere: names, references, expressions, texts, and the list of what is wrong.

A reader never stops at the first fault: `Reading` collects every Problem with its nodeset and attribute, and
`validation.xform` raises one FormError with all of them at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from validation.errors import Place, Problem
from validation.form import Text
from validation.tree import Node
from validation.xpath.lint import check_expression
from validation.xpath.parser import Expression, parse
from validation.xpath.syntax import Call, Literal

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
OPENROSA = "http://openrosa.org/xforms"
ODK = "http://www.opendatakit.org/xforms"
ENTITIES = "http://www.opendatakit.org/xforms/entities"
LB = "https://lotsenbuch.example/xform"

FORM_NAMESPACES = frozenset({XFORMS, ODK, f"{ODK}/"})
"""Where form elements stand. Old converters wrote ODK's address with a slash at the end."""

ITEMSETS = "jr://file-csv/itemsets.csv"
"""The file of all external choices (`select_one_external`); its column list_name says which list a row is of."""

CSV = "jr://file-csv/"
"""Where files of CSV lie for a form."""

TEMPLATE = f"{{{JAVAROSA}}}template"
_ITEXT = re.compile(r"\s*jr:itext\s*\(")


def file_name(source: str) -> str:
    """'towns.csv' of 'jr://file-csv/towns.csv'."""
    return source.rpartition("/")[2]


def declared(top: Node) -> Iterator[tuple[Node, str]]:
    """Every `meta/entity` below a node that names its data set (ODK XForms, "Entities"), with that name."""
    for node in top.descendants():
        in_meta = node.name == "entity" and node.parent is not None and node.parent.name == "meta"
        if in_meta and node.attributes.get("dataset"):
            yield node, node.attributes["dataset"]


def clark(namespace: str, name: str) -> str:
    """'{uri}name', or 'name' without a namespace."""
    return f"{{{namespace}}}{name}" if namespace else name


@dataclass(slots=True)
class Reading:
    """The state of reading one form.

    `problems` make the form unusable, `warnings` are mistakes it can live with: what they name reads as empty or is
    not asked. `nodes` maps every nodeset of the primary instance to its defining node.

    `alias` maps nodesets written with other prefixes to the ones in `nodes`; `queried` names the lists of external
    choices that questions ask for, with the file they come from.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    alias: dict[str, str] = field(default_factory=dict)
    queried: dict[str, str] = field(default_factory=dict)
    expressions: list[tuple[Expression, str, str]] = field(default_factory=list)
    _said: set[tuple[object, ...]] = field(default_factory=set)

    def problem(self, code: str, nodeset: str = "", column: str = "", **fields: str) -> None:
        """Note one thing that is wrong; the same thing at the same place is noted once."""
        if self._first("problem", code, nodeset, column, fields):
            self.problems.append(Problem(code, Place(nodeset=nodeset, column=column), fields))

    def warn(self, code: str, nodeset: str = "", column: str = "", **fields: str) -> None:
        """Note a mistake that the form can live with."""
        if self._first("warning", code, nodeset, column, fields):
            self.warnings.append(Problem(code, Place(nodeset=nodeset, column=column), fields))

    def _first(self, *what: str | Mapping[str, str]) -> bool:
        """Whether this is said for the first time."""
        key = tuple(part if isinstance(part, str) else tuple(sorted(part.items())) for part in what)
        if key in self._said:
            return False
        self._said.add(key)
        return True

    def unsupported(self, what: str, nodeset: str = "", column: str = "") -> None:
        """Note a construct that is understood but not supported, by its name."""
        self.problem("form.unsupported", nodeset, column, what=what)

    def expression(self, source: str | None, nodeset: str, attribute: str, *, check: bool = True) -> Expression | None:
        """The parsed expression; None for none, and for a broken one, which is noted.

        With `check` the nodes it names must exist, seen from `nodeset`; this is looked at when all nodes are known.
        """
        if source is None or not source.strip():
            return None
        found = check_expression(source)
        if found:
            self.problems.extend(
                replace(problem, place=replace(problem.place, nodeset=nodeset, column=attribute)) for problem in found
            )
            return None
        parsed = parse(source)
        if check:
            self.expressions.append((parsed, nodeset, attribute))
        return parsed

    def reference(
        self, source: str | None, context: str, column: str = "ref", *, must_exist: bool = True
    ) -> str | None:
        """The nodeset a reference points to, as the primary instance writes it; None and a Problem where there is none.

        References may be relative to the element around them; predicates are dropped. Without `must_exist` a
        reference to nothing is a warning.
        """
        if source is None or not source.strip():
            self.problem("form.no_reference", context, column)
            return None
        path = absolute(source, context)
        if path is None:
            self.unsupported(source.strip(), context, column)
            return None
        found = self.known(path)
        if found is None:
            note = self.problem if must_exist else self.warn
            note("form.unknown_reference", context, column, name=path)
        return found

    def known(self, nodeset: str) -> str | None:
        """The nodeset as the primary instance writes it, or None where it has no such node."""
        return nodeset if nodeset in self.nodes else self.alias.get(nodeset)

    def text(self, source: str | None, nodeset: str, attribute: str) -> Text | None:
        """A text given in an attribute: plain, or `jr:itext(…)`."""
        if source is None or not source.strip():
            return None
        if not _ITEXT.match(source):
            return Text(parts=(source.strip(),))
        parsed = self.expression(source, nodeset, attribute)
        if parsed is None:
            return None
        tree = parsed.tree
        if isinstance(tree, Call) and len(tree.arguments) == 1 and isinstance(tree.arguments[0], Literal):
            return Text(itext=tree.arguments[0].value)
        return Text(parts=(parsed,))

    def content(self, node: Node, nodeset: str, *, check: bool = True) -> tuple[str | Expression, ...]:
        """The parts of a label or value element: text and `<output>` expressions, outer white space removed."""
        if len(node.children) == 1 and node.children[0].kind == "text":  # most of a large form's texts
            plain = node.children[0].content.strip()
            return (plain,) if plain else ()
        parts: list[str | Expression] = []
        for child in node.children:
            if child.kind == "text":
                parts.append(child.content)
            elif child.kind == "element" and child.name == "output" and child.namespace in FORM_NAMESPACES:
                written = child.attributes.get("value") or child.attributes.get("ref")
                parsed = self.expression(written, nodeset, "output", check=check)
                if parsed is not None:
                    parts.append(parsed)
                elif not (written or "").strip():
                    self.problem("form.no_reference", nodeset, "output")
            elif child.kind == "element":
                self.unsupported(f"<{child.qualified}>", nodeset, node.name)
        return _trimmed(parts)


def _trimmed(parts: list[str | Expression]) -> tuple[str | Expression, ...]:
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return tuple(part for part in parts if part != "")


def absolute(source: str, context: str) -> str | None:
    """The nodeset of a simple path, without predicates; None where it is no simple path ('//', functions, '*')."""
    bare = _without_predicates(source.strip())
    if bare is None or "//" in bare:
        return None
    steps = [] if bare.startswith("/") else [step for step in context.split("/") if step]
    for written in bare.strip("/").split("/"):
        step = written.strip()
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step in (".", "current()"):
            continue
        elif not step or re.search(r"[()*\s]", step):
            return None
        else:
            steps.append(step)
    return "/" + "/".join(steps)


def _without_predicates(source: str) -> str | None:
    depth, kept = 0, []
    for character in source:
        if character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth < 0:
                return None
        elif not depth:
            kept.append(character)
    return "".join(kept) if not depth else None


def attributes_of(node: Node, *names: str) -> Mapping[str, str]:
    """All attributes of an element but those named (Clark names), as written."""
    return {key: value for key, value in node.attributes.items() if key not in names}


def detached(node: Node) -> Node:
    """An instance's root taken out of the form: own declarations, form namespace and layout white space removed.

    Names without a prefix stand in XForms' default namespace inside a form; a submission writes them in none.
    """
    scope = node.namespaces_in_scope()
    if node.parent is not None:
        node.parent.remove(node)
    used: set[str] = set()
    written: set[str] = set()
    work = [node]
    while work:
        item = work.pop()
        if item.namespace == XFORMS and not item.prefix:
            item.namespace = ""
        if item.namespaces:
            item.namespaces = {p: uri for p, uri in item.namespaces.items() if uri not in (XFORMS, "")} or None
        used.add(item.prefix)
        if item.attributes:
            written.update(key[1:].rpartition("}")[0] for key in item.attributes if key[0] == "{" and key != TEMPLATE)
        children = item.children
        if not children or (len(children) == 1 and children[0].kind == "text"):
            continue
        elements = [child for child in children if child.kind == "element"]
        if len(elements) != len(children):
            texts = [child for child in children if child.kind == "text" and (not elements or child.content.strip())]
            kept = {id(child) for child in (*elements, *texts)}
            item.keep([child for child in children if id(child) in kept])
        work.extend(elements)
    declared = {p: uri for p, uri in scope.items() if p != "xml" and uri not in (XFORMS, "")}
    node.namespaces = {p: uri for p, uri in declared.items() if p in used or (p and uri in written)}
    return node
