import NIOCore
import NIOHTTP1
import Replication

/// The parameters of a query, each known and given once.
struct QueryParameters {
    private var entries: [(name: String, value: String)] = []

    /// - Parameter known: what this route understands.
    /// - Throws: 400 for an unknown name (naming the known ones), one given twice, or one that is malformed.
    init(_ query: Substring?, known: [String]) throws(HTTPFailure) {
        guard let query, !query.isEmpty else { return }
        for part in query.split(separator: "&", omittingEmptySubsequences: true) {
            let equals = part.firstIndex(of: "=")
            let name = try Self.decoded(part[..<(equals ?? part.endIndex)])
            guard known.contains(name) else { throw Self.unknown(name, known: known) }
            guard !entries.contains(where: { $0.name == name }) else {
                throw .badRequest("repeated_parameter", "the parameter \(name) is given twice")
            }
            guard let equals else {
                throw .badRequest("invalid_parameter", "the parameter \(name) needs a value: \(name)=...")
            }
            entries.append((name, try Self.decoded(part[part.index(after: equals)...])))
        }
    }

    private static func decoded(_ text: Substring) throws(HTTPFailure) -> String {
        String(buffer: try PercentCoding.decode(text.utf8, what: "the query"))
    }

    private static func unknown(_ name: String, known: [String]) -> HTTPFailure {
        let shown = String(name.prefix(64))
        let hint = known.isEmpty ? "there are none here" : "known here are \(known.joined(separator: ", "))"
        return .badRequest("unknown_parameter", "unknown query parameter \"\(shown)\": \(hint)")
    }

    subscript(_ name: String) -> String? {
        entries.first { $0.name == name }?.value
    }

    // MARK: Typed values

    func quorum(_ name: String) throws(HTTPFailure) -> QuorumSize? {
        switch self[name] {
        case nil: return nil
        case "one": return .number(1)
        case "quorum": return .quorum
        case "all": return .all
        case .some(let text):
            guard let number = Self.number(text), number >= 1 else {
                throw Self.invalid(name, text, "a number of at least 1, or one, quorum or all")
            }
            return .number(number)
        }
    }

    func milliseconds(_ name: String, in range: ClosedRange<Int>) throws(HTTPFailure) -> Duration? {
        guard let text = self[name] else { return nil }
        guard let number = Self.number(text), range.contains(number) else {
            throw Self.invalid(name, text, "a number of milliseconds from \(range.lowerBound) to \(range.upperBound)")
        }
        return .milliseconds(number)
    }

    func boolean(_ name: String) throws(HTTPFailure) -> Bool? {
        switch self[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some(let text): throw Self.invalid(name, text, "true or false")
        }
    }

    /// The number of the first event wanted.
    func since() throws(HTTPFailure) -> Int {
        guard let text = self["since"] else { return 0 }
        guard let number = Self.number(text) else { throw Self.invalid("since", text, "an event's number") }
        return number
    }

    /// Digits only: no sign, no white space, nothing beyond nine digits.
    private static func number(_ text: String) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }

    static func invalid(_ name: String, _ found: String, _ expected: String) -> HTTPFailure {
        .badRequest("invalid_parameter", "\(name) is \"\(found.prefix(64))\", expected \(expected)")
    }
}
