"""Campaigns of simulations: every file, with the settings that its seeds are run under."""

import json
import subprocess

FOLDER = "configs/simulation"
NO_DISK = [f"faults.{name}PerMinute=0" for name in (
    "bitFlips", "lostWrites", "misdirectedWrites", "diskErrors", "failingSyncs", "fullDisks")]
STATIC = ["strategies.membership.kind=static", "cluster.outsiders=0", "faults.membershipChangesPerMinute=0",
          "faults.replacementsPerMinute=0"]
CHUNK = 40

# Name, file, settings. What is run for long is run widely: chunks of seeds in turn.
CAMPAIGNS = [
    ("store", "store", []),
    ("soak", "soak", []),
    ("ring-changes", "ring-changes", []),
    ("strict", "strict", []),
    ("store, vector-clock", "store", ["strategies.conflictResolver.kind=vector-clock"]),
    ("store, lww-hlc", "store", ["strategies.conflictResolver.kind=lww-hlc"]),
    ("store, lww-wall", "store", ["strategies.conflictResolver.kind=lww-wall"]),
    ("store, static", "store", STATIC),
    ("store, full-scan", "store", ["strategies.sync.kind=full-scan"]),
    ("store, memory", "store", ["strategies.storage.kind=memory", *NO_DISK]),
    ("store, two shards", "store", ["cluster.shards=2", "workload.keys=60"]),
    ("store, hedged", "store", ["replication.readFanOut=hedged"]),
    ("store, quorum reads", "store", ["replication.readFanOut=quorum"]),
    ("store, small segments", "store", [
        "strategies.storage.segmentBytes=65536", "strategies.storage.openFiles=8", "workload.valueBytes=1024",
        "workload.keys=200"]),
    ("soak, tight limits", "soak", [
        "hints.maximumAgeMilliseconds=5000", "hints.deliveryWindow=2", "hints.maximumBytes=16384",
        "antiEntropy.transferPageBytes=1024", "antiEntropy.maximumSessions=1"]),
    ("wide-area", "wide-area", []),
]
# Run with each campaign where the simulator knows the setting.
TRANSPORTS = ["tcp", "datagram"]


class Simulations:
    name = "simulations"

    def __init__(self, soak):
        self.soak = soak
        self.campaigns = []
        transports = [t for t in TRANSPORTS if self._accepts([f"network.transport={t}"])]
        for name, file, settings in CAMPAIGNS:
            for transport in transports or [None]:
                more = [f"network.transport={transport}"] if transport else []
                self.campaigns.append((f"{name}, {transport}" if transport else name, file, settings + more))

    def _accepts(self, settings):
        return self._bench(f"{FOLDER}/store.json", settings, "--check").returncode == 0

    def _bench(self, path, settings, *more):
        command = [self.soak.program("stator-bench"), "simulate", path]
        for setting in settings:
            command += ["--set", setting]
        return subprocess.run([*command, *more], capture_output=True, text=True, cwd=self.soak.repository)

    def step(self):
        """One chunk of seeds of the campaign whose turn it is."""
        turn = self.soak.state.cursor("simulations", 0)
        name, file, settings = self.campaigns[turn % len(self.campaigns)]
        first = self.soak.state.cursor(f"simulations {name}", self.soak.seed)
        last = first + CHUNK - 1
        path = f"{FOLDER}/{file}.json"
        shown = "".join(f" --set {setting}" for setting in settings)
        line = f"stator-bench simulate {path} --seeds {first}..{last}{shown}"
        self.soak.say(line)
        done = self._bench(path, settings, "--seeds", f"{first}..{last}", "--json", "--jobs", str(self.soak.jobs),
                           "--no-minimize")
        self.soak.state.count(f"simulations: {name}", seeds=CHUNK, **self._figures(done.stdout))
        if done.returncode != 0:
            self._tell(name, path, shown, done, line)
        self.soak.state.advance(f"simulations {name}", last + 1)
        self.soak.state.advance("simulations", turn + 1)

    def _figures(self, text):
        try:
            outcome = json.loads(text)
        except ValueError:
            return {}
        return {"operations": outcome["reads"] + outcome["writes"], "inputs": outcome["inputs"],
                "virtual seconds": round(outcome["simulatedSeconds"])}

    def _tell(self, name, path, shown, done, line):
        seeds = []
        try:
            seeds = json.loads(done.stdout)["failedSeeds"]
        except (ValueError, KeyError):
            pass
        text = " ".join((done.stdout + done.stderr).split())[-600:]
        for seed in seeds[:5]:
            self.soak.found(f"simulations: {name}", f"seed {seed} is not clean",
                            f"stator-bench simulate {path} --seed {seed}{shown}")
        if not seeds:
            self.soak.found(f"simulations: {name}", f"status {done.returncode}: {text}", line)
