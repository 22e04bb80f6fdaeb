import Membership
import Partitioning
import Replication
import StatorCore
import Storage
import Sync

extension FakeNode {
    static func member(_ name: String, _ status: MemberStatus = .active) -> Member {
        Member(
            node: NodeID(name), status: status, zone: "z\(name)", weight: 1,
            peerEndpoint: Endpoint(host: "127.0.0.1", port: 7000), httpEndpoint: Endpoint(host: "127.0.0.1", port: 5000)
        )
    }

    /// Three nodes, two replicas, four equal partitions; one shard with something of everything.
    static func healthyPicture() -> NodeInspection {
        let members = ["A", "B", "C"].map { member($0) }
        let quarter: UInt64 = 1 << 62
        let placement = Placement(
            members: members, replicas: 2,
            assignments: [
                Placement.Assignment(last: Token(quarter - 1), owners: [0, 1, 2]),
                Placement.Assignment(last: Token(2 * quarter - 1), owners: [1, 2, 0]),
                Placement.Assignment(last: Token(3 * quarter - 1), owners: [2, 0, 1]),
                Placement.Assignment(last: .maximum, owners: [0, 1, 2]),
            ])
        return NodeInspection(
            node: NodeID("A"), view: View(epoch: Epoch(3), members: members), placement: placement, nextPlacement: nil,
            members: members.enumerated().map { index, member in
                MemberReport(
                    member: member, liveness: index == 2 ? .dead : .alive, generation: 1, heartbeat: 40 + UInt64(index),
                    phi: index == 0 ? nil : 0.5, lastHeard: index == 0 ? nil : .milliseconds(120))
            },
            refusedMembershipMessages: 2, notReadyReason: nil, failure: nil, changeStatus: nil, shards: [shard()],
            transport: TransportCounters())
    }

    private static func shard() -> ShardInspection {
        var counters = ShardCounters()
        counters.gets = 11
        counters.hintsCreated = 5
        counters.hintsDelivered = 2
        var storage = StorageStatistics()
        storage.records = 100
        storage.tombstones = 3
        let session = SessionSummary(
            session: SessionID(initiator: NodeID("A"), number: 9), peer: NodeID("B"), range: .full,
            report: SessionReport(comparisons: 64, dirtyLeaves: 2, keysListed: 7, keysDiffering: 1), recordsSent: 1,
            recordsReceived: 0, bytesSent: 900, duration: .milliseconds(12), failure: nil)
        return ShardInspection(
            shard: 0, actor: Actor(node: NodeID("A"), shard: 0, incarnation: 7), counters: counters, storage: storage,
            hintStorage: StorageStatistics(),
            hintsWaiting: [HintBacklog(target: NodeID("C"), count: 3, bytes: 300)],
            syncIndex: [SyncStatistic("leaves", 1024)], sessions: [session], recoveringFraction: 0, requestsInFlight: 0)
    }
}
