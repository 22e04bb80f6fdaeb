internal import CXXHash
public import NIOCore

/// XXH3 and XXH64 from libxxhash: fast, fixed, not cryptographic. Record digests, checksums and tokens use them.
public enum XXHash {
    /// XXH3, 64 bits. About 5 ns for short keys, 20 GB/s for long input.
    public static func xxh3(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
    }

    /// XXH3 of the readable bytes.
    public static func xxh3(_ buffer: ByteBuffer, seed: UInt64 = 0) -> UInt64 {
        buffer.withUnsafeReadableBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
    }

    public static func xxh64(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { XXH64($0.baseAddress, $0.count, seed) }
    }
}
