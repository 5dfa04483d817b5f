"""intake.interview.translation: which language a text is read in, and what is said beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from intake.interview.description import language_of
from intake.interview.translation import Read, read_choices, read_in
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.form import Form, ItextValue, Text
from validation.instance import Instance
from validation.xform import read_form

NOW = dt.datetime(2024, 3, 1, 9, tzinfo=dt.UTC)
GERMAN, ENGLISH, ARABIC = "Deutsch (de)", "English (en)", "العربية (ar)"

FORM = """
    | survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | hint::Deutsch (de) | hint::English (en) | hint::العربية (ar) | constraint | constraint_message::Deutsch (de) | constraint_message::English (en) | constraint_message::العربية (ar) | reviewed_only |
    |---|---|---|---|---|---|---|---|---|---|---|---|---|---|
    | | text | name | Name | Name | الاسم | Bleibt hier | Stays here | يبقى هنا | . != '' | Bitte | Please | نرجو | hint |
    | | select_one ja_nein | consent | Willigt ein? | Consents? | هل يوافق؟ | Freiwillig | Voluntary | طوعي | . = 'ja' | Erst | First | أولا | yes |
    | | integer | age | Alter | Age | - | | | | | | | | |
    | | date | day | Tag | Day | | | | | | | | | yes |
    | | select_one ja_nein | said | Gesagt? | Said? | هل قيل؟ | | | | | | | | label hint |
    | | select_one ja_nein | plain | Eine Frage | A question | سؤال | | | | | | | | |

    | choices | list_name | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) |
    |---|---|---|---|---|---|
    | | ja_nein | ja | ja | yes | نعم |
    | | ja_nein | nein | nein | no | |

    | settings | form_title | form_id | version | default_language | unreviewed |
    |---|---|---|---|---|---|
    | | T | t | 1 | Deutsch (de) | ar |
    """  # noqa: E501 - a table is read across


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return read_xlsform(markdown(tmp_path_factory.mktemp("form"), FORM))


def read(form: Form, name: str, part: str, language: str) -> Read:
    control = form.control(f"/data/{name}")
    assert control is not None
    text = {
        "label": control.label,
        "hint": control.hint,
        "message": form.binds[control.nodeset].constraint_message,
    }[part]
    return read_in(form, text, control.nodeset, part, language_of(language))  # type: ignore[arg-type]


def test_the_form_says_which_languages_nobody_has_read(form: Form) -> None:
    assert form.unreviewed == {"ar"}
    assert "unreviewed" not in Instance(form, now=NOW).to_xml()


@pytest.mark.parametrize("language", [GERMAN, ENGLISH])
@pytest.mark.parametrize("name", ["name", "consent", "plain"])
def test_a_reviewed_language_is_read_as_it_is(form: Form, name: str, language: str) -> None:
    assert read(form, name, "label", language) == Read(language, "")


def test_an_unreviewed_text_is_shown_and_said_to_be_so(form: Form) -> None:
    assert read(form, "plain", "label", ARABIC) == Read(ARABIC, "unreviewed")


@pytest.mark.parametrize("part", ["label", "hint", "message"])
def test_a_consent_is_not_shown_in_an_unreviewed_language(form: Form, part: str) -> None:
    found = read(form, "consent", part, ARABIC)
    assert found == Read(GERMAN, "withheld")
    assert Instance(form, now=NOW).label("/data/consent", found.language) == "Willigt ein?"


def test_a_single_part_can_be_kept_to_reviewed_languages(form: Form) -> None:
    assert read(form, "name", "hint", ARABIC) == Read(GERMAN, "withheld")
    assert read(form, "name", "label", ARABIC) == Read(ARABIC, "unreviewed")
    assert read(form, "name", "message", ARABIC) == Read(ARABIC, "unreviewed")


def test_several_parts_can_be_kept_and_the_choices_shown(form: Form) -> None:
    assert read(form, "said", "label", ARABIC) == Read(GERMAN, "withheld")
    assert read_choices(form, "/data/said", language_of(ARABIC)).states["ja"] == "unreviewed"


@pytest.mark.parametrize(("name", "state"), [("age", "missing"), ("day", "withheld")])
def test_a_text_that_a_language_lacks_is_read_in_the_first(form: Form, name: str, state: str) -> None:
    assert read(form, name, "label", ARABIC) == Read(GERMAN, state)


def test_where_there_is_no_text_nothing_is_missing(form: Form) -> None:
    assert read(form, "age", "hint", ARABIC) == Read(ARABIC, "")
    assert read_in(form, None, "", "label", language_of(ARABIC)) == Read(ARABIC, "")
    assert read_in(form, Text(), "/data/consent", "label", language_of(ARABIC)).state == ""


def test_a_text_outside_the_translations_is_of_the_first_language(form: Form) -> None:
    text = Text(parts=("Alter",))
    assert read_in(form, text, "/data/age", "label", language_of(GERMAN)) == Read(GERMAN, "")
    assert read_in(form, text, "/data/age", "label", language_of(ENGLISH)) == Read(GERMAN, "missing")


def test_choices_are_read_as_one_list_with_the_state_of_each(form: Form) -> None:
    plain = read_choices(form, "/data/plain", language_of(ARABIC))
    assert (plain.language, plain.states) == (ARABIC, {"ja": "unreviewed", "nein": "missing"})
    consent = read_choices(form, "/data/consent", language_of(ARABIC))
    assert (consent.language, consent.states) == (GERMAN, {"ja": "withheld", "nein": "withheld"})
    assert set(read_choices(form, "/data/consent", language_of(ENGLISH)).states.values()) == {""}


XFORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
    xmlns:lb="https://lotsenbuch.example/xform"><h:head><h:title>T</h:title><model>
    <itext>{translations}</itext>
    <instance><data id="t" {attributes}><a/></data></instance>
    <bind nodeset="/data/a" type="string" lb:reviewed_only="yes"/></model></h:head>
    <h:body><input ref="/data/a"><label ref="jr:itext('l')"/></input></h:body></h:html>"""


