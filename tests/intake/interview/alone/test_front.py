"""What a line answers: kiosk and links, who gets in, what is there after the end, and that nobody sees another's."""

from __future__ import annotations

import asyncio
import http.client
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from intake.interview.alone.certificate import certificate, context
from intake.interview.alone.front import WINDOW, WRONG, Attempts, Front
from intake.interview.alone.links import Participation, new_token
from intake.store import utc_now
from intake.study import Study
from scenario.alone import OTHER, SECRET, Office, Talk, key_of, office

KIOSK = "a" * 26


@pytest.fixture
def here(study: Study) -> Iterator[Office]:
    with office(study) as opened:
        yield opened


def submitted(here: Office) -> list[str]:
    return sorted(str(each.record["/data/person/alter"]) for each in here.store.submissions())


def test_a_kiosk_begins_empty_for_everybody(here: Office) -> None:
    front = here.front(KIOSK)
    line = Talk(front)
    form = line.begin(KIOSK)
    assert line.fill(form, "alter", "a25")["type"] == "ack"
    second = Talk(front)  # a second tab
    other = second.begin(KIOSK)
    assert other["draft"] is None
    assert other["state"][key_of(other, "alter")]["value"] == ""
    assert line.submit()["type"] == "submitted"
    again = line.begin(KIOSK)
    assert again["state"][key_of(again, "alter")]["value"] == ""
    assert submitted(here) == ["a25"]
    assert here.links.participation("bewohner") == Participation(0, 3, 1, 0, 0)


@pytest.mark.parametrize(("unfinished", "kept"), [("discard", []), ("incomplete", ["a25"])])
def test_a_kiosk_settles_what_is_left_when_the_page_goes(study: Study, unfinished: str, kept: list[str]) -> None:
    with office(study, unfinished=unfinished) as here:
        line = Talk(here.front(KIOSK))
        line.fill(line.begin(KIOSK), "alter", "a25")
        line.on_close()
        assert submitted(here) == kept
        assert here.store.journal.drafts() == []
        counts = here.links.participation("bewohner")
        assert (counts.begun, counts.incomplete, counts.discarded) == (1, len(kept), 1 - len(kept))


def test_a_kiosk_asks_whether_somebody_is_there_and_goes_back(here: Office) -> None:
    now = [0.0]
    front = here.front(KIOSK, idle=300.0, clock=lambda: now[0])
    line = Talk(front)
    line.fill(line.begin(KIOSK), "alter", "a25")
    now[0] = 269.0
    front.look()
    assert line.told[-1]["type"] == "ack"
    now[0] = 271.0
    front.look()
    front.look()
    assert [each["type"] for each in line.told][-2:] == ["ack", "idle"]  # asked once
    line.say(type="ping")  # a page that is merely open is nobody
    now[0] = 299.0
    line.say(type="here")
    now[0] = 598.0
    front.look()
    assert line.session is not None
    now[0] = 599.5
    front.look()
    assert line.told[-1] == {"type": "over"}
    assert line.session is None
    assert here.store.journal.drafts() == []
    front.look()
    assert line.told[-2]["type"] != "over"


def test_a_link_goes_on_in_its_browser_until_it_is_handed_in(here: Office) -> None:
    front = here.front()
    (token,) = here.links.add("bewohner", 1)
    line = Talk(front)
    line.fill(line.begin(token), "alter", "a45")
    line.on_close()
    assert len(here.store.journal.drafts()) == 1
    other = Talk(front)
    assert other.say(type="enter", token=token, secret=OTHER)[0]["text"][0].startswith("Dieser Link wurde schon")
    assert other.say(type="begin", language="Deutsch (de)")[0]["type"] == "closed"
    back = Talk(front)
    (welcome,) = back.say(type="enter", token=token, secret=SECRET)
    assert welcome["resume"] is True
    (form,) = back.say(type="begin", language="Deutsch (de)")
    assert form["state"][key_of(form, "alter")]["value"] == "a45"
    assert back.submit()["type"] == "submitted"
    for secret in (SECRET, OTHER):
        (closed,) = Talk(front).say(type="enter", token=token, secret=secret)
        assert "schon abgegeben" in closed["text"][0]
    assert here.links.participation("bewohner") == Participation(1, 1, 1, 0, 0)


def test_a_line_that_was_cut_goes_on_where_the_screen_is(here: Office) -> None:
    front = here.front()
    (token,) = here.links.add("bewohner", 1)
    line = Talk(front)
    form = line.begin(token)
    line.fill(form, "alter", "a45")
    line.on_close()
    back = Talk(front)
    assert back.say(type="enter", token=token, secret=SECRET, again=True) == [{"type": "ready"}]
    assert back.fill(form, "alter", "a45", "alter-a45")["type"] == "ack"  # the same operation, done once
    assert back.fill(form, "geschlecht", "w")["type"] == "ack"
    assert back.submit()["type"] == "submitted"
    (stored,) = here.store.submissions()
    assert (stored.record["/data/person/alter"], stored.record["/data/person/geschlecht"]) == ("a45", "w")


