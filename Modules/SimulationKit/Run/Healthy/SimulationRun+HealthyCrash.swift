internal import Checking
internal import ConflictResolution
internal import Membership
internal import NIOCore
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// One node dies and comes back: everybody notices both, nobody else is suspected, and what it missed it is given.
extension SimulationRun {
    func tryCrash() {
        let members = healthyMembers
        // A disk that was made to forget may hold what no start can read.
        guard members.count > 1, file.replication.replicas > 1,
            let victim = members.last(where: { !hasForgotten.contains($0) })
        else { return }
        let name = cluster.names[victim]
        answers.forgetSuspicions()
        let before = hintCounts(besides: name)
        cluster.crash(name)
        let others = members.filter { $0 != victim }
        if detectsFailures { expectNoticed(name, isDead: true, by: others) }
        // Where nobody is left who could stand in, only anti-entropy brings back what it missed.
        if file.antiEntropy.isPeriodic, isNetworkExact { writeWithout(victim, at: others) }
        guard cluster.start(name) == nil else { return healthy.expect(false, "\(name) does not start again") }
        if detectsFailures {
            expectNoticed(name, isDead: false, by: others)
            let wrong = answers.suspicions.filter { $0.peer != victim && $0.observer != victim }
                .map { "\(cluster.names[$0.observer]) took \(cluster.names[$0.peer])" }
            healthy.expect(wrong.isEmpty, "while only \(name) was down, \(wrong.joined(separator: ", ")) for dead")
        }
        guard areLinksWhole() else { return }
        expectHandedOver(to: name, before)
        expectSettled(after: "\(name) came back")
    }

    private var detectsFailures: Bool {
        file.membershipGuarantees.contains(MembershipGuarantees.detectsFailures)
    }

    private func expectNoticed(_ name: NodeID, isDead: Bool, by observers: [Int]) {
        func isBlind(_ observer: Int) -> Bool {
            let reports = cluster.membership(of: cluster.names[observer])?.members ?? []
            return reports.first { $0.member.node == name }.map { ($0.liveness == .dead) != isDead } ?? false
        }
        let isNoticed = runHealthy(atMost: file.phases.settle) { !observers.contains { isBlind($0) } }
        let blind = observers.filter { isBlind($0) }.map { cluster.names[$0].name }.joined(separator: ", ")
        healthy.expect(
            isNoticed,
            "\(file.phases.settle) after \(name) \(isDead ? "died" : "came back") \(blind) do not know")
    }

    // MARK: What it missed

    /// Writes keys of the missing node: a quorum of the others takes them.
    private func writeWithout(_ victim: Int, at others: [Int]) {
        guard let placement = healthyPlacement else { return }
        var written = 0
        for number in 0..<40 where written < 3 {
            guard let key = try? Key("missed \(number)"),
                placement.isReplica(cluster.names[victim], for: cluster.token(of: key))
            else { continue }
            let content = Content(form: .raw, bytes: ByteBuffer(string: "missed"))
            let options = RequestOptions(writeQuorum: .quorum)
            let response = askHealthy(
                write(key, content, .held, options), at: others[number % others.count])
            var isStored = false
            if case .stored = response { isStored = true }
            // With two replicas a quorum is both.
            healthy.expect(
                isStored || file.replication.replicas == 2, key: key.displayText,
                "a write while only \(cluster.names[victim]) is down: \(said(response))")
            written += 1
        }
        cluster.run(for: file.replication.requestTimeout)
    }

    /// Hints that were made, and those that were delivered, by all nodes but one.
    private func hintCounts(besides victim: NodeID) -> (made: Int, delivered: Int) {
        var counts = (made: 0, delivered: 0)
        for name in cluster.names where name != victim {
            for counters in cluster.counters(of: name) {
                counts.made += counters.hintsCreated - counters.hintsSuperseded
                counts.delivered += counters.hintsDelivered
            }
        }
        return counts
    }

    private func expectHandedOver(to name: NodeID, _ before: (made: Int, delivered: Int)) {
        func waiting() -> Int { cluster.names.reduce(0) { $0 + hints(at: $1) } }
        let isEmpty = runHealthy(atMost: file.phases.settle) { waiting() == 0 }
        healthy.expect(isEmpty, "\(file.phases.settle) after \(name) came back \(waiting()) hints wait")
        guard isEmpty, file.hints.maximumAge >= .seconds(120) else { return }
        let after = hintCounts(besides: name)
        healthy.expect(
            after.made - before.made == after.delivered - before.delivered,
            "\(after.made - before.made) hints were made and \(after.delivered - before.delivered) delivered")
    }

    private func hints(at name: NodeID) -> Int {
        cluster.inspection(of: name).flatMap(\.hintsWaiting).reduce(0) { $0 + $1.count }
    }
}
