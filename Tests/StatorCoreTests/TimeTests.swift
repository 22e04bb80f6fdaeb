import StatorCore
import Testing

@Suite struct TimeTests {
    @Test func durationsConvertToWholeNanoseconds() {
        #expect(Duration.milliseconds(1).nanoseconds == 1_000_000)
        #expect(Duration.zero.nanoseconds == 0)
        #expect(Duration.milliseconds(-1500).nanoseconds == -1_500_000_000)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 999_999_999).nanoseconds == 0)
        #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
        #expect(Duration.nanoseconds(Int64.min).nanoseconds == .min)
        #expect(Duration.milliseconds(1500).milliseconds == 1500)
    }

    @Test func durationsBeyond292YearsSaturate() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.seconds(9_223_372_037).nanoseconds == .max)
        #expect(Duration.seconds(-9_223_372_037).nanoseconds == .min)
    }

    @Test func instantsAdvanceAndSubtract() {
        let start = Instant(nanoseconds: 100)
        let later = start.advanced(by: .nanoseconds(50))
        #expect(later.elapsed(since: start) == .nanoseconds(50))
        #expect(start.elapsed(since: later) == .nanoseconds(-50))
        #expect(start < later)
        #expect(WallTime(microseconds: 5).advanced(by: .milliseconds(2)) == WallTime(microseconds: 2005))
    }

    @Test func sizesAreDescribedInTheLargestWholeUnit() {
        #expect(ByteCount.mebibytes(3).description == "3 MiB")
        #expect(ByteCount.kibibytes(1).description == "1 KiB")
        #expect(ByteCount(1025).description == "1025 B")
        #expect(ByteCount.kibibytes(1) + ByteCount(1) == ByteCount(1025))
    }

    @Test func aDrainedOutboxIsEmptyAndKeepsOrder() {
        var outbox = Outbox<Int>()
        #expect(outbox.isEmpty)
        for effect in 1...3 { outbox.append(effect) }
        #expect(outbox.drain() == [1, 2, 3])
        #expect(outbox.isEmpty)
        outbox.append(4)
        outbox.removeAll()
        #expect(outbox.drain().isEmpty)
    }
}
