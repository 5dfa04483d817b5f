"""Two versions of a form, question by question: `compare(old, new, renames)`.

Questions are the same where their nodeset is, or where the study's `renames.csv` says so. A question that seems to
have another name or group without a line there is shown with the line to add, and as breaking, and its answers go
nowhere: the program does not guess what records mean.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from intake.formdiff.answers import Pair, answer_changes, conditions, same_type, section_changes
from intake.formdiff.changes import KINDS, WEIGHTS, Change, FormDiff, Weight
from intake.formdiff.describing import Described, described
from intake.formdiff.meaning import ALWAYS, NEVER, Reading
from intake.renames import renamed
from validation.form import Action, Form


def compare(old: Form, new: Form, renames: Mapping[str, str] | None = None) -> FormDiff:
    """What changed from `old` to `new`. `renames` maps nodesets of the old form to those of the new one
    (`intake.versions.read_renames`)."""
    return _Comparison(old, new, renames or {}).diff()


class _Comparison:
    def __init__(self, old: Form, new: Form, renames: Mapping[str, str]) -> None:
        self.forms = old, new
        self.old = described(old, partial(renamed, renames=renames))
        self.new = described(new)
        self.listed = renames
        self.unlisted = self._unlisted()
        self.pairs = {each: target for each in self.old if (target := self._target(each)) in self.new}
        repeats = [*old.repeats, *new.repeats]
        self.before = Reading(partial(renamed, renames={**renames, **self.unlisted}), repeats)
        self.after = Reading(str, repeats)

    def _target(self, nodeset: str) -> str:
        return self.unlisted.get(nodeset) or renamed(nodeset, self.listed)

    def _unlisted(self) -> dict[str, str]:
        """Questions that are gone and, with the same name elsewhere or the same words in the same group, new: each one
        only, and of one type."""
        taken = {renamed(each, self.listed) for each in self.old}
        answers = [one for one in self.old.values() if one.shape == "answer"]
        gone = [one for one in answers if renamed(one.nodeset, self.listed) not in self.new]
        came = [one for one in self.new.values() if one.shape == "answer" and one.nodeset not in taken]
        found: dict[str, str] = {}
        for alike in (_same_name, _same_words):
            for one in gone:
                twins = [each for each in came if alike(one, each) and each.nodeset not in found.values()]
                rivals = [each for each in gone if alike(one, each) and each.nodeset not in found]
                if one.nodeset not in found and len(twins) == len(rivals) == 1 and same_type(one, twins[0]):
                    found[one.nodeset] = twins[0].nodeset
        return found

    def diff(self) -> FormDiff:
        old, new = self.forms
        found = [*self._of_form(), *self._of_nodes(), *self._orders()]
        if found and old.version == new.version:
            found.insert(0, Change("version_same", "text", before=old.version, after=new.version))
        places = {nodeset: number for number, nodeset in enumerate([*self.new, *self.old])}
        ordered = sorted(
            found,
            key=lambda each: (
                WEIGHTS.index(each.weight), places.get(each.nodeset, -1), KINDS.index(each.kind), each.language,
            ),
        )  # fmt: skip
        return FormDiff(old.id, new.id, old.version, new.version, tuple(ordered), self._map())

    def _map(self) -> dict[str, str | None]:
        """Where answers go. What crosses the border of a repeat goes nowhere: one answer and many are not the same."""
        found: dict[str, str | None] = {}
        for each in self.old.values():
            target = self.pairs.get(each.nodeset)
            if each.shape != "answer":
                continue
            fits = target is not None and self._fits(each.nodeset, target)
            found[each.nodeset] = target if fits else None
            if each.reasons:
                has = target is not None and fits and bool(self.new[target].reasons)
                found[f"{each.nodeset}__missing"] = f"{target}__missing" if has else None
        return found

    def _fits(self, nodeset: str, target: str) -> bool:
        is_answer = self.new[target].shape == "answer" and nodeset not in self.unlisted
        return is_answer and self._stays_in(nodeset, target)

    def _stays_in(self, nodeset: str, target: str) -> bool:
        """Whether both lie in the same repeat, or in none; a repeat that was renamed is another one, for its entries
        have other keys."""
        return _repeat_of(nodeset, self.forms[0]) == _repeat_of(target, self.forms[1])

    # --- the form

    def _of_form(self) -> Iterator[Change]:
        old, new = self.forms
        if old.id != new.id:
            yield Change("form_id", "breaking", before=old.id, after=new.id)
        if old.title != new.title:
            yield Change("title", "text", before=old.title, after=new.title)
        if old.languages != new.languages or old.itext.default != new.itext.default:
            yield Change("languages", "text", before=", ".join(old.languages), after=", ".join(new.languages))
        if old.external != new.external:
            yield Change("external", "compatible", before=_listed(old.external), after=_listed(new.external))
        before = {_action(each, self.before): each for each in old.actions}
        after = {_action(each, self.after): each for each in new.actions}
        for key in [*(key for key in before if key not in after), *(key for key in after if key not in before)]:
            is_old = key in before
            action = before[key] if is_old else after[key]
            shown = action.literal or (action.value.source if action.value is not None else "")
            nodeset = renamed(action.ref, self.listed) if is_old else action.ref
            told = (shown, "") if is_old else ("", shown)
            yield Change("action", "compatible", nodeset, action.ref, *told)

    # --- its nodes

    def _of_nodes(self) -> Iterator[Change]:
        reached = set(self.pairs.values())
        for nodeset, one in self.old.items():
            target = self.pairs.get(nodeset)
            if target is None:
                loses = one.shape == "repeat" or (one.shape == "answer" and one.asked != "note")
                yield Change("removed", "breaking" if loses else "compatible", nodeset, nodeset, before=one.type)
            else:
                yield from self._pair(one, self.new[target])
        for nodeset, one in self.new.items():
            if nodeset not in reached:
                yield Change("added", self._weight_added(one), nodeset, "", after=one.type)

    def _weight_added(self, one: Described) -> Weight:
        """A new question that is demanded is lacking in every record there is."""
        demanded = self._is_demanded(one) and one.asked == "question"
        return "breaking" if demanded else "compatible"

    def _is_demanded(self, one: Described) -> bool:
        return any(self.after.of(each, one.nodeset) != NEVER for each in one.expressions.get("required", ()))

    def _pair(self, one: Described, two: Described) -> Iterator[Change]:
        if one.nodeset != two.nodeset:
            yield self._moved(one, two)
        if one.shape != two.shape:
            yield Change("shape", "breaking", two.nodeset, one.nodeset, one.shape, two.shape)
            return
        spoken = frozenset(self.forms[0].languages) & frozenset(self.forms[1].languages) | {""}
        pair = Pair(one, two, self.before, self.after, frozenset(self._demanded_below(two)), spoken)
        if one.shape == "answer":
            yield from answer_changes(pair)
        else:
            yield from section_changes(pair)
        yield from conditions(pair)

    def _demanded_below(self, one: Described) -> Iterator[str]:
        """Questions at or below a node that are demanded in the new form."""
        for each in self.new.values():
            inside = each.nodeset == one.nodeset or each.nodeset.startswith(f"{one.nodeset}/")
            if inside and self._is_demanded(each):
                yield each.nodeset

    def _moved(self, one: Described, two: Described) -> Change:
        places = (two.nodeset, one.nodeset, one.nodeset, two.nodeset)
        kind = "moved" if one.name == two.name else "renamed"
        if one.nodeset in self.unlisted:
            return Change(f"{kind}_unlisted", "breaking", *places)
        crosses = one.shape == "repeat" or not self._stays_in(one.nodeset, two.nodeset)
        return Change(kind, "breaking" if crosses else "compatible", *places)

    # --- the order in which is asked

    def _orders(self) -> Iterator[Change]:
        """Questions and sections that stand at another place among those of their group. What came from another group
        is told as moved."""
        stayed = {
            target: nodeset
            for nodeset, target in self.pairs.items()
            if renamed(nodeset.rpartition("/")[0], self.listed) == target.rpartition("/")[0]
            and _is_asked(self.old[nodeset])
            and _is_asked(self.new[target])
        }
        before: dict[str, list[str]] = {}
        for target in stayed:
            before.setdefault(target.rpartition("/")[0], []).append(target)
        for group, was in before.items():
            now = [each for each in self.new if each in stayed and each.rpartition("/")[0] == group]
            for each in _displaced(was, now):
                yield Change("order", "text", each, stayed[each])


def _same_name(one: Described, two: Described) -> bool:
    return one.name == two.name


def _same_words(one: Described, two: Described) -> bool:
    """Whether two questions of one group ask the same and offer the same."""
    labels = [{key: text for key, text in each.texts.items() if key[0] == "label"} for each in (one, two)]
    same_group = one.nodeset.rpartition("/")[0] == two.nodeset.rpartition("/")[0]
    return bool(labels[0]) and labels[0] == labels[1] and same_group and one.choices == two.choices


def _displaced(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Those of the same things that do not lie in the longest part that kept its order."""
    if before == after:
        return
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    kept = {after[at] for block in matcher.get_matching_blocks() for at in range(block.b, block.b + block.size)}
    yield from (each for each in after if each not in kept)


def _is_asked(one: Described) -> bool:
    return one.shape != "answer" or bool(one.control)


def _repeat_of(nodeset: str, form: Form) -> str:
    """The innermost repeat a node lies in, '' for none."""
    above = nodeset.rpartition("/")[0]
    while above:
        if above in form.repeats:
            return above
        above = above.rpartition("/")[0]
    return ""


def _listed(names: Mapping[str, str]) -> str:
    return ", ".join(sorted(f"{name}={source}" for name, source in names.items()))


def _action(action: Action, reading: Reading) -> tuple[object, ...]:
    value = reading.of(action.value, action.ref) if action.value is not None else ALWAYS
    trigger = reading.name(action.trigger) if action.trigger else ""
    return action.kind, reading.name(action.ref), action.events, value, action.literal, trigger
