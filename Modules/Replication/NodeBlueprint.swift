package import ConflictResolution
package import Membership
package import Partitioning
package import StatorCore
package import Storage
package import Sync

/// Everything that a driver needs to make a node: what the configuration says, with the strategies made or ready to be
/// made. Partitioner and resolver are values; the others are objects that live on one loop or thread, so the driver
/// makes them there.
package struct NodeBlueprint: Sendable {
    package var cluster: String
    /// This node as others shall see it; its status is `joining` where it is not among ``initialMembers``.
    package var member: Member
    /// The members that the configuration names: the view of epoch 1 at the first start, seeds for an outsider.
    package var initialMembers: [Member]
    package var shards: Int
    package var replication: ReplicationSettings
    package var hints: HintSettings
    package var antiEntropy: AntiEntropySettings
    package var durability: DurabilitySettings
    /// What records of an engine on disk may take in memory, over all shards.
    package var recordCache: ByteCount = .mebibytes(64)

    package var partitioner: any Partitioner
    package var resolver: any ConflictResolver
    package var kinds: StrategyKinds
    /// The partitioner's kind and all its settings as text: members that differ would place keys differently.
    package var partitionerText: String
    /// What the membership strategy promises: changes are refused where it does not accept them.
    package var membershipGuarantees: Set<Guarantee>
    package var makeMembership: @Sendable (MembershipEnvironment) -> any MembershipProtocol
    package var makeSynchronizer: @Sendable (SyncEnvironment) -> any Synchronizer
    package var makeStorage: @Sendable (StorageEnvironment) throws(StorageError) -> any StorageEngine

    package init(
        cluster: String, member: Member, initialMembers: [Member], shards: Int, replication: ReplicationSettings,
        hints: HintSettings, antiEntropy: AntiEntropySettings, durability: DurabilitySettings,
        partitioner: any Partitioner, resolver: any ConflictResolver, kinds: StrategyKinds,
        partitionerText: String = "", membershipGuarantees: Set<Guarantee>,
        makeMembership: @escaping @Sendable (MembershipEnvironment) -> any MembershipProtocol,
        makeSynchronizer: @escaping @Sendable (SyncEnvironment) -> any Synchronizer,
        makeStorage: @escaping @Sendable (StorageEnvironment) throws(StorageError) -> any StorageEngine
    ) {
        self.cluster = cluster
        self.member = member
        self.initialMembers = initialMembers
        self.shards = shards
        self.replication = replication
        self.hints = hints
        self.antiEntropy = antiEntropy
        self.durability = durability
        self.partitioner = partitioner
        self.resolver = resolver
        self.kinds = kinds
        self.partitionerText = partitionerText.isEmpty ? kinds.partitioner : partitionerText
        self.membershipGuarantees = membershipGuarantees
        self.makeMembership = makeMembership
        self.makeSynchronizer = makeSynchronizer
        self.makeStorage = makeStorage
    }
}

extension NodeBlueprint {
    /// The members that this node's cluster begins with, itself among them; `nil` where it joins one, or where members cannot
    /// change but by their configuration.
    package var foundedView: View? {
        guard membershipGuarantees.contains(MembershipGuarantees.acceptsChanges),
            initialMembers.contains(where: { $0.node == member.node })
        else { return nil }
        return View(epoch: View.first, members: initialMembers)
    }
}

/// The kinds of the strategies in force, by family.
package struct StrategyKinds: Hashable, Sendable {
    package var partitioner: String
    package var conflictResolver: String
    package var membership: String
    package var sync: String
    package var storage: String

    package init(partitioner: String, conflictResolver: String, membership: String, sync: String, storage: String) {
        self.partitioner = partitioner
        self.conflictResolver = conflictResolver
        self.membership = membership
        self.sync = sync
        self.storage = storage
    }
}
