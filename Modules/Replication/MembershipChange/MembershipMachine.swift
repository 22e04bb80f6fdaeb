package import Membership
internal import NIOCore
package import Partitioning
package import StatorCore

/// The node's part that knows who is in the cluster: runs the membership strategy, agrees on changes of the view, one
/// at a time, and hands the placements compiled from it to the shards. A deterministic state machine without I/O.
///
/// A change takes two epochs. In the first the newcomer (or whoever gains from a leaver) is a pending owner and
/// streams; the second switches. Each is chosen by every member of the view: the proposer asks all to lock for it, and
/// only when all have, commits it. Two proposals of one epoch cannot both be locked by all, so an epoch has one view;
/// gossip spreads chosen views and never makes one. That all must agree restricts changes to healthy clusters; choice
/// by a majority takes the same messages.
package final class MembershipMachine {
    let blueprint: NodeBlueprint
    let node: NodeID
    let strategy: any MembershipProtocol
    let acceptsChanges: Bool
    var random: RandomGenerator
    var now = Now(monotonic: Instant(nanoseconds: 0), wall: WallTime(microseconds: 0))
    var outbox = Outbox<MembershipMachineEffect>()

    package private(set) var clusterState: ClusterState
    var view: View { clusterState.view }
    var linksUp: [NodeID: Bool] = [:]
    var liveness: [NodeID: Liveness] = [:]

    /// A view that is being made durable; it counts from then on.
    var adopting: View?
    /// A view that could not be made durable: it was chosen all the same, and is tried again.
    private var unpersisted: UnpersistedView?
    /// The commit that is answered once the view is durable.
    var confirming: (id: ChangeID, proposer: NodeID)?
    var lock: ChangeLock?
    var proposal: Proposal?
    /// The client of this node's own join, until it is decided.
    var joinTicket: (ticket: ClientTicket, sponsor: NodeID, deadline: Instant)?
    var changeStatus: String?
    var nextChange: UInt64

    /// Shards that hold all that they gain after this epoch, and members that said so.
    var streamedShards: [Int] = []
    var streamedMembers: [NodeID] = []
    /// When the member that the change is about said that it knows what this one holds. Told again after a while: it may
    /// have died since, and what it was told is not on its disk.
    var streamedNotedAt: Instant?

    /// Under which leases this node issues dots, and those of others that it witnesses.
    var leases: LeaseKeeper

    /// - Parameters:
    ///   - view: the durable view, or the one of the configuration at the first start.
    ///   - witnessed: what this node has durably witnessed.
    package init(
        blueprint: NodeBlueprint, identity: NodeIdentity, view: View, witnessed: WitnessBook = WitnessBook(),
        random: RandomGenerator
    ) {
        leases = LeaseKeeper(identity: identity, book: witnessed)
        self.blueprint = blueprint
        node = blueprint.member.node
        self.random = random
        let environment = MembershipEnvironment(
            node: node, generation: identity.generation, view: view, random: self.random.split())
        strategy = blueprint.makeMembership(environment)
        acceptsChanges = blueprint.membershipGuarantees.contains(MembershipGuarantees.acceptsChanges)
        clusterState = MembershipMachine.compiled(view, previous: nil, blueprint)
        nextChange = self.random.next()
    }

    package func handle(
        _ event: MembershipMachineEvent, now: Now, outbox: inout Outbox<MembershipMachineEffect>
    ) {
        self.now = now
        swap(&self.outbox, &outbox)
        defer { swap(&self.outbox, &outbox) }
        switch event {
        case .started:
            emit(.publish(clusterState))
            run(.started)
            beginLeases()
            emit(.setTimer(.tick, after: ReplicationLimits.membershipTick))
        case .message(let sender, let message): receive(message, from: sender)
        case .timer(.strategy(let timer)): run(.timer(timer))
        case .timer(.tick): tick()
        case .timer(.lease): passLeaseWait()
        case .linkChanged(let peer, let isUp):
            linksUp[peer] = isUp
            if isUp { askWitness(peer) }
        case .dotsIssued(let counter, let incarnation): noteIssued(counter, of: incarnation)
        case .leasePersisted(let lease, let failure): finishPersisting(lease, failure: failure)
        case .witnessPersisted(let failure): finishPersistingBook(failure: failure)
        case .viewPersisted(let epoch, let failure): finishAdopting(epoch, failure: failure)
        case .rangesStreamed(let shard, let epoch): noteStreamed(shard: shard, epoch)
        case .administer(let ticket, let action): administer(action, ticket)
        }
    }

    func emit(_ effect: MembershipMachineEffect) {
        outbox.append(effect)
    }

    private func receive(_ message: MembershipMessage, from sender: NodeID) {
        switch message {
        case .strategy(let kind, let bytes):
            if kind == blueprint.kinds.membership { run(.message(from: sender, bytes: bytes)) }
        case .joinRequest(let member): receiveJoinRequest(member)
        case .changeRefused(let reason): receiveRefusal(reason)
        case .propose(let id, let view): receiveProposal(id, view, from: sender)
        case .vote(let id, let refusal): receiveVote(id, refusal, from: sender)
        case .commit(let id, let view): receiveCommit(id, view, from: sender)
        case .committed(let id): receiveCommitted(id)
        case .abort(let id): if lock?.id == id { lock = nil }
        case .streamed(let epoch): receiveStreamed(epoch, from: sender)
        case .witness(let claim): receiveClaim(claim, from: sender)
        case .witnessed(let claim, let verdict): receiveVerdict(claim, verdict, from: sender)
        case .streamedNoted(let epoch): if epoch == view.epoch { streamedNotedAt = now.monotonic }
        }
    }

    /// Runs the strategy on one event and carries out its effects.
    func run(_ event: MembershipEvent) {
        var effects = Outbox<MembershipEffect>()
        strategy.handle(event, now: now, outbox: &effects)
        for effect in effects.drain() {
            switch effect {
            case .send(let peer, let bytes):
                emit(.send(to: peer, .strategy(kind: blueprint.kinds.membership, bytes: bytes)))
            case .setTimer(let timer, let duration): emit(.setTimer(.strategy(timer), after: duration))
            case .livenessChanged(let peer, let state):
                liveness[peer] = state
                emit(.log(.info("\(peer) is \(state)")))
                emit(.livenessChanged(peer, state))
            case .viewLearned(let learned): adopt(learned)
            }
        }
    }

    // MARK: Views

    /// Makes a chosen view durable, then takes it as the node's own.
    func adopt(_ chosen: View) {
        guard chosen.epoch > view.epoch, chosen.epoch > (adopting?.epoch ?? view.epoch) else { return }
        adopting = chosen
        emit(.persistView(chosen))
    }

    private func finishAdopting(_ epoch: Epoch, failure: String?) {
        guard let chosen = adopting, chosen.epoch == epoch else { return }
        adopting = nil
        if let failure { return noteUnpersisted(chosen, failure) }
        unpersisted = nil
        clusterState = MembershipMachine.compiled(chosen, previous: clusterState.placement, blueprint)
        lock = nil
        if let confirming { emit(.send(to: confirming.proposer, .committed(confirming.id))) }
        confirming = nil
        streamedShards = []
        streamedMembers = []
        streamedNotedAt = nil
        emit(.log(.info("epoch \(epoch): \(MembershipMachine.summary(of: chosen))")))
        emit(.publish(clusterState))
        run(.viewChosen(chosen))
        finishProposal(adopted: chosen)
        settleJoin()
        claimAgain()
    }

    /// Nobody will tell of the view again: whoever spreads it knows that it has arrived here.
    private func noteUnpersisted(_ chosen: View, _ failure: String) {
        if unpersisted?.view != chosen || unpersisted?.failure != failure {
            emit(.log(.error("the view of epoch \(chosen.epoch) could not be made durable: \(failure)")))
        }
        unpersisted = UnpersistedView(
            view: chosen, failure: failure, retryAt: now.monotonic.advanced(by: ReplicationLimits.viewRetry))
    }

    func retryPersisting() {
        guard let waiting = unpersisted, adopting == nil, waiting.retryAt <= now.monotonic else { return }
        adopt(waiting.view)
    }

    private static func compiled(_ view: View, previous: Placement?, _ blueprint: NodeBlueprint) -> ClusterState {
        func placement(of members: [Member]) -> Placement? {
            guard !members.isEmpty else { return nil }
            return blueprint.partitioner.placement(
                members: members, replicas: blueprint.replication.replicas, fallbacks: blueprint.replication.fallbacks,
                previous: previous)
        }
        return ClusterState(
            view: view, placement: placement(of: view.owners),
            nextPlacement: view.isChanging ? placement(of: view.nextOwners) : nil)
    }

    private static func summary(of view: View) -> String {
        view.members.map { $0.status == .active ? "\($0.node)" : "\($0.node) (\($0.status))" }.joined(separator: ", ")
    }

    func isReachable(_ peer: NodeID) -> Bool {
        peer == node || (linksUp[peer] == true && (liveness[peer] ?? .alive) == .alive)
    }
}

