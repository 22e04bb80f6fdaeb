import NIOCore
import StatorCore
import Testing

@testable import Simulation

/// One direction of a simulated connection: in order, or broken.
@Suite struct SimulatedStreamTests {
    /// A stream from node 0 to node 1, and what its receiver has read.
    private struct Bench {
        var network: SimulatedNetwork
        var random: RandomGenerator
        var stream = SimulatedStream(from: 0, to: 1)
        var now = Instant(nanoseconds: 0)
        var written = ByteBuffer()
        var read = ByteBuffer()
        var reads = 0
        var hasEnded = false
        var hasGivenUp = false

        init(seed: UInt64, _ change: (inout LinkSettings) -> Void = { _ in }) {
            var settings = LinkSettings.local
            change(&settings)
            network = SimulatedNetwork(nodes: 2, links: settings)
            random = RandomGenerator(seed: seed)
        }

        mutating func write(_ count: Int) {
            var bytes = ByteBuffer()
            for _ in 0..<count { bytes.writeInteger(UInt8(truncatingIfNeeded: random.next())) }
            written.writeImmutableBuffer(bytes)
            stream.write(bytes, at: now, network: &network, using: &random)
        }

        mutating func end() { stream.end(at: now, network: &network, using: &random) }

        /// Steps that are due within the time.
        mutating func run(for duration: Duration, isReachable: Bool = true) {
            let end = now.advanced(by: duration)
            while let next = stream.nextStep, next <= end {
                now = max(now, next)
                switch stream.step(at: now, isReachable: isReachable, network: &network, using: &random) {
                case .nothing: break
                case .read(let bytes, let isEnd):
                    read.writeImmutableBuffer(bytes)
                    reads += 1
                    hasEnded = isEnd
                case .gaveUp:
                    hasGivenUp = true
                    return
                }
            }
            now = end
        }

        /// Whether what was read is how the written began.
        var isInOrder: Bool {
            written.getSlice(at: written.readerIndex, length: read.readableBytes) == read
        }
    }

    @Test func allBytesArriveInOrderHoweverManySegmentsAreLost() {
        for seed in 0..<50 as Range<UInt64> {
            var bench = Bench(seed: seed) { $0.loss = 0.1 }
            for _ in 0..<40 where !bench.stream.isBroken {
                bench.write(1 + bench.random.below(300))
                bench.run(for: .milliseconds(bench.random.below(3)))
            }
            bench.run(for: .seconds(600))
            #expect(bench.isInOrder, "seed \(seed)")
            #expect(bench.stream.isBroken || bench.read == bench.written, "seed \(seed)")
        }
    }

    @Test func lossShowsAsDelayOnly() {
        var bench = Bench(seed: 3) { $0.loss = 0.3 }
        bench.network.extraDuplication = 1
        bench.network.extraReordering = 1
        for _ in 0..<20 { bench.write(50) }
        bench.run(for: .seconds(600))
        #expect(bench.read == bench.written)
        #expect(bench.network.counters.retransmitted > 0)
        #expect(bench.network.counters.duplicated == 0 && bench.network.counters.reordered == 0)
    }

    @Test func aLineThatLosesEverythingBreaksTheConnectionAndNothingArrives() {
        for seed in 0..<20 as Range<UInt64> {
            var bench = Bench(seed: seed) { $0.loss = 1 }
            bench.write(10)
            bench.run(for: .seconds(600))
            #expect(bench.stream.isBroken || bench.hasGivenUp, "seed \(seed)")
            #expect(bench.reads == 0, "seed \(seed)")
        }
    }

    @Test func whatIsInFlightIsLostTogether() {
        for seed in 0..<50 as Range<UInt64> {
            var bench = Bench(seed: seed)
            for _ in 0..<10 { bench.write(20) }
            bench.run(for: .microseconds(300 + bench.random.below(1000)))
            let before = bench.read
            bench.stream.lose()
            bench.write(20)
            bench.run(for: .seconds(600))
            #expect(bench.read == before && bench.isInOrder, "seed \(seed)")
        }
    }

