import NIOCore
import StatorCore

/// Push-pull anti-entropy of heartbeats.
extension GossipMembership {
    /// Sends an exchange to this interval's partners. O(members).
    func exchange(outbox: inout Outbox<MembershipEffect>) {
        for partner in drawPartners() {
            send(.exchange(nextTurn()), to: view.members[partner].node, outbox: &outbox)
        }
    }

    /// A node that is no member hears of later views only by asking. One that has left hands over what it owned to those who
    /// own it now.
    func askForView(outbox: inout Outbox<MembershipEffect>) {
        guard !view.members.isEmpty else { return }
        send(.exchange([]), to: view.members[random.below(view.members.count)].node, outbox: &outbox)
    }

    /// `fanout` members that answer, and now and then a dead one. Indices into the view.
    private func drawPartners() -> [Int] {
        var answering: [Int] = []
        var dead: [Int] = []
        for index in members.indices where index != ownIndex {
            if members[index].liveness == .dead { dead.append(index) } else { answering.append(index) }
        }
        var partners: [Int] = []
        let others = answering.count
        while partners.count < settings.fanout, !answering.isEmpty {
            let drawn = random.below(answering.count)
            partners.append(answering[drawn])
            answering.swapAt(drawn, answering.count - 1)
            answering.removeLast()
        }
        if !dead.isEmpty, random.chance(Double(dead.count) / Double(others + 1)) {
            partners.append(dead[random.below(dead.count)])
        }
        return partners
    }

    /// The versions of the next members around the view, by rising index. Unknown ones are named too: that asks for them.
    private func nextTurn() -> [HeartbeatEntry] {
        let count = members.count
        guard count - 1 > settings.entriesPerMessage else { return entries(0..<count) }
        let end = cursor + settings.entriesPerMessage
        defer { cursor = end % count }
        return entries(0..<max(0, end - count)) + entries(cursor..<min(end, count))
    }

    private func entries(_ indices: Range<Int>) -> [HeartbeatEntry] {
        var entries: [HeartbeatEntry] = []
        entries.reserveCapacity(indices.count)
        for index in indices where index != ownIndex {
            entries.append(HeartbeatEntry(index: index, version: members[index].version))
        }
        return entries
    }

    func receive(
        _ bytes: ByteBuffer, from sender: NodeID, now: Instant, outbox: inout Outbox<MembershipEffect>
    ) {
        guard sender != node, bytes.readableBytes <= MembershipLimits.maximumMessage,
            let message = try? GossipMessage(decoding: bytes)
        else {
            refusedMessages += 1
            return
        }
        let senderIndex = view.index(of: sender)
        if let senderIndex { hear(senderIndex, message.sender, now: now, outbox: &outbox) }
        compareViews(message, from: sender, isMember: senderIndex != nil, outbox: &outbox)
        switch message.body {
        case .exchange(let entries):
            guard let senderIndex, takes(entries, of: message) else { return }
            let news = newer(than: entries, asker: senderIndex, message.sender)
            merge(entries, now: now, outbox: &outbox)
            send(.answer(news), to: sender, outbox: &outbox)
        case .answer(let entries):
            guard senderIndex != nil, takes(entries, of: message) else { return }
            merge(entries, now: now, outbox: &outbox)
        case .viewRequest(let wanted, let first):
            serve(wanted, from: first, to: sender, outbox: &outbox)
        case .viewPart(let part):
            take(part, of: message.view, from: sender, now: now, outbox: &outbox)
        }
    }

    /// Whether entries speak of the view held here. Indices beyond it cannot come from a node that holds it.
    private func takes(_ entries: [HeartbeatEntry], of message: GossipMessage) -> Bool {
        guard message.view == viewSummary else { return false }
        guard let last = entries.last, last.index >= members.count else { return true }
        refusedMessages += 1
        return false
    }

    private func merge(_ entries: [HeartbeatEntry], now: Instant, outbox: inout Outbox<MembershipEffect>) {
        for entry in entries { hear(entry.index, entry.version, now: now, outbox: &outbox) }
    }

    /// What is newer here of the members that the asker named, and of itself if it fell behind its own past.
    private func newer(than entries: [HeartbeatEntry], asker: Int, _ askerVersion: HeartbeatVersion) -> [HeartbeatEntry]
    {
        var news: [HeartbeatEntry] = []
        var askerIsDue = members[asker].version > askerVersion
        func addAsker(before index: Int) {
            guard askerIsDue, asker <= index else { return }
            askerIsDue = false
            news.append(HeartbeatEntry(index: asker, version: members[asker].version))
        }
        for entry in entries where entry.index != asker {
            addAsker(before: entry.index)
            let known = entry.index == ownIndex ? own : members[entry.index].version
            if known > entry.version { news.append(HeartbeatEntry(index: entry.index, version: known)) }
        }
        addAsker(before: .max)
        return news
    }

    func send(_ body: GossipMessage.Body, to peer: NodeID, outbox: inout Outbox<MembershipEffect>) {
        let message = GossipMessage(sender: own, view: viewSummary, body: body)
        outbox.append(.send(to: peer, bytes: message.encoded()))
    }
}