/// A chosen view that is not on the disk.
private struct UnpersistedView {
    let view: View
    let failure: String
    let retryAt: Instant
}

/// This member's promise not to vote for another proposal before a time.
struct ChangeLock {
    let id: ChangeID
    let view: View
    let until: Instant
}

/// A change that this node proposes.
struct Proposal {
    let id: ChangeID
    let view: View
    let voters: [NodeID]
    var votes: [NodeID] = []
    let deadline: Instant
    var isCommitted = false
    /// Who is told how it went: a client of this node, or the node that asked to be let in.
    let ticket: ClientTicket?
    let joiner: NodeID?
    let description: String
}

/// A picture of the membership machine for `/ring`, `/gossip` and `/ready`.
package struct MembershipInspection: Sendable {
    package let state: ClusterState
    package let members: [MemberReport]
    package let refusedMembershipMessages: Int
    package let changeStatus: String?
    package let notReadyReason: String?

    package var view: View { state.view }
    package var placement: Placement? { state.placement }
    package var nextPlacement: Placement? { state.nextPlacement }
}

extension MembershipMachine {
    package func inspection(now: Now) -> MembershipInspection {
        let membershipReason: String? =
            switch view.member(node)?.status {
            case nil: "this node is not a member of the cluster: have it join"
            case .joining: "this node is joining: its ranges are being streamed"
            case .active, .leaving: nil
            }
        let reason =
            unpersisted.map { "the view of epoch \($0.view.epoch) could not be made durable: \($0.failure)" }
            ?? membershipReason
        return MembershipInspection(
            state: clusterState, members: strategy.reports(now: now),
            refusedMembershipMessages: strategy.refusedMessages, changeStatus: changeStatus, notReadyReason: reason)
    }
}
