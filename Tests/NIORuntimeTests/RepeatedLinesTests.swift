import NIORuntime
import Testing

@Suite struct RepeatedLinesTests {
    private let second: Int64 = 1_000_000_000

    @Test func equalLinesAreCountedAndToldOnce() {
        var lines = RepeatedLines()
        #expect(lines.take("disk full", at: 0) == ["disk full"])
        for number in 1...12_000 { #expect(lines.take("disk full", at: Int64(number)) == []) }
        #expect(lines.take("other", at: second) == ["other"])
        #expect(lines.take("disk full", at: 2 * second) == [])
        #expect(lines.take("later", at: 11 * second) == ["disk full (repeated 12001 times)", "later"])
        #expect(lines.take("disk full", at: 12 * second) == ["disk full"])
    }

    @Test func manyDifferentLinesAreRememberedInABoundedPlace() {
        var lines = RepeatedLines()
        _ = lines.take("first", at: 0)
        _ = lines.take("first", at: 0)
        var told: [String] = []
        for number in 0..<RepeatedLines.remembered { told += lines.take("line \(number)", at: 1) }
        #expect(told.contains("first (repeated 1 time)") && told.count == RepeatedLines.remembered + 1)
        #expect(lines.take("first", at: 2) == ["first"], "it was forgotten")
    }
}
