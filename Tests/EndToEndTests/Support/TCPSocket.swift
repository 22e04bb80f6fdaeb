import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A blocking TCP socket on 127.0.0.1, each call bounded in time. Closed when released.
final class TCPSocket {
    private let descriptor: Int32

    init() throws {
        #if os(Linux)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #endif
        guard descriptor >= 0 else { throw HarnessError("no socket: \(TCPSocket.reason)") }
    }

    /// Connects.
    convenience init(to port: Int, within limit: Double = 30) throws {
        try self.init()
        setLimit(limit, SO_SNDTIMEO)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, connect) == 0 else {
            throw HarnessError("cannot connect to port \(port): \(TCPSocket.reason)")
        }
    }

    deinit { close(descriptor) }

    /// - Returns: whether the port could be bound, so nobody else has it.
    func bind(port: Int) -> Bool {
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        #if os(Linux)
            return withAddress(port, Glibc.bind) == 0
        #else
            return withAddress(port, Darwin.bind) == 0
        #endif
    }

    func send(_ bytes: [UInt8], within limit: Double = 30) throws {
        setLimit(limit, SO_SNDTIMEO)
        #if os(Linux)
            let flags = Int32(MSG_NOSIGNAL)
        #else
            let flags: Int32 = 0
        #endif
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { transmit($0, flags) }
            guard count > 0 else { throw HarnessError("cannot send: \(TCPSocket.reason)") }
            sent += count
        }
    }

    /// - Returns: some bytes, none at the end of the stream.
    func receive(within limit: Double) throws -> [UInt8] {
        setLimit(max(0.001, limit), SO_RCVTIMEO)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw HarnessError("nothing received: \(TCPSocket.reason)") }
        return Array(bytes.prefix(count))
    }

    /// - Returns: whether the other end closes within the limit, whatever it sends before.
    func isClosedByPeer(within limit: Double) -> Bool {
        let deadline = secondsNow() + limit
        while secondsNow() < deadline {
            do {
                if try receive(within: deadline - secondsNow()).isEmpty { return true }
            } catch {
                return errno == ECONNRESET || errno == EPIPE
            }
        }
        return false
    }

    private func transmit(_ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
        #if os(Linux)
            Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #else
            Darwin.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #endif
    }

    private func setLimit(_ seconds: Double, _ option: Int32) {
        var time = timeval()
        time.tv_sec = Int(seconds)
        time.tv_usec = .init((seconds - seconds.rounded(.down)) * 1_000_000)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    private func withAddress(
        _ port: Int, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
