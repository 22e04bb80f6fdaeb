"""Real nodes under faults: a cluster of processes, clients whose history is recorded, a drawn schedule of faults, and
the checkers over the history."""

import json
import os
import random
import shutil
import signal
import subprocess
import time

NODES = 5
WORK_SECONDS = 45
# No fault begins in the first seconds, none goes on in the last.
CALM_BEFORE = 3
CALM_AFTER = 8
LONGEST_FAULT = 8
FINAL_SECONDS = 90
READY_SECONDS = 60
DISK_BYTES = 48 << 20
# Nodes whose disks are small file systems, the first ones.
FILLABLE = 2
PROMISES = ["keeps-acknowledged", "no-false-concurrency", "context-wins", "no-resurrection"]
KINDS = ["kill", "kill", "pause", "cut", "cut", "slow", "stop", "full-disk"]
# Nodes that are down, paused or full at once: fewer than W may be missing a write that was acknowledged.
MOST_DOWN = 2


class Schedule:
    """Faults as (second, action, node, length), drawn from a seed."""

    def __init__(self, seed, names, fillable):
        draw = random.Random(f"processes {seed}")
        self.faults = []
        at = CALM_BEFORE + draw.random() * 2
        ends = []
        while at < WORK_SECONDS - CALM_AFTER - 1:
            kind = draw.choice(KINDS)
            node = draw.choice(names[:FILLABLE] if kind == "full-disk" else names)
            length = min(1 + draw.random() * LONGEST_FAULT, WORK_SECONDS - CALM_AFTER - at)
            ends = [(end, other) for end, other in ends if end > at]
            is_busy = node in [other for _, other in ends] or len(ends) >= MOST_DOWN
            if not is_busy and (kind != "full-disk" or node in fillable):
                self.faults.append((at, kind, node, length))
                ends.append((at + length + 1, node))
            at += 0.5 + draw.random() * 3

    def lines(self):
        return [f"{at:5.1f} s  {kind} {node} for {length:.1f} s" for at, kind, node, length in self.faults]


class Processes:
    name = "processes"

    def __init__(self, soak):
        self.soak = soak

    def step(self):
        seed = self.soak.state.cursor("processes", self.soak.seed)
        Round(self.soak, seed).run()
        self.soak.state.advance("processes", seed + 1)


