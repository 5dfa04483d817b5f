"""The register of processing activities (Art. 30 GDPR) of a study, from what its forms and settings say themselves.

What a question is for (`purpose`), how sensitive it is (`sensitivity`) and how long it is kept (`retention`) stands in
the forms; who is responsible in study.toml; who received what in the events of the store. What nobody said is named as
missing, never filled in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.document import Block, Document, Heading, Paragraph, Table
from intake.retention import REGISTER
from intake.store.ring import CLASSES
from validation.form import Form
from validation.layout import question_label
from validation.messages import area, say

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study

RECEIVING = ("export", "handover")
"""Kinds of events by which something left the store; so does an access for the person's own data."""
DISCLOSURE = "disclosure"


@dataclass(frozen=True, slots=True)
class Kept:
    """Questions of a form that share class, purposes and class of retention. `months` is None where nobody said."""

    sensitivity: str
    purposes: tuple[str, ...]
    retention: str
    months: int | None
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """What the register says. `recipients` maps kind and recipient to how often; `roles` counts logins."""

    title: str
    controller: str
    protection_officer: str
    municipalities: tuple[str, ...]
    forms: Mapping[str, tuple[Kept, ...]]
    recipients: Mapping[tuple[str, str], int]
    roles: Mapping[str, int]
    retention: Mapping[str, int]
    encrypted: bool
    demo: bool = False

    def lacking(self) -> list[str]:
        """Codes of what nobody said and the article asks for."""
        classes = {each.retention for form in self.forms.values() for each in form if each.months is None}
        found = [name for name in ("controller", "protection_officer") if not getattr(self, name)]
        found += ["retention"] if classes - {"", REGISTER} else []
        found += ["purpose"] if any(not each.purposes for form in self.forms.values() for each in form) else []
        return found

    def json(self) -> str:
        told = {
            "title": self.title, "controller": self.controller, "protection_officer": self.protection_officer,
            "municipalities": self.municipalities, "encrypted": self.encrypted, "roles": dict(self.roles),
            "retention_months": dict(self.retention), "lacking": self.lacking(),
            "recipients": [{"kind": k, "to": to, "times": n} for (k, to), n in sorted(self.recipients.items())],
            "forms": {
                title: [
                    {"sensitivity": each.sensitivity, "purposes": each.purposes, "retention": each.retention,
                     "months": each.months, "questions": each.questions}
                    for each in kept
                ]
                for title, kept in self.forms.items()
            },
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def document(self, language: str = "de") -> Document:
        """The register as a page."""
        blocks = [*_head(self, language)]
        for title, kept in self.forms.items():
            blocks += [Heading(title, 3), _table(kept, language)]
        blocks += [*_rest(self, language)]
        demo = say("report_frame.demo", language) if self.demo else ""
        return Document(f"{say('register.title', language)}: {self.title}", tuple(blocks), language, demo)


def register_of(study: Study, store: Store, language: str = "de") -> Register:
    """The register of a study as its store has it now: the newest version of each published form."""
    from validation.xform import read_form

    newest = {each.form_id: each for each in store.forms()}
    names = {login.id: login.name for login in store.logins()}
    forms = [read_form(each.xform) for each in newest.values()]
    return Register(
        title=study.title,
        controller=study.controller,
        protection_officer=study.protection_officer,
        municipalities=tuple(f"{name} ({ags})" for ags, name in study.municipalities.items()),
        forms={form.title or form.id: kept_of(form, study.retention, language) for form in forms},
        recipients=Counter(
            (each.kind, names.get(each.about, each.about))
            for each in store.events(kinds=[*RECEIVING, "access"])
            if each.kind != "access" or each.about == DISCLOSURE
        ),
        roles=Counter(each.role for each in store.logins()),
        retention=study.retention,
        encrypted=not study.is_plain,
        demo=study.demo,
    )


def kept_of(form: Form, retention: Mapping[str, int], language: str = "de") -> tuple[Kept, ...]:
    """The questions of a form by class, purposes and class of retention; the strictest class first."""
    grouped: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for control in form.controls():
        bind = form.binds.get(control.nodeset)
        columns = bind.columns if bind is not None else {}
        if control.nodeset.endswith("__missing") or (bind is not None and bind.readonly is not None and not columns):
            continue
        key = (
            columns.get("sensitivity") or "identity",
            tuple(columns.get("purpose", "").split()),
            columns.get("retention", ""),
        )
        grouped.setdefault(key, []).append(question_label(form, control.nodeset, language))
    return tuple(
        Kept(sensitivity, purposes, name, retention.get(name), tuple(dict.fromkeys(questions)))
        for (sensitivity, purposes, name), questions in sorted(
            grouped.items(), key=lambda each: (CLASSES.index(each[0][0]), each[0][1:])
        )
    )


# --- the page


def _head(register: Register, language: str) -> Iterable[Block]:
    def text(code: str, **fields: object) -> str:
        return say(f"register.{code}", language, **fields)

    missing = text("missing")
    if lacking := register.lacking():
        yield Paragraph(" ".join([text("lacking"), *(text(f"lacking_{name}") for name in lacking)]), note=True)
    yield Table(
        (),
        (
            (text("controller"), register.controller or missing),
            (text("protection_officer"), register.protection_officer or missing),
            (text("municipalities"), ", ".join(register.municipalities)),
            (text("persons"), text("persons_are")),
            (text("third_countries"), text("third_countries_are")),
        ),
    )
    yield Heading(text("categories"))
    yield Paragraph(text("categories_are"))


def _table(kept: Iterable[Kept], language: str) -> Table:
    names = ("data", "class", "purposes", "kept")
    rows = tuple(
        (
            " · ".join(each.questions),
            say(f"register.class_{each.sensitivity}", language),
            purposes_of(each, language),
            period_of(each, language),
        )
        for each in kept
    )  # fmt: skip
    return Table(tuple(say(f"register.column_{name}", language) for name in names), rows)


def purposes_of(kept: Kept, language: str = "de") -> str:
    """What these questions are for, in words."""
    return ", ".join(_word("purpose", name, language) for name in kept.purposes) or say("register.missing", language)


def period_of(kept: Kept, language: str = "de") -> str:
    """How long they are kept, in words."""
    if not kept.retention:
        return say("register.missing", language)
    name = _word("retention", kept.retention, language)
    if kept.months is None:
        known = say("register.in_use" if kept.retention == REGISTER else "register.no_months", language)
        return f"{name}: {known}"
    return f"{name}: {say('register.months', language, months=kept.months)}"


def _rest(register: Register, language: str) -> Iterable[Block]:
    yield Heading(say("register.recipients", language))
    if register.recipients:
        columns = tuple(say(f"register.column_{name}", language) for name in ("kind", "recipient", "times"))
        rows = tuple(
            (say(f"register.kind_{kind}", language), _word("to", about, language) if about else "–", str(times))
            for (kind, about), times in sorted(register.recipients.items())
        )
        yield Table(columns, rows)
    else:
        yield Paragraph(say("register.no_recipients", language))
    yield Heading(say("register.measures", language))
    for code in ("encrypted" if register.encrypted else "not_encrypted", "sealed", "chained", "erasable", "audited"):
        yield Paragraph(say(f"register.measure_{code}", language))
    people = ", ".join(f"{say(f'register.role_{role}', language)}: {n}" for role, n in sorted(register.roles.items()))
    yield Paragraph(say("register.measure_logins", language, people=people))


def _word(kind: str, name: str, language: str) -> str:
    """What a code of a form means; the code where the catalogue does not know it: forms may have their own."""
    code = f"register.{kind}_{name}"
    return say(code, language) if code in area("register") else name