    @Test func aCutHoldsBytesBackAndTheyArriveOnceItIsHealed() {
        var bench = Bench(seed: 5)
        bench.write(20)
        bench.network.cut(from: 0, to: 1)
        bench.run(for: .seconds(1))
        bench.write(30)
        #expect(bench.reads == 0 && bench.stream.isStuck)
        bench.network.restore(from: 0, to: 1)
        bench.run(for: .seconds(2))
        #expect(bench.read == bench.written)
        #expect(bench.reads <= 2, "what waited behind comes with it")
    }

    @Test func aSenderGivesUpInTheEnd() {
        var bench = Bench(seed: 5)
        bench.network.cut(from: 0, to: 1)
        bench.write(20)
        bench.run(for: .seconds(120))
        #expect(bench.hasGivenUp && bench.reads == 0)
        #expect(bench.network.counters.retransmitted == 8)
    }

    @Test func aMachineWithoutPowerAcknowledgesNothing() {
        var bench = Bench(seed: 5)
        bench.write(20)
        bench.run(for: .seconds(1), isReachable: false)
        #expect(bench.reads == 0 && bench.stream.isStuck)
        bench.run(for: .seconds(5))
        #expect(bench.read == bench.written)
    }

    @Test func theEndComesAfterWhatWasWritten() {
        for seed in 0..<20 as Range<UInt64> {
            var bench = Bench(seed: seed) { $0.loss = 0.05 }
            for _ in 0..<10 { bench.write(40) }
            bench.end()
            bench.write(40)
            bench.run(for: .seconds(600))
            guard !bench.stream.isBroken else { continue }
            #expect(bench.hasEnded && bench.read.readableBytes == 400, "seed \(seed)")
        }
    }

    @Test func aReceiverThatDoesNotReadPushesBack() {
        var bench = Bench(seed: 9)
        let size = NetworkLimits.window / 8
        for _ in 0..<20 { bench.write(size) }
        #expect(bench.stream.unread <= NetworkLimits.window)
        #expect(bench.stream.takeWritten() == 8 * size)
        bench.run(for: .milliseconds(3))
        let moved = bench.stream.takeWritten()
        #expect(moved > 0)
        bench.run(for: .seconds(5))
        #expect(moved + bench.stream.takeWritten() == 12 * size)
        #expect(bench.read == bench.written && bench.stream.isEmpty)
    }

    @Test func moreThanTheWindowAtOncePassesWhereNothingElseIsUnderWay() {
        var bench = Bench(seed: 9)
        bench.write(3 * NetworkLimits.window)
        bench.run(for: .seconds(5))
        #expect(bench.read == bench.written)
    }

    @Test func aBandwidthIsShared() {
        var bench = Bench(seed: 1) {
            $0.latency = .constant(.milliseconds(1))
            $0.bytesPerSecond = 100_000
        }
        for _ in 0..<10 { bench.write(10_000) }
        bench.run(for: .milliseconds(500))
        #expect(bench.read.readableBytes >= 40_000 && bench.read.readableBytes < 50_000)
    }

    @Test func aClogHoldsBackAndThenAllComesAtOnce() {
        var bench = Bench(seed: 2) { $0.latency = .constant(.milliseconds(1)) }
        bench.network.clog(from: 0, to: 1, until: Instant(nanoseconds: 1_000_000_000))
        for _ in 0..<10 { bench.write(100) }
        bench.run(for: .milliseconds(999))
        #expect(bench.reads == 0)
        bench.run(for: .seconds(1))
        #expect(bench.read == bench.written && bench.reads == 1)
    }

    @Test func theSameSeedGivesTheSameReads() {
        func trail(_ seed: UInt64) -> [Int64] {
            var bench = Bench(seed: seed) { $0.loss = 0.1 }
            var times: [Int64] = []
            for _ in 0..<30 {
                bench.write(100)
                bench.run(for: .milliseconds(1))
                times.append(bench.stream.nextStep?.nanoseconds ?? 0)
            }
            return times
        }
        #expect(trail(4) == trail(4))
        #expect(trail(4) != trail(5))
    }
}
