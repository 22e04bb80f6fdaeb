import Hashing
import NIOCore
import StatorCore
import Testing

/// RFC 1321, appendix A.5, of which the first 8 bytes count.
@Suite struct MD5Tests {
    @Test(
        arguments: [
            ("", 0xD41D_8CD9_8F00_B204), ("a", 0x0CC1_75B9_C0F1_B6A8), ("abc", 0x9001_5098_3CD2_4FB0),
            ("message digest", 0xF96B_697D_7CB7_938D),
            ("The quick brown fox jumps over the lazy dog", 0x9E10_7D9D_372B_B682),
        ] as [(String, UInt64)])
    func prefixIsThatOfTheDigest(input: String, expected: UInt64) {
        #expect(HashFunction.md5.hash(ByteBuffer(string: input).readableBytesSpan) == expected)
        #expect(HashFunction.md5.token(of: input).value == expected)
    }
}
