import Foundation
import Hashing
import NIOCore
import Simulation
import StatorCore
import Storage

extension LogSettings {
    /// Segments so small that a few writes fill one.
    static var tiny: LogSettings {
        var settings = LogSettings()
        settings.segmentSize = ByteCount(3000)
        settings.openFiles = 8
        return settings
    }
}

func key(_ name: String) -> Key { Key(unchecked: ByteBuffer(string: name)) }

func token(_ name: String) -> Token { HashFunction.xxh3.token(of: name) }

func named(_ name: String, _ body: String, isTombstone: Bool = false, expiry: WallTime? = nil) -> StoredRecord {
    named(name, ByteBuffer(string: body), isTombstone: isTombstone, expiry: expiry)
}

func named(_ name: String, _ body: ByteBuffer, isTombstone: Bool = false, expiry: WallTime? = nil) -> StoredRecord {
    StoredRecord(
        token: token(name), key: key(name), digest: Digest(ofBody: body), isTombstone: isTombstone, expiry: expiry,
        body: body)
}

/// Bytes that no compressor makes shorter.
func noise(_ count: Int, seed: UInt64) -> ByteBuffer {
    var random = RandomGenerator(seed: seed)
    return ByteBuffer(bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
}

extension StorageEngine {
    func put(_ name: String, _ body: String) throws { try apply([.put(named(name, body))]) }

    func put(_ name: String, _ body: ByteBuffer) throws { try apply([.put(named(name, body))]) }

    func remove(_ name: String) throws { try apply([.remove(token(name), key(name))]) }

    func body(_ name: String) throws -> String? {
        try record(for: key(name), token: token(name)).map { String(buffer: $0.body) }
    }

    func makeDurable() throws {
        guard let job = try beginSync() else { return }
        try job.run()
        endSync(.success(()))
    }

    func maintainFully() throws {
        while try maintain(budget: .kibibytes(16)) {}
    }
}

func openLog(
    _ disk: any Disk, _ settings: LogSettings = .tiny, folder: String = "/log", owner: String = "test", id: UInt64 = 7,
    durableFile: String? = nil
) throws -> LogEngine {
    let environment = StorageEnvironment(
        disk: disk, folder: folder, owner: owner, newStoreID: id, durableFile: durableFile)
    return try LogEngine(settings: settings, environment: environment)
}

extension SimulatedDisk {
    /// The segment files, oldest first.
    var segments: [String] { paths.filter { $0.hasSuffix(".log") } }
}

/// Runs a test in a folder of its own that is gone afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stator-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}
