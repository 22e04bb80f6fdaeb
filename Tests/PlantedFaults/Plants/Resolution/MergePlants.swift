import ConflictResolution
import NIOCore
import Replication
import SimulationKit
import StatorCore

/// A merge that keeps one of two concurrent records.
enum MergeLosesOneSide: Plant {
    static let name = "merge-loses-one-side"
    static let wrong = "Of two records of which neither covers the other, a merge keeps the greater bytes."
    static let caughtBy = ["lost-writes", "false-dominance"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { ChoosingResolver(base: $0) }
    }
}

private struct ChoosingResolver: PassingResolver {
    let base: any ConflictResolver

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let merged = try base.merge(one, other)
        if merged == one || merged == other { return merged }
        return one.readableBytesView.lexicographicallyPrecedes(other.readableBytesView) ? other : one
    }
}

/// A merge whose result depends on who merges.
enum MergeDependsOnOrder: Plant {
    static let name = "merge-depends-on-order"
    static let wrong = "Of two records of which neither covers the other, each replica keeps its own."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.crowded
    static let seeds: UInt64 = 3

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { StubbornResolver(base: $0) }
    }
}

private struct StubbornResolver: PassingResolver {
    let base: any ConflictResolver

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let merged = try base.merge(one, other)
        return merged == other ? other : one
    }
}

/// A tombstone gives way to the value that it deleted.
enum TombstoneLosesMerge: Plant {
    static let name = "tombstone-loses-merge"
    static let wrong = "Where a tombstone meets the value that it deleted, a merge keeps the value."
    static let caughtBy = ["resurrected-deletes"]
    static let scenario = Scenario.crowded
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { ForgivingResolver(base: $0) }
    }
}

private struct ForgivingResolver: PassingResolver {
    let base: any ConflictResolver

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        let merged = try base.merge(one, other)
        guard try base.read(merged).isTombstone else { return merged }
        if try !base.read(one).isTombstone { return one }
        return try base.read(other).isTombstone ? merged : other
    }
}

/// A read repair is stored as it comes, over what has been written since.
enum ReadRepairOverwrites: Plant {
    static let name = "read-repair-overwrites"
    static let wrong = "What a read repair brings replaces what the replica holds, newer siblings included."
    static let caughtBy = ["read-your-writes", "lost-writes"]
    static let scenario = Scenario.strict
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        let repairs = Shared<Set<ByteBuffer>>([])
        options.interpose = {
            return { (_: NodeID, _: NodeID, message: ShardMessage) -> ShardMessage? in
                if case .write(let write) = message, write.purpose == .readRepair {
                    repairs.value.insert(write.record.body)
                }
                return message
            }
        }
        options.wrapResolvers { OverwritingResolver(base: $0, repairs: repairs) }
    }
}

private struct OverwritingResolver: PassingResolver {
    let base: any ConflictResolver
    let repairs: Shared<Set<ByteBuffer>>

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        if repairs.value.contains(other) { return other }
        return try base.merge(one, other)
    }
}
