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

    var connections: Int { count.load(ordering: .relaxed) }
}
