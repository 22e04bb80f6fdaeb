import StatorCore
import Testing

@Suite struct TokenTests {
    @Test(arguments: 1...16)
    func shardRangesAreTheInverseOfShards(count: Int) {
        var expectedFirst: UInt64 = 0
        for shard in 0..<count {
            let range = TokenRange.ofShard(shard, count: count)
            #expect(range.first.value == expectedFirst, "shards join without a gap")
            #expect(range.first.shard(of: count) == shard)
            #expect(range.last.shard(of: count) == shard)
            if range.first.value > 0 { #expect(Token(range.first.value - 1).shard(of: count) == shard - 1) }
            if range.last < .maximum { #expect(Token(range.last.value + 1).shard(of: count) == shard + 1) }
            #expect(abs(range.fraction - 1 / Double(count)) < 1e-15)
            expectedFirst = range.last.value &+ 1
        }
        #expect(expectedFirst == 0, "the last shard ends at the greatest token")
    }

    @Test(arguments: 1...16)
    func everyTokenIsInTheRangeOfItsShard(count: Int) {
        var generator = RandomGenerator(seed: UInt64(count))
        for _ in 0..<1000 {
            let token = Token(generator.next())
            #expect(TokenRange.ofShard(token.shard(of: count), count: count).contains(token))
        }
    }

    @Test func intersectionIsTheCommonPart() {
        func range(_ first: UInt64, _ last: UInt64) -> TokenRange { TokenRange(first: Token(first), last: Token(last)) }
        #expect(range(0, 10).intersection(range(5, 20)) == range(5, 10))
        #expect(range(0, 10).intersection(range(10, 20)) == range(10, 10))
        #expect(range(0, 10).intersection(range(11, 20)) == nil)
        #expect(TokenRange.full.intersection(range(3, 4)) == range(3, 4))
        #expect(TokenRange.full.contains(range(0, .max)))
        #expect(!range(1, 5).contains(range(0, 5)))
        #expect(TokenRange.full.fraction == 1)
        #expect(range(0, (1 << 63) - 1).fraction == 0.5)
    }

    @Test func descriptionHasSixteenDigits() {
        #expect(Token(0).description == "0000000000000000")
        #expect(Token(0xAB).description == "00000000000000ab")
        #expect(Token.maximum.description == "ffffffffffffffff")
    }
}
