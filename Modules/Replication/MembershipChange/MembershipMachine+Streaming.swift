internal import StatorCore

/// The second step of a change: when everyone who gains has streamed, the subject proposes to switch.
extension MembershipMachine {
    /// The member that the change under way is about; it proposes the switch.
    private var subject: Member? { view.members.first { $0.status != .active } }

    func noteStreamed(shard: Int, _ epoch: Epoch) {
        guard epoch == view.epoch, view.isChanging, !streamedShards.contains(shard) else { return }
        streamedShards.append(shard)
        sayStreamed()
    }

    private func sayStreamed() {
        guard streamedShards.count == blueprint.shards, let subject, view.contains(node) else { return }
        if let streamedNotedAt,
            now.monotonic < streamedNotedAt.advanced(by: ReplicationLimits.streamedReminder)
        {
            return
        }
        if subject.node == node {
            streamedNotedAt = now.monotonic
            receiveStreamed(view.epoch, from: node)
        } else {
            emit(.send(to: subject.node, .streamed(view.epoch)))
        }
    }

    func receiveStreamed(_ epoch: Epoch, from member: NodeID) {
        guard epoch == view.epoch, view.isChanging, view.contains(member) else { return }
        if !streamedMembers.contains(member) { streamedMembers.append(member) }
        if member != node { emit(.send(to: member, .streamedNoted(epoch))) }
        proposeSwitch()
    }

    private func proposeSwitch() {
        guard let subject, subject.node == node, proposal == nil, adopting == nil,
            view.members.allSatisfy({ streamedMembers.contains($0.node) })
        else { return }
        var members = view.members.filter { $0.status != .leaving }
        for index in members.indices { members[index].status = .active }
        let description = subject.status == .joining ? "\(node) owns its ranges" : "\(node) has left"
        propose(
            View(epoch: view.epoch.next, members: members), voters: view.members.map(\.node), ticket: nil, joiner: nil,
            description: description)
    }

    func tick() {
        retryPersisting()
        tickLeases()
        if let lock, lock.until <= now.monotonic, proposal == nil { self.lock = nil }
        if let current = proposal, !current.isCommitted, current.deadline <= now.monotonic {
            let silent = current.voters.filter { !current.votes.contains($0) }.map(\.name).joined(separator: ", ")
            abandonProposal(because: "no vote from \(silent) in time")
        }
        if let current = proposal, current.isCommitted, adopting == nil {
            if current.deadline.advanced(by: ReplicationLimits.lockLifetime) <= now.monotonic {
                abandonProposal(because: "no member confirmed it in time")
            } else {
                commit(current)
            }
        }
        if let pending = joinTicket, pending.deadline <= now.monotonic {
            receiveRefusal("no answer in time from \(pending.sponsor): it may still let \(node) in")
        }
        if view.isChanging {
            sayStreamed()
            proposeSwitch()
        }
        emit(.setTimer(.tick, after: ReplicationLimits.membershipTick))
    }
}
