import Composition
import Replication
import Testing

@Suite struct OverrideTests {
    @Test func valueIsJSONWhereItParsesAndTextOtherwise() throws {
        let configuration = try load(
            minimal,
            set: [
                "replication.sloppy=false", "replication.requestTimeoutMilliseconds=1500",
                "node.dataFolder=/var/lib/stator",
                "node.logFile=\"5\"", "hints={\"enabled\":false}",
            ])
        #expect(!configuration.replication.isSloppy)
        #expect(configuration.replication.requestTimeout == .milliseconds(1500))
        #expect(configuration.node.dataFolder == "/var/lib/stator")
        #expect(configuration.node.logFile == "5")
        #expect(!configuration.hints.areKept)
    }

    @Test func laterOverridesWin() throws {
        let configuration = try load(minimal, set: ["replication.w=1", "replication.w=3"])
        #expect(configuration.replication.writeQuorum == 3)
        #expect(problems(set: ["replication.w=1", "replication.w=9"]).first?.contains("--set replication.w=9") == true)
    }

    @Test func elementsOfAnArrayAreReachedByPosition() throws {
        let configuration = try load(
            minimal, set: ["cluster.members.2.name=D", "cluster.members.1.http=127.0.0.1:5055"])
        #expect(configuration.members.map(\.name) == ["A", "B", "D"])
        #expect(configuration.members[1].http == "127.0.0.1:5055")
    }

    @Test func valueMayHoldEqualSigns() throws {
        #expect(try load(minimal, set: ["node.dataFolder=a=b"]).node.dataFolder == "a=b")
    }

    @Test func overriddenKindKeepsTheRest() throws {
        let configuration = try load(
            minimal, set: ["strategies.partitioner.kind=md5-ring", "strategies.storage.segmentBytes=8192"])
        #expect(configuration.kinds.partitioner == "md5-ring")
        #expect(configuration.kinds.storage == "log")
        #expect(configuration.effectiveJSON(pretty: false).contains(#""storage":{"kind":"log","segmentBytes":8192"#))
    }

    @Test func problemsNotCausedByAnOverrideAreNotBlamedOnIt() {
        let json = minimal.replacingFirst("{\n", with: #"{"replication": {"w": 9},"#)
        #expect(
            problems(json, set: ["replication.r=1", "node.logLevel=loud"]).map { $0.contains("--set") } == [
                true, false,
            ])
    }
}
