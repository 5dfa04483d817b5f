"""An office's own forms with nothing in them, and the table that fills them.

`python office_forms.py DIR` leaves `antrag.docx` and `antrag.csv` there; `python office_forms.py DIR STUDY PERSON`
writes a release towards the Jobcenter into the person's first interview, too.
"""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TABLE = """field,question,text,how,allow
Deutsch,deutsch_gesamt,,,
Stelle,,Integrationsmanagement,,
"""
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns='
    '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def control(name: str, kind: str = "<w:text/>", inside: str = "Hier klicken", *, by: str = "tag") -> str:
    """A content control in a paragraph of its own, as Word writes one that nobody has filled."""
    return (
        f'<w:p><w:r><w:t>{name}:</w:t></w:r><w:sdt><w:sdtPr><w:{by} w:val="{name}"/><w:showingPlcHdr/>{kind}</w:sdtPr>'
        f'<w:sdtContent><w:r><w:rPr><w:rStyle w:val="PlaceholderText"/><w:b/></w:rPr><w:t>{inside}</w:t></w:r>'
        "<w:r><w:t>…</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )


BOX = '<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2611"/></w14:checkbox>'
DAY = '<w:date><w:dateFormat w:val="dd.MM.yyyy"/></w:date>'
LIST = '<w:dropDownList><w:listItem w:displayText="Grundstufe A2" w:value="a2"/></w:dropDownList>'
BLOCK = (
    '<w:sdt><w:sdtPr><w:alias w:val="Verlauf"/><w:dataBinding w:xpath="/x" w:storeItemID="{0}"/></w:sdtPr>'
    "<w:sdtContent><w:p><w:r><w:t>eins</w:t></w:r></w:p><w:p><w:r><w:t>zwei</w:t></w:r></w:p></w:sdtContent></w:sdt>"
)


def word(*controls: str, more: dict[str, str] | None = None) -> bytes:
    """A Word document with these controls in its body."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
        f'mc:Ignorable="w14"><w:body>{"".join(controls)}<w:sectPr/></w:body></w:document>'
    )
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": body, **(more or {})}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


def pdf(*, xfa: bool = False, locked: bool = False) -> bytes:
    """A PDF form: a text `Name`, a box `Kurs` with the state /An, a list `Stand`."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject
    from pypdf.generic import FloatObject as Number

    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)

    def field(name: str, kind: str, top: int, **more: object) -> DictionaryObject:
        place = ArrayObject([Number(20), Number(top), Number(200), Number(top + 20)])
        made = DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject(kind), NameObject("/T"): TextStringObject(name), NameObject("/Rect"): place,
            NameObject("/DA"): TextStringObject("/Helv 10 Tf 0 g"),
        })  # fmt: skip
        made.update({NameObject(f"/{key}"): value for key, value in more.items()})
        return made

    states = DictionaryObject({NameObject(name): writer._add_object(StreamObject()) for name in ("/An", "/Off")})
    looks = DictionaryObject({NameObject("/N"): states})
    offered = ArrayObject([
        ArrayObject([TextStringObject("a2"), TextStringObject("Grundstufe")]),
        ArrayObject([TextStringObject("b1"), TextStringObject("Mittelstufe")]),
    ])  # fmt: skip
    fields = ArrayObject([
        writer._add_object(field("Name", "/Tx", 250)),
        writer._add_object(field("Kurs", "/Btn", 200, V=NameObject("/Off"), AS=NameObject("/Off"), AP=looks)),
        writer._add_object(field("Stand", "/Ch", 150, Opt=offered)),
    ])  # fmt: skip
    page[NameObject("/Annots")] = fields
    face = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"), NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
    })  # fmt: skip
    faces = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/Helv"): face})})
    form = DictionaryObject({NameObject("/Fields"): fields, NameObject("/DR"): faces})
    if xfa:
        form[NameObject("/XFA")] = TextStringObject("x")
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)
    if locked:
        writer.encrypt("geheim", algorithm="RC4-40")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def release(study: Path, person: str, agencies: str = "jc", until: str = "2099-12-31") -> None:
    """A new version of the person's first interview in which these agencies are released."""
    from intake.study import open_study

    with open_study(study).store() as store:
        (old,) = (each for each in store.submissions("erstgespraech") if each.subject == person)
        said = {"/data/fall/schweigepflicht": agencies, "/data/fall/schweigepflicht_bis": until}
        store.append(replace(old, record={**old.record, **said}, version=old.version + 1, reason="late"))


if __name__ == "__main__":
    where = Path(sys.argv[1])
    (where / "antrag.docx").write_bytes(word(control("Deutsch"), control("Stelle")))
    (where / "antrag.csv").write_text(TABLE, "utf-8")
    if sys.argv[2:]:
        release(Path(sys.argv[2]), sys.argv[3])
