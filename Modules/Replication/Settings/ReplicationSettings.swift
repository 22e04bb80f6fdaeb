package import StatorCore

/// N, R, W and how requests are coordinated: the `replication` object of a node's JSON.
package struct ReplicationSettings: StrategySettings, Hashable {
    /// N: how many replicas a key has.
    package var replicas = 3
    /// R: how many of them answer a read.
    package var readQuorum = 2
    /// W: how many of them acknowledge a write.
    package var writeQuorum = 2
    /// F: how many nodes beyond N a preference list names.
    package var fallbacks = 3
    /// Whether fallbacks stand in for replicas that do not answer, keeping hints for them.
    package var isSloppy = true
    package var readRepairs = true
    package var readFanOut = ReadFanOut.all
    package var hedgeDelay: Duration = .milliseconds(20)
    package var requestTimeout: Duration = .milliseconds(2000)
    /// After this long without an answer a replica's stand-in is asked as well.
    package var replicaTimeout: Duration = .milliseconds(250)
    package var maximumRequestsInFlight = 4096
    package var maximumValue: ByteCount = .mebibytes(1)
    package var maximumRecord: ByteCount = .mebibytes(32)

    /// The largest record that a client's write may leave, in bytes: as configured, or less where many may write apart.
    package var clientRecordBytes: Int {
        Limits.clientRecord(asked: maximumRecord.bytes, holders: replicas + fallbacks)
    }

    /// How many whole owners of a key hold between them every write to it that W of its owners acknowledged: N - W + 1, where W
    /// is the configured one, or a majority where that is less. A request may ask for another W than the configured one, and
    /// with fewer owners heard a write that a majority has acknowledged could be missed.
    package func ownersToHear(of owners: Int) -> Int {
        max(owners - min(writeQuorum, owners / 2 + 1) + 1, 1)
    }

    package init() {}

    package static var fields: [SettingField<ReplicationSettings>] {
        [
            .integer("n", \.replicas, 1...Limits.maximumReplicas, "N: how many replicas a key has"),
            .integer("r", \.readQuorum, 1...16, "R: how many replicas answer a read; at most n"),
            .integer("w", \.writeQuorum, 1...16, "W: how many replicas acknowledge a write; at most n"),
            .integer(
                "fallbacks", \.fallbacks, 0...Limits.maximumFallbacks,
                "how many nodes beyond n may stand in for unreachable replicas"),
            .boolean("sloppy", \.isSloppy, "whether fallbacks stand in for replicas that do not answer"),
            .boolean("readRepair", \.readRepairs, "whether a read repairs replicas that differ, in the background"),
            .choice(
                "readFanOut", \.readFanOut,
                "how many replicas a read asks: all; a quorum, and others only where one fails or is silent; or hedged: "
                    + "as quorum, but one more where it has waited for hedgeMilliseconds, for a tenth of the reads at most"
            ),
            .milliseconds(
                "hedgeMilliseconds", \.hedgeDelay, 10...60_000, "how long a hedged read waits before it asks one more"),
            .milliseconds(
                "requestTimeoutMilliseconds", \.requestTimeout, 10...600_000,
                "when a request without its quorum is given up"),
            .milliseconds(
                "replicaTimeoutMilliseconds", \.replicaTimeout, 1...60_000,
                "how long a replica may be silent before a fallback stands in"),
            .integer(
                "maximumRequestsInFlight", \.maximumRequestsInFlight, 1...1_000_000,
                "client requests that one shard coordinates at once; more are refused with 503"),
            .bytes("maximumValueBytes", \.maximumValue, 1...Limits.maximumValue, "the largest value"),
            .bytes(
                "maximumRecordBytes", \.maximumRecord, 4096...(64 << 20),
                "writes that would leave a key's siblings with more than this together are refused; 256 MiB / (n + fallbacks) "
                    + "is the most there is"),
        ]
    }

    package func problems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        if readQuorum > replicas {
            found.append(SettingProblem(field: "r", message: "is \(readQuorum), at most n = \(replicas) is possible"))
        }
        if writeQuorum > replicas {
            found.append(SettingProblem(field: "w", message: "is \(writeQuorum), at most n = \(replicas) is possible"))
        }
        if maximumValue.bytes > clientRecordBytes {
            found.append(
                SettingProblem(
                    field: "maximumValueBytes",
                    message:
                        "is \(maximumValue.bytes), but no record may be larger than \(clientRecordBytes) bytes with n + fallbacks = "
                        + "\(replicas + fallbacks) and maximumRecordBytes = \(maximumRecord.bytes)"))
        }
        if replicaTimeout > requestTimeout {
            found.append(
                SettingProblem(
                    field: "replicaTimeoutMilliseconds",
                    message: "is longer than requestTimeoutMilliseconds, so no fallback would ever be asked"))
        }
        return found
    }
}

