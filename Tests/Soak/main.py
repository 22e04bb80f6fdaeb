"""scripts/soak: long campaigns over everything that can be run for long."""

import argparse
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from processes import Processes  # noqa: E402
from simulations import Simulations  # noqa: E402
from state import State  # noqa: E402

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# A part's turn goes on for this long before the next part's.
TURN_SECONDS = 120


class Mutants:
    """Some minutes of the mutants' campaign, which keeps what it has run."""

    name = "mutants"
    minutes = 4

    def __init__(self, soak):
        self.soak = soak

    def step(self):
        command = ["scripts/mutants", "--resume", "--minutes", str(self.minutes), "--jobs", str(self.soak.jobs)]
        self.soak.say(" ".join(command))
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.soak.repository)
        path = os.path.join(self.soak.state.folder, "mutants.txt")
        with open(path, "w") as file:
            file.write(done.stdout + done.stderr)
        self.soak.state.data["totals"].pop("mutants", None)
        unlisted = done.stdout.count("survives, NOT LISTED")
        killed = survived = 0
        for line in done.stdout.splitlines():
            if line.startswith("| all ") and not killed:
                cells = [cell.strip() for cell in line.strip("| ").split("|")]
                killed, survived = int(cells[4]), int(cells[3]) - int(cells[4])
        self.soak.state.count("mutants", killed=killed, survived=survived, unlisted=unlisted)
        self.soak.state.data["findings"] = [f for f in self.soak.state.data["findings"] if f["part"] != "mutants"]
        if unlisted:
            self.soak.found("mutants", f"{unlisted} survive that Tests/Mutants/survivors.tsv does not list: {path}",
                            "scripts/mutants --resume")
        self.soak.state.advance("mutants", self.soak.state.cursor("mutants", 0) + 1)


class PlantedFaults:
    """The planted faults, once in a soak."""

    name = "planted"

    def __init__(self, soak):
        self.soak = soak

    def step(self):
        if self.soak.state.cursor("planted", 0):
            return
        command = [self.soak.program("planted-faults")]
        self.soak.say("planted-faults")
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.soak.repository)
        last = (done.stdout.strip().splitlines() or [""])[-1]
        self.soak.say(f"  {last}")
        self.soak.state.count("planted faults", runs=1)
        if done.returncode != 0:
            self.soak.found("planted faults", last, "scripts/build planted-faults && .build/release/planted-faults")
        self.soak.state.advance("planted", 1)


PARTS = {part.name: part for part in (Simulations, Processes, PlantedFaults, Mutants)}


class Soak:
    def __init__(self, options):
        self.repository = REPOSITORY
        self.state = State(os.path.join(REPOSITORY, options.folder), options.resume)
        self.seed = options.seed
        self.jobs = options.jobs
        self.parts = [PARTS[name](self) for name in options.only or PARTS]
        self.options = options

    def say(self, text):
        print(text, flush=True)

    def found(self, part, what, repeat):
        self.state.find(part, what, repeat)
        self.say(f"FOUND {part}: {what}\n  repeat: {repeat}")

    def program(self, name):
        return os.path.join(os.environ.get("STATOR_BIN_DIR", os.path.join(REPOSITORY, ".build", "release")), name)

    def run(self):
        end = time.monotonic() + self.options.minutes * 60
        rounds = 0
        while time.monotonic() < end:
            for part in self.parts:
                turn = min(end, time.monotonic() + TURN_SECONDS)
                is_first = True
                while is_first or time.monotonic() < turn:
                    if time.monotonic() >= end:
                        break
                    is_first = False
                    part.step()
                    if part.name in ("mutants", "planted") or self.options.rounds:
                        break
            rounds += 1
            if self.options.rounds and rounds >= self.options.rounds:
                break
            if all(part.name == "planted" for part in self.parts):
                break
        print(self.state.summary())
        return 1 if self.state.data["findings"] else 0


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Runs for long what can be run for long: simulations with fresh seeds, real nodes under kill -9, "
        "SIGSTOP, cut links and full disks with a checked history, the planted faults, and the mutants; and says in the "
        "end what was run and what was found. Every part prints its seed and the line that repeats it.")
    parser.add_argument("--minutes", type=float, default=60, help="how long; 60 by default")
    parser.add_argument("--rounds", type=int, default=0, help="so many rounds at most, of one step of each part")
    parser.add_argument("--resume", action="store_true", help="goes on where the last soak of the folder stopped")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="only this part; may be repeated")
    parser.add_argument("--seed", type=int, help="the first seed of each part; drawn and printed by default")
    parser.add_argument("--jobs", type=int, default=2, help="simulations at once; 2 by default")
    parser.add_argument("--folder", default=".build-soak", help="where its state is kept; .build-soak by default")
    parser.add_argument("--summary", action="store_true", help="only says what the soak of the folder has run")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(3), "big") + 1_000_000
    if options.summary:
        print(State(os.path.join(REPOSITORY, options.folder), True).summary())
        return 0
    print(f"soak: seed {options.seed}, {options.minutes:g} minutes, state in {options.folder}", flush=True)
    soak = Soak(options)
    try:
        return soak.run()
    except KeyboardInterrupt:
        print(soak.state.summary())
        return 130


if __name__ == "__main__":
    sys.exit(main())
