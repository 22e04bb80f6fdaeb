import ClusterKit
import NodeClient

extension ClusterVerdict {
    /// What is wrong, then what is worth knowing.
    func showSentences() {
        for problem in problems { Terminal.print(Terminal.coloured("problem: \(Table.Cell(problem).text)", .red)) }
        for note in notes { Terminal.print("note: \(Table.Cell(note).text)") }
        Terminal.print(isHealthy ? Terminal.coloured("healthy", .green) : Terminal.coloured("unhealthy", .red))
    }

    var members: [JSONValue.Member] {
        func strings(_ list: [String]) -> JSONValue { .array(list.map(JSONValue.string)) }
        return [
            JSONValue.Member(name: "healthy", value: .boolean(isHealthy)),
            JSONValue.Member(name: "problems", value: strings(problems)),
            JSONValue.Member(name: "notes", value: strings(notes)),
        ]
    }

    func json(_ look: MemberLook) -> JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        let missed = look.members.map(\.name).filter { $0 != look.name && !look.reaches($0) }
        return .object([
            JSONValue.Member(name: "node", value: .string(look.name)),
            JSONValue.Member(name: "url", value: .string(look.url.description)),
            JSONValue.Member(name: "state", value: .string(state(of: look.name).rawValue)),
            JSONValue.Member(name: "epoch", value: number(look.epoch)),
            JSONValue.Member(name: "keys", value: number(look.keys)),
            JSONValue.Member(name: "hints", value: number(look.hints)),
            JSONValue.Member(name: "recovering_fraction", value: look.recovering.map { .number("\($0)") } ?? .null),
            JSONValue.Member(name: "not_reached", value: .array(missed.map(JSONValue.string))),
        ])
    }
}
