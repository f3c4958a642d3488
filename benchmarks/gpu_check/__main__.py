"""Checks everything that needs an NVIDIA card, in at most eight minutes and without a network.

    python -m benchmarks.gpu_check [--device cuda] [--small] [--output gpu-check] [--only NAME ...] [--minutes 8]

Writes OUTPUT.json and OUTPUT.md, a table to send back. A check that fails is told, and the others go on; the exit
code is 1 if one failed. ``--device cpu --small`` runs all of it in small on a processor.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.locations import ROOT

from .catalogue import CHECKS, Check
from .results import Result, markdown

#: Longest start of a process that runs checks, s.
_START = 120.0

#: How many times longer than on a card a check may take on a CPU, which other programs use too.
_SLOWER_ON_CPU = 10

#: Settings of the checks: no network, sleeping threads, and the cache of another folder than the user's.
_SETTINGS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "HF_HUB_OFFLINE": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTORCH_CUDA_ALLOC_CONF": "",
}


def main() -> int:
    """Runs the checks that the command line selects; returns the exit code."""
    options = _options()
    chosen = [check for check in CHECKS if not options.only or check.name in options.only]
    deadline = time.monotonic() + 60 * options.minutes
    facts: dict[str, Any] = {}
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="gpu-check-", dir=options.folder) as folder:
        for found in run_checks(chosen, options, Path(folder), deadline):
            if isinstance(found, Result):
                results.append(found)
                _tell(found)
            else:
                facts = found
            write(options.output, facts, results)
    failed = [result.title for result in results if not result.has_passed]
    print(f"\nWritten: {options.output}.json and {options.output}.md", flush=True)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def run_checks(
    checks: Sequence[Check], options: argparse.Namespace, folder: Path, deadline: float
) -> Iterator[dict[str, Any] | Result]:
    """Runs checks in one process, and the rest in another after one that fails with an error.

    Yields:
        The facts about the machine, then the result of each check.
    """
    left = list(checks)
    while left:
        if time.monotonic() > deadline:
            for check in left:
                yield Result(check.name, check.title, 0.0, error="left out: the time was over")
            return
        with Worker(left, options, folder) as worker:
            facts = worker.next_record(_START)
            if "facts" not in facts:
                error = facts.get("error", "the process did not start")
                yield Result(left[0].name, left[0].title, 0.0, error=error)
                left = left[1:]
                continue
            yield facts["facts"]
            while left and time.monotonic() <= deadline:
                print(f"{left[0].title} ...", flush=True)
                begun, check = time.monotonic(), left.pop(0)
                longest = check.limit * (_SLOWER_ON_CPU if options.device == "cpu" else 1)
                limit = max(10.0, min(longest, deadline - begun))
                record = worker.next_record(limit)
                if "check" not in record:
                    seconds = time.monotonic() - begun
                    yield Result(check.name, check.title, seconds, error=record["error"])
                    break
                result = Result.from_record(record)
                yield result
                if result.error:
                    break


class Worker:
    """A process that runs checks; it ends with the ``with`` block."""

    def __init__(self, checks: Sequence[Check], options: argparse.Namespace, folder: Path) -> None:
        size = "small" if options.small else "full"
        names = [check.name for check in checks]
        command = [sys.executable, "-m", f"{__package__}.worker", options.device, size, str(folder)]
        settings = {**os.environ, **_SETTINGS, "DUALSTREAM_CACHE": str(folder / "cache")}
        settings.pop("DUALSTREAM_LANGUAGE", None)
        self._errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 (closed by __exit__)
        self._process = subprocess.Popen(
            [*command, *names],
            cwd=ROOT,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def next_record(self, limit: float) -> dict[str, Any]:
        """Returns the next line of JSON, or a record with an ``error`` if it does not come in time."""
        end = time.monotonic() + limit
        while True:
            try:
                line = self._lines.get(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                return {"error": f"it took more than {limit:.0f} s"}
            if line is None:
                return {"error": f"the process ended: {self._last_words()}"}
            if line.startswith('{"'):
                return dict(json.loads(line))

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put(None)

    def _last_words(self) -> str:
        """The exit code and the last line of standard error."""
        code = self._process.wait()
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip()]
        return f"exit code {code}, {lines[-1] if lines else 'without a word'}"


def write(output: Path, facts: dict[str, Any], results: Sequence[Result]) -> None:
    """Writes the results so far as JSON and as a table."""
    record = {"facts": facts, "checks": [result.record() for result in results]}
    output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    output.with_name(f"{output.name}.json").write_text(text, "utf-8")
    output.with_name(f"{output.name}.md").write_text(markdown(facts, results), "utf-8")


def _tell(result: Result) -> None:
    """Prints a result."""
    mark = "passed" if result.has_passed else "FAILED"
    print(f"  {mark} after {result.seconds:.0f} s ({result.cpu:.0f} of a processor)", flush=True)
    for value in result.values:
        print(f"    {value}", flush=True)
    if result.error:
        print(f"    {result.error}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--small", action="store_true", help="small networks and scenes")
    parser.add_argument("--output", type=Path, default=Path("gpu-check"))
    parser.add_argument("--folder", type=Path, help="for scenes and models: 5 GB, removed again")
    parser.add_argument("--only", nargs="+", choices=[check.name for check in CHECKS], default=[])
    parser.add_argument(
        "--minutes", type=float, default=8.0, help="checks begun later are left out"
    )
    options = parser.parse_args()
    if options.device == "cpu" and not options.small:
        parser.error("on a processor only --small ends in a reasonable time")
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped. What was found until then is written.")
