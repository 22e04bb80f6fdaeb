internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ports of 127.0.0.1 that nobody listens on.
///
/// Below the range from which the system takes the ports of outgoing connections (32768 on Linux), so that a node's port
/// is not taken by another's connection while it is down.
package enum FreePorts {
    private static let range = 12_000..<32_000
    /// Processes that run at the same time begin at different places.
    private static let next = Mutex(range.lowerBound + Int(getpid()) * 97 % range.count)

    package static func take() throws(ProcessError) -> Int {
        for _ in range {
            let port = next.withLock { next in
                defer { next = next + 1 < range.upperBound ? next + 1 : range.lowerBound }
                return next
            }
            if isFree(port) { return port }
        }
        throw ProcessError("no port of 127.0.0.1 in \(range) is free")
    }

    /// Whether a program could listen there, as one that was just ended can again.
    package static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Connections of a program that has ended linger: they are in nobody's way.
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
