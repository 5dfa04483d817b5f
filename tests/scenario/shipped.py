"""The shipped first interview as an office has it: cases, a family's interview nearly done, and a page that shows it.

Everything is made up, and everything is answered through the session, as a browser does. The clock stands still.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from intake.interview.description import sections_of, with_all_below
from intake.interview.session import Session
from intake.interview.widget import Interview
from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.simulate import fill, submit
from intake.study import Study, create_study
from intake.submission import Submission
from scenario.browser import BarePage
from scenario.interview import Talk
from validation import Form

ZONE = ZoneInfo("Europe/Berlin")
TODAY = datetime(2026, 3, 2, 10, 20, tzinfo=ZONE)
ARABIC = "العربية"
MORE = "Sprache, Druck, Hilfe"
REVIEW = "Prüfen und abschließen"

FAMILY: Mapping[str, str] = {
    "/data/fall/gemeinde": "08235007",
    "/data/fall/zustaendig": "S-01",
    "/data/fall/person": "P-000217",
    "/data/fall/datum": "2026-03-02",
    "/data/fall/datenschutzhinweis": "ja",
    "/data/fall/einwilligung": "ja",
    "/data/fall/plan_fuer": "haushalt",
    "/data/fall/plan_kopf": "P-000217",
    "/data/fall/anwesende": "person partner dolmetschende",
    "/data/fall/gespraechssprache": "ar",
    "/data/fall/dolmetschen": "ehrenamtlich",
    "/data/person/name": "Al-Hassan, Layla",
    "/data/person/geburtsdatum": "1991-04-17",
    "/data/person/geburtsdatum_genauigkeit": "tag",
    "/data/person/geschlecht": "w",
    "/data/person/staatsangehoerigkeit": "SY",
    "/data/person/muttersprachen": "ar kmr",
    "/data/aufenthalt/zugangsart": "lra",
    "/data/aufenthalt/einreise": "2023-09-12",
    "/data/aufenthalt/zuweisung": "2024-03-04",
    "/data/aufenthalt/status": "ae25_2_1",
    "/data/haushalt/haushaltstyp": "paar_kinder",
    "/data/haushalt/personen": "4",
    "/data/haushalt/unter18": "2",
    "/data/sprache/schrift": "latein",
    "/data/sprache/deutsch_gesamt": "a2",
    "/data/sprache/quelle": "zertifikat",
    "/data/sprache/kurs": "ik_allg",
    "/data/sprache/kursstatus": "running",
    "/data/sprache/hindernisse": "kinderbetreuung fahrt",
    "/data/bildung/schuljahre": "12",
    "/data/bildung/isced": "isced3",
    "/data/bildung/schulbesuch": "keine",
    "/data/beruf/berufsausbildung": "beruflich",
    "/data/beruf/erlernter_beruf": "Apothekenhelferin",
    "/data/beruf/erlernter_beruf_kldb": "81",
    "/data/beruf/anerkennung": "applied",
    "/data/beruf/fehlende_qualifikation": "Deutsch B2 und ein Anpassungslehrgang; danach Arbeit in einer Apotheke.",
    "/data/arbeit/erwerbsstatus": "arbeitslos",
    "/data/arbeit/leistungen": "sgb2 kg",
    "/data/arbeit/selbst_gesichert": "nein",
    "/data/arbeit/jobcenter": "plan",
    "/data/arbeit/jobcenter_plan_vom": "2025-11-20",
    "/data/wohnen/wohnform": "au_gu",
    "/data/wohnen/unterkunft": "U-11",
    "/data/wohnen/sucht_wohnung": "ja",
    "/data/kinder/kind[1]/kind_id": "P-000219",
    "/data/kinder/kind[1]/kind_geburtsdatum": "2017-08-30",
    "/data/kinder/kind[1]/kita_schule": "gs",
    "/data/kinder/kind[1]/platz_gewuenscht": "nein",
    "/data/kinder/kind[2]/kind_id": "P-000220",
    "/data/kinder/kind[2]/kind_geburtsdatum": "2022-01-09",
    "/data/kinder/kind[2]/kita_schule": "keine",
    "/data/kinder/kind[2]/platz_gewuenscht": "ja",
    "/data/kinder/kind[2]/platz_seit": "2025-09-01",
    "/data/gesundheit/krankenversicherung": "gkv",
    "/data/gesundheit/intensitaet": "2",
    "/data/teilhabe/patenschaft_gewuenscht": "ja",
    "/data/teilhabe/behoerdenpost": "mit_hilfe",
    "/data/teilhabe/termine": "ja",
    "/data/ziele/ziel[1]/handlungsfeld": "spr",
    "/data/ziele/ziel[1]/ziel": "Frau Al-Hassan hat die Prüfung B1 bestanden.",
    "/data/ziele/ziel[1]/messgroesse": "deutsch_gesamt",
    "/data/ziele/ziel[1]/ausgangswert": "A2",
    "/data/ziele/ziel[1]/zielwert": "B1",
    "/data/ziele/ziel[1]/massnahme": "Zum Prüfungstermin im Juli anmelden",
    "/data/ziele/ziel[1]/verantwortlich": "person",
    "/data/ziele/ziel[1]/stelle": "vhs_traeger",
    "/data/ziele/ziel[1]/faellig": "2026-07-31",
    "/data/ziele/ziel[1]/stand": "agreed",
    "/data/ziele/ziel[2]/handlungsfeld": "bil",
    "/data/ziele/ziel[2]/ziel": "Das jüngere Kind besucht eine Kita in Althengstett.",
    "/data/ziele/ziel[2]/messgroesse": "kita_schule",
    "/data/ziele/ziel[2]/ausgangswert": "kein Platz",
    "/data/ziele/ziel[2]/zielwert": "Platz ab September",
    "/data/ziele/ziel[2]/massnahme": "Platz im Rathaus beantragen",
    "/data/ziele/ziel[2]/verantwortlich": "im",
    "/data/ziele/ziel[2]/stelle": "kita",
    "/data/ziele/ziel[2]/faellig": "2026-09-01",
    "/data/ziele/ziel[2]/stand": "proposed",
    "/data/abschluss/entwicklung": "Layla spricht im Alltag Deutsch und hilft anderen Familien im Haus.",
    "/data/abschluss/naechster_termin": "2026-04-13",
    "/data/abschluss/plan_ausgehaendigt": "ja",
    "/data/abschluss/plan_sprache": "ar",
    "/data/abschluss/unterschriften": "person im",
    "/data/abschluss/unterschrift_am": "2026-03-02",
}
"""A family's answers, by path; names and persons are made up."""

