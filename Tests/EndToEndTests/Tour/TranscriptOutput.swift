import Foundation

/// Compares what a command printed with what a document shows.
///
/// They are the same but for this, and nothing else:
///
/// - contexts (`"context":"..."`, `X-Stator-Context: ...`), incarnations and digests (16 hexadecimal digits, or 4 and `…`)
///   are others in each run; one that the document shows twice is the same twice. Tokens, which follow from keys and
///   names, are compared: lines that begin with `token` or `partition`;
/// - times of day (`10:31:52`);
/// - how many spaces there are between two columns, and at the end of a line;
/// - `…` in a line stands for anything, a line of nothing else for any number of lines.
struct TranscriptOutput {
    /// What the document shows, by what it was in this run.
    private(set) var bindings: [String: String] = [:]

    /// The command with what this run gave in the place of what the document shows.
    func command(_ text: String) -> String {
        bindings.sorted { $0.key.count > $1.key.count }.reduce(text) {
            $0.replacingOccurrences(of: $1.key, with: $1.value)
        }
    }

    /// - Returns: whether it is what the document shows; what it shows is then known.
    mutating func matches(_ shown: [String], _ printed: String) throws -> Bool {
        var lines = printed.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n")
        while lines.last?.isEmpty == true { lines.removeLast() }
        var shown = shown
        while shown.last?.isEmpty == true { shown.removeLast() }
        guard let found = try Self.match(shown[...], lines[...], bindings) else { return false }
        bindings = found
        return true
    }

    private static func match(
        _ shown: ArraySlice<String>, _ lines: ArraySlice<String>, _ bindings: [String: String]
    ) throws -> [String: String]? {
        guard let first = shown.first else { return lines.isEmpty ? bindings : nil }
        if first == "…" {
            for skipped in 0...lines.count {
                if let found = try match(shown.dropFirst(), lines.dropFirst(skipped), bindings) { return found }
            }
            return nil
        }
        guard let line = lines.first, let found = try match(first, line, bindings) else { return nil }
        return try match(shown.dropFirst(), lines.dropFirst(), found)
    }

    // MARK: One line

    private static let variable =
        #"(?<="context":")[A-Za-z0-9+/=]+|(?<=X-Stator-Context: )[A-Za-z0-9+/=]+"#
        + #"|\b[0-9a-f]{16}\b|\b[0-9a-f]{4}(?=…)|\b\d\d:\d\d:\d\d\b|…| {2,}"#

    /// - Returns: `nil` where the line is another.
    private static func match(
        _ shown: String, _ line: String, _ bindings: [String: String]
    ) throws -> [String: String]? {
        let variable = try NSRegularExpression(pattern: variable)
        let isOfTokens = shown.hasPrefix("token ") || shown.hasPrefix("partition ")
        var pattern = "^"
        var names: [String] = []
        var place = shown.startIndex
        for match in variable.matches(in: shown, range: NSRange(shown.startIndex..., in: shown)) {
            guard let range = Range(match.range, in: shown) else { continue }
            pattern += NSRegularExpression.escapedPattern(for: String(shown[place..<range.lowerBound]))
            let text = String(shown[range])
            let isIncarnation = shown[range.upperBound...].hasPrefix("…") && text.count == 4
            switch text.first {
            case "…": pattern += isShort(shown, range) ? "…" : ".*"
            case " ": pattern += " +"
            case _ where text.contains(":"): pattern += #"\d\d:\d\d:\d\d"#
            case _ where isOfTokens: pattern += text
            default:
                names.append(text)
                pattern += isIncarnation ? "([0-9a-f]{4})" : text.count == 16 ? "([0-9a-f]{16})" : "([A-Za-z0-9+/=]+)"
            }
            place = range.upperBound
        }
        pattern += NSRegularExpression.escapedPattern(for: String(shown[place...])) + " *$"
        return try bind(names, pattern, line, bindings)
    }

    /// Whether the `…` belongs to a shortened incarnation.
    private static func isShort(_ shown: String, _ range: Range<String.Index>) -> Bool {
        let digits = shown[..<range.lowerBound].suffix(4)
        return digits.count == 4 && digits.allSatisfy(\.isHexDigit)
    }

    private static func bind(
        _ names: [String], _ pattern: String, _ line: String, _ bindings: [String: String]
    ) throws -> [String: String]? {
        let expression = try NSRegularExpression(pattern: pattern)
        guard let found = expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)) else {
            return nil
        }
        var bindings = bindings
        for (index, name) in names.enumerated() {
            guard let range = Range(found.range(at: index + 1), in: line) else { return nil }
            let value = String(line[range])
            guard bindings[name, default: value] == value else { return nil }
            bindings[name] = value
        }
        return bindings
    }
}
