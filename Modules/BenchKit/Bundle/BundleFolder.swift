internal import Analysis
internal import Composition

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A bundle on disk: a manifest, and a line for each run that has ended.
///
/// Lines are appended as runs end, so that whatever ends the bench leaves all of them; a line that was cut off is
/// dropped when the bundle is opened. Once all runs are there the file is written anew in their order. One process at a
/// time works on a bundle.
///
/// Unchecked: one task works on it at a time; the command hands it to the runner's and goes on when that has ended.
final class BundleFolder: @unchecked Sendable {
    static let manifestName = "manifest.json"
    static let runsName = "runs.jsonl"
    private static let lockName = ".lock"
    private static let maximumManifest = 64 << 20
    private static let maximumRuns = 4 << 30

    let path: String
    let manifest: Manifest
    private(set) var runs: [RunRecord] = []
    private var file: UnsafeMutablePointer<FILE>?
    /// The length of what was written whole, in bytes.
    private var length = 0
    private var lock: Int32 = -1

    /// Makes a new bundle.
    /// - Throws: where there is one already, or the folder cannot be written.
    static func create(_ path: String, _ manifest: Manifest) throws(BenchError) -> BundleFolder {
        if TextFile.exists("\(path)/\(manifestName)") {
            throw .usage("\(path) holds a bundle already: --resume goes on with it, or choose another --output")
        }
        try TextFile.makeFolders(path)
        let folder = try BundleFolder(path, manifest)
        try TextFile.write(Array(manifest.json.text(pretty: true).utf8), to: "\(path)/\(manifestName)")
        try folder.open()
        return folder
    }

    /// Opens a bundle to go on with it.
    /// - Throws: where it is of another matrix, program or part.
    static func resume(_ path: String, _ wanted: Manifest) throws(BenchError) -> BundleFolder {
        let found = try readManifest(path)
        let pairs = [
            ("the matrix", found.matrixHash, wanted.matrixHash), ("the program", found.programHash, wanted.programHash),
            ("the part", "\(found.part)/\(found.parts)", "\(wanted.part)/\(wanted.parts)"),
        ]
        for (what, before, now) in pairs where before != now {
            throw .configuration(
                "\(path) cannot be resumed: \(what) was \(before.prefix(12)) and is \(now.prefix(12)) now; "
                    + "results of both would not go together")
        }
        let folder = try BundleFolder(path, found)
        folder.runs = try folder.readRuns()
        try folder.open()
        return folder
    }

    /// Reads a bundle and changes nothing.
    static func read(_ path: String) throws(BenchError) -> (manifest: Manifest, runs: [RunRecord]) {
        let manifest = try readManifest(path)
        return (manifest, try runs(at: path, of: manifest).runs)
    }

    private init(_ path: String, _ manifest: Manifest) throws(BenchError) {
        self.path = path
        self.manifest = manifest
        lock = Glibc.open("\(path)/\(BundleFolder.lockName)", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw .failure("cannot write into \(path): \(TextFile.reason)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            lock = -1
            throw .failure("another process works on \(path)")
        }
    }

    deinit {
        if let file { fclose(file) }
        if lock >= 0 { close(lock) }
    }

    // MARK: Reading

    private static func readManifest(_ path: String) throws(BenchError) -> Manifest {
        let bytes = try TextFile.read("\(path)/\(manifestName)", maximum: maximumManifest)
        do {
            return try Manifest(json: try JSONParser.parse(bytes))
        } catch let error as BundleError {
            throw .configuration("\(path): \(error)")
        } catch {
            throw .configuration("\(path)/\(manifestName) is no JSON")
        }
    }

    private func readRuns() throws(BenchError) -> [RunRecord] {
        guard TextFile.exists("\(path)/\(BundleFolder.runsName)") else { return [] }
        let found = try BundleFolder.runs(at: path, of: manifest)
        length = found.length
        return found.runs
    }

    /// - Returns: the runs, and the length of their lines: what follows is a line that was cut off.
    private static func runs(
        at path: String, of manifest: Manifest
    ) throws(BenchError) -> (runs: [RunRecord], length: Int) {
        let bytes = try TextFile.read("\(path)/\(runsName)", maximum: maximumRuns)
        var runs: [RunRecord] = []
        var known: Set<Int> = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            do throws(BundleError) {
                let run = try RunLine.decode(Array(bytes[start..<end]))
                guard manifest.design.cells.indices.contains(run.cell) else {
                    throw BundleError("it is of a cell that the matrix does not have")
                }
                if known.insert(run.number).inserted { runs.append(run) }
            } catch {
                throw .configuration("\(path)/\(runsName), line \(runs.count + 1): \(error)")
            }
            start = end + 1
        }
        return (runs, start)
    }

    // MARK: Writing

    private func open() throws(BenchError) {
        let name = "\(path)/\(BundleFolder.runsName)"
        // What was cut off goes.
        if TextFile.exists(name), truncate(name, off_t(length)) != 0 {
            throw .failure("cannot write \(name): \(TextFile.reason)")
        }
        file = fopen(name, "ab")
        guard file != nil else { throw .failure("cannot write \(name): \(TextFile.reason)") }
    }

    /// Adds a run that has ended.
    /// - Throws: where it could not be written whole; what was there before stays.
    func append(_ run: RunRecord) throws(BenchError) {
        let line = Array((RunLine.encode(run) + "\n").utf8)
        guard let file, fwrite(line, 1, line.count, file) == line.count, fflush(file) == 0 else {
            let reason = TextFile.reason
            truncate("\(path)/\(BundleFolder.runsName)", off_t(length))
            throw .failure(
                "cannot write run \(run.number): \(reason); the \(runs.count) runs before it are in \(path), and "
                    + "--resume goes on from there")
        }
        length += line.count
        runs.append(run)
    }

    /// All runs are there: puts them in their order.
    func sort() throws(BenchError) {
        runs.sort { $0.number < $1.number }
        if let file { fclose(file) }
        file = nil
        var bytes: [UInt8] = []
        for run in runs { bytes += Array((RunLine.encode(run) + "\n").utf8) }
        try TextFile.write(bytes, to: "\(path)/\(BundleFolder.runsName)")
    }

    /// Adds runs of other bundles to a new one.
    func adopt(_ others: [RunRecord]) throws(BenchError) {
        var known = Set(runs.map(\.number))
        for run in others where known.insert(run.number).inserted { try append(run) }
    }
}
