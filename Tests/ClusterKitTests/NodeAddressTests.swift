import NodeClient
import Testing

@testable import ClusterKit

@Suite struct NodeAddressTests {
    private func object(_ text: String) throws -> JSONValue {
        try #require(JSONValue(parsing: Array(text.utf8)))
    }

    private func address(_ kind: String, _ port: Int) -> NodeAddress {
        NodeAddress(kind: kind, url: NodeURL(host: "127.0.0.1", port: port))
    }

    @Test func everyKindOfAddressIsFoundAndNothingElse() throws {
        let node = try object(
            """
            {"name": "A", "peer": "127.0.0.1:7000", "http": "[::1]:5000", "resp": "", "grpc": "10.0.0.1:9000", "weight": 1,
             "zone": "rack:1", "dataFolder": "data:1", "logFile": "a:1", "logLevel": "info"}
            """)
        let found = NodeAddress.all(in: node)
        #expect(found.map(\.kind) == ["peer", "http", "grpc"])
        #expect(found.map(\.url.port) == [7000, 5000, 9000])
    }

    @Test func eachKindGoesOnBehindItsOwn() throws {
        let first = [address("peer", 7000), address("http", 5000), address("resp", 6400)]
        let others = (0..<4).flatMap { offset in first.map { address($0.kind, $0.url.port + offset) } }
        let next = try NodeAddress.next(first, behind: others, isFree: { _ in true })
        #expect(next == [address("peer", 7004), address("http", 5004), address("resp", 6404)])
    }

    @Test func noAddressIsGivenTwiceHoweverCloseTheKindsAre() throws {
        // Interleaved: behind each kind's last port lie the other kinds'.
        let others = [
            address("peer", 1000), address("http", 1001), address("resp", 1002), address("peer", 1003),
            address("http", 1004), address("resp", 1005),
        ]
        let next = try NodeAddress.next(Array(others.prefix(3)), behind: others, isFree: { $0 != 1007 })
        #expect(next == [address("peer", 1006), address("http", 1008), address("resp", 1009)])
    }

    @Test func whereNothingIsFreeNearbyAnyPortIsTakenOnce() throws {
        var offered = [5001, 20_000, 20_000, 20_001].makeIterator()
        let first = [address("http", 5000), address("peer", 65_535)]
        let next = try NodeAddress.next(
            first, behind: first + [address("http", 5001)], isFree: { _ in false },
            anyFree: { offered.next() ?? 0 })
        #expect(next == [address("http", 20_000), address("peer", 20_001)])
    }
}
