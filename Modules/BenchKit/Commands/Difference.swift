internal import Composition

/// One setting that two documents do not share.
struct Difference: Hashable {
    let path: String
    /// As JSON; `nil` where one does not have it.
    let before: String?
    let after: String?

    /// In the order of the first document, what only the second has behind it.
    static func all(_ one: JSONValue?, _ other: JSONValue?, at path: String = "") -> [Difference] {
        if one == other { return [] }
        switch (one, other) {
        case (.object(let before)?, .object(let after)?):
            let names = before.map(\.name) + after.map(\.name).filter { name in before[name] == nil }
            return names.flatMap { all(before[$0], after[$0], at: path.field($0)) }
        case (.array(let before)?, .array(let after)?) where before.count == after.count:
            return before.indices.flatMap { all(before[$0], after[$0], at: path.field("\($0)")) }
        default:
            return [
                Difference(path: path, before: one?.text(pretty: false), after: other?.text(pretty: false))
            ]
        }
    }
}
