"""The runs that mutants go through: short simulations, each file with seeds of its own, and the conformance suites."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    part: str
    file: str
    seed: int
    settings: tuple

    @property
    def line(self):
        return "\t".join((self.file, str(self.seed), *self.settings))

    @property
    def is_laws(self):
        return self.file.startswith("laws/")

    @property
    def command(self):
        if self.is_laws:
            return f"{self.file}, seed {self.seed}"
        settings = "".join(f" --set {setting}" for setting in self.settings)
        return f"stator-bench simulate {self.file} --seed {self.seed}{settings}"


FOLDER = "configs/simulation"
RESOLVER = "strategies.conflictResolver.kind="
STATIC = (
    "strategies.membership.kind=static", "cluster.outsiders=0", "faults.membershipChangesPerMinute=0",
    "faults.replacementsPerMinute=0",
)
# Segments as small as they may be and much written: they fill, close and are merged.
CROWDED = (
    "workload.valueBytes=1024", "workload.operationsPerSecond=300", "workload.keys=200",
    "strategies.storage.segmentBytes=65536", "strategies.storage.openFiles=8", "phases.faultsMilliseconds=15000",
)
HARD = (
    "faults.swarm=false", "phases.faultsMilliseconds=15000", "faults.crashesPerMinute=40", "faults.wipesPerMinute=10",
    "faults.partitionsPerMinute=30", "faults.lengthMaximumMilliseconds=4000", "workload.keys=60",
)
# Hints that wait for long and fill up, pages and windows of a few.
TIGHT = (
    "hints.maximumAgeMilliseconds=2000", "hints.deliveryWindow=2", "hints.maximumBytes=4096",
    "antiEntropy.transferPageBytes=1024", "antiEntropy.maximumSessions=1", "antiEntropy.intervalMilliseconds=1000",
    "replication.maximumRequestsInFlight=2", "phases.faultsMilliseconds=15000",
)
# Nothing but what is looked at brings replicas together.
SYNC_ONLY = (
    "replication.sloppy=false", "hints.enabled=false", "replication.readRepair=false", "workload.keys=300",
    "antiEntropy.intervalMilliseconds=1000", "phases.faultsMilliseconds=10000",
)
RECOVERY_ONLY = (
    "faults.swarm=false", "faults.wipesPerMinute=30", "faults.lengthMaximumMilliseconds=2000",
    "antiEntropy.enabled=false", "replication.readRepair=false", "workload.keys=60", "phases.faultsMilliseconds=10000",
)
# Many versions side by side.
FORKS = (
    "workload.keys=4", "workload.siblingWrites=30", "workload.operationsPerSecond=140",
    "network.latency.medianMicroseconds=3000", "phases.faultsMilliseconds=10000",
)
# Messages that come twice and out of order.
DISORDER = ("network.duplication=0.1", "network.reordering=0.2", "phases.faultsMilliseconds=15000")
OUTAGES = (
    "faults.swarm=false", "strategies.membership.acceptablePauseMilliseconds=500",
    "strategies.membership.minimumDeviationMilliseconds=100", "faults.crashesPerMinute=30", "faults.stopsPerMinute=0",
    "faults.lengthMaximumMilliseconds=10000", "phases.faultsMilliseconds=20000",
)
ROT = (
    "faults.swarm=false", "faults.bitFlipsPerMinute=20", "faults.misdirectedWritesPerMinute=10",
    "faults.crashesPerMinute=10", "workload.keys=60", "phases.faultsMilliseconds=15000",
)
BUSY_RING = (
    "faults.membershipChangesPerMinute=40", "faults.replacementsPerMinute=10", "workload.operationsPerSecond=200",
    "workload.keys=100", "phases.faultsMilliseconds=15000",
)

PARTS = [
    ("store", f"{FOLDER}/store.json", (), 16),
    ("strict", f"{FOLDER}/strict.json", (), 12),
    ("ring-changes", f"{FOLDER}/ring-changes.json", (), 10),
    ("calm", f"{FOLDER}/calm.json", (), 2),
    ("soak", f"{FOLDER}/soak.json", ("phases.faultsMilliseconds=40000",), 8),
    ("store-hard", f"{FOLDER}/store.json", HARD, 8),
    ("store-tight", f"{FOLDER}/store.json", TIGHT, 8),
    ("store-crowded", f"{FOLDER}/store.json", CROWDED, 6),
    ("store-shards", f"{FOLDER}/store.json", ("cluster.shards=2", "workload.keys=60"), 4),
    ("store-hedged", f"{FOLDER}/store.json", ("replication.readFanOut=hedged", "replication.hedgeMilliseconds=10"), 4),
    ("store-quorum", f"{FOLDER}/store.json", ("replication.readFanOut=quorum",), 4),
    ("store-memory", f"{FOLDER}/store.json", (
        "strategies.storage={\"kind\":\"memory\"}", "faults.bitFlipsPerMinute=0", "faults.lostWritesPerMinute=0",
        "faults.misdirectedWritesPerMinute=0", "faults.diskErrorsPerMinute=0", "faults.failingSyncsPerMinute=0",
        "faults.fullDisksPerMinute=0"), 6),
    ("strict-sync-only", f"{FOLDER}/strict.json", SYNC_ONLY, 6),
    ("calm-sync-only", f"{FOLDER}/calm.json", (*SYNC_ONLY, "faults.lossBurstsPerMinute=60",
                                                "faults.partitionsPerMinute=40"), 6),
    ("calm-recovery-only", f"{FOLDER}/calm.json", RECOVERY_ONLY, 4),
    ("store-full-scan", f"{FOLDER}/store.json", ("strategies.sync.kind=full-scan", "strategies.sync.pageKeys=16",
                                                 "workload.keys=60"), 6),
    ("strict-full-scan", f"{FOLDER}/strict.json", ("strategies.sync.kind=full-scan", "strategies.sync.pageKeys=16",
                                                   *SYNC_ONLY), 4),
    ("store-static", f"{FOLDER}/store.json", STATIC, 4),
    ("calm-forks", f"{FOLDER}/calm.json", FORKS, 2),
    ("calm-vector-forks", f"{FOLDER}/calm.json", (
        *FORKS, RESOLVER + "vector-clock", "strategies.conflictResolver.maximumEntries=2"), 3),
    ("store-disorder", f"{FOLDER}/store.json", DISORDER, 6),
    ("ring-disorder", f"{FOLDER}/ring-changes.json", DISORDER, 4),
    ("store-outages", f"{FOLDER}/store.json", OUTAGES, 4),
    ("store-rot", f"{FOLDER}/store.json", ROT, 6),
    ("ring-busy", f"{FOLDER}/ring-changes.json", BUSY_RING, 6),
    ("crowded-crashes", f"{FOLDER}/store.json", (*CROWDED, "faults.swarm=false", "faults.crashesPerMinute=40",
                                                 "faults.lengthMaximumMilliseconds=3000"), 6),
    ("store-vector-clock", f"{FOLDER}/store.json", (RESOLVER + "vector-clock",), 4),
    ("store-lww-hlc", f"{FOLDER}/store.json", (RESOLVER + "lww-hlc",), 4),
    ("store-lww-wall", f"{FOLDER}/store.json", (RESOLVER + "lww-wall",), 4),
    ("calm-vector-clock", f"{FOLDER}/calm.json", (RESOLVER + "vector-clock",), 2),
    ("calm-lww-hlc", f"{FOLDER}/calm.json", (RESOLVER + "lww-hlc",), 2),
    ("calm-lww-wall", f"{FOLDER}/calm.json", (RESOLVER + "lww-wall",), 2),
]

# What a strategy promises by itself, also of bytes that no node writes.
LAWS = (
    "conflictResolver/dotted-version-vector", "conflictResolver/vector-clock", "conflictResolver/lww-hlc",
    "conflictResolver/lww-wall", "membership/gossip", "membership/static", "sync/merkle", "sync/full-scan",
    "storage/log", "storage/log/small",
)
LAWS_SEEDS = (1, 2)


def runs():
    """All runs: the first seed of each part, then the second, and the suites."""
    most = max(part[3] for part in PARTS)
    return [
        Run(name, file, seed, settings)
        for seed in range(1, most + 1)
        for name, file, settings, seeds in PARTS
        if seed <= seeds
    ] + [Run("laws", f"laws/{name}", seed, ()) for seed in LAWS_SEEDS for name in LAWS]
