import Foundation

/// A regular expression, compiled once.
struct Pattern: Sendable {
    private let expression: NSRegularExpression

    /// - Precondition: `text` is a valid expression; ours are literals.
    init(_ text: String) {
        do {
            expression = try NSRegularExpression(pattern: text)
        } catch {
            preconditionFailure("not a regular expression: \(text): \(error)")
        }
    }

    /// The whole text and the captured groups of each match; a group that took no part is empty.
    func matches(in text: String) -> [[String]] {
        expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
            (0..<match.numberOfRanges).map { group in
                Range(match.range(at: group), in: text).map { String(text[$0]) } ?? ""
            }
        }
    }

    func isFound(in text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}
