import StatorCore
import Testing

@testable import NodeCore

@Suite struct StopDrainTests {
    private let begun = Instant(nanoseconds: 1_000_000_000)

    @Test func anIdleNodeStopsAtOnce() {
        #expect(StopDrain(now: begun).look(areShardsIdle: true, now: begun) == .isIdle)
    }

    @Test func aBusyNodeWaitsUpToTheBound() {
        let drain = StopDrain(now: begun)
        let end = begun.advanced(by: NodeCoreLimits.stopBound)
        #expect(drain.look(areShardsIdle: false, now: begun) == .wait)
        #expect(drain.look(areShardsIdle: false, now: end.advanced(by: .nanoseconds(-1))) == .wait)
        #expect(drain.look(areShardsIdle: false, now: end) == .isOver)
        #expect(drain.look(areShardsIdle: true, now: end) == .isIdle)
    }
}
