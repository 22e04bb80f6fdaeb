internal import Membership
internal import StatorCore

/// Joins and leaves: who may propose what, and the vote.
extension MembershipMachine {
    func administer(_ action: AdminAction, _ ticket: ClientTicket) {
        guard acceptsChanges || action == .syncNow else {
            emit(
                .respond(
                    ticket,
                    .refused("membership '\(blueprint.kinds.membership)' does not accept changes of the cluster")))
            return
        }
        switch action {
        case .join: beginJoin(ticket)
        case .leave(let subject): beginLeave(subject ?? node, ticket)
        case .syncNow: emit(.respond(ticket, .accepted("sync sessions begin with every replica")))
        }
    }

    private func beginJoin(_ ticket: ClientTicket) {
        guard !view.contains(node) else {
            emit(.respond(ticket, .refused("\(node) is a member already")))
            return
        }
        guard joinTicket == nil else {
            emit(.respond(ticket, .refused("\(node) is asking to join already")))
            return
        }
        guard let sponsor = view.members.map(\.node).first(where: { linksUp[$0] == true }) else {
            emit(.respond(ticket, .refused("none of the members that \(node) knows can be reached")))
            return
        }
        var member = blueprint.member
        member.status = .joining
        joinTicket = (
            ticket, sponsor, now.monotonic.advanced(by: ReplicationLimits.proposalTimeout + .seconds(2))
        )
        changeStatus = "asked \(sponsor) to let \(node) in"
        emit(.send(to: sponsor, .joinRequest(member)))
    }

    /// - Parameter member: the newcomer; the request may come by way of a node that has left.
    func receiveJoinRequest(_ member: Member) {
        guard member.status == .joining else { return }
        emit(.dial(member.node, member.peerEndpoint))
        guard view.contains(node) else { return relayJoinRequest(member) }
        if let reason = refusalToAdmit(member) {
            emit(.send(to: member.node, .changeRefused(reason)))
            return
        }
        propose(
            View(epoch: view.epoch.next, members: view.members + [member]), voters: view.members.map(\.node),
            ticket: nil, joiner: member.node, description: "\(member.node) joins")
    }

    /// This node has left, and the newcomer's view is older than that. Members keep no links to this node: votes would not
    /// reach it, so it proposes nothing. Whom it asks holds a view at least as late as its own: no request goes in circles.
    private func relayJoinRequest(_ member: Member) {
        if let next = view.members.map(\.node).first(where: { linksUp[$0] == true }) {
            emit(.send(to: next, .joinRequest(member)))
        } else {
            let reason = "\(node) is not a member any more, and can reach none of those that it knows"
            emit(.send(to: member.node, .changeRefused(reason)))
        }
    }

    private func refusalToAdmit(_ member: Member) -> String? {
        if view.contains(member.node) { return "a node named \(member.node) is a member already" }
        if let other = view.members.first(where: { $0.peerEndpoint == member.peerEndpoint }) {
            return "\(other.node) listens at \(member.peerEndpoint) already"
        }
        if view.members.count >= View.maximumMembers { return "the cluster has \(view.members.count) members already" }
        return refusalToChange()
    }

    private func beginLeave(_ subject: NodeID, _ ticket: ClientTicket) {
        guard let member = view.member(subject) else {
            emit(.respond(ticket, .refused("\(subject) is not a member")))
            return
        }
        if member.status == .joining {
            // A newcomer that does not arrive is given up; its own vote is not needed.
            let rest = view.members.filter { $0.node != subject }
            propose(
                View(epoch: view.epoch.next, members: rest), voters: rest.map(\.node), ticket: ticket, joiner: nil,
                description: "\(subject) is not let in after all")
            return
        }
        guard subject == node else {
            emit(.respond(ticket, .refused("ask \(subject) itself to leave: only a node that answers can hand over")))
            return
        }
        let rest = view.members.count - 1
        guard rest >= blueprint.replication.replicas else {
            let reason = "\(rest) members would remain, but \(blueprint.replication.replicas) replicas are configured"
            emit(.respond(ticket, .refused(reason)))
            return
        }
        if let reason = refusalToChange() {
            emit(.respond(ticket, .refused(reason)))
            return
        }
        let members = view.members.map { member in
            var changed = member
            if member.node == subject { changed.status = .leaving }
            return changed
        }
        propose(
            View(epoch: view.epoch.next, members: members), voters: view.members.map(\.node), ticket: ticket,
            joiner: nil,
            description: "\(subject) leaves")
    }

    /// Why this node does not agree to a new change now, or `nil`.
    private func refusalToChange() -> String? {
        if let changing = view.members.first(where: { $0.status != .active }) {
            return "another change is under way: \(changing.node) is \(changing.status)"
        }
        if proposal != nil || adopting != nil { return "another change is being agreed on" }
        if let missing = view.members.first(where: { !isReachable($0.node) }) {
            return "the cluster is not healthy: \(node) cannot reach \(missing.node)"
        }
        return nil
    }

    // MARK: Agreement

