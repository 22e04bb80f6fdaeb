import Membership
import Replication
import StatorCore

/// Tells what happens at a node as a story, from pictures of it taken every second: what is new in a picture becomes an
/// event, and counters that rise become one event when they have rested. What comes and goes between two pictures is not
/// told. A value: the same pictures at the same times tell the same story.
struct NodeStory: Sendable {
    static let capacity = 512

    /// The latest, oldest first.
    private(set) var events: [StoryEvent] = []
    private var nextNumber = 1
    private var previous: Look?
    private var episodes = StoryEpisode.all
    private var hints: [HintEpisode] = []

    /// What is compared with the next picture.
    private struct Look: Sendable {
        var liveness: [(node: NodeID, liveness: Liveness)]
        var view: View
        var isReady: Bool
        var failure: String?
        var changeStatus: String?
        var delivered: Int
    }

    /// The number that the next event gets.
    var end: Int { nextNumber }

    /// Those from a number on.
    func events(since number: Int) -> ArraySlice<StoryEvent> {
        events[(events.firstIndex { $0.number >= number } ?? events.endIndex)...]
    }

    mutating func observe(_ inspection: NodeInspection, at time: WallTime) {
        let totals = PageTotals(inspection.shards)
        let look = Look(
            liveness: inspection.members.map { ($0.member.node, $0.liveness) }, view: inspection.view,
            isReady: inspection.notReadyReason == nil && inspection.failure == nil, failure: inspection.failure,
            changeStatus: inspection.changeStatus, delivered: totals.sum(\.hintsDelivered))
        if let previous {
            compare(previous, look, inspection, time)
        } else {
            begin(inspection, time)
        }
        for index in episodes.indices {
            guard let count = episodes[index].observe(totals.sum) else { continue }
            tell(episodes[index].kind, time, count: count, episodes[index].text(count))
        }
        observeHints(totals, delivered: look.delivered - (previous?.delivered ?? look.delivered), time)
        previous = look
    }

    /// Something that no picture shows.
    mutating func tell(
        _ kind: StoryEvent.Kind, _ time: WallTime, about: NodeID? = nil, count: Int? = nil, _ text: String
    ) {
        if events.count == Self.capacity { events.removeFirst(Self.capacity / 4) }
        events.append(
            StoryEvent(number: nextNumber, time: time, kind: kind, about: about, count: count, text: text))
        nextNumber += 1
    }

    // MARK: Pictures

    private mutating func begin(_ inspection: NodeInspection, _ time: WallTime) {
        let reason = inspection.failure ?? inspection.notReadyReason
        tell(.started, time, "started in epoch \(inspection.view.epoch.number)" + (reason.map { ": \($0)" } ?? ""))
        for report in inspection.members where report.liveness != .alive && report.member.node != inspection.node {
            tell(.liveness, time, about: report.member.node, Self.text(report.liveness, report.member.node))
        }
    }

    private mutating func compare(_ old: Look, _ new: Look, _ inspection: NodeInspection, _ time: WallTime) {
        for (node, liveness) in new.liveness where node != inspection.node {
            guard let before = old.liveness.first(where: { $0.node == node })?.liveness, before != liveness else {
                continue
            }
            tell(.liveness, time, about: node, Self.text(liveness, node))
        }
        if old.view.epoch != new.view.epoch { tellView(old.view, new.view, time) }
        if let status = new.changeStatus, status != old.changeStatus { tell(.view, time, status) }
        if let failure = new.failure, failure != old.failure { tell(.failure, time, failure) }
        if old.isReady != new.isReady {
            tell(.ready, time, new.isReady ? "serves" : "does not serve: \(inspection.notReadyReason ?? "it failed")")
        }
    }

    private static func text(_ liveness: Liveness, _ node: NodeID) -> String {
        switch liveness {
        case .alive: "hears \(node) again"
        case .suspected: "suspects \(node)"
        case .dead: "takes \(node) for dead"
        }
    }

    private mutating func tellView(_ old: View, _ new: View, _ time: WallTime) {
        func status(_ view: View, _ node: NodeID) -> MemberStatus? {
            view.members.first { $0.node == node }?.status
        }
        for member in new.members {
            let before = status(old, member.node)
            guard before != member.status else { continue }
            let what =
                switch member.status {
                case .joining: "\(member.node) joins"
                case .leaving: "\(member.node) leaves"
                case .active: before == .leaving ? "\(member.node) stays" : "\(member.node) is a member"
                }
            tell(.view, time, about: member.node, "epoch \(new.epoch.number): \(what)")
        }
        for member in old.members where !new.members.contains(where: { $0.node == member.node }) {
            tell(.view, time, about: member.node, "epoch \(new.epoch.number): \(member.node) is no member any more")
        }
    }

    // MARK: Hints

    private mutating func observeHints(_ totals: PageTotals, delivered: Int, _ time: WallTime) {
        let waiting = totals.hintsWaiting
        for backlog in waiting where !hints.contains(where: { $0.target == backlog.target }) {
            hints.append(HintEpisode(target: backlog.target))
            tell(
                .hints, time, about: backlog.target, count: backlog.count, "begins to keep writes for \(backlog.target)"
            )
        }
        for index in hints.indices {
            let count = waiting.first { $0.target == hints[index].target }?.count ?? 0
            if let most = hints[index].observe(count, delivered: delivered) {
                tell(
                    .hints, time, about: hints[index].target, count: most,
                    "keeps writes for \(counted(most, "key")) of \(hints[index].target)")
            }
            guard count == 0 else { continue }
            let target = hints[index].target
            tell(
                .hints, time, about: target, count: hints[index].most,
                hints[index].hasDelivered
                    ? "handed over what it kept for \(target)" : "keeps nothing for \(target) any more")
        }
        hints.removeAll { $0.count == 0 }
    }
}

/// The hints for one node, from the first until none waits.
private struct HintEpisode: Sendable {
    let target: NodeID
    var count = 1
    var most = 0
    var hasDelivered = false
    private var restsSince = 0
    private var toldOf = 0

    init(target: NodeID) { self.target = target }

    /// - Returns: how many there are, once they have stopped to become more.
    mutating func observe(_ count: Int, delivered: Int) -> Int? {
        hasDelivered = hasDelivered || (delivered > 0 && count < self.count)
        restsSince = count > most ? 0 : restsSince + 1
        most = max(most, count)
        self.count = count
        guard count > 0, restsSince == StoryEpisode.rest, most > toldOf else { return nil }
        toldOf = most
        return most
    }
}

func counted(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
