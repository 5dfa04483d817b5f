"""XForm XML -> Form: the only place where definitions are parsed.

Everything that is wrong is collected and raised as one FormError. A construct that is not supported is a Problem that
names it; nothing of a form is dropped in silence. What belongs to others (attributes in foreign namespaces) is kept.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from validation import dag
from validation.body import ACTIONS, Element, read_action, read_body
from validation.datatypes import canonical, whole
from validation.errors import FormError
from validation.form import Action, Bind, Control, Form, Itext, ItextValue, Repeat, Text
from validation.reading import (
    CSV,
    FORM_NAMESPACES,
    JAVAROSA,
    LB,
    OPENROSA,
    TEMPLATE,
    XFORMS,
    XHTML,
    Reading,
    clark,
    declared,
    detached,
    file_name,
)
from validation.tree import Node, parse, uncollected
from validation.xpath.parser import Expression, instances, references

__all__ = ["LB", "read_form"]

_MODEL_ELEMENTS = frozenset({"itext", "instance", "bind", "submission"})
_LOGIC = ("relevant", "constraint", "required", "readonly", "calculate")
_METHODS = frozenset({"", "post", "form-data-post"})
_PRELOADS = {
    "uid": (),
    "date": ("today",),
    "timestamp": ("start", "end"),
    "property": (),
}


@uncollected()
def read_form(xform_xml: str | bytes) -> Form:
    """The form an XForm document defines. FormError with every Problem in it, each with nodeset and attribute."""
    document = parse(xform_xml)
    digest = hashlib.sha256(xform_xml.encode("utf-8") if isinstance(xform_xml, str) else xform_xml).hexdigest()
    try:
        return _Form(document, digest).read()
    finally:
        document.dissolve()


class _Form:
    """One reading of one document."""

    def __init__(self, document: Node, digest: str) -> None:
        self.reading = Reading()
        self.document = document
        self.digest = digest
        self.actions: list[Action] = []
        self.bind_ids: dict[str, str] = {}
        self.marked: set[str] = set()

    def read(self) -> Form:
        reading = self.reading
        model, body, title = self.parts()
        primary = next((node for node in model.elements() if _is(node, XFORMS, "instance")), None)
        source = next(primary.elements(), None) if primary is not None else None
        if primary is None or source is None:
            reading.problem("form.no_instance")
            raise FormError(reading.problems)
        unreviewed = source.attributes.get(mark := clark(LB, "unreviewed"), "").split()
        if mark in source.attributes:
            del source.attributes[mark]  # it says something of the form only
        root = detached(source)
        templates, order = self.register(root)
        for node in model.elements():
            if node.namespace not in FORM_NAMESPACES or node.name not in (_MODEL_ELEMENTS | ACTIONS):
                reading.unsupported(f"<{node.qualified}>", column="model")
        itext = self.itext(model)
        binds = self.binds(model)
        inside, external = self.secondary(model, primary)
        elements, actions, repeats = read_body(reading, body, f"/{root.qualified}", self.bind_ids)
        external.update({name: file for name, file in reading.queried.items() if name not in inside | external})
        for node in model.elements():
            if node.namespace in FORM_NAMESPACES and node.name in ACTIONS:
                made = read_action(reading, node, f"/{root.qualified}", None, None, self.bind_ids)
                if made is not None:
                    actions.insert(len(self.actions), made)
                    self.actions.append(made)
        self.refuse_templates_without_repeat(templates, repeats)
        for nodeset in repeats:
            templates.setdefault(nodeset, reading.nodes[nodeset].copy())
        _cast_defaults(root, f"/{root.qualified}", binds)
        for nodeset, template in templates.items():
            _cast_defaults(template, nodeset, binds)
        self.check_expressions(inside.keys() | external.keys())
        self.check_itext(itext, binds, elements)
        graph, cycles = dag.build(binds, elements, repeats, reading.nodes, itext)
        attributes = self.attributes(model, body)
        if reading.problems or cycles:
            raise FormError([*reading.problems, *cycles])
        return Form(
            id=self.form_id(root),
            version=root.attributes.get("version") or root.attributes.get(clark(OPENROSA, "version")) or "",
            title=title,
            hash=self.digest,
            template=Node.document(root),
            binds=binds,
            body=elements,
            itext=itext,
            instances=inside,
            external=external,
            repeats=repeats,
            repeat_templates=templates,
            order=order,
            followers={repeat: _followers(repeat, order) for repeat in repeats},
            graph=graph,
            actions=tuple(actions),
            namespaces=model.namespaces_in_scope(),
            attributes=attributes,
            warnings=tuple(reading.warnings),
            unreviewed=frozenset(code.lower() for code in unreviewed),
            entity_lists=self.entity_lists(external, (root, *templates.values())),
        )

    def parts(self) -> tuple[Node, Node, str]:
        """Model, body and title. FormError where the document is no XForm."""
        html = next(self.document.elements(), None)
        head = html.child("head") if html is not None and _is(html, XHTML, "html") else None
        body = html.child("body") if html is not None else None
        models = [node for node in head.elements() if _is(node, XFORMS, "model")] if head is not None else []
        if head is None or body is None or not models:
            self.reading.problem("form.not_xform")
            raise FormError(self.reading.problems)
        if len(models) > 1:
            self.reading.unsupported("<model> (2)")
        title = head.child("title")
        return models[0], body, title.value.strip() if title is not None else ""

    def form_id(self, root: Node) -> str:
        return (root.attributes.get("id") or root.namespace or root.name).strip()

    def attributes(self, model: Node, body: Node) -> Mapping[str, str]:
        found = dict(model.attributes)
        if "class" in body.attributes:
            found["body/class"] = body.attributes["class"]
        for node in model.elements():
            if _is(node, XFORMS, "submission"):
                found.update({f"submission/{name}": value for name, value in node.attributes.items()})
        method = found.get("submission/method", "").strip()
        if method not in _METHODS:
            self.reading.unsupported(f'method="{method}"', column="submission")
        if found.get("submission/base64RsaPublicKey"):
            self.reading.unsupported("base64RsaPublicKey (encrypted form)", column="submission")
        return found

    def register(self, root: Node) -> tuple[dict[str, Node], dict[str, int]]:
        """Note every nodeset of the primary instance and take the repeats' templates out of it.

        Gives {nodeset: template} and {nodeset: place among its siblings}.
        """
        templates: dict[str, Node] = {}
        order: dict[str, int] = {}
        nodes = self.reading.nodes
        work: list[tuple[Node, str]] = [(root, f"/{root.qualified}")]
        while work:
            node, nodeset = work.pop()
            nodes.setdefault(nodeset, node)
            inside: list[tuple[Node, str]] = []
            for attribute in node.attribute_nodes():
                if not (attribute.namespace == JAVAROSA and attribute.name == "template"):
                    nodes.setdefault(f"{nodeset}/@{attribute.qualified}", attribute)
            for number, child in enumerate(list(node.elements())):
                below = f"{nodeset}/{child.qualified}"
                order.setdefault(below, number)
                if TEMPLATE in child.attributes:
                    del child.attributes[TEMPLATE]
                    node.remove(child)
                    templates.setdefault(below, child)
                inside.append((child, below))
            work.extend(reversed(inside))
        for nodeset in nodes:
            if ":" in nodeset:
                plain = "/".join(step.rpartition(":")[2] for step in nodeset.split("/"))
                self.reading.alias.setdefault(plain, nodeset)
        return templates, order

    def refuse_templates_without_repeat(self, templates: dict[str, Node], repeats: Mapping[str, Repeat]) -> None:
        for nodeset in templates.keys() - repeats.keys():
            self.reading.problem("form.template_without_repeat", nodeset, "jr:template", name=nodeset)

    def secondary(self, model: Node, primary: Node) -> tuple[dict[str, Node], dict[str, str]]:
        """The secondary instances: those written in the form and, by src, those from files."""
        inside: dict[str, Node] = {}
        external: dict[str, str] = {}
        for node in list(model.elements()):
            if not _is(node, XFORMS, "instance") or node is primary:
                continue
            name = node.attributes.get("id", "")
            if not name:
                first = next(node.elements(), None)
                name = (first.attributes.get("id") or first.name) if first is not None else ""
            if name in inside or name in external:
                self.reading.problem("form.two_instances", column="instance", name=name)
            elif node.attributes.get("src"):
                external[name] = node.attributes["src"].strip()
                if clark(LB, "entities") in node.attributes:
                    self.marked.add(name)
            else:
                content = next(node.elements(), None)
                inside[name] = Node.document(detached(content) if content is not None else Node.element("root"))
        return inside, external

    def entity_lists(self, external: Mapping[str, str], tops: Sequence[Node]) -> frozenset[str]:
        """The lists that are marked as lists of entities, and those of the data sets that the form itself declares."""
        own = {dataset for top in tops for _, dataset in declared(top)}
        return frozenset(
            name for name, source in external.items()
            if name in self.marked or (source.startswith(CSV) and file_name(source).removesuffix(".csv") in own)
        )  # fmt: skip

    def binds(self, model: Node) -> dict[str, Bind]:
        reading = self.reading
        found: dict[str, Bind] = {}
        for node in model.elements():
            if not _is(node, XFORMS, "bind"):
                continue
            if next(node.elements(), None) is not None:
                reading.unsupported("<bind> in <bind>", node.attributes.get("nodeset", ""))
            nodeset = reading.reference(node.attributes.get("nodeset"), self.root_path(), "bind", must_exist=False)
            if nodeset is None:
                continue
            if "id" in node.attributes:
                self.bind_ids[node.attributes["id"]] = nodeset
            made = self.bind(node, nodeset)
            found[nodeset] = self.merged(found[nodeset], made) if nodeset in found else made
        return found

    def merged(self, first: Bind, second: Bind) -> Bind:
        """Two binds for one node: what only one of them says holds; a contradiction is a Problem."""
        default = Bind(first.nodeset)
        changed: dict[str, Any] = {}
        for item in fields(Bind):
            old, new, unset = getattr(first, item.name), getattr(second, item.name), getattr(default, item.name)
            if isinstance(old, dict) and all(old.get(key, value) == value for key, value in new.items()):
                changed[item.name] = {**old, **new}
            elif old not in (unset, new) and new != unset:
                self.reading.problem("form.two_binds", first.nodeset, item.name, name=first.nodeset)
            elif new != unset:
                changed[item.name] = new
        return replace(first, **changed)

    def root_path(self) -> str:
        return next(iter(self.reading.nodes))

    def bind(self, node: Node, nodeset: str) -> Bind:
        reading, given = self.reading, dict(node.attributes)
        columns = {key[len(LB) + 2 :]: given.pop(key) for key in list(given) if key.startswith(f"{{{LB}}}")}

        def either(name: str) -> str | None:
            """JavaRosa's attributes are also found without their namespace in old forms."""
            return given.pop(clark(JAVAROSA, name), None) or given.pop(name, None)

        def expression(name: str) -> Expression | None:
            return reading.expression(given.pop(name, None), nodeset, name)

        written = given.pop("type", "string")
        kind = canonical(written)
        if kind is None:
            reading.problem("form.unknown_type", nodeset, "type", name=written)
        preload, params = either("preload"), either("preloadParams")
        if preload and (preload not in _PRELOADS or (_PRELOADS[preload] and params not in _PRELOADS[preload])):
            reading.unsupported(f"preload {preload} {params or ''}".strip(), nodeset, "preload")
        for name in ("nodeset", "id"):
            given.pop(name, None)
        made = Bind(
            nodeset=nodeset,
            type=kind or "string",
            relevant=expression("relevant"),
            constraint=expression("constraint"),
            required=expression("required"),
            readonly=expression("readonly"),
            calculate=expression("calculate"),
            constraint_message=reading.text(either("constraintMsg"), nodeset, "constraint_message"),
            required_message=reading.text(either("requiredMsg"), nodeset, "required_message"),
            warning=reading.expression(columns.get("warning"), nodeset, "warning"),
            warning_message=reading.text(columns.get("warning_message"), nodeset, "warning_message"),
            preload=preload,
            preload_params=params,
            columns=columns,
            attributes=given,
        )
        for name in given:
            local = name.rpartition("}")[2]
            if local.rstrip("0123456789") in _LOGIC:
                reading.unsupported(name, nodeset, "bind")
            elif name == local and name != "saveIncomplete":
                reading.warn("form.kept_attribute", nodeset, "bind", name=name)
        return made

    def itext(self, model: Node) -> Itext:
        found = next((node for node in model.elements() if _is(node, XFORMS, "itext")), None)
        if found is None:
            return Itext()
        values: dict[str, dict[str, ItextValue]] = {}
        default: str | None = None
        for translation in found.elements():
            if translation.name != "translation":
                self.reading.unsupported(f"<{translation.qualified}>", column="itext")
                continue
            language = translation.attributes.get("lang", "")
            if "default" in translation.attributes and default is None:
                default = language
            texts = values.setdefault(language, {})
            for text in translation.elements():
                texts[text.attributes.get("id", "")] = self.itext_value(text)
        languages = tuple(values)
        return Itext(languages, default if default is not None else next(iter(languages), None), values)

    def itext_value(self, text: Node) -> ItextValue:
        place = text.attributes.get("id", "")
        parts: dict[str, tuple[str | Expression, ...]] = {}
        media: dict[str, str] = {}
        for value in text.elements():
            form = value.attributes.get("form", "")
            if value.name != "value":
                self.reading.unsupported(f"<{value.qualified}>", place, "itext")
            elif form in ("", "long", "short", "guidance"):
                parts.setdefault(form, self.reading.content(value, place, check=False))
            else:
                media[form] = value.string_value().strip()
        plain = parts.get("") or parts.get("long") or parts.get("short") or ()
        return ItextValue(plain, media, parts.get("guidance", ()), parts.get("short", ()))

    def check_expressions(self, names: set[str]) -> None:
        """Every instance an expression names must exist; a node that does not is a warning, it reads as empty."""
        for expression, nodeset, attribute in self.reading.expressions:
            self.check_references(expression, nodeset, attribute)
            for name in sorted(instances(expression) - names):
                self.reading.problem("form.unknown_instance", nodeset, attribute, name=name)

    def check_references(self, expression: Expression, nodeset: str, attribute: str) -> None:
        for reference in sorted(references(expression, nodeset)):
            if reference.startswith("instance(") or "*" in reference or "//" in reference or reference == "/":
                continue
            if reference not in self.reading.nodes:
                self.reading.warn("form.unknown_reference", nodeset, attribute, name=reference)

    def check_itext(self, itext: Itext, binds: Mapping[str, Bind], elements: Sequence[Element]) -> None:
        """A text that no language has is a fault; one that some languages lack falls back to another."""
        for nodeset, text in _texts(binds, elements):
            if text is None or text.itext is None:
                continue
            values = [texts[text.itext] for texts in itext.values.values() if text.itext in texts]
            if not values:
                self.reading.warn("form.unknown_itext", nodeset, "itext", name=text.itext)
            for value in values:
                for part in (*value.parts, *value.guidance):
                    if isinstance(part, Expression):
                        self.check_references(part, nodeset, "output")