class Round:
    def __init__(self, soak, seed):
        self.soak = soak
        self.seed = seed
        self.folder = os.path.join(soak.state.folder, f"processes-{seed}")
        self.repeat = f"scripts/soak --only processes --seed {seed} --rounds 1"
        self.mounted = []
        self.started = {}
        self.is_clean = False

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        names = [chr(ord("A") + number) for number in range(NODES)]
        fillable = [name for name in names[:FILLABLE] if self._mount(name)]
        self.soak.say(f"processes: seed {self.seed}, {NODES} nodes in {self.folder}; repeat: {self.repeat}")
        try:
            if self._control("up", "--detach", "--nodes", str(NODES), "--http-port", "0", "--peer-port", "0",
                             "--dashboard", "0", "--program", self.soak.program("stator-node")) != 0:
                return self._found(f"the cluster does not start: {self.said}")
            self._wait_until_ready(names)
            self._work(names, fillable)
        finally:
            self._control("down")
            self._end_left_over()
            for path in self.mounted:
                self._unmount(path)
            if self.is_clean:
                shutil.rmtree(self.folder, ignore_errors=True)

    # The cluster

    def _control(self, *words):
        done = subprocess.run(
            [self.soak.program("statorctl"), "cluster", *words, "--folder", self.folder], capture_output=True,
            text=True, timeout=240)
        self.said = " ".join((done.stdout + done.stderr).split())[-300:]
        return done.returncode

    def _status(self):
        done = subprocess.run(
            [self.soak.program("statorctl"), "cluster", "status", "--json", "--folder", self.folder],
            capture_output=True, text=True, timeout=60)
        try:
            nodes = json.loads(done.stdout)["nodes"]
        except (ValueError, KeyError, TypeError):
            return {}
        return {node["node"]: node for node in nodes}

    def _wait_until_ready(self, names):
        """Whether all serve."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            nodes = self._status()
            for name, node in nodes.items():
                if node.get("pid"):
                    self.started[name] = node["pid"]
            if [name for name in names if self._is_ready(nodes.get(name))] == names:
                self.urls = [nodes[name]["url"] for name in names]
                return True
            time.sleep(0.5)
        self._found(f"not all nodes serve after {READY_SECONDS} s: {json.dumps(self._states())}")
        self.urls = [node["url"] for node in self._status().values() if node.get("url")]
        return False

    def _is_ready(self, node):
        if not node or not node.get("url"):
            return False
        done = subprocess.run(["curl", "-fsS", "--max-time", "2", "-o", "/dev/null", node["url"] + "/ready"],
                              capture_output=True)
        return done.returncode == 0

    def _states(self):
        return {name: node.get("state") for name, node in self._status().items()}

    def _end_left_over(self):
        """Only processes that this round started, by number, and only while they are nodes."""
        for pid in self.started.values():
            try:
                with open(f"/proc/{pid}/comm") as file:
                    is_node = file.read().strip() == "stator-node"
                if is_node and os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(self.folder):
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    # Disks

    def _mount(self, name):
        path = os.path.join(self.folder, "data", name)
        os.makedirs(path)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", path], capture_output=True, text=True)
        if done.returncode != 0:
            self.soak.state.skip(f"full disks: cannot mount a small file system: {done.stderr.strip()}")
            return False
        self.mounted.append(path)
        return True

    def _unmount(self, path):
        """Keeps what a run that was not clean has left there."""
        kept = path + ".kept"
        if not self.is_clean:
            shutil.copytree(path, kept, ignore=shutil.ignore_patterns("filler"), dirs_exist_ok=True)
        subprocess.run(["umount", path], capture_output=True)

    def _filler(self, name):
        return os.path.join(self.folder, "data", name, "filler")

    def _fill(self, name):
        with open(self._filler(name), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    # Faults

    def _begin(self, kind, node):
        if kind == "kill":
            self._control("kill", node)
        elif kind == "stop":
            self._control("stop", node)
        elif kind == "pause":
            self._control("pause", node)
        elif kind == "cut":
            self._control("partition", node)
        elif kind == "slow":
            self._control("slow", node, "200ms")
        elif kind == "full-disk":
            self._fill(node)
            self.said = f"the disk of {node} is full"
        self.soak.say(f"  {kind} {node}: {self.said}")

    def _end(self, kind, node):
        if kind in ("kill", "stop"):
            self._control("start", node)
        elif kind == "pause":
            self._control("resume", node)
        elif kind == "cut":
            self._control("heal")
        elif kind == "slow":
            self._control("slow", node, "0ms")
        elif kind == "full-disk":
            os.remove(self._filler(node))
            # What could not be written has made it refuse writes until it is started again.
            self._control("kill", node)
            self._control("start", node)

    def _work(self, names, fillable):
        history = os.path.join(self.folder, "history.jsonl")
        schedule = Schedule(self.seed, names, fillable)
        for line in schedule.lines():
            self.soak.say("  " + line)
        command = [
            self.soak.program("stator-bench"), "record", "--output", history, "--seed", str(self.seed),
            "--duration-seconds", str(WORK_SECONDS), "--operations", "1000000", "--keys", "40", "--clients", "12",
            "--rate", "300", "--final-seconds", str(FINAL_SECONDS), "--key-prefix", f"soak-{self.seed}-",
        ]
        for url in self.urls:
            command += ["--node", url]
        with open(os.path.join(self.folder, "record.log"), "w") as log:
            recorder = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            self._carry_out(schedule, names)
            try:
                status = recorder.wait(timeout=WORK_SECONDS + FINAL_SECONDS + 60)
            except subprocess.TimeoutExpired:
                recorder.kill()
                recorder.wait()
                status = "none: it did not end"
        self.soak.state.count("processes", rounds=1, faults=len(schedule.faults), seconds=WORK_SECONDS)
        if status != 0:
            return self._found(f"recording ended with status {status}: {self._tail('record.log')}")
        self._check(history)

    def _carry_out(self, schedule, names):
        began = time.monotonic()
        steps = [(at, "begin", kind, node) for at, kind, node, _ in schedule.faults]
        steps += [(at + length, "end", kind, node) for at, kind, node, length in schedule.faults]
        for at, step, kind, node in sorted(steps):
            time.sleep(max(0.0, began + at - time.monotonic()))
            (self._begin if step == "begin" else self._end)(kind, node)
            # The supervisor starts a node under a new number.
            for name, known in self._status().items():
                if known.get("pid"):
                    self.started[name] = known["pid"]
        self._control("heal")
        self._control("start")
        self._wait_until_ready(names)

    def _check(self, history):
        command = [self.soak.program("stator-bench"), "check", history]
        for promise in PROMISES:
            command += ["--promise", promise]
        done = subprocess.run(command, capture_output=True, text=True)
        with open(os.path.join(self.folder, "check.txt"), "w") as file:
            file.write(done.stdout + done.stderr)
        with open(history) as file:
            operations = sum(1 for _ in file)
        self.soak.state.count("processes", operations=operations)
        if done.returncode != 0:
            broken = " ".join(line for line in done.stdout.splitlines() if "BROKEN" in line)
            return self._found(f"{broken or done.stdout[-300:] + done.stderr[-300:]} ({self.folder} has it all)")
        self.soak.say(f"  {operations} operations, clean")
        self.is_clean = True

    def _found(self, what):
        self.soak.found("processes", what, self.repeat)

    def _tail(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return " ".join(file.read().split())[-300:]