def xform(attributes: str, *languages: str) -> Form:
    text = '<text id="l"><value>{}</value></text>'
    made = (f'<translation lang="{name}">{text.format(name)}</translation>' for name in languages)
    return read_form(XFORM.format(attributes=attributes, translations="".join(made)))


def test_a_consent_is_read_in_the_first_language_that_somebody_has_read() -> None:
    made = xform('lb:unreviewed="AR uk"', "ar", "uk", "en")
    assert made.unreviewed == {"ar", "uk"}
    label = made.control("/data/a").label  # type: ignore[union-attr]
    assert read_in(made, label, "/data/a", "label", language_of("uk")) == Read("en", "withheld")
    assert read_in(made, label, "/data/a", "label", language_of("en")) == Read("en", "")


def test_a_consent_that_nobody_has_read_is_shown_in_no_language() -> None:
    made = xform('lb:unreviewed="ar uk"', "ar", "uk")
    label = made.control("/data/a").label  # type: ignore[union-attr]
    assert read_in(made, label, "/data/a", "label", language_of("uk")) == Read(None, "withheld")


def test_a_consent_that_only_an_unreviewed_language_has_is_not_shown_beside_a_reviewed_one() -> None:
    made = xform('lb:unreviewed="ar"', "en", "ar")
    label = Text(itext="only")
    values = {"en": {}, "ar": {"only": ItextValue(("نص",))}}
    made = replace(made, itext=replace(made.itext, values=values))
    for language in ("en", "ar"):
        assert read_in(made, label, "/data/a", "label", language_of(language)) == Read(None, "withheld")


def test_a_form_without_translations_has_nothing_to_tell() -> None:
    made = read_form(
        XFORM.format(attributes="", translations="").replace("<label ref=\"jr:itext('l')\"/>", "<label>A</label>")
    )
    label = made.control("/data/a").label  # type: ignore[union-attr]
    assert read_in(made, label, "/data/a", "label", language_of("")) == Read(None, "")
    assert read_choices(made, "/data/a", language_of("")).language is None
