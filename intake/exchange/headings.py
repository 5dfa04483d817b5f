"""What a column of a file is: the heads that other programs write over questions, and codes and labels under them.

A head is a question where exactly one question of the table can be meant: by the name of `validation.layout`
('person-name'), by its path ('person/name'), by its last name, or by its label in any language of the form. A cell
under a choice holds codes or labels. What could be two things is none: the head stays as it is and is named as unknown,
the cell stays and is judged as it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from intake.exchange.beside import HOW, column_label, how_head, how_of_label, is_beside
from validation.errors import Place, Problem
from validation.form import Form, Group, Repeat
from validation.layout import Column, Table, choice_texts, question_label, takes_many, text_of, unprefixed

MISSING = "__missing"
OURS = "; "
PLACE_PARTS = ("Latitude", "Longitude", "Altitude", "Accuracy")
YES, NO = frozenset({"1", "TRUE", "True", "true", "1.0"}), frozenset({"0", "FALSE", "False", "false", "", "0.0"})


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads of a table are.

    questions {head: column of the layout}; splits {layout name: {code: head}} for choices in columns of their own;
    places {layout name: heads of latitude, longitude, altitude, accuracy}; labelled: heads are labels, not names.
    """

    questions: Mapping[str, Column]
    splits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labelled: bool = False

    @property
    def used(self) -> set[str]:
        """Every head that says something of a question."""
        split = {head for heads in self.splits.values() for head in heads.values()}
        return {*self.questions, *split, *(head for heads in self.places.values() for head in heads)}


def understood(form: Form, table: Table, heads: Sequence[str]) -> Heads:
    """The heads of a table of a form. What is no question, or could be two, is left out."""
    free = list(heads)
    questions: dict[str, Column] = {}
    labelled = False
    for style in (_exact, _path, _last, None):
        if not free:
            break
        names = _labels(form, table) if style is None else style(table)
        taken = {column.name for column in questions.values()}
        found = [(head, names[head]) for head in free if head in names and names[head].name not in taken]
        once = Counter(column.name for _, column in found)  # two heads for one question: neither
        questions |= {head: column for head, column in found if once[column.name] == 1}
        free = [head for head in free if head not in questions]
        labelled = labelled or (style is None and bool(found))
    splits = {column.name: split for column in table.columns if (split := _split(form, table, column, free))}
    places = {column.name: parts for column in table.columns if (parts := _parts(column, questions, free))}
    return Heads(questions, splits, places, labelled)


def _exact(table: Table) -> dict[str, Column]:
    return {column.name: column for column in table.columns}


def _path(table: Table) -> dict[str, Column]:
    root = "/" + table.nodeset.split("/")[1]
    spellings: dict[str, Column] = {}
    for column in table.columns:
        spellings[unprefixed(column.nodeset.removeprefix(f"{root}/"))] = column
        spellings[unprefixed(column.nodeset.removeprefix(f"{table.nodeset}/"))] = column
    return spellings


def _last(table: Table) -> dict[str, Column]:
    return _only_once((unprefixed(column.nodeset).rpartition("/")[2], column) for column in table.columns)


def _labels(form: Form, table: Table) -> dict[str, Column]:
    """Labels in every language: alone, with the name in brackets, as the reason for a missing answer, and behind those
    of the groups they stand in, as Kobo joins them with '/'."""
    found: list[tuple[str, Column]] = []
    above = _section_labels(form)
    names = {column.nodeset: column.name for column in table.columns}
    for language in form.languages or ("",):
        for column in table.columns:
            if is_beside(column.nodeset):
                asked = column.nodeset.removesuffix(HOW)
                label = column_label(form, asked, language)
                spoken = {label, f"{label} [{names[asked]}]"}
                found += [(how_head(text, language) if asked != column.nodeset else text, column) for text in spoken]
                continue
            label = question_label(form, column.nodeset, language)
            steps = column.nodeset.split("/")
            groups = ["/".join(steps[:end]) for end in range(3, len(steps))]
            outer = [above[each].get(language, "") or each.rpartition("/")[2] for each in groups if each in above]
            spoken = {label, *("/".join([*outer[at:], label]) for at in range(len(outer)))}
            if column.name.endswith(MISSING):
                asked = question_label(form, column.nodeset.removesuffix(MISSING), language)
                label = f"{asked} – {label}"
            spoken |= {label, f"{label} [{column.name}]"}
            found += [(text, column) for text in spoken if text]
    return _only_once(found)


def _section_labels(form: Form) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    work = list(form.body)
    while work:
        element = work.pop()
        if isinstance(element, Group | Repeat):
            work.extend(element.children)
            if element.nodeset:
                found[element.nodeset] = {name: text_of(form, element.label, name) for name in form.languages or ("",)}
    return found


def _only_once(pairs: Iterable[tuple[str, Column]]) -> dict[str, Column]:
    """The names that mean one column; one that means two means none."""
    found: dict[str, dict[str, Column]] = {}
    for name, column in pairs:
        found.setdefault(name, {})[column.name] = column
    return {name: next(iter(columns.values())) for name, columns in found.items() if len(columns) == 1}


