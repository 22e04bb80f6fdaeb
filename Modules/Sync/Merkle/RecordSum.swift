import Hashing
import StatorCore

/// The 64-bit value that stands for one record of a key in the sums of a Merkle index.
///
/// XXH3 over the token, the key's own XXH3 and the digest: every bit of the three reaches every bit of the value.
struct RecordSum {
    private let token: UInt64
    private let keyHash: UInt64

    init(token: Token, key: Key) {
        self.token = token.value
        keyHash = XXHash.xxh3(key.bytes)
    }

    func value(_ digest: Digest) -> UInt64 {
        let words: InlineArray<3, UInt64> = [token.littleEndian, keyHash.littleEndian, digest.value.littleEndian]
        return XXHash.xxh3(words.span.bytes)
    }

    static func of(_ record: RecordMetadata) -> UInt64 {
        RecordSum(token: record.token, key: record.key).value(record.digest)
    }
}
