import ConflictResolution
import NIOCore
import SimulationKit
import StatorCore

/// A version claims to have seen what its writer had not.
enum ContextClaimsTooMuch: Plant {
    static let name = "context-claims-too-much"
    static let wrong = "A write supersedes all that its coordinator holds, whatever context it came with."
    static let caughtBy = ["false-dominance", "lost-writes"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { GreedyResolver(base: $0) }
    }
}

private struct GreedyResolver: PassingResolver {
    let base: any ConflictResolver

    func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        try base.body(of: VersionWrite(content: write.content, basis: .held), over: existing, stamp: stamp)
    }
}

/// A write with a context leaves what it read beside it.
enum ContextIgnored: Plant {
    static let name = "context-ignored"
    static let wrong = "Every fifth write with a context leaves what its client had read as a sibling."
    static let caughtBy = ["false-concurrency"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { TimidResolver(base: $0) }
    }
}

private struct TimidResolver: PassingResolver {
    let base: any ConflictResolver

    func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        guard case .context = write.basis, stamp.dot.counter % 5 == 0 else {
            return try base.body(of: write, over: existing, stamp: stamp)
        }
        return try base.body(of: VersionWrite(content: write.content, basis: .nothing), over: existing, stamp: stamp)
    }
}

/// Of a register with one value, the losers stay visible.
enum LosersStayVisible: Plant {
    static let name = "losers-stay-visible"
    static let wrong = "A store that promises one value per key keeps concurrent ones as siblings."
    static let caughtBy = ["single-value"]
    static let scenario = Scenario.lastWriterWins
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { _ in DottedVersionVectorResolver(settings: NoSettings()) }
    }
}

/// The timestamp is the coordinator's wall clock and nothing else.
enum ClockBeatsContext: Plant {
    static let name = "clock-beats-context"
    static let wrong = "A write's time is the wall clock alone: a slow clock loses to what its client had read."
    static let caughtBy = ["context-wins"]
    static let scenario = Scenario.lastWriterWins
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { WallResolver(base: $0) }
    }
}

private struct WallResolver: PassingResolver {
    let base: any ConflictResolver

    func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        let alone = VersionWrite(content: write.content, basis: .nothing)
        let made = try base.body(of: alone, over: nil, stamp: stamp)
        guard let existing else { return made }
        return try base.merge(existing, made)
    }
}
