import ConflictResolution
import NIOCore
import Replication
import StatorCore

extension RESPConnection {
    func beginUpdate(
        _ verb: RESPVerb, isAbsent: Bool = false, isPresent: Bool = false, wantsPrevious: Bool = false
    ) -> Bool {
        var amount = 1
        if verb == .incrby || verb == .decrby {
            guard let number = Int(parser.text(2)), number > Int.min else {
                replyError("ERR value is not an integer or out of range")
                return true
            }
            amount = number
        }
        let change: RESPUpdate.Change
        switch verb {
        case .incr, .incrby: change = .add(amount)
        case .decr, .decrby: change = .add(-amount)
        case .incrbyfloat:
            guard let number = Double(parser.text(2)), number.isFinite else {
                replyError("ERR value is not a valid float")
                return true
            }
            change = .addFraction(number)
        case .append:
            guard let content = content(at: 2) else { return true }
            change = .append(content.bytes)
        case .getdel: change = .delete
        default:
            guard let content = content(at: 2) else { return true }
            change = .replace(
                content, isAbsent: isAbsent, isPresent: isPresent, wantsPrevious: verb == .getset || wantsPrevious)
        }
        guard isIdle else { return false }
        guard let (key, token) = key(at: 1) else { return true }
        RESPUpdate(change, key: key, token: token, of: self, tag: beginAlone()).read()
        return true
    }
}

/// A command that looks before it writes: reads the key, and writes with the condition that nothing has changed, again
/// and again until that held. Two such commands at different coordinators can still slip past one another.
///
/// Confined to its connection's loop.
final class RESPUpdate: ReplySink, @unchecked Sendable {
    enum Change {
        case add(Int)
        case addFraction(Double)
        case append(ByteBuffer)
        case replace(Content, isAbsent: Bool, isPresent: Bool, wantsPrevious: Bool)
        case delete
    }

    private enum Failure: Error {
        case reply(String)
        /// Nothing is to be written: this is the reply.
        case done(ByteBuffer)
    }

    let eventLoop: any EventLoop
    private let connection: RESPConnection
    private let change: Change
    private let key: Key
    private let token: Token
    private let tag: UInt64
    private var attempts = 0
    /// What is replied once the write has been made.
    private var reply = ByteBuffer()

    private static let readTag: UInt64 = 0
    private static let writeTag: UInt64 = 1

    init(_ change: Change, key: Key, token: Token, of connection: RESPConnection, tag: UInt64) {
        self.change = change
        self.key = key
        self.token = token
        self.connection = connection
        self.tag = tag
        eventLoop = connection.eventLoop
    }

    func read() {
        attempts += 1
        submit(.get, RequestOptions(), RESPUpdate.readTag)
    }

    private func submit(_ operation: ClientOperation, _ options: RequestOptions, _ tag: UInt64) {
        let request = ClientRequest(key: key, token: token, operation: operation, options: options)
        connection.core.port.submit(request, to: self, tag: tag)
    }

    func answer(_ tag: UInt64, _ response: consuming ClientResponse) {
        eventLoop.assertInEventLoop()
        switch response {
        case .found(let result):
            switch RESPValue(result) {
            case .value(let bytes): write(over: bytes, result.context)
            case .siblings(let count):
                fail("SIBLINGS \(count) concurrent values: read them with STATOR.GET and resolve them")
            }
        case .notFound(let context): write(over: nil, context)
        case .stored: connection.answer(self.tag, bytes: reply)
        case .failed(.preconditionFailed) where tag == RESPUpdate.writeTag:
            if attempts < RESPLimits.updateAttempts { read() } else { fail("ERR other writes came between, each time") }
        case .failed(let error): fail(error.respText(isWrite: tag == RESPUpdate.writeTag))
        case .explained, .value: fail("ERR the node answered another question")
        }
    }

    private func fail(_ text: String) {
        var bytes = ByteBuffer()
        bytes.writeRESPError(text)
        connection.answer(tag, bytes: bytes)
    }

    private func write(over value: ByteBuffer?, _ context: ByteBuffer?) {
        reply = ByteBuffer()
        do throws(Failure) {
            let content = try changed(value)
            let basis = context.map { WriteBasis.context($0) } ?? .held
            let precondition: Precondition = value == nil ? .absent : context.map { .context($0) } ?? .absent
            submit(
                .write(VersionWrite(content: content, basis: basis)), RequestOptions(precondition: precondition),
                RESPUpdate.writeTag)
        } catch {
            switch error {
            case .reply(let text): fail(text)
            case .done(let bytes): connection.answer(tag, bytes: bytes)
            }
        }
    }

    /// What is to be written, with the reply made ready.
    private func changed(_ value: ByteBuffer?) throws(Failure) -> Content? {
        switch change {
        case .add(let amount):
            guard let held = value.map({ Int(String(buffer: $0)) }) ?? 0 else {
                throw .reply("ERR value is not an integer or out of range")
            }
            let (sum, isOver) = held.addingReportingOverflow(amount)
            guard !isOver else { throw .reply("ERR increment or decrement would overflow") }
            reply.writeRESPInteger(sum)
            return Content(form: .raw, bytes: ByteBuffer(string: String(sum)))
        case .addFraction(let amount):
            guard let held = value.map({ Double(String(buffer: $0)) }) ?? 0, (held + amount).isFinite else {
                throw .reply("ERR value is not a valid float")
            }
            let sum = held + amount
            let text = sum == sum.rounded() && abs(sum) < 1e15 ? String(Int(sum)) : String(sum)
            reply.writeRESPBulk(text)
            return Content(form: .raw, bytes: ByteBuffer(string: text))
        case .append(let more):
            var bytes = value ?? ByteBuffer()
            bytes.writeImmutableBuffer(more)
            guard bytes.readableBytes <= connection.core.settings.maximumValue.bytes else {
                throw .reply("ERR the value would have \(bytes.readableBytes) bytes, more than is allowed")
            }
            reply.writeRESPInteger(bytes.readableBytes)
            return Content(form: .raw, bytes: bytes)
        case .delete:
            guard let value else { throw .done(null) }
            reply.writeRESPBulk(value)
            return nil
        case .replace(let content, let isAbsent, let isPresent, let wantsPrevious):
            let previous = value.map { value in
                var bytes = ByteBuffer()
                bytes.writeRESPBulk(value)
                return bytes
            }
            if isAbsent, let previous { throw .done(wantsPrevious ? previous : null) }
            if isPresent, value == nil { throw .done(null) }
            if wantsPrevious { reply = previous ?? null } else { reply.writeRESPOK() }
            return content
        }
    }

    private var null: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeRESPNull(connection.version)
        return bytes
    }
}
