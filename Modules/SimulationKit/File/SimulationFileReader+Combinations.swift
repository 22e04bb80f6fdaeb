import Composition
import Membership
import Replication
import StatorCore
import Storage

/// What only shows when parts of a simulation are seen together.
extension SimulationFileReader {
    mutating func checkCombinations(of file: SimulationFile) {
        refuseFileFaultsWithoutFiles(file)
        refuseChangesWithoutMembership(file)
        refuseTooManyDown(file)
        refuseScheduledFaults(file)
        if file.phases.settle < file.replication.requestTimeout {
            problems.add(
                "phases.settleMilliseconds",
                "is shorter than replication.requestTimeoutMilliseconds, so that not even one request could end in it")
        }
    }

    /// Faults of files cannot happen to an engine that keeps none, or that does not write through the simulated disk.
    private mutating func refuseFileFaultsWithoutFiles(_ file: SimulationFile) {
        if file.storageGuarantees.contains(StorageGuarantees.persists) { return }
        let rates = [
            ("diskErrorsPerMinute", file.faults.diskErrors), ("failingSyncsPerMinute", file.faults.failingSyncs),
            ("fullDisksPerMinute", file.faults.fullDisks), ("bitFlipsPerMinute", file.faults.bitFlips),
            ("lostWritesPerMinute", file.faults.lostWrites),
            ("misdirectedWritesPerMinute", file.faults.misdirectedWrites),
            ("damagedFilesPerMinute", file.faults.damagedFiles),
            ("restoresPerMinute", file.faults.restores),
            ("copiedFoldersPerMinute", file.faults.copiedFolders),
        ]
        for (field, rate) in rates where rate > 0 {
            problems.add(
                "faults".field(field),
                "cannot happen: storage \"\(file.kinds.storage)\" writes nothing to the simulated disk",
                suggestion: "set it to 0, or choose a storage that writes files")
        }
    }

    private mutating func refuseChangesWithoutMembership(_ file: SimulationFile) {
        let membership = registry.membershipProtocols.first { $0.kind == file.kinds.membership }
        let accepts = membership?.guarantees.contains(MembershipGuarantees.acceptsChanges) ?? false
        let rates = [
            ("membershipChangesPerMinute", file.faults.membershipChanges),
            ("replacementsPerMinute", file.faults.replacements),
        ]
        for (position, fault) in file.schedule.enumerated() where [.join, .leave].contains(fault.kind) && !accepts {
            problems.add(
                "faults.schedule.\(position).kind",
                "cannot happen: membership \"\(file.kinds.membership)\" accepts no changes")
        }
        for (field, rate) in rates where rate > 0 && !accepts {
            problems.add(
                "faults".field(field), "cannot happen: membership \"\(file.kinds.membership)\" accepts no changes",
                suggestion: "set it to 0, or choose a membership that accepts them")
        }
        if file.cluster.outsiders == 0 {
            refuseChangesWithoutOutsiders(file)
        } else if !file.changesRing {
            problems.add(
                "cluster.outsiders",
                "is \(file.cluster.outsiders), but no fault changes the ring, so that none would ever join",
                suggestion: "set faults.membershipChangesPerMinute or faults.replacementsPerMinute, or schedule a join")
        }
    }

    private mutating func refuseChangesWithoutOutsiders(_ file: SimulationFile) {
        if file.faults.replacements > 0 {
            problems.add(
                "faults.replacementsPerMinute", "cannot happen: cluster.outsiders is 0, so that nobody could join")
        }
        if file.faults.membershipChanges > 0, file.cluster.nodes <= file.replication.replicas {
            problems.add(
                "faults.membershipChangesPerMinute",
                "cannot happen: there is no outsider to let in, and \(file.cluster.nodes) members with n = "
                    + "\(file.replication.replicas) cannot spare one")
        }
    }

    private mutating func refuseTooManyDown(_ file: SimulationFile) {
        guard file.faults.downMaximum > file.cluster.nodes else { return }
        problems.add(
            "faults.downMaximum", "is \(file.faults.downMaximum), but there are \(file.cluster.nodes) nodes")
    }

    private mutating func refuseScheduledFaults(_ file: SimulationFile) {
        let names = file.configurations.map(\.nodeID.name)
        let members = names.prefix(file.cluster.nodes)
        for (position, fault) in file.schedule.enumerated() {
            let place = "faults.schedule.\(position)"
            if fault.at >= file.phases.faults {
                problems.add(
                    "\(place).atMilliseconds", "is not before the end of the safety phase (phases.faultsMilliseconds)")
            }
            guard fault.kind != .loss else { continue }
            guard names.contains(fault.node) else {
                problems.add(
                    "\(place).node",
                    "found \(JSONValue.quoted(fault.node)), expected a node: \(names.prefix(30).joined(separator: ", "))"
                )
                continue
            }
            if fault.kind == .join, members.contains(fault.node) {
                problems.add("\(place).node", "\(fault.node) is a member from the start; only outsiders can join")
            }
        }
    }
}
