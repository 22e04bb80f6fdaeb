import Benchmark
import Hashing
import Partitioning
import StatorCore

// Budgets at 1,000 nodes of 128 tokens, N=3 F=3: a look-up takes at most 50 ns, a view change at most 50 ms.

let members = (0..<1000).map { index in
    let endpoint = Endpoint(host: "127.0.0.1", port: 5000)
    return Member(
        node: NodeID("node-\(1000 + index)"), status: .active, zone: "zone-\(index % 5)", weight: 1,
        peerEndpoint: endpoint, httpEndpoint: endpoint)
}

func compile(_ hash: HashFunction) -> Placement {
    var settings = VNodeRing.Settings()
    settings.hash = hash
    return VNodeRing(settings: settings).placement(members: members, replicas: 3, fallbacks: 3, previous: nil)
}

/// Drawn before, so that only the look-up is measured. A power of two.
func drawnTokens() -> [Token] {
    var generator = RandomGenerator(seed: 1)
    return (0..<(1 << 16)).map { _ in Token(generator.next()) }
}

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .throughput], maxDuration: .seconds(3))

    Benchmark(
        "placement look-up, 1,000 nodes x 128 tokens",
        configuration: .init(scalingFactor: .mega)
    ) { benchmark in
        let placement = compile(.xxh3)
        let tokens = drawnTokens()
        benchmark.startMeasurement()
        for round in benchmark.scaledIterations {
            blackHole(placement.rangeIndex(of: tokens[round & (tokens.count - 1)]))
        }
    }

    Benchmark(
        "preference list with its three owners, 1,000 nodes x 128 tokens", configuration: .init(scalingFactor: .mega)
    ) { benchmark in
        let placement = compile(.xxh3)
        let tokens = drawnTokens()
        benchmark.startMeasurement()
        for round in benchmark.scaledIterations {
            let list = placement.preferenceList(for: tokens[round & (tokens.count - 1)])
            blackHole(list[0].name.utf8.count + list[1].name.utf8.count + list[2].name.utf8.count)
        }
    }

    for hash in HashFunction.allCases {
        Benchmark("view change, 1,000 nodes x 128 tokens, \(hash.rawValue)") { benchmark in
            blackHole(compile(hash))
        }
    }
}
