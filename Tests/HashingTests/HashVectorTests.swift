import Hashing
import NIOCore
import StatorCore
import Testing

/// Published vectors, and values computed with the reference implementations (libxxhash 0.8, MurmurHash3 by Appleby).
@Suite struct HashVectorTests {
    static let fox = Array("The quick brown fox jumps over the lazy dog".utf8)
    static let allBytes = (0...255).map { UInt8($0) }
    /// 1,000 bytes: the long-input paths.
    static let long = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 31 + 7) }

    struct Vector: Sendable {
        let input: [UInt8]
        let xxh3: UInt64
        let xxh64: UInt64
        let murmur3: UInt64

        init(_ input: [UInt8], xxh3: UInt64, xxh64: UInt64, murmur3: UInt64) {
            self.input = input
            self.xxh3 = xxh3
            self.xxh64 = xxh64
            self.murmur3 = murmur3
        }

        init(_ text: String, xxh3: UInt64, xxh64: UInt64, murmur3: UInt64) {
            self.init(Array(text.utf8), xxh3: xxh3, xxh64: xxh64, murmur3: murmur3)
        }
    }

    static let vectors = [
        Vector("", xxh3: 0x2D06_8005_38D3_94C2, xxh64: 0xEF46_DB37_51D8_E999, murmur3: 0),
        Vector("a", xxh3: 0xE6C6_32B6_1E96_4E1F, xxh64: 0xD24E_C4F1_A98C_6E5B, murmur3: 0x8555_5565_F659_7889),
        Vector("abc", xxh3: 0x78AF_5F94_892F_3950, xxh64: 0x44BC_2CF5_AD77_0999, murmur3: 0xB496_3F3F_3FAD_7867),
        // One below, at and above Murmur3's block of 16.
        Vector(
            "abcdefghijklmno", xxh3: 0xA8ED_AF6D_C272_4D85, xxh64: 0x2E12_18A2_B137_5068,
            murmur3: 0x8ABE_2451_890C_2FFB),
        Vector(
            "abcdefghijklmnop", xxh3: 0x3D3C_CAC9_AF14_D8A8, xxh64: 0x71CE_8137_CA2D_D53D,
            murmur3: 0xC4CA_3CA3_224C_B723),
        Vector(
            "abcdefghijklmnopq", xxh3: 0xCA7F_3571_DF47_CACF, xxh64: 0x8FEF_F49D_8F62_F402,
            murmur3: 0x7564_747F_88BD_A657),
        Vector(fox, xxh3: 0xCE7D_19A5_418F_B365, xxh64: 0x0B24_2D36_1FDA_71BC, murmur3: 0xE34B_BC7B_BC07_1B6C),
        Vector(allBytes, xxh3: 0x9408_A443_3B95_2D71, xxh64: 0x1FAC_BE84_06CD_904B, murmur3: 0x1C99_C313_DC6F_12B9),
        Vector(long, xxh3: 0x9897_65D0_EA7A_5ECD, xxh64: 0x9959_4F48_2804_3D35, murmur3: 0x17FE_9D6B_899D_C945),
    ]

    @Test(arguments: vectors)
    func hashesAreTheReferenceFunctions(vector: Vector) {
        let buffer = ByteBuffer(bytes: vector.input)
        #expect(HashFunction.xxh3.hash(buffer.readableBytesSpan) == vector.xxh3)
        #expect(HashFunction.xxh64.hash(buffer.readableBytesSpan) == vector.xxh64)
        #expect(HashFunction.murmur3.hash(buffer.readableBytesSpan) == vector.murmur3)
        #expect(XXHash.xxh3(buffer) == vector.xxh3)
        #expect(Digest(ofBody: buffer).value == vector.xxh3)
    }

    @Test(arguments: HashFunction.allCases)
    func onlyTheReadableBytesCount(function: HashFunction) throws {
        var padded = ByteBuffer(string: "....key....")
        padded.moveReaderIndex(forwardBy: 4)
        let slice = padded.readSlice(length: 3) ?? ByteBuffer()
        #expect(function.token(of: try Key(slice)) == function.token(of: "key"))
        #expect(function.token(of: try Key("key")) == function.token(of: "key"))
        #expect(function.token(of: "key") != function.token(of: "kez"))
    }

    @Test func aSeedGivesAnotherFunction() {
        let buffer = ByteBuffer(string: "abc")
        #expect(XXHash.xxh3(buffer, seed: 1) != XXHash.xxh3(buffer))
        #expect(XXHash.xxh64(buffer.readableBytesSpan, seed: 1) != XXHash.xxh64(buffer.readableBytesSpan))
    }

    @Test func namesInJSONAreStable() {
        #expect(HashFunction.allCases.map(\.rawValue) == ["md5", "xxh3", "xxh64", "murmur3"])
    }
}
