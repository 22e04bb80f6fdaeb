import ConflictResolution
import NIOCore
import StatorCore

/// A resolver that does what its base does: plants implement what they spoil.
protocol PassingResolver: ConflictResolver where Settings == NoSettings {
    var base: any ConflictResolver { get }
}

extension PassingResolver {
    static var kind: String { "passing" }
    static var summary: String { "Another resolver, passed on." }
    static var guarantees: Set<Guarantee> { [] }

    /// - Precondition: never called; a wrapper is made from its base.
    init(settings: NoSettings) {
        preconditionFailure("a wrapper is made from its base")
    }

    var needsReplicaCoordinator: Bool { base.needsReplicaCoordinator }
    var maximumSkew: Duration? { base.maximumSkew }

    func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        try base.body(of: write, over: existing, stamp: stamp)
    }

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        try base.merge(one, other)
    }

    func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult { try base.read(body) }
}
