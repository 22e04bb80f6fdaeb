import NodeClient
import Testing

@testable import ClusterKit

/// From what members say of themselves and of each other to sentences.
@Suite struct VerdictTests {
    // MARK: A picture of a cluster

    /// Members that all see each other, and have the same settings.
    private func cluster(_ names: String...) -> [String: MemberLook] {
        var looks: [String: MemberLook] = [:]
        for (index, name) in names.enumerated() {
            var look = MemberLook(name: name, url: NodeURL(host: "10.0.0.\(index + 1)", port: 5000))
            look.answersAs = name
            look.epoch = 1
            look.keys = 7
            look.hints = 0
            look.recovering = 0
            look.members = names.enumerated().map { place, other in
                MemberLook.Entry(name: other, status: "active", liveness: "alive", peer: "10.0.0.\(place + 1):7000")
            }
            look.links = look.members.filter { $0.name != name }.map { entry in
                MemberLook.Link(node: entry.name, peer: entry.peer, isUp: true, seconds: 60, cause: nil, reason: "")
            }
            look.settings = settings()
            looks[name] = look
        }
        return looks
    }

    private func settings(w: Int = 2, tokens: Int = 32, timeout: Int = 2000, hash: String = "xxh3") -> JSONValue {
        let text = """
            {"node": {"name": "?", "peer": "?", "shards": 1}, "cluster": {"name": "demo", "members": [1]},
             "replication": {"n": 3, "w": \(w), "requestTimeoutMilliseconds": \(timeout)},
             "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": \(tokens), "hash": "\(hash)"}}}
            """
        return JSONValue(parsing: Array(text.utf8)) ?? .null
    }

    private func judged(_ looks: [String: MemberLook], changing: [String] = []) -> ClusterVerdict {
        var settings = ClusterVerdict.Settings()
        settings.changing = changing
        return ClusterVerdict(Array(looks.values), settings)
    }

    private func lose(
        _ looks: inout [String: MemberLook], _ from: String, _ to: String, cause: String = "unreachable",
        seconds: Double = 60, _ difference: MemberLook.Difference? = nil
    ) {
        guard let place = looks[from]?.links.firstIndex(where: { $0.node == to }) else { return }
        looks[from]?.links[place].isUp = false
        looks[from]?.links[place].seconds = seconds
        looks[from]?.links[place].cause = cause
        looks[from]?.links[place].reason = cause == "refused" ? "it refuses this node" : "no connection can be made"
        looks[from]?.links[place].difference = difference
    }

    private func refuse(_ looks: inout [String: MemberLook], _ odd: String, _ others: [String], seconds: Double = 0) {
        for other in others {
            lose(
                &looks, odd, other, cause: "refused", seconds: seconds,
                MemberLook.Difference(setting: "partitioner", own: "16 tokens", theirs: "32 tokens"))
            lose(
                &looks, other, odd, cause: "refused", seconds: seconds,
                MemberLook.Difference(setting: "partitioner", own: "32 tokens", theirs: "16 tokens"))
        }
    }

    // MARK: Nothing

    @Test func aClusterThatIsWellHasNoSentence() {
        let verdict = judged(cluster("A", "B", "C", "D"))
        #expect(verdict.isHealthy && verdict.notes.isEmpty)
        #expect(verdict.serving == ["A", "B", "C", "D"])
        #expect(judged(cluster("A")).isHealthy)
    }

    // MARK: Refusals

    @Test func aMemberThatOthersRefuseIsNamedWithBothValuesFromWhateverEnd() throws {
        var both = cluster("A", "B", "C", "D")
        refuse(&both, "D", ["A", "B", "C"])
        let sentence =
            "D is refused by A, B and C: partitioner is 16 tokens at D and 32 tokens at A, B and C; set it right at D and "
            + "start that again, before any other node is restarted"
        #expect(judged(both).problems == [sentence])
        #expect(judged(both).state(of: "D") == .refused)
        #expect(judged(both).serving == ["A", "B", "C"])

        // Its own end alone, and that of the others alone.
        var own = both
        for name in ["A", "B", "C"] { own[name]?.links = cluster("A", "B", "C", "D")[name]?.links ?? [] }
        #expect(judged(own).problems.first == sentence)
        var theirs = both
        theirs["D"]?.silence = "refused"
        #expect(judged(theirs).problems.contains(sentence))
    }

