"""Reads the plan of a town, its school-entry measurements and the language programmes of its Kitas.

The only place of this package that knows names of forms and questions.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.municipal_plan.lights import Course
from reports.municipal_plan.model import (
    STATES,
    Field,
    Figures,
    Goal,
    Indicator,
    Measure,
    Measurement,
    Plan,
    Programme,
    Result,
)
from validation.errors import ReportError
from validation.layout import choice_labels

if TYPE_CHECKING:
    from intake.study import Study
    from reports.sources import Tables

PLAN, SCHOOL, ORGANISATION = "kommunaler_plan", "esu_messung", "organisation"
MAPPING = "handlungsfelder.csv"
LABELLED: Mapping[str, tuple[str, str]] = {
    "field": (PLAN, "/data/felder/handlungsfeld/feld"),
    "rating": (PLAN, "/data/felder/handlungsfeld/ist_bewertung"),
    "state": (PLAN, "/data/massnahmen/massnahme/massnahme_stand"),
    "language": (SCHOOL, "/data/ergebnisse/zeile/familiensprache"),
    "programme": (SCHOOL, "/data/ergebnisse/zeile/programm"),
}
"""What is labelled by which question's choices."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "handlungsfeld": ("feld",),
    "operatives_ziel": ("ziel_nr", "ziel_feld"),
    "massnahme": ("massnahme_nr", "massnahme_ziel"),
    "indikator": ("indikator_nr", "indikator_ziel"),
    "messung": ("messung_indikator", "messung_datum", "messung_zaehler"),
}
"""Questions without whose answer an entry can be put nowhere. The check names such entries, the report has them not."""

Row = Mapping[str, Any]
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Read:
    """The plan, raw figures by number of the indicator, school entry and programmes of one town."""

    plan: Plan
    figures: Mapping[str, Figures]
    results: tuple[Result, ...]
    programmes: tuple[Programme, ...]


def read(study: Study, municipality: str, day: dt.date, language: str) -> tuple[Read, Labels]:
    """What is known of a town's plan on a day, and the labels. ReportError 'municipal.no_plan' where it has none."""
    tables, labels = _tables(study, municipality, language)
    mapping = read_fields(study.dir / MAPPING)
    plans = [row for row in _rows(tables, PLAN, "plan-gilt_ab", "plan-id") if _day(row["plan-gilt_ab"]) <= day]
    if not plans:
        raise ReportError("municipal.no_plan", municipality=municipality, day=f"{day:%d.%m.%Y}")
    root = max(plans, key=lambda row: (row["plan-gilt_ab"], row["plan-id"]))
    found = _Plan(tables, root["KEY"], day, labels)
    return Read(found.plan(root, mapping, municipality, language), found.figures(),
                tuple(_results(tables)), tuple(_programmes(tables))), labels  # fmt: skip


def _tables(study: Study, municipality: str, language: str) -> tuple[Tables, Labels]:
    """The tables of the three forms with the records of one town, and the labels of their choices."""
    from intake.store.audit import Witness
    from intake.store.restriction import left_out
    from intake.tables import published_forms, tables
    from intake.versions import RENAMES, read_renames

    made: dict[str, Any] = {}
    with study.store() as store:
        witness, gone = Witness(store), left_out(store)
        forms = published_forms(store)
        for name in (PLAN, SCHOOL, ORGANISATION):
            if name not in forms:
                continue
            newest, *earlier = forms[name]
            witness.saw_tables(forms[name])
            kept = (each for each in store.submissions(name, municipality=municipality) if each.id not in gone)
            renames = read_renames(study.dir / RENAMES, newest.id)
            made |= tables(newest, kept, earlier=earlier, zone=study.zone, renames=renames)
    labels = {
        name: choice_labels(forms[form][0], question, language) if form in forms else {}
        for name, (form, question) in LABELLED.items()
    }
    return made, labels


# --- fields


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A line of the table of fields: a town's (or, where ags is empty, everybody's) field and the Kreis's."""

    ags: str
    field: str
    district: str
    names: Mapping[str, str]


