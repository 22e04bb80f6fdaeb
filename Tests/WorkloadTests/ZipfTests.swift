import StatorCore
import Testing

@testable import Workload

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

private func zipfShares(_ count: Int, _ theta: Double) -> [Double] {
    (1...count).map { pow(Double($0), -theta) }
}

@Test(arguments: [0, 0.5, 0.99, 1, 1.5, 4])
func zipfRanksHaveTheirExactFrequencies(theta: Double) {
    let table = ZipfTable(count: 500, theta: theta)
    var random = RandomGenerator(seed: 11)
    let counts = tally(500, draws: 200_000) { table.draw(&random) }
    #expect(abs(GoodnessOfFit.excess(counts, shares: zipfShares(500, theta))) < 4)
}

@Test func zipfFrequenciesOfAnotherExponentWouldBeNoticed() {
    let table = ZipfTable(count: 500, theta: 0.99)
    var random = RandomGenerator(seed: 11)
    let counts = tally(500, draws: 200_000) { table.draw(&random) }
    #expect(GoodnessOfFit.excess(counts, shares: zipfShares(500, 0.95)) > 10)
    #expect(GoodnessOfFit.excess(counts, shares: zipfShares(490, 0.99) + zipfShares(10, 0.99)) > 10)
}

@Test(arguments: [0, 0.5, 0.99, 1, 1.0000001, 2], [1, 7])
func zipfOverMoreRanksThanTheTableHasIsExactToo(theta: Double, count: Int) {
    let table = ZipfTable(count: count, theta: theta)
    var random = RandomGenerator(seed: 12)
    let counts = tally(300, draws: 200_000) { table.draw(&random, grown: 300 - count) }
    #expect(abs(GoodnessOfFit.excess(counts, shares: zipfShares(300, theta))) < 4)
}

@Test func zipfGrownByNothingDrawsAsTheTable() {
    let table = ZipfTable(count: 50, theta: 0.99)
    var first = RandomGenerator(seed: 3)
    var second = first
    for _ in 0..<100 { #expect(table.draw(&first) == table.draw(&second, grown: 0)) }
}

@Test(arguments: [1, 2, 3, 4, 5, 16, 17, 20, 1000, 4095, 4096, 4097, 10_000])
func scatterIsAPermutation(count: Int) {
    let scatter = Scatter(count: count)
    var isTaken = [Bool](repeating: false, count: count)
    for number in 0..<count {
        let place = scatter(number)
        #expect(!isTaken[place])
        isTaken[place] = true
    }
}

@Test func scatterLeavesHardlyAnythingInPlaceAndSpreadsNeighbours() {
    let scatter = Scatter(count: 10_000)
    // A random permutation leaves one in place on average, keeps a neighbour in 1 of 5000 pairs, and moves by a third.
    #expect((0..<10_000).count { scatter($0) == $0 } < 7)
    #expect((1..<10_000).count { abs(scatter($0) - scatter($0 - 1)) == 1 } < 12)
    let moved = (0..<10_000).reduce(0) { $0 + abs(scatter($1) - $1) }
    #expect((32_000_000...34_700_000).contains(moved))
}

@Test func scatterSpreadsTheMostPopularEvenly() {
    let scatter = Scatter(count: 100_000)
    let counts = (0..<1000).reduce(into: [Int](repeating: 0, count: 20)) { $0[scatter($1) / 5000] += 1 }
    #expect(abs(GoodnessOfFit.excess(counts, shares: [Double](repeating: 1, count: 20))) < 4)
}
