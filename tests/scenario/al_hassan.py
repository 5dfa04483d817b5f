"""What a family says in its first interview, as it stands on the screen, in the three layers of the form. Made up."""

from __future__ import annotations

from scenario.casework import Said

LAYLA = "P-000217"

ANLEGEN: Said = {
    "Gemeinde": "Althengstett",
    "Zuständige Stelle im Integrationsmanagement": "S-01",
    "Pseudonym der Person": LAYLA,
    "Datum des Erstgesprächs": "04.03.2024",
    "Wurde der Datenschutzhinweis (Art. 13 DSGVO) ausgehändigt?": "ja",
    "Willigt die Person ein, dass besondere Daten (Art. 9 DSGVO) erfasst werden?": "ja",
    "Name, Vorname": "Al-Hassan, Layla",
    "Geburtsdatum": "17.04.1991",
    "Geschlecht": "weiblich",
    "Staatsangehörigkeit": "Syrien",
    "Wie kam die Person in die Gemeinde?": "Zuweisung durch das Landratsamt",
    "In der Gemeinde seit (Zuweisung oder Zuzug)": "15.01.2024",
    "Wohnform": "Anschlussunterbringung, Gemeinschaftsunterkunft",
}

PLAN: Said = {
    "Für wen gilt der Plan?": "den ganzen Haushalt",
    "Pseudonym der Person, auf die der Plan lautet": LAYLA,
    "Wer ist anwesend?": ["betreute Person", "Partnerin oder Partner", "dolmetschende Person"],
    "Sprache des Gesprächs": "Arabisch",
    "Wer dolmetscht?": "ehrenamtlich",
    "Muttersprachen": ["Arabisch", "Kurmandschi"],
    "Einreise nach Deutschland": "12.09.2023",
    "Aufenthaltsstatus": "Flüchtlingseigenschaft (§ 25 Abs. 2 Satz 1 Alt. 1 AufenthG)",
    "Haushaltstyp": "Paar mit Kindern",
    "Personen im Haushalt": "3",
    "davon unter 18 Jahren": "1",
    "Welche Schrift beherrscht die Person?": "lateinische Schrift",
    "Deutsch gesamt": "A2",
    "Worauf stützt sich die Angabe?": "Zertifikat",
    "Sprachkurs": "Integrationskurs, allgemein",
    "Stand des Kurses": "läuft",
    "Was hindert am Deutschlernen?": ["Kinderbetreuung fehlt", "Fahrt zum Kurs"],
    "Schuljahre insgesamt": "12",
    "Höchster Abschluss": "Sekundarstufe II (ISCED 3)",
    "Derzeit Schule oder Hochschule": "keine",
    "Berufsausbildung": "abgeschlossene Berufsausbildung",
    "Erlernter Beruf": "Apothekenhelferin",
    "Stand der Anerkennung": "Antrag gestellt",
    "Erwerbsstatus": "arbeitslos gemeldet",
    "Leistungen im Haushalt": ["Grundsicherung für Arbeitsuchende (SGB II)", "Kindergeld"],
    "Ist der Lebensunterhalt vollständig aus eigenem Einkommen gesichert?": "nein",
    "Kontakt zum Jobcenter oder zur Agentur für Arbeit": "Kooperationsplan oder Eingliederungsvereinbarung besteht",
    "Plan des Jobcenters vom": "20.02.2024",
    "Unterkunft": "U-11",
    "Sucht die Person eine Wohnung?": "ja",
    "Krankenversicherung": "gesetzlich versichert",
    "Wie viel Unterstützung ist nötig?": "3 – intensiv",
    "Wünscht sich die Person eine Patenschaft?": "ja",
    "Erledigt die Person Behördenpost allein?": "mit Hilfe",
    "Nimmt die Person Termine allein wahr?": "ja",
}
CHILD: Said = {
    "Pseudonym des Kindes": "P-000220",
    "Geburtsdatum des Kindes": "09.01.2021",
    "Kita oder Schule": "keine",
    "Wird ein Platz gesucht?": "ja",
    "gesucht seit": "01.02.2024",
}
B1: Said = {
    "Handlungsfeld": "Sprache",
    "Ziel: Was ist dann erreicht?": "Frau Al-Hassan hat die Prüfung B1 bestanden.",
    "Woran wird gemessen?": "Deutsch gesamt",
    "Ausgangswert": "A2",
    "Zielwert": "B1",
    "Maßnahme: Was ist der nächste Schritt?": "Zum Prüfungstermin im Juli anmelden",
    "Wer ist verantwortlich?": "betreute Person",
    "Beteiligte Stelle": "Jobcenter",
    "Fällig am": "31.07.2024",
}
KITA: Said = {
    "Handlungsfeld": "Bildung",
    "Ziel: Was ist dann erreicht?": "Das Kind besucht eine Kita in Althengstett.",
    "Woran wird gemessen?": "Kita oder Schule des Kindes",
    "Ausgangswert": "kein Platz",
    "Zielwert": "Platz ab September",
    "Maßnahme: Was ist der nächste Schritt?": "Platz im Rathaus beantragen",
    "Wer ist verantwortlich?": "Integrationsmanager/in",
    "Beteiligte Stelle": "Kita",
    "Fällig am": "01.09.2024",
}
CLOSING: Said = {
    "Individuelle Entwicklung": "Layla spricht im Alltag Deutsch und hilft anderen Familien im Haus.",
    "Nächster Termin": "01.05.2024",
    "Wurde der Plan ausgehändigt?": "ja",
    "Sprache des ausgehändigten Plans": "Arabisch",
    "Wer hat unterschrieben?": ["betreute Person", "Integrationsmanager/in"],
    "Unterschrieben am": "06.03.2024",
}