def _split(form: Form, table: Table, column: Column, heads: Sequence[str]) -> dict[str, str]:
    """{code: head} of the columns that say of each choice of a question whether it was chosen."""
    if not any("/" in head for head in heads) or not takes_many(form, column.nodeset):
        return {}
    names = {column.name, *(name for name, each in (*_path(table).items(), *_last(table).items()) if each is column)}
    codes = {code: code for code in choice_texts(form, column.nodeset)}
    labels, spoken = labels_of(form, column.nodeset), _labels(form, table)
    found: dict[str, str] = {}
    for head in heads:
        name, _, choice = head.rpartition("/")
        code = codes.get(choice) if name in names else labels.get(choice) if spoken.get(name) is column else None
        if code is not None and code not in found:
            found[code] = head
    return found


def _parts(column: Column, questions: Mapping[str, Column], heads: Sequence[str]) -> tuple[str, ...]:
    """The columns that hold the parts of a place: as Central writes them, or Kobo beside the whole."""
    if column.type != "geopoint":
        return ()
    names = {column.name, *(head for head, each in questions.items() if each is column)}
    for name in names:
        central = tuple(f"{name}-{part}" for part in PLACE_PARTS)
        front, _, last = name.rpartition("/")
        kobo = tuple(
            f"{front}/_{last}_{part}".lstrip("/") for part in ("latitude", "longitude", "altitude", "precision")
        )
        for parts in (central, kobo):
            if parts[0] in heads and parts[1] in heads:
                return tuple(part for part in parts if part in heads)
    return ()


# --- what stands in the cells


def labels_of(form: Form, nodeset: str) -> dict[str, str]:
    """{label: code} of a question's choices in every language; a label of two codes is left out, but for the one that
    has its code in brackets ('Ja [1]')."""
    found: dict[str, set[str]] = {}
    texts = choice_texts(form, nodeset)
    for language in form.languages or ("",):
        for code, text in texts.items():
            if label := text_of(form, text, language):
                found.setdefault(label, set()).add(code)
                found.setdefault(f"{label} [{code}]", set()).add(code)
    return {label: next(iter(codes)) for label, codes in found.items() if len(codes) == 1}


def coder(form: Form, column: Column, texts: Iterable[str], *, labelled: bool) -> Callable[[str], str]:
    """How the cells of a question are read as codes. Where every text can be a code they are codes, unless the heads
    are labels and every one can be a label, too; a text that is no label, or could be several, stays as it is."""
    if column.nodeset.endswith(HOW):
        return how_of_label
    codes = set(choice_texts(form, column.nodeset))
    if not codes:
        return str
    labels, many = labels_of(form, column.nodeset), takes_many(form, column.nodeset)
    filled = {text for text in texts if text}
    are_codes = all((set(text.split()) <= codes) if many else text in codes for text in filled)
    read = _many(labels) if many else labels.get
    are_labels = all(read(text) is not None for text in filled)
    if are_codes and not (labelled and are_labels):
        return str

    def code(text: str) -> str:
        found = read(text) if text else ""
        return text if found is None else found

    return code


def _many(labels: Mapping[str, str]) -> Callable[[str], str | None]:
    """Reads labels between '; ' (as our own files have them, where no label holds that), else one after the other with
    blanks, ', ' or '; ' between them, where there is one way only."""
    apart = not any(OURS in label for label in labels)

    def read(text: str) -> str | None:
        if apart and OURS in text and all(part in labels for part in text.split(OURS)):
            return " ".join(labels[part] for part in text.split(OURS))
        ways: list[list[list[str]]] = [[] for _ in range(len(text) + 1)]  # up to two readings that end at each place
        ways[0] = [[]]
        for at in range(len(text)):
            if not ways[at]:
                continue
            for label, code in labels.items():
                end = at + len(label)
                if not text.startswith(label, at):
                    continue
                for gap in ("", " ", ", ", "; ", ",", ";"):
                    stop = end + len(gap)
                    if text.startswith(gap, end) and (stop == len(text) if not gap else stop < len(text)):
                        ways[stop] += [[*way, code] for way in ways[at]]
                        ways[stop] = ways[stop][:2]
        return " ".join(ways[-1][0]) if len(ways[-1]) == 1 else None

    return read


def joined(
    whole: Sequence[str] | None, parts: Mapping[str, Sequence[str]], place: Callable[[int], Place]
) -> tuple[list[str], list[Problem]]:
    """The choices of a question from the columns of its choices ({code: cells}), and what contradicts its own column.

    Where the question has a column, that one holds the order; rows in which both say different things are named.
    """
    size = len(next(iter(parts.values())))
    texts, problems = [], []
    for at in range(size):
        chosen = [code for code, cells in parts.items() if cells[at] in YES]
        strange = any(cells[at] not in YES | NO for cells in parts.values())
        said = None if whole is None else whole[at].split()
        # All choices empty: the question was not shown, or its columns were left out; the whole says which.
        blank = all(not cells[at] for cells in parts.values())
        if strange or (said is not None and not blank and {*said} & {*parts} != {*chosen}):
            problems.append(Problem("import.split_differs", place(at), {}))
        texts.append(" ".join(chosen) if said is None else whole[at] if whole is not None else "")
    return texts, problems


def place_of(cells: Sequence[str]) -> str:
    """A place from latitude, longitude and what follows; '' where there is none."""
    return " ".join(cell for cell in cells if cell)
