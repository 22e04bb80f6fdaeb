import NIOHTTP1
import Replication
import StatorCore

/// What pages are made of.
struct PageSource: Sendable {
    var inspection: NodeInspection
    var traffic: GatewayTraffic
    var version: String
    var live: LiveState
    var time: WallTime

    /// The counters of all shards, and their storage.
    var totals: PageTotals { PageTotals(inspection.shards) }
}

extension Page {
    /// Whether it shows what the gateway itself has counted.
    var needsTraffic: Bool { self == .stats || self == .metrics }

    func reply(_ source: PageSource) -> HTTPReply {
        let inspection = source.inspection
        return switch self {
        case .stats: StatsPage.reply(source)
        case .ring(let listsRanges): RingPage.reply(inspection, listsRanges: listsRanges)
        case .gossip: GossipPage.reply(inspection)
        case .sync: SyncPage.reply(inspection)
        case .metrics: MetricsPage.reply(source)
        case .health: HealthPage.health(inspection)
        case .ready: HealthPage.ready(inspection)
        case .live(let since, let origin): LivePage.reply(source, since: since, origin: origin)
        case .events(let since): EventsPage.reply(source, since: since)
        }
    }
}
