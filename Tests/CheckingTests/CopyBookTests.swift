import Checking
import StatorCore
import Testing

@Suite struct CopyBookTests {
    @Test func aStateCoversWhatItsVersionsHadSeen() throws {
        var fixture = try BookFixture(seen: [2: [1], 3: [2], 9: [3]])
        let (one, three, beside) = (fixture.state(1), fixture.state(3), fixture.state(1, 5))
        #expect(fixture.book.covers(fixture.number(1), of: fixture.key, by: three))
        #expect(!fixture.book.covers(fixture.number(3), of: fixture.key, by: one))
        #expect(!fixture.book.covers(fixture.number(1), of: fixture.key, by: CopyBook.nothing))
        #expect(fixture.book.covers(state: one, of: fixture.key, by: three))
        #expect(!fixture.book.covers(state: beside, of: fixture.key, by: three))
        let (first, last) = (fixture.number(1), fixture.number(9))
        #expect(fixture.book.covers(first, of: fixture.key, byEvent: last))
    }

    /// A chain as long as a key has writes needs no deep stack.
    @Test func aLongPastIsNumberedFromItsEnd() throws {
        let length = 50_000
        var fixture = try BookFixture(seen: [Int: [Int]](uniqueKeysWithValues: (1..<2_000).map { ($0, [$0 - 1]) }))
        #expect(fixture.number(1_999) == 1_999)
        let (first, last) = (fixture.number(0), fixture.number(1_999))
        #expect(fixture.book.covers(first, of: fixture.key, byEvent: last))
        #expect(fixture.number(length) == 2_000)
    }

    @Test func placesAreFilledByDistinctNodes() throws {
        var fixture = try BookFixture()
        let number = fixture.number(1)
        fixture.hold(0, 1)
        // D keeps it for both that lack it, E for one of them.
        fixture.hint(3, for: 1, 1)
        fixture.hint(3, for: 2, 1)
        func filled(_ isSloppy: Bool) -> Int {
            fixture.book.filledPlaces(of: number, key: fixture.key, owners: [0, 1, 2], isSloppy: isSloppy)
        }
        #expect(filled(false) == 1)
        #expect(filled(true) == 2)
        fixture.hint(4, for: 1, 1)
        #expect(filled(true) == 3)
    }

    @Test func whatPlannedFaultsDestroyedCounts() throws {
        var fixture = try BookFixture(seen: [2: [1]])
        let number = fixture.number(1)
        fixture.hold(0, 1)
        fixture.hold(1, 2)
        fixture.book.wiped(1)
        #expect(fixture.book.record(of: fixture.key, at: 1) == CopyBook.nothing)
        #expect(fixture.book.wasDestroyed(number, of: fixture.key, at: 1, byWipe: true))
        #expect(!fixture.book.wasDestroyed(number, of: fixture.key, at: 0))
        fixture.book.doubted(2)
        fixture.hold(2, 2)
        #expect(fixture.book.wasDestroyed(number, of: fixture.key, at: 2))
        #expect(!fixture.book.wasDestroyed(number, of: fixture.key, at: 2, byWipe: true))
        let found = fixture.book.holders(of: number, key: fixture.key)
        #expect(found.holding == [0, 2])
        #expect(found.destroyed == [1])
    }

    @Test func aLaterWriteOfAsManyHoldersStandsForWhatItHadSeen() throws {
        var fixture = try BookFixture(seen: [2: [1], 3: [2], 4: [3]])
        var writes = AcknowledgedWrites()
        writes.add(fixture.write(1), to: fixture.key, fixture.book)
        writes.add(fixture.write(2, needed: 1), to: fixture.key, fixture.book)
        // Fallbacks may have counted to the third: it does not stand for strict writes.
        writes.add(fixture.write(3, isStrict: false), to: fixture.key, fixture.book)
        #expect(writes[fixture.key].map(\.operation) == [1, 2, 3])
        writes.add(fixture.write(4), to: fixture.key, fixture.book)
        #expect(writes[fixture.key].map(\.operation) == [4])
        writes.add(fixture.write(2), to: fixture.key, fixture.book)
        #expect(writes[fixture.key].map(\.operation) == [4])
        #expect(writes[17].isEmpty)
    }
}
