internal import Checking
internal import Composition
internal import ConflictResolution
internal import Hashing
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore
internal import Storage

/// The last phase of a run: the cluster is whole and equal, nobody asks for anything. What it then does is exact, and is
/// tried: that everything begun has ended, what is stored, requests and what they cost, a node that dies and comes back,
/// a change of the ring and one back.
extension SimulationRun {
    /// Measured runs are left as they are.
    func tryHealthyCluster() {
        guard isWhole, options.checks, meter == nil else { return }
        cluster.note("the healthy cluster is tried")
        answers.begin()
        checkRest()
        checkStores()
        tryRequests()
        tryCrash()
        tryRingChanges()
        checkStores()
    }

    // MARK: At rest

    /// Nobody asks for anything: at some time nothing is under way.
    private func checkRest() {
        var busy = ""
        let rests = cluster.run(atMost: file.phases.settle) {
            guard cluster.time >= nextLook else { return false }
            nextLook = cluster.time.advanced(by: .milliseconds(1))
            busy = workUnderWay() ?? ""
            return busy.isEmpty
        }
        healthy.expect(rests, "\(file.phases.settle) after the last request \(busy) are under way")
    }

    private func workUnderWay() -> String? {
        for name in cluster.names where cluster.isUp(name) {
            for work in cluster.work(of: name) where !work.isNone { return "at \(name) \(work)" }
        }
        return nil
    }

    // MARK: What is stored

    /// What the stores count is what they hold, and every record is what its metadata says.
    private func checkStores() {
        for name in cluster.names where cluster.isUp(name) {
            for shard in 0..<file.cluster.shards {
                for store in [StoreName.records, .hints] {
                    let held = cluster.records(of: name, shard: shard, store)
                    let counted = cluster.statistics(of: name, shard: shard, store)
                    healthy.expect(
                        counted.records == held.count
                            && counted.tombstones == held.count { $0.isTombstone },
                        """
                        the store \(store) of \(name)/\(shard) counts \(counted.records) records and \(counted.tombstones) \
                        tombstones, and lists \(held.count) and \(held.count { $0.isTombstone })
                        """)
                    if store == .records { for record in held { checkBody(record, at: name) } }
                }
            }
        }
    }

    private func checkBody(_ metadata: RecordMetadata, at name: NodeID) {
        let key = metadata.key.displayText
        guard let record = try? cluster.storedRecord(of: metadata.key, at: name) else {
            // Rot that no load has met: the disk was made to forget.
            healthy.expect(file.losesDisks, key: key, "\(name) lists the record and cannot read it")
            return
        }
        healthy.expect(
            record.metadata == metadata && Digest(XXHash.xxh3(record.body)) == record.digest, key: key,
            "\(name) lists \(metadata), reads \(record.metadata), and its body's digest is \(XXHash.xxh3(record.body))")
        guard let resolver = ledgers?.resolver else { return }
        do {
            let result = try resolver.read(record.body)
            let isTombstone = try resolver.isTombstone(record.body)
            healthy.expect(
                result.isTombstone == record.isTombstone && isTombstone == record.isTombstone, key: key,
                "\(name) holds a record of \(result.liveVersions.count) live versions whose mark says the contrary")
            let merged = try resolver.merge(record.body, record.body)
            healthy.expect(
                merged == record.body, key: key,
                "the body that \(name) holds is not canonical: merged with itself it is another")
        } catch {
            healthy.expect(false, key: key, "the body that \(name) holds is refused: \(error)")
        }
    }

    // MARK: Waiting

    /// Runs until a condition of the whole cluster holds, looking every 10 milliseconds.
    func runHealthy(atMost limit: Duration, until condition: () -> Bool) -> Bool {
        cluster.run(atMost: limit) {
            guard cluster.time >= nextLook else { return false }
            nextLook = cluster.time.advanced(by: .milliseconds(10))
            return condition()
        }
    }

    /// Runs until all is equal again.
    func expectSettled(after what: String) {
        var reason: String?
        let deadline = cluster.time.advanced(by: file.phases.settle)
        while cluster.time < deadline {
            reason = unsettledReason()
            if reason == nil { break }
            cluster.run(for: .milliseconds(500))
        }
        healthy.expect(reason == nil, "\(file.phases.settle) after \(what): \(reason ?? "")")
    }

    /// The members that run.
    var healthyMembers: [Int] { (0..<cluster.nodeCount).filter { cluster.isMember($0) } }

    var healthyPlacement: Placement? {
        healthyMembers.first.flatMap { cluster.clusterState(of: cluster.names[$0])?.placement }
    }
}

extension SimulationFile {
    /// What the membership strategy promises.
    var membershipGuarantees: Set<Guarantee> { configurations[0].blueprint().membershipGuarantees }
}
