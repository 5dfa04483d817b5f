"""Text of an expression -> tokens, with the disambiguation rules of XPath 1.0, section 3.7."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validation.errors import Place, Problem, XPathError

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NCNAME = f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*"
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<literal>"[^"]*"|'[^']*')
    | (?P<name>{_NCNAME}(?::(?:{_NCNAME}|\*))?)
    | (?P<symbol>::|//|\.\.|!=|<=|>=|[()\[\].@,/|+\-=<>*$])
    """,
    re.VERBOSE,
)
_OPERATOR_NAME = re.compile(r"and|or|div|mod")
_OPERATORS = frozenset(
    {"and", "or", "div", "mod", "multiply", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="}
)
# After one of these a name is a name and a star is a wildcard; after anything else both are operators.
_BEFORE_OPERAND = _OPERATORS | {"@", "::", "(", "[", ",", "$"}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, literal, name, star, operator, symbol or end; `position` counts from 1."""

    kind: str
    text: str
    position: int


def refuse(code: str, source: str, position: int, **fields: str) -> XPathError:
    """The error for a place in an expression."""
    return XPathError(Problem(f"xpath.{code}", Place(position=position), fields), source)


def tokenize(source: str) -> list[Token]:
    """All tokens, the last of kind 'end'. XPathError where a character begins no token."""
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise _stray(source, at)
        kind, text = str(match.lastgroup), match.group()
        end = match.end()
        if kind != "space":
            operator_follows = bool(tokens) and not _expects_operand(tokens[-1])
            if kind == "name" and operator_follows:
                named = _OPERATOR_NAME.match(text)
                if named is None:
                    raise refuse("operator_expected", source, at + 1, found=text)
                # '1mod1' is written by real forms and taken by every client.
                kind, text, end = "operator", named.group(), at + named.end()
            elif text == "*" and kind == "symbol":
                kind = "operator" if operator_follows else "star"
            elif kind == "symbol" and text in _OPERATORS:
                kind = "operator"
            tokens.append(Token(kind, text, at + 1))
        at = end
    tokens.append(Token("end", "", len(source) + 1))
    return tokens


def _expects_operand(token: Token) -> bool:
    return token.kind == "operator" or (token.kind == "symbol" and token.text in _BEFORE_OPERAND)


def _stray(source: str, at: int) -> XPathError:
    if source[at] in "'\"":
        return refuse("open_quote", source, at + 1)
    return refuse("stray", source, at + 1, found=source[at])
