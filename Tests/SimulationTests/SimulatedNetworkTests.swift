import Simulation
import StatorCore
import Testing

@Suite struct SimulatedNetworkTests {
    private let uneven = LinkSettings(latency: .uniform(.milliseconds(1)...(.milliseconds(50))))
    private let steady = LinkSettings(latency: .constant(.milliseconds(10)))

    @Test func aLinkDeliversInOrder() {
        var network = SimulatedNetwork(nodes: 3, links: uneven)
        var random = RandomGenerator(seed: 1)
        var last: [Int: Int64] = [:]
        for step in 0..<3000 {
            let link = [(0, 1), (1, 0), (0, 2)][step % 3]
            let arrivals = network.arrivals(from: link.0, to: link.1, at: Int64(step) * 1000, &random)
            #expect(arrivals.count == 1)
            #expect(arrivals[0] >= last[step % 3] ?? 0)
            last[step % 3] = arrivals[0]
        }
        #expect(network.counters.reordered == 0)
        // Links do not wait for one another: else all three would end alike.
        #expect(Set(last.values).count == 3)
    }

    @Test func reorderedMessagesOvertakeAndAreCounted() {
        var settings = uneven
        settings.reordering = 0.5
        var network = SimulatedNetwork(nodes: 2, links: settings)
        var random = RandomGenerator(seed: 1)
        var latest: Int64 = 0
        var overtaking = 0
        for step in 0..<2000 {
            let arrival = network.arrivals(from: 0, to: 1, at: Int64(step) * 1000, &random)[0]
            if arrival < latest { overtaking += 1 }
            latest = max(latest, arrival)
        }
        #expect(overtaking > 200)
        #expect(network.counters.reordered == overtaking)
    }

    @Test func lossAndDuplicationHappenAsOftenAsAsked() {
        var settings = steady
        settings.loss = 0.1
        settings.duplication = 0.05
        var network = SimulatedNetwork(nodes: 2, links: settings)
        var random = RandomGenerator(seed: 5)
        var copies = [0, 0, 0]
        for step in 0..<20_000 {
            copies[network.arrivals(from: 0, to: 1, at: Int64(step), &random).count] += 1
        }
        #expect(abs(copies[0] - 2000) < 220)
        #expect(abs(copies[2] - 900) < 150)
        #expect(network.counters.lost == copies[0])
        #expect(network.counters.duplicated == copies[2])
        #expect(network.counters.sent == 20_000)
        #expect(network.counters.bytes == 2_000_000)
    }

    @Test func aSecondCopyArrivesNoEarlierThanTheFirst() {
        var settings = uneven
        settings.duplication = 1
        var network = SimulatedNetwork(nodes: 2, links: settings)
        var random = RandomGenerator(seed: 5)
        for step in 0..<500 {
            let arrivals = network.arrivals(from: 0, to: 1, at: Int64(step) * 1000, &random)
            #expect(arrivals.count == 2 && arrivals[0] < arrivals[1])
        }
    }

