/// Counts equal lines of a log in place of repeating them: within a while of a line that was written its like are counted,
/// and told as one line when the while is over and something is logged.
package struct RepeatedLines {
    private struct Entry {
        let line: String
        let written: Int64
        var repeats = 0
    }

    /// How long after a line was written its like are counted, in nanoseconds.
    package static let window: Int64 = 10_000_000_000
    /// How many different lines are remembered.
    package static let remembered = 64

    /// In the order in which they were written.
    private var entries: [Entry] = []

    package init() {}

    /// - Parameters:
    ///   - line: without its time.
    ///   - now: nanoseconds of a clock that never steps.
    /// - Returns: what is to be written now, in order.
    /// - Complexity: O(``remembered``).
    package mutating func take(_ line: String, at now: Int64) -> [String] {
        var due: [String] = []
        while let oldest = entries.first, now - oldest.written >= RepeatedLines.window {
            tell(entries.removeFirst(), &due)
        }
        if let known = entries.firstIndex(where: { $0.line == line }) {
            entries[known].repeats += 1
            return due
        }
        if entries.count == RepeatedLines.remembered { tell(entries.removeFirst(), &due) }
        entries.append(Entry(line: line, written: now))
        due.append(line)
        return due
    }

    private func tell(_ entry: Entry, _ due: inout [String]) {
        guard entry.repeats > 0 else { return }
        due.append("\(entry.line) (repeated \(entry.repeats) \(entry.repeats == 1 ? "time" : "times"))")
    }
}
