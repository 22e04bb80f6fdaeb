import StatorCore

/// How views spread: every message says which view its sender holds; who is behind fetches the later one in parts.
///
/// A view is learned from whoever is a member of the view held or of the view learned. Its members are not checked any
/// further: the sender passed the handshake, and only agreed views are ever held.
extension GossipMembership {
    /// How many view parts are served per interval; further requests are repeated by the asker.
    static let maximumPartsPerInterval = 32
    /// A fetch that stood still for so many intervals is given up; the next announcement starts another.
    static let maximumStalledIntervals = 10

    /// A view that was agreed with this node's part.
    func choose(_ chosen: View, now: Instant, outbox: inout Outbox<MembershipEffect>) {
        if chosen.epoch > view.epoch {
            adopt(chosen, now: now, outbox: &outbox)
        } else if chosen.epoch == view.epoch, chosen != view {
            // Agreement excludes it: keep the one held, and let the count show it.
            refusedMessages += 1
        }
    }

    /// Takes a later view. Members that stay keep their history. O(members).
    private func adopt(_ next: View, now: Instant, outbox: inout Outbox<MembershipEffect>) {
        let (oldView, oldMembers, wasOutsider) = (view, members, ownIndex == nil)
        view = next
        viewSummary = ViewSummary(of: next)
        ownIndex = next.index(of: node)
        detector = GossipDetector(settings: settings, members: next.members.count)
        members = []
        members.reserveCapacity(next.members.count)
        var old = 0
        func forgetLeavers(before node: NodeID?) {
            while old < oldView.members.count, node.map({ oldView.members[old].node < $0 }) ?? true {
                // What nobody reports any more counts as alive, should it ever come back.
                if oldMembers[old].liveness != .alive {
                    outbox.append(.livenessChanged(oldView.members[old].node, .alive))
                }
                old += 1
            }
        }
        for member in next.members {
            forgetLeavers(before: member.node)
            if old < oldView.members.count, oldView.members[old].node == member.node {
                members.append(oldMembers[old])
                old += 1
            } else {
                members.append(GossipMember(detector: detector, now: now))
            }
        }
        forgetLeavers(before: nil)
        if wasOutsider { restartSilences(now: now) }
        cursor = members.isEmpty ? 0 : random.below(members.count)
        if let pursued = assembly, pursued.summary.epoch <= next.epoch { assembly = nil }
    }

    /// Acts on the view that a message announces.
    func compareViews(
        _ message: GossipMessage, from sender: NodeID, isMember: Bool, outbox: inout Outbox<MembershipEffect>
    ) {
        if message.view.epoch > view.epoch {
            pursue(message.view, announcedBy: sender, isMember: isMember, outbox: &outbox)
            return
        }
        let isConflict = message.view.epoch == view.epoch && message.view != viewSummary
        let carriesHeartbeats =
            switch message.body {
            case .exchange(let entries), .answer(let entries): !entries.isEmpty
            case .viewRequest, .viewPart: false
            }
        if isConflict || (!isMember && carriesHeartbeats) { refusedMessages += 1 }
        if message.view.epoch < view.epoch, case .exchange = message.body {
            // Even a stranger is told: it may be a member that was removed while it was away.
            send(.answer([]), to: sender, outbox: &outbox)
        }
    }

    private func pursue(
        _ announced: ViewSummary, announcedBy sender: NodeID, isMember: Bool,
        outbox: inout Outbox<MembershipEffect>
    ) {
        if let current = assembly {
            if current.summary == announced {
                assembly?.source = sender
                return
            }
            let isBetter = announced.epoch > current.summary.epoch || current.stalledIntervals >= 2
            guard isMember, isBetter else { return }
        }
        assembly = ViewAssembly(summary: announced, source: sender)
        requestPart(outbox: &outbox)
    }

    private func requestPart(outbox: inout Outbox<MembershipEffect>) {
        guard let assembly else { return }
        send(.viewRequest(assembly.summary, first: assembly.next), to: assembly.source, outbox: &outbox)
    }

    /// Once per interval: repeats a request whose part did not come.
    func pursueView(outbox: inout Outbox<MembershipEffect>) {
        guard var current = assembly else { return }
        current.stalledIntervals = current.hasProgressed ? 0 : current.stalledIntervals + 1
        let isFirst = current.hasProgressed
        current.hasProgressed = false
        assembly = current.stalledIntervals > GossipMembership.maximumStalledIntervals ? nil : current
        if !isFirst { requestPart(outbox: &outbox) }
    }

    /// O(members of the part).
    func serve(_ wanted: ViewSummary, from first: Int, to sender: NodeID, outbox: inout Outbox<MembershipEffect>) {
        guard wanted == viewSummary else {
            // The asker retargets if this view is later than the one it wanted.
            if wanted.epoch < view.epoch { send(.answer([]), to: sender, outbox: &outbox) }
            return
        }
        guard view.members.indices.contains(first), partsServed < GossipMembership.maximumPartsPerInterval else {
            return
        }
        partsServed += 1
        let room = MembershipLimits.maximumMessage - GossipMessage.maximumOverhead
        send(.viewPart(ViewPart(of: view, first: first, maximumBytes: room)), to: sender, outbox: &outbox)
    }

    func take(
        _ part: ViewPart, of summary: ViewSummary, from sender: NodeID, now: Instant,
        outbox: inout Outbox<MembershipEffect>
    ) {
        guard var current = assembly, current.summary == summary else { return }
        current.source = sender
        switch current.add(part) {
        case .ignored: return
        case .needsMore:
            assembly = current
            requestPart(outbox: &outbox)
        case .complete(let learned) where learned.contains(sender) || view.contains(sender):
            assembly = nil
            adopt(learned, now: now, outbox: &outbox)
            outbox.append(.viewLearned(learned))
        case .complete, .broken:
            assembly = nil
            refusedMessages += 1
        }
    }
}
