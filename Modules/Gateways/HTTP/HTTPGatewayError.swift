import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a gateway could not start, in a sentence for people.
package enum HTTPGatewayError: Error, Equatable, CustomStringConvertible {
    case portInUse(host: String, port: Int, name: String = "HTTP")
    case cannotListen(host: String, port: Int, reason: String, name: String = "HTTP")
    case tooManyConnections

    /// - Parameter name: of the protocol.
    init(_ error: any Error, host: String, port: Int, name: String = "HTTP") {
        if let failure = error as? IOError, failure.errnoCode == EADDRINUSE {
            self = .portInUse(host: host, port: port, name: name)
        } else {
            self = .cannotListen(host: host, port: port, reason: "\(error)", name: name)
        }
    }

    package var description: String {
        switch self {
        case .portInUse(let host, let port, let name):
            "cannot serve \(name) on \(host):\(port): the port is in use by another program; stop that one or set "
                + "another \(name) port"
        case .cannotListen(let host, let port, let reason, let name):
            "cannot serve \(name) on \(host):\(port): \(reason)"
        case .tooManyConnections: "too many connections"
        }
    }
}
