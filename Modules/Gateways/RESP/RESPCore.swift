import Logging
import NIOConcurrencyHelpers
import NIOCore
import Replication
import Synchronization

/// What all RESP connections of a node share, whatever loop they are on.
final class RESPCore: Sendable {
    let port: any NodePort
    let settings: RESPSettings
    /// Beside which it runs: loops, pages and counters are common to both interfaces.
    let http: GatewayCore
    private let count = Atomic<Int>(0)
    /// Of clients that speak HTTP, the latest warning.
    private let latestWarning = NIOLockedValueBox<NIODeadline?>(nil)

    init(settings: RESPSettings, beside http: GatewayCore) {
        self.settings = settings
        self.http = http
        port = http.port
    }

    /// Whether one more connection is served.
    func admitConnection() -> Bool {
        count.add(1, ordering: .relaxed).newValue <= settings.maximumConnections
    }

    func connectionEnded() {
        count.subtract(1, ordering: .relaxed)
    }

    /// Says so once a minute at most: a page can try without end.
    func warnOfHTTP(from address: SocketAddress?, at now: NIODeadline) {
        let isDue = latestWarning.withLockedValue { latest in
            if let latest, now - latest < RESPLimits.warningInterval { return false }
            latest = now
            return true
        }
        guard isDue else { return }
        http.logger.warning(
            """
            possible attack: a client of the RESP port speaks HTTP, as a page in a browser does that wants commands \
            carried out (cross-protocol scripting); its connection was closed
            """, metadata: ["client": "\(address?.description ?? "unknown")"])
    }

    var connections: Int { count.load(ordering: .relaxed) }
}
