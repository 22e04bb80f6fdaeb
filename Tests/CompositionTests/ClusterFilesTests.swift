import Composition
import Foundation
import Replication
import StatorCore
import Testing

/// The configurations that the repository ships.
@Suite struct ClusterFilesTests {
    private func configuration(_ name: String) throws -> NodeConfiguration {
        let file = GeneratedFilesTests.root.appending(path: "configs/cluster/\(name).json")
        return try NodeConfiguration.load(json: Array(Data(contentsOf: file)), registry: .standard)
    }

    @Test(arguments: zip(["A", "B", "C", "D"], 0...3)) func memberLoads(name: String, position: Int) throws {
        let configuration = try configuration(name)
        let blueprint = configuration.blueprint()
        #expect(blueprint.member.node == NodeID(name))
        #expect(blueprint.member.status == .active)
        #expect(blueprint.member.httpEndpoint == Endpoint(host: "127.0.0.1", port: 5000 + position))
        #expect(blueprint.member.peerEndpoint == Endpoint(host: "127.0.0.1", port: 7000 + position))
        #expect(blueprint.replication.replicas == 3)
        #expect(blueprint.replication.readQuorum == 2)
        #expect(blueprint.replication.writeQuorum == 2)
        #expect(configuration.node.dataFolder == "data/\(name)")
        #expect(configuration.node.logFile == "logs/\(name).log")
    }

    @Test func membersTellTheSameStory() throws {
        let views = try ["A", "B", "C", "D", "E"].map { try configuration($0).blueprint().initialMembers }
        #expect(views.allSatisfy { $0 == views[0] })
        #expect(views[0].map(\.node.name) == ["A", "B", "C", "D"])
    }

    @Test func fifthNodeWaitsToBeJoined() throws {
        let configuration = try configuration("E")
        #expect(configuration.isOutsider)
        #expect(configuration.blueprint().member.httpEndpoint.port == 5004)
        #expect(configuration.blueprint().member.peerEndpoint.port == 7004)
    }
}