/// How many replicas a read asks. Fewer cost less and repair less.
package enum ReadFanOut: String, CaseIterable, Sendable {
    case all
    case quorum
    case hedged
}

/// Hinted handoff: the `hints` object.
package struct HintSettings: StrategySettings, Hashable {
    package var areKept = true
    package var maximumBytes: ByteCount = .mebibytes(256)
    package var maximumAge: Duration = .milliseconds(3 * 3600 * 1000)
    package var deliveryInterval: Duration = .milliseconds(1000)
    package var deliveryWindow = 64

    package init() {}

    package static var fields: [SettingField<HintSettings>] {
        [
            .boolean("enabled", \.areKept, "whether fallbacks keep hints; without, they do not stand in for writes"),
            .bytes(
                "maximumBytes", \.maximumBytes, (1 << 10)...(1 << 40),
                "hints kept by one shard; more are refused, and a full store drops none"),
            .milliseconds(
                "maximumAgeMilliseconds", \.maximumAge, 1000...(30 * 24 * 3600 * 1000),
                "hints that wait for longer are also handed to the other owners; none is ever dropped for its age"),
            .milliseconds(
                "deliveryIntervalMilliseconds", \.deliveryInterval, 10...600_000, "how often waiting hints are tried"),
            .integer("deliveryWindow", \.deliveryWindow, 1...4096, "hints under way to one target at once"),
        ]
    }
}

/// Periodic anti-entropy, whatever the strategy: the `antiEntropy` object.
package struct AntiEntropySettings: StrategySettings, Hashable {
    package var isPeriodic = true
    package var interval: Duration = .milliseconds(10_000)
    package var maximumSessions = 4
    package var sessionIdleTimeout: Duration = .milliseconds(5000)
    package var transferPage: ByteCount = .kibibytes(256)

    package init() {}

    package static var fields: [SettingField<AntiEntropySettings>] {
        [
            .boolean("enabled", \.isPeriodic, "whether sessions start by themselves; `sync now` always works"),
            .milliseconds(
                "intervalMilliseconds", \.interval, 50...(7 * 24 * 3600 * 1000),
                "how long after the end of a round over all shared ranges the next begins"),
            .integer(
                "maximumSessions", \.maximumSessions, 1...ReplicationLimits.maximumSessionsPerPeer,
                "sessions that one shard has under way at once"),
            .milliseconds(
                "sessionIdleTimeoutMilliseconds", \.sessionIdleTimeout, 10...600_000,
                "a session or transfer whose other end is silent for this long is abandoned"),
            .bytes(
                "transferPageBytes", \.transferPage, 1024...Limits.maximumPage,
                "records streamed in one page when ranges move or are recovered"),
        ]
    }
}

/// When a write counts as stored: the `durability` object.
package struct DurabilitySettings: StrategySettings, Hashable {
    package enum Mode: String, CaseIterable, Sendable {
        /// Written to the engine; synced when it pleases the system.
        case none
        /// Written to the engine; synced every so often.
        case interval
        /// Synced, together with all that arrived meanwhile.
        case groupCommit = "group-commit"
    }

    package var mode = Mode.groupCommit
    package var interval: Duration = .milliseconds(1000)

    package init() {}

    package static var fields: [SettingField<DurabilitySettings>] {
        [
            .choice("mode", \.mode, "when a write counts as stored: written, or synced to the disk"),
            .milliseconds("intervalMilliseconds", \.interval, 1...3_600_000, "time between syncs in mode `interval`"),
        ]
    }
}
