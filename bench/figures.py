"""Measure the figures that the project promises, and print each beside its promise.

Every command runs in a process of its own, with a cache of its own, as a user would run it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEVICE_MEMORY = ("REV-*", "EXC-*", "PCI-*", "SYS-*", "MAP-*", "TLB-*", "FORK-*", "RMP-*")
FRAME_VECTORS = ("GVF-*",)
HOLDERS_OF_PAGES = (
    *("PIN-*", "VB1-*", "VB2-*", "GAP-*", "UFP-*", "VFIO-*", "KVM-*", "S390-*"),
    *("NOT-*", "NSM-*", "D-*", "EQ-*", "GVF-*[sehv]@*"),
)
STALEPROOF = Path(sys.executable).with_name("staleproof")
JOBS = "2"


@dataclass(frozen=True, slots=True)
class Run:
    """One command: how long it took, and what it printed."""

    seconds: float
    output: str


def run(cache: str, *arguments: str) -> Run:
    """Run a command to its end."""
    environment = {**os.environ, "STALEPROOF_CACHE": cache}
    # An installed package has its byte code; without it each start would compile everything.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    done = subprocess.run(
        [str(STALEPROOF), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"staleproof {' '.join(arguments)} exited with {done.returncode}\n{done.stderr}")
    return Run(seconds, done.stdout)


def row(what: str, measured: str, promised: str, kept: bool) -> bool:
    """Print one figure; returns whether the promise is kept."""
    print(f"{what:44}  {measured:>10}  {promised:>10}  {'' if kept else 'NOT KEPT'}".rstrip())
    return kept


def peak_of_children() -> float:
    """The largest memory of any process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def claims_of(done: Run) -> list[dict[str, Any]]:
    """The claims that ``prove --json`` printed."""
    claims: list[dict[str, Any]] = json.loads(done.output)["claims"]
    return claims


def tell_slowest(claims: list[dict[str, Any]]) -> None:
    """Print the five claims that took longest."""
    for claim in sorted(claims, key=lambda c: float(c["seconds"]), reverse=True)[:5]:
        times = f"{claim['seconds']:6.2f} s, solver {claim['solver_seconds']:.2f} s"
        print(f"  {claim['claim']:24}  {times}")


def measure() -> bool:
    """Measure everything; returns whether all promises are kept."""
    print(f"{'figure':44}  {'measured':>10}  {'promised':>10}")
    good = []

    def seconds(what: str, took: float, promised: float) -> None:
        good.append(row(what, f"{took:.2f} s", f"{promised:g} s", took <= promised))

    with tempfile.TemporaryDirectory() as before:
        run(before, "trace", "GVF-2@v4")  # for its byte code
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        seconds("staleproof list", min(run(one, "list").seconds for _ in range(3)), 0.3)
        trace = run(one, "trace", "GVF-2@v4")
        seconds("staleproof trace GVF-2@v4, cold", trace.seconds, 2)
        cold = run(two, "prove", *FRAME_VECTORS, "--jobs", JOBS, "--json")
        seconds(f"all GVF claims, cold, --jobs {JOBS}", cold.seconds, 30)
        warm = run(two, "prove", *FRAME_VECTORS, "--jobs", JOBS)
        seconds("all GVF claims, warm", warm.seconds, 1)
        memory = run(two, "prove", *DEVICE_MEMORY, "--no-cache", "--jobs", JOBS, "--json")
        seconds(f"all claims of device memory, cold, --jobs {JOBS}", memory.seconds, 90)
        for word, what, promised in (("PROVED", "proof", 5), ("REFUTED", "trace", 10)):
            slowest = max(c["seconds"] for c in claims_of(memory) if c["verdict"] == word)
            seconds(f"slowest {what} of device memory", slowest, promised)
        seconds("staleproof matrix REV-1a", run(two, "matrix", "REV-1a").seconds, 60)
        holders = run(two, "prove", *HOLDERS_OF_PAGES, "--no-cache", "--jobs", JOBS, "--json")
        seconds(f"all claims of holders of pages, cold, --jobs {JOBS}", holders.seconds, 90)
        slowest = max(c["seconds"] for c in claims_of(holders))
        seconds("slowest claim of holders of pages", slowest, 10)
        everything = run(two, "prove", "--no-cache", "--jobs", JOBS, "--json")
        seconds(f"all claims, cold, --jobs {JOBS}", everything.seconds, 180)
        seconds("all claims, warm", run(two, "prove", "--jobs", JOBS).seconds, 3)
    peak = peak_of_children()
    good.append(row("peak memory of any process", f"{peak:.0f} MB", "1024 MB", peak <= 1024))
    claims = claims_of(cold)
    total = sum(c["seconds"] for c in claims)
    solver = sum(c["solver_seconds"] for c in claims)
    ratio = (total - solver) / solver if solver else float("inf")
    good.append(row("tool's own time / solver's time", f"{ratio:.2f}", "1", ratio <= 1))
    print(f"({len(claims)} claims, {total:.1f} s of work, {solver:.1f} s of it in the solver)")
    tell_slowest(claims)
    tell_slowest(claims_of(memory))
    tell_slowest(claims_of(holders))
    return all(good)


if __name__ == "__main__":
    sys.exit(0 if measure() else 1)
