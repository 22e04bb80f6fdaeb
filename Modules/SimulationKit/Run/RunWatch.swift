internal import Checking
internal import DequeModule
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore
internal import Storage

/// The ledgers of one run and what feeds them.
struct RunWatch {
    private(set) var recovery = RecoveryLedger()
    var ring = RingSafety()
    private let watchesRecovery: Bool
    private let isOn: Bool
    private let shards: Int
    private let replicas: Int
    /// Who adopted an epoch first, and with which placements.
    private var adopted: [Epoch: (node: NodeID, state: ClusterState)] = [:]

    /// Applies that are not acknowledged yet, by store, oldest first.
    private var pending: [Deque<(ticket: UInt64, entry: StoreTicket)>] = []

    init(_ file: SimulationFile, cluster: SimulatedCluster, isOn: Bool) {
        self.isOn = isOn
        shards = file.cluster.shards
        replicas = file.replication.replicas
        watchesRecovery = isOn && file.keepsFiles && file.durability.mode == .groupCommit
        guard isOn else { return }
        for name in cluster.names {
            for shard in 0..<shards {
                for store in ["records", "hints"] {
                    _ = recovery.open(node: name, shard: shard, store: store)
                    pending.append([])
                }
            }
        }
    }

    private func place(_ node: Int, _ shard: Int, _ store: StoreName) -> Int {
        (node * shards + shard) * 2 + Int(store.rawValue)
    }

    mutating func submitted(_ write: StorageWriteNotice) {
        guard watchesRecovery else { return }
        let place = place(write.node, write.shard, write.store)
        let entry = recovery.submitted(in: place, write.key, write.record?.digest)
        pending[place].append((write.ticket.number, entry))
    }

    mutating func acknowledged(_ ticket: StorageTicket, node: Int, shard: Int, store: StoreName, succeeded: Bool) {
        guard watchesRecovery else { return }
        let place = place(node, shard, store)
        // In order, but for applies that were refused at once. What failed may be there or not.
        guard let index = pending[place].firstIndex(where: { $0.ticket == ticket.number }) else { return }
        let apply = pending[place].remove(at: index)
        if succeeded { recovery.acknowledged(in: place, apply.entry) }
    }

    /// The node's files were made to forget: nothing is expected of its next start.
    mutating func forgotten(_ node: Int) {
        guard watchesRecovery else { return }
        for shard in 0..<shards {
            recovery.forgotten(in: place(node, shard, .records))
            recovery.forgotten(in: place(node, shard, .hints))
        }
    }

    mutating func restarted(_ node: Int, cluster: SimulatedCluster, hasForgotten: Bool) {
        guard watchesRecovery else { return }
        if hasForgotten { forgotten(node) }
        let name = cluster.names[node]
        for shard in 0..<shards {
            for store in [StoreName.records, .hints] {
                let place = place(node, shard, store)
                pending[place].removeAll()
                let found = cluster.records(of: name, shard: shard, store).map { (key: $0.key, digest: $0.digest) }
                recovery.restarted(in: place, found: found, lostPower: cluster.lostPower(name))
            }
        }
    }

    /// Looks at each placement once, and whether all nodes mean the same one by an epoch.
    mutating func adopted(_ state: ClusterState, by node: NodeID) {
        guard isOn else { return }
        if let first = adopted[state.epoch] {
            let isSame = first.state.placement == state.placement && first.state.nextPlacement == state.nextPlacement
            if !isSame { ring.disagreement(in: state.epoch, between: first.node, and: node) }
            return
        }
        adopted[state.epoch] = (node, state)
        check(state.placement, of: state.view.owners.count, state.epoch)
        check(state.nextPlacement, of: state.view.nextOwners.count, state.epoch)
    }

    private mutating func check(_ placement: Placement?, of members: Int, _ epoch: Epoch) {
        guard let placement else { return }
        let owners = (0..<placement.rangeCount).map { Array(placement.preferenceList(at: $0).replicas) }
        ring.placement(of: epoch, owners: owners, replicas: min(replicas, members))
    }
}

extension SimulationFile {
    /// Whether the storage engine keeps records over a crash: what it is for, not what its kind is called.
    var keepsFiles: Bool { storageGuarantees.contains(StorageGuarantees.persists) }
}
