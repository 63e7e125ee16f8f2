"""Run one step of the Makefile: say what it does, how long it took and, when it fails, why.

    python tools/step.py [--quiet] [--hint TEXT] "What it does" -- command [argument ...]

A quiet step keeps its output in a log below _build/log. When it fails for a known reason (no network,
a full disk), one line names the reason and the mend; otherwise the log is shown.
Any other step prints freely.

This file runs before anything is installed. It needs the standard library alone, and its syntax is as old as
Python 3.6, so that an old Python gets as far as saying that it is too old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"Python >= 3.11 is needed, found {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable}): "
        "install a newer one, or name it, as in: make book PYTHON=python3.12"
    )

import argparse
import errno
import os
import re
import subprocess
import time
from pathlib import Path

LOGS = Path("_build", "log")
SECONDS_BETWEEN_SIGNS_OF_LIFE = 15

FULL_DISK = "the disk is full: free some space (README.md says how much is needed), then run it again"
REASONS = {
    r"No space left on device|ENOSPC|Disk quota exceeded": FULL_DISK,
    r"NewConnectionError|Failed to establish a new connection|Temporary failure in name resolution|ProxyError"
    r"|ConnectTimeout|ReadTimeout|Network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT": (
        "the network does not answer: check the connection (and the proxy, if any), then run it again"
    ),
    r"ensurepip is not available|No module named '?ensurepip": (
        "this Python lacks its venv module: on Debian and Ubuntu, install python3-venv, then run it again"
    ),
}


def explain(log: str) -> str | None:
    """Name the known reason for a failure that the last lines of its log give away, if there is one."""
    ending = "\n".join(log.splitlines()[-40:])
    return next((reason for pattern, reason in REASONS.items() if re.search(pattern, ending)), None)


def duration(seconds: float) -> str:
    """Write a time as a person would: 0.4 s, 41 s, 3 min 20 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def start(command: list[str]) -> subprocess.Popen[str]:
    """Start a command whose two streams can be read as one, line by line, while it runs."""
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def run_quietly(command: list[str], log: Path) -> int:
    """Run a command, its output kept in ``log``, its latest line shown at times. Return its exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    on_terminal = sys.stdout.isatty()
    shown = time.monotonic()
    with log.open("w", encoding="utf-8") as kept, start(command) as process:
        assert process.stdout is not None
        for line in process.stdout:
            kept.write(line)
            if on_terminal:
                print(f"\r\033[K    {line.strip()[:70]}", end="", flush=True)
            elif time.monotonic() - shown > SECONDS_BETWEEN_SIGNS_OF_LIFE:
                shown = time.monotonic()
                print(f"    {line.strip()[:100]}", flush=True)
    if on_terminal:
        print("\r\033[K", end="", flush=True)
    return process.returncode


def run(title: str, command: list[str], *, quiet: bool, hint: str | None) -> int:
    """Run one step, report on it, and return its exit code."""
    print(f"==> {title}", flush=True)
    started = time.monotonic()
    log = LOGS / (re.sub(r"\W+", "-", title.lower()).strip("-") + ".log")
    code, reason = 1, None
    try:
        code = run_quietly(command, log) if quiet else subprocess.call(command)
    except FileNotFoundError:
        reason = f"there is no command {command[0]}: remove .venv, then run it again"
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        reason = FULL_DISK
    except KeyboardInterrupt:
        print(f"\n    stopped after {duration(time.monotonic() - started)}", flush=True)
        return 130
    took = duration(time.monotonic() - started)
    if code == 0:
        print(f"    done in {took}", flush=True)
        return 0
    if quiet and reason is None:
        output = log.read_text(encoding="utf-8")
        reason = explain(output)
        if reason is None:
            print(output, flush=True)
    reason = reason or hint
    print(f"    failed after {took}" + (f": {reason}" if reason else ""), file=sys.stderr, flush=True)
    return code


def main() -> int:
    """Read the command line and run the step that it names."""
    parser = argparse.ArgumentParser(description="Run one step of the Makefile.")
    parser.add_argument("--quiet", action="store_true", help="keep the output in a log, shown on failure")
    parser.add_argument("--hint", help="what to do when the step fails for no known reason")
    parser.add_argument("title", help="what the step does")
    parser.add_argument("command", nargs="+", help="the command and its arguments, after --")
    arguments = parser.parse_args()
    return run(arguments.title, arguments.command, quiet=arguments.quiet, hint=arguments.hint)


if __name__ == "__main__":
    sys.exit(main())
