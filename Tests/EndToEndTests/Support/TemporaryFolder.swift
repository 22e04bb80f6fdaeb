import Foundation

/// A folder that is gone after the test, unless `STATOR_KEEP_FOLDERS` is set.
struct TemporaryFolder {
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.path
        path = "\(base)/stator-e2e-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() {
        if ProcessInfo.processInfo.environment["STATOR_KEEP_FOLDERS"] != nil { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
