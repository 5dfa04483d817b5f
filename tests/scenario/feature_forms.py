"""Small XLSForms that between them have every construct of XLSForm that can change a verdict.

`SURVEYS` are by name of the construct; `FILES` are the external lists they name, by instance id or file name.
"""

from __future__ import annotations

from collections.abc import Mapping

HEAD = "| survey | type | name | label | required | relevant | constraint | calculation | choice_filter | repeat_count | parameters | default | trigger | readonly |"  # noqa: E501 - a table is read row by row
_CHOICES = """
| choices | list_name | name | label | land | von |
|---|---|---|---|---|---|
| | land | de | Deutschland | | 1 |
| | land | sy | Syrien | | 2 |
| | ort | cw | Calw | de | 1 |
| | ort | mu | München | de | 2 |
| | ort | ha | Aleppo | sy | 3 |
| | ja | ja | Ja | | |
| | ja | nein | Nein | | |
| settings | form_id |
| | probe |
"""

_ROWS: Mapping[str, str] = {
    "groups": """
| | integer | alter | A | yes | | . >= 0 and . < 120 | | | | | | | |
| | begin_group | g | G | | ${alter} > 14 | | | | | | | | |
| | text | beruf | B | yes | | string-length(.) > 1 | | | | | | | |
| | begin_group | h | H | | ${beruf} != 'b' | | | | | | | | |
| | text | stelle | S | ${alter} > 20 | | . != ${beruf} | | | | | | | |
| | end_group | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | |
| | note | n | N | | ${stelle} = 'a' | | | | | | | | |
| | text | danach | D | | ${stelle} = '' | | | | | | | | |""",
    "repeats": """
| | integer | n | N | | | | | | | | | | |
| | begin_repeat | kind | K | | ${n} > 0 | | | | | | | | |
| | text | name | N | yes | | not(. = ../../kind[1]/name) or position(..) = 1 | | | | | | | |
| | date | geboren | G | | ${name} != '' | . <= today() | | | | | | | |
| | begin_repeat | fach | F | | | | | | | | | | |
| | integer | note | N | position(..) = 1 | ${name} != 'b' | . >= 1 and . <= 6 and . >= ${n} | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | text | bester | B | | min(${note}) < 3 | count(${fach}) > 1 | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | calculate | anzahl | | | | | count(${kind}) | | | | | | |
| | text | viele | V | ${anzahl} > 2 | sum(${note}) > 4 | . = join(' ', ${name}) | | | | | | | |""",
    "counted repeats": """
| | integer | n | N | | | | | | | | | | |
| | begin_repeat | r | R | | | | | | ${n} | | | | |
| | text | a | A | yes | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | begin_repeat | fest | F | | ${n} > 1 | | | | 2 | | | | |
| | integer | b | B | yes | | . > ${n} | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | text | c | C | | count(${r}) = ${n} | | | | | | | | |""",
    "choices": """
| | select_one land | l | L | yes | | | | | | | | | |
| | select_one ort | o | O | | | . != 'mu' | | land = ${l} | | | | | |
| | select_multiple ort | m | M | | ${o} != '' | not(selected(., ${o})) | | von > 1 | | | | | |
| | rank ja | r | R | | | | | | | | | | |
| | select_multiple land or_other | mo | MO | | | count-selected(.) < 3 | | | | | | | |
| | select_one ort | z | Z | | | | | land = ${l} and von < count-selected(${m}) + 2 | | randomize=true | | | |
| | text | sagt | S | | jr:choice-name(${o}, '${o}') = 'Calw' | | | | | | | | |
| | text | hat | H | | selected(${m}, 'mu') or ${r} = 'ja nein' | . != ${o} | | | | | | | |""",
    "choices of a repeat": """
| | begin_repeat | kind | K | | | | | | | | | | |
| | text | name | N | | | | | | | | | | |
| | integer | alter | A | | | | | | | | | | |
| | select_one ort | wo | W | | | | | land = ${land} | | | | | |
| | select_one land | land | L | | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | select_one ${name} | wer | W | | | | | ${alter} > 1 | | | | | |
| | text | x | X | | ${wer} != '' | | | | | | | | |""",
    "files": """
| | select_one_from_file orte.csv | o | O | | | | | | | | | | |
| | select_multiple_from_file orte.csv | m | M | | ${o} = 'cw' | | | kreis = ${o} or ${o} = '' | | | | | |
| | text | k | K | | pulldata('orte', 'kreis', 'name', ${o}) = 'cw' | . = instance('orte')/root/item[name = ${o}]/label | | | | | | | |
| | csv-external | orte | | | | | | | | | | | |""",  # noqa: E501
    "types": """
| | integer | i | I | | | . > 1 | | | | | | | |
| | decimal | d | D | | | . > 0.5 and . != ${i} | | | | | | | |
| | date | t | T | | | . > date('2000-01-01') and . < today() | | | | | | | |
| | time | z | Z | | | . > '11:00' | | | | | | | |
| | dateTime | w | W | | | . <= now() | | | | | | | |
| | range | s | S | | | . != 3 | | | | start=1 end=5 step=1 | | | |
| | range | sd | SD | | | | | | | start=0.5 end=1.5 step=0.5 | | | |
| | acknowledge | ok | OK | yes | ${i} > 2 | | | | | | | | |
| | geopoint | p | P | | | distance(., '48.7 8.8 0 0') < 100000 | | | | | | | |
| | geoshape | f | F | | | area(.) > 10 | | | | | | | |
| | geotrace | l | L | | | | | | | | | | |
| | image | foto | F | | | . != 'a' | | | | | | | |
| | file | datei | D | ${t} = '' | | | | | | | | | |
| | barcode | code | C | | | regex(., '^[0-9]+$') | | | | | | | |
| | audio | ton | T | | | | | | | | | | |""",
    "calculations": """
| | integer | a | A | | | | | | | | | | |
| | decimal | b | B | | | | | | | | | | |
| | calculate | s | | | | | ${a} + ${b} | | | | | | |
| | calculate | t | | | ${a} > 1 | | if(${s} > 3, 'viel', 'wenig') | | | | | | |
| | text | q | Q | ${s} > 4 | ${t} = 'viel' | contains(., ${t}) | | | | | | | |
| | integer | r | R | | | . = ${s} | round(${b}, 0) | | | | | | |
| | text | v | V | | ${r} > 1 | | | | | | vorgabe | | |
| | text | w | W | | | ${v} != 'a' | | | | | concat('x', 1 + 1) | | |
| | text | x | X | | | | once(concat(${a}, 'z')) | | | | | | |
| | text | y | Y | | ${x} = '1z' | | | | | | | | |
| | text | gelesen | G | yes | | . = 'a' | | | | | | | ${a} = 1 |
| | text | folgt | F | | ${v} = 'vorgabe' | | 'neu' | | | | | ${a} | |
| | text | f | F | | ${folgt} = 'neu' | | | | | | | | |""",
    "metadata": """
| | start | start | | | | | | | | | | | |
| | end | end | | | | | | | | | | | |
| | today | heute | | | | | | | | | | | |
| | username | wer | | | | | | | | | | | |
| | hidden | h | | | | | | | | | | | |
| | date | d | D | | | . <= ${heute} and . <= today() | | | | | | | |
| | text | x | X | | ${wer} = 'a' or ${h} = 'b' | ${start} < ${end} | | | | | | | |
| | dateTime | w | W | | | . <= now() and . > ${start} | | | | | | | |""",
}
SURVEYS: Mapping[str, str] = {
    name: f"{HEAD}\n|{'---|' * (HEAD.count('|') - 1)}{rows}\n{_CHOICES}" for name, rows in _ROWS.items()
}
FILES: Mapping[str, str] = {"orte": "name,label,kreis\ncw,Calw,cw\nnag,Nagold,cw\nmu,München,m\n"}
