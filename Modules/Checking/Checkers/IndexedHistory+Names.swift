/// Operations as messages name them.
extension IndexedHistory {
    /// Such as `write 12 of "v7"`.
    func name(_ event: KeyEvent) -> String {
        if event.isDelete { return "delete \(event.id)" }
        return "write \(event.id) of \(Text.quoted(operations[event.operation].value ?? ""))"
    }

    /// Such as `final read 90 (shows ["v7"])`.
    func name(_ read: KeyRead) -> String {
        let operation = operations[read.operation]
        var shown = operation.values.isEmpty ? "shows nothing" : "shows \(Text.list(operation.values))"
        if let shows = operation.shows, shows.count != operation.values.count {
            shown += ", with tombstones \(shows.count) versions"
        }
        return "\(read.isFinal ? "final read" : "read") \(read.id) (\(shown))"
    }

    /// When an event was acknowledged, for messages.
    func acknowledgement(_ event: KeyEvent) -> String {
        let node = operations[event.operation].node.map { " by \($0)" } ?? ""
        return "acknowledged\(node) at \(Text.milliseconds(event.end))"
    }
}