GAPS = ("/data/fall/zustaendig", "/data/person/geburtsdatum", "/data/ziele/ziel[2]/zielwert", "/data/sprache/kurs")
"""Required answers that `begun` leaves out on request: something for the summary of errors to say."""


def hold(session: Session, answers: Mapping[str, str]) -> None:
    """Give the answers in order; entries of repeats are added as far as they are named. An answer refused fails."""
    talk = Talk(session)
    elements = {element.nodeset: element for element in with_all_below(sections_of(session.form))}
    for path, value in answers.items():
        bare = re.sub(r"\[\d+\]", "", path)
        entry = ""
        if found := re.search(r"\[(\d+)\]", path):
            around = elements[path[: found.start()]]
            while len(talk.state[around.id]["entries"]) < int(found[1]):
                talk.send("add_repeat", around.id)
            entry = f"{talk.state[around.id]['entries'][int(found[1]) - 1]}/"
        (reply,) = talk.send("answer", f"{entry}{elements[bare].id}", value)
        assert reply["type"] == "ack", (path, reply)


@dataclass
class Office:
    """A study with cases, an interview under way and its work list. The store is open as long as the office is."""

    study: Study
    worklist: Worklist

    def begun(self, *gaps: str, person: str = FAMILY["/data/fall/person"]) -> str:
        """A new draft of the family's interview, without the answers named in `gaps`; its id."""
        before = {each.id for each in self.worklist.store.journal.drafts()}
        known = dict.fromkeys(("/data/fall/person", "/data/fall/plan_kopf"), person)
        answers = {path: value for path, value in {**FAMILY, **known}.items() if path not in gaps}
        hold(self.worklist.begin("erstgespraech"), answers)
        (made,) = {each.id for each in self.worklist.store.journal.drafts()} - before
        return made