    func propose(
        _ proposed: View, voters: [NodeID], ticket: ClientTicket?, joiner: NodeID?, description: String
    ) {
        func refuse(_ reason: String) {
            if let ticket { emit(.respond(ticket, .refused(reason))) }
            if let joiner { emit(.send(to: joiner, .changeRefused(reason))) }
        }
        guard proposal == nil, adopting == nil else { return refuse("another change is being agreed on") }
        if let lock, lock.until > now.monotonic { return refuse("another change is being agreed on") }
        nextChange &+= 1
        let id = ChangeID(proposer: node, number: nextChange)
        proposal = Proposal(
            id: id, view: proposed, voters: voters,
            deadline: now.monotonic.advanced(by: ReplicationLimits.proposalTimeout), ticket: ticket, joiner: joiner,
            description: description)
        changeStatus = "\(description): asking all members"
        lock = ChangeLock(id: id, view: proposed, until: now.monotonic.advanced(by: ReplicationLimits.lockLifetime))
        for voter in voters where voter != node { emit(.send(to: voter, .propose(id, proposed))) }
        receiveVote(id, nil, from: node)
    }

    func receiveProposal(_ id: ChangeID, _ proposed: View, from sender: NodeID) {
        guard id.proposer == sender else { return }
        let refusal = refusalToVote(id, proposed)
        if refusal == nil {
            lock = ChangeLock(id: id, view: proposed, until: now.monotonic.advanced(by: ReplicationLimits.lockLifetime))
        }
        emit(.send(to: sender, .vote(id, refusal: refusal.map { "\(node): \($0)" })))
    }

    private func refusalToVote(_ id: ChangeID, _ proposed: View) -> String? {
        guard proposed.epoch == view.epoch.next, adopting == nil else {
            return "it is in epoch \(adopting?.epoch ?? view.epoch), the proposal is for \(proposed.epoch)"
        }
        if let lock, lock.id != id, lock.until > now.monotonic { return "another change is being agreed on" }
        if proposal != nil { return "another change is being agreed on" }
        // The second step of a change is part of it; only a new one asks for a healthy, quiet cluster.
        return view.isChanging ? nil : refusalToChange()
    }

    func receiveVote(_ id: ChangeID, _ refusal: String?, from voter: NodeID) {
        guard var current = proposal, current.id == id, !current.isCommitted, current.voters.contains(voter) else {
            return
        }
        if let refusal {
            abandonProposal(because: refusal)
            return
        }
        if !current.votes.contains(voter) { current.votes.append(voter) }
        current.isCommitted = current.votes.count == current.voters.count
        proposal = current
        if current.isCommitted { commit(current) }
    }

    /// All have locked: the view is chosen. The proposer takes it only when another voter durably has: were it the
    /// only one to have it when it dies, the others could choose another view of the same epoch without it.
    func commit(_ current: Proposal) {
        let others = current.voters.filter { $0 != node }
        if others.isEmpty {
            adopt(current.view)
        } else {
            for voter in others { emit(.send(to: voter, .commit(current.id, current.view))) }
        }
    }

    func receiveCommitted(_ id: ChangeID) {
        guard let current = proposal, current.id == id, current.isCommitted else { return }
        adopt(current.view)
    }

    func abandonProposal(because reason: String) {
        guard let current = proposal else { return }
        proposal = nil
        lock = nil
        changeStatus = "\(current.description): refused, \(reason)"
        emit(.log(.warning("\(current.description): refused, \(reason)")))
        for voter in current.voters where voter != node { emit(.send(to: voter, .abort(current.id))) }
        if let ticket = current.ticket { emit(.respond(ticket, .refused(reason))) }
        if let joiner = current.joiner { emit(.send(to: joiner, .changeRefused(reason))) }
    }

    /// The proposed view is durable here: tell everybody, also those whom the first commit missed.
    func finishProposal(adopted: View) {
        guard let current = proposal, current.view.epoch <= adopted.epoch else { return }
        proposal = nil
        guard current.view == adopted else {
            if let ticket = current.ticket { emit(.respond(ticket, .refused("another change was agreed on first"))) }
            if let joiner = current.joiner {
                emit(.send(to: joiner, .changeRefused("another change was agreed on first")))
            }
            return
        }
        changeStatus = "\(current.description): agreed in epoch \(adopted.epoch)"
        var receivers = current.voters.filter { $0 != node }
        for member in adopted.members where member.node != node && !receivers.contains(member.node) {
            receivers.append(member.node)
        }
        for receiver in receivers { emit(.send(to: receiver, .commit(current.id, adopted))) }
        if let ticket = current.ticket {
            emit(.respond(ticket, .accepted("\(current.description): agreed in epoch \(adopted.epoch)")))
        }
    }

    func receiveCommit(_ id: ChangeID, _ committed: View, from sender: NodeID) {
        guard id.proposer == sender, committed.epoch > view.epoch else { return }
        // A voter takes what it has locked; a newcomer was never asked and takes the view that lets it in.
        let isLocked = lock?.id == id && lock?.view == committed
        let isLetIn = !view.contains(node) && committed.contains(node)
        guard isLocked || isLetIn else { return }
        adopt(committed)
        if adopting == committed { confirming = (id, sender) }
    }

    func receiveRefusal(_ reason: String) {
        guard let pending = joinTicket else { return }
        joinTicket = nil
        changeStatus = "not let in: \(reason)"
        emit(.respond(pending.ticket, .refused(reason)))
    }

    func settleJoin() {
        guard let pending = joinTicket, view.contains(node) else { return }
        joinTicket = nil
        changeStatus = "let in with epoch \(view.epoch); streaming"
        emit(
            .respond(
                pending.ticket, .accepted("\(node) is let in with epoch \(view.epoch); its ranges are being streamed")))
    }
}
