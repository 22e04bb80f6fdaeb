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
    case portInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)
    case tooManyConnections

    init(_ error: any Error, host: String, port: Int) {
        if let failure = error as? IOError, failure.errnoCode == EADDRINUSE {
            self = .portInUse(host: host, port: port)
        } else {
            self = .cannotListen(host: host, port: port, reason: "\(error)")
        }
    }

    package var description: String {
        switch self {
        case .portInUse(let host, let port):
            "cannot serve HTTP on \(host):\(port): the port is in use by another program; stop that one or set another "
                + "HTTP port"
        case .cannotListen(let host, let port, let reason): "cannot serve HTTP on \(host):\(port): \(reason)"
        case .tooManyConnections: "too many connections"
        }
    }
}