    @Test func whatIsOffDrawsNothing() {
        var network = SimulatedNetwork(nodes: 2, links: steady)
        var random = RandomGenerator(seed: 1)
        var untouched = random
        for step in 0..<10 { #expect(network.arrivals(from: 0, to: 1, at: Int64(step), &random).count == 1) }
        network.cut(from: 0, to: 1)
        network.extraLoss = 0.5
        #expect(network.arrivals(from: 0, to: 1, at: 20, &random) == [])
        #expect(network.arrivals(from: 1, to: 1, at: 20, &random) == [20])
        #expect(random.next() == untouched.next())
    }

    @Test func extraFaultsAreAddedAndTakenBack() {
        var settings = steady
        settings.loss = 0.25
        var network = SimulatedNetwork(nodes: 2, links: settings)
        var random = RandomGenerator(seed: 1)
        network.extraLoss = 0.9
        for step in 0..<50 { #expect(network.arrivals(from: 0, to: 1, at: Int64(step), &random) == []) }
        network.extraLoss = -0.25
        network.extraDuplication = 1
        for step in 50..<100 { #expect(network.arrivals(from: 0, to: 1, at: Int64(step), &random).count == 2) }
        network.extraDuplication = 0
        for step in 100..<150 { #expect(network.arrivals(from: 0, to: 1, at: Int64(step), &random).count == 1) }
        network.extraReordering = 1
        network.override(from: 0, to: 1, with: uneven)
        for step in 150..<300 { _ = network.arrivals(from: 0, to: 1, at: Int64(step), &random) }
        #expect(network.counters.reordered > 50)
    }

    @Test func messagesLeaveOneAfterTheOtherAtTheBandwidth() {
        var settings = steady
        settings.bytesPerSecond = 1_000_000
        var network = SimulatedNetwork(nodes: 3, links: settings)
        var random = RandomGenerator(seed: 1)
        // 100 bytes take 100 µs, then 10 ms of latency.
        #expect(network.arrivals(from: 0, to: 1, at: 0, &random) == [10_100_000])
        #expect(network.arrivals(from: 0, to: 1, at: 0, &random) == [10_200_000])
        #expect(network.arrivals(from: 0, to: 1, at: 50_000, &random) == [10_300_000])
        #expect(network.arrivals(from: 0, to: 2, at: 50_000, &random) == [10_150_000])
        #expect(network.arrivals(from: 0, to: 1, at: 1_000_000, &random) == [11_100_000])
        #expect(network.counters.queued == 2)
    }

    @Test func aClogHoldsMessagesAndReleasesThemInOrder() {
        var settings = uneven
        settings.reordering = 1
        var network = SimulatedNetwork(nodes: 2, links: settings)
        var random = RandomGenerator(seed: 1)
        network.clog(from: 0, to: 1, until: Instant(nanoseconds: 1_000_000_000))
        network.clog(from: 0, to: 1, until: Instant(nanoseconds: 5_000_000))
        var arrivals: [Int64] = []
        for step in 0..<100 { arrivals += network.arrivals(from: 0, to: 1, at: Int64(step) * 1_000_000, &random) }
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals[0] >= 1_001_000_000)
        #expect(arrivals[99] <= 1_050_000_000)
        #expect(network.counters.clogged == 100)
        #expect(network.arrivals(from: 1, to: 0, at: 0, &random)[0] <= 50_000_000)
        let later = network.arrivals(from: 0, to: 1, at: 2_000_000_000, &random)
        #expect(later[0] <= 2_050_000_000)
        #expect(network.counters.clogged == 100)
    }

    @Test func anEndlessClogDoesNotOverflow() {
        var network = SimulatedNetwork(nodes: 2, links: steady)
        var random = RandomGenerator(seed: 1)
        network.clog(from: 0, to: 1, until: Instant(nanoseconds: .max))
        #expect(network.arrivals(from: 0, to: 1, at: 5, &random)[0] > Int64.max / 4)
        #expect(network.arrivals(from: 1, to: 0, at: 5, &random) == [10_000_005])
    }

    @Test func aSlowNodeSlowsBothWaysAndNobodyElse() {
        var network = SimulatedNetwork(nodes: 3, links: steady)
        var random = RandomGenerator(seed: 1)
        network.setLatencyFactor(3, of: 1)
        #expect(network.arrivals(from: 0, to: 1, at: 0, &random) == [30_000_000])
        #expect(network.arrivals(from: 1, to: 2, at: 0, &random) == [30_000_000])
        #expect(network.arrivals(from: 0, to: 2, at: 0, &random) == [10_000_000])
        network.setLatencyFactor(1, of: 1)
        #expect(network.arrivals(from: 2, to: 1, at: 0, &random) == [10_000_000])
        #expect(network.latencyFactor(of: 1) == 1)
    }

    @Test func zonesAndOverridesChooseTheLatency() {
        func constant(_ milliseconds: Int) -> LatencyDistribution { .constant(.milliseconds(milliseconds)) }
        let settings = NetworkSettings(
            zones: [0, 0, 1], latencies: [[constant(1), constant(40)], [constant(60), constant(2)]], link: steady)
        var network = SimulatedNetwork(settings)
        var random = RandomGenerator(seed: 1)
        func milliseconds(_ from: Int, _ to: Int) -> Int64 {
            // Far apart, so that no message waits for the one before.
            let now = Int64(network.counters.sent) * 1_000_000_000
            return (network.arrivals(from: from, to: to, at: now, &random)[0] - now) / 1_000_000
        }
        #expect([milliseconds(0, 1), milliseconds(0, 2), milliseconds(2, 1)] == [1, 40, 60])
        network.override(node: 1, with: LinkSettings(latency: constant(7)))
        network.override(from: 0, to: 2, with: LinkSettings(latency: constant(8)))
        #expect([milliseconds(0, 1), milliseconds(1, 0), milliseconds(2, 1)] == [7, 7, 7])
        #expect([milliseconds(0, 2), milliseconds(2, 0)] == [8, 60])
        network.clearOverride(node: 1)
        network.clearOverride(from: 0, to: 2)
        #expect([milliseconds(0, 1), milliseconds(0, 2), milliseconds(2, 1)] == [1, 40, 60])
        #expect(network.addNode(zone: 1) == 3)
        #expect([milliseconds(3, 2), milliseconds(3, 0), milliseconds(1, 3), milliseconds(0, 1)] == [2, 60, 40, 1])
    }

    @Test func anAddedNodeLeavesTheStateOfOtherLinks() {
        var settings = steady
        settings.bytesPerSecond = 100_000
        var network = SimulatedNetwork(nodes: 3, links: settings)
        var random = RandomGenerator(seed: 1)
        network.cut(from: 2, to: 0)
        network.clog(from: 1, to: 2, until: Instant(nanoseconds: 500_000_000))
        _ = network.arrivals(from: 0, to: 2, at: 0, &random)
        let node = network.addNode()
        #expect(network.isCut(from: 2, to: 0) && !network.isCut(from: node, to: 0) && !network.isCut(from: 0, to: node))
        #expect(network.arrivals(from: 1, to: 2, at: 0, &random) == [511_000_000])
        #expect(network.arrivals(from: 0, to: 2, at: 0, &random) == [12_000_000])
        #expect(network.arrivals(from: node, to: 2, at: 0, &random) == [11_000_000])
    }

    @Test func aSeedGivesTheSameTransmissions() {
        func run(seed: UInt64) -> [Transmission] {
            var settings = uneven
            settings.loss = 0.1
            settings.duplication = 0.1
            settings.reordering = 0.1
            var network = SimulatedNetwork(nodes: 5, links: settings)
            var random = RandomGenerator(seed: seed)
            return (0..<2000).map { step in
                let (from, to) = (random.below(5), random.below(5))
                return network.transmit(
                    from: from, to: to, bytes: step, at: Instant(nanoseconds: Int64(step) * 9999), using: &random)
            }
        }
        #expect(run(seed: 1) == run(seed: 1))
        #expect(run(seed: 1) != run(seed: 2))
    }
}

extension SimulatedNetwork {
    /// Sends 100 bytes; when they arrive, in nanoseconds.
    mutating func arrivals(
        from sender: Int, to receiver: Int, at now: Int64, _ random: inout RandomGenerator
    ) -> [Int64] {
        let now = Instant(nanoseconds: now)
        switch transmit(from: sender, to: receiver, bytes: 100, at: now, using: &random) {
        case .lost: return []
        case .once(let arrival): return [arrival.nanoseconds]
        case .twice(let first, let second): return [first.nanoseconds, second.nanoseconds]
        }
    }
}
