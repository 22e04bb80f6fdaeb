import ConflictResolution
import NIOCore
import SimulationKit
import StatorCore

/// A version is dropped as one that was seen before.
enum WriteSwallowed: Plant {
    static let name = "write-swallowed"
    static let wrong = "Every twentieth write leaves the record as it was, and is acknowledged."
    static let caughtBy = ["dots"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapResolvers { SwallowingResolver(base: $0) }
    }
}

private struct SwallowingResolver: PassingResolver {
    let base: any ConflictResolver

    func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        if let existing, write.content != nil, stamp.dot.counter % 20 == 0 { return existing }
        return try base.body(of: write, over: existing, stamp: stamp)
    }
}
