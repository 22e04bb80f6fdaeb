/// Guesses which known name was meant by an unknown one.
package enum NearestName {
    /// The known name with the fewest edits, at most a third of its length and two at least; the first among equals.
    /// Case does not count. O(known x length²), for names of at most 64 bytes.
    package static func of(_ name: String, among known: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard (1...64).contains(wanted.count) else { return nil }
        var best: (name: String, edits: Int)?
        for candidate in known {
            let letters = Array(candidate.lowercased().utf8)
            let edits = editDistance(wanted, letters)
            guard edits <= max(2, letters.count / 3), edits < max(wanted.count, letters.count) else { continue }
            if edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// "did you mean …?" for a message, or `nil`.
    package static func suggestion(for name: String, among known: [String]) -> String? {
        of(name, among: known).map { "did you mean \"\($0)\"?" }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (the optimal string alignment distance: no part is
    /// edited twice), with three rows of memory.
    package static func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: other.count + 1)
        var last = Array(0...other.count)
        var current = last
        for row in 0..<one.count {
            current[0] = row + 1
            for column in 0..<other.count {
                let isSame = one[row] == other[column]
                var edits = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    edits = min(edits, beforeLast[column - 1] + 1)
                }
                current[column + 1] = edits
            }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[other.count]
    }
}
