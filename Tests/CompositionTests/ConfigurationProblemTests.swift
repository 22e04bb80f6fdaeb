import Composition
import Testing

@Suite struct ConfigurationProblemTests {
    @Test(arguments: [
        // Unknown fields.
        (
            "replication.replica=3",
            #"replication.replica: unknown field, known here: n, r, w, fallbacks, sloppy, readRepair, readFanOut, hedgeMilliseconds, requestTimeoutMilliseconds, replicaTimeoutMilliseconds, maximumRequestsInFlight, maximumValueBytes, maximumRecordBytes (from --set replication.replica=3)"#
        ),
        (
            "hints.maximumByte=4096",
            #"hints.maximumByte: unknown field, known here: enabled, maximumBytes, maximumAgeMilliseconds, deliveryIntervalMilliseconds, deliveryWindow (from --set hints.maximumByte=4096); did you mean "maximumBytes"?"#
        ),
        (
            "replicaton.n=3",
            #"replicaton: unknown field, known here: node, cluster, replication, hints, antiEntropy, durability, resp, strategies, $schema (from --set replicaton.n=3); did you mean "replication"?"#
        ),
        (
            "cluster.members.1.prot=1",
            #"cluster.members.1.prot: unknown field, known here: name, peer, http, resp, zone, weight (from --set cluster.members.1.prot=1)"#
        ),
        (
            "strategies.partitoner.kind=a",
            #"strategies.partitoner: unknown field, known here: partitioner, conflictResolver, membership, sync, storage (from --set strategies.partitoner.kind=a); did you mean "partitioner"?"#
        ),
        // Wrong types and ranges.
        (
            "replication.w=\"2\"",
            #"replication.w: found "2", expected a whole number from 1 to 16 (from --set replication.w=\"2\"); write it without quotes"#
        ),
        (
            "replication.w=2.0",
            "replication.w: found 2.0, expected a whole number from 1 to 16 (from --set replication.w=2.0)"
        ),
        (
            "replication.w=0",
            "replication.w: found 0, expected a whole number from 1 to 16 (from --set replication.w=0)"
        ),
        (
            "replication.w=null",
            "replication.w: found null, expected a whole number from 1 to 16 (from --set replication.w=null)"
        ),
        (
            "replication.sloppy=yes",
            #"replication.sloppy: found "yes", expected true or false (from --set replication.sloppy=yes)"#
        ),
        ("replication=[]", "replication: found an empty array, expected an object (from --set replication=[])"),
        (
            "durability.mode=group_commit",
            #"durability.mode: found "group_commit", expected one of "none", "interval", "group-commit" (from --set durability.mode=group_commit); did you mean "group-commit"?"#
        ),
        (
            "strategies.partitioner.slack=1.5",
            "strategies.partitioner.slack: found 1.5, expected a number from 0.0 to 1.0 (from --set strategies.partitioner.slack=1.5)"
        ),
        (
            "strategies.partitioner=md5-ring",
            #"strategies.partitioner: found "md5-ring", expected an object (from --set strategies.partitioner=md5-ring)"#
        ),
        ("node.shards=65", "node.shards: found 65, expected a whole number from 1 to 64 (from --set node.shards=65)"),
        (
            "node.dataFolder=5",
            "node.dataFolder: found 5, expected a text of at most 1024 bytes (from --set node.dataFolder=5); write it in double quotes"
        ),
        (
            "node.logFile=\"a\\u0000b\"",
            #"node.logFile: found "a\u0000b", which holds a control character (from --set node.logFile=\"a\\u0000b\")"#
        ),
        // Kinds.
        (
            "strategies.partitioner.kind=md5ring",
            #"strategies.partitioner.kind: unknown kind "md5ring", known kinds: vnode-ring, md5-ring (from --set strategies.partitioner.kind=md5ring); did you mean "md5-ring"?"#
        ),
        (
            "strategies.storage.kind=7",
            #"strategies.storage.kind: found 7, expected one of "memory", "log" (from --set strategies.storage.kind=7)"#
        ),
        // Combinations.
        ("replication.w=4", "replication.w: is 4, at most n = 3 is possible (from --set replication.w=4)"),
        ("replication.r=16", "replication.r: is 16, at most n = 3 is possible (from --set replication.r=16)"),
        (
            "replication.n=4",
            "replication.n: is 4, but cluster.members names 3; at most 3 is possible (from --set replication.n=4); add members, or lower n, and r and w with it"
        ),
        (
            "strategies.partitioner={\"tokensPerNode\":1,\"spread\":\"random\"}",
            #"strategies.partitioner.spread: one random token is no spread (from --set strategies.partitioner={\"tokensPerNode\":1,\"spread\":\"random\"})"#
        ),
        // The node and its cluster.
        (
            "node.name=\"a b\"",
            #"node.name: found "a b", expected 1 to 64 characters of A-Z a-z 0-9 . _ - (from --set node.name=\"a b\")"#
        ),
        (
            "cluster.members.1.zone=..",
            #"cluster.members.1.zone: found "..", expected 1 to 64 characters of A-Z a-z 0-9 . _ - (from --set cluster.members.1.zone=..)"#
        ),
        (
            "cluster.name=",
            #"cluster.name: found "", expected 1 to 64 characters of A-Z a-z 0-9 . _ - (from --set cluster.name=)"#
        ),
        ("cluster.members=[]", "cluster.members: found 0 members, expected 1 to 4096 (from --set cluster.members=[])"),
        ("cluster.members.2=C", #"cluster.members.2: found "C", expected an object (from --set cluster.members.2=C)"#),
        (
            "cluster.members.2.name=B",
            #"cluster.members.2.name: "B" is the name of cluster.members.1 already (from --set cluster.members.2.name=B)"#
        ),
        (
            "cluster.members.2.peer=127.0.0.1:7001",
            "cluster.members.2.peer: 127.0.0.1:7001 is taken by cluster.members.1.peer already (from --set cluster.members.2.peer=127.0.0.1:7001)"
        ),
        (
            "cluster.members.2.http=127.0.0.1:7001",
            "cluster.members.2.http: 127.0.0.1:7001 is taken by cluster.members.1.peer already (from --set cluster.members.2.http=127.0.0.1:7001)"
        ),
        (
            "cluster.members.2.http=127.0.0.1:7002",
            "cluster.members.2.http: takes the same port as peer, 127.0.0.1:7002; each needs its own (from --set cluster.members.2.http=127.0.0.1:7002)"
        ),
        (
            "node.http=127.0.0.1:5009",
            #"node.http: found "127.0.0.1:5009", but cluster.members.0.http says "127.0.0.1:5000"; both must agree (from --set node.http=127.0.0.1:5009)"#
        ),
        (
            "node.zone=r1",
            #"node.zone: found "r1", but cluster.members.0.zone says "default"; both must agree (from --set node.zone=r1)"#
        ),
        (
            "node.weight=2",
            "node.weight: found 2, but cluster.members.0.weight says 1; both must agree (from --set node.weight=2)"
        ),
        // Overrides themselves.
        ("replication.w", #"--set: found "replication.w", expected PATH=VALUE"#),
        ("=3", #"--set: found "=3", expected a path such as replication.w"#),
        ("node..name=A", #"--set: found "node..name=A", expected a path such as replication.w"#),
        ("node.name.first=A", #"--set: node.name.first=A: node.name is "A", which has no field "first""#),
        (
            "cluster.members.3.peer=a:1",
            #"--set: cluster.members.3.peer=a:1: cluster.members has no position "3", its positions are 0 to 2"#
        ),
    ]) func isReported(override: String, expected: String) {
        #expect(problems(set: [override]) == [expected])
    }

    @Test(arguments: [
        ("localhost", "the port is missing"), ("localhost:", "a port is a number from 1 to 65535"),
        ("localhost:0", "a port is a number from 1 to 65535"),
        ("localhost:65536", "a port is a number from 1 to 65535"),
        ("localhost:+80", "a port is a number from 1 to 65535"),
        ("localhost:http", "a port is a number from 1 to 65535"),
        (":80", "the host is not a name or an address"), ("a b:80", "the host is not a name or an address"),
        ("-a:80", "the host is not a name or an address"), ("a..b:80", "the host is not a name or an address"),
        ("http://a:80", "an IPv6 address stands in brackets, as in [::1]:7000"),
        ("256.1.1.1:80", "the host is not a name or an address"), ("1.2.3:80", "the host is not a name or an address"),
        ("::1:80", "an IPv6 address stands in brackets, as in [::1]:7000"),
        ("[localhost]:80", "no IPv6 address stands in the brackets"),
        ("[]:80", "no IPv6 address stands in the brackets"),
    ]) func badEndpointIsReported(text: String, fault: String) {
        #expect(
            problems(outsider, set: ["node.http=\"\(text)\""]) == [
                "node.http: found \"\(text)\", expected host:port; \(fault) (from --set node.http=\\\"\(text)\\\")"
            ])
    }

    @Test(arguments: [
        "localhost:1", "node-1.example.org:65535", "10.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", "0.0.0.0:5000",
        "[::]:80", "my_host:80", "[::ffff:10.0.0.1]:80",
    ]) func goodEndpointIsTaken(text: String) {
        #expect(problems(outsider, set: ["node.http=\"\(text)\""]) == [])
    }

    @Test func unreachablePeerAddressIsReported() {
        #expect(
            problems(outsider, set: ["node.peer=0.0.0.0:7004"])
                == [
                    #"node.peer: found "0.0.0.0:7004", which other nodes cannot connect to (from --set node.peer=0.0.0.0:7004)"#
                ])
    }

    @Test func portTakenOnEveryAddressIsReported() {
        #expect(problems(outsider, set: ["node.http=0.0.0.0:7004"]).count == 1)
        #expect(problems(outsider, set: ["node.http=[::]:5004"]) == [])
    }

    @Test func nodeWithoutNameIsNotComparedWithAnEntry() {
        #expect(
            problems(set: [
                "node={\"peer\":\"127.0.0.1:9\",\"http\":\"127.0.0.1:8\"}", "strategies.membership.kind=static",
            ])
            .count == 1)
        #expect(problems(set: ["node.name=..", "node.zone=r1"]).count == 1)
    }

    @Test func everythingMissingIsReported() {
        let name = "a text of at most 64 bytes"
        let endpoint = "a text of at most 300 bytes"
        #expect(
            problems("{}") == [
                "node.name: is missing, expected \(name)", "node.peer: is missing, expected \(endpoint)",
                "node.http: is missing, expected \(endpoint)", "cluster.name: is missing, expected \(name)",
                "cluster.members: is missing, expected an array that names at least one member",
            ])
        #expect(
            problems(set: [
                "cluster.members=[{\"name\":\"A\"}]", "replication.n=1", "replication.r=1", "replication.w=1",
            ]).count == 2)
    }

