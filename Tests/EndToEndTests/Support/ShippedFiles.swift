import Foundation
import Processes

/// A folder with what the repository ships for a cluster on this machine: `scripts/`, `configs/`, and the programs under
/// test where `scripts/build` puts them.
struct ShippedFiles {
    let folder: TemporaryFolder
    let ports: PortMap
    /// Of the repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// - Parameter ports: those that the copied configurations name in the place of the shipped ones.
    init(_ ports: PortMap) throws {
        self.ports = ports
        folder = try TemporaryFolder()
        let manager = FileManager.default
        for name in ["scripts", "configs"] {
            try manager.copyItem(atPath: "\(Self.root)/\(name)", toPath: "\(folder.path)/\(name)")
        }
        let configurations = "\(folder.path)/configs/cluster"
        for name in try manager.contentsOfDirectory(atPath: configurations) {
            let path = "\(configurations)/\(name)"
            try ports.moved(try String(contentsOfFile: path, encoding: .utf8))
                .write(toFile: path, atomically: true, encoding: .utf8)
        }
        try manager.createDirectory(atPath: "\(folder.path)/.build", withIntermediateDirectories: true)
        try manager.createSymbolicLink(atPath: programs, withDestinationPath: try Self.builtPrograms())
    }

    var programs: String { "\(folder.path)/.build/release" }

    private static func builtPrograms() throws -> String {
        let folders = try [Binaries.node(), Binaries.control()].map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().path
        }
        guard folders[0] == folders[1] else { throw HarnessError("stator-node and statorctl are not in one folder") }
        return folders[0]
    }

    func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(folder.path)/\(path)", encoding: .utf8)
    }
}

/// The ports that the shipped files name, and those that a test uses in their place.
struct PortMap {
    /// The first of five nodes' ports of each kind, and the dashboard's.
    private static let first = (http: 5000, resp: 6400, peer: 7000)
    private static let dashboard = 8080
    private static let shipped =
        [first.http, first.resp, first.peer].flatMap { $0..<($0 + 5) } + [dashboard]

    private let used: [Int: Int]

    var isMoved: Bool { used.contains { $0.key != $0.value } }
    var dashboard: Int { used[Self.dashboard] ?? Self.dashboard }
    /// A shipped one's.
    subscript(port: Int) -> Int { used[port] ?? port }

    /// The shipped ports themselves where nobody listens on any of them.
    static func shippedIfFree() throws -> PortMap {
        guard shipped.allSatisfy({ FreePorts.isFree($0) }) else { return try moved() }
        return PortMap(used: Dictionary(uniqueKeysWithValues: shipped.map { ($0, $0) }))
    }

    /// Ports that are free, those of a kind one behind the other.
    static func moved() throws -> PortMap {
        for _ in 0..<100 {
            let start = try FreePorts.take()
            let map = Dictionary(uniqueKeysWithValues: zip(shipped, start...))
            // Two behind each kind are left free, which is where a node that is added goes.
            if map.values.allSatisfy({ FreePorts.isFree($0) }) { return PortMap(used: map) }
        }
        throw HarnessError("no \(shipped.count) ports in a row are free")
    }

    /// A text with the ports in the place of the shipped ones: in addresses, and as words of a command.
    func moved(_ text: String) -> String {
        guard isMoved else { return text }
        return text.replacing(#/(?<before>[: ])(?<port>[5-8][0-9]{3})\b/#) { match in
            let port = Int(match.output.port).map { self[$0] } ?? 0
            return "\(match.output.before)\(port)"
        }
    }
}