def test_a_link_whose_mark_was_lost_is_dead_all_the_same(here: Office) -> None:
    front = here.front()
    (token,) = here.links.add("bewohner", 1)
    line = Talk(front)
    line.fill(line.begin(token), "alter", "a45")
    before = (here.study.dir / "participation.json").read_bytes()
    line.submit()
    (here.study.dir / "participation.json").write_bytes(before)  # the program was killed between both
    (closed,) = Talk(front).say(type="enter", token=token, secret=SECRET)
    assert closed["type"] == "closed"
    assert here.links.is_used("bewohner", token)


def test_a_link_of_another_form_does_not_open_this_one(here: Office) -> None:
    (token,) = here.links.add("akteure", 1)
    assert Talk(here.front()).say(type="enter", token=token, secret=SECRET)[0]["type"] == "closed"


def test_wrong_tokens_are_counted_by_address(here: Office) -> None:
    front = here.front(KIOSK)
    now = [0.0]
    front.attempts = Attempts(lambda: now[0])
    for _ in range(WRONG):
        (said,) = Talk(front).say(type="enter", token=new_token(), secret=SECRET)
        assert "gilt nicht" in said["text"][0]
    (said,) = Talk(front).say(type="enter", token=KIOSK, secret=SECRET)
    assert "warten" in said["text"][0]
    assert Talk(front, "192.168.1.8").say(type="enter", token=KIOSK, secret=SECRET)[0]["type"] == "welcome"
    now[0] = WINDOW + 1
    assert Talk(front).say(type="enter", token=KIOSK, secret=SECRET)[0]["type"] == "welcome"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "begin"}, {"type": "op", "op": "submit", "op_id": "1"}, {"type": "list", "list": "a"},
        {"type": "file"}, {"type": "enter"}, {"type": "enter", "token": 5},
        {"type": "enter", "token": ["a"], "secret": None}, {"type": "x"},
    ],
)  # fmt: skip
def test_without_a_token_nothing_is_told(here: Office, message: dict[str, object]) -> None:
    line = Talk(here.front(KIOSK))
    (said,) = line.say(**message)
    assert said["type"] == "closed"
    assert line.session is None


def test_a_line_takes_the_messages_of_a_questionnaire_only(here: Office) -> None:
    line = Talk(here.front(KIOSK))
    line.begin(KIOSK)
    for message in (
        {"type": "desk", "what": "list"},
        {"type": "open", "draft": "x"},
        {"type": "hello"},
        {"type": "chunk"},
    ):
        assert line.say(**message) == []
    assert line.say(type="list", list="nothing")[0] == {"type": "list", "view": None, "list": "nothing"}


# --- through the network, with TLS


@pytest.fixture
def address(study: Study) -> Iterator[str]:
    """The front as it stands in a network, on loopback for the test; it is served in a thread of its own."""
    path = study.dir / "certificate.pem"
    certificate(path, "127.0.0.1", utc_now())
    found: list[str] = []
    started, stop = threading.Event(), threading.Event()

    async def serving() -> None:
        with office(study) as here:
            front = Front(here.desk, here.links, "", "", KIOSK)
            server = front.serve(0, "127.0.0.1", context(path))
            (socket,) = server._sockets.values()
            front.host = f"127.0.0.1:{socket.getsockname()[1]}"
            front.origin = f"https://{front.host}"
            found.append(front.origin)
            started.set()
            await asyncio.to_thread(stop.wait)
            server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serving()))
    thread.start()
    assert started.wait(30)
    yield found[0]
    stop.set()
    thread.join(30)


def test_only_tls_is_spoken_and_only_under_its_own_name(address: str, study: Study) -> None:
    trusting = ssl.create_default_context(cafile=study.dir / "certificate.pem")

    def get(path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(address + path, headers=headers), context=trusting, timeout=30
            ) as reply:
                return reply.status, reply.read(), dict(reply.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), dict(error.headers)

    status, page, headers = get("/")
    assert status == 200
    assert b"alone.js" in page
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Server" not in headers
    assert get("/alone.js")[0] == get("/alone.css")[0] == get("/fonts/fonts.css")[0] == 200
    assert get("/", Host="evil.example")[0] == 403
    assert get("/participation.json")[0] == get("/../store.key")[0] == get("/fonts/../../store.key")[0] == 404
    plain = address.replace("https", "http")
    with pytest.raises((OSError, urllib.error.URLError)):
        urllib.request.urlopen(plain, timeout=30)
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    asked |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for origin, status in ((address, 101), ("https://evil.example", 403)):
        line = http.client.HTTPSConnection(address.removeprefix("https://"), context=trusting, timeout=30)
        line.request("GET", "/talk", headers={**asked, "Origin": origin})
        assert line.getresponse().status == status
        line.close()
