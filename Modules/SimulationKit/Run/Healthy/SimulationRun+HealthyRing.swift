internal import Checking
internal import ConflictResolution
internal import Membership
internal import NIOCore
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// A node is let in, and another leaves: both are agreed on and take place, and whoever owns a range from then on holds
/// all of it at that time, not by repair.
extension SimulationRun {
    func tryRingChanges() {
        guard acceptsChanges else { return }
        let outsiders = (0..<cluster.nodeCount).filter { !cluster.isMember($0) && cluster.isUp(cluster.names[$0]) }
        if let newcomer = outsiders.first { tryChange(.join, of: newcomer, number: 0) }
        guard healthyMembers.count > file.replication.replicas, let leaver = healthyMembers.first else { return }
        tryChange(.leave(nil), of: leaver, number: 1)
        if outsiders.isEmpty { tryChange(.join, of: leaver, number: 2) }
    }

    private var acceptsChanges: Bool {
        file.membershipGuarantees.contains(MembershipGuarantees.acceptsChanges)
    }

    private func tryChange(_ action: AdminAction, of node: Int, number: Int) {
        let name = cluster.names[node]
        let what = action == .join ? "\(name) joins" : "\(name) leaves"
        let isJoin = action == .join
        healthyChange = HealthyChange(before: cluster.latestEpoch ?? Epoch(0))
        defer { healthyChange = nil }
        let ticket = cluster.administer(action, at: name)
        _ = runHealthy(atMost: file.phases.settle) { administered[ticket] != nil }
        guard case .accepted = administered[ticket] else {
            return healthy.expect(
                false, "\(what): \(administered[ticket].map { "\($0)" } ?? "no answer in \(file.phases.settle)")")
        }
        if isNetworkExact { writeMeanwhile(number) }
        let isDone = runHealthy(atMost: file.phases.settle) { areMembersOf(name, isJoin) }
        healthy.expect(
            isDone, "\(what): not everybody has taken the new view \(file.phases.settle) after it was agreed")
        healthy.expect(healthyChange?.wasChecked ?? false, "\(what): nobody has switched")
        expectSettled(after: what)
        let reason = cluster.notReadyReason(of: name)
        healthy.expect((reason == nil) == isJoin, "\(what): it then says \(reason ?? "that it serves")")
    }

    private func areMembersOf(_ name: NodeID, _ isJoin: Bool) -> Bool {
        guard let latest = cluster.latestEpoch else { return false }
        return (0..<cluster.nodeCount).allSatisfy { index in
            guard cluster.isUp(cluster.names[index]), let state = cluster.clusterState(of: cluster.names[index]) else {
                return true
            }
            guard state.view.contains(cluster.names[index]) || cluster.names[index] == name else { return true }
            return state.epoch == latest && !state.view.isChanging && state.view.contains(name) == isJoin
        }
    }

    /// Writes while the ring changes: nobody is to notice. A newcomer may not be reached at once.
    private func writeMeanwhile(_ number: Int) {
        let members = healthyMembers
        for turn in 0..<4 {
            guard let key = try? Key("meanwhile \(turn)") else { continue }
            let content = Content(form: .raw, bytes: ByteBuffer(string: "meanwhile \(number)"))
            let request = write(key, content, .held, RequestOptions(writeQuorum: .quorum, isSloppy: false))
            let response = askHealthy(request, at: members[turn % members.count])
            var isStored = false
            if case .stored = response { isStored = true }
            healthy.expect(
                isStored, key: key.displayText,
                "a write while the ring changes: \(said(response))")
            healthyChange?.written.append(key)
        }
    }

    // MARK: The switch

    /// A node takes a view in which nobody changes any more: whoever owns now holds.
    func checkSwitch(_ state: ClusterState) {
        guard let change = healthyChange, state.epoch > change.before, !state.view.isChanging, !change.wasChecked,
            let placement = state.placement
        else { return }
        healthyChange?.wasChecked = true
        var seen: Set<Key> = []
        var held: [NodeID: [Key: Digest]] = [:]
        var records: [RecordMetadata] = []
        for name in cluster.names where cluster.isUp(name) {
            for record in cluster.records(of: name) {
                held[name, default: [:]][record.key] = record.digest
                if seen.insert(record.key).inserted { records.append(record) }
            }
        }
        // The write that is under way reaches its owners one after the other.
        let changing = answers.waitingFor == nil ? nil : answers.key
        for record in records where record.key != changing {
            let owners = placement.preferenceList(for: record.token).replicas
            let wasWritten = change.written.contains(record.key)
            // All copies were equal before; of what was written since some may be behind.
            let missing = owners.filter { owner in
                guard let digest = held[owner]?[record.key] else { return true }
                return !wasWritten && digest != record.digest
            }
            let spared = wasWritten ? owners.count - QuorumSize.quorum.count(replicas: owners.count) : 0
            healthy.expect(
                missing.count <= spared, key: record.key.displayText,
                "with epoch \(state.epoch) \(missing.map(\.name).joined(separator: ", ")) own the key and do not hold it"
            )
        }
    }
}

/// A change of the ring that was asked for in a healthy cluster.
struct HealthyChange {
    /// The latest epoch then.
    let before: Epoch
    /// Keys that were written since, of which W owners hold what was acknowledged.
    var written: [Key] = []
    /// Whether somebody has taken the view that ends it.
    var wasChecked = false
}
