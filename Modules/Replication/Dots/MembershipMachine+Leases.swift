internal import StatorCore

/// The node's own leases: see ``LeaseKeeper`` for the rules.
extension MembershipMachine {
    private var others: [NodeID] { view.members.map(\.node).filter { $0 != node } }
    private var neededWitnesses: Int { others.count / 2 + 1 }

    func beginLeases() {
        guard let last = leases.stored, let next = last.next, view.contains(node) else { return beginIncarnation() }
        if others.isEmpty {
            leases.claim = LeaseKeeper.Claim(lease: next, follows: last.end, epoch: view.epoch)
            persistClaim()
        } else {
            claim(next, follows: last.end)
        }
        emit(.setTimer(.lease, after: ReplicationLimits.leaseWait))
    }

    /// Nobody confirmed the folder's lease in time: dots are issued under a new incarnation, and those away are asked on.
    func passLeaseWait() {
        guard leases.granted == nil else { return }
        emit(.log(.info("too few members confirm \(node)'s last lease in time: a new incarnation begins")))
        grantNewIncarnation()
    }

    private func beginIncarnation() {
        grantNewIncarnation()
        claimGranted()
    }

    private func grantNewIncarnation() {
        let lease = DotLease(incarnation: random.next(), end: DotLease.length)
        leases.granted = lease
        leases.isWitnessed = false
        leases.isSpoiled = false
        emit(.grant(DotGrant(lease: lease, above: 0)))
    }

    // MARK: Claims

    /// Has what shards issue under witnessed, under the present view.
    private func claimGranted() {
        guard let granted = leases.granted, view.contains(node) else { return }
        claim(granted, follows: nil)
    }

    private func claim(_ lease: DotLease, follows: UInt64?) {
        leases.claim = LeaseKeeper.Claim(lease: lease, follows: follows, epoch: view.epoch)
        if others.isEmpty { return persistClaim() }
        askWitnesses()
    }

    /// Asks those that can be reached and have not answered.
    func askWitnesses() {
        guard let claim = leases.claim else { return }
        for peer in others
        where linksUp[peer] == true && !claim.keptBy.contains(peer) && !claim.refusedBy.contains(peer) {
            ask(peer, claim)
        }
    }

    func askWitness(_ peer: NodeID) {
        // Also one that has kept it: its disk may have been lost since.
        guard let claim = leases.claim, others.contains(peer) else { return }
        ask(peer, claim)
    }

    private func ask(_ peer: NodeID, _ claim: LeaseKeeper.Claim) {
        let isWitnessed = claim.keptBy.count >= neededWitnesses || (leases.isWitnessed && claim.lease == leases.granted)
        let asked = LeaseClaim(
            lease: claim.lease, follows: claim.follows, isWitnessed: isWitnessed, life: leases.life, epoch: claim.epoch)
        emit(.send(to: peer, .witness(asked)))
    }

    func receiveVerdict(_ asked: LeaseClaim, _ verdict: LeaseVerdict, from witness: NodeID) {
        guard asked.life == leases.life, let claim = leases.claim, claim.lease == asked.lease,
            claim.follows == asked.follows, claim.epoch == asked.epoch, others.contains(witness)
        else { return }
        switch verdict {
        case .kept:
            guard !claim.keptBy.contains(witness) else { return }
            leases.claim?.keptBy.append(witness)
            if claim.keptBy.count + 1 == neededWitnesses { persistClaim() }
        case .refused(let lastLife):
            guard !claim.refusedBy.contains(witness), !claim.keptBy.contains(witness) else { return }
            leases.claim?.refusedBy.append(witness)
            noteRefusal(lastLife, claim)
        case .otherEpoch: break
        }
    }

    private func noteRefusal(_ lastLife: UInt64?, _ claim: LeaseKeeper.Claim) {
        guard claim.follows != nil else {
            emit(.log(.warning("a member does not witness \(node)'s lease: another copy of its data folder is in use")))
            return
        }
        if let lastLife, lastLife != leases.life, !leases.ownLives.contains(lastLife) { noteRestored() }
        guard others.count - (claim.refusedBy.count + 1) < neededWitnesses else { return }
        // The folder's lease is not the last one: nobody goes on with it.
        if leases.granted == nil { beginIncarnation() } else { claimGranted() }
    }

    /// Another life went on from the lease in this folder: what it acknowledged since is not here.
    private func noteRestored() {
        guard !leases.isRestored else { return }
        leases.isRestored = true
        emit(.log(.warning("the data folder is older than what the other members know of \(node): it was restored")))
        emit(.noteRestored)
    }

    // MARK: The folder

