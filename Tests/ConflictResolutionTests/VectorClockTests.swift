import ConflictResolution
import NIOCore
import StatorCore
import Testing

@Suite struct VectorClockTests {
    let resolver = VectorClockResolver(settings: VectorClockSettings())

    /// DeCandia et al. 2007, figure 3, D1 to D5.
    @Test func figureThreeOfTheDynamoPaper() throws {
        let d1 = try resolver.write("D1", .nothing, at: "Sx", 1)
        let d2 = try resolver.write("D2", .held, over: d1, at: "Sx", 2)
        #expect(try resolver.read(d2).causality == "{Sx/0/1f2e…: 2}")
        let d3 = try resolver.write("D3", try resolver.context(of: d2), over: d2, at: "Sy", 1)
        let d4 = try resolver.write("D4", try resolver.context(of: d2), over: d2, at: "Sz", 1)
        #expect(try resolver.read(d3).causality == "{Sx/0/1f2e…: 2, Sy/0/1f2e…: 1}")
        #expect(try resolver.read(d4).causality == "{Sx/0/1f2e…: 2, Sz/0/1f2e…: 1}")

        // "A node that is aware of D1 or D2 can determine, upon receiving D4, that both are overwritten."
        #expect(try resolver.merge(d1, d4) == d4)
        #expect(try resolver.merge(d4, d2) == d4)
        let both = try resolver.merge(d3, d4)
        #expect(try resolver.values(both) == ["D3", "D4"])

        let d5 = try resolver.write("D5", try resolver.context(of: both), over: both, at: "Sx", 3)
        #expect(try resolver.read(d5).causality == "{Sx/0/1f2e…: 3, Sy/0/1f2e…: 1, Sz/0/1f2e…: 1}")
        #expect(try resolver.merge(both, d5) == d5)
    }

    /// Hazard 1: the case that dotted version vectors were made for.
    @Test func staleContextAtTheSameCoordinatorLosesAWrite() throws {
        let first = try resolver.write("first", .nothing, at: "r", 1)
        let stale = try resolver.context(of: first)
        let second = try resolver.write("second", stale, over: first, at: "r", 2)
        let third = try resolver.write("third", stale, over: second, at: "r", 3)
        #expect(try resolver.values(third) == ["third"])
    }

    /// Hazard 2: what the coordinator dropped comes back from a replica that still holds it.
    @Test func truncationBringsASupersededVersionBack() throws {
        let resolver = VectorClockResolver(settings: VectorClockSettings(maximumEntries: 2))
        let old = try resolver.write("old", .nothing, at: "a", 1, wall: 10)
        let middle = try resolver.write("middle", .held, over: old, at: "b", 1, wall: 20)
        let new = try resolver.write("new", .held, over: middle, at: "c", 1, wall: 30)
        #expect(try resolver.values(new) == ["new"])
        #expect(try resolver.read(new).causality == "{b/0/1f2e…: 1, c/0/1f2e…: 1}")
        #expect(try resolver.values(resolver.merge(new, old)) == ["old", "new"])
    }

    /// Hazard 3, and the writer's own entry stays however old its clock says it is.
    @Test func truncationGoesByWallTimeAndSparesTheWriter() throws {
        let resolver = VectorClockResolver(settings: VectorClockSettings(maximumEntries: 2))
        let old = try resolver.write("old", .nothing, at: "a", 1, wall: 10)
        let middle = try resolver.write("middle", .held, over: old, at: "b", 1, wall: 5)
        let new = try resolver.write("new", .held, over: middle, at: "c", 1, wall: 1)
        #expect(try resolver.read(new).causality == "{a/0/1f2e…: 1, c/0/1f2e…: 1}")
    }

    @Test func mergeNeverTruncates() throws {
        let resolver = VectorClockResolver(settings: VectorClockSettings(maximumEntries: 2))
        var body = try resolver.write("a", .nothing, at: "a", 1)
        for node in ["b", "c", "d"] {
            body = try resolver.merge(body, try resolver.write(node, .nothing, at: node, 1))
        }
        #expect(try resolver.values(body) == ["a", "b", "c", "d"])
    }

    @Test func tenEntriesAreKeptByDefault() throws {
        var body = try resolver.write("0", .nothing, at: "n0", 1, wall: 1)
        for node in 1...11 {
            body = try resolver.write("\(node)", .held, over: body, at: "n\(node)", 1, wall: Int64(node))
        }
        let causality = try resolver.read(body).causality
        #expect(causality.split(separator: ",").count == 10)
        #expect(!causality.contains("n1/"))
    }

    @Test func futureOfTheCoordinatorIsRefused() throws {
        let ahead = try resolver.write("v", .nothing, at: "a", 10)
        let context = try resolver.context(of: ahead)
        #expect(throws: ResolverError.self) { try resolver.write("w", context, at: "a", 10) }
        #expect(throws: ResolverError.self) { try resolver.write("w", .nothing, over: ahead, at: "a", 9) }
    }
}
