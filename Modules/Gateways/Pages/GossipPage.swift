import Membership
import NIOHTTP1
import Replication
import StatorCore

/// `/gossip`: who is in, and who answers, as this node sees it.
enum GossipPage {
    static func reply(_ inspection: NodeInspection) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("node", inspection.node.name)
                json.member("epoch", inspection.view.epoch.number)
                json.member("refused_messages", inspection.refusedMembershipMessages)
                json.array("members") { json in
                    for report in inspection.members { write(report, &json) }
                }
            }
        }
    }

    static func write(_ report: MemberReport, _ json: inout JSONWriter) {
        json.object { json in
            json.member("node", report.member.node.name)
            json.member("status", report.member.status.description)
            json.member("liveness", report.liveness.description)
            json.member("zone", report.member.zone)
            json.member("peer", report.member.peerEndpoint.description)
            json.member("http", report.member.httpEndpoint.description)
            json.member("generation", report.generation)
            json.member("heartbeat", report.heartbeat)
            if let phi = report.phi { json.member("phi", phi) } else { json.null("phi") }
            if let heard = report.lastHeard {
                json.member("last_heard_milliseconds", heard.milliseconds.rounded())
            } else {
                json.null("last_heard_milliseconds")
            }
        }
    }
}
