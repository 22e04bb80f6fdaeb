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
        RESPAssembly(verb, of: self, tag: beginAlone(), count: requests.count).begin(requests)
        return true
    }
}

/// Gathers the answers to a command of many keys.
///
/// A few of its operations are under way at once, so that the values of a large MGET do not all lie in memory beside its
/// reply. Confined to its connection's loop.
final class RESPAssembly: ReplySink, @unchecked Sendable {
    private static let window = 128

    let eventLoop: any EventLoop
    private let connection: RESPConnection
    private let verb: RESPVerb
    private let tag: UInt64
    private var requests: [ClientRequest] = []
    private var begun = 0
    private var finished = 0
    private var isBeginning = false
    /// Replies of MGET that came before those in front of them.
    private var values: [ClientResponse?]
    private var written = 0
    private var reply = ByteBuffer()
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
        if verb == .mget { reply.writeRESPArray(requests.count) }
        beginMore()
    }

    private func beginMore() {
        guard !isBeginning else { return }
        isBeginning = true
        while begun < requests.count, begun - finished < RESPAssembly.window {
            let index = begun
            begun += 1
            connection.core.port.submit(requests[index], to: self, tag: UInt64(index))
        }
        isBeginning = false
        if finished == requests.count { end() }
    }

    func answer(_ tag: UInt64, _ response: consuming ClientResponse) {
        eventLoop.assertInEventLoop()
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
                RESPReplyForm.value.write(value, connection.version, into: &reply)
                values[written] = nil
                written += 1
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

    private func end() {
        guard finished == requests.count, !requests.isEmpty else { return }
        requests = []
        finished = 0
        begun = 0
        var bytes = ByteBuffer()
        switch (failure, verb) {
        // Each value of an MGET tells its own failure.
        case (_, .mget): bytes = reply
        case (let failure?, _): bytes.writeRESPError(failure)
        case (nil, .mset): bytes.writeRESPStatus("OK")
        case (nil, _): bytes.writeRESPInteger(counted)
        }
        connection.answer(tag, bytes: bytes)
    }
}
