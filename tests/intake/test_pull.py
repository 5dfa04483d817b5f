from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from intake import entrance
from intake.exchange import openrosa
from intake.exchange.arriving import Wanted
from intake.exchange.in_cli import in_app
from intake.exchange.incoming import CHANGED, NEW, UNCHANGED, Plan, Terms, carried_out
from intake.publishing import PublishedForm
from intake.pull import TRIES, Central, Kobo, Line, Secret, is_loopback, pull_central, pull_kobo
from intake.store import Store, keychain, open_store
from intake.study import Study, create_study
from intake.submission import Submission
from scenario import odk_server
from scenario.exchanged import FULL, THEN, answered, form, sent, xform
from scenario.odk_server import EMAIL, PASSWORD, TOKEN, Running, Trouble, serving
from scenario.stores import KEY
from validation.errors import DataError, LotsenbuchError, UsageError

TOWN = "08235007"
TERMS = Terms(author="müller", zone="Europe/Berlin", now=THEN, municipality=TOWN)


def quiet(_seconds: float) -> None:
    """No waiting."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db", key=KEY, create=True) as made:
        made.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
        yield made


def site(count: int = 5, **more: Any) -> odk_server.Central:
    records = {f"uuid:{n}": xml(sent(n, {**FULL, "/data/notiz": f"=1+{n}"})) for n in range(1, count + 1)}
    return odk_server.Central("probe", records, **more)


def xml(submission: Submission) -> bytes:
    return openrosa.xml_document(submission, form())


def pulled(store: Store, server: Running, terms: Terms = TERMS, waits: list[float] | None = None) -> Plan:
    source = Central(server.url, Secret(PASSWORD, EMAIL), sleep=quiet if waits is None else waits.append)
    return pull_central(store, source, terms)


def test_new_records_come_page_by_page_and_unchanged_ones_are_not_fetched_again(store: Store) -> None:
    central = site()
    with serving(central) as server:
        plan = pulled(store, server)
        assert (plan.counts[NEW], plan.ok) == (5, True)
        assert store.count() == 0
        assert sum(".svc" in path for path in server.log) == 3
        carried_out(store, plan)
        assert store.history("uuid:3")[0].record["/data/notiz"] == "=1+3"
        server.log.clear()
        central.records["uuid:6"] = xml(sent(6, FULL))
        plan = pulled(store, server)
        assert [item.id for item in plan.items] == ["uuid:6"]
        assert sum(path.endswith(".xml") for path in server.log) == 1
        assert central.sessions == set()  # the session was ended


def test_an_edited_record_is_a_change_with_a_reason(store: Store) -> None:
    central = site(2)
    with serving(central) as server:
        carried_out(store, pulled(store, server))
        edited = sent(2, {**FULL, "/data/notiz": "anders", "/data/meta/deprecatedID": "uuid:2"})
        edited = replace(edited, record={**edited.record, "/data/meta/instanceID": "uuid:22"})
        central.records["uuid:2"], central.edits["uuid:2"] = xml(edited), 1
        plan = pulled(store, server)
        assert [(item.id, item.state) for item in plan.items] == [("uuid:2", CHANGED)]
        assert "/data/notiz" in plan.items[0].questions
        with pytest.raises(UsageError):
            carried_out(store, plan)
        carried_out(store, plan, reason="changed")
        assert [each.version for each in store.history("uuid:2")] == [1, 2]
        assert pulled(store, server).items == ()  # that edit is known now


def test_files_come_with_their_records(store: Store) -> None:
    central = site(2, files={"uuid:1": {"1.jpg": b"JPEG"}})
    with serving(central) as server:
        carried_out(store, pulled(store, server))
    assert store.attachments.content("uuid:1", "1.jpg") == b"JPEG"
    assert store.attachments.listed("uuid:2") == ()
    assert store.journal.drafts() == []


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("Sun, 22 Nov 2037 12:00:00 GMT", 120, 120), ("bald", 1, 1), ("999999", 120, 120)],
)
def test_a_busy_server_is_asked_again_when_it_says(store: Store, header: str, least: float, most: float) -> None:
    waits: list[float] = []
    with serving(site(1), Trouble(429, {"Retry-After": header}, "Submissions")) as server:
        assert pulled(store, server, waits=waits).counts[NEW] == 1
    assert len(waits) == 1
    assert least <= waits[0] <= most


def test_a_line_that_breaks_is_taken_up_where_it_broke(store: Store) -> None:
    waits: list[float] = []
    with serving(site(5), Trouble(path=".svc", after=1), Trouble(path=".xml", after=2), Trouble(503)) as server:
        plan = pulled(store, server, waits=waits)
        assert plan.counts[NEW] == 5
        assert sum(path.endswith(".xml") for path in server.log) == 7  # two of them again, not all five
    assert len(waits) == 3


def test_what_came_whole_is_planned_where_the_line_stays_broken_and_the_rest_comes_next_time(store: Store) -> None:
    gone = [Trouble(path=".xml", after=3), *[Trouble(path=".xml")] * (TRIES - 1)]
    with serving(site(5), *gone) as server:
        plan = pulled(store, server)
        assert (plan.counts[NEW], [remark.code for remark in plan.remarks]) == (3, ["import.partial"])
        assert "3 von 5" in plan.to_text()
        carried_out(store, plan)
        carried_out(store, pulled(store, server))
    assert store.count() == 5


@pytest.mark.parametrize(
    ("status", "code"), [(401, "import.unauthorised"), (403, "import.unauthorised"), (404, "import.not_there"),
                         (500, "import.server"), (302, "import.server")],
)  # fmt: skip
def test_a_refusal_is_one_sentence_without_the_secret(store: Store, status: int, code: str) -> None:
    with serving(site(), Trouble(status, {"Location": "http://127.0.0.1:9/"}, "Submissions")) as server:
        with pytest.raises(DataError) as raised:
            pulled(store, server)
        assert raised.value.code == code
        assert PASSWORD not in str(raised.value) + repr(raised.value.__context__)
        assert TOKEN not in str(raised.value) + repr(raised.value.__context__)
        assert sum("Submissions" in path for path in server.log) == 1
    assert store.count() == 0


def test_a_wrong_password_is_refused(store: Store) -> None:
    with serving(site()) as server, pytest.raises(DataError) as raised:
        pull_central(store, Central(server.url, Secret("falsch", EMAIL), sleep=quiet), TERMS)
    assert raised.value.code == "import.unauthorised"


def test_no_line_at_all_is_said_after_all_tries(store: Store) -> None:
    with serving(site()) as server:
        url = server.url
    waits: list[float] = []
    with pytest.raises(DataError) as raised:
        pull_central(store, Central(url, Secret(PASSWORD, EMAIL), sleep=waits.append), TERMS)
    assert (raised.value.code, waits) == ("import.line", [1.0, 2.0, 4.0, 8.0])


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://central.example/v1/projects/1/forms/x", "import.no_https"),
        ("http://127.0.0.1.example/v1/projects/1/forms/x", "import.no_https"),
        ("ftp://central.example/v1/projects/1/forms/x", "import.bad_url"),
        ("https://a:b@central.example/v1/projects/1/forms/x", "import.secret_in_url"),
        ("https://central.example/x", "import.no_central"),
    ],
)
def test_addresses_that_are_refused(url: str, code: str) -> None:
    with pytest.raises(UsageError) as raised:
        Central(url, Secret("x"))
    assert raised.value.code == code
    assert "a:b" not in str(raised.value)


def test_nothing_is_sent_to_another_server() -> None:
    with serving(site()) as server, serving(site()) as other:
        line = Line(server.url)
        line.authorise("Bearer x")
        with pytest.raises(DataError) as raised:
            line.send(other.url)
        assert (raised.value.code, other.log) == ("import.other_server", [])
    assert is_loopback("http://[::1]:80/")
    assert not is_loopback("http://10.0.0.1/")


def test_a_secret_shows_nothing_and_comes_by_a_descriptor() -> None:
    read, write = os.pipe()
    os.write(write, f"{TOKEN}\nmore".encode())
    os.close(write)
    secret = Secret.given("https://kobo.example/api/v2/assets/a", descriptor=read)
    os.close(read)
    assert secret.reveal() == TOKEN
    assert TOKEN not in repr(secret) + str(secret)
    with pytest.raises(UsageError) as raised:
        Secret.given("https://kobo.example/api/v2/assets/a", descriptor=read)
    assert raised.value.code == "import.bad_descriptor"
    with pytest.raises(UsageError):
        Line("https://kobo.example/").authorise("Token a\r\nX: y")


def test_a_secret_is_asked_for_once_and_kept_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return TOKEN

    monkeypatch.setattr(keychain, "fetch", kept.get)
    monkeypatch.setattr(keychain, "keep", kept.__setitem__)
    monkeypatch.setattr(entrance, "asking", lambda: answer)
    url = "https://kobo.example/api/v2/assets/a"
    assert [Secret.given(url, keyring=True).reveal() for _ in range(2)] == [TOKEN, TOKEN]
    assert (kept, len(asked)) == ({"pull https://kobo.example": TOKEN.encode()}, 1)
    assert "https://kobo.example" in asked[0]
    assert Secret.given(url, name=EMAIL).name == EMAIL
    monkeypatch.setattr(entrance, "asking", lambda: None)
    with pytest.raises(UsageError) as raised:
        Secret.given(url)
    assert raised.value.code == "import.nobody_to_ask"


# --- Kobo


def project(count: int = 5) -> odk_server.Kobo:
    return odk_server.Kobo([kobo_record(number) for number in range(1, count + 1)])


def kobo_record(number: int, **answers: object) -> dict[str, Any]:
    return {
        "_id": number, "_uuid": f"{number}", "meta/instanceID": f"uuid:{number}", "meta/rootUuid": f"uuid:{number}",
        "formhub/uuid": "x", "__version__": "v1", "_submission_time": "2026-05-04T10:30:00", "_tags": ["neu"],
        "_validation_status": {"uid": "validation_status_approved", "label": "Approved"}, "_attachments": [],
        "name": "Ayşe", "alter": "07", "wohnen": "gu", "notiz": "=1+1", "sprachen": "ar de",
        "haus/kind": [{"haus/kind/vorname": "A", "haus/kind/jahr": "2019"}, {"haus/kind/vorname": "B"}], **answers,
    }  # fmt: skip


def pulled_from_kobo(store: Store, server: Running, terms: Terms = TERMS) -> Plan:
    return pull_kobo(store, Kobo(server.url, Secret(TOKEN), sleep=quiet), terms, Wanted(form="probe"))


def test_records_of_kobo_come_with_what_kobo_says_beside_them(store: Store) -> None:
    kobo = project()
    with serving(kobo, Trouble(path="data.json", after=1)) as server:
        plan = pulled_from_kobo(store, server)
        assert (plan.counts[NEW], plan.problems) == (5, ())
        carried_out(store, plan)
        kept = store.history("uuid:1")[0]
        assert kept.record["/data/alter"] == "07"
        assert kept.record["/data/haus/kind"] == [
            {"/data/haus/kind/vorname": "A", "/data/haus/kind/jahr": "2019"},
            {"/data/haus/kind/vorname": "B", "/data/haus/kind/jahr": ""},
        ]
        notes = kept.paradata["imported"]["notes"]
        assert (notes["_tags"], notes["_validation_status"]) == ("neu", "validation_status_approved")
        kobo.asked.clear()
        assert pulled_from_kobo(store, server).items == ()
        assert all("fields" in query for query in kobo.asked)


def test_a_bulk_edit_of_kobo_is_a_change_and_what_it_broke_is_named_by_question_and_rule(store: Store) -> None:
    kobo = project()
    with serving(kobo) as server:
        carried_out(store, pulled_from_kobo(store, server))
        for number in (2, 4):
            edited = {"meta/instanceID": f"uuid:e{number}", "meta/deprecatedID": f"uuid:{number}"}
            kobo.results[number - 1] = kobo_record(number, wohnen="turnhalle", **edited)
        kobo.results[0] = kobo_record(1, alter="acht", **{"meta/instanceID": "uuid:e1"})
        plan = pulled_from_kobo(store, server)
        assert plan.broken() == [
            ("choice", plan.broken()[0][1], ["uuid:2", "uuid:4"]),
            ("type", plan.broken()[1][1], ["uuid:1"]),
        ]
        assert "Wohnen" in plan.broken()[0][1]
        assert "turnhalle" not in plan.to_text() + json.dumps(plan.as_dict())
        assert "acht" not in plan.to_text().replace("machte", "")
        with pytest.raises(DataError):
            carried_out(store, plan, reason="changed")
        accepted = pulled_from_kobo(store, server, replace(TERMS, accept=("choice", "type")))
        assert accepted.counts[CHANGED] == 3
        carried_out(store, accepted, reason="changed")
        assert pulled_from_kobo(store, server).counts[UNCHANGED] == 0
    assert store.history("uuid:2")[-1].record["/data/wohnen"] == "turnhalle"


def test_files_of_kobo_come_with_their_records(store: Store) -> None:
    kobo = project(1)
    kobo.results[0] |= {"bild": "1.jpg", "_attachments": [{"id": 7, "filename": "müller/attachments/x/1.jpg"}]}
    kobo.files["/data/1/attachments/7/"] = b"JPEG"
    with serving(kobo) as server:
        carried_out(store, pulled_from_kobo(store, server))
    assert store.attachments.content("uuid:1", "1.jpg") == b"JPEG"


def test_a_project_without_a_form_and_a_wrong_token_are_refused(store: Store) -> None:
    with serving(project()) as server:
        with pytest.raises(LotsenbuchError) as raised:
            pull_kobo(store, Kobo(server.url, Secret(TOKEN)), TERMS, Wanted())
        assert raised.value.code == "import.which_form"
        with pytest.raises(LotsenbuchError) as raised:
            pull_kobo(store, Kobo(server.url, Secret("falsch")), TERMS, Wanted(form="probe"))
        assert raised.value.code == "import.unauthorised"
    assert answered() == {}


# --- through the commands


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = create_study(tmp_path / "study", municipalities={TOWN: "Althengstett"})
    with made.store() as store:
        store.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
    return made


def run(secret: str, *words: str) -> tuple[int, str]:
    """A command that reads the secret from a descriptor: its exit code and what it printed."""
    read, write = os.pipe()
    os.write(write, f"{secret}\n".encode())
    os.close(write)
    try:
        result = CliRunner().invoke(in_app, [*words, "--password-descriptor", str(read), "--municipality", TOWN])
    finally:
        os.close(read)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_command_for_central_shows_first_and_fetches_with_yes(study: Study) -> None:
    with serving(site(3)) as server:
        line = ["pull", "central", server.url, "--email", EMAIL, "--study", str(study.dir)]
        code, text = run(PASSWORD, *line)
        assert (code, "neu: 3" in text, "Noch wurde nichts geändert" in text) == (0, True, True)
        code, text = run(PASSWORD, *line, "--yes")
        assert (code, "Übernommene Datensätze: 3." in text) == (0, True)
        code, text = run(PASSWORD, *line, "--yes", "--json")
    assert json.loads(text)["records"] == []
    assert PASSWORD not in text


def test_the_command_for_kobo_names_what_bulk_edits_broke(study: Study) -> None:
    kobo = project()
    for number in (1, 2):
        kobo.results[number] |= {"wohnen": "turnhalle"}
    with serving(kobo) as server:
        code, text = run(TOKEN, "pull", "kobo", server.url, "--form", "probe", "--study", str(study.dir), "--yes")
    assert (code, "neu: 3" in text, "abgewiesen: 2" in text) == (1, True, True)
    assert "2 × Wohnen: Der Eintrag steht nicht in der Auswahlliste" in text
    assert "(uuid:2, uuid:3)" in text
    assert "turnhalle" not in text
    with study.store() as store:
        assert store.count("probe") == 0
