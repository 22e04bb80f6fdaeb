import Replication
import StatorCore

/// The part of pages that shows how the node and the others reach one another.
enum LinkPage {
    static func links(_ links: [LinkReport], _ json: inout JSONWriter) {
        json.array("links") { json in
            for link in links {
                json.object { json in
                    json.member("node", link.node.name)
                    json.member("peer", link.endpoint.description)
                    json.member("up", link.isUp)
                    json.member("seconds", seconds(link.lasting))
                    guard let trouble = link.trouble else { return }
                    json.member("cause", trouble.cause.rawValue)
                    json.member("reason", trouble.reason)
                    difference(trouble.difference, &json)
                }
            }
        }
    }

    static func refusedCallers(_ callers: [RefusedCaller], _ json: inout JSONWriter) {
        json.array("refused_callers") { json in
            for caller in callers {
                json.object { json in
                    json.member("node", caller.node?.name)
                    json.member("address", caller.address)
                    json.member("reason", caller.reason)
                    difference(caller.difference, &json)
                    json.member("refusals", caller.refusals)
                    json.member("seconds", seconds(caller.age))
                }
            }
        }
    }

    private static func difference(_ difference: SettingDifference?, _ json: inout JSONWriter) {
        guard let difference else { return }
        json.member("setting", difference.setting)
        json.member("own", difference.own)
        json.member("theirs", difference.theirs)
    }

    private static func seconds(_ duration: Duration) -> Double {
        (duration.milliseconds / 100).rounded() / 10
    }

    static func metrics(_ inspection: NodeInspection, _ metrics: inout MetricsText) {
        metrics.family("stator_link_up", .gauge, "Whether the link to each other node is up.")
        for link in inspection.links {
            metrics.sample("stator_link_up", [("member", link.node.name)], link.isUp ? 1 : 0)
        }
        metrics.family("stator_refused_by", .gauge, "Whether each other node refuses this one.")
        for link in inspection.links {
            metrics.sample("stator_refused_by", [("member", link.node.name)], link.isRefused ? 1 : 0)
        }
        metrics.single(
            "stator_refused_callers", .gauge, "Nodes that this one has refused lately.",
            Double(inspection.refusedCallers.count))
        metrics.single(
            "stator_standing_problems", .gauge, "What is wrong between this node and the others: see /health.",
            Double(inspection.standing.problems.count))
    }
}
