import Testing

@testable import BenchKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct LocalFilesTests {
    @Test func removingAFolderFollowsNoLink() throws {
        let place = try ScratchFolder()
        try LocalFiles.makeFolder(place.path + "/kept")
        try LocalFiles.write("here", to: place.path + "/kept/file")
        try LocalFiles.makeFolder(place.path + "/gone/deep/deeper")
        try LocalFiles.write("x", to: place.path + "/gone/deep/.hidden")
        #expect(symlink(place.path + "/kept", place.path + "/gone/deep/link") == 0)
        try LocalFiles.removeAll(place.path + "/gone")
        try LocalFiles.removeAll(place.path + "/gone")
        #expect(LocalFiles.names(in: place.path) == ["kept"])
        #expect(LocalFiles.read(place.path + "/kept/file", maximum: 100) == Array("here".utf8))
    }

    @Test func folderInPlaceOfAFileIsRefused() throws {
        let place = try ScratchFolder()
        try LocalFiles.write("", to: place.path + "/file")
        #expect(throws: LocalError.self) { try LocalFiles.makeFolder(place.path + "/file") }
        #expect(throws: LocalError.self) { try LocalFiles.makeFolder(place.path + "/file/below") }
    }

    @Test func lastLinesOfALongFileAreWhole() throws {
        let place = try ScratchFolder()
        let lines = (0..<5000).map { "line \($0)" }
        try LocalFiles.write(lines.joined(separator: "\n") + "\n", to: place.path + "/log")
        #expect(LocalFiles.lastLines(place.path + "/log", count: 3) == Array(lines.suffix(3)))
        let all = LocalFiles.lastLines(place.path + "/log", count: 5000)
        #expect(all == Array(lines.suffix(all.count)) && all.count > 500)
        #expect(LocalFiles.lastLines(place.path + "/none", count: 3).isEmpty)
    }

    @Test func portsAreDistinctFreeAndBelowThoseOfConnections() throws {
        let ports = try FreePorts.shared.take(120)
        #expect(Set(ports).count == 120)
        #expect(ports.allSatisfy { FreePorts.range.contains($0) && FreePorts.isFree($0) })
        let more = try FreePorts.shared.take(10)
        #expect(Set(ports).isDisjoint(with: more))
        FreePorts.shared.giveBack(ports + more)
    }

    @Test func poolsTakeDifferentBlocksAndRefuseMoreThanThereIs() throws {
        // Two pools are as two processes: a block's first port is held by one of them.
        let range = 31_000..<31_500
        let (one, other) = (FreePorts(range), FreePorts(range))
        let (mine, theirs) = (try one.take(60), try other.take(60))
        #expect(Set(mine).isDisjoint(with: theirs))
        #expect(throws: LocalError.noFreePorts(wanted: 491)) { try one.take(491) }
        // Nothing got lost by that.
        #expect(try one.take(60).count == 60)
    }
}

/// A folder that is gone after the test.
final class ScratchFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/stator-local-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? LocalFiles.removeAll(path) }
}
