import StatorCore
import Testing

@testable import Workload

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Test func fixedArrivalsHaveEqualGaps() {
    let open = settings {
        $0.loop = .open
        $0.arrivals = .fixed
        $0.operationsPerSecond = 3000
    }
    var arrivals = Arrivals(open, random: RandomGenerator(seed: 1))
    let times = (0..<3001).map { _ in arrivals.next() }
    #expect(times[0] == 0 && times[1] == 333_333 && times[2] == 666_666 && times[3000] == 1_000_000_000)
    let gaps = Set(zip(times, times.dropFirst()).map { $1 - $0 })
    #expect(gaps == [333_333, 333_334])
}

@Test func fixedArrivalsOfTheHighestRateAlwaysIncrease() {
    let open = settings { $0.arrivals = .fixed }
    var arrivals = Arrivals(open, random: RandomGenerator(seed: 1), rate: 1e9)
    #expect((0..<1000).map { _ in arrivals.next() } == (0..<1000).map { Int64($0) })
}

@Test func sendersOfOneRateTakeTurns() {
    let open = settings { $0.arrivals = .fixed }
    var times: [Int64] = []
    for sender in 0..<4 {
        var arrivals = Arrivals(open, random: RandomGenerator(seed: 1), rate: 25, phase: Double(sender) / 4)
        times += (0..<3).map { _ in arrivals.next() }
    }
    #expect(times.sorted() == (0..<12).map { Int64($0) * 10_000_000 })
}

@Test func poissonGapsAreExponential() {
    let open = settings { $0.operationsPerSecond = 1000 }
    var arrivals = Arrivals(open, random: RandomGenerator(seed: 2))
    let times = [0] + (0..<50_000).map { _ in arrivals.next() }
    let gaps = zip(times, times.dropFirst()).map { Double($1 - $0) / 1e6 }
    #expect(gaps.allSatisfy { $0 >= 0 })
    #expect(GoodnessOfFit.distance(gaps) { 1 - exp(-$0) } < 1.95)
    // Of a rate off by three in a hundred it would be noticed.
    #expect(GoodnessOfFit.distance(gaps) { 1 - exp(-$0 * 1.03) } > 1.95)
}

@Test func poissonArrivalsOfASecondAreAsManyAsVaryByTheirRoot() {
    var arrivals = Arrivals(settings { $0.operationsPerSecond = 100 }, random: RandomGenerator(seed: 3))
    var counts = [Double](repeating: 0, count: 2000)
    while case let time = arrivals.next(), time < 2_000_000_000_000 { counts[Int(time / 1_000_000_000)] += 1 }
    let mean = counts.reduce(0, +) / 2000
    let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1999
    #expect(abs(mean - 100) < 1)
    // The ratio is 1 with the deviation sqrt(2 / 1999) = 0.032.
    #expect(abs(variance / mean - 1) < 0.11)
}

@Test func poissonGapsDoNotDependOnEachOther() {
    var random = RandomGenerator(seed: 4)
    let gaps = (0..<50_000).map { _ in random.exponential() - 1 }
    let product = zip(gaps, gaps.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / 50_000
    #expect(abs(product) < 4 / 50_000.0.squareRoot())
}

@Test(arguments: [0, 0.1, 0.5, 0.9, 1])
func chanceOfDecayIsItsPower(power: Double) {
    var random = RandomGenerator(seed: 5)
    let hits = Double((0..<100_000).count { _ in random.chanceOfDecay(power) })
    let expected = exp(-power)
    #expect(abs(hits / 100_000 - expected) <= 4 * (expected * (1 - expected) / 100_000).squareRoot())
}

@Test func normalDrawsAreNormal() {
    var random = RandomGenerator(seed: 6)
    let draws = (0..<50_000).map { _ in random.normal() }
    #expect(GoodnessOfFit.distance(draws) { erfc(-$0 / 2.0.squareRoot()) / 2 } < 1.95)
    #expect(GoodnessOfFit.distance(draws) { erfc(-$0 * 1.03 / 2.0.squareRoot()) / 2 } > 1.95)
}
