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
///
/// A copy is one reference: records pass through queues, messages and stores as they are.
public struct StoredRecord: Sendable {
    @usableFromInline
    final class Fields: Sendable {
        @usableFromInline let token: Token
        @usableFromInline let key: Key
        @usableFromInline let digest: Digest
        @usableFromInline let isTombstone: Bool
        @usableFromInline let expiry: WallTime?
        @usableFromInline let body: ByteBuffer

        @inlinable
        init(token: Token, key: Key, digest: Digest, isTombstone: Bool, expiry: WallTime?, body: ByteBuffer) {
            self.token = token
            self.key = key
            self.digest = digest
            self.isTombstone = isTombstone
            self.expiry = expiry
            self.body = body
        }
    }

    @usableFromInline let fields: Fields

    @inlinable
    public init(token: Token, key: Key, digest: Digest, isTombstone: Bool, expiry: WallTime?, body: ByteBuffer) {
        fields = Fields(
            token: token, key: key, digest: digest, isTombstone: isTombstone, expiry: expiry, body: body)
    }

    @inlinable public var token: Token { fields.token }
    @inlinable public var key: Key { fields.key }
    /// XXH3 of the body.
    @inlinable public var digest: Digest { fields.digest }
    /// True where every version is a tombstone.
    @inlinable public var isTombstone: Bool { fields.isTombstone }
    /// When all versions have expired, if they do.
    @inlinable public var expiry: WallTime? { fields.expiry }
    /// Opaque, canonical.
    @inlinable public var body: ByteBuffer { fields.body }

    /// Of key and body together, in bytes: what a page or a message that carries it takes for it.
    public var bytes: Int { key.bytes.readableBytes + body.readableBytes }

    /// Whether both are one object, not merely equal.
    package func isSame(as other: StoredRecord) -> Bool { fields === other.fields }

    public var metadata: RecordMetadata {
        RecordMetadata(token: token, key: key, digest: digest, isTombstone: isTombstone, bytes: bytes)
    }
}

extension StoredRecord: Equatable {
    public static func == (left: StoredRecord, right: StoredRecord) -> Bool {
        left.fields === right.fields
            || left.token == right.token && left.digest == right.digest && left.isTombstone == right.isTombstone
                && left.expiry == right.expiry && left.key == right.key && left.body == right.body
    }
}

/// A record without its body: what an engine's index knows, enough to compare replicas.
public struct RecordMetadata: Hashable, Sendable {
    public let token: Token
    public let key: Key
    public let digest: Digest
    public let isTombstone: Bool
    /// Of the record's key and body together, in bytes: so pages of records are planned before any is read.
    public let bytes: Int

    public init(token: Token, key: Key, digest: Digest, isTombstone: Bool, bytes: Int) {
        self.token = token
        self.key = key
        self.digest = digest
        self.isTombstone = isTombstone
        self.bytes = bytes
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
