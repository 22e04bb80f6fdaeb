import Composition
import StatorCore
import Testing

@testable import Replication

/// Under which leases nodes issue dots: three membership machines whose folders can be copied and put back.
@Suite struct LeaseTests {
    @Test func aFirstStartIssuesAtOnceAndIsWitnessed() throws {
        var cluster = try LeaseCluster()
        cluster.start("A", life: 1)
        let grant = try #require(cluster.grant("A"))
        #expect(grant.above == 0)
        #expect(cluster.folders["A"]?.lease == nil)
        cluster.start("B", life: 2)
        cluster.start("C", life: 3)
        cluster.linkAll()
        #expect(cluster.folders["A"]?.lease == grant.lease)
    }

    @Test(arguments: [1, 2, 3])
    func aStartGoesOnAboveItsLastLease(restarts: Int) throws {
        var cluster = try LeaseCluster.running()
        let first = try #require(cluster.grant("A"))
        for restart in 1...restarts {
            cluster.stop("A")
            cluster.start("A", life: 10 + UInt64(restart))
            // Nothing is issued before the others were heard.
            #expect(cluster.grant("A") == nil)
            cluster.linkAll()
            let next = try #require(cluster.grant("A"))
            #expect(next.lease.incarnation == first.lease.incarnation)
            #expect(next.above == UInt64(restart) * DotLease.length)
            #expect(next.lease.end == next.above + DotLease.length)
            #expect(cluster.folders["A"]?.lease == next.lease)
        }
    }

    /// A member that was away at a start, or at several, is no witness against it.
    @Test(arguments: [1, 2])
    func whoWasAwayTakesWhatAMajorityHasWitnessed(restarts: Int) throws {
        var cluster = try LeaseCluster.running(members: ["A", "B", "C", "D"])
        cluster.stop("D")
        for restart in 1...restarts {
            cluster.stop("A")
            cluster.start("A", life: 10 + UInt64(restart))
            cluster.linkAll()
        }
        cluster.start("D", life: 50)
        cluster.linkAll()
        cluster.stop("B")
        cluster.stop("A")
        cluster.start("A", life: 60)
        cluster.linkAll()
        // C and D are a majority of the others.
        #expect(cluster.grant("A")?.above == UInt64(restarts + 1) * DotLease.length)
        #expect(cluster.restored == [])
        #expect(!cluster.said.contains { $0.contains("another copy") })
    }

    @Test func whereTooFewAnswerANewIncarnationBeginsAndTheOldOneGoesOnLater() throws {
        var cluster = try LeaseCluster.running()
        let first = try #require(cluster.grant("A"))
        for name in ["A", "B", "C"] { cluster.stop(name) }
        cluster.start("A", life: 11)
        cluster.start("B", life: 12)
        cluster.linkAll()
        #expect(cluster.grant("A") == nil)
        cluster.handle("A", .timer(.lease))
        let spell = try #require(cluster.grant("A"))
        #expect(spell.lease.incarnation != first.lease.incarnation)
        #expect(cluster.folders["A"]?.lease == first.lease)
        // With C there is a majority of the others: nobody has gone on with the old one.
        cluster.start("C", life: 13)
        cluster.linkAll()
        cluster.handle("A", .timer(.tick))
        let later = try #require(cluster.grant("A"))
        #expect(later == DotGrant(lease: try #require(first.lease.next), above: first.lease.end))
    }

    @Test func anOlderFolderIsNotGoneOnWithAndKnowsThatItWasPutBack() throws {
        var cluster = try LeaseCluster.running()
        cluster.stop("A")
        let saved = cluster.folders["A"]
        cluster.start("A", life: 11)
        cluster.linkAll()
        let issued = try #require(cluster.grant("A"))
        cluster.stop("A")
        cluster.folders["A"] = saved
        cluster.start("A", life: 12)
        cluster.linkAll()
        let grant = try #require(cluster.grant("A"))
        #expect(grant.lease.incarnation != issued.lease.incarnation)
        #expect(cluster.restored == ["A"])
        #expect(cluster.folders["A"]?.lease == grant.lease)
    }