VERTIEFUNG: Said = {
    "Gegenüber welchen Stellen ist das Integrationsmanagement von der Schweigepflicht entbunden?": [
        "Jobcenter", "Agentur für Arbeit", "Kita",
    ],
    "Die Entbindung gilt bis": "31.12.2025",
    "Gelten für einzelne Stellen andere Fristen?": "ja",
    "Aufenthaltsstatus gültig bis": "30.09.2026",
    "Nummer des Haushalts": "H-0001",
    "Der Kurs dauert bis": "28.06.2024",
    "Anerkennung beantragt am": "20.01.2024",
    "Dort eingezogen am": "15.01.2024",
    "Gibt es Hinweise auf ein Trauma?": "ja",
}  # fmt: skip
EARLIER_END: Said = {"Stelle": "Agentur für Arbeit", "Entbindung gilt bis": "30.06.2024"}

HOUSE: Said = {
    "Gemeinde": "Althengstett", "Nummer der Unterkunft": "U-11", "Name der Unterkunft": "Haus am Bahnhof",
    "Ortsteil": "Althengstett", "Art der Unterkunft": "Gemeinschaftsunterkunft", "Wohneinheiten": "2",
    "Plätze (Soll)": "8", "In Nutzung seit": "01.06.2019",
}  # fmt: skip

SAMI: Said = {
    "Datum des Erstgesprächs": "09.09.2024",
    "Zuständige Stelle im Integrationsmanagement": "S-01",
    "Wurde der Datenschutzhinweis (Art. 13 DSGVO) ausgehändigt?": "ja",
    "Willigt die Person ein, dass besondere Daten (Art. 9 DSGVO) erfasst werden?": "nein",
    "Name, Vorname": "Al-Hassan, Sami",
    "Geburtsdatum": "02.11.1988",
    "Geschlecht": "männlich",
    "Staatsangehörigkeit": "Syrien",
    "Wie kam die Person in die Gemeinde?": "Zuweisung durch das Landratsamt",
    "In der Gemeinde seit (Zuweisung oder Zuzug)": "15.01.2024",
    "Für wen gilt der Plan?": "diese Person allein",
    "Aufenthaltsstatus": "Flüchtlingseigenschaft (§ 25 Abs. 2 Satz 1 Alt. 1 AufenthG)",
    "Welche Schrift beherrscht die Person?": "lateinische Schrift",
    "Deutsch gesamt": "A1",
    "Sprachkurs": "kein Kurs",
    "Berufsausbildung": "keine",
    "Erwerbsstatus": "arbeitslos gemeldet",
    "Ist der Lebensunterhalt vollständig aus eigenem Einkommen gesichert?": "nein",
    "Wie viel Unterstützung ist nötig?": "2 – normal",
    "Erledigt die Person Behördenpost allein?": "nein",
    "Nimmt die Person Termine allein wahr?": "mit Hilfe",
    "Nächster Termin": "04.11.2024",
}
KURS: Said = {
    "Handlungsfeld": "Sprache",
    "Ziel: Was ist dann erreicht?": "Herr Al-Hassan besucht einen Integrationskurs.",
    "Woran wird gemessen?": "Kursstatus",
    "Ausgangswert": "kein Kurs",
    "Zielwert": "läuft",
    "Maßnahme: Was ist der nächste Schritt?": "Kursberatung bei der Volkshochschule",
    "Wer ist verantwortlich?": "betreute Person",
    "Fällig am": "31.01.2025",
}

WOHNEN: Said = {
    "Handlungsfeld": "Wohnen",
    "Ziel: Was ist dann erreicht?": "Die Familie wohnt in einer eigenen Wohnung.",
    "Woran wird gemessen?": "Wohnform",
    "Ausgangswert": "Gemeinschaftsunterkunft",
    "Zielwert": "private Mietwohnung",
    "Stand": "vereinbart",
    "Maßnahme: Was ist der nächste Schritt?": "Wohnberechtigungsschein beantragen",
    "Wer ist verantwortlich?": "betreute Person",
    "Fällig am": "31.03.2025",
}
ARBEIT: Said = {
    "Handlungsfeld": "Arbeit",
    "Ziel: Was ist dann erreicht?": "Frau Al-Hassan arbeitet in einer Apotheke.",
    "Woran wird gemessen?": "Erwerbsstatus",
    "Ausgangswert": "Betreuung",
    "Zielwert": "Teilzeit",
    "Stand": "vereinbart",
    "Maßnahme: Was ist der nächste Schritt?": "Praktikum in der Apotheke am Markt",
    "Wer ist verantwortlich?": "betreute Person",
    "Beteiligte Stelle": "Jobcenter",
    "Fällig am": "30.06.2025",
}
