import NIOCore
import NIOHTTP1
import Replication
import StatorCore

/// What is known of a node from second to second, beside its picture.
struct LiveState: Sendable {
    var story = NodeStory()
    /// What clients did in the last whole second, and how long that second was.
    var window = GatewayTraffic()
    var windowLength = Duration.zero
    let started: WallTime

    init(started: WallTime) {
        self.started = started
    }
}

/// `/dashboard/state`, and each message of `/dashboard/stream`: what a dashboard draws of one node.
enum LivePage {
    static func reply(_ source: PageSource, since number: Int, origin: String?) -> HTTPReply {
        var reply = HTTPReply { json in write(source, since: number, &json) }
        reply.headers.append(HTTPReply.Header("Cache-Control", "no-store"))
        if let origin, isDashboard(origin, of: source.inspection.view) {
            reply.headers.append(HTTPReply.Header("Access-Control-Allow-Origin", origin))
            reply.headers.append(HTTPReply.Header("Vary", "Origin"))
        }
        return reply
    }

    /// A dashboard that one member serves shows the others too: their pages may read this one, other sites' may not.
    private static func isDashboard(_ origin: String, of view: View) -> Bool {
        guard origin.hasPrefix("http://"), let colon = origin.lastIndex(of: ":"),
            let port = Int(origin[origin.index(after: colon)...])
        else { return false }
        let host = origin.dropFirst("http://".count).prefix(upTo: colon).filter { $0 != "[" && $0 != "]" }.lowercased()
        return view.members.contains { member in
            let endpoint = member.httpEndpoint
            guard endpoint.port == port else { return false }
            // A name could be another site's.
            if endpoint.listensEverywhere { return loopbackNames.contains(host) || isAddress(host) }
            return endpoint.host.lowercased() == host
                || (loopbackNames.contains(host) && loopbackNames.contains(endpoint.host.lowercased()))
        }
    }

    private static let loopbackNames = ["localhost", "127.0.0.1", "::1"]

    private static func isAddress(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }

    static func write(_ source: PageSource, since number: Int, _ json: inout JSONWriter) {
        let (inspection, totals) = (source.inspection, source.totals)
        json.object { json in
            json.member("node", inspection.node.name)
            json.member("version", source.version)
            json.member("time_ms", Int(source.time.microseconds / 1000))
            json.member("epoch", inspection.view.epoch.number)
            json.member("changing", inspection.view.isChanging)
            json.member("change_status", inspection.changeStatus)
            json.member("ready", inspection.notReadyReason == nil && inspection.failure == nil)
            json.member("reason", inspection.failure ?? inspection.notReadyReason)
            json.member("recovering_fraction", totals.recoveringFraction)
            json.array("members") { json in
                for report in inspection.members { GossipPage.write(report, &json) }
            }
            window(source.live, &json)
            StatsPage.operations(source, totals, &json)
            StatsPage.hints(totals, &json)
            StatsPage.repairs(totals, &json)
            rounds(inspection.shards, &json)
            StatsPage.storage(totals, &json)
            StatsPage.transport(inspection.transport, &json)
            faults(inspection.faults, &json)
            EventsPage.events(source.live, since: number, &json)
        }
    }

    private static func window(_ live: LiveState, _ json: inout JSONWriter) {
        json.object("window") { json in
            json.member("milliseconds", live.windowLength.milliseconds.rounded())
            json.member("requests", live.window.requests)
            json.member("errors", live.window.errors.values.reduce(0, +))
            StatsPage.latencies(live.window.latencies, &json)
        }
    }

    /// How far the present round of anti-entropy is.
    private static func rounds(_ shards: [ShardInspection], _ json: inout JSONWriter) {
        json.object("round") { json in
            json.member("sessions", shards.reduce(0) { $0 + $1.syncRound.sessions })
            json.member("waiting", shards.reduce(0) { $0 + $1.syncRound.waiting })
            json.member("under_way", shards.reduce(0) { $0 + $1.syncRound.underWay })
        }
    }

    private static func faults(_ faults: NetworkFaults?, _ json: inout JSONWriter) {
        guard let faults else { return json.null("faults") }
        json.object("faults") { json in
            json.array("cut", faults.cut.map(\.name))
            json.member("delay_ms", faults.delay.milliseconds)
        }
    }
}

/// `/events`: what happened at the node lately.
enum EventsPage {
    static func reply(_ source: PageSource, since number: Int) -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("node", source.inspection.node.name)
                events(source.live, since: number, &json)
            }
        }
    }

    static func events(_ live: LiveState, since number: Int, _ json: inout JSONWriter) {
        json.member("started_ms", Int(live.started.microseconds / 1000))
        json.member("next", live.story.end)
        json.array("events") { json in
            for event in live.story.events(since: number) { event.write(&json) }
        }
    }
}