    @Test func documentThatIsNoObjectIsReported() {
        #expect(
            problems("[]") == [
                "found an empty array, expected an object with node, cluster, replication, hints, antiEntropy, durability, resp, strategies"
            ])
        #expect(problems("{\n \"node\": }") == ["line 2, column 10: '}' where a value is expected"])
    }

    @Test func allProblemsAreReportedAtOnceOnTheirOwnLines() {
        let json = """
            {
              "node": {"name": "A", "peer": "127.0.0.1", "http": "127.0.0.1:5000", "shard": 2},
              "cluster": {"name": "demo", "members": [
                {"name": "B", "peer": "127.0.0.1:7001", "http": "127.0.0.1:5001"},
                {"name": "B", "peer": "127.0.0.1:7001", "http": "127.0.0.1:5002", "weight": 0}
              ]},
              "replication": {"n": 2, "w": 3, "r": 3},
              "hints": {"enabled": "yes\\nno"},
              "durability": {"mode": "sometimes"},
              "strategies": {"partitioner": {"kind": "vnod-ring"}, "membership": {"kind": "static"}}
            }
            """
        let error = #expect(throws: ConfigurationError.self) { try load(json) }
        #expect(
            error?.description == """
                11 problems in the configuration:
                  node.shard: unknown field, known here: name, peer, http, resp, zone, weight, shards, recordCacheBytes, dataFolder, logFile, logLevel; did you mean "shards"?
                  node.peer: found "127.0.0.1", expected host:port; the port is missing
                  cluster.members.1.weight: found 0, expected a whole number from 1 to 1000
                  replication.r: is 3, at most n = 2 is possible
                  replication.w: is 3, at most n = 2 is possible
                  hints.enabled: found "yes\\nno", expected true or false
                  durability.mode: found "sometimes", expected one of "none", "interval", "group-commit"
                  strategies.partitioner.kind: unknown kind "vnod-ring", known kinds: vnode-ring, md5-ring; did you mean "vnode-ring"?
                  cluster.members.1.name: "B" is the name of cluster.members.0 already
                  cluster.members.1.peer: 127.0.0.1:7001 is taken by cluster.members.0.peer already
                  node.name: "A" is not among cluster.members, and membership "static" accepts no joins
                """)
    }

    @Test func settingsOfAnotherKindDoNotSurviveAChangeOfKind() {
        let json = minimal.replacingFirst("{\n", with: #"{"strategies": {"partitioner": {"tokensPerNode": 16}},"#)
        #expect(problems(json) == [])
        #expect(
            problems(json, set: ["strategies.partitioner.kind=md5-ring"])
                == ["strategies.partitioner.tokensPerNode: unknown field, known here: kind"])
    }

    @Test func replicasBeyondTheMembersAreReportedToMembersOnly() {
        #expect(problems(outsider, set: ["replication.n=5"]) == [])
        #expect(problems(set: ["replication.n=5"]).count == 1)
    }

    @Test func fixedMembershipNeedsAMember() {
        #expect(problems(set: ["strategies.membership.kind=static"]) == [])
        #expect(
            problems(outsider, set: ["strategies.membership.kind=static"])
                == [#"node.name: "E" is not among cluster.members, and membership "static" accepts no joins"#])
    }

    @Test func outsiderMayNotTakeAMembersAddress() {
        #expect(
            problems(outsider, set: ["node.peer=127.0.0.1:7001"])
                == [
                    "node.peer: 127.0.0.1:7001 is taken by cluster.members.1.peer already (from --set node.peer=127.0.0.1:7001)"
                ])
    }

    @Test func durabilityThatTheEngineCannotHoldIsReported() {
        #expect(
            problems(set: ["strategies.storage.kind=memory", "durability.mode=group-commit"]) == [
                #"durability.mode: found "group-commit", but storage "memory" keeps nothing over a restart; only "none" holds (from --set durability.mode=group-commit)"#
            ])
    }

    @Test func textFromOutsideStaysOnOneLine() {
        let name = String(repeating: "long\\n", count: 1000)
        let found = problems(minimal.replacingFirst("{\n", with: "{\"\(name)\": 1,"))
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("\n") && $0.count < 300 })
    }
}
