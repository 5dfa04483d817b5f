"""What an export takes out of a store: the records of one form, as columns of text and as typed tables.

    take = extract(study, store, "erstgespraech", profile=FULL)
    take.texts()["erstgespraech"]        every answer as the record has it: frames of 'string', NA for no answer
    take.typed()["erstgespraech"]        as `intake.tables.study_tables` types them

Writers (one file a format) take an `Extract` and know neither store nor profile. A login that may not open what a
profile shows is refused; whose processing is restricted (Art. 18 GDPR) is not in it, and a note says how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from intake.columnar import Sheets, identities, keys, moment_texts, texts, without
from intake.exchange.beside import HOW
from intake.exchange.profiles import FULL, PUBLIC, Profile, applied, classes_needed
from intake.exchange.telling import Telling, may_tell
from intake.latest import latest
from intake.store import Store
from intake.store.derived import FOLDER
from intake.store.restriction import left_out
from intake.submission import Submission
from intake.tables import ZONE, as_text, frames, gathered, published_forms
from intake.versions import RENAMES, Merged, merge, read_renames
from validation.errors import StoreError, UsageError
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Table
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is not in a file, or not as it is in the store: a code of the catalogue (`export.…`) and names.
    Never an answer."""

    code: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "de") -> str:
        return say(self.code, language, **self.fields)


@dataclass(frozen=True, slots=True)
class Extract:
    """Records of a form, ready to be written. `layout` are the tables by name with the columns that go out; a column
    that is not the newest form's own (an earlier version's, `origin`) has its labels there. `profile` is the name."""

    form: Form
    layout: Mapping[str, Table]
    sheets: Sheets = field(repr=False)
    zone: str = ZONE
    profile: str = FULL
    origin: Mapping[str, tuple[Form, str]] = field(default_factory=dict, repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def records(self) -> int:
        return len(identities(self.sheets))

    @property
    def root(self) -> Table:
        return next(iter(self.layout.values()))

    def home(self, nodeset: str) -> tuple[Form, str]:
        """The form that has a column's question, and its nodeset there."""
        if nodeset.endswith(HOW):
            form, asked = self.home(nodeset.removesuffix(HOW))
            return form, f"{asked}{HOW}"
        return self.origin.get(nodeset, (self.form, nodeset))

    def texts(self) -> dict[str, pd.DataFrame]:
        """{table: frame of 'string'}: KEY (in repeats PARENT_KEY), in the root the envelope, then the questions."""
        return {name: self._texts(table) for name, table in self.layout.items()}

    def typed(self) -> dict[str, pd.DataFrame]:
        """{table: typed frame} as `intake.tables` makes them, without answers that no version of the form knows."""
        made = frames(self.layout, self.sheets, self.zone)
        return {name: made[name][self._columns(table)] for name, table in self.layout.items()}

    def _columns(self, table: Table) -> list[str]:
        head = [] if self.profile == PUBLIC else [*ENVELOPE]
        ours = [KEY, PARENT_KEY] if table.parent is not None else [KEY, *head]
        return [*ours, *(column.name for column in table.columns)]

    def _texts(self, table: Table) -> pd.DataFrame:
        if table.parent is None:
            found = [
                texts(self.sheets, table.nodeset, name) for name in ("#id", "#version", "#municipality", "#subject")
            ]
            found.append(moment_texts(self.sheets))
        else:
            found = [*keys(self.sheets, table.nodeset)]
        ours = (KEY, *ENVELOPE) if table.parent is None else (KEY, PARENT_KEY)
        made = dict(zip(ours, map(as_text, found), strict=True))
        for column in table.columns:
            made[column.name] = as_text(texts(self.sheets, table.nodeset, column.nodeset))
        return pd.DataFrame({name: made[name] for name in self._columns(table)})


def extract(
    study: Study, store: Store, form_id: str, profile: Profile | None = None, *,
    published: Mapping[str, Sequence[Form]] | None = None,
) -> Extract:  # fmt: skip
    """The records of a form as a profile shows them; None is everything. `published` are the store's forms, where they
    are read already (`intake.tables.published_forms`).

    UsageError 'export.unknown_form'; StoreError 'export.class_closed' where this login may not open what the profile
    shows.
    """
    known = published_forms(store) if published is None else published
    if form_id not in known:
        raise UsageError("export.unknown_form", form=form_id, known=", ".join(known))
    versions = known[form_id]
    newest, *earlier = versions
    chosen = profile or Profile()
    closed = sorted(classes_needed(chosen, versions) - {*store.classes})
    if closed:
        raise StoreError("export.class_closed", profile=chosen.name, classes=", ".join(closed))
    gone = left_out(store)
    renames = read_renames(study.dir / RENAMES, form_id)
    merged = merge(newest, earlier, renames)
    telling = Telling(versions, renames)
    if may_tell(versions):
        sheets = gathered(newest, telling.overheard(store.submissions(form_id), gone), merged)
    else:
        sheets = latest(store, versions, study.dir / FOLDER)
    away = gone.intersection(identities(sheets))
    notes = (Note("export.restricted", {"form": form_id, "count": str(len(away))}),) if away else ()
    return shown(newest, merged, without(sheets, gone), chosen, versions, zone=study.zone, notes=notes, telling=telling)


def extract_submissions(
    form: Form, submissions: Iterable[Submission], *, earlier: Sequence[Form] = (), zone: str = ZONE,
    profile: Profile | None = None,
) -> Extract:  # fmt: skip
    """The same of records that are in no store. DataError as `intake.tables.tables`."""
    merged, telling = merge(form, earlier), Telling((form, *earlier))
    sheets = gathered(form, telling.overheard(submissions), merged)
    return shown(form, merged, sheets, profile or Profile(), (form, *earlier), zone=zone, telling=telling)


def shown(
    form: Form, merged: Merged, sheets: Sheets, profile: Profile, versions: Sequence[Form], *, zone: str,
    notes: tuple[Note, ...] = (), telling: Telling | None = None,
) -> Extract:  # fmt: skip
    """Records as a profile shows them, with what was told beside their answers."""
    telling = telling or Telling(versions)
    whole = Extract(form, merged.tables, merged.arranged(sheets), zone, profile.name, merged.origin, notes)
    if profile.name == FULL:
        return telling.added(whole, whole.sheets, profile)
    result = applied(profile, merged, whole.sheets, versions)
    told = tuple(Note(code, {"form": form.id, **fields}) for code, fields in result.notes)
    unsaid = (Note("export.beside_left", {"form": form.id}),) if profile.name == PUBLIC and telling.is_told else ()
    take = replace(whole, layout=result.layout, sheets=result.sheets, notes=(*notes, *told, *unsaid))
    return telling.added(take, whole.sheets, profile)
