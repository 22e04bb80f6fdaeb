internal import ConflictResolution
internal import Hashing
package import NIOCore
package import StatorCore

/// Binds the contexts that clients are given to the cluster and the key that they are of.
///
/// A context says which writes its bearer has seen, and the write that presents it supersedes them. One that was cut
/// off or edited, or that a read of another key or cluster gave, would supersede what nobody had seen: it is refused
/// before anything is done. What clients hold is an envelope: the resolver's bytes, a checksum over them (XXH3, 8
/// bytes), seeded with the names of cluster and key, and the envelope's format (1 byte). The checksum tells accidents; it
/// is no signature, and keeps nobody out who means to forge one.
///
/// Sealed where an answer leaves its coordinator; checked where a request begins, at the client's node and at the one
/// that it is forwarded to. Only resolvers see what is inside. O(bytes of context and key).
package struct ContextSeal: Sendable {
    static let format: UInt8 = 1
    /// The bytes behind the resolver's own.
    package static let length = 9

    private let clusterSeed: UInt64

    package init(cluster: String) {
        clusterSeed = XXHash.xxh3(ByteBuffer(string: cluster))
    }

    /// Seals a resolver's context in its place.
    package func seal(_ context: inout ByteBuffer, of key: Key) {
        let checksum = checksum(context, of: key)
        context.writeMultipleIntegers(checksum, ContextSeal.format)
    }

    /// Why what a client presents is no context of this key, or `nil` where it is one.
    package func refusal(of sealed: ByteBuffer, for key: Key) -> ClientError? {
        let end = sealed.readerIndex + sealed.readableBytes
        guard sealed.readableBytes > ContextSeal.length,
            sealed.getInteger(at: end - 1, as: UInt8.self) == ContextSeal.format,
            let found = sealed.getInteger(at: end - ContextSeal.length, as: UInt64.self),
            found == checksum(ContextSeal.content(of: sealed), of: key)
        else {
            return .invalidContext(
                "the context is not one that this cluster gave for this key: it is of another key or cluster, or was changed"
            )
        }
        return nil
    }

    /// The resolver's bytes of an envelope that was checked, or is this node's own; empty where it is too short for one.
    package static func content(of sealed: ByteBuffer) -> ByteBuffer {
        var content = sealed
        content.moveWriterIndex(to: max(sealed.readerIndex, sealed.writerIndex - length))
        return content
    }

    private func checksum(_ context: ByteBuffer, of key: Key) -> UInt64 {
        XXHash.xxh3(context, seed: XXHash.xxh3(key.bytes, seed: clusterSeed))
    }
}

extension ClientRequest {
    /// Why a context that it presents cannot be taken, or `nil`.
    func contextRefusal(_ seal: ContextSeal) -> ClientError? {
        if case .context(let context)? = options.precondition, let refusal = seal.refusal(of: context, for: key) {
            return refusal
        }
        guard case .write(let write) = operation, case .context(let context) = write.basis else { return nil }
        return seal.refusal(of: context, for: key)
    }
}

extension VersionWrite {
    /// As the resolver is given it: a context without its seal.
    var unsealed: VersionWrite {
        guard case .context(let context) = basis else { return self }
        return VersionWrite(content: content, basis: .context(ContextSeal.content(of: context)))
    }
}

extension ClientResponse {
    /// With contexts as the resolver gave them, for those who look into them.
    package var unsealed: ClientResponse {
        switch self {
        case .found(var result):
            result.context = ContextSeal.content(of: result.context)
            return .found(result)
        case .notFound(let context): return .notFound(context: context.map(ContextSeal.content))
        case .stored(var outcome):
            outcome.context = ContextSeal.content(of: outcome.context)
            return .stored(outcome)
        case .value, .updated, .explained, .failed: return self
        }
    }
}
