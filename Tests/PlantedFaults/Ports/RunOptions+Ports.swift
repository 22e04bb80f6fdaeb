import ConflictResolution
import Membership
import Partitioning
import Replication
import SimulationKit
import StatorCore
import Storage
import Sync

/// One store of one node, whatever life the node is in.
struct StorePlace: Hashable, Sendable {
    let node: NodeID
    let isHints: Bool
}

/// Wrappers around the parts of every node.
extension RunOptions {
    mutating func wrapEngines(
        _ wrap: @escaping @Sendable (any StorageEngine, StorePlace) throws(StorageError) -> any StorageEngine
    ) {
        blueprint = { blueprint in
            // What an engine says shall be heard, not what was read before.
            blueprint.recordCache = ByteCount(0)
            let (make, node) = (blueprint.makeStorage, blueprint.member.node)
            blueprint.makeStorage = { (environment: StorageEnvironment) throws(StorageError) in
                let place = StorePlace(node: node, isHints: environment.folder.hasSuffix("hints"))
                return try wrap(try make(environment), place)
            }
        }
    }

    mutating func wrapDisks(_ wrap: @escaping @Sendable (any Disk) -> any Disk) {
        blueprint = { blueprint in
            let make = blueprint.makeStorage
            blueprint.makeStorage = { (environment: StorageEnvironment) throws(StorageError) in
                try make(
                    StorageEnvironment(
                        disk: wrap(environment.disk), folder: environment.folder, owner: environment.owner,
                        newStoreID: environment.newStoreID))
            }
        }
    }

    mutating func wrapResolvers(_ wrap: @escaping @Sendable (any ConflictResolver) -> any ConflictResolver) {
        blueprint = { $0.resolver = wrap($0.resolver) }
    }

    mutating func wrapPartitioners(_ wrap: @escaping @Sendable (any Partitioner, NodeID) -> any Partitioner) {
        blueprint = { $0.partitioner = wrap($0.partitioner, $0.member.node) }
    }

    mutating func wrapSynchronizers(_ wrap: @escaping @Sendable (any Synchronizer) -> any Synchronizer) {
        blueprint = { blueprint in
            let make = blueprint.makeSynchronizer
            blueprint.makeSynchronizer = { wrap(make($0)) }
        }
    }

    mutating func wrapMembership(_ wrap: @escaping @Sendable (any MembershipProtocol) -> any MembershipProtocol) {
        blueprint = { blueprint in
            let make = blueprint.makeMembership
            blueprint.makeMembership = { wrap(make($0)) }
        }
    }
}
