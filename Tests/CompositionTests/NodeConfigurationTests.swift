import Composition
import ConflictResolution
import Membership
import Partitioning
import Replication
import StatorCore
import Testing

@Suite struct NodeConfigurationTests {
    @Test func everythingButNamesAndAddressesHasDefaults() throws {
        let configuration = try load(minimal)
        #expect(configuration.replication == ReplicationSettings())
        #expect(configuration.hints == HintSettings())
        #expect(configuration.antiEntropy == AntiEntropySettings())
        #expect(configuration.durability == DurabilitySettings())
        #expect(configuration.node.dataFolder == "data/A")
        #expect(configuration.node.logFile == "")
        #expect(configuration.node.logLevel == .info)
        #expect(configuration.node.shards == 1)
        #expect(!configuration.isOutsider)
        #expect(
            configuration.kinds
                == StrategyKinds(
                    partitioner: "vnode-ring", conflictResolver: "dotted-version-vector", membership: "gossip",
                    sync: "merkle", storage: "log"))
    }

    @Test func blueprintSaysWhatTheFileSays() throws {
        let blueprint = try load(
            minimal,
            set: [
                "replication.w=3", "hints.enabled=false", "antiEntropy.intervalMilliseconds=70", "node.shards=4",
                "durability.mode=interval", "strategies.partitioner.tokensPerNode=64", "node.zone=r1", "node.weight=2",
                "cluster.members.0.zone=r1", "cluster.members.0.weight=2",
            ]
        ).blueprint()
        #expect(blueprint.cluster == "demo")
        #expect(
            blueprint.member
                == Member(
                    node: NodeID("A"), status: .active, zone: "r1", weight: 2,
                    peerEndpoint: Endpoint(host: "127.0.0.1", port: 7000),
                    httpEndpoint: Endpoint(host: "127.0.0.1", port: 5000)))
        #expect(blueprint.initialMembers.map(\.node.name) == ["A", "B", "C"])
        #expect(blueprint.initialMembers[0] == blueprint.member)
        #expect(blueprint.shards == 4)
        #expect(blueprint.replication.writeQuorum == 3)
        #expect(!blueprint.hints.areKept)
        #expect(blueprint.antiEntropy.interval == .milliseconds(70))
        #expect(blueprint.durability.mode == .interval)
        #expect((blueprint.partitioner as? TokensPartitioner)?.settings.tokens == 64)
        #expect(blueprint.resolver is TestResolver)
        #expect(blueprint.membershipGuarantees == [MembershipGuarantees.acceptsChanges])
        let environment = MembershipEnvironment(
            node: NodeID("A"), generation: 1, view: View(epoch: Epoch(1), members: []),
            random: RandomGenerator(seed: 1))
        #expect(blueprint.makeMembership(environment) is OpenMembership)
    }

    @Test func nodeOutsideTheMembersWaitsToBeJoined() throws {
        let configuration = try load(outsider)
        #expect(configuration.isOutsider)
        let blueprint = configuration.blueprint()
        #expect(blueprint.member.status == .joining)
        #expect(blueprint.initialMembers.map(\.node.name) == ["A", "B", "C"])
        #expect(blueprint.initialMembers.allSatisfy { $0.status == .active })
    }

    @Test func memberTakesZoneAndWeightFromItsEntryWhereItSaysNothing() throws {
        let configuration = try load(minimal, set: ["cluster.members.0.zone=r7", "cluster.members.0.weight=3"])
        #expect(configuration.node.zone == "r7")
        #expect(configuration.node.weight == 3)
    }

    @Test func membersAreSortedWhateverTheirOrderInTheFile() throws {
        let blueprint = try load(
            minimal.replacingFirst(#""name": "B""#, with: #""name": "Z""#)
        ).blueprint()
        #expect(blueprint.initialMembers.map(\.node.name) == ["A", "C", "Z"])
    }

    @Test func effectiveJSONReadsBackToTheSameConfiguration() throws {
        let variants: [[String]] = [
            [], ["strategies.partitioner.kind=md5-ring", "strategies.storage.kind=memory"],
            [
                "replication={\"n\":2,\"r\":1,\"w\":1,\"sloppy\":false}", "node.logFile=logs/A \\u00e9.log",
                "strategies.partitioner={\"slack\":0.125,\"spread\":\"random\"}", "durability.mode=none",
                "strategies.storage={\"kind\":\"log\",\"segmentBytes\":4096}", "node.weight=7",
                "cluster.members.0.weight=7", "cluster.members.1.http=[::1]:5001",
            ],
        ]
        for overrides in variants {
            let configuration = try load(minimal, set: overrides)
            for pretty in [true, false] {
                let text = configuration.effectiveJSON(pretty: pretty)
                let again = try load(text)
                #expect(again.effectiveJSON(pretty: pretty) == text)
                #expect(again.node == configuration.node)
                #expect(again.cluster == configuration.cluster)
                #expect(again.members == configuration.members)
                #expect(again.replication == configuration.replication)
                #expect(again.durability == configuration.durability)
                #expect(again.kinds == configuration.kinds)
                #expect(again.blueprint().initialMembers == configuration.blueprint().initialMembers)
            }
        }
    }

    @Test func effectiveJSONNamesEveryField() throws {
        let text = try load(outsider).effectiveJSON(pretty: true)
        #expect(
            text.hasPrefix(
                """
                {
                  "node": {
                    "name": "E",
                    "peer": "127.0.0.1:7004",
                    "http": "127.0.0.1:5004",
                    "resp": "",
                    "zone": "default",
                    "weight": 1,
                    "shards": 1,
                    "recordCacheBytes": 67108864,
                    "dataFolder": "data/E",
                    "logFile": "",
                    "logLevel": "info"
                  },
                  "cluster": {
                    "name": "demo",
                    "members": [

                """), "\(text)")
        #expect(
            text.contains(
                #""partitioner": {"kind": "vnode-ring", "tokensPerNode": 128, "slack": 0.25, "spread": "even"}"#))
        #expect(text.contains(#""durability": {"mode": "group-commit", "intervalMilliseconds": 1000}"#))
        #expect(text.contains(#""maximumAgeMilliseconds": 10800000"#))
    }

    @Test func durabilityFollowsAnEngineThatKeepsNothing() throws {
        #expect(try load(minimal, set: ["strategies.storage.kind=memory"]).durability.mode == .none)
        #expect(
            try load(minimal, set: ["strategies.storage.kind=memory", "durability.mode=none"]).durability.mode == .none)
    }

    @Test func editorsMayNameTheSchema() throws {
        #expect(throws: Never.self) { try load(minimal, set: ["$schema=../schema/node.json"]) }
    }
}
