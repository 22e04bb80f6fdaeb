import Replication
import StatorCore

/// How commands write times, shares, quorums and ranges of names.
enum ScenarioValues {
    private static let units: [(name: String, length: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("min", .seconds(60)), ("h", .seconds(3600)),
    ]

    /// `20ms`, `5s`, `+3min`, `-1h`.
    static func time(_ text: String) throws(CommandError) -> Duration {
        let digits = text.prefix { $0.isNumber || $0 == "+" || $0 == "-" }
        let name = text.dropFirst(digits.count)
        guard let number = Int(digits), let unit = units.first(where: { $0.name == name }) else {
            let known = units.map(\.name).joined(separator: ", ")
            throw CommandError("'\(text)' is no time, expected a whole number and one of \(known)")
        }
        return unit.length * number
    }

    /// `20ms..40ms`.
    static func times(_ text: String) throws(CommandError) -> ClosedRange<Duration> {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
        guard ends.count == 2 else { throw CommandError("'\(text)' is no range of times such as 20ms..40ms") }
        let (first, last) = (try time(ends[0]), try time(ends[1]))
        guard first >= .zero, first <= last else { throw CommandError("'\(text)' runs backwards") }
        return first...last
    }

    /// `0.1` or `10%`.
    static func share(_ text: String) throws(CommandError) -> Double {
        let isPercentage = text.hasSuffix("%")
        guard let number = Double(isPercentage ? String(text.dropLast()) : text) else {
            throw CommandError("'\(text)' is no share such as 0.1 or 10%")
        }
        let share = isPercentage ? number / 100 : number
        guard (0...1).contains(share) else { throw CommandError("'\(text)' is no share: it is outside 0 to 1") }
        return share
    }

    static func isOn(_ text: String) throws(CommandError) -> Bool {
        switch text {
        case "on": true
        case "off": false
        default: throw CommandError("'\(text)' is neither on nor off")
        }
    }

    static func quorum(_ text: String) throws(CommandError) -> QuorumSize {
        switch text {
        case "all": return .all
        case "quorum": return .quorum
        default:
            guard let number = Int(text) else {
                throw CommandError("'\(text)' is no quorum, expected a number, quorum or all")
            }
            return .number(number)
        }
    }

    /// `item3..item5` as item3, item4 and item5; any other text as itself.
    static func names(_ text: String) throws(CommandError) -> [String] {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { NumberedName(String($0)) }
        guard ends.count == 2, let first = ends[0].number, let last = ends[1].number, ends[0].prefix == ends[1].prefix
        else { return [text] }
        guard first <= last, last - first < 10_000 else {
            throw CommandError("'\(text)' is no range of names: it runs backwards or has more than 10000")
        }
        return (first...last).map { "\(ends[0].prefix)\($0)" }
    }
}

/// A name with the number that it ends in, ordered as people do: item2 before item10.
struct NumberedName: Comparable {
    let text: String
    let prefix: String
    let number: Int?

    init(_ text: String) {
        self.text = text
        let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
        prefix = String(text.dropLast(digits))
        number = Int(text.suffix(digits))
    }

    static func < (left: NumberedName, right: NumberedName) -> Bool {
        if left.prefix == right.prefix, let one = left.number, let other = right.number, one != other {
            return one < other
        }
        return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension [String] {
    func sortedByNumber() -> [String] {
        map { NumberedName($0) }.sorted().map(\.text)
    }
}

/// A list of equal answers: who gave which, in the order in which they came first.
struct AnswerGroups {
    private(set) var groups: [(answer: String, names: [String])] = []

    mutating func add(_ answer: String, of name: String) {
        if let position = groups.firstIndex(where: { $0.answer == answer }) {
            groups[position].names.append(name)
        } else {
            groups.append((answer, [name]))
        }
    }
}
