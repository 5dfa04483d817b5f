"""Runs a module of Python for as long as the process that started it lives: `python -m intake.interview.leash voila …`.

Who starts it keeps the other end of its standard input open and writes nothing. However that process ends, kill -9
included, the pipe closes with it, and the module is asked to stop as a closed terminal asks it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE = 10.0  # s for a module that was asked to stop


def main() -> None:
    """Run the module named first, with the other arguments as its own."""
    module, *arguments = sys.argv[1:]
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch() -> None:
    """Wait until standard input ends, then end this process."""
    while os.read(0, 1):
        pass
    # Windows knows no SIGTERM that a program could answer
    signal.raise_signal(signal.SIGINT if sys.platform == "win32" else signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    main()
