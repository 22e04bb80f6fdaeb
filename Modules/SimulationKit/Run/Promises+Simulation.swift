package import Checking
internal import ConflictResolution
internal import Replication
internal import StatorCore

extension Promises {
    /// What a simulation's configuration promises under the faults that it allows: the rules of docs/simulation.md.
    package init(_ file: SimulationFile) {
        let replication = file.replication
        let isCausal =
            file.resolverGuarantees.contains(ResolverGuarantees.keepsConcurrent)
            && file.resolverGuarantees.contains(ResolverGuarantees.noFalseDominance)
        let crashes = file.crashes
        // What was acknowledged is on W disks, of which fewer than W may forget.
        let survivesCrashes = !crashes || (file.keepsFiles && file.durability.mode == .groupCommit)
        let survivesLoss =
            !file.losesDisks
            || (replication.writeQuorum > 1 && file.scheduledVictims.count < replication.writeQuorum)
        let keeps = isCausal && survivesCrashes && survivesLoss
        let isFixed = !file.changesRing && !file.losesDisks
        let meets = replication.readQuorum + replication.writeQuorum > replication.replicas
        self.init(
            keepsAcknowledged: keeps,
            noFalseConcurrency: file.resolverGuarantees.contains(ResolverGuarantees.noFalseConcurrency),
            contextWins: file.resolverGuarantees.contains(ResolverGuarantees.contextWins) && survivesCrashes
                && survivesLoss,
            clockIndependent: file.resolverGuarantees.contains(ResolverGuarantees.clockIndependent),
            singleValue: file.resolverGuarantees.contains(ResolverGuarantees.singleValue),
            readYourWrites: keeps && isFixed && meets && !replication.isSloppy,
            noResurrection: keeps,
            convergence: true,
            crashRecovery: file.keepsFiles && file.durability.mode == .groupCommit,
            liveness: true)
    }
}
