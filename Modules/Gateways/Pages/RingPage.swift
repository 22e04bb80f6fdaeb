import NIOHTTP1
import Partitioning
import Replication
import StatorCore

/// `/ring`: who owns what, and how evenly.
enum RingPage {
    static func reply(_ inspection: NodeInspection, listsRanges: Bool) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("node", inspection.node.name)
                json.member("epoch", inspection.view.epoch.number)
                json.member("changing", inspection.view.isChanging)
                json.member("change_status", inspection.changeStatus)
                json.array("pending", inspection.view.members.filter { $0.status != .active }.map(\.node.name))
                json.member("partitions", inspection.placement?.rangeCount ?? 0)
                json.member("n", inspection.placement?.replicaCount ?? 0)
                members(inspection, &json)
                if let placement = inspection.placement { balance(placement, &json) }
                if let next = inspection.nextPlacement { self.next(next, listsRanges: listsRanges, &json) }
                if listsRanges, let placement = inspection.placement { ranges(placement, &json) }
            }
        }
    }

    private static func members(_ inspection: NodeInspection, _ json: inout JSONWriter) {
        let placement = inspection.placement
        let primary = placement?.primaryShares() ?? []
        let replica = placement?.replicaShares() ?? []
        json.array("nodes") { json in
            for member in inspection.view.members {
                let index = placement?.nodes.firstIndex(of: member.node)
                json.object { json in
                    json.member("node", member.node.name)
                    json.member("status", member.status.description)
                    json.member("zone", member.zone)
                    json.member("weight", member.weight)
                    json.member("peer", member.peerEndpoint.description)
                    json.member("http", member.httpEndpoint.description)
                    json.member("primary_share", index.map { primary[$0] } ?? 0)
                    json.member("replica_share", index.map { replica[$0] } ?? 0)
                }
            }
        }
    }

    private static func balance(_ placement: Placement, _ json: inout JSONWriter) {
        json.object("balance") { json in
            json.object("primary") { json in spread(placement.primaryShares(), &json) }
            json.object("replica") { json in spread(placement.replicaShares(), &json) }
        }
    }

    private static func spread(_ shares: [Double], _ json: inout JSONWriter) {
        let mean = shares.reduce(0, +) / Double(max(1, shares.count))
        let least = shares.min() ?? 0
        let most = shares.max() ?? 0
        json.member("mean", mean)
        json.member("min", least)
        json.member("max", most)
        json.member("min_over_mean", mean > 0 ? least / mean : 0)
        json.member("max_over_mean", mean > 0 ? most / mean : 0)
    }

    private static func next(_ placement: Placement, listsRanges: Bool, _ json: inout JSONWriter) {
        json.object("next") { json in
            json.member("partitions", placement.rangeCount)
            json.array("nodes", placement.nodes.map(\.name))
            json.object("balance") { json in
                json.object("primary") { json in spread(placement.primaryShares(), &json) }
                json.object("replica") { json in spread(placement.replicaShares(), &json) }
            }
            if listsRanges { ranges(placement, &json) }
        }
    }

    private static func ranges(_ placement: Placement, _ json: inout JSONWriter) {
        let count = min(placement.rangeCount, HTTPLimits.maximumRangesListed)
        json.array("ranges") { json in
            for index in 0..<count {
                let range = placement.range(at: index)
                let owners = placement.preferenceList(at: index)
                json.object { json in
                    json.member("first", range.first.description)
                    json.member("last", range.last.description)
                    json.array("replicas", owners.replicas.lazy.map(\.name))
                    json.array("fallbacks", owners.fallbacks.lazy.map(\.name))
                }
            }
        }
        json.member("ranges_truncated", count < placement.rangeCount)
    }
}