    /// A crash between the witnesses' yes and the folder's is no sign of an older folder.
    @Test(arguments: 1...5)
    func aStartThatWasCutShortIsNotTakenForAnOlderFolder(crashes: Int) throws {
        var cluster = try LeaseCluster.running()
        for crash in 1...crashes {
            cluster.stop("A")
            cluster.failsToPersist = ["A"]
            cluster.start("A", life: 10 + UInt64(crash))
            cluster.linkAll()
        }
        cluster.stop("A")
        cluster.failsToPersist = []
        cluster.start("A", life: 99)
        cluster.linkAll()
        #expect(cluster.grant("A") != nil)
        #expect(cluster.restored == [])
    }

    @Test func ofTwoCopiesAtTheSameTimeOneGoesOn() throws {
        var cluster = try LeaseCluster.running()
        cluster.stop("A")
        let folder = cluster.folders["A"]
        cluster.start("A", life: 11)
        cluster.linkAll()
        let one = try #require(cluster.grant("A"))
        // The other copy takes the name over, and later the first one comes back and wants more.
        let paused = cluster.take("A")
        cluster.folders["A"] = folder
        cluster.start("A", life: 12)
        cluster.linkAll()
        let two = try #require(cluster.grant("A"))
        #expect(one.lease.incarnation != two.lease.incarnation)
        cluster.put("A", paused)
        cluster.handle("A", .dotsIssued(one.lease.end - DotLease.length / 4, incarnation: one.lease.incarnation))
        let more = try #require(cluster.grant("A"))
        #expect(more.lease != two.lease)
    }

    @Test func aLeaseIsMadeLongerBeforeItEnds() throws {
        var cluster = try LeaseCluster.running()
        let first = try #require(cluster.grant("A"))
        cluster.handle("A", .dotsIssued(DotLease.length / 4, incarnation: first.lease.incarnation))
        #expect(cluster.grant("A") == first)
        cluster.handle("A", .dotsIssued(DotLease.length / 2, incarnation: first.lease.incarnation))
        #expect(cluster.grant("A")?.lease == first.lease.next)
        #expect(cluster.folders["A"]?.lease == first.lease.next)
    }

    /// Writes go on where nobody can be asked.
    @Test func aLeaseThatNobodyProlongsIsFollowedByANewIncarnation() throws {
        var cluster = try LeaseCluster.running()
        let first = try #require(cluster.grant("A"))
        cluster.stop("B")
        cluster.stop("C")
        let incarnation = first.lease.incarnation
        cluster.handle("A", .dotsIssued(DotLease.length / 2, incarnation: incarnation))
        #expect(cluster.grant("A") == first)
        cluster.handle("A", .dotsIssued(first.lease.end - DotLease.reserve, incarnation: incarnation))
        let spell = try #require(cluster.grant("A"))
        #expect(spell.lease.incarnation != incarnation)
        // In no folder it needs no witness to grow.
        cluster.handle("A", .dotsIssued(DotLease.length / 2, incarnation: spell.lease.incarnation))
        #expect(cluster.grant("A")?.lease == spell.lease.next)
        #expect(cluster.folders["A"]?.lease == first.lease)
    }

    @Test func aNodeWithoutOthersHasItsFolderToGoBy() throws {
        var cluster = try LeaseCluster(members: ["A"])
        cluster.start("A", life: 1)
        let first = try #require(cluster.grant("A"))
        #expect(cluster.folders["A"]?.lease == first.lease)
        cluster.stop("A")
        cluster.start("A", life: 2)
        #expect(cluster.grant("A") == DotGrant(lease: try #require(first.lease.next), above: first.lease.end))
    }

