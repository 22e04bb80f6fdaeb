internal import Checking
internal import Composition
internal import Replication
internal import Simulation
internal import StatorCore

/// The run as a story: what clients ask and get, between the cluster's own steps.
extension SimulationRun {
    /// Has the steps that the filter lets through told, a line each, while the run goes on.
    package func tell(_ filter: StoryFilter, line: @escaping (String) -> Void) {
        let story = Story(filter: filter, resolver: file.configurations[0].blueprint().resolver)
        // The cluster keeps the closure, and this run keeps the cluster.
        cluster.trace = { [unowned cluster] step in
            guard let text = story.line(step) else { return }
            if case .note = step { line(text) } else { line("\(cluster.seconds) \(text)") }
        }
        self.story = story
        self.tellLine = line
    }

    func tellAsked(_ client: Int, _ operation: HistoryOperation) {
        guard let story, let tellLine, story.tells(operation) else { return }
        let action =
            switch operation.kind {
            case .read: "get \(operation.key)"
            case .delete: "delete \(operation.key)"
            case .write: "put \(operation.key) = \(operation.value ?? "?") (\(operation.basis.rawValue))"
            }
        tellLine("\(cluster.seconds) client \(client) at \(operation.node ?? "?"): \(action)")
    }

    func tellAnswered(_ client: Int, _ operation: HistoryOperation, _ answer: String) {
        guard let story, let tellLine, story.tells(operation) else { return }
        tellLine("\(cluster.seconds) client \(client) at \(operation.node ?? "?"): \(operation.key) \(answer)")
    }
}

extension Story {
    /// Whether this is the key that was asked for; long names are short ones filled up with dashes.
    static func isKey(_ name: String, _ wanted: String) -> Bool {
        name == wanted || (name.hasPrefix(wanted + "-") && name.dropFirst(wanted.count).allSatisfy { $0 == "-" })
    }

    func tells(_ operation: HistoryOperation) -> Bool {
        switch filter {
        case .everything: true
        case .key(let wanted): Story.isKey(operation.key, wanted)
        case .node(let wanted): operation.node == wanted
        }
    }
}
