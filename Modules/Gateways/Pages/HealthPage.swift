import NIOHTTP1
import Replication
import StatorCore

/// `/health`: does the node work at all, and what is wrong between it and the others; `/ready`: should it be sent requests.
enum HealthPage {
    static func health(_ inspection: NodeInspection) -> HTTPReply {
        if let why = inspection.failure { return HTTPReply(HTTPFailure(.serviceUnavailable, "unhealthy", why)) }
        return ok("ok", inspection)
    }

    static func ready(_ inspection: NodeInspection) -> HTTPReply {
        if let why = inspection.failure ?? inspection.notReadyReason {
            return HTTPReply(HTTPFailure(.serviceUnavailable, "not_ready", why).retryLater())
        }
        return ok("ready", inspection)
    }

    private static func ok(_ status: String, _ inspection: NodeInspection) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("status", status)
                json.member("node", inspection.node.name)
                let problems = inspection.standing.problems
                if !problems.isEmpty { json.array("problems", problems) }
                let doubts = inspection.shards.filter { $0.doubt != nil }
                guard !doubts.isEmpty else { return }
                json.array("in_doubt") { json in
                    for shard in doubts {
                        json.object { json in
                            json.member("shard", shard.shard)
                            json.member("cause", shard.doubt.map { "\($0.cause)" })
                            json.member("reason", shard.doubt?.reason)
                        }
                    }
                }
            }
        }
    }
}

/// The answer to an administrative request.
enum AdminPage {
    static func reply(_ response: AdminResponse) -> HTTPReply {
        switch response {
        case .refused(let why): HTTPReply(HTTPFailure(.conflict, "refused", why))
        case .accepted(let message):
            HTTPReply(status: .accepted) { json in
                json.object { json in
                    json.member("status", "accepted")
                    json.member("message", message)
                }
            }
        }
    }
}