def _cast_defaults(top: Node, nodeset: str, binds: Mapping[str, Bind]) -> None:
    """Defaults are composed text (NFC); those of whole numbers lose their fraction, as in ODK Web Forms."""
    work = [(top, nodeset)]
    while work:
        node, where = work.pop()
        inside = [(child, f"{where}/{child.qualified}") for child in node.elements()]
        work.extend(inside)
        for name, text in node.attributes.items():
            node.attributes[name] = unicodedata.normalize("NFC", text)
        if not inside and node.children:
            text = unicodedata.normalize("NFC", node.value)
            node.value = whole(text) if where in binds and binds[where].type == "int" else text


def _followers(repeat: str, order: Mapping[str, int]) -> frozenset[str]:
    above = repeat.rpartition("/")[0]
    return frozenset(
        nodeset.rpartition("/")[2]
        for nodeset, place in order.items()
        if place > order[repeat] and nodeset.rpartition("/")[0] == above
    )


def _is(node: Node, namespace: str, name: str) -> bool:
    return node.name == name and node.namespace == namespace


def _texts(binds: Mapping[str, Bind], elements: Sequence[Element]) -> Iterator[tuple[str, Text | None]]:
    """Every text of the form with the nodeset it belongs to."""
    for bind in binds.values():
        for text in (bind.constraint_message, bind.required_message, bind.warning_message):
            yield bind.nodeset, text
    work = list(elements)
    for element in work:
        place = element.nodeset or "/"
        yield place, element.label
        if isinstance(element, Control):
            yield place, element.hint
            for item in element.items:
                yield place, item.label
        else:
            work.extend(element.children)
