import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Which command it is, and what it takes.
extension RESPConnection {
    /// Begins the parser's present command.
    /// - Returns: whether it was begun or answered; otherwise it has to wait for those before it.
    func beginCommand() -> Bool {
        switch parser.withArgument(0, RESPVerb.init(bytes:)) {
        case .get where parser.arguments.count == 2: return read(.value)
        case .set where parser.arguments.count == 3: return write(valueAt: 2, .stored)
        case .none:
            if parser.withArgument(0, RESPVerb.isOfHTTP) { endAsForeign() } else { replyUnknown() }
            return true
        case .some(let verb):
            guard verb.argumentCounts.contains(parser.arguments.count) else {
                replyError("ERR wrong number of arguments for '\(verb.rawValue.lowercased())' command")
                return true
            }
            return begin(verb)
        }
    }

    private func begin(_ verb: RESPVerb) -> Bool {
        switch verb {
        case .get: return read(.value)
        case .strlen: return read(.length)
        case .ttl, .pttl, .expiretime, .pexpiretime: return read(.timeToLive)
        case .type: return read(.type)
        case .set: return beginSet()
        case .setnx: return conditional { self.write(valueAt: 2, .countIfAbsent, precondition: .absent) }
        case .mget, .exists, .touch, .del, .unlink, .mset: return beginMany(verb)
        case .incr, .decr, .incrby, .decrby, .incrbyfloat, .append, .getset, .getdel:
            return conditional { self.beginUpdate(verb) }
        case .statorGet, .statorPut, .statorDel: return beginContextual(verb)
        case .statorRing, .dbsize, .info: return beginPage(verb)
        // What is answered before them is told in the form of before.
        case .hello where !isIdle, .reset where !isIdle: return false
        default:
            replyAtOnce(verb)
            return true
        }
    }

    // MARK: One operation

    /// - Returns: the key and its token, or `nil` where an error was answered.
    func key(at index: Int) -> (key: Key, token: Token)? {
        do throws(KeyError) {
            let key = try Key(parser.argument(index))
            return (key, core.port.token(of: key))
        } catch {
            replyError("ERR \(error)")
            return nil
        }
    }

    func read(_ form: RESPReplyForm, options: RequestOptions = RequestOptions(isPlain: true)) -> Bool {
        guard let (key, token) = key(at: 1) else { return true }
        guard isFree(token, writes: false) else { return false }
        submit(ClientRequest(key: key, token: token, operation: .get, options: options), form)
        return true
    }

    func write(
        valueAt index: Int, _ form: RESPReplyForm, basis: WriteBasis = .held, precondition: Precondition? = nil,
        options: RequestOptions = RequestOptions(isPlain: true)
    ) -> Bool {
        guard let (key, token) = key(at: 1) else { return true }
        guard isFree(token, writes: true) else { return false }
        guard let content = content(at: index) else { return true }
        var options = options
        options.precondition = precondition
        let write = VersionWrite(content: content, basis: basis)
        submit(ClientRequest(key: key, token: token, operation: .write(write), options: options), form)
        return true
    }

    /// - Returns: a value, or `nil` where it is refused.
    func content(at index: Int) -> Content? {
        let maximum = core.settings.maximumValue.bytes
        guard parser.arguments[index].count <= maximum else {
            replyError("ERR the value has \(parser.arguments[index].count) bytes, at most \(maximum) are allowed")
            return nil
        }
        return Content(form: .raw, bytes: parser.argument(index))
    }

    func replyError(_ text: String) {
        loop.countError("resp_" + (text.split(separator: " ").first.map { $0.lowercased() } ?? "err"))
        reply { $0.writeRESPError(text) }
    }

    private func replyUnknown() {
        let name = parser.text(0).prefix(128)
        var shown = ""
        for index in parser.arguments.indices.dropFirst().prefix(3) { shown += "'\(parser.text(index).prefix(32))' " }
        replyError("ERR unknown command '\(name)', with args beginning with: \(shown)")
    }

