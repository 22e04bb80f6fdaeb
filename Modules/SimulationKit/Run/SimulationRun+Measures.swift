internal import Composition
internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore
internal import Workload

/// What a run measures besides its operations: traffic, loads, divergence, and what records weigh.
extension SimulationRun {
    /// How often the replicas are compared after the faults, in nanoseconds.
    private static let lookInterval: Int64 = 100_000_000

    func beginMeasuring() {
        guard meter != nil else { return }
        meter?.measure(from: cluster.time.nanoseconds, for: file.phases.faults.nanoseconds)
        meter?.suspicions.start(at: cluster.time.nanoseconds)
        trafficBefore = cluster.traffic
        loadsBefore = loads()
    }

    func endMeasuring() {
        guard meter != nil else { return }
        meter?.suspicions.stop(at: cluster.time.nanoseconds)
        trafficAtHeal = cluster.traffic
        loadsAtHeal = loads()
    }

    /// The faults are over: from now on the replicas are compared again and again.
    func watchDivergence() {
        guard meter != nil else { return }
        look()
    }

    func look() {
        guard meter != nil, convergedAt == nil else { return }
        let keys = divergingKeys()
        meter?.note(differences: keys, after: .nanoseconds(cluster.time.nanoseconds - healedAt))
        trafficAtLook = cluster.traffic
        if keys > 0 {
            trafficAtConvergence = nil
        } else if trafficAtConvergence == nil {
            trafficAtConvergence = cluster.traffic
        }
        wake(.look, after: SimulationRun.lookInterval)
    }

    /// Keys that an owner lacks or holds otherwise than another.
    private func divergingKeys() -> Int {
        guard let placement = currentPlacement else { return 0 }
        var holders: [Key: (digest: Digest, owners: Int, token: Token, isEqual: Bool)] = [:]
        for name in cluster.names where cluster.isUp(name) {
            for record in cluster.records(of: name) where placement.isReplica(name, for: record.token) {
                if let known = holders[record.key] {
                    let isEqual = known.isEqual && known.digest == record.digest
                    holders[record.key] = (known.digest, known.owners + 1, record.token, isEqual)
                } else {
                    holders[record.key] = (record.digest, 1, record.token, true)
                }
            }
        }
        // Only counted: any order will do.
        return holders.values.count { !$0.isEqual || $0.owners < placement.replicaCount }
    }

    private var currentPlacement: Placement? {
        let member = (0..<cluster.nodeCount).first { cluster.isMember($0) }
        return member.flatMap { cluster.clusterState(of: cluster.names[$0])?.placement }
    }

    private func loads() -> [Int] {
        cluster.names.map { name in
            cluster.counters(of: name).reduce(0) { sum, counters in
                sum + counters.gets + counters.puts + counters.deletes + counters.replicaReads + counters.replicaWrites
            }
        }
    }

    func finishMeasurements() -> RunMeasurements? {
        let differences = meter?.measurements.divergence ?? []
        let last = differences.lastIndex { $0.keys > 0 }
        let placement = currentPlacement
        let metadata = metadataBytes(placement)
        return meter?.finish { result in
            result.traffic = trafficAtHeal.since(trafficBefore)
            result.trafficAfterFaults = (trafficAtConvergence ?? trafficAtLook).since(trafficAtHeal)
            // A node that was restarted counts from 0 again.
            result.loads = zip(loadsBefore, loadsAtHeal).map { $1 >= $0 ? $1 - $0 : $1 }
            result.ownership = placement?.replicaShares() ?? []
            result.metadataBytes = metadata
            if convergedAt != nil {
                result.convergence =
                    switch last {
                    case nil: .zero
                    case let last?: last + 1 < differences.count ? differences[last + 1].after : differences[last].after
                    }
            }
        }
    }

    /// What the records of all keys weigh besides their values, on average, at one owner each.
    private func metadataBytes(_ placement: Placement?) -> Double? {
        guard meter != nil, let placement else { return nil }
        let resolver = file.configurations[0].blueprint().resolver
        var (bytes, records) = (0, 0)
        for entry in keys.entries.prefix(SimulationRun.weighedKeys) {
            guard let owner = placement.preferenceList(for: entry.token).replicas.first(where: { cluster.isUp($0) }),
                let record = try? cluster.storedRecord(of: entry.key, at: owner),
                let result = try? resolver.read(record.body)
            else { continue }
            let values = result.liveVersions.reduce(0) { $0 + ($1.content?.bytes.readableBytes ?? 0) }
            bytes += record.body.readableBytes - values
            records += 1
        }
        return records > 0 ? Double(bytes) / Double(records) : nil
    }

    private static let weighedKeys = 10_000

    /// Members that run.
    var observers: [Int] { (0..<cluster.nodeCount).filter { cluster.isMember($0) } }
}
