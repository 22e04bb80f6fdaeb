#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Shows what is appended to the logs of several nodes, each line with its node's name.
package struct LogFollower {
    private struct Log {
        let name: String
        let path: String
        var offset: Int
        var rest: [UInt8] = []
    }

    private static let pause = Duration.milliseconds(200)
    private static let chunk = 1 << 16
    private static let longestLine = 1 << 14

    private let folder: ClusterFolder
    private var logs: [Log] = []
    private let show: (_ node: String, _ line: String) -> Void

    /// - Parameter lines: how many that are there already are shown first.
    package init(
        _ names: [String], of folder: ClusterFolder, lines: Int,
        show: @escaping (_ node: String, _ line: String) -> Void
    ) {
        self.folder = folder
        self.show = show
        for name in names { follow(name, lines: lines) }
    }

    private mutating func follow(_ name: String, lines: Int) {
        let path = folder.log(name)
        if lines > 0 {
            for line in Files.tail(path, bytes: 1 << 20).suffix(lines) { show(name, String(line)) }
        }
        logs.append(Log(name: name, path: path, offset: Files.size(path)))
    }

    /// - Parameters:
    ///   - goesOn: asked now and then.
    ///   - names: of the nodes that there are now.
    package mutating func run(while goesOn: () async -> Bool, of names: () async -> [String]) async {
        while await goesOn() {
            for name in await names() where !logs.contains(where: { $0.name == name }) {
                logs.append(Log(name: name, path: folder.log(name), offset: 0))
            }
            showNews()
            try? await Task.sleep(for: Self.pause)
        }
        showNews()
    }

    private mutating func showNews() {
        for index in logs.indices { read(index) }
    }

    private mutating func read(_ index: Int) {
        guard let file = fopen(logs[index].path, "rb") else { return }
        defer { fclose(file) }
        // A log that became shorter was begun anew.
        if Files.size(logs[index].path) < logs[index].offset { logs[index].offset = 0 }
        fseek(file, logs[index].offset, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let count = fread(&bytes, 1, bytes.count, file)
            guard count > 0 else { return }
            logs[index].offset += count
            logs[index].rest += bytes[..<count]
            while let end = logs[index].rest.firstIndex(of: UInt8(ascii: "\n")) {
                show(logs[index].name, String(decoding: logs[index].rest[..<end], as: UTF8.self))
                logs[index].rest.removeSubrange(...end)
            }
            if logs[index].rest.count > Self.longestLine { logs[index].rest = [] }
        }
    }
}
