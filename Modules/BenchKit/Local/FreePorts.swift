internal import StatorCore
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ports of 127.0.0.1 that nobody listens on, none given out twice at a time.
///
/// They lie below the range from which the system takes the ports of outgoing connections (32768 on Linux), so that a
/// node's port is not taken by a connection while the node is down. They come in blocks: a process owns a block while
/// it holds the block's first port, so that benches that run side by side do not take one another's. The system lets go
/// of a block when the process ends, however it ends.
package final class FreePorts: Sendable {
    package static let shared = FreePorts()

    static let range = 12_000..<32_000
    static let blockSize = 50

    private struct State {
        /// Given back the longest ago first.
        var ready: [Int] = []
        var blocks: [Int]
        /// Held as long as the process lives.
        var anchors: [Int32] = []
    }

    private let range: Range<Int>
    private let state: Mutex<State>

    init(_ range: Range<Int> = FreePorts.range) {
        self.range = range
        // The ports need be no reproducible choice: only where to begin differs from process to process.
        var random = RandomGenerator(seed: UInt64(getpid()) << 32 ^ UInt64(truncatingIfNeeded: time(nil)))
        let count = range.count / Self.blockSize
        let first = random.below(count)
        state = Mutex(State(blocks: (0..<count).map { ($0 + first) % count }))
    }

    deinit {
        state.withLock { state in
            for anchor in state.anchors { close(anchor) }
        }
    }

    /// Takes ports. They are this process's until they are given back, or it ends.
    /// - Throws: ``LocalError/noFreePorts(wanted:)``.
    package func take(_ count: Int) throws(LocalError) -> [Int] {
        let found: [Int]? = state.withLock { state in
            var taken: [Int] = []
            var busy: [Int] = []
            while taken.count < count {
                guard !state.ready.isEmpty || claimBlock(&state) else {
                    state.ready = taken + busy
                    return nil
                }
                let port = state.ready.removeFirst()
                if Self.isFree(port) { taken.append(port) } else { busy.append(port) }
            }
            // Who has them may let go of them.
            state.ready += busy
            return taken
        }
        guard let found else { throw .noFreePorts(wanted: count) }
        return found
    }

    /// Takes ports back. What listened on them has ended.
    package func giveBack(_ ports: [Int]) {
        state.withLock { $0.ready += ports }
    }

    /// Whether nobody listens there now. Connections that ended a moment ago do not count.
    static func isFree(_ port: Int) -> Bool {
        guard let socket = bound(port, besideOldConnections: true) else { return false }
        close(socket)
        return true
    }

    private func claimBlock(_ state: inout State) -> Bool {
        while let block = state.blocks.first {
            state.blocks.removeFirst()
            let first = range.lowerBound + block * Self.blockSize
            guard let anchor = Self.bound(first, besideOldConnections: false) else { continue }
            state.anchors.append(anchor)
            state.ready += (first + 1)..<(first + Self.blockSize)
            return true
        }
        return false
    }

    /// - Returns: a socket that has the port, on which it does not listen; `nil` where somebody else has it.
    private static func bound(_ port: Int, besideOldConnections: Bool) -> Int32? {
        #if canImport(Glibc)
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let socket = socket(AF_INET, SOCK_STREAM, 0)
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        #endif
        guard socket >= 0 else { return nil }
        var option: Int32 = besideOldConnections ? 1 : 0
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &option, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if answer == 0 { return socket }
        close(socket)
        return nil
    }
}
