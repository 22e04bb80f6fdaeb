package import ConflictResolution
package import NIOCore
package import StatorCore

/// A resolver with a tap on it: does what its base does, and tells the tap.
package struct TappedResolver: ConflictResolver {
    package typealias Settings = NoSettings
    package static let kind = "tapped"
    package static let summary = "Another resolver, watched by a simulation."
    package static let guarantees: Set<Guarantee> = []

    private let base: any ConflictResolver
    private let tap: ResolverTap

    package init(_ base: any ConflictResolver, tap: ResolverTap) {
        self.base = base
        self.tap = tap
    }

    /// - Precondition: never called; a tapped resolver is made from its base.
    package init(settings: NoSettings) {
        preconditionFailure("a tapped resolver is made from its base")
    }

    package var needsReplicaCoordinator: Bool { base.needsReplicaCoordinator }
    package var maximumSkew: Duration? { base.maximumSkew }

    package func body(
        of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
    ) throws(ResolverError) -> ByteBuffer {
        let body = try base.body(of: write, over: existing, stamp: stamp)
        var held: ReadResult?
        if let existing, write.basis == .held { held = try base.read(existing) }
        tap.made(write, over: held, stamp.dot, body: body)
        return body
    }

    package func make(
        _ write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp, wantsContext: Bool
    ) throws(ResolverError) -> MadeBody {
        let made = try base.make(write, over: existing, stamp: stamp, wantsContext: wantsContext)
        var held: ReadResult?
        if let existing, write.basis == .held { held = try base.read(existing) }
        tap.made(write, over: held, stamp.dot, body: made.body)
        let result = try read(made.body)
        precondition(
            !wantsContext || made.context == result.context, "the context of a made body is what reading it says")
        precondition(
            made.isTombstone == result.isTombstone
                && made.siblings == result.versions.count, "what is known of a made body is what reading it says")
        return made
    }

    package func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
        try base.merge(one, other)
    }

    package func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        let result = try base.read(body)
        tap.wasRead(body, result)
        return result
    }

    package func value(of body: ByteBuffer) throws(ResolverError) -> PlainValue {
        let value = try base.value(of: body)
        let live = try base.read(body).liveVersions
        let isSame =
            switch value {
            case .none: live.isEmpty
            case .one(let content): live.count == 1 && live[0].content == content
            case .several(let count): live.count == count && count > 1
            }
        precondition(isSame, "the value of a body is what reading it says")
        return value
    }

    package func isTombstone(_ body: ByteBuffer) throws(ResolverError) -> Bool {
        try base.isTombstone(body)
    }
}
