import StatorCore
import Testing

@testable import Workload

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

private func chosen(
    _ count: Int, seed: UInt64, inserted: Int = 0, _ change: (inout WorkloadSettings) -> Void
) -> [Int] {
    let chooser = KeyChooser(settings(change))
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in chooser.choose(&random, inserted: inserted) }
}

// The first values of `uniform`, `hot` and `zipfian` come from a transcription of the generators into Python.

@Test func uniformKeysAreThoseThatSeedsAlwaysChose() {
    let keys = chosen(24, seed: 42) { _ in }
    #expect(keys == [1, 7, 13, 18, 19, 15, 14, 17, 15, 11, 13, 5, 16, 6, 14, 17, 12, 17, 14, 14, 1, 3, 8, 12])
}

@Test func hotKeysAreThoseThatSeedsAlwaysChose() {
    let keys = chosen(24, seed: 42) { $0.keyChoice = .hot }
    #expect(keys == [0, 0, 0, 19] + [Int](repeating: 0, count: 20))
}

@Test func zipfianKeysAreThoseThatSeedsAlwaysChose() {
    let large = chosen(24, seed: 42) {
        $0.keyChoice = .zipfian
        $0.keys = 1000
    }
    #expect(
        large == [
            0, 9, 96, 579, 942, 186, 128, 336, 175, 46, 98, 4, 235, 6, 121, 412, 60, 340, 118, 118, 0, 1, 15, 53,
        ])
    let small = chosen(24, seed: 7) {
        $0.keyChoice = .zipfian
        $0.theta = 0.5
    }
    #expect(small == [10, 2, 14, 19, 19, 15, 0, 0, 4, 1, 7, 11, 17, 16, 5, 7, 2, 5, 1, 1, 1, 9, 10, 2])
}

@Test(arguments: [WorkloadSettings.KeyChoice.uniform, .zipfian, .hot], [1, 2, 20, 1000])
func keysAreThoseOfTheTableBefore(choice: WorkloadSettings.KeyChoice, count: Int) {
    let keys = chosen(500, seed: 99) {
        $0.keyChoice = choice
        $0.keys = count
    }
    var before = TableBefore(choice, keys: count, theta: 0.99)
    #expect(keys == keys.map { _ in before.choose() })
}

@Test func scrambledKeysHaveZipfFrequenciesWhereTheyWereScattered() {
    let keys = chosen(100_000, seed: 21) {
        $0.keyChoice = .scrambledZipfian
        $0.keys = 300
    }
    let scatter = Scatter(count: 300)
    var counts = [Int](repeating: 0, count: 300)
    for key in keys { counts[key] += 1 }
    let shares = (1...300).map { pow(Double($0), -0.99) }
    #expect(abs(GoodnessOfFit.excess((0..<300).map { counts[scatter($0)] }, shares: shares)) < 4)
    #expect(GoodnessOfFit.excess(counts, shares: shares) > 100)
}

@Test func hotspotGivesTheHotKeysTheirShareAndAllOfAKindTheSame() {
    let keys = chosen(100_000, seed: 5) {
        $0.keyChoice = .hotspot
        $0.keys = 50
    }
    var counts = [Int](repeating: 0, count: 50)
    for key in keys { counts[key] += 1 }
    let shares = (0..<50).map { $0 < 10 ? 0.8 / 10 : 0.2 / 40 }
    #expect(abs(GoodnessOfFit.excess(counts, shares: shares)) < 4)
}

@Test(arguments: [0.0, 0.01, 1], [0.0, 1])
func hotspotOfTheExtremesStaysAmongTheKeys(set: Double, operations: Double) {
    let keys = chosen(1000, seed: 5) {
        $0.keyChoice = .hotspot
        $0.hotSetFraction = set
        $0.hotOperationFraction = operations
    }
    #expect(keys.allSatisfy { (0..<20).contains($0) })
    if set < 1 { #expect(keys.allSatisfy { ($0 == 0) == (operations == 1) }) }
}

@Test(arguments: [0, 1, 30, 980])
func latestPrefersTheNewestKeyHoweverManyWereInserted(inserted: Int) {
    let keys = chosen(100_000, seed: 6, inserted: inserted) { $0.keyChoice = .latest }
    let count = 20 + inserted
    var counts = [Int](repeating: 0, count: count)
    for key in keys { counts[count - 1 - key] += 1 }
    #expect(abs(GoodnessOfFit.excess(counts, shares: (1...count).map { pow(Double($0), -0.99) })) < 4)
}

@Test(arguments: WorkloadSettings.KeyChoice.allCases)
func everyChoiceOfASingleKeyIsThatKey(choice: WorkloadSettings.KeyChoice) {
    let keys = chosen(100, seed: 1) {
        $0.keyChoice = choice
        $0.keys = 1
    }
    #expect(keys.allSatisfy { $0 == 0 })
}

@Test func uniformReachesInsertedKeysAndFixedPopularityDoesNot() {
    for choice in WorkloadSettings.KeyChoice.allCases {
        let keys = chosen(2000, seed: 13, inserted: 20) { $0.keyChoice = choice }
        let reaches = choice == .uniform || choice == .latest
        #expect(keys.contains { $0 >= 20 } == reaches)
        #expect(keys.allSatisfy { $0 < 40 })
    }
}

/// The simulator's table of keys as it was before this module.
private struct TableBefore {
    private let choice: WorkloadSettings.KeyChoice
    private let keys: Int
    private var cumulative: [Double] = []
    private var random = RandomGenerator(seed: 99)

    init(_ choice: WorkloadSettings.KeyChoice, keys: Int, theta: Double) {
        self.choice = choice
        self.keys = keys
        var sum = 0.0
        for rank in 1...keys {
            sum += pow(Double(rank), -theta)
            cumulative.append(sum)
        }
    }

    mutating func choose() -> Int {
        switch choice {
        case .uniform: return random.below(keys)
        case .hot: return random.chance(0.9) ? 0 : random.below(keys)
        default:
            let drawn = random.fraction() * (cumulative.last ?? 1)
            return cumulative.firstIndex { $0 > drawn } ?? keys - 1
        }
    }
}
