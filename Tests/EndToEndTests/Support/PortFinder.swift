import Foundation

/// Ports of 127.0.0.1 that nobody listens on.
///
/// They lie below the range from which the system takes the ports of outgoing connections (32768 on Linux), so that a
/// node's port is not taken by another node's connection while it is down.
final class PortFinder: @unchecked Sendable {
    static let shared = PortFinder()

    private static let range = 20_000..<32_000
    private let lock = NSLock()
    /// Processes that test at the same time begin at different places.
    private var next = PortFinder.range.lowerBound + Int(ProcessInfo.processInfo.processIdentifier) * 97 % 12_000

    func take() throws -> Int {
        try lock.withLock {
            for _ in PortFinder.range {
                let port = next
                next = next + 1 < PortFinder.range.upperBound ? next + 1 : PortFinder.range.lowerBound
                if PortFinder.isFree(port) { return port }
            }
            throw HarnessError("no free port in \(PortFinder.range)")
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let socket = try? TCPSocket() else { return false }
        return socket.bind(port: port)
    }
}
