import ConflictResolution
import StatorCore
import Testing

@testable import Replication

/// How a node finds out that its wall clock is off, and what it stamps then.
@Suite struct PeerClocksTests {
    private static let day = Duration.seconds(86_400)

    private func now(_ seconds: Int64, ahead: Duration = .zero) -> Now {
        Now(
            monotonic: Instant(nanoseconds: seconds * 1_000_000_000),
            wall: WallTime(microseconds: seconds * 1_000_000).advanced(by: ahead))
    }

    private func told(_ aheads: [Duration], at seconds: Int64 = 1) -> PeerClocks {
        var clocks = PeerClocks()
        for (index, ahead) in aheads.enumerated() {
            let now = now(seconds, ahead: ahead)
            clocks.note(now.wall, of: NodeID("P\(index)"), at: now.monotonic)
        }
        return clocks
    }

    @Test func oneOtherClockProvesNothing() {
        #expect(told([]).skew(at: now(2)) == nil)
        #expect(told([Self.day]).skew(at: now(2)) == nil)
    }

    @Test func aStepOfTheOwnClockShowsAtOnce() {
        let clocks = told([.zero, .milliseconds(1)])
        #expect(clocks.skew(at: now(9)) == .zero)
        #expect(clocks.skew(at: now(9, ahead: Self.day)) == Self.day - .milliseconds(1))
        #expect(clocks.skew(at: now(9, ahead: .zero - Self.day)) == .zero - Self.day)
    }

    @Test func aMinorityOfWrongClocksMovesNothing() {
        #expect(told([.zero, Self.day]).skew(at: now(2)) == .zero)
        #expect(told([.zero, Self.day, .zero - Self.day, .zero]).skew(at: now(2)) == .zero)
        #expect(told([.zero, .zero, .zero, Self.day]).skew(at: now(2, ahead: Self.day)) == Self.day)
    }

    @Test func whatWasToldLongAgoIsForgotten() {
        var clocks = told([.zero, .zero])
        let later = now(2000)
        clocks.note(later.wall, of: NodeID("P0"), at: later.monotonic)
        #expect(clocks.skew(at: now(2001, ahead: Self.day)) == nil)
    }

    @Test func timesFromTheEndOfTimeOverflowNothing() {
        for extreme in [Int64.min, .max] {
            var clocks = PeerClocks()
            for name in ["P", "Q", "R"] {
                clocks.note(WallTime(microseconds: extreme), of: NodeID(name), at: Instant(nanoseconds: 5))
            }
            _ = clocks.skew(at: now(1))
        }
    }

    @Test func allMembersAreToldInTurns() {
        let members = (0..<10).map { NodeID("P\($0)") }
        var clocks = PeerClocks()
        let told = (0..<5).flatMap { _ in clocks.next(among: members) }
        #expect(Set(told) == Set(members) && told.count == 5 * ReplicationLimits.clockReadingsSent)
        #expect(clocks.next(among: []) == [])
    }

    @Test(arguments: ["lww-hlc", "lww-wall"]) func aStampKeepsToTheClocksOfTheOthers(_ resolver: String) throws {
        var part = try PartUnderTest(resolver: resolver)
        let right = part.base.context.now
        for name in ["B", "C"] { part.base.context.noteTime(right.wall, of: NodeID(name)) }
        #expect(part.base.context.newStamp(isOwner: true)?.wall == right.wall)
        for (ahead, bound) in [(Self.day, 60), (.zero - Self.day, -60)] {
            part.base.context.now = Now(monotonic: right.monotonic, wall: right.wall.advanced(by: ahead))
            #expect(part.base.context.newStamp(isOwner: true)?.wall == right.wall.advanced(by: .seconds(bound)))
        }
        #expect(part.base.context.counters.timestampsBounded == 2)
        #expect(part.effects().warnings.count { $0.contains("86400 s ahead") } == 1, "once a minute")
    }

    @Test func whoLooksAtNoClockTellsNoTime() throws {
        var part = try PartUnderTest()
        part.base.context.tellTime()
        part.base.context.tellTime(to: NodeID("B"))
        #expect(part.effects().sent.isEmpty)
        var other = try PartUnderTest(resolver: "lww-hlc")
        other.base.context.tellTime()
        #expect(other.effects().sent.map(\.to.name) == ["B", "C", "D"])
    }
}
