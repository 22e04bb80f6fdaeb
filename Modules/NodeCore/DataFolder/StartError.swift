package import StatorCore
package import Storage

/// Why a node did not start: what was found, in one sentence.
package enum StartError: Error, Equatable, Sendable, CustomStringConvertible {
    case folderUnusable(String, DiskError)
    case folderLocked(String, process: String?)
    case foreignFolder(String, node: NodeID, cluster: String)
    /// The folder was made under another setting, which cannot be changed while there is data.
    case settingChanged(String, setting: String, folder: String, configured: String)
    case damagedFile(String, reason: String)
    /// Written by another version of the program.
    case otherFormat(String, found: UInt8, supported: UInt8)
    case dataWithoutIdentity(String)
    case storage(folder: String, StorageError)
    case portInUse(Endpoint)
    case cannotListen(Endpoint, reason: String)
    case impossibleShards(Int, maximum: Int)
    case alreadyStarted

    package var description: String {
        switch self {
        case .folderUnusable(let path, let error): "data folder \(path) cannot be used: \(error)"
        case .folderLocked(let path, let process):
            "data folder \(path) is in use by a running node" + (process.map { " (process \($0))" } ?? "")
        case .foreignFolder(let path, let node, let cluster):
            "data folder \(path) belongs to node \(node) of cluster \(cluster)"
        case .settingChanged(let path, let setting, let folder, let configured):
            "data folder \(path) was made with \(setting) \(folder), configured is \(configured): set it back, or start with an empty data folder in a cluster that has it"
        case .damagedFile(let path, let reason):
            "\(path) is damaged: \(reason); move the data folder away to have the node recover from its peers"
        case .otherFormat(let path, let found, let supported):
            "\(path) has format \(found), this program reads only \(supported): start the node with an empty data folder"
        case .dataWithoutIdentity(let path):
            "data folder \(path) holds data but no identity file; move it away to have the node recover from its peers"
        case .storage(let folder, let error): "storage in \(folder) cannot be opened: \(error)"
        case .portInUse(let endpoint): "peer port \(endpoint) is in use by another process"
        case .cannotListen(let endpoint, let reason): "cannot listen for peers on \(endpoint): \(reason)"
        case .impossibleShards(let found, let maximum): "\(found) shards are configured, possible are 1 to \(maximum)"
        case .alreadyStarted: "the node was started before"
        }
    }
}
