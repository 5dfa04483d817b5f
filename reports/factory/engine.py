"""Runs the report's notebook: papermill on a fresh kernel that knows nothing but the bundle. The only door to
papermill.

The kernel's environment is made from scratch: no store, no key, no variable of ours, an empty home. It can read the
installed packages and the bundle in its working directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import reports
from validation.errors import ReportError, UsageError

PASSED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "TMPDIR", "VIRTUAL_ENV")
"""The variables of our own environment that a kernel needs to start; nothing else is passed on."""

START_TIMEOUT, CELL_TIMEOUT = 120, 300


def kernel_environment(home: Path) -> dict[str, str]:
    """The environment of the kernel: `PASSED`, this installation, and directories below `home`."""
    found = {name: os.environ[name] for name in PASSED if name in os.environ}
    source = str(Path(reports.__file__).resolve().parent.parent)
    return found | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": source,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def execute(notebook: Path, parameters: Mapping[str, Any], *, work: Path) -> Any:
    """The executed notebook (an nbformat node) of one run in the directory `work`, which is the kernel's as well.

    Raises UsageError for a parameter the notebook does not declare, ReportError 'report.kernel' with the cell and the
    kind of error, 'report.no_kernel' when no kernel starts. Nothing that the kernel printed goes into the message.
    """
    declared = declared_parameters(notebook)
    for name in parameters:
        if name not in declared:
            raise UsageError("report.unknown_parameter", name=name, known=", ".join(sorted(declared)))
    import nbformat
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from papermill.engines import NBClientEngine, papermill_engines

    class FreshKernel(NBClientEngine):  # type: ignore[misc]  # papermill has no types
        """papermill's engine with an environment of our own."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_kwargs: Any) -> Any:
            from papermill.clientwrap import PapermillNotebookClient

            client = PapermillNotebookClient(
                nb_man,
                km=_own_kernel(work),
                kernel_name=kernel_name,
                timeout=CELL_TIMEOUT,
                startup_timeout=START_TIMEOUT,
                resources={"metadata": {"path": str(work)}},
            )
            # What the kernel itself writes (its shutdown, for one) is for no reader of the command.
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            return client.execute(env=kernel_environment(work / "home"), cleanup_kc=True, **quiet)

    (work / "home").mkdir(parents=True, exist_ok=True)
    papermill_engines.register("lotsenbuch", FreshKernel)
    target = work / "executed.ipynb"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            papermill.execute_notebook(
                str(notebook),
                str(target),
                parameters=dict(parameters),
                engine_name="lotsenbuch",
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                autosave_cell_every=0,
            )
    except papermill.PapermillExecutionError as error:
        raise ReportError("report.kernel", cell=error.cell_index + 1, error=error.ename) from error
    except (NoSuchKernel, RuntimeError, OSError, TimeoutError) as error:
        raise ReportError("report.no_kernel", cause=type(error).__name__) from error
    return plain(nbformat.read(str(target), as_version=4))


def _own_kernel(work: Path) -> Any:
    """A kernel manager that knows one kernel: this very interpreter. What else is installed under the name python3
    for the user or the machine is not looked at. Messages are encrypted: other users of the machine may listen on
    loopback."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"supported_encryption": ["curve"]},
    }
    directory = work / "kernels" / "python3"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(work / "kernels")], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs, transport_encryption="auto")


def declared_parameters(notebook: Path) -> frozenset[str]:
    """The names in the notebook's parameters cell."""
    import papermill

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return frozenset(papermill.inspect_notebook(str(notebook)))


def plain(executed: Any) -> Any:
    """The notebook without what differs from run to run: times, process numbers, paths."""
    executed.metadata = type(executed.metadata)(
        {name: executed.metadata[name] for name in ("kernelspec", "language_info") if name in executed.metadata}
    )
    executed.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(executed.cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = type(executed.metadata)({"tags": [t for t in cell["metadata"].get("tags", []) if t]})
    return executed
