public import NIOCore
public import StatorCore

/// The hashes that turn keys into tokens, selectable in JSON as `hash`.
///
/// All are fixed functions of the bytes, the same in every process and on every platform. Swift's own `Hasher` is
/// seeded per process and must never place a key.
public enum HashFunction: String, CaseIterable, Sendable {
    /// The first 8 bytes, big endian, of MD5 (RFC 1321): the hash of the Dynamo paper.
    case md5
    /// XXH3, 64 bits, seed 0: the fastest here.
    case xxh3
    /// XXH64, seed 0.
    case xxh64
    /// The first 8 bytes of MurmurHash3 x64 128, seed 0: the family that Cassandra places its keys by.
    case murmur3

    public func hash(_ bytes: RawSpan) -> UInt64 {
        switch self {
        case .md5: MD5.prefix64(bytes)
        case .xxh3: XXHash.xxh3(bytes)
        case .xxh64: XXHash.xxh64(bytes)
        case .murmur3: Murmur3.first64(bytes)
        }
    }

    /// The token of a key.
    public func token(of key: Key) -> Token {
        Token(hash(key.bytes.readableBytesSpan))
    }

    /// The token of a text's UTF-8, as node tokens are made from names.
    public func token(of text: String) -> Token {
        Token(hash(ByteBuffer(string: text).readableBytesSpan))
    }
}

extension Digest {
    /// The digest of a record's canonical body: XXH3 with seed 0.
    public init(ofBody body: ByteBuffer) {
        self.init(XXHash.xxh3(body))
    }
}
