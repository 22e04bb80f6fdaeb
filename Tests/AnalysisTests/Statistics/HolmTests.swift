import Testing

@testable import Analysis

@Suite struct HolmTests {
    private func expectAdjusted(_ pValues: [Double], _ expected: [Double], location: SourceLocation = #_sourceLocation)
    {
        let adjusted = Holm.adjusted(pValues)
        #expect(adjusted.count == expected.count, sourceLocation: location)
        for (one, other) in zip(adjusted, expected) { #expect(abs(one - other) < 1e-12, sourceLocation: location) }
    }

    /// R: p.adjust(p, "holm").
    @Test func adjustedValuesAreThoseOfR() {
        expectAdjusted([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02])
        expectAdjusted([0.5, 0.02, 0.9, 0.001, 0.02], [1, 0.08, 1, 0.005, 0.08])
    }

    @Test func oneTestNeedsNoCorrection() {
        expectAdjusted([0.03], [0.03])
        expectAdjusted([], [])
    }

    @Test func correctionKeepsTheOrderAndNeverHelps() {
        let pValues = (0..<40).map { Double(($0 * 17) % 40) / 300 }
        let adjusted = Holm.adjusted(pValues)
        for place in pValues.indices {
            #expect(adjusted[place] >= pValues[place] && adjusted[place] <= 1)
            for other in pValues.indices where pValues[other] <= pValues[place] {
                #expect(adjusted[other] <= adjusted[place])
            }
        }
    }
}
