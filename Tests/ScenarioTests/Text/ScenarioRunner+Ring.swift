import Membership
import Replication
import Simulation
import StatorCore

/// Members, their changes, and waiting for what takes time.
extension ScenarioRunner {
    // MARK: Looking

    /// What the members hold as the agreed view; where they differ, who has which.
    func ring() throws(CommandError) -> [String] {
        var views = AnswerGroups()
        for (node, view) in memberViews {
            let members = view.members.map { $0.status == .active ? $0.node.name : "\($0.node) (\($0.status))" }
            views.add("epoch \(view.epoch): \(members.joined(separator: ", "))", of: node.name)
        }
        guard !views.groups.isEmpty else { throw CommandError("no node runs") }
        if views.groups.count == 1 { return [views.groups[0].answer] }
        return views.groups.map { "\($0.names.joined(separator: ", ")) in \($0.answer)" }
    }

    /// Who answers, as a node sees it.
    func members(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let cluster = try cluster()
        var sights = AnswerGroups()
        for observer in try nodes(command.option("at") ?? "") {
            guard let reports = cluster.membership(of: observer)?.members else { continue }
            let text = reports.map { "\($0.member.node) \($0.liveness)" }.joined(separator: ", ")
            sights.add(text, of: observer.name)
        }
        return sights.groups.map { "\($0.names.joined(separator: ", ")): \($0.answer)" }
    }

    // MARK: Changing

    func change(_ command: ScenarioCommand) throws -> [String] {
        guard let ticket = try submitChange(command) else { return [] }
        let answer = try changeAnswer(ticket)
        try settle()
        return [answer]
    }

    /// - Returns: `nil` for a command that is no change of the ring.
    func submitChange(_ command: ScenarioCommand) throws(CommandError) -> ClientTicket? {
        switch command.verb {
        case .join: return try cluster().administer(.join, at: try node(command.arguments[0]))
        case .leave:
            let subject = try node(command.arguments[0])
            let asked = try command.option("at").map { name throws(CommandError) in try node(name) } ?? subject
            return try cluster().administer(.leave(asked == subject ? nil : subject), at: asked)
        default: return nil
        }
    }

    func changeAnswer(_ ticket: ClientTicket) throws(CommandError) -> String {
        let cluster = try cluster()
        _ = cluster.run(atMost: .seconds(30)) { cluster.adminResponses[ticket] != nil }
        switch cluster.adminResponses[ticket] {
        case .accepted(let text): return "accepted: \(text)"
        case .refused(let text): return "refused: \(text)"
        case nil: throw CommandError("the change was never answered")
        }
    }

    /// Starts sessions between all replicas.
    func sync(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let cluster = try cluster()
        let asked = try command.option("at").map { text throws(CommandError) in try nodes(text) } ?? runningNodes
        let tickets = asked.map { cluster.administer(.syncNow, at: $0) }
        for ticket in tickets { _ = try changeAnswer(ticket) }
        cluster.run(for: .seconds(1))
        return []
    }

    // MARK: Waiting

    func wait(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let fixture = try fixture()
        let cluster = fixture.cluster
        switch command.verb {
        case .untilReady:
            try wait { areMembersReady }
            fixture.letLinksComeUp()
            return try ready()
        case .untilQuiet:
            try wait { fixture.hintsWaiting == 0 }
            let waiting = try hints()
            return waiting == ["none"] ? ["no hint waits"] : waiting
        case .untilSettled:
            try wait { isRingSettled }
            return try ring()
        default:
            let node = try node(command.arguments[0])
            let text = command.arguments[1]
            let isSeen = cluster.run(atMost: Self.waitingLimit) {
                cluster.membership(of: node)?.changeStatus?.contains(text) == true
            }
            guard isSeen else { throw CommandError("\(node) never said '\(text)' of a change") }
            return ["\(node): \(cluster.membership(of: node)?.changeStatus ?? "")"]
        }
    }

    /// Looks every so often, as looking costs more than an event does.
    private func wait(for condition: () -> Bool) throws(CommandError) {
        let cluster = try cluster()
        let end = cluster.time.advanced(by: Self.waitingLimit)
        while !condition(), cluster.time < end { cluster.run(for: Self.settling) }
    }

    /// Whether every node that runs serves, but for those outside the ring.
    private var areMembersReady: Bool {
        memberViews.allSatisfy { node, _ in (try? cluster())?.notReadyReason(of: node) == nil }
    }

    /// Whether all members that run hold one view and no change is under way.
    private var isRingSettled: Bool {
        memberViews.allSatisfy { $0.view == memberViews.first?.view && !$0.view.isChanging }
    }

    /// The views of nodes that run and are members by the newest view among them.
    private var memberViews: [(node: NodeID, view: View)] {
        guard let newest = newestState?.view else { return [] }
        return runningNodes.compactMap { node in
            guard newest.contains(node), let view = (try? cluster())?.membership(of: node)?.view else { return nil }
            return (node, view)
        }
    }
}