    /// Carries out what looks before it writes, where that is allowed.
    func conditional(_ begin: () -> Bool) -> Bool {
        guard core.settings.allowsConditional else {
            replyError(
                "ERR a command that looks before it writes cannot be atomic in a replicated store: set "
                    + "resp.conditional to \"best-effort\" to have it as a check at the coordinator")
            return true
        }
        return begin()
    }

    // MARK: SET with options

    private func beginSet() -> Bool {
        var isAbsent = false
        var isPresent = false
        var wantsPrevious = false
        for index in 3..<parser.arguments.count {
            switch parser.text(index).uppercased() {
            case "NX": isAbsent = true
            case "XX": isPresent = true
            case "GET": wantsPrevious = true
            // Nothing expires, so what there is is kept.
            case "KEEPTTL": break
            case "EX", "PX", "EXAT", "PXAT":
                replyError(RESPConnection.noExpiry)
                return true
            default:
                replyError("ERR syntax error")
                return true
            }
        }
        guard !(isAbsent && isPresent) else {
            replyError("ERR syntax error")
            return true
        }
        if !isAbsent, !isPresent, !wantsPrevious { return write(valueAt: 2, .stored) }
        return conditional {
            if isAbsent, !wantsPrevious { return self.write(valueAt: 2, .storedIfAbsent, precondition: .absent) }
            let presence: ValueUpdate.Presence = isAbsent ? .absent : isPresent ? .present : .any
            return self.beginUpdate(.set, presence: presence, wantsPrevious: wantsPrevious)
        }
    }

    static let noExpiry = "ERR this store keeps values until they are deleted: expiry is not supported"

    // MARK: With contexts

    private func beginContextual(_ verb: RESPVerb) -> Bool {
        let first = verb == .statorPut ? 3 : 2
        var options = RequestOptions()
        var basis = WriteBasis.held
        var index = first
        while index + 1 < parser.arguments.count {
            let text = parser.text(index + 1)
            switch parser.text(index).uppercased() {
            case "CONTEXT" where verb != .statorGet:
                basis = text.uppercased() == "NONE" ? .nothing : .context(parser.argument(index + 1))
            case "R" where verb == .statorGet:
                guard let size = QuorumSize(respText: text) else { return replySyntax() }
                options.readQuorum = size
            case "W" where verb != .statorGet:
                guard let size = QuorumSize(respText: text) else { return replySyntax() }
                options.writeQuorum = size
            case "TIMEOUT":
                guard let milliseconds = Int(text), HTTPLimits.timeoutMilliseconds.contains(milliseconds) else {
                    return replySyntax()
                }
                options.timeout = .milliseconds(milliseconds)
            default: return replySyntax()
            }
            index += 2
        }
        guard index == parser.arguments.count else { return replySyntax() }
        switch verb {
        case .statorGet: return read(.reading, options: options)
        case .statorPut: return write(valueAt: 2, .context(.put), basis: basis, options: options)
        default: return delete(.context(.delete), basis: basis, options: options)
        }
    }

    private func delete(_ form: RESPReplyForm, basis: WriteBasis, options: RequestOptions) -> Bool {
        guard let (key, token) = key(at: 1) else { return true }
        guard isFree(token, writes: true) else { return false }
        let write = VersionWrite(content: nil, basis: basis)
        submit(ClientRequest(key: key, token: token, operation: .write(write), options: options), form)
        return true
    }

    func replySyntax() -> Bool {
        replyError("ERR syntax error")
        return true
    }
}

extension QuorumSize {
    fileprivate init?(respText text: String) {
        switch text.lowercased() {
        case "one": self = .number(1)
        case "quorum": self = .quorum
        case "all": self = .all
        default:
            guard let number = Int(text), (1...64).contains(number) else { return nil }
            self = .number(number)
        }
    }
}
