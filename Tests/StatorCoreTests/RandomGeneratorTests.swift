import StatorCore
import Testing

@Suite struct RandomGeneratorTests {
    /// Values of an independent implementation of xoshiro256** seeded by SplitMix64.
    @Test func drawsAreThoseOfXoshiro256StarStar() {
        var zero = RandomGenerator(seed: 0)
        #expect(
            (0..<4).map { _ in zero.next() } == [
                0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0, 0x6AA5_94F1_262D_2D2C,
            ])
        var one = RandomGenerator(seed: 1)
        #expect(
            (0..<4).map { _ in one.next() } == [
                0xB3F2_AF6D_0FC7_10C5, 0x853B_5596_4736_4CEA, 0x92F8_9756_082A_4514, 0x642E_1C7B_C266_A3A7,
            ])
    }

    @Test func drawsStayWithinTheirBounds() {
        var generator = RandomGenerator(seed: 7)
        var seen: Set<Int> = []
        for _ in 0..<1000 {
            let value = generator.below(7)
            #expect((0..<7).contains(value))
            seen.insert(value)
            let fraction = generator.fraction()
            #expect(fraction >= 0 && fraction < 1)
            let jittered = generator.jittered(.seconds(10), spread: 0.1)
            #expect(jittered >= .seconds(9) && jittered <= .seconds(11))
        }
        #expect(seen.count == 7)
        #expect((0..<100).allSatisfy { _ in !generator.chance(0) && generator.chance(1) })
        #expect(generator.below(1) == 0)
    }

    @Test func aSplitGeneratorDoesNotFollowItsParent() {
        var parent = RandomGenerator(seed: 1)
        var child = parent.split()
        let fromChild = (0..<8).map { _ in child.next() }
        let fromParent = (0..<8).map { _ in parent.next() }
        #expect(fromChild != fromParent)
        var again = RandomGenerator(seed: 1)
        _ = again.split()
        #expect((0..<8).map { _ in again.next() } == fromParent)
    }
}
