"""An export is checked like the store it came from, and a pseudonymous one without finding what nobody did wrong."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from intake import distributed
from intake.checking import check_submissions
from intake.checkpage import page
from intake.exchange.extract import extract_submissions
from intake.exchange.parquet import document
from intake.exchange.profiles import Profile
from intake.exported import check_export, read_export
from intake.publishing import PublishedForm, freeze
from intake.study import Study, create_study
from intake.submission import Record, Submission
from scenario.commands import run
from scenario.workbooks import markdown
from validation import read_form
from validation.errors import DataError
from validation.report import Report
from validation.schema import check

FORM = """
| survey | type | name | label::Deutsch (de) | required | relevant | constraint | choice_filter | sensitivity |
|---|---|---|---|---|---|---|---|---|
| | text | person | Pseudonym | yes | | regex(., '^P-[0-9]+$') | | general |
| | text | name | Name | yes | | string-length(.) < 20 | | identity |
| | integer | alter | Alter | yes | | . >= 0 and . < 120 | | general |
| | date | tag | Tag | yes | | . <= today() and . >= date('2020-01-01') | | general |
| | date | ende | Ende | | | . >= ${tag} and . <= today() | | general |
| | text | notiz | Notiz | | | | | general |
| | integer | laenge | Länge | | ${notiz} != '' | | | general |
| | integer | kinder | Kinder | | ${alter} > 14 | | | general |
| | select_one wohnen | wohnen | Wohnen | yes | | | | general |
| | integer | zimmer | Zimmer | | ${wohnen} = 'wg' | . < 30 | | general |
| | begin_repeat | ziel | Ziel | | | | | |
| | integer | stufe | Stufe | yes | | . < 6 | | general |
| | end_repeat | | | | | | | |
| | begin_repeat | gast | Gast | | | | | |
| | text | person | Gast | | | | | general |
| | date | von | Von | | | . <= today() and . >= ${tag} | | general |
| | end_repeat | | | | | | | |

