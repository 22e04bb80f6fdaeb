public import NIOCore

/// A 64-bit digest of a record's canonical body: equal records have equal digests on every node.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) {
        self.value = value
    }

    public var description: String { Token(value).description }
}

/// What storage, sync and transfer share about one key: they never look into the versions.
///
/// The body is the conflict resolver's canonical encoding of all siblings and their causal metadata: two replicas that
/// hold the same versions hold the same bytes, so digests can be compared.
public struct StoredRecord: Hashable, Sendable {
    public let token: Token
    public let key: Key
    /// XXH3 of the body.
    public let digest: Digest
    /// True where every version is a tombstone.
    public let isTombstone: Bool
    /// When all versions have expired, if they do.
    public let expiry: WallTime?
    /// Opaque, canonical.
    public let body: ByteBuffer

    public init(token: Token, key: Key, digest: Digest, isTombstone: Bool, expiry: WallTime?, body: ByteBuffer) {
        self.token = token
        self.key = key
        self.digest = digest
        self.isTombstone = isTombstone
        self.expiry = expiry
        self.body = body
    }

    public var metadata: RecordMetadata {
        RecordMetadata(token: token, key: key, digest: digest, isTombstone: isTombstone)
    }
}

/// A record without its body: what an engine's index knows, enough to compare replicas.
public struct RecordMetadata: Hashable, Sendable {
    public let token: Token
    public let key: Key
    public let digest: Digest
    public let isTombstone: Bool

    public init(token: Token, key: Key, digest: Digest, isTombstone: Bool) {
        self.token = token
        self.key = key
        self.digest = digest
        self.isTombstone = isTombstone
    }
}

/// A position in the (token, key) order, after which a scan goes on.
public struct ScanCursor: Hashable, Comparable, Sendable {
    public let token: Token
    public let key: Key

    public init(token: Token, key: Key) {
        self.token = token
        self.key = key
    }

    public static func < (left: ScanCursor, right: ScanCursor) -> Bool {
        left.token != right.token ? left.token < right.token : left.key < right.key
    }
}
