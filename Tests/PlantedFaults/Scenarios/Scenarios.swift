extension Scenario {
    /// Nothing goes wrong; few keys, many concurrent writes.
    static let calm = Scenario(
        name: "calm", settings: ["workload.keys=6", "workload.siblingWrites=20"])

    /// Nodes die and come back.
    static let crashes = Scenario(
        name: "crashes", settings: ["faults.crashesPerMinute=60", "faults.lengthMaximumMilliseconds=4000"])

    /// Disks refuse to sync while nodes die.
    static let failingSyncs = Scenario(
        name: "failing-syncs",
        settings: [
            "faults.crashesPerMinute=60", "faults.failingSyncsPerMinute=60", "faults.lengthMaximumMilliseconds=3000",
        ])

    /// Nodes are stopped in order and started again.
    static let stops = Scenario(name: "stops", settings: ["faults.stopsPerMinute=60"])

    /// Disks are replaced by empty ones.
    static let wipes = Scenario(
        name: "wipes", settings: ["faults.wipesPerMinute=40", "faults.lengthMaximumMilliseconds=2000"])

    /// Strict quorums while links fail: clients read their own writes.
    static let strict = Scenario(
        name: "strict",
        settings: [
            "replication.sloppy=false", "faults.partitionsPerMinute=60", "faults.lossBurstsPerMinute=30",
            "workload.keys=6",
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
            "faults.lossBurstsPerMinute=60", "faults.partitionsPerMinute=20",
        ])

    /// Last writer wins, with clocks that are off by minutes.
    static let lastWriterWins = Scenario(
        name: "last-writer-wins",
        settings: [
            "strategies.conflictResolver.kind=lww-hlc", "clocks.offsetMaximumMilliseconds=300000", "workload.keys=6",
        ])

    /// Nodes join and leave; every owner acknowledges every write.
    static let membership = Scenario(
        name: "membership",
        settings: [
            "cluster.outsiders=2", "replication.r=1", "replication.w=3", "faults.membershipChangesPerMinute=30",
            "workload.keys=60", "phases.faultsMilliseconds=20000",
        ])
}
