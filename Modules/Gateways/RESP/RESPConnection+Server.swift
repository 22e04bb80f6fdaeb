import NIOCore
import StatorCore

/// Commands that need nothing of the store.
extension RESPConnection {
    func replyAtOnce(_ verb: RESPVerb) {
        switch verb {
        case .ping:
            if parser.arguments.count == 2 {
                replyBulk(parser.argument(1))
            } else {
                reply { $0.writeRESPStatus("PONG") }
            }
        case .echo: replyBulk(parser.argument(1))
        case .hello: hello()
        case .auth:
            replyError("ERR AUTH called without any password configured: this store has no passwords")
        case .select:
            if parser.text(1) == "0" { replyOK() } else { replyError("ERR DB index is out of range: there is one, 0") }
        case .client: client()
        case .config: config()
        case .command: command()
        case .time: time()
        case .quit:
            replyOK()
            end()
        case .reset:
            version = .two
            clientName = ""
            reply { $0.writeRESPStatus("RESET") }
        case .setex, .psetex, .getex, .expire, .pexpire, .expireat, .pexpireat: replyError(RESPConnection.noExpiry)
        case .persist: reply { $0.writeRESPInteger(0) }
        case .flushall, .flushdb:
            replyError("ERR nothing of a replicated store is flushed through one node: delete keys, or wipe the nodes")
        case .keys, .scan:
            replyError("ERR keys cannot be listed over RESP: a node knows only those whose replica it is")
        case .multi, .exec, .watch: replyError("ERR transactions over replicas are not supported")
        default: replyError("ERR unknown command")
        }
    }

    private func replyOK() { reply { $0.writeRESPOK() } }

    private func replyBulk(_ bytes: ByteBuffer) { reply { $0.writeRESPBulk(bytes) } }

    private func hello() {
        var index = 1
        if parser.arguments.count > 1 {
            guard let number = Int(parser.text(1)), let wanted = RESPVersion(rawValue: number) else {
                return replyError("NOPROTO unsupported protocol version")
            }
            index = 2
            while index < parser.arguments.count {
                switch parser.text(index).uppercased() {
                case "SETNAME" where index + 1 < parser.arguments.count:
                    clientName = parser.text(index + 1)
                    index += 2
                case "AUTH":
                    return replyError("ERR AUTH called without any password configured: this store has no passwords")
                default:
                    _ = replySyntax()
                    return
                }
            }
            version = wanted
        }
        let (version, core) = (version, core)
        reply { out in
            out.writeRESPMap(7, version)
            out.writeRESPBulk("server")
            out.writeRESPBulk("stator")
            out.writeRESPBulk("version")
            out.writeRESPBulk(core.http.settings.version)
            out.writeRESPBulk("proto")
            out.writeRESPInteger(version.rawValue)
            out.writeRESPBulk("id")
            out.writeRESPInteger(1)
            out.writeRESPBulk("mode")
            out.writeRESPBulk("standalone")
            out.writeRESPBulk("role")
            out.writeRESPBulk("master")
            out.writeRESPBulk("modules")
            out.writeRESPArray(0)
        }
    }

    private func client() {
        switch parser.text(1).uppercased() {
        case "SETNAME" where parser.arguments.count == 3:
            clientName = parser.text(2)
            replyOK()
        case "GETNAME":
            let (name, version) = (clientName, version)
            reply { if name.isEmpty { $0.writeRESPNull(version) } else { $0.writeRESPBulk(name) } }
        case "SETINFO", "NO-EVICT", "NO-TOUCH": replyOK()
        case "ID": reply { $0.writeRESPInteger(1) }
        default: replyError("ERR unknown subcommand of CLIENT: SETNAME, GETNAME, SETINFO and ID are understood")
        }
    }

    /// What benchmarks and clients ask for before they begin.
    private func config() {
        guard parser.text(1).uppercased() == "GET", parser.arguments.count >= 3 else {
            return replyError("ERR settings are read with GET /config over HTTP, and set in the node's file")
        }
        let known = ["save": "", "appendonly": "no", "maxmemory": "0", "databases": "1"]
        let asked = (2..<parser.arguments.count).map { parser.text($0).lowercased() }
        let found = asked.compactMap { name in known[name].map { (name, $0) } }
        let version = version
        reply { out in
            out.writeRESPMap(found.count, version)
            for (name, value) in found {
                out.writeRESPBulk(name)
                out.writeRESPBulk(value)
            }
        }
    }

    /// Clients take an empty list for a server that tells nothing of its commands.
    private func command() {
        let asked = parser.arguments.count > 1 ? parser.text(1).uppercased() : ""
        let version = version
        switch asked {
        case "COUNT": reply { $0.writeRESPInteger(RESPVerb.allCases.count) }
        case "DOCS": reply { $0.writeRESPMap(0, version) }
        default: reply { $0.writeRESPArray(0) }
        }
    }

    private func time() {
        let microseconds = WallTime.system.microseconds
        reply { out in
            out.writeRESPArray(2)
            out.writeRESPBulk(String(microseconds / 1_000_000))
            out.writeRESPBulk(String(microseconds % 1_000_000))
        }
    }
}
