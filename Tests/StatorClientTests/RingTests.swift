import Hashing
import NIOCore
import StatorCore
import Testing

@testable import StatorClient

@Suite struct RingTests {
    private func read(_ text: String) throws(ReplyFormatError) -> Ring {
        var parser = ReplyParser(limits: ReplyLimits())
        parser.append(ByteBuffer(string: text))
        guard let reply = try parser.next() else { throw ReplyFormatError("no reply") }
        return try Ring(reply)
    }

    @Test(arguments: [1, 2, 3, 17, 256])
    func lookUpAgreesWithSearchOfAllRanges(count: Int) throws {
        var generator = RandomSequence(seed: UInt64(count))
        var ends = Set<UInt64>([.max])
        while ends.count < count { ends.insert(generator.next()) }
        let ranges = ends.sorted().map { (last: $0, owners: (0..<3).map { _ in Int(generator.next() % 5) }) }
        let ring = try read(RESP.ring(ports: [1, 2, 3, 4, 5], ranges: ranges))
        var tokens: [UInt64] = [0, 1, .max - 1, .max]
        for end in ends { tokens += [end &- 1, end, end &+ 1] }
        for _ in 0..<500 { tokens.append(generator.next()) }
        for token in tokens {
            let expected = ranges.first { token <= $0.last }?.owners
            #expect(ring.replicas(of: Token(token)).map(Int.init) == expected, "token \(Token(token)) of \(count)")
        }
    }

    @Test(arguments: HashFunction.allCases)
    func keysAreHashedAsTheRingSays(hash: HashFunction) throws {
        let ranges = equalRanges(8, replicas: 1)
        let ring = try read(RESP.ring(hash: hash.rawValue, ports: Array(1...8), ranges: ranges))
        for number in 0..<50 {
            let key = try Key("key \(number)")
            let expected = ranges.first { hash.token(of: key).value <= $0.last }?.owners
            #expect(ring.replicas(of: key).map(Int.init) == expected)
        }
    }

    @Test func membersWithoutPortAreKnownAndNotAsked() throws {
        let ring = try read(RESP.ring(epoch: 7, ports: [6400, 0], ranges: [(.max, [1, 0])]))
        #expect(ring.epoch == 7)
        #expect(ring.members == [NodeAddress(host: "127.0.0.1", port: 6400), nil])
    }

    @Test(arguments: [
        "+OK\r\n", "*0\r\n", RESP.ring(ports: [1], ranges: []), RESP.ring(ports: [], ranges: []),
        RESP.ring(ports: [1], ranges: [(5, [0])]), RESP.ring(ports: [1], ranges: [(.max, [1])]),
        RESP.ring(ports: [1], ranges: [(.max, [-1])]),
        RESP.ring(ports: [1], ranges: [(9, [0]), (5, [0]), (.max, [0])]),
        RESP.ring(ports: [1], ranges: [(.max, [0]), (.max, [0])]),
        RESP.ring(hash: "crc", ports: [1], ranges: [(.max, [0])]),
        RESP.ring(ports: [70_000], ranges: [(.max, [0])]),
        RESP.array([RESP.integer(1), RESP.bulk("md5"), RESP.array(["$-1\r\n"]), RESP.array([])]),
        RESP.array([
            RESP.integer(1), RESP.bulk("md5"), RESP.array([]), RESP.array([RESP.array([RESP.bulk("ffff")])]),
        ]),
    ])
    func ringThatIsNoneIsRefused(text: String) {
        #expect(throws: ReplyFormatError.self) { try read(text) }
    }
}

/// SplitMix64: the same numbers in every run.
struct RandomSequence: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
