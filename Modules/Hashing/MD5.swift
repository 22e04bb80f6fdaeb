internal import Crypto

/// MD5 (RFC 1321) from swift-crypto, for compatibility with rings that are placed by it; never for security.
enum MD5 {
    /// The first 8 bytes of the digest, big endian.
    static func prefix64(_ bytes: RawSpan) -> UInt64 {
        var hasher = Insecure.MD5()
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
