import Simulation
import StatorCore
import Testing

@Suite struct PartitionShapeTests {
    /// The directed links that are cut, as "from>to".
    private func cutLinks(_ network: SimulatedNetwork) -> Set<String> {
        var links: Set<String> = []
        for from in 0..<network.nodes {
            for to in 0..<network.nodes where network.isCut(from: from, to: to) { links.insert("\(from)>\(to)") }
        }
        return links
    }

    private func network() -> SimulatedNetwork {
        SimulatedNetwork(nodes: 5, links: LinkSettings(latency: .constant(.milliseconds(1))))
    }

    private func links(_ pairs: [(Int, Int)]) -> Set<String> { Set(pairs.map { "\($0)>\($1)" }) }

    private func bothWays(_ first: [Int], _ second: [Int]) -> Set<String> {
        links(first.flatMap { one in second.flatMap { [(one, $0), ($0, one)] } })
    }

    private func cuts(of shape: PartitionShape) -> Set<String> {
        var network = network()
        network.apply(shape)
        let cuts = cutLinks(network)
        network.lift(shape)
        #expect(cutLinks(network) == [])
        return cuts
    }

    @Test func eachShapeCutsExactlyItsLinks() {
        #expect(cuts(of: .groups([[0, 1], [2, 3]])) == bothWays([0, 1], [2, 3]))
        #expect(
            cuts(of: .groups([[0], [1], [2, 3, 4]])) == bothWays([0], [1, 2, 3, 4]).union(bothWays([1], [2, 3, 4])))
        #expect(cuts(of: .oneWay(from: [0, 1], to: [1, 2])) == links([(0, 1), (0, 2), (1, 2)]))
        #expect(cuts(of: .bridge([0, 1], [3, 4], over: 2)) == bothWays([0, 1], [3, 4]))
        #expect(cuts(of: .bridge([0, 1, 2], [2, 3, 4], over: 2)) == bothWays([0, 1], [3, 4]))
        #expect(cuts(of: .isolate(3)) == bothWays([3], [0, 1, 2, 4]))
    }

    @Test func overlappingPartitionsAreLiftedOneByOne() {
        var network = network()
        let halves = PartitionShape.groups([[0, 1], [2, 3, 4]])
        network.apply(halves)
        network.apply(.isolate(0))
        network.lift(halves)
        #expect(cutLinks(network) == bothWays([0], [1, 2, 3, 4]))
        network.apply(.oneWay(from: [0], to: [1]))
        network.lift(.isolate(0))
        #expect(cutLinks(network) == ["0>1"])
        network.restore(from: 0, to: 1)
        network.restore(from: 0, to: 1)
        #expect(cutLinks(network) == [])
        network.cut(from: 0, to: 1)
        #expect(cutLinks(network) == ["0>1"])
    }

    @Test func healingTakesAllCutsBack() {
        var network = network()
        for _ in 0..<3 { network.apply(.isolate(2)) }
        network.apply(.groups([[0], [1]]))
        network.healAll()
        #expect(cutLinks(network) == [])
    }

    @Test func nothingPassesACutAndItIsCounted() {
        var network = network()
        var random = RandomGenerator(seed: 1)
        network.apply(.oneWay(from: [0], to: [1]))
        #expect(network.arrivals(from: 0, to: 1, at: 0, &random) == [])
        #expect(network.arrivals(from: 1, to: 0, at: 0, &random) == [1_000_000])
        #expect(network.counters.cut == 1)
        #expect(network.counters.lost == 0)
    }

    @Test func nodesThatDoNotExistOrAreListedTwiceAreNamed() {
        #expect(
            PartitionShape.groups([[0, 1], [1, 5]]).problems(among: 5) == [
                "groups: node 1 is listed twice", "groups: node 5 does not exist, there are 5, counted from 0",
            ])
        #expect(PartitionShape.isolate(-1).problems(among: 5).count == 1)
        #expect(PartitionShape.bridge([0, 2], [2, 3], over: 2).problems(among: 5) == [])
        #expect(PartitionShape.bridge([0], [0], over: 2).problems(among: 5) == ["halves: node 0 is listed twice"])
        #expect(PartitionShape.oneWay(from: [0], to: [9]).problems(among: 5).count == 1)
        #expect(PartitionShape.oneWay(from: [0, 1], to: [1, 2]).problems(among: 5) == [])
    }
}
