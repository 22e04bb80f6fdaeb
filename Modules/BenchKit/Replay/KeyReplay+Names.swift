internal import Checking

/// Events as sentences name them.
extension KeyReplay {
    /// Siblings that a sentence or a list of operations names.
    private static let maximumListed = 8

    /// Such as `write 12 of "v7"`.
    func name(_ position: Int) -> String {
        let event = key.event(position)
        if event.isDelete { return "delete \(event.id)" }
        return "write \(event.id) of \(ReplayText.quoted(operation(position).value ?? ""))"
    }

    func list(_ positions: [Int]) -> String {
        let shown = positions.prefix(KeyReplay.maximumListed).map(name).joined(separator: ", ")
        let left = positions.count - KeyReplay.maximumListed
        return left > 0 ? shown + " and \(left) more" : shown
    }

    /// Such as `acknowledged by A at 12.3 ms`.
    func acknowledgement(_ position: Int) -> String {
        let node = operation(position).node.map { " by \(ReplayText.plain($0))" } ?? ""
        let milliseconds = Double(key.event(position).end) / 1_000_000
        return "acknowledged\(node) at \(ReplayText.decimal(milliseconds)) ms"
    }

    func example(_ category: ReplayExample.Category, _ positions: [Int], _ text: String) -> ReplayExample {
        ReplayExample(
            category: category, key: key.history.key,
            operations: positions.prefix(KeyReplay.maximumListed + 1).map { key.event($0).id }, text: text)
    }
}
