"""Runs the mutants: first which sites the runs reach, then each mutant through those that reach it."""

import hashlib
import json
import os
import resource
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from plan import runs

MEMORY_BYTES = 6 << 30
# A run of a mutant may compute this many times as long as it does without, and this long anyway.
PATIENCE = 15
PATIENCE_SECONDS = 6.0
PROCESS_SECONDS = 900


@dataclass
class Outcome:
    name: str
    status: str  # "killed", "survived" or "unreached"
    how: str = ""
    run: str = ""
    tried: int = 0
    # Runs whose hash was another than without the mutant.
    differed: int = 0
    seconds: float = 0.0
    # What the runs took with and without it: `NAME=WITH/WITHOUT ...`.
    costs: str = ""

    @property
    def line(self):
        how = " ".join(self.how.split())[:200]
        return "\t".join(
            (self.name, self.status, how, self.run, str(self.tried), str(self.differed), f"{self.seconds:.2f}",
             self.costs))

    @staticmethod
    def read(line):
        fields = line.rstrip("\n").split("\t")
        return Outcome(*fields[:4], int(fields[4]), int(fields[5]), float(fields[6]), fields[7])


def costs(text):
    return {name: int(number) for name, number in (word.split("=") for word in text.split())}


def _limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def _start(driver, number, limit, lines, repository, *flags):
    environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
    process = subprocess.Popen(
        [driver, str(number), str(limit), *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd=repository, env=environment, preexec_fn=_limits)
    try:
        out, errors = process.communicate("\n".join(lines) + "\n", timeout=PROCESS_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, errors = process.communicate()
        return out.splitlines(), -signal.SIGVTALRM, errors
    return out.splitlines(), process.returncode, errors


class Campaign:
    def __init__(self, tree, jobs, say):
        self.tree = tree
        self.jobs = jobs
        self.say = say
        self.runs = runs()
        self.lock = threading.Lock()

    # Without a mutant

    def baseline(self):
        """What each run does without a mutant: its hash, its time, the sites that it reaches."""
        path = os.path.join(self.tree.folder, "baseline.json")
        mark = self._mark()
        try:
            with open(path) as file:
                stored = json.load(file)
            if stored["mark"] == mark:
                self._take(stored["runs"])
                return
        except (FileNotFoundError, ValueError, KeyError):
            pass
        self.say(f"without mutants: {len(self.runs)} runs")
        pieces = [list(range(first, len(self.runs), self.jobs * 4)) for first in range(self.jobs * 4)]
        found = {}
        with ThreadPoolExecutor(self.jobs) as pool:
            for piece, results in zip(pieces, pool.map(self._look, pieces)):
                found.update(zip(map(str, piece), results))
        with open(path, "w") as file:
            json.dump({"mark": mark, "runs": found}, file)
        self._take(found)

    def _mark(self):
        mark = hashlib.sha256()
        with open(self.tree.driver, "rb") as file:
            mark.update(file.read())
        mark.update("\n".join(run.line for run in self.runs).encode())
        for name in sorted({run.file for run in self.runs if not run.is_laws}):
            with open(os.path.join(self.tree.repository, name), "rb") as file:
                mark.update(file.read())
        return mark.hexdigest()

    def _look(self, piece):
        lines, status, errors = _start(
            self.tree.driver, -1, 0, [self.runs[index].line for index in piece], self.tree.repository, "--reach")
        if len(lines) != 2 * len(piece) or status != 0:
            raise SystemExit(f"mutants: the driver ended with {status} without a mutant: {errors[-500:]}")
        results = []
        for verdict, reached in zip(lines[::2], lines[1::2]):
            fields = verdict.split("\t")
            numbers = [int(word) for word in reached.split("\t")[1].split()] if "\t" in reached else []
            results.append({"verdict": fields, "reached": numbers})
        return results

    def _take(self, found):
        self.reaching = {}
        self.hashes = {}
        self.seconds = {}
        self.costs = {}
        for index, run in enumerate(self.runs):
            result = found[str(index)]
            if result["verdict"][0] != "clean":
                self.say(f"left out, not clean without a mutant: {run.command}: {' '.join(result['verdict'][1:])}")
                continue
            self.hashes[index] = result["verdict"][1]
            self.seconds[index] = float(result["verdict"][2])
            self.costs[index] = costs(result["verdict"][3])
            for number in result["reached"]:
                self.reaching.setdefault(number, []).append(index)
        longest = max(self.seconds.values())
        self.limit = max(PATIENCE_SECONDS, PATIENCE * longest)
        total = sum(self.seconds.values())
        self.say(f"{len(self.hashes)} clean runs, {total:.0f} s in all, the longest {longest:.2f} s")

    # With one

    def plan(self, number, most):
        """The runs of a mutant: those that reach it, a seed of each part after the other, cheap parts first. The suites
        come last: they say what no simulation saw."""
        reaching = sorted(self.reaching.get(number, []), key=lambda index: (self.runs[index].seed, self.seconds[index]))
        simulations = [index for index in reaching if not self.runs[index].is_laws]
        return simulations[:most] + [index for index in reaching if self.runs[index].is_laws]

    def test(self, site, most):
        indices = self.plan(site.number, most)
        if not indices:
            return Outcome(site.name, "unreached")
        began = time.monotonic()
        lines, status, errors = _start(
            self.tree.driver, site.number, round(self.limit, 1), [self.runs[index].line for index in indices],
            self.tree.repository)
        outcome = Outcome(site.name, "survived")
        took = {}
        for index, line in zip(indices, lines):
            fields = line.split("\t")
            outcome.tried += 1
            if fields[0] == "found":
                outcome.status, outcome.how, outcome.run = "killed", ": ".join(fields[1:]), self.runs[index].command
                break
            outcome.differed += fields[1] != self.hashes[index]
            for name, cost in costs(fields[3]).items():
                before = took.get(name, (0, 0))
                took[name] = (before[0] + cost, before[1] + self.costs[index][name])
        if outcome.status == "survived" and status != 0:
            outcome.status = "killed"
            outcome.run = self.runs[indices[min(outcome.tried, len(indices) - 1)]].command
            outcome.how = self._end(status, errors)
            if status == 64:
                raise SystemExit(f"mutants: {errors}")
        outcome.costs = " ".join(f"{name}={took[name][0]}/{took[name][1]}" for name in took)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _end(self, status, errors):
        if status in (-signal.SIGVTALRM, -signal.SIGALRM):
            return "hang"
        first = next((line for line in errors.splitlines() if "error" in line.lower()), "")
        name = signal.Signals(-status).name if status < 0 else str(status)
        return f"crash: {name} {first}".strip()

    def run(self, sites, most, results, seconds=None):
        """Tests the sites; appends each outcome to the file `results`."""
        began = time.monotonic()
        done = 0
        with open(results, "a") as file, ThreadPoolExecutor(self.jobs) as pool:
            def one(site):
                nonlocal done
                if seconds is not None and time.monotonic() - began > seconds:
                    return
                outcome = self.test(site, most)
                with self.lock:
                    file.write(outcome.line + "\n")
                    file.flush()
                    done += 1
                    if done % 50 == 0:
                        self.say(f"{done} of {len(sites)} mutants, {time.monotonic() - began:.0f} s")
            list(pool.map(one, sites))
