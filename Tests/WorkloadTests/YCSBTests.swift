import StatorCore
import Testing

@testable import Workload

// Expected values: an independent transcription of YCSB's Java into Python, and of xoshiro256** for the draws.

@Test func ycsbHashesAsItsUtils() {
    // The first is the key "user6284781860667377211" that YCSB loads first.
    #expect(YCSBScrambledZipfian.hash(0) == 6_284_781_860_667_377_211)
    #expect(YCSBScrambledZipfian.hash(1) == 8_517_097_267_634_966_620)
    #expect(YCSBScrambledZipfian.hash(2) == 1_820_151_046_732_198_393)
    #expect(YCSBScrambledZipfian.hash(12_345) == 1_792_800_413_050_876_852)
    #expect(YCSBScrambledZipfian.hash(10_000_000_000) == 1_201_321_332_300_452_516)
}

@Test func ycsbRanksAsItsZipfianGenerator() {
    let generator = YCSBScrambledZipfian(keys: 1000)
    let fractions = [0, 0.03, 0.04, 0.05, 0.06, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999999, 1 - 0x1p-53]
    let ranks: [Int64] = [
        0, 0, 1, 1, 2, 6, 296, 134_552, 42_924_421, 1_170_869_537, 8_086_205_587, 9_999_787_803, 10_000_000_001,
    ]
    #expect(fractions.map { generator.rank(at: $0) } == ranks)
}

@Test(arguments: [
    (
        1000, 42,
        [
            769, 20, 874, 307, 934, 183, 477, 433, 481, 154, 165, 185, 875, 955, 426, 140, 506, 447, 294, 672, 360, 523,
            913, 824,
        ]
    ),
    (20, 7, [13, 17, 6, 4, 0, 13, 13, 18, 2, 3, 17, 3, 14, 11, 2, 16, 8, 0, 14, 14, 14, 1, 17, 4]),
])
func ycsbCompatChoosesTheKeysThatYCSBWould(keys: Int, seed: UInt64, expected: [Int]) {
    let chooser = KeyChooser(
        settings {
            $0.keys = keys
            $0.keyChoice = .ycsbCompat
        })
    var random = RandomGenerator(seed: seed)
    #expect(expected.indices.map { _ in chooser.choose(&random, inserted: 0) } == expected)
}

@Test func ycsbCompatHasTheSkewDefectThatIsDocumented() {
    let generator = YCSBScrambledZipfian(keys: 1000)
    var random = RandomGenerator(seed: 8)
    let counts = tally(1000, draws: 200_000) { generator.draw(&random) }
    // 1 / 26.469 and what the tail adds, where Zipf's law over a thousand keys gives 12.9 %.
    #expect((0.036...0.041).contains(Double(counts.max() ?? 0) / 200_000))
}
