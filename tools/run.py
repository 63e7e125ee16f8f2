"""Run notebooks as they are committed: ``python -m tools.run chapters/01-basics/gradient-descent.ipynb ...``.

Each is formatted, executed from top to bottom in one fresh kernel in its own folder, brought to normal form,
stamped with a hash of its code and written whole; when a cell fails, nothing is written. Of a notebook of the
book whose code is new, the time goes into benchmarks/seconds.csv.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.notebooks import ROOT, NotebookError, format_code, normalise, place, read, stamp, write
from tools.times import note_time

CPU_SECONDS_GOAL, CPU_SECONDS_LIMIT = 30, 60
CELL_TIMEOUT = 300  # seconds by the clock, for a cell that hangs

# One thread: notebooks side by side must not fight over the cores. A fixed hash seed: sets print alike.
# Matplotlib's folder in the checkout: neither a reader's matplotlibrc nor a stale list of fonts shows.
KERNEL_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "MPLCONFIGDIR": str(ROOT / "_build" / "matplotlib"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the notebooks that are named; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.run", description="Run and store notebooks.")
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NB", help="path of a notebook")
    failed = False
    for path in parser.parse_args(arguments).notebooks:
        try:
            seconds = run(path)
        except NotebookError as error:
            failed = True
            print(f"{path}: {error}", file=sys.stderr)
        else:
            remark = f", over the goal of {CPU_SECONDS_GOAL}" if seconds > CPU_SECONDS_GOAL else ""
            print(f"{path}: {seconds:.1f} CPU seconds{remark}")
    return int(failed)


def run(path: Path) -> float:
    """Format, execute, normalise, stamp and write one notebook; return the CPU seconds that it took.

    Raises:
        NotebookError: if a cell fails, or all take over 60 CPU seconds; the file stays as it was.
    """
    notebook = format_code(read(path))
    seconds = execute(notebook, path.parent)
    if seconds > CPU_SECONDS_LIMIT:
        raise NotebookError(
            f"expected at most {CPU_SECONDS_LIMIT} CPU seconds, got {seconds:.1f}; nothing is written. "
            "Train less, on less, or split the section"
        )
    notebook = normalise(notebook)
    stamp(notebook)
    write(path, notebook)
    if path.resolve().is_relative_to(ROOT / "chapters"):
        note_time(path, notebook, seconds, ROOT, renew=False)
    return seconds


def execute(notebook: NotebookNode, folder: Path) -> float:
    """Execute a notebook in place, in a fresh kernel; return the kernel's CPU seconds, user and system.

    Raises:
        NotebookError: if a cell raises, hangs, or takes the kernel down.
    """
    # The kernel of this very Python, whatever other kernels are installed on the machine.
    manager = AsyncKernelManager(
        kernel_name=NATIVE_KERNEL_NAME, kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
    )
    # What reaches the kernel's own stderr is its server's chatter; what cells print comes by messages.
    with client.setup_kernel(cleanup_kc=True, env=kernel_environment(), stderr=subprocess.DEVNULL):
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                raise NotebookError(
                    f"{place(notebook, cell)} raised {error.ename}: {error.evalue}; nothing is written. "
                    f"Mend the cell, or tag it raises-exception if it should fail\n{error.traceback.strip()}"
                ) from error
            except (CellTimeoutError, DeadKernelError) as error:
                reason = f"ran over {CELL_TIMEOUT} seconds"
                if isinstance(error, DeadKernelError):
                    reason = "took the kernel down"
                raise NotebookError(
                    f"{place(notebook, cell)} {reason}; nothing is written. Make the cell smaller"
                ) from error
        return cpu_seconds(manager)


def kernel_environment() -> dict[str, str]:
    """Return the environment of a kernel; exercises report in it, and do not raise."""
    inherited = {name: value for name, value in os.environ.items() if name != "DLBOOK_GRADE"}
    return inherited | KERNEL_ENVIRONMENT


def cpu_seconds(manager: Any) -> float:
    """Return the CPU seconds that a manager's kernel and its finished children have used so far."""
    times = psutil.Process(manager.provisioner.pid).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


if __name__ == "__main__":
    sys.exit(main())