def read_fields(path: Path) -> tuple[FieldOf, ...]:
    """The table `handlungsfelder.csv` of a study. ReportError 'municipal.fields' where it can't be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                FieldOf(row["ags"], row["feld"], row["handlungsfeld"], {"de": row["name_de"], "en": row["name_en"]})
                for row in csv.DictReader(file)
            )
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise ReportError("municipal.fields", path=path) from error


def defaults(mapping: Iterable[FieldOf]) -> tuple[str, ...]:
    """The default fields, in the order of the table: what a town without a list of its own is expected to have."""
    return tuple(dict.fromkeys(each.district for each in mapping if not each.ags))


def field_of(mapping: Iterable[FieldOf], municipality: str, field: str) -> FieldOf:
    """The line of a town's field; without one that of everybody, without that the field stands for itself."""
    lines = [each for each in mapping if each.field == field and each.ags in (municipality, "")]
    own = FieldOf(municipality, field, field, {})
    return max(lines, key=lambda each: bool(each.ags), default=own)


# --- the plan


@dataclass(frozen=True)
class _Plan:
    """One record of the plan, level by level. day: what was measured later is not known yet."""

    tables: Tables
    key: str
    day: dt.date
    labels: Labels

    def plan(self, root: Row, mapping: tuple[FieldOf, ...], municipality: str, language: str) -> Plan:
        rows = self._entries("handlungsfeld")
        fields = [self._field(row, field_of(mapping, municipality, row["feld"]), language) for row in rows]
        standard = defaults(mapping)
        order = {code: at for at, code in enumerate(standard)}
        fields.sort(key=lambda field: order.get(field.district, len(order)))
        there = {field.district for field in fields}
        return Plan(
            id=root["plan-id"],
            title=root["plan-titel"],
            adopted=_day_before(root["plan-beschlossen_am"], self.day),
            begin=_day(root["plan-gilt_ab"]),
            end=_day_or_none(root["plan-gilt_bis"]),
            vision=_text(root["plan-leitbild"]),
            fields=tuple(fields),
            absent=tuple(self.labels["field"].get(code, code) for code in standard if code not in there),
        )

    def figures(self) -> dict[str, Figures]:
        measured = self._entries("messung")
        return {
            row["indikator_nr"]: Figures(
                self._course(row),
                _text(row["messgroesse-einheit"]),
                tuple(_measurements(measured, row["indikator_nr"], self.day)),
            )
            for row in self._entries("indikator")
            if _text(row["messbar"]) == "ja"
        }

    def _entries(self, repeat: str) -> list[Row]:
        found = _rows(self.tables, f"{PLAN}-{repeat}", *_NEEDED[repeat])
        return [row for row in found if row["PARENT_KEY"] == self.key]

    def _field(self, row: Row, line: FieldOf, language: str) -> Field:
        named = line.names.get(language) or self.labels["field"].get(row["feld"], row["feld"])
        return Field(
            code=row["feld"],
            name=_text(row["feld_name"]) or named[:1].upper() + named[1:],
            district=line.district,
            aim=_text(row["leitziel"]),
            runs=_text(row["ist_laeuft"]),
            exists=_text(row["ist_vorhanden"]),
            lacks=_text(row["ist_fehlt"]),
            rating=self.labels["rating"].get(_text(row["ist_bewertung"]), ""),
            source=_text(row["ist_quelle"]),
            as_of=_day_or_none(row["ist_stand"]),
            goals=tuple(self._goal(goal) for goal in self._entries("operatives_ziel")
                        if goal["ziel_feld"] == row["feld"]),
        )  # fmt: skip

    def _goal(self, row: Row) -> Goal:
        number = row["ziel_nr"]
        found = [each for each in self._entries("indikator") if each["indikator_ziel"] == number]
        measures = [each for each in self._entries("massnahme") if each["massnahme_ziel"] == number]
        return Goal(
            number=number,
            text=_text(row["ziel_text"]),
            due=_day_or_none(row["ziel_frist"]),
            measures=tuple(self._measure(each) for each in measures),
            indicators=tuple(self._indicator(each) for each in found if _text(each["messbar"]) == "ja"),
            unmeasured=" ".join(_text(each["nicht_messbar_grund"]) for each in found if _text(each["messbar"]) != "ja"),
        )

    def _measure(self, row: Row) -> Measure:
        status, end = _text(row["massnahme_stand"]), _day_or_none(row["massnahme_bis"])
        return Measure(
            number=row["massnahme_nr"],
            text=_text(row["massnahme_text"]),
            lead=_text(row["leitung"]),
            partners=_text(row["partner"]),
            begin=_day_or_none(row["massnahme_ab"]),
            end=end,
            status=status,
            reason=_text(row["massnahme_grund"]),
            late=end is not None and end < self.day and status in STATES[:2],
        )

    def _indicator(self, row: Row) -> Indicator:
        return Indicator(
            number=row["indikator_nr"],
            name=_text(row["messgroesse-indikator_name"]),
            numerator=_text(row["messgroesse-zaehler"]),
            denominator=_text(row["messgroesse-nenner"]),
            unit=_text(row["messgroesse-einheit"]),
            direction=_text(row["messgroesse-richtung"]),
            source=_text(row["messgroesse-indikator_quelle"]),
            baseline_on=_day_or_none(row["messgroesse-ausgangswert_am"]),
            target_on=_day_or_none(row["messgroesse-zielwert_am"]),
            breaks=tuple(self._breaks(row["KEY"])),
        )

    def _course(self, row: Row) -> Course:
        return Course(
            direction=_text(row["messgroesse-richtung"]),
            baseline=_decimal(row["messgroesse-ausgangswert"]),
            baseline_on=_day_or_none(row["messgroesse-ausgangswert_am"]),
            target=_decimal(row["messgroesse-zielwert"]),
            target_on=_day_or_none(row["messgroesse-zielwert_am"]),
            breaks=tuple(day for day, _ in self._breaks(row["KEY"])),
        )

    def _breaks(self, indicator: str) -> list[tuple[dt.date, str]]:
        rows = [row for row in _rows(self.tables, f"{PLAN}-bruchtag", "bruch_am") if row["PARENT_KEY"] == indicator]
        return sorted((_day(row["bruch_am"]), _text(row["bruch_grund"])) for row in rows)


