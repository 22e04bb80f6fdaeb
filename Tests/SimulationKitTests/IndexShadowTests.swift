import Composition
import Hashing
import Replication
import StatorCore
import Sync
import Testing

@testable import SimulationKit

/// For every strategy that is registered.
@Suite struct IndexShadowTests {
    private static let kinds = ["merkle", "full-scan"]

    private func make(_ kind: String) throws -> @Sendable (SyncEnvironment) -> any Synchronizer {
        let file = try SimulationFile.load(
            json: Array(#"{"strategies": {"sync": {"kind": "\#(kind)"}}}"#.utf8), registry: .standard)
        return file.configurations[0].blueprint().makeSynchronizer
    }

    private func entries(_ count: Int) throws -> [RecordMetadata] {
        try (0..<count).map { number in
            let key = try Key("k\(number)")
            return RecordMetadata(
                token: HashFunction.xxh3.token(of: key), key: key, digest: Digest(UInt64(number) &* 0x9E37_79B9),
                isTombstone: false, bytes: 0)
        }.sorted { $0.token < $1.token }
    }

    private func changes(_ entries: [RecordMetadata]) -> [RecordChange] {
        entries.map { RecordChange(token: $0.token, key: $0.key, old: nil, new: $0.digest) }
    }

    @Test(arguments: kinds)
    func anIndexThatWasToldEverythingIsEqual(kind: String) throws {
        let make = try make(kind)
        let node = NodeID("A")
        let index = make(SyncEnvironment(node: node, range: .full))
        var shadow = IndexShadow(range: .full, make: make)
        #expect(shadow.difference(from: index, at: node, []) == nil)
        let stored = try entries(100)
        index.recordsChanged(changes(stored))
        #expect(shadow.difference(from: index, at: node, stored) == nil)
        // The store drops one and changes another.
        var later = Array(stored.dropFirst())
        later[3] = RecordMetadata(
            token: later[3].token, key: later[3].key, digest: Digest(5), isTombstone: false, bytes: 0)
        index.recordsChanged([
            RecordChange(token: stored[0].token, key: stored[0].key, old: stored[0].digest, new: nil),
            RecordChange(token: later[3].token, key: later[3].key, old: stored[4].digest, new: Digest(5)),
        ])
        #expect(shadow.difference(from: index, at: node, later) == nil)
    }

    @Test func anIndexThatMissedAChangeDiffers() throws {
        let make = try make("merkle")
        let node = NodeID("A")
        let index = make(SyncEnvironment(node: node, range: .full))
        var shadow = IndexShadow(range: .full, make: make)
        let stored = try entries(10)
        index.recordsChanged(Array(changes(stored).dropLast()))
        #expect(shadow.difference(from: index, at: node, stored) != nil)
        index.recordsChanged(Array(changes(stored).suffix(1)))
        #expect(shadow.difference(from: index, at: node, stored) == nil)
    }
}