    @Test func whomAMemberRefusedIsRememberedWhereItsLinksTellNothing() {
        var looks = cluster("A", "B", "C", "D")
        looks["D"]?.silence = "no answer"
        for name in ["A", "B", "C"] {
            lose(&looks, name, "D")
            looks[name]?.refusedCallers = [
                MemberLook.Caller(
                    node: "D", address: "10.0.0.4:7000", reason: "...",
                    difference: MemberLook.Difference(setting: "cluster.name", own: "demo", theirs: "other"))
            ]
        }
        let problems = judged(looks).problems
        #expect(
            problems.contains { $0.hasPrefix("D is refused by A, B and C: cluster.name is other at D and demo at A") })
    }

    @Test func aHalfThatRefusesTheOtherIsToldWithoutSayingWhoIsWrong() {
        var looks = cluster("A", "B", "C", "D")
        for odd in ["C", "D"] { refuse(&looks, odd, ["A", "B"]) }
        let verdict = judged(looks)
        #expect(verdict.problems.count(where: { $0.contains("refused by") }) == 1)
        #expect(
            verdict.problems.contains {
                $0.hasPrefix(
                    "A and B are refused by C and D: partitioner is 32 tokens at A and B and 16 tokens at C and D")
                    && $0.hasSuffix("the same everywhere")
            }
        )
        #expect(verdict.state(of: "A") != .refused && verdict.state(of: "C") != .refused)
    }

    @Test func aStrangerIsANoteAlsoUnderTheNameOfAMember() {
        var looks = cluster("A", "B", "C")
        looks["A"]?.refusedCallers = [
            MemberLook.Caller(
                node: "X", address: "10.9.9.9:7000", reason: "cluster 'x' is not this one", difference: nil),
            MemberLook.Caller(
                node: "B", address: "10.9.9.8:7000", reason: "cluster 'x' is not this one", difference: nil),
            MemberLook.Caller(node: nil, address: "10.9.9.7", reason: "protocol version 3", difference: nil),
        ]
        let verdict = judged(looks)
        #expect(verdict.isHealthy && verdict.notes.count == 3)
        #expect(
            verdict.notes[0]
                == "A refused a node that calls itself X, at 10.9.9.9:7000, lately: cluster 'x' is not this one")
    }

    @Test func aCallerOfAnotherVersionIsNotToldTwice() {
        var looks = cluster("A", "B", "C")
        for other in ["A", "B"] {
            lose(
                &looks, other, "C", cause: "refused",
                MemberLook.Difference(setting: "protocol version", own: "4", theirs: "3"))
            looks[other]?.refusedCallers = [
                MemberLook.Caller(node: nil, address: "10.0.0.3", reason: "version 3", difference: nil)
            ]
        }
        let verdict = judged(looks)
        #expect(verdict.problems.count == 1 && verdict.notes.isEmpty)
        #expect(verdict.problems[0].hasSuffix("run one release of Stator on all of them"))
    }

    // MARK: Who reaches whom

    @Test func aMemberThatSeesNobodyIsIsolatedWhetherTheOthersSeeItOrNot() throws {
        var looks = cluster("A", "B", "C", "D")
        for other in ["A", "B", "C"] { lose(&looks, "D", other) }
        let oneWay = try #require(judged(looks).problems.first)
        #expect(oneWay.hasPrefix("D is isolated: it reaches none of A, B and C, though A, B and C reach it"))
        #expect(oneWay.contains("A at 10.0.0.1:7000: no connection can be made"))
        for other in ["A", "B", "C"] { lose(&looks, other, "D") }
        let verdict = judged(looks)
        #expect(verdict.problems.count == 1)
        #expect(
            verdict.problems[0].hasPrefix("D is isolated: it reaches none of A, B and C, and none of them reaches it"))
        #expect(verdict.state(of: "D") == .isolated)
    }

    @Test func anAddressAtWhichNobodyFindsAMemberIsShownBesideItsOwn() {
        var looks = cluster("A", "B", "C", "D")
        for other in ["A", "B", "C"] { lose(&looks, other, "D") }
        let verdict = judged(looks)
        #expect(verdict.problems.count == 1)
        #expect(
            verdict.problems[0].hasPrefix(
                "D is reached by none of A, B and C at its peer address 10.0.0.4:7000 (no connection can be made); its own "
                    + "node.peer is ?"))
    }

    @Test func aMemberThatIsNotFoundIsToldSoThoughItHearsNobodyForThatReason() {
        var looks = cluster("A", "B", "C", "D")
        for other in ["A", "B", "C"] { lose(&looks, other, "D") }
        for index in 0..<3 { looks["D"]?.members[index].liveness = "dead" }
        let problems = judged(looks).problems
        #expect(problems.count == 1 && problems[0].hasPrefix("D is reached by none of A, B and C"))
    }

    @Test func aPairThatDoesNotReachEachOtherIsToldBothWays() {
        var looks = cluster("A", "B", "C")
        lose(&looks, "A", "B")
        lose(&looks, "B", "A")
        #expect(
            judged(looks).problems == [
                "A does not reach B at 10.0.0.2:7000: no connection can be made",
                "B does not reach A at 10.0.0.1:7000: no connection can be made",
            ])
    }

    @Test func whatEndsByItselfIsNoProblemButARefusalIs() {
        var looks = cluster("A", "B", "C", "D")
        for other in ["A", "B", "C"] { lose(&looks, other, "D", seconds: 4) }
        #expect(judged(looks).isHealthy)
        var strict = ClusterVerdict.Settings()
        strict.isStrict = true
        #expect(ClusterVerdict(Array(looks.values), strict).problems.count == 1)
        #expect(ClusterVerdict(Array(cluster("A", "B", "C").values), strict).isHealthy)
        refuse(&looks, "D", ["A", "B", "C"], seconds: 0)
        #expect(!judged(looks).isHealthy)
    }

    @Test func aMemberWithoutHeartbeatsIsNotReachedThoughItsLinkIsUp() {
        var looks = cluster("A", "B", "C")
        looks["A"]?.members[1].liveness = "dead"
        #expect(judged(looks).problems == ["A does not reach B at 10.0.0.2:7000: its heartbeats do not come"])
    }

    @Test func membersWithoutAMajorityAreToldTogether() {
        var looks = cluster("A", "B", "C", "D")
        for name in ["C", "D"] {
            looks[name]?.silence = "http://x cannot be reached: refused"
            for other in ["A", "B"] { lose(&looks, other, name) }
        }
        let problems = judged(looks).problems
        #expect(problems.count == 3)
        #expect(
            problems[0]
                == "C does not answer: http://x cannot be reached: refused; no other member reaches it: start it again")
        #expect(problems[2].hasPrefix("A and B reach 2 of 4 members, which is no majority: C and D are missing"))
    }

    // MARK: Each by itself

    @Test func aMemberThatAnswersOnlyItsPeersIsToldSo() {
        var looks = cluster("A", "B", "C")
        looks["C"]?.silence = "no answer in 5 s"
        let problems = judged(looks).problems
        #expect(
            problems == [
                "C does not answer: no answer in 5 s; A and B reach it: it runs, and its HTTP address is wrong, closed or stuck"
            ])
    }

    @Test func doubtRecoveryAndReadinessAreToldOnce() {
        var looks = cluster("A", "B", "C")
        looks["A"]?.doubts = ["shard 0: damaged: a segment is missing"]
        looks["A"]?.recovering = 0.25
        looks["A"]?.notReady = "shard 0 is recovering"
        looks["B"]?.notReady = "it is joining"
        looks["C"]?.areHintsFull = true
        let verdict = judged(looks)
        #expect(verdict.problems.count == 2)
        #expect(verdict.problems[0] == "B is not ready: it is joining")
        #expect(verdict.problems[1].hasPrefix("A is in doubt, shard 0: damaged: a segment is missing"))
        #expect(verdict.problems[1].contains("25.0%"))
        #expect(verdict.notes == ["C keeps no more hints: its hint store is full"])
    }

    @Test func twoNodesAtOneAddressAreTold() {
        var looks = cluster("A", "B", "C")
        looks["C"]?.answersAs = "B"
        #expect(judged(looks).problems.first?.hasPrefix("C: B answers at its address http://10.0.0.3:5000") == true)
    }

    @Test func partitionsWithoutAQuorumOfThoseThatServeAreCounted() {
        var looks = cluster("A", "B", "C", "D")
        looks["A"]?.notReady = "it is joining"
        refuse(&looks, "D", ["A", "B", "C"])
        var settings = ClusterVerdict.Settings()
        settings.partitions = [["A", "B", "D"], ["B", "C", "D"], ["A", "D", "C"]]
        settings.quorum = 2
        let problems = ClusterVerdict(Array(looks.values), settings).problems
        #expect(problems.last == "no quorum of 2 in 2 of 3 partitions")
    }

    // MARK: Views and settings

    @Test func differentEpochsAndMembersAreTold() {
        var looks = cluster("A", "B", "C")
        looks["C"]?.epoch = 2
        #expect(judged(looks).problems.count == 1)
        #expect(
            judged(looks).problems[0].hasPrefix("the members hold different views: epoch 1 at A and B and epoch 2 at C")
        )
        looks["C"]?.epoch = 1
        looks["C"]?.members.removeFirst()
        #expect(
            judged(looks).problems.contains { $0.hasPrefix("the members know different members in the same epoch") })
        looks = cluster("A", "B", "C")
        looks["C"]?.members[2].peer = "10.0.0.3:7009"
        #expect(
            judged(looks).problems == [
                "the peer address of C is 10.0.0.3:7000 at A and B and 10.0.0.3:7009 at C; it must be the same in all files"
            ])
    }

    @Test func settingsThatMustBeTheSameAreProblemsAndOthersNotes() {
        var looks = cluster("A", "B", "C")
        looks["C"]?.settings = settings(w: 1, timeout: 500)
        let verdict = judged(looks)
        #expect(verdict.problems.count == 1 && verdict.notes.count == 1)
        #expect(
            verdict.problems[0].hasPrefix("replication.w is 2 at A and B and 1 at C; it must be the same everywhere"))
        #expect(verdict.notes[0] == "replication.requestTimeoutMilliseconds is 2000 at A and B and 500 at C")
        let planned = judged(looks, changing: ["replication.w"])
        #expect(planned.isHealthy && planned.notes.count == 2)
        #expect(!judged(looks, changing: ["replication"]).notes.isEmpty && !judged(looks, changing: ["repl"]).isHealthy)
    }

    @Test func whatIsRefusedForASettingIsNotToldAgainAsADifference() {
        var looks = cluster("A", "B", "C", "D")
        refuse(&looks, "D", ["A", "B", "C"])
        looks["D"]?.settings = settings(tokens: 16, hash: "md5")
        #expect(judged(looks).problems.count == 1)
        #expect(judged(looks, changing: ["strategies.partitioner"]).problems.count == 1, "a refusal is never planned")
    }

    // MARK: Pages

    @Test func pagesAreRead() throws {
        func page(_ text: String) throws -> JSONValue { try #require(JSONValue(parsing: Array(text.utf8))) }
        var look = MemberLook(name: "A", url: NodeURL(host: "h", port: 5000))
        look.take(
            ready: (503, "B refuses this node: x"), health: try page(#"{"problems": ["B refuses this node: x"]}"#),
            stats: try page(
                """
                {"epoch": 3, "keys": {"live": 5}, "hints": {"pending": 2, "full": true}, "recovering_fraction": 0.5,
                 "links": [{"node": "B", "peer": "h:1", "up": false, "seconds": 7.5, "cause": "refused", "reason": "r",
                            "setting": "s", "own": "1", "theirs": "2"}, {"node": "C", "peer": "h:2", "up": true}],
                 "refused_callers": [{"node": null, "address": "h", "reason": "r"}],
                 "shards": [{"shard": 0, "doubt": null}, {"shard": 1, "doubt": "new: why"}]}
                """),
            gossip: try page(
                #"{"node": "A", "members": [{"node": "B", "status": "joining", "liveness": "dead", "peer": "h:1"}]}"#),
            config: .object([]))
        #expect(look.answers && look.notReady == nil, "what it says of others is judged with what they say")
        #expect(look.epoch == 3 && look.keys == 5 && look.hints == 2 && look.areHintsFull && look.recovering == 0.5)
        #expect(look.doubts == ["shard 1: new: why"] && look.isChanging)
        let link = try #require(look.link(to: "B"))
        #expect(link.cause == "refused" && link.seconds == 7.5 && !link.isUp)
        #expect(link.difference == MemberLook.Difference(setting: "s", own: "1", theirs: "2"))
        #expect(look.link(to: "C")?.isUp == true && look.link(to: "C")?.difference == nil)
        #expect(look.refusedCallers.map(\.node) == [nil])

        var unready = MemberLook(name: "A", url: NodeURL(host: "h", port: 5000))
        unready.take(ready: (503, "it is joining"), health: .null, stats: .null, gossip: .null, config: .null)
        #expect(unready.notReady == "it is joining" && !unready.answers)
    }
}
