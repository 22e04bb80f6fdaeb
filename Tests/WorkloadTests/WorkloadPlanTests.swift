import StatorCore
import Testing

@testable import Workload

private func steps(
    _ count: Int, seed: UInt64, inserted: Int = 0, _ settings: WorkloadSettings
) -> [WorkloadStep] {
    let plan = WorkloadPlan(settings)
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in plan.next(&random, inserted: inserted) }
}

@Test func stepsAreThoseThatSeedsAlwaysDrew() {
    // From a transcription of the simulator's client before this module into Python.
    let keys = [0, 2, 18, 13, 2, 15, 3, 18, 1, 18, 14, 3]
    let kinds = [0, 1, 1, 1, 1, 4, 2, 4, 1, 2, 1, 0]
    let drawn = steps(12, seed: 9, WorkloadSettings())
    #expect(drawn.map(\.key) == keys)
    #expect(drawn.map(\.kind.rawValue) == kinds)
    #expect(drawn.allSatisfy { $0.valueBytes == 64 })
}

@Test func kindsComeByTheirWeights() {
    let mixed = settings {
        $0.inserts = 20
        $0.batches = 30
    }
    var counts = [Int](repeating: 0, count: 7)
    for step in steps(100_000, seed: 1, mixed) { counts[step.kind.rawValue] += 1 }
    #expect(abs(GoodnessOfFit.excess(counts, shares: [40, 35, 10, 5, 10, 20, 30])) < 4)
}

@Test func anInsertHasTheNumberAfterAllKeys() {
    let inserting = settings { $0.inserts = 1000 }
    for step in steps(100, seed: 2, inserted: 7, inserting) where step.kind == .insert { #expect(step.key == 27) }
}

@Test func aBatchGoesOnAtTheFirstKey() {
    let plan = WorkloadPlan(
        settings {
            $0.batches = 1
            $0.batchKeys = 4
        })
    #expect(plan.batch(from: 3, inserted: 0) == [3, 4, 5, 6])
    #expect(plan.batch(from: 18, inserted: 0) == [18, 19, 0, 1])
    #expect(plan.batch(from: 18, inserted: 1) == [18, 19, 20, 0])
}

@Test func sizesOfValuesAreDrawnLastSoThatOneMoreStepIsTheSame() {
    let uniform = settings { $0.valueSizes = .uniform }
    #expect(steps(1, seed: 4, uniform)[0].key == steps(1, seed: 4, WorkloadSettings())[0].key)
    #expect(steps(1, seed: 4, uniform)[0].kind == steps(1, seed: 4, WorkloadSettings())[0].kind)
}

// MARK: Sizes of values

private func sizes(_ change: (inout WorkloadSettings) -> Void) -> [Int] {
    let sampler = ValueSizeSampler(settings(change))
    var random = RandomGenerator(seed: 17)
    return (0..<50_000).map { _ in sampler.draw(&random) }
}

@Test func uniformSizesAreEquallyLikely() {
    let drawn = sizes { $0.valueSizes = .uniform }
    var counts = [Int](repeating: 0, count: 49)
    for size in drawn { counts[size - 16] += 1 }
    #expect(abs(GoodnessOfFit.excess(counts, shares: [Double](repeating: 1, count: 49))) < 4)
}

@Test func zipfianSizesPreferTheSmallest() {
    let drawn = sizes { $0.valueSizes = .zipfian }
    var counts = [Int](repeating: 0, count: 49)
    for size in drawn { counts[size - 16] += 1 }
    var total = 0.0
    let table = ZipfTable(count: 49, theta: 0.99)
    var random = RandomGenerator(seed: 17)
    for size in drawn {
        #expect(size == 16 + table.draw(&random))
        total += Double(size)
    }
    // Of Zipf's law with 0.99 over 49 ranks (Python): the mean rank is 10.078, from 0 on.
    #expect(abs(total / 50_000 - 26.078) < 0.2)
}

@Test func logNormalSizesHaveTheirMedianAndDeviation() {
    let drawn = sizes {
        $0.valueSizes = .logNormal
        $0.value = ByteCount(4096)
        $0.valueSigma = 0.5
    }.sorted()
    // The quantiles of a normal distribution at -1, 0 and 1 deviation: 15.87 %, 50 %, 84.13 %.
    for (quantile, expected) in [(0.1587, 2484.0), (0.5, 4096.0), (0.8413, 6753.0)] {
        #expect(abs(Double(drawn[Int(quantile * 50_000)]) / expected - 1) < 0.015)
    }
}

@Test func logNormalSizesStayWithinTheirLimits() {
    let drawn = sizes {
        $0.valueSizes = .logNormal
        $0.value = ByteCount(1024)
        $0.valueMinimum = ByteCount(512)
        $0.valueSigma = 4
    }
    #expect(drawn.min() == 512)
    #expect(drawn.max() == 1 << 20)
}

@Test func theExponentialWithoutLibmIsRightToTheLastDigits() {
    // From Python's decimal module.
    let known: [(Double, Double)] = [
        (0, 1), (1, 2.71828182845904523536), (-1, 0.36787944117144232160), (0.5, 1.64872127070012814685),
        (36, 4_311_231_547_115_195.2271), (-36, 2.3195228302435693883e-16), (10.25, 28_282.541920334979),
    ]
    for (power, expected) in known {
        #expect(abs(ValueSizeSampler.exponential(power) / expected - 1) < 1e-15)
    }
}
