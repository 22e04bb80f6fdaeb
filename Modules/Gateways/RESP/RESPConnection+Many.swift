import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Commands of many keys: their operations run side by side, and nothing of the connection beside them.
extension RESPConnection {
    func beginMany(_ verb: RESPVerb) -> Bool {
        let isMSET = verb == .mset
        guard !isMSET || parser.arguments.count % 2 == 1 else {
            replyError("ERR wrong number of arguments for 'mset' command")
            return true
        }
        guard isIdle else { return false }
        var requests: [ClientRequest] = []
        for index in stride(from: 1, to: parser.arguments.count, by: isMSET ? 2 : 1) {
            guard let (key, token) = key(at: index) else { return true }
            let operation: ClientOperation
            switch verb {
            case .mset:
                guard let content = content(at: index + 1) else { return true }
                operation = .write(VersionWrite(content: content, basis: .held))
            case .del, .unlink: operation = .write(VersionWrite(content: nil, basis: .held))
            default: operation = .get
            }
            let options = RequestOptions(isPlain: true)
            requests.append(ClientRequest(key: key, token: token, operation: operation, options: options))
        }
        let assembly = RESPAssembly(verb, of: self, tag: beginAlone(), count: requests.count)
        beginAlone(assembly)
        assembly.begin(requests)
        return true
    }
}

/// Gathers the answers to a command of many keys.
///
/// A few of its operations are under way at once, fewer where values are large, and none while the client does not take
/// what it has: the values of a large MGET never lie in memory all together. Confined to its connection's loop.
final class RESPAssembly: ReplySink, @unchecked Sendable {
    let eventLoop: any EventLoop
    /// Let go by the connection when it ends.
    private let connection: RESPConnection
    private let verb: RESPVerb
    private let tag: UInt64
    private var requests: [ClientRequest] = []
    private var begun = 0
    private var finished = 0
    private var isBeginning = false
    /// Answers to an MGET that came before those in front of them.
    private var values: [ClientResponse?]
    private var written = 0
    private var counted = 0
    private var failure: String?

    init(_ verb: RESPVerb, of connection: RESPConnection, tag: UInt64, count: Int) {
        self.verb = verb
        self.connection = connection
        self.tag = tag
        eventLoop = connection.eventLoop
        values = verb == .mget ? Array(repeating: nil, count: count) : []
    }

    func begin(_ requests: [ClientRequest]) {
        self.requests = requests
        if verb == .mget { connection.append { $0.writeRESPArray(requests.count) } }
        beginMore()
    }

    /// Begins what may be under way beside the rest, and ends when all is answered.
    func beginMore() {
        guard !isBeginning, !requests.isEmpty else { return }
        isBeginning = true
        // Not yet written ones count: they wait for those in front of them.
        while begun < requests.count, begun - settled < connection.operationWindow {
            let index = begun
            begun += 1
            connection.core.port.submit(requests[index], to: self, tag: UInt64(index))
        }
        isBeginning = false
        if settled == requests.count { end() }
    }

    private var settled: Int { verb == .mget ? written : finished }

    func answer(_ tag: UInt64, _ response: consuming ClientResponse) {
        eventLoop.assertInEventLoop()
        guard !requests.isEmpty, !connection.isGone else { return }
        finished += 1
        take(response, Int(tag))
        beginMore()
    }

    private func take(_ response: ClientResponse, _ index: Int) {
        if case .failed(let error) = response {
            if failure == nil { failure = error.respText(isWrite: verb != .mget && verb != .exists && verb != .touch) }
        }
        switch verb {
        case .mget:
            values[index] = response
            while written < values.count, let value = values[written] {
                // Counted first: the write may find room in the channel and so begin, and answer, the next ones.
                values[written] = nil
                written += 1
                write(value)
            }
        case .exists, .touch:
            switch response {
            case .found, .value: counted += 1
            default: break
            }
        case .del, .unlink: if case .stored(let outcome) = response, !outcome.isFirst { counted += 1 }
        default: break
        }
    }

    private func write(_ value: ClientResponse) {
        let version = connection.version
        connection.append { out in
            let before = out.readableBytes
            RESPReplyForm.value.write(value, version, into: &out)
            connection.note(replyOf: out.readableBytes - before)
        }
    }

    private func end() {
        requests = []
        var bytes = ByteBuffer()
        switch (failure, verb) {
        // Each value of an MGET tells its own failure.
        case (_, .mget): break
        case (let failure?, _): bytes.writeRESPError(failure)
        case (nil, .mset): bytes.writeRESPOK()
        case (nil, _): bytes.writeRESPInteger(counted)
        }
        connection.answer(tag, bytes: bytes)
    }
}
