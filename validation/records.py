"""A record's tree: made new from the form, restored from XML, written as XML again.

A restored record may come from an older version of the form: what the form has and the record lacks is added empty
of answers (with the form's defaults), what the record has and the form lacks is kept where it stands.
"""

from __future__ import annotations

from validation.errors import FormError, Place, Problem
from validation.form import Form
from validation.reading import OPENROSA, TEMPLATE, detached
from validation.tree import Node, parse, serialize


def new_record(form: Form) -> Node:
    """The document node of an empty record. A repeat whose entries nobody may add has at least one."""
    root = form.template.copy()
    top = next(root.elements())
    for nodeset, repeat in form.repeats.items():
        if repeat.fixed and repeat.count is None:
            _add_missing(form, top, nodeset)
    return root


def _add_missing(form: Form, top: Node, nodeset: str) -> None:
    steps = nodeset.strip("/").split("/")
    parents = [top]
    for step in steps[1:-1]:
        parents = [child for parent in parents for child in parent.elements() if child.qualified == step]
    for parent in parents:
        if not any(child.qualified == steps[-1] for child in parent.elements()):
            insert(form, parent, nodeset, form.repeat_templates[nodeset].copy())


def insert(form: Form, parent: Node, nodeset: str, node: Node) -> None:
    """Put a node among its siblings: after the last of its name, else where the form has it."""
    above, _, name = nodeset.rpartition("/")
    place = form.order.get(nodeset, len(form.order))
    index = len(parent.children)
    for number in range(len(parent.children) - 1, -1, -1):
        sibling = parent.children[number].qualified
        if sibling == name:
            index = number + 1
            break
        if form.order.get(f"{above}/{sibling}", -1) > place:
            index = number
    parent.insert(index, node)


def restored_record(form: Form, xml: str | bytes) -> Node:
    """The document node of a record read from XML. FormError where it is no record of this form.

    A record without form id is taken by the name of its root element.
    """
    document = parse(xml)
    top = next(document.elements(), None)
    template = next(form.template.elements())
    ids = (template.attributes.get("id", ""), top.attributes.get("id", "") if top is not None else "")
    if top is None or top.name != template.name or ("" not in ids and ids[0] != ids[1]):
        fields = {"expected": ids[0] or template.name, "found": ids[1] or (top.name if top is not None else "")}
        raise FormError([Problem("form.other_record", Place(nodeset=f"/{template.qualified}"), fields)])
    top = detached(top)
    _complete(form, top, template, f"/{template.qualified}")
    return Node.document(top)


def _complete(form: Form, top: Node, template: Node, nodeset: str) -> None:
    """Add what the form has and the record lacks; repeats keep the entries the record has."""
    work = [(top, template, nodeset)]
    while work:
        node, model, where = work.pop()
        for key, value in model.attributes.items():
            if key not in node.attributes:
                node.set_attribute(key, value)
        present: dict[tuple[str, str], list[Node]] = {}
        for child in list(node.elements()):
            if TEMPLATE in child.attributes:
                node.remove(child)
            else:
                present.setdefault((child.namespace, child.name), []).append(child)
        models = {f"{where}/{child.qualified}": child for child in reversed(list(model.elements()))}
        models.update(
            (path, entry) for path, entry in form.repeat_templates.items() if path.rpartition("/")[0] == where
        )
        for below, wanted in reversed(models.items()):
            found = present.get((wanted.namespace, wanted.name), [])
            for child in found:
                child.prefix = wanted.prefix  # paths are written with the form's prefixes
                work.append((child, wanted, below))
            if not found and below not in form.repeats:
                insert(form, node, below, wanted.copy())


def meta(root: Node, name: str, *, make: bool = False) -> Node | None:
    """The node of the record's metadata with this name (instanceID, deprecatedID); made where `make` is set."""
    top = next(root.elements())
    block = top.child("meta")
    if block is None:
        if not make:
            return None
        block = Node.element("meta", namespace=OPENROSA, prefix="orx")
        if top.namespaces_in_scope().get("orx") != OPENROSA:
            block.namespaces = {"orx": OPENROSA}
        top.append(block)
    found = block.child(name)
    if found is None and make:
        found = Node.element(name, namespace=block.namespace, prefix=block.prefix)
        block.append(found)
    return found


def written(root: Node, *, draft: bool) -> str:
    """The record as XML; what is not relevant is left out, in a draft it is kept."""
    top = next(root.elements())
    if draft:
        return serialize(top)
    twin = top.copy()
    work = [(top, twin)]
    while work:
        source, target = work.pop()
        for attribute in source.attribute_nodes():
            if not attribute.relevant:
                del target.attributes[attribute.content]
        pairs = list(zip(source.children, target.children, strict=True))
        for child, copied in pairs:
            if child.relevant:
                work.append((child, copied))
            else:
                target.remove(copied)
    return serialize(twin)
