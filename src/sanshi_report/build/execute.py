"""Running a notebook with Papermill, and accepting the run only if all of it happened.

Papermill calls a run a success in several cases that are none: a parameter the notebook does not have,
a cell that leaves the kernel, a kernel that dies. Each is refused here by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sanshi_report.errors import BuildError
from sanshi_report.kernels import Kernels, lighten_imports

__all__ = ["accept", "execute"]

CELL_SECONDS = 600
_KERNEL = "python3"


def execute(
    notebook: Path, target: Path, parameters: Mapping[str, str | None], kernels: Kernels
) -> dict[str, Any]:
    """Run `notebook` in a fresh kernel, write it to `target` as run, and return it.

    Parameters
    ----------
    parameters : mapping of str to str or None
        Values for the cell tagged `parameters`, which must declare every one of them.

    Raises
    ------
    BuildError
        If the notebook is not one, lacks a parameter, or did not run to its end; `target` then holds
        what was run, if anything was.
    """
    lighten_imports()
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    _require_parameters(notebook, parameters)
    try:
        run = papermill.execute_notebook(
            notebook,
            target,
            dict(parameters),
            kernel_name=_KERNEL,
            language="python",
            progress_bar=False,
            execution_timeout=CELL_SECONDS,
            kernel_manager_class=kernels.manager(),
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(notebook.parent)}},
        )
    except PapermillExecutionError as error:
        raise BuildError(
            "cell_failed",
            notebook=notebook.name,
            cell=error.cell_index + 1,
            source=_first_line(error.source),
            reason=f"{error.ename}: {error.evalue}",
        ) from error
    except CellTimeoutError as error:
        raise BuildError("cell_timeout", notebook=notebook.name, seconds=CELL_SECONDS) from error
    except (DeadKernelError, RuntimeError) as error:
        crash = kernels.last_words() or str(error)
        raise BuildError("kernel_died", notebook=notebook.name, reason=crash) from error
    accept(run, notebook.name)
    return dict(run)


def accept(run: Mapping[str, Any], name: str) -> None:
    """Refuse a run in which not everything happened.

    Raises
    ------
    BuildError
        If anything was raised, a code cell was not run, or the notebook does not end in the cell tagged
        `end` having said that it is complete.
    """
    cells = []
    for number, cell in enumerate(run["cells"], 1):
        if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
            continue
        cells.append(cell)
        raised = cell["metadata"].get("papermill", {}).get("exception")
        if raised or any(output["output_type"] == "error" for output in cell["outputs"]):
            source = _first_line("".join(cell["source"]))
            raise BuildError("cell_left", notebook=name, cell=number, source=source)
        if cell["execution_count"] is None:
            raise BuildError("cell_not_run", notebook=name, cell=number)
    if run["metadata"].get("papermill", {}).get("exception"):
        raise BuildError("cell_left", notebook=name, cell="?", source="")
    if not cells or "end" not in cells[-1]["metadata"].get("tags", ()):
        raise BuildError("end_missing", notebook=name)
    said = [output.get("metadata", {}).get("sanshi", {}) for output in cells[-1]["outputs"]]
    if not any(about.get("end") for about in said):
        raise BuildError("end_not_reached", notebook=name)


def _require_parameters(notebook: Path, parameters: Iterable[str]) -> None:
    import papermill

    try:
        declared = papermill.inspect_notebook(notebook)
    except Exception as error:  # whatever nbformat, json or the tokenizer find wrong with the file
        reason = str(error).strip().partition("\n")[0]
        raise BuildError("notebook_malformed", notebook=notebook.name, reason=reason) from error
    for name in parameters:
        if name not in declared:
            raise BuildError(
                "parameter_unknown",
                notebook=notebook.name,
                parameter=name,
                declared=", ".join(declared) or "—",
            )


def _first_line(source: str) -> str:
    return source.strip().partition("\n")[0][:80]
