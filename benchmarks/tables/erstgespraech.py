"""The root table of the shipped Erstgespräch, from simulated records; and its rules once more, written by hand.

The rules are those of `data/forms/erstgespraech.md` as somebody writes them who knows numpy and pandas: groups that are
not asked hide what is in them, what is hidden reads as empty, and a missing reason belongs to an empty question.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from intake.simulate import simulate
from intake.tables import tables
from intake.xlsform import read_xlsform
from validation.form import Form
from validation.layout import choice_values, layout, takes_many

NOW = dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
NAME = "erstgespraech"
Mask = npt.NDArray[np.bool_]
Masks = dict[tuple[str, str], Mask]
_FAULTS = ("person-telefon", "person-email", "haushalt-personen", "bildung-schulbesuch", "teilhabe-selbsteinschaetzung",
           "arbeit-jobcenter", "fall-zustaendig", "arbeit-wochenstunden",
           "aufenthalt-klage", "wohnen-unterkunft", "teilhabe-eigenes_ehrenamt")  # fmt: skip


@functools.cache
def form_at(root: Path) -> Form:
    """The shipped form."""
    return read_xlsform(root / "data" / "forms" / f"{NAME}.md")


def table(form: Form, rows: int, records: int, seed: int = 7) -> pd.DataFrame:
    """So many rows of simulated records, repeated in random order under keys of their own; one in 500 is faulty."""
    few = tables(form, simulate(form, records, seed, NOW))[NAME]
    rng = np.random.default_rng(seed)
    made = few.take(rng.integers(0, len(few), rows)).reset_index(drop=True)
    made["KEY"] = pd.Series(np.char.add("uuid:", np.arange(rows).astype(str)), dtype="string")
    for name in _FAULTS:
        hit = np.flatnonzero(rng.random(rows) < 1 / 4000)
        made.loc[hit, name] = 999 if str(made[name].dtype) == "Int64" else "falsch"
    return made


class View:
    """A table as its form reads it: what is not relevant, or not offered, reads as empty."""

    def __init__(self, form: Form, frame: pd.DataFrame) -> None:
        self.form = form
        self.frame = frame
        self.columns = {column.name: column for column in layout(form)[NAME].columns}
        self.rows = len(frame)
        self.offers = _filtered(form)
        self._known: dict[tuple[str, ...], Mask] = {}

    def _once(self, what: tuple[str, ...], make: Callable[[], Mask]) -> Mask:
        if what not in self._known:
            self._known[what] = make()
        return self._known[what]

    def filled(self, name: str) -> Mask:
        return self._once(("filled", name), lambda: self.frame[name].notna().to_numpy())

    def there(self, name: str) -> Mask:
        """Answered, asked and offered."""
        return self._once(("there", name), lambda: self.filled(name) & self.relevant(name) & self.offered(name))

    def relevant(self, name: str) -> Mask:
        return self._once(("relevant", name), lambda: self._relevant(name))

    def _relevant(self, name: str) -> Mask:
        asked = np.ones(self.rows, dtype=bool)
        for above, rule in RELEVANT.items():
            if name.startswith(f"{above}-"):
                asked = asked & rule(self)
        base = name.removesuffix("__missing")
        if base in RELEVANT:
            asked = asked & RELEVANT[base](self)
        return asked & ~self.there(base) if base != name else asked

    def is_in(self, name: str, *values: str) -> Mask:
        return self._once(("in", name, *values), lambda: self.there(name) & self.frame[name].isin(values).to_numpy())

    def day(self, name: str) -> npt.NDArray[np.datetime64]:
        return np.where(self.there(name), self.frame[name].to_numpy(), np.datetime64("NaT"))

    def number(self, name: str) -> npt.NDArray[np.float64]:
        return np.where(self.there(name), self.frame[name].to_numpy(dtype="float64", na_value=np.nan), np.nan)

    def offered(self, name: str) -> Mask:
        return self._once(("offered", name), lambda: self._offered(name))

    def _offered(self, name: str) -> Mask:
        if name == "aufenthalt-status":
            return _valid_status(self)
        return self.frame[name].isin(self.offers[name]).to_numpy() if name in self.offers else np.ones(self.rows, bool)

    @functools.cached_property
    def age(self) -> npt.NDArray[np.float64]:
        """Whole years at the interview, NaN where a date is missing."""
        born, day = self.day("person-geburtsdatum"), self.day("fall-datum")
        with np.errstate(invalid="ignore"):
            return np.trunc((_ymd(day) - _ymd(born)) / 10000)

    def matches(self, name: str, pattern: str) -> Mask:
        return self.frame[name].str.contains(pattern, na=False).to_numpy(dtype=bool)

    def by_set(self, name: str, rule: Callable[[list[str]], bool]) -> Mask:
        codes, sets = pd.factorize(self.frame[name].fillna(""))
        return np.array([rule(text.split()) for text in sets], dtype=bool)[codes]


def _ymd(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    codes, found = pd.factorize(days)
    stamps = pd.DatetimeIndex(found)
    numbers = np.append((stamps.year * 10000 + stamps.month * 100 + stamps.day).to_numpy(dtype=float), np.nan)
    return numbers[codes]


def _filtered(form: Form) -> dict[str, frozenset[str]]:
    """What filtered lists offer whatever else is answered: missing reasons, and lists without some of their entries."""
    names = {column.nodeset: column.name for column in layout(form)[NAME].columns}
    found = {}
    for control in form.controls():
        source = control.itemset.nodeset.source if control.itemset else ""
        every = choice_values(form, control.nodeset)
        if control.nodeset in names and every is not None and "[" in source and "valid_from" not in source:
            kept = re.search(r"selected\('([^']*)'", source)
            without = set(re.findall(r"name != '([^']*)'", source))
            found[names[control.nodeset]] = every & frozenset(kept[1].split()) if kept else every - without
    return found


def _statuses(form: Form, *names: str) -> list[tuple[str, ...]]:
    """The list of residence statuses, some of its columns."""
    top = form.instances["aufenthaltsstatus"]
    items = [item for node in top.elements() for item in ([node] if node.child("name") else node.elements())]
    return [tuple(node.value if (node := item.child(name)) else "" for name in names) for item in items]


def _of_group(form: Form, group: str) -> list[str]:
    return [name for name, of in _statuses(form, "name", "gruppe") if of == group]


def _valid_status(view: View) -> Mask:
    day = view.day("fall-datum")
    ok = np.zeros(view.rows, dtype=bool)
    for value, start, end in _statuses(view.form, "name", "valid_from", "valid_to"):
        within = (np.datetime64(start) <= day if start else True) & (np.datetime64(end) >= day if end else True)
        ok |= (view.frame["aufenthalt-status"] == value).fillna(False).to_numpy(dtype=bool) & within
    return ok


Rule = Callable[[View], Mask]


def _not_under(age: int) -> Rule:
    return lambda v: ~(v.age < age)


def _given(name: str, *but: str) -> Rule:
    return lambda v: v.there(name) & ~v.is_in(name, *but) if but else v.there(name)


def _one_of(name: str, *values: str) -> Rule:
    return lambda v: v.is_in(name, *values)


def _other_than(name: str, *values: str) -> Rule:
    return lambda v: ~v.is_in(name, *values)


_WORKS = _one_of("arbeit-erwerbsstatus", "svp_voll", "svp_teil", "minijob", "selbst", "ausb_dual", "eq",
                 "arbeitsuchend_beschaeftigt")  # fmt: skip
_ABROAD = ("beruf-anerkennung", "not_relevant", "advice", "docs_missing")
RELEVANT: dict[str, Rule] = {
    "fall-plan_kopf": _one_of("fall-plan_fuer", "haushalt", "mit_eltern"),
    "fall-schweigepflicht_bis": _given("fall-schweigepflicht"),
    "person-geburtsdatum_genauigkeit": _given("person-geburtsdatum"),
    "aufenthalt-einreise": _other_than("aufenthalt-zugangsart", "geburt"),
    "aufenthalt-status_gueltig_bis": _given("aufenthalt-status"),
    "aufenthalt-bamf_bescheid_vom": _given("aufenthalt-bamf_entscheidung", "offen", "entfaellt"),
    "aufenthalt-klage": _one_of("aufenthalt-bamf_entscheidung", "abgelehnt", "ou", "subsidiaer"),
    "aufenthalt-mitwirkung_offen": lambda v: v.is_in("aufenthalt-status", *_of_group(v.form, "g4")),
    "haushalt-partner_ausland": _not_under(16),
    "haushalt-kinder_ausland": _not_under(15),
    "haushalt-familiennachzug":
        lambda v: v.is_in("haushalt-partner_ausland", "ja") | (v.number("haushalt-kinder_ausland") > 0),
    "sprache": _not_under(6),
    "sprache-quelle": _given("sprache-deutsch_gesamt"),
    "sprache-kurs": _not_under(15),
    "sprache-kursstatus": lambda v: ~(v.age < 15) & v.there("sprache-kurs") & ~v.is_in("sprache-kurs", "keiner"),
    "sprache-hindernisse": _not_under(15),
    "sprache-zertifikat": _one_of("sprache-quelle", "zertifikat"),
    "sprache-zertifikat_vom": _one_of("sprache-quelle", "zertifikat"),
    "sprache-kurs_bis": lambda v: ~(v.age < 15) & v.is_in("sprache-kursstatus", "running"),
    "sprache-orientierungskurs": _not_under(16),
    "bildung": _not_under(15),
    "bildung-abschluss_land": _given("bildung-isced", "isced0"),
    "bildung-zeugnisse": _given("bildung-isced", "isced0"),
    "beruf": _not_under(15),
    "beruf-erlernter_beruf": _given("beruf-berufsausbildung", "keine"),
    "beruf-erlernter_beruf_kldb": _given("beruf-berufsausbildung", "keine"),
    "beruf-anerkennung": _other_than("beruf-berufsausbildung", "keine"),
    "beruf-letzte_taetigkeit_kldb": _given("beruf-letzte_taetigkeit"),
    "beruf-reglementiert": _given("beruf-berufsausbildung", "keine"),
    "beruf-anerkennungsstelle": _given(*_ABROAD),
    "beruf-anerkennung_beantragt_am": _given(*_ABROAD),
    "beruf-anerkennung_bescheid_vom":
        _one_of("beruf-anerkennung", "full", "partial", "none", "compensation", "zab_rating", "completed"),
    "beruf-ausgleichsmassnahme": _one_of("beruf-anerkennung", "partial", "compensation"),
    "arbeit": _not_under(15),
    "arbeit-jobcenter_plan_vom": _one_of("arbeit-jobcenter", "plan"),
    "arbeit-erwerbsstatus_seit": _given("arbeit-erwerbsstatus"),
    "arbeit-taetigkeit": _WORKS,
    "arbeit-wochenstunden": _WORKS,
    "arbeit-befristet": _WORKS,
    "wohnen-unterkunft": _one_of("wohnen-wohnform", "au_gu", "au_whg_eigen", "au_whg_miete", "obdach"),
    "wohnen-einzug": _given("wohnen-wohnform", "none"),
    "wohnen-wohnflaeche": _given("wohnen-wohnform", "none"),
    "wohnen-wohnflaeche_personen": _given("wohnen-wohnflaeche"),
    "wohnen-wbs": _not_under(15),
    "wohnen-wohnbedarf": _other_than("wohnen-sucht_wohnung", "nein"),
    "wohnen-wohntraining": _not_under(15),
    **{f"gesundheit-{name}": _one_of("fall-einwilligung", "ja")
       for name in ("bedarfsgruppen", "trauma_hinweis", "angebunden", "behinderung", "gdb_pflegegrad")},
    "teilhabe": _not_under(15),
    "teilhabe-patenschaft": _one_of("teilhabe-patenschaft_gewuenscht", "ja"),
    "ziele": _other_than("fall-plan_fuer", "mit_eltern"),
    "abschluss-naechster_termin": _other_than("fall-plan_fuer", "mit_eltern"),
    "abschluss-plan_ausgehaendigt": _other_than("fall-plan_fuer", "mit_eltern"),
    "abschluss-plan_sprache":
        lambda v: ~v.is_in("fall-plan_fuer", "mit_eltern") & v.is_in("abschluss-plan_ausgehaendigt", "ja"),
    "abschluss-unterschriften": _other_than("fall-plan_fuer", "mit_eltern"),
    "abschluss-unterschrift_am":
        lambda v: ~v.is_in("fall-plan_fuer", "mit_eltern") & v.there("abschluss-unterschriften"),
}  # fmt: skip

TODAY = np.datetime64("2026-05-04")


def _between(low: float, high: float) -> Callable[[View, str], Mask]:
    return lambda v, name: (v.number(name) >= low) & (v.number(name) <= high)


def _pattern(pattern: str) -> Callable[[View, str], Mask]:
    return lambda v, name: v.matches(name, pattern)


def _alone(v: View, name: str) -> Mask:
    """None of these stands alone."""
    return v.by_set(name, lambda chosen: not ("keine" in chosen and len(chosen) > 1))


def _from(other: str, *, past: bool = False) -> Callable[[View, str], Mask]:
    """On or after another day, where there is one; and not in the future."""
    return lambda v, name: (~v.there(other) | (v.day(name) >= v.day(other))) & (v.day(name) <= TODAY if past else True)


def _after(other: str) -> Callable[[View, str], Mask]:
    return lambda v, name: ~v.there(other) | (v.day(name) > v.day(other))


def _past(v: View, name: str) -> Mask:
    return v.day(name) <= TODAY


def _born(v: View, name: str) -> Mask:
    return _past(v, name) & (~v.there("fall-datum") | ((v.day(name) <= v.day("fall-datum")) & (v.age <= 110)))


def _upto_age(high: float) -> Callable[[View, str], Mask]:
    return lambda v, name: _between(0, high)(v, name) & (np.isnan(v.age) | (v.number(name) <= v.age))


_BORN = "person-geburtsdatum"
CONSTRAINTS: dict[str, Callable[[View, str], Mask]] = {
    "fall-zustaendig": _pattern("^S-[0-9]{2,4}$"),
    "fall-person": _pattern("^P-[0-9]{6}$"),
    "fall-datum": _past,
    "fall-datenschutzhinweis": lambda v, name: v.is_in(name, "ja"),
    "fall-plan_kopf": _pattern("^P-[0-9]{6}$"),
    "fall-schweigepflicht_bis": _from("fall-datum"),
    "person-geburtsdatum": _born,
    "person-staatsangehoerigkeit2": lambda v, name: (v.frame[name] != v.frame["person-staatsangehoerigkeit"].fillna("")
                                                     ).fillna(True).to_numpy(dtype=bool),
    "person-telefon": _pattern("^[+0-9][0-9 /()-]{3,24}$"),
    "person-email": _pattern("^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[.][A-Za-z]{2,}$"),
    "aufenthalt-einreise": _from(_BORN, past=True),
    "aufenthalt-zuweisung": lambda v, name: _from(_BORN, past=True)(v, name) & _from("aufenthalt-einreise")(v, name),
    "aufenthalt-status_gueltig_bis": _after(_BORN),
    "aufenthalt-bamf_bescheid_vom": _from(_BORN, past=True),
    "haushalt-personen": _between(1, 99),
    "haushalt-unter18": lambda v, name: (v.number(name) >= 0) & (
        ~v.there("haushalt-personen") | (v.number(name) <= v.number("haushalt-personen"))),
    "haushalt-haushalts_id": _pattern("^H-[0-9]{4,6}$"),
    "haushalt-kinder_ausland": _between(0, 30),
    "sprache-hindernisse": _alone,
    "sprache-zertifikat_vom": _from(_BORN, past=True),
    "sprache-kurs_bis": _after(_BORN),
    "bildung-schuljahre": _upto_age(25),
    "bildung-isced": lambda v, name: (v.number("bildung-schuljahre") != 0) | v.is_in(name, "isced0"),
    "bildung-digitalkompetenz": _alone,
    "beruf-berufsjahre": _upto_age(np.inf),
    "beruf-anerkennung_beantragt_am": _from(_BORN, past=True),
    "beruf-anerkennung_bescheid_vom": _from("beruf-anerkennung_beantragt_am", past=True),
    "beruf-fahrerlaubnis": _alone,
    "arbeit-leistungen": _alone,
    "arbeit-jobcenter_plan_vom": _past,
    "arbeit-erwerbsstatus_seit": _from(_BORN, past=True),
    "arbeit-wochenstunden": _between(1, 99),
    "arbeit-hindernisse_arbeit": _alone,
    "wohnen-unterkunft": _pattern("^U-[0-9]{2,4}$"),
    "wohnen-einzug": _from(_BORN, past=True),
    "wohnen-wohnflaeche": _between(1, 999),
    "wohnen-wohnflaeche_personen": _between(1, 99),
    "gesundheit-bedarfsgruppen": _alone,
    "teilhabe-angebote": _alone,
    "teilhabe-orientierung": _alone,
    "teilhabe-selbsteinschaetzung": _between(0, 10),
    "abschluss-naechster_termin": _after("fall-datum"),
    "abschluss-unterschrift_am": _past,
    "ziele-anzahl_ziele": lambda v, _: np.zeros(v.rows, dtype=bool),  # without the table of goals there are none
}  # fmt: skip


def by_hand(form: Form, frame: pd.DataFrame) -> Masks:
    """Every rule of the root table as a mask."""
    v = View(form, frame)
    bad: Masks = {}
    for name, column in v.columns.items():
        if name not in frame:
            continue
        filled, asked = v.filled(name), v.relevant(name)
        if not asked.all():
            bad[name, "relevant"] = filled & ~asked
        answered = filled & asked
        values = choice_values(form, column.nodeset)
        if values is not None:
            wrong = answered & ~_offered(v, name, column.nodeset, values)
            bad[name, "choice"], answered = wrong, answered & ~wrong
        if name in CONSTRAINTS:
            bad[name, "constraint"] = answered & ~CONSTRAINTS[name](v, name)
        if column.bind.required is not None:
            without = asked & ~filled
            reason = f"{name}__missing"
            bad[name, "required"] = without & ~v.there(reason) if reason in v.columns else without
    return {pair: mask for pair, mask in bad.items() if mask.any()}


def _offered(v: View, name: str, nodeset: str, values: frozenset[str]) -> Mask:
    if name == "aufenthalt-status" or name in v.offers:
        return v.offered(name)
    if takes_many(v.form, nodeset):
        return v.by_set(name, values.issuperset)
    return v.frame[name].isin(values).to_numpy()
