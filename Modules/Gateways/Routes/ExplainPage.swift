import NIOCore
import NIOHTTP1
import Replication
import StatorCore

/// `GET /kv/{key}/explain`.
enum ExplainPage {
    static func reply(_ key: Key, _ explanation: Explanation) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.key(key)
                json.member("token", explanation.token.description)
                json.object("partition") { json in
                    json.member("first", explanation.range.first.description)
                    json.member("last", explanation.range.last.description)
                }
                json.member("epoch", explanation.epoch.number)
                json.member("coordinator", explanation.coordinator.name)
                json.member("n", explanation.replicaCount)
                json.array("preference_list", explanation.preferenceList.map(\.name))
                json.array("replicas") { json in
                    for replica in explanation.replicas { write(replica, explanation, &json) }
                }
            }
        }
    }

    private static func write(_ replica: ReplicaExplanation, _ whole: Explanation, _ json: inout JSONWriter) {
        json.object { json in
            json.member("node", replica.node.name)
            let isOwner = whole.preferenceList.prefix(whole.replicaCount).contains(replica.node)
            json.member("role", isOwner ? "replica" : "fallback")
            json.member("answered", replica.hasAnswered)
            guard replica.hasAnswered else { return }
            json.member("holds", replica.digest != nil)
            json.member("digest", replica.digest?.description)
            json.member("siblings", replica.siblings)
            json.member("tombstone", replica.isTombstone)
            json.member("recovering", replica.isRecovering)
            json.member("causality", replica.causality)
            json.array("hints_for", replica.hintsFor.map(\.name))
            json.member("last_repair", replica.lastRepair?.isoText)
        }
    }
}