def _measurements(rows: Iterable[Row], indicator: str, until: dt.date) -> Iterator[Measurement]:
    mine = [row for row in rows if row["messung_indikator"] == indicator and _day(row["messung_datum"]) <= until]
    for row in sorted(mine, key=lambda row: _day(row["messung_datum"])):
        yield Measurement(
            day=_day(row["messung_datum"]),
            numerator=Decimal(str(row["messung_zaehler"])),
            denominator=_decimal(row["messung_nenner"]),
            evidence=_text(row["messung_beleg"]),
            by=_text(row["messung_durch"]),
        )


# --- school entry


def _results(tables: Tables) -> Iterator[Result]:
    roots = {row["KEY"]: row for row in _rows(tables, SCHOOL, "esu-jahr", "esu-raum")}
    for row in _rows(tables, f"{SCHOOL}-zeile", "familiensprache", "untersucht", "bedarf"):
        if row["PARENT_KEY"] not in roots:
            continue
        root = roots[row["PARENT_KEY"]]
        yield Result(
            label=root["esu-jahr"],
            year=_second_year(root["esu-jahr"]),
            area=root["esu-raum"],
            kita=_text(root["esu-kitagruppe"]),
            language=row["familiensprache"],
            exposed=_text(row["exponiert"]),
            programme=_text(row["programm"]),
            examined=int(row["untersucht"]),
            need=int(row["bedarf"]),
            recounted=_text(root["esu-zaehlweise_neu"]) == "ja",
            source=_text(root["esu-quelle"]),
        )


def _programmes(tables: Tables) -> Iterator[Programme]:
    roots = {row["KEY"]: row for row in _rows(tables, ORGANISATION)}
    for row in _rows(tables, f"{ORGANISATION}-programm", "programm_art", "programm_jahr"):
        root = roots[row["PARENT_KEY"]]
        children = row["programm_kinder"]
        yield Programme(
            kita=_text(root["organisation-bezeichnung"]),
            group=_text(root["kita-kitagruppe"]),
            kind=row["programm_art"],
            label=row["programm_jahr"],
            year=_second_year(row["programm_jahr"]),
            children=None if _is_missing(children) else int(children),
        )


def _second_year(label: str) -> int:
    """2022 of '2021/22'; the form takes two years that follow each other only."""
    return int(label[:4]) + 1


# --- from frames to plain values


def _rows(tables: Tables, name: str, *needed: str) -> list[Row]:
    """The rows of a table in which all that is needed was said; none where the form was never published."""
    if name not in tables:
        return []
    rows = [{str(column): value for column, value in row.items()} for row in tables[name].to_dict("records")]
    return [row for row in rows if not any(_is_missing(row[column]) for column in needed)]


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _text(value: Any) -> str:
    return "" if _is_missing(value) else " ".join(str(value).split())


def _day(value: Any) -> dt.date:
    found: dt.date = value.date()
    return found


def _day_or_none(value: Any) -> dt.date | None:
    return None if _is_missing(value) else _day(value)


def _day_before(value: Any, until: dt.date) -> dt.date | None:
    found = _day_or_none(value)
    return found if found is not None and found <= until else None


def _decimal(value: Any) -> Decimal | None:
    return None if _is_missing(value) else Decimal(str(value))