    /// Random lives of node A, from its folder or from any earlier one, with others away and writes that fail: no counter
    /// is granted in two lives.
    @Test(arguments: 0..<300)
    func noCounterIsGrantedTwice(seed: Int) throws {
        var random = RandomGenerator(seed: UInt64(seed))
        var cluster = try LeaseCluster(seed: UInt64(seed))
        var saved: [NodeIdentity?] = [nil]
        var granted: [UInt64: [(life: UInt64, above: UInt64, end: UInt64)]] = [:]
        var life: UInt64 = 1
        for name in ["B", "C"] { cluster.start(name, life: 1000) }
        for _ in 0..<30 {
            life += 1
            cluster.failsToPersist = random.chance(0.2) ? ["A"] : random.chance(0.1) ? ["B"] : []
            cluster.start("A", life: life)
            if random.chance(0.8) { cluster.linkAll() } else { cluster.link("A", random.chance(0.5) ? "B" : "C") }
            if random.chance(0.3) { cluster.handle("A", .timer(.lease)) }
            if random.chance(0.3) { cluster.failsToPersist = [] }
            for _ in 0..<random.below(4) {
                if let grant = cluster.grant("A") {
                    let left = grant.lease.end - (random.chance(0.5) ? DotLease.length / 3 : DotLease.reserve / 2)
                    cluster.handle("A", .dotsIssued(left, incarnation: grant.lease.incarnation))
                }
                if random.chance(0.5) { cluster.handle("A", .timer(.tick)) }
                if random.chance(0.2) { cluster.linkAll() }
            }
            for grant in cluster.grants {
                granted[grant.lease.incarnation, default: []].append((life, grant.above, grant.lease.end))
            }
            saved.append(cluster.folders["A"])
            cluster.stop("A")
            if random.chance(0.3) { cluster.folders["A"] = saved[random.below(saved.count)] }
            if random.chance(0.2) {
                let other = random.chance(0.5) ? "B" : "C"
                cluster.stop(other)
                cluster.start(other, life: 1000 + life)
            }
        }
        for (incarnation, grants) in granted {
            for one in grants {
                // A grant without a bound below continues its own life's.
                for other in grants where other.life > one.life {
                    let start = grants.filter { $0.life == other.life }.map(\.above).max() ?? 0
                    #expect(start >= one.end, "\(incarnation): life \(other.life) repeats counters of \(one.life)")
                }
            }
        }
    }
}

/// Membership machines with the folders and links of a cluster, without a network's time.
private struct LeaseCluster {
    private let members: [String]
    private var machines: [String: MembershipMachine] = [:]
    private var books: [String: WitnessBook] = [:]
    private var up: Set<String> = []
    private let seed: UInt64
    var folders: [String: NodeIdentity] = [:]
    var failsToPersist: [String] = []
    var restored: [String] = []
    /// What machines logged.
    var said: [String] = []
    /// Of A's present life.
    var grants: [DotGrant] = []
    private var last: [String: DotGrant] = [:]
    private var links: Set<Set<String>> = []

    init(members: [String] = ["A", "B", "C"], seed: UInt64 = 1) throws {
        self.members = members
        self.seed = seed
        _ = try LeaseCluster.blueprint("A", members)
    }

    static func running(members: [String] = ["A", "B", "C"]) throws -> LeaseCluster {
        var cluster = try LeaseCluster(members: members)
        for (life, name) in members.enumerated() { cluster.start(name, life: UInt64(life + 1)) }
        cluster.linkAll()
        return cluster
    }

    private static func blueprint(_ name: String, _ members: [String]) throws -> NodeBlueprint {
        func places(_ name: String) -> String {
            let index = members.firstIndex(of: name) ?? 0
            return #""name": "\#(name)", "peer": "127.0.0.1:\#(7000 + index)", "http": "127.0.0.1:\#(5000 + index)""#
        }
        let json = """
            {"node": {\(places(name))},
            "cluster": {"name": "test", "members": [\(members.map { "{\(places($0))}" }.joined(separator: ", "))]},
            "strategies": {"membership": {"kind": "static"}},
            "replication": {"n": 1, "r": 1, "w": 1}}
            """
        return try NodeConfiguration.load(json: json, registry: .standard).blueprint()
    }

