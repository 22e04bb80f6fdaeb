import NIOCore
import StatorCore
import Testing

@testable import Sync

/// How sessions end when the other end does not keep to the protocol.
@Suite struct SessionEndTests {
    private static let left = NodeID("left")
    private static let right = NodeID("right")
    private static let session = SessionID(initiator: left, number: 1)

    private func effects(_ synchronizer: any Synchronizer, _ event: SyncEvent) -> [SyncEffect] {
        var outbox = Outbox<SyncEffect>()
        synchronizer.handle(event, outbox: &outbox)
        return outbox.drain()
    }

    private func message(_ body: SessionMessage.Body, round: UInt64, from node: NodeID) -> SyncEvent {
        let bytes = SessionMessage(round: round, body: body).encoded()
        return .message(SessionEndTests.session, from: node, range: .full, bytes: bytes)
    }

    private func finishes(_ effects: [SyncEffect]) -> Int {
        effects.filter { if case .finished = $0 { true } else { false } }.count
    }

    private func makers() -> [any Synchronizer] {
        let environment = SyncEnvironment(node: SessionEndTests.right, range: .full)
        return [merkle()(environment), fullScan()(environment)]
    }

    @Test func messageOfAnUnknownSessionIsTurnedAwayAndLeavesNothing() {
        for synchronizer in makers() {
            let found = effects(synchronizer, message(.page([]), round: 7, from: SessionEndTests.left))
            #expect(finishes(found) == 1)
            #expect(found.count == 2)
            #expect(synchronizer.indexStatistics.first { $0.name == "sessionsAnswered" }?.value == 0)
        }
    }

    @Test func refusalIsNeverAnswered() {
        for synchronizer in makers() {
            let found = effects(synchronizer, message(.refused, round: 0, from: SessionEndTests.left))
            #expect(found.count == finishes(found))
        }
    }

    @Test func messageForAnEndedSessionOfOnesOwnIsIgnored() {
        let environment = SyncEnvironment(node: SessionEndTests.left, range: .full)
        for synchronizer in [merkle()(environment), fullScan()(environment)] {
            #expect(
                effects(synchronizer, message(.opened(differing: 0), round: 1, from: SessionEndTests.right)).isEmpty)
        }
    }

    @Test func strangerCannotSpeakForThePeer() {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        #expect(
            effects(synchronizer, message(.open(depth: 16, sums: [9]), round: 1, from: SessionEndTests.left)).count == 1
        )
        let forged = message(.done, round: 2, from: NodeID("stranger"))
        #expect(effects(synchronizer, forged).isEmpty)
        #expect(finishes(effects(synchronizer, message(.done, round: 2, from: SessionEndTests.left))) == 1)
    }

    @Test func repeatedQuestionIsAnsweredOnce() {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        let open = message(.open(depth: 16, sums: [9]), round: 1, from: SessionEndTests.left)
        #expect(effects(synchronizer, open).count == 1)
        #expect(effects(synchronizer, open).isEmpty)
    }

    @Test func skippedQuestionEndsTheSession() {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        _ = effects(synchronizer, message(.open(depth: 16, sums: [9]), round: 1, from: SessionEndTests.left))
        #expect(finishes(effects(synchronizer, message(.compare([]), round: 3, from: SessionEndTests.left))) == 1)
    }

    @Test func nodeOutsideTheRangeEndsTheSession() {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        let range = TokenRange(first: .minimum, last: Token(.max / 2))
        let bytes = SessionMessage(round: 1, body: .open(depth: 16, sums: [9])).encoded()
        _ = effects(
            synchronizer, .message(SessionEndTests.session, from: SessionEndTests.left, range: range, bytes: bytes))
        let outside = message(.compare([NodeSums(bits: 0, first: 0, sums: [1])]), round: 2, from: SessionEndTests.left)
        #expect(finishes(effects(synchronizer, outside)) == 1)
    }

    @Test(arguments: [0...15, 15...16, 16...40, 4095...4096, 16_777_215...16_777_215])
    func leavesThatTheSessionLacksEndIt(leaves: ClosedRange<Int>) {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        _ = effects(synchronizer, message(.open(depth: 4, sums: [9]), round: 1, from: SessionEndTests.left))
        let run = LeafRun(firstLeaf: leaves.lowerBound, leafCount: leaves.count, slices: [])
        let found = effects(synchronizer, message(.slices([run]), round: 2, from: SessionEndTests.left))
        #expect(finishes(found) == (leaves == 0...15 ? 0 : 1))
    }

    @Test func abandonedSessionsAreForgotten() {
        let synchronizer = merkle()(SyncEnvironment(node: SessionEndTests.right, range: .full))
        for number in 0..<3000 as Range<UInt64> {
            let session = SessionID(initiator: SessionEndTests.left, number: number)
            let bytes = SessionMessage(round: 1, body: .open(depth: 16, sums: [9])).encoded()
            _ = effects(synchronizer, .message(session, from: SessionEndTests.left, range: .full, bytes: bytes))
        }
        #expect(synchronizer.indexStatistics.first { $0.name == "sessionsAnswered" }?.value == 1024)
        for number in 0..<3000 as Range<UInt64> {
            _ = effects(synchronizer, .abandoned(SessionID(initiator: SessionEndTests.left, number: number)))
        }
        #expect(synchronizer.indexStatistics.first { $0.name == "sessionsAnswered" }?.value == 0)
    }

    @Test func rangeOutsideTheShardIsNotStarted() {
        let shard = SyncEnvironment(node: SessionEndTests.left, range: .ofShard(0, count: 2))
        let synchronizer = merkle()(shard)
        let found = effects(synchronizer, .start(SessionEndTests.session, peer: SessionEndTests.right, range: .full))
        #expect(found.count == 1 && finishes(found) == 1)
    }
}
