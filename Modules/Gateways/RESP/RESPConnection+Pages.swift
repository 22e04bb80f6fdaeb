import NIOCore
import NIOPosix
import Partitioning
import Replication
import StatorCore
import Storage

/// Commands that show the node as it is now.
extension RESPConnection {
    func beginPage(_ verb: RESPVerb) -> Bool {
        guard isIdle else { return false }
        let tag = beginAlone()
        let (core, eventLoop) = (core, eventLoop)
        let hashName = core.port.hashName
        core.port.inspect { inspection in
            // Made on the page thread: a ring may have many thousand ranges.
            core.http.pageThread.submit { _ in
                var bytes = ByteBuffer()
                switch verb {
                case .dbsize: bytes.writeRESPInteger(inspection.liveRecords)
                case .statorRing: RESPRing.write(inspection, hashName, into: &bytes)
                default: bytes.writeRESPBulk(RESPInformation.text(inspection, core))
                }
                let made = bytes
                eventLoop.execute { self.answer(tag, bytes: made) }
            }
        }
        return true
    }
}

extension NodeInspection {
    /// Of the keys whose replica this node is.
    fileprivate var liveRecords: Int {
        shards.reduce(0) { $0 + $1.storage.records - $1.storage.tombstones }
    }
}

/// The ring as clients need it to send requests to the nodes that hold their keys.
enum RESPRing {
    static func write(_ inspection: NodeInspection, _ hashName: String, into out: inout ByteBuffer) {
        out.writeRESPArray(4)
        out.writeRESPInteger(Int(clamping: inspection.view.epoch.number))
        out.writeRESPBulk(hashName)
        guard let placement = inspection.placement else {
            out.writeRESPArray(0)
            out.writeRESPArray(0)
            return
        }
        out.writeRESPArray(placement.nodes.count)
        for node in placement.nodes {
            let endpoint = inspection.view.member(node)?.respEndpoint
            out.writeRESPArray(3)
            out.writeRESPBulk(node.name)
            out.writeRESPBulk(endpoint?.host ?? "")
            out.writeRESPInteger(endpoint?.port ?? 0)
        }
        out.writeRESPArray(placement.rangeCount)
        for index in 0..<placement.rangeCount {
            let list = placement.preferenceList(at: index)
            out.writeRESPArray(1 + list.replicaCount)
            out.writeRESPBulk(placement.range(at: index).last.description)
            for node in list.replicas { out.writeRESPInteger(placement.nodes.firstIndex(of: node) ?? 0) }
        }
    }
}

/// The answer to INFO: what programs for Redis look for, and where the rest is.
enum RESPInformation {
    static func text(_ inspection: NodeInspection, _ core: RESPCore) -> String {
        """
        # Server\r
        redis_version:7.0.0\r
        redis_mode:standalone\r
        stator_version:\(core.http.settings.version)\r
        stator_node:\(inspection.node)\r
        stator_epoch:\(inspection.view.epoch)\r
        \r
        # Clients\r
        connected_clients:\(core.connections)\r
        \r
        # Persistence\r
        loading:\(inspection.notReadyReason == nil ? 0 : 1)\r
        \r
        # Replication\r
        role:master\r
        connected_slaves:0\r
        \r
        # Keyspace\r
        db0:keys=\(inspection.liveRecords),expires=0,avg_ttl=0\r

        """
    }
}