    private func persistClaim() {
        guard let lease = leases.claim?.lease, leases.persisting == nil else { return }
        guard lease != leases.stored || !leases.isWitnessed else { return }
        leases.persisting = lease
        emit(.persistLease(lease))
    }

    func finishPersisting(_ lease: DotLease, failure: String?) {
        guard leases.persisting == lease else { return }
        leases.persisting = nil
        if let failure {
            if lease.incarnation == leases.granted?.incarnation { leases.isSpoiled = true }
            emit(.log(.error("the lease of \(node)'s dots could not be made durable: \(failure)")))
            return
        }
        leases.stored = lease
        guard let claim = leases.claim else { return }
        if claim.lease == lease, let above = claim.follows {
            grant(lease, above: above)
            // Those who are away are asked on, as by any running node.
            leases.claim = LeaseKeeper.Claim(
                lease: lease, follows: nil, epoch: claim.epoch, keptBy: claim.keptBy, refusedBy: [])
            if claim.epoch != view.epoch { claimGranted() }
        } else if lease.incarnation == leases.granted?.incarnation {
            grant(lease, above: 0)
            retryClaim()
        }
    }

    private func grant(_ lease: DotLease, above: UInt64) {
        leases.granted = lease
        leases.isWitnessed = true
        leases.isSpoiled = false
        emit(.grant(DotGrant(lease: lease, above: above)))
    }

    /// A claim that has its witnesses and is not in the folder yet.
    private func retryClaim() {
        guard let claim = leases.claim, claim.keptBy.count >= neededWitnesses || others.isEmpty else { return }
        persistClaim()
    }

    func tickLeases() {
        askWitnesses()
        retryClaim()
        persistBook()
    }

    // MARK: While it runs

    /// A shard has come so far in its lease that it needs more.
    func noteIssued(_ counter: UInt64, of incarnation: UInt64) {
        guard let granted = leases.granted, granted.incarnation == incarnation,
            granted.end &- min(counter, granted.end) <= DotLease.length / 2
        else { return }
        let isShort = granted.end &- min(counter, granted.end) <= DotLease.reserve
        guard let next = granted.next else { return beginIncarnation() }
        if leases.isWitnessed {
            if leases.claim?.lease != next { claim(next, follows: nil) }
            if isShort { beginIncarnation() }
        } else if leases.persisting?.incarnation == granted.incarnation || leases.isSpoiled {
            // It may be in the folder with this end: nothing above it may be issued.
            if isShort { beginIncarnation() }
        } else {
            leases.granted = next
            emit(.grant(DotGrant(lease: next, above: 0)))
            if leases.claim?.follows == nil { claimGranted() }
        }
    }

    /// The view has changed: see rule 4.
    func claimAgain() {
        if leases.book.keep(view.contains) {
            leases.isBookChanged = true
            persistBook()
        }
        if let claim = leases.claim, view.contains(node) {
            self.claim(claim.lease, follows: claim.follows)
        } else {
            claimGranted()
        }
    }

    // MARK: As a witness

    func receiveClaim(_ claim: LeaseClaim, from peer: NodeID) {
        guard view.contains(peer), view.contains(node), claim.epoch == view.epoch else {
            return emit(.send(to: peer, .witnessed(claim, .otherEpoch(view.epoch))))
        }
        let (verdict, hasChanged) = leases.book.take(claim, of: peer)
        guard case .kept = verdict else { return emit(.send(to: peer, .witnessed(claim, verdict))) }
        if hasChanged { leases.isBookChanged = true }
        guard leases.isBookChanged || leases.isPersistingBook else {
            return emit(.send(to: peer, .witnessed(claim, .kept)))
        }
        if leases.waitingVerdicts.count < ReplicationLimits.waitingVerdicts {
            leases.waitingVerdicts.append((peer, claim))
        }
        persistBook()
    }

    private func persistBook() {
        guard !leases.isPersistingBook, leases.isBookChanged || !leases.waitingVerdicts.isEmpty else { return }
        leases.isPersistingBook = true
        leases.isBookChanged = false
        leases.persistingVerdicts = leases.waitingVerdicts
        leases.waitingVerdicts = []
        emit(.persistWitness(leases.book))
    }

    func finishPersistingBook(failure: String?) {
        leases.isPersistingBook = false
        let verdicts = leases.persistingVerdicts
        leases.persistingVerdicts = []
        if let failure {
            // Whoever waits asks again.
            leases.isBookChanged = true
            return emit(.log(.error("what \(node) witnesses could not be made durable: \(failure)")))
        }
        for (peer, claim) in verdicts { emit(.send(to: peer, .witnessed(claim, .kept))) }
        persistBook()
    }
}