    func grant(_ name: String) -> DotGrant? { last[name] }

    mutating func start(_ name: String, life: UInt64) {
        guard let blueprint = try? LeaseCluster.blueprint(name, members) else { return }
        var identity = folders[name] ?? NodeIdentity(generation: 0, doubts: [nil])
        identity.generation += 1
        identity.lives = Array((identity.lives + [life]).suffix(NodeIdentity.rememberedLives))
        folders[name] = identity
        last[name] = nil
        if name == "A" { grants = [] }
        let view = View(epoch: Epoch(1), members: blueprint.initialMembers)
        machines[name] = MembershipMachine(
            blueprint: blueprint, identity: identity, view: view, witnessed: books[name] ?? WitnessBook(),
            random: RandomGenerator(seed: seed << 32 | life))
        up.insert(name)
        handle(name, .started)
    }

    mutating func stop(_ name: String) {
        up.remove(name)
        machines[name] = nil
        for link in links where link.contains(name) {
            links.remove(link)
            for peer in link where peer != name { handle(peer, .linkChanged(NodeID(name), isUp: false)) }
        }
    }

    /// Takes a running machine out, as if it were paused.
    mutating func take(_ name: String) -> MembershipMachine? {
        let machine = machines[name]
        stop(name)
        return machine
    }

    mutating func put(_ name: String, _ machine: MembershipMachine?) {
        machines[name] = machine
        up.insert(name)
        links = links.filter { !$0.contains(name) }
        linkAll()
    }

    mutating func linkAll() {
        for one in members { for other in members where one < other { link(one, other) } }
    }

    mutating func link(_ one: String, _ other: String) {
        guard up.contains(one), up.contains(other) else { return }
        links.insert([one, other])
        handle(one, .linkChanged(NodeID(other), isUp: true))
        handle(other, .linkChanged(NodeID(one), isUp: true))
    }

    /// Has a machine handle an event, and everything that follows from it, in order.
    mutating func handle(_ name: String, _ event: MembershipMachineEvent) {
        var queue = [(name, event)]
        var next = 0
        while next < queue.count {
            let (name, event) = queue[next]
            next += 1
            guard let machine = machines[name] else { continue }
            var outbox = Outbox<MembershipMachineEffect>()
            machine.handle(
                event, now: Now(monotonic: Instant(nanoseconds: 1), wall: WallTime(microseconds: 1)), outbox: &outbox)
            for effect in outbox.drain() { queue += carryOut(effect, name) }
        }
    }

    private mutating func carryOut(
        _ effect: MembershipMachineEffect, _ name: String
    ) -> [(String, MembershipMachineEvent)] {
        switch effect {
        case .send(let peer, let message):
            guard links.contains([name, peer.name]) else { return [] }
            return [(peer.name, .message(from: NodeID(name), message))]
        case .persistLease(let lease):
            guard !failsToPersist.contains(name) else { return [(name, .leasePersisted(lease, failure: "no space"))] }
            folders[name]?.lease = lease
            let life = folders[name]?.life ?? 0
            folders[name]?.lives = [life]
            return [(name, .leasePersisted(lease, failure: nil))]
        case .persistWitness(let book):
            guard !failsToPersist.contains(name) else { return [(name, .witnessPersisted(failure: "no space"))] }
            books[name] = book
            return [(name, .witnessPersisted(failure: nil))]
        case .grant(let grant):
            last[name] = grant
            if name == "A" { grants.append(grant) }
            return []
        case .noteRestored:
            restored.append(name)
            return []
        case .log(let entry):
            said.append("\(entry)")
            return []
        default: return []
        }
    }
}
