package import Checking
internal import ConflictResolution
internal import Replication
internal import StatorCore

extension Promises {
    /// What a simulation's configuration promises under the faults that it allows: the rules of docs/guarantees.md.
    /// - Parameter plan: the faults of one run, where only these are meant.
    package init(_ file: SimulationFile, _ plan: FaultPlan? = nil) {
        let replication = file.replication
        let isCausal =
            file.resolverGuarantees.contains(ResolverGuarantees.keepsConcurrent)
            && file.resolverGuarantees.contains(ResolverGuarantees.noFalseDominance)
        let survivesCrashes = !file.cutsPower || (file.keepsFiles && file.durability.mode == .groupCommit)
        // What was acknowledged is on W disks, of which some may forget: each write counts for itself.
        let forgetting = plan?.forgettingDisks ?? file.forgettingDisks
        let keeps = isCausal && survivesCrashes
        let isFixed = !(plan?.changesRing ?? file.changesRing) && forgetting == 0
        self.init(
            keepsAcknowledged: keeps,
            noFalseConcurrency: file.resolverGuarantees.contains(ResolverGuarantees.noFalseConcurrency),
            contextWins: file.resolverGuarantees.contains(ResolverGuarantees.contextWins) && survivesCrashes,
            clockIndependent: file.resolverGuarantees.contains(ResolverGuarantees.clockIndependent),
            singleValue: file.resolverGuarantees.contains(ResolverGuarantees.singleValue),
            readYourWrites: keeps && isFixed,
            noResurrection: keeps,
            convergence: true,
            crashRecovery: file.keepsFiles && file.durability.mode == .groupCommit,
            liveness: true)
        conditionsInOrder = keeps && isFixed
        conditionsAtOnce = conditionsInOrder
        forgettingDisks = forgetting
        replicas = replication.replicas
    }
}

extension SimulationFile {
    /// Whether a node may lose what it did not sync. One whose storage fails is killed and started again.
    fileprivate var cutsPower: Bool {
        crashes || faults.diskErrors + faults.failingSyncs + faults.fullDisks > 0
    }

    /// As many nodes' disks as may forget what they confirmed; see ``FaultPlan/victims``.
    fileprivate var forgettingDisks: Int {
        guard losesDisks else { return 0 }
        return scheduledVictims.isEmpty ? max(1, replication.writeQuorum - 1) : scheduledVictims.count
    }
}