@contextmanager
def office(directory: Path, cases: int = 8, *, demo: bool = False) -> Iterator[Office]:
    """The shipped study with first interview and contact, and so many cases of invented people, one a working day."""
    moment = TODAY

    def clock() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    study = create_study(directory / "studie", demo=demo)
    with study.store(clock=clock) as store:
        for name in ("erstgespraech", "kontakt"):
            publish(store, study.forms()[name])
        form = study.form("erstgespraech", store)
        for number in range(cases, 0, -1):
            moment = TODAY - timedelta(days=5 * number, minutes=37 * number)
            store.append(_case(form, number, moment))
        moment = TODAY
        worklist = Worklist(
            store, zone=study.tz, author="Erika Muster", form_id="erstgespraech",
            title="Integrationsmanagement Althengstett", municipalities=study.municipalities, demo=demo,
        )  # fmt: skip
        worklist.now = lambda: TODAY  # type: ignore[method-assign]
        yield Office(study, worklist)


def _case(form: Form, number: int, moment: datetime) -> Submission:
    person = {"/data/fall/person": f"P-{180 + 4 * number:06}", "/data/fall/plan_kopf": f"P-{180 + 4 * number:06}"}
    days = {"/data/fall/datum": f"{moment:%Y-%m-%d}", "/data/abschluss/unterschrift_am": f"{moment:%Y-%m-%d}"}
    rng = random.Random(number)
    made = fill(form, {**FAMILY, **person, **days}, rng=rng, now=moment)
    name = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    return submit(made, name, started=moment - timedelta(minutes=50), ended=moment, author="Erika Muster")


class Desk:
    """A page with the work list of an office, and the ways from there."""

    def __init__(self, page: Page, opened: Worklist) -> None:
        self.page = page
        self.worklist = opened
        self.widget = Interview(opened)
        self.bare = BarePage(page, lambda message: self.widget.reply(message))
        expect(page.locator(".lb-desk")).to_be_visible()

    def resume(self) -> None:
        """Go on with the newest draft, where it was left."""
        self.page.get_by_role("button", name="Fortsetzen").first.click()
        expect(self.page.locator(".lb-title")).to_be_visible()

    def home(self) -> None:
        """Back to the work list, wherever the page is: loaded anew, with a new kernel."""
        self.widget = Interview(self.worklist)
        self.page.evaluate("sessionStorage.clear()")
        self.page.reload()
        expect(self.page.locator(".lb-desk")).to_be_visible()

    def first(self, language: str) -> None:
        """Hold the interview in another first language."""
        self._language(0, language)

    def second(self, language: str = ARABIC) -> None:
        """Show a second language beside the first, or 'keine'."""
        self._language(1, language)

    def _language(self, at: int, language: str) -> None:
        self.page.locator(".lb-tool-more").click()
        fields = self.page.locator(".lb-panel select")
        fields.nth(at).select_option(language)
        expect(fields.nth(at).locator("option:checked")).to_have_text(language)
        expect(self.page.locator(".lb-pill-saved")).to_be_visible()
        self.page.locator(".lb-tool-more").press("Escape")
        expect(self.page.locator(".lb-panel")).to_be_hidden()

    def count(self) -> int:
        """How many pages are open now."""
        return self.page.locator(".lb-nav li:not([hidden]) button").count()

    def turn(self, at: int) -> str:
        """Go to the page at a place of the navigation; its name there."""
        self._menu()
        button = self.page.locator(".lb-nav li:not([hidden]) button").nth(at)
        button.click()
        return button.inner_text().split("\n")[0]

    def go(self, name: str, at: int = 0) -> None:
        """Go to a page by its name; `at` counts those of the same name."""
        self._menu()
        self.page.get_by_role("navigation").get_by_role("button", name=name).nth(at).click()

    def _menu(self) -> None:
        menu = self.page.locator(".lb-menu")
        if menu.is_visible() and menu.get_attribute("aria-expanded") == "false":
            menu.click()
