/// One breach of one rule: which operations show it, and why it is wrong.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The name of the checker or ledger that found it.
    package let checker: String
    package let key: String?
    /// The ids of the operations that show it, the offended one first.
    package let operations: [Int]
    /// One sentence: what was seen, what was expected, and why.
    package let message: String

    package init(checker: String, key: String?, operations: [Int], message: String) {
        self.checker = checker
        self.key = key
        self.operations = operations
        self.message = message
    }

    package var description: String {
        let place = key.map { " at key \(Text.quoted($0))" } ?? ""
        return "\(checker)\(place): \(message)"
    }
}
