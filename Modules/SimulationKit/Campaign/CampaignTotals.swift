package import Checking
internal import Replication
internal import Simulation
internal import StatorCore

/// What many runs of one simulation add up to. The order in which runs are added does not matter.
package struct CampaignTotals: Sendable {
    package private(set) var runs = 0
    package private(set) var failedSeeds: [UInt64] = []
    /// What failed in them.
    package private(set) var failingCheckers: [UInt64: [String]] = [:]
    /// Seeds that failed as is known.
    package private(set) var expectedSeeds: [UInt64] = []
    package private(set) var inputs = 0
    package private(set) var simulatedNanoseconds: Int64 = 0
    package private(set) var reads = 0
    package private(set) var writes = 0
    package private(set) var succeeded = 0
    package private(set) var failed = 0
    package private(set) var unknown = 0
    /// A hash over all runs' hashes.
    package private(set) var hash: UInt64 = 0
    package private(set) var messages = 0
    package private(set) var bytes = 0
    package private(set) var convergenceSum: Int64 = 0
    package private(set) var convergenceMaximum: Int64 = 0
    /// By class of fault, and what network and disks did by themselves; sorted by name.
    package private(set) var faults: [String: Int] = [:]
    /// By checker, in the order of the report.
    package private(set) var checkers: [CheckerTotals] = []
    /// How often each named branch of the machines was reached, by its number.
    package private(set) var reached = [Int](repeating: 0, count: ReachProbe.allCases.count)
    /// How many runs drew which setting, by `PATH=VALUE`.
    package private(set) var drawn: [String: Int] = [:]
    /// Runs that did not come to their end.
    package private(set) var unfinished = 0

    package init() {}

    /// - Parameter isExpected: it fails as is known, if it does.
    package mutating func add(_ result: RunResult, isExpected: Bool = false) {
        runs += 1
        if !result.isClean {
            if isExpected { expectedSeeds.append(result.seed) } else { failedSeeds.append(result.seed) }
            failingCheckers[result.seed] = result.failingCheckers.sorted()
        }
        inputs += result.inputs
        simulatedNanoseconds += result.simulated.nanoseconds
        reads += result.reads
        writes += result.writes
        succeeded += result.succeeded
        failed += result.failed
        unknown += result.unknown
        // Order-free, so that runs may end in any order.
        hash &+= (result.hash ^ result.seed) &* 0x9E37_79B9_7F4A_7C15
        messages += result.network.sent
        bytes += result.network.bytes
        let convergence = result.convergence?.nanoseconds ?? 0
        convergenceSum += convergence
        convergenceMaximum = max(convergenceMaximum, convergence)
        if !result.failures.isEmpty { unfinished += 1 }
        for setting in result.drawn { drawn[setting, default: 0] += 1 }
        for (kind, count) in result.faults { faults[kind.rawValue, default: 0] += count }
        for (name, count) in result.network.faults + result.disks.faults where count > 0 {
            faults[name, default: 0] += count
        }
        for probe in ReachProbe.allCases { reached[Int(probe.rawValue)] += result.reached[probe] }
        for verdict in result.report.verdicts { add(verdict) }
    }

    private mutating func add(_ verdict: Verdict) {
        let index: Int
        if let known = checkers.firstIndex(where: { $0.checker == verdict.checker }) {
            index = known
        } else {
            index = checkers.count
            checkers.append(CheckerTotals(checker: verdict.checker))
        }
        checkers[index].runs += 1
        checkers[index].violations += verdict.violationCount
        if verdict.isPromised {
            checkers[index].promisedRuns += 1
            checkers[index].broken += verdict.violationCount
        }
        for rate in verdict.rates {
            if let known = checkers[index].rates.firstIndex(where: { $0.name == rate.name }) {
                let sum = checkers[index].rates[known]
                checkers[index].rates[known] = Rate(rate.name, sum.count + rate.count, of: sum.total + rate.total)
            } else {
                checkers[index].rates.append(rate)
            }
        }
    }

    package var isClean: Bool { failedSeeds.isEmpty }

    package struct CheckerTotals: Sendable {
        package let checker: String
        package var runs = 0
        /// Runs that promised what it checks: what a run promises follows from what it drew.
        package var promisedRuns = 0
        package var violations = 0
        /// Violations in those runs.
        package var broken = 0
        package var rates: [Rate] = []
    }
}

extension NetworkCounters {
    /// What the network did to messages, by name.
    package var faults: [(String, Int)] {
        [
            ("messages lost", lost), ("messages duplicated", duplicated), ("messages reordered", reordered),
            ("messages cut", cut), ("messages clogged", clogged), ("segments sent again", retransmitted),
            ("connections reset", resets), ("links broken", brokenLinks), ("messages dropped by links", dropped),
        ]
    }
}

extension DiskFaultCounters {
    /// What disks did to calls and bytes, by name.
    package var faults: [(String, Int)] {
        DiskFaultCounters.all.map { ($0.name, self[keyPath: $0.path]) }
    }

    private static var all: [(name: String, path: WritableKeyPath<DiskFaultCounters, Int>)] {
        [
            ("disk reads failed", \.failedReads), ("disk writes failed", \.failedWrites),
            ("disk syncs failed", \.failedSyncs), ("other disk calls failed", \.failedOthers),
            ("disk writes without room", \.fullDisk), ("disk writes lost", \.lostWrites),
            ("disk writes misdirected", \.misdirectedWrites), ("disk writes flipped", \.flippedWrites),
            ("bits rotten", \.rottenBits), ("power cuts", \.crashes), ("process kills", \.processKills),
            ("unsynced changes lost", \.changesLostAtCrash), ("writes torn", \.writesTornAtCrash),
            ("unsynced names lost", \.entriesLostAtCrash),
        ]
    }

    mutating func add(_ other: DiskFaultCounters) {
        for entry in DiskFaultCounters.all { self[keyPath: entry.path] += other[keyPath: entry.path] }
    }
}
