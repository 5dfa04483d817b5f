"""What is said when a command is called wrongly: one sentence in the words of the catalogue, never what was typed as a
value, because that may be an answer."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, cast

import typer

from validation.messages import say

CalledWrongly = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""What the command line raises for every wrong call; typer gives it no public name of its own."""


def told(error: Any) -> str:
    """The sentence for an error of the kind `CalledWrongly`."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "") or "lotsenbuch"
    commands = getattr(getattr(context, "command", None), "commands", {})
    quoted = re.search(r"'([^']+)'", str(getattr(error, "message", "")))
    meant: list[str] = sorted(getattr(error, "possibilities", None) or ())
    kind = type(error).__name__
    if kind == "NoSuchOption":
        name, code = error.option_name, "cli.no_such_option_meant" if meant else "cli.no_such_option"
    elif kind == "MissingParameter":
        name, code = _named(error), "cli.missing_parameter"
    elif kind == "BadParameter" and error.param is not None:
        name, code = _named(error), "cli.bad_parameter"
    elif commands and quoted and quoted[1] not in commands:  # only its message says which word it was
        name = quoted[1]
        meant = get_close_matches(name, commands)
        code = "cli.no_such_command_meant" if meant else "cli.no_such_command"
    else:
        name, code = "", "cli.called_wrongly"
    return say(code, name=name, command=command, meant=", ".join(meant))


def _named(error: Any) -> str:
    """How the option is typed, or what stands for the argument in the help."""
    parameter = error.param
    written = [name for name in parameter.opts if name.startswith("-")]
    return str(written[0] if written else parameter.metavar or parameter.name)
