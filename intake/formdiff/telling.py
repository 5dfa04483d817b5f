"""A comparison of two forms in words, and for programs.

Conditions are said in words (`validation.xpath.words`), each in the names of its own version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from intake.formdiff.changes import WEIGHTS, Change, FormDiff, Weight
from intake.formdiff.stored import Trial
from validation.form import Form
from validation.layout import choice_labels, question_label
from validation.messages import area, say
from validation.schema import sentence
from validation.xpath.conditions import Name
from validation.xpath.parser import Expression
from validation.xpath.words import condition_in_words, in_words

SHOWN = 10
"""Ids of records that the text names of one thing; JSON has all."""

_IN_WORDS = frozenset({"relevant", "required", "constraint", "warning"})


@dataclass(frozen=True, slots=True)
class Telling:
    """A comparison with the forms it is about and, where one was made, the trial on stored answers."""

    old: Form
    new: Form
    diff: FormDiff
    trial: Trial | None = None

    @property
    def breaks(self) -> bool:
        """Whether anything breaks, in the forms or in what is stored."""
        return self.diff.weight == "breaking" or (self.trial is not None and not self.trial.ok)

    def text(self, language: str = "de") -> str:
        """For the terminal."""
        return "\n".join(_Speaker(self, language).lines())

    def json(self, language: str = "de") -> dict[str, object]:
        """For a program: everything, with the sentences in a language."""
        return _Speaker(self, language).json()


class _Speaker:
    def __init__(self, told: Telling, language: str) -> None:
        self.told = told
        self.language = language
        self._names: dict[str, Mapping[str, Name]] = {}

    def say(self, code: str, **fields: object) -> str:
        return say(f"formdiff.{code}", self.language, **fields)

    def lines(self) -> Iterator[str]:
        diff = self.told.diff
        yield self.say("head", form=diff.new, old=diff.old_version or "–", new=diff.new_version or "–")
        counts = {weight: sum(each.weight == weight for each in diff.changes) for weight in WEIGHTS}
        yield self.say(f"verdict_{diff.weight}", **counts) if diff.weight else self.say("same")
        for weight, changes in groupby(diff.changes, key=lambda each: each.weight):
            yield from ("", self.say(f"weight_{weight}"))
            for nodeset, group in groupby(changes, key=lambda each: each.nodeset):
                yield f"  {self.place(nodeset)}"
                yield from (f"    {self.change(each)}" for each in group)
        if diff.moves:
            yield from ("", self.say("moves"), *(f"  {old} → {new}" for old, new in diff.moves.items()))
        if diff.ends:
            yield from ("", self.say("ends"), *(f"  {each}" for each in diff.ends))
        if self.told.trial is not None:
            yield from self._trial(self.told.trial)

    def place(self, nodeset: str) -> str:
        """A question by label and nodeset."""
        return self.say("question", label=self.label(nodeset), nodeset=nodeset) if nodeset else self.say("whole_form")

    def label(self, nodeset: str) -> str:
        form = self.told.new if nodeset in self.told.new.order else self.told.old
        return question_label(form, nodeset, self.language)

    # --- changes

    def change(self, change: Change) -> str:
        """One change as a sentence."""
        kind = "added_demanded" if (change.kind, change.weight) == ("added", "breaking") else change.kind
        before, after = self._side(change, self.told.old), self._side(change, self.told.new)
        if before == after:  # two questions of one label, or a condition that words cannot tell apart
            before, after = change.before, change.after
        return self.say(
            f"kind_{kind}",
            form=self.told.diff.new,
            before=before,
            after=after,
            values=", ".join(change.values),
            language=self.say("in_language", language=change.language) if change.language else "",
        )

    def _side(self, change: Change, form: Form) -> str:
        """What stood before, or what stands now, in words."""
        is_old = form is self.told.old
        expressions = change.old_expressions if is_old else change.new_expressions
        nodeset = change.old_nodeset if is_old else change.nodeset
        text = change.before if is_old else change.after
        if change.kind in _IN_WORDS:
            return self._words(change.kind, expressions, nodeset, form)
        if change.kind in ("shape", "asked", "type", "control", "added", "removed"):
            return self._kind(text)
        if change.kind in ("sensitivity", "sensitivity_of_choice") and text:
            return say(f"register.class_{text}", self.language)
        return text or self.say("nothing")

    def _kind(self, text: str) -> str:
        """A shape, origin or type by the words of the codebook."""
        known = area("codebook")
        codes = (f"codebook.type_{text}", f"codebook.{text}", "codebook.section" if text == "group" else "")
        found = next((code for code in codes if code in known), "")
        return say(found, self.language) if found else text or say("codebook.section", self.language)

    def _words(self, kind: str, expressions: Sequence[Expression], nodeset: str, form: Form) -> str:
        if not expressions:
            return say("words.asked_always", self.language) if kind == "relevant" else self.say("nothing")
        speak = in_words if kind == "relevant" else condition_in_words
        return speak(expressions[0], self._names_of(form), self.language, here=nodeset)

    def _names_of(self, form: Form) -> Mapping[str, Name]:
        """What the questions of a form are called in a condition."""
        if form.hash not in self._names:
            self._names[form.hash] = {
                nodeset: Name(
                    question_label(form, nodeset, self.language).rstrip(": "),
                    type=bind.type,
                    choices=choice_labels(form, nodeset, self.language),
                )
                for nodeset, bind in form.binds.items()
            }
        return self._names[form.hash]

    # --- the trial

    def _trial(self, trial: Trial) -> Iterator[str]:
        yield ""
        if not trial.records:
            yield self.say("trial_none")
            return
        yield self.say("trial", records=trial.records)
        yield f"  {self.say('trial_unchanged', count=len(trial.unchanged))}"
        if trial.moved:
            yield f"  {self.say('trial_moved', count=len(trial.moved))}"
        for name in ("wrong_before", "unread", "restricted"):
            if count := getattr(trial, name):
                yield f"  {self.say(f'trial_{name}', count=count)}"
        invalid = [(f"{each.nodeset}: {self.rule(each.nodeset, each.rule)}", each.records) for each in trial.invalid]
        lost = [(self.place(nodeset), records) for nodeset, records in trial.lost.items()]
        for name, found in (("invalid", invalid), ("lost", lost)):
            if found:
                yield self.say(f"trial_{name}")
                for what, ids in found:
                    yield f"  {self.say('trial_line', what=what, count=len(ids))}"
                    yield f"    {self._ids(ids)}"
        if trial.vanished:
            yield self.say("trial_vanished")
            for nodeset, taken in trial.vanished.items():
                for value, count in sorted(taken.items()):
                    yield f"  {self.say('trial_choice', label=self.place(nodeset), value=value, count=count)}"
        if trial.breaks:
            yield self.say("trial_breaks")
            for each in trial.breaks:
                fields = {"old": each.old_kind, "new": each.kind, "column": each.old_column or "–"}
                yield f"  {self.say('trial_break', label=self.place(each.nodeset), **fields)}"

    def rule(self, nodeset: str, rule: str) -> str:
        """A rule of the new form that is broken, as the check says it."""
        return sentence(self.told.new, nodeset, nodeset, rule, self.language)

    def _ids(self, ids: Sequence[str]) -> str:
        more = [self.say("trial_more", count=len(ids) - SHOWN)] if len(ids) > SHOWN else []
        return ", ".join([*ids[:SHOWN], *more])

    # --- for a program

    def json(self) -> dict[str, object]:
        diff, trial = self.told.diff, self.told.trial
        told: dict[str, object] = {
            "old": {"form": diff.old, "version": diff.old_version, "hash": self.told.old.hash},
            "new": {"form": diff.new, "version": diff.new_version, "hash": self.told.new.hash},
            "verdict": diff.weight or "same",
            "breaks": self.told.breaks,
            "changes": [self._change_json(each) for each in diff.changes],
            "map": dict(diff.map),
        }
        return told if trial is None else told | {"records": self._trial_json(trial)}

    def _change_json(self, change: Change) -> dict[str, object]:
        weight: Weight = change.weight
        return {
            "kind": change.kind,
            "class": weight,
            "nodeset": change.nodeset,
            "old_nodeset": change.old_nodeset,
            "before": change.before,
            "after": change.after,
            "values": list(change.values),
            "language": change.language,
            "message": self.change(change),
        }

    def _trial_json(self, trial: Trial) -> dict[str, object]:
        return {
            "count": trial.records,
            "restricted": trial.restricted,
            "unread": trial.unread,
            "wrong_before": trial.wrong_before,
            "unchanged": list(trial.unchanged),
            "moved": list(trial.moved),
            "lost": {nodeset: list(ids) for nodeset, ids in trial.lost.items()},
            "invalid": [
                {
                    "nodeset": each.nodeset,
                    "rule": each.rule,
                    "message": self.rule(each.nodeset, each.rule),
                    "records": list(each.records),
                }
                for each in trial.invalid
            ],
            "vanished": {nodeset: dict(taken) for nodeset, taken in trial.vanished.items()},
            "breaks": [
                {
                    "nodeset": each.nodeset,
                    "old": each.old_kind,
                    "new": each.kind,
                    "versions": list(each.versions),
                    "column": each.old_column,
                }
                for each in trial.breaks
            ],
        }