| choices | list_name | name | label::Deutsch (de) | sensitivity |
|---|---|---|---|---|
| | wohnen | wg | Wohnung | |
| | wohnen | klinik | Klinik | special |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | VERSION | Deutsch (de) |
"""
BEGUN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
GOOD: Record = {
    "/data/person": "P-1", "/data/name": "Amina", "/data/alter": "30", "/data/tag": "2020-01-01",
    "/data/ende": "2026-03-02", "/data/notiz": "ruhig", "/data/laenge": "5", "/data/kinder": "2",
    "/data/wohnen": "wg", "/data/zimmer": "3", "/data/ziel": [{"/data/ziel/stufe": "1"}, {"/data/ziel/stufe": "5"}],
    "/data/gast": [{"/data/gast/person": "P-7", "/data/gast/von": "2020-01-02"},
                   {"/data/gast/person": "P-8", "/data/gast/von": "2026-03-02"}],
}  # fmt: skip
IN_HOSPITAL = {key: value for key, value in GOOD.items() if key != "/data/zimmer"} | {"/data/wohnen": "klinik"}
BAD: Record = GOOD | {
    "/data/alter": "200", "/data/ende": "2026-03-03",
    "/data/ziel": [{"/data/ziel/stufe": "1"}, {"/data/ziel/stufe": "9"}],
}  # fmt: skip
YOUNG: Record = GOOD | {"/data/alter": "3"}


def published(folder: Path, version: str = "1") -> PublishedForm:
    return freeze(markdown(folder, FORM.replace("VERSION", version), "probe.md"))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = create_study(tmp_path / "studie")
    for path in made.form_paths():
        path.unlink()
    published(made.dir / "forms")
    return replace(made, order=())


def sent(form: PublishedForm, records: Sequence[Record]) -> list[Submission]:
    return [
        Submission(
            id=f"uuid:{number}", form_id=form.form_id, form_version=form.version, form_hash=form.hash,
            municipality="08235007", subject=f"P-{number}", record=record, started=BEGUN, ended=BEGUN, author="a",
            received=BEGUN,
        )
        for number, record in enumerate(records, start=1)
    ]  # fmt: skip


def written(
    folder: Path, form: PublishedForm, records: Sequence[Record], profile: str = "full", **more: Any
) -> Path:  # fmt: skip
    """A folder with an export of these records."""
    take = extract_submissions(read_form(form.xform), sent(form, records), profile=Profile(profile, **more))
    folder.mkdir()
    for name, frame in take.typed().items():
        (folder / f"{name}.parquet").write_bytes(document(take, frame, name))
    return folder


def problems(study: Study, folder: Path, **more: Any) -> list[tuple[str, str]]:
    """(column, rule) of what is wrong in the only form of an export."""
    report = check_export(study, folder, **more)
    (found,) = report.forms
    return [(problem.column, problem.rule) for problem in found.problems]


class TestFull:
    def test_an_export_is_judged_like_its_records(self, study: Study, tmp_path: Path) -> None:
        form = published(tmp_path)
        records = [GOOD, BAD, IN_HOSPITAL, YOUNG, GOOD | {"/data/name": ""}]
        report = check_export(study, written(tmp_path / "x", form, records))
        (found,) = report.forms
        wanted = check_submissions(read_form(form.xform), sent(form, records), zone=study.zone)
        assert found.problems == wanted.problems
        assert (found.records, found.entries, found.failed) == (5, 20, 3)
        assert report.as_of == BEGUN
        assert report.not_judged == ()
        assert {problem.column for problem in found.problems} == {"alter", "ende", "kinder", "name", "stufe"}

    def test_records_of_another_version_are_counted_and_left_alone(self, study: Study, tmp_path: Path) -> None:
        older, newer = published(tmp_path / "1"), published(tmp_path / "2", "2")
        submissions = [*sent(older, [GOOD, BAD]), *(replace(each, id="uuid:9") for each in sent(newer, [BAD]))]
        take = extract_submissions(
            read_form(newer.xform), submissions, earlier=[read_form(older.xform)], profile=Profile()
        )
        (tmp_path / "x").mkdir()
        for name, frame in take.typed().items():
            (tmp_path / "x" / f"{name}.parquet").write_bytes(document(take, frame, name))
        report = check_export(study, tmp_path / "x")
        assert [(each.code, each.fields["count"]) for each in report.not_judged] == [("exported.other_version", "1")]
        assert (report.forms[0].records, report.forms[0].failed) == (2, 1)

    def test_a_scheduler_is_given_the_tables_and_the_form_and_nothing_else(
        self, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = published(tmp_path)
        folder = written(tmp_path / "x", form, [GOOD, BAD])
        asked: list[tuple[str, str, Mapping[str, Any]]] = []

        def check_on(scheduler: str, xform: str, tables: Mapping[str, pd.DataFrame], **more: Any) -> Report:
            asked.append((scheduler, xform, more))
            more.pop("progress")(1, 2)
            return check(read_form(xform), tables, **more)

        monkeypatch.setattr(distributed, "check_on", check_on)
        said: list[str] = []
        assert problems(study, folder, scheduler="tls://x:1", progress=said.append) == problems(study, folder)
        ((scheduler, xform, more),) = asked
        assert (scheduler, xform) == ("tls://x:1", form.xform)
        assert sorted(more) == ["default_now", "instances", "zone"]
        assert more["default_now"] == {"uuid:1": BEGUN, "uuid:2": BEGUN}
        assert any("1 von 2" in text for text in said)


class TestPseudonymous:
    def test_what_the_profile_changed_is_no_fault(self, study: Study, tmp_path: Path) -> None:
        for number in range(4):  # other shifts each time
            folder = written(tmp_path / str(number), published(tmp_path), [GOOD, IN_HOSPITAL] * 5, "pseudonymous")
            assert problems(study, folder) == []

    def test_what_is_still_there_is_judged(self, study: Study, tmp_path: Path) -> None:
        folder = written(tmp_path / "x", published(tmp_path), [GOOD, BAD, YOUNG], "pseudonymous")
        assert sorted(problems(study, folder)) == [
            ("alter", "constraint"), ("ende", "constraint"), ("kinder", "relevant"), ("stufe", "constraint"),
        ]  # fmt: skip
        report = check_export(study, folder)
        assert [(each.code, each.fields["missing"]) for each in report.not_judged] == [("exported.unjudged", "2")]
        said = report.as_dict("de")["not_judged"]
        assert said == [note.text() for note in report.not_judged]
        assert "2 Fragen" in str(said)
        assert "2 Fragen" in report.to_text()
        assert "2 Fragen" in page(report, "de")
        assert not any("uuid:" in problem.key for problem in report.forms[0].problems)


class TestRefusals:
    def test_a_folder_without_an_export(self, study: Study, tmp_path: Path) -> None:
        pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "foreign.parquet")
        with pytest.raises(DataError) as caught:
            check_export(study, tmp_path)
        assert caught.value.code == "exported.none"

    def test_a_public_one(self, study: Study, tmp_path: Path) -> None:
        folder = written(tmp_path / "x", published(tmp_path), [GOOD] * 12, "public")
        with pytest.raises(DataError) as caught:
            check_export(study, folder)
        assert caught.value.code == "exported.public"

    def test_a_form_the_study_does_not_have(self, study: Study, tmp_path: Path) -> None:
        folder = written(tmp_path / "x", published(tmp_path), [GOOD])
        (study.dir / "forms" / "probe.md").unlink()
        with pytest.raises(DataError) as caught:
            check_export(study, folder)
        assert caught.value.code == "exported.unknown_form"

    def test_a_file_that_is_none(self, study: Study, tmp_path: Path) -> None:
        (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
        with pytest.raises(DataError) as caught:
            check_export(study, tmp_path)
        assert caught.value.code == "export.no_parquet"


def test_the_export_is_read_by_form_with_what_its_files_tell(tmp_path: Path) -> None:
    folder = written(tmp_path / "x", published(tmp_path), [GOOD], "pseudonymous")
    (found,) = read_export(folder)
    assert (found.form_id, found.version, found.profile) == ("probe", "1", "pseudonymous")
    assert sorted(found.tables) == ["probe", "probe-gast", "probe-ziel"]
    assert "Amina" not in repr(found)


@pytest.mark.long
def test_the_command_says_on_two_processes_what_it_says_on_one(demo_built: Path, tmp_path: Path) -> None:
    where = demo_built.parent
    made = run(f"lotsenbuch export --study demo --format parquet --profile pseudonymous --out {tmp_path / 'x'}", where)
    assert made.code == 0, made.err
    one = run(f"lotsenbuch check --study demo --data {tmp_path / 'x'}", where)
    two = run(f"lotsenbuch check --study demo --data {tmp_path / 'x'} --scheduler local:2", where)
    assert (one.code, two.code) == (0, 0), two.err
    assert one.out == two.out
    assert "keine Beanstandung" in one.out


def test_the_command_checks_an_export_and_never_a_store_elsewhere(study: Study, tmp_path: Path) -> None:
    settings = study.dir / "study.toml"
    settings.write_text(re.sub(r"(?m)^forms = \[[^\]]*\]", 'forms = ["probe"]', settings.read_text("utf-8")), "utf-8")
    written(tmp_path / "x", published(tmp_path), [GOOD, BAD], "pseudonymous")
    done = run("lotsenbuch check --study studie --data x --json", tmp_path)
    assert done.code == 1, done.err
    told = json.loads(done.out)
    (found,) = told["forms"]
    assert "2 Fragen" in told["not_judged"][0]
    assert (found["records"], found["failed"]) == (2, 1)
    refused = run("lotsenbuch check --study studie --scheduler local:2", tmp_path)
    assert refused.code == 2
    assert "--data" in refused.err
