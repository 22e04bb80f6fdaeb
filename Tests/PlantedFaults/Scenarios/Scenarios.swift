extension Scenario {
    /// Nothing goes wrong; few keys, many concurrent writes.
    static let calm = Scenario(
        name: "calm",
        settings: [
            "workload.keys=6", "workload.siblingWrites=20", "workload.operationsPerSecond=140",
            "network.latency.medianMicroseconds=3000",
        ])

    /// Nothing goes wrong; many writes at a time, up to the end.
    static let crowded = Scenario(
        name: "crowded",
        settings: [
            "workload.clients=32", "workload.operationsPerSecond=560", "workload.siblingWrites=10",
            "workload.deletes=25", "network.latency.medianMicroseconds=3000", "phases.faultsMilliseconds=3000",
        ])

    /// Nodes die and come back.
    static let crashes = Scenario(
        name: "crashes", settings: ["faults.crashesPerMinute=60", "faults.lengthMaximumMilliseconds=4000"])

    /// Nodes are away long enough to be taken for dead.
    static let outages = Scenario(
        name: "outages",
        settings: [
            "strategies.membership.acceptablePauseMilliseconds=500",
            "strategies.membership.minimumDeviationMilliseconds=100", "faults.crashesPerMinute=40",
            "faults.lengthMaximumMilliseconds=10000", "phases.faultsMilliseconds=15000",
        ])

    /// Stand-ins die while they keep hints.
    static let standInsDie = Scenario(
        name: "stand-ins-die",
        settings: [
            "faults.crashesPerMinute=90", "faults.partitionsPerMinute=60", "faults.lengthMaximumMilliseconds=3000",
            "workload.keys=60", "phases.faultsMilliseconds=15000",
        ])

    /// Disks refuse to sync while nodes die.
    static let failingSyncs = Scenario(
        name: "failing-syncs",
        settings: [
            "faults.crashesPerMinute=60", "faults.failingSyncsPerMinute=60", "faults.lengthMaximumMilliseconds=3000",
        ])

    /// Nodes are stopped in order and started again.
    static let stops = Scenario(name: "stops", settings: ["faults.stopsPerMinute=60"])

    /// Files are saved and put back.
    static let restores = Scenario(
        name: "restores", settings: ["faults.restoresPerMinute=60", "faults.lengthMaximumMilliseconds=4000"])

    /// Disks are replaced by empty ones.
    static let wipes = Scenario(
        name: "wipes", settings: ["faults.wipesPerMinute=40", "faults.lengthMaximumMilliseconds=2000"])

    /// Disks are replaced by empty ones, and nothing but recovery brings them back.
    static let recovery = Scenario(
        name: "recovery",
        settings: [
            "faults.wipesPerMinute=30", "faults.lengthMaximumMilliseconds=2000", "antiEntropy.enabled=false",
            "replication.readRepair=false", "workload.keys=60",
        ])

    /// Files are damaged while a node is down; nothing but the recovery brings back what was in them.
    static let damage = Scenario(
        name: "damage",
        settings: [
            "faults.damagedFilesPerMinute=30", "faults.lengthMaximumMilliseconds=2000", "antiEntropy.enabled=false",
            "replication.readRepair=false", "workload.keys=60",
        ])

    /// Recovery on a slow network: a recovery takes many operations' time.
    static let slowRecovery = Scenario(
        name: "slow-recovery",
        settings: recovery.settings + [
            "network.latency.medianMicroseconds=20000", "workload.operationsPerSecond=140",
        ])

    /// Strict quorums while links fail: clients read their own writes.
    static let strict = Scenario(
        name: "strict",
        settings: [
            "replication.sloppy=false", "faults.partitionsPerMinute=60", "faults.lossBurstsPerMinute=30",
            "workload.keys=6",
        ])

    /// Nothing goes wrong, quorums are strict; most writes are conditional.
    static let conditions = Scenario(
        name: "conditions",
        settings: [
            "replication.sloppy=false", "workload.keys=6", "workload.requests.swarm=false",
            "workload.requests.conditions=0.7",
        ])

    /// One replica answers for all while links fail: much is kept as hints only.
    static let singleCopies = Scenario(
        name: "single-copies",
        settings: [
            "replication.r=1", "replication.w=1", "faults.partitionsPerMinute=60",
        ])

    /// Anti-entropy alone brings replicas together.
    static let syncOnly = Scenario(
        name: "sync-only",
        settings: [
            "replication.sloppy=false", "hints.enabled=false", "replication.readRepair=false",
            "faults.lossBurstsPerMinute=60", "faults.partitionsPerMinute=40", "workload.keys=400",
            "workload.operationsPerSecond=115",
        ])

    /// Anti-entropy alone brings replicas together, and much is deleted.
    static let deletes = Scenario(
        name: "deletes",
        settings: [
            "replication.sloppy=false", "hints.enabled=false", "replication.readRepair=false",
            "faults.partitionsPerMinute=60", "workload.keys=60", "workload.deletes=40", "workload.reads=20",
        ])

    /// Last writer wins, with clocks that are off by minutes.
    static let lastWriterWins = Scenario(
        name: "last-writer-wins",
        settings: [
            "strategies.conflictResolver.kind=lww-hlc", "clocks.offsetMaximumMilliseconds=300000", "workload.keys=6",
        ])

    /// Nodes join and leave; every owner acknowledges every write, and nothing is repaired.
    static let membership = Scenario(
        name: "membership",
        settings: [
            "cluster.outsiders=2", "replication.r=1", "replication.w=3", "faults.membershipChangesPerMinute=30",
            "antiEntropy.enabled=false", "replication.readRepair=false", "strategies.partitioner.tokensPerNode=2",
            "workload.keys=300", "workload.operationsPerSecond=140", "phases.faultsMilliseconds=20000",
        ])

    /// One replica answers for all while links fail and the ring changes: former owners hold much by themselves.
    static let singleCopiesMove = Scenario(
        name: "single-copies-move",
        settings: [
            "cluster.outsiders=2", "replication.r=2", "replication.w=2", "replication.sloppy=false",
            #"workload.requests={"quorums":1.0,"sloppiness":0}"#, "faults.membershipChangesPerMinute=40",
            "faults.partitionsPerMinute=20",
            "faults.lengthMaximumMilliseconds=1500", "antiEntropy.intervalMilliseconds=25000",
            "replication.readRepair=false", "strategies.partitioner.tokensPerNode=2", "workload.keys=300",
            "workload.operationsPerSecond=140", "phases.faultsMilliseconds=20000", "phases.settleMilliseconds=45000",
        ])
}
