public import NIOCore

/// Encodings of the core values, shared by the peer protocol, the view file, resolvers' bodies and the log engine.
extension ByteWriter {
    public mutating func writeNodeID(_ node: NodeID) {
        writeText(node.name)
    }

    public mutating func writeActor(_ actor: Actor) {
        writeNodeID(actor.node)
        writeVarint(UInt64(actor.shard))
        writeInteger(actor.incarnation)
    }

    public mutating func writeKey(_ key: Key) {
        writeLengthPrefixed(key.bytes)
    }

    public mutating func writeTokenRange(_ range: TokenRange) {
        writeInteger(range.first.value)
        writeInteger(range.last.value)
    }

    /// Flags: bit 0 tombstone, bit 1 expiry present.
    public mutating func writeRecord(_ record: StoredRecord) {
        writeInteger(record.token.value)
        writeKey(record.key)
        writeInteger(record.digest.value)
        writeInteger(UInt8((record.isTombstone ? 1 : 0) | (record.expiry == nil ? 0 : 2)))
        if let expiry = record.expiry { writeInteger(expiry.microseconds) }
        writeLengthPrefixed(record.body)
    }

    private mutating func writeEndpoint(_ endpoint: Endpoint) {
        writeText(endpoint.host)
        writeInteger(UInt16(endpoint.port))
    }

    public mutating func writeMember(_ member: Member) {
        writeNodeID(member.node)
        writeInteger(member.status.rawValue)
        writeText(member.zone)
        writeVarint(UInt64(member.weight))
        writeEndpoint(member.peerEndpoint)
        writeEndpoint(member.httpEndpoint)
        writeBoolean(member.respEndpoint != nil)
        if let endpoint = member.respEndpoint { writeEndpoint(endpoint) }
    }

    public mutating func writeView(_ view: View) {
        writeVarint(view.epoch.number)
        writeVarint(UInt64(view.members.count))
        for member in view.members { writeMember(member) }
    }
}

extension ByteReader {
    public mutating func readNodeID(_ what: @autoclosure () -> String = "node name") throws(CodecError) -> NodeID {
        let name = try readTextBytes(what(), maximum: NodeID.maximumLength)
        if let node = NodeID(utf8: name) { return node }
        guard let text = String(validating: name, as: UTF8.self) else {
            throw .invalid(what: what(), found: "bytes that are not UTF-8")
        }
        throw .invalid(what: what(), found: "'\(text)'")
    }

    public mutating func readActor() throws(CodecError) -> Actor {
        let node = try readNodeID("actor's node")
        let shard = try readCount("actor's shard", maximum: Int(UInt16.max))
        let incarnation = try readFixed("actor's incarnation", as: UInt64.self)
        return Actor(node: node, shard: UInt16(shard), incarnation: incarnation)
    }

    public mutating func readKey() throws(CodecError) -> Key {
        let bytes = try readLengthPrefixed("key", maximum: Key.maximumLength)
        do {
            return try Key(bytes)
        } catch {
            throw .invalid(what: "key", found: error.description)
        }
    }

    public mutating func readTokenRange() throws(CodecError) -> TokenRange {
        let first = try readFixed("range's first token", as: UInt64.self)
        let last = try readFixed("range's last token", as: UInt64.self)
        guard first <= last else { throw .invalid(what: "token range", found: "running downwards") }
        return TokenRange(first: Token(first), last: Token(last))
    }

    /// - Parameter maximumBody: the largest body accepted, in bytes.
    public mutating func readRecord(maximumBody: Int) throws(CodecError) -> StoredRecord {
        let token = try readFixed("record's token", as: UInt64.self)
        let key = try readKey()
        let digest = try readFixed("record's digest", as: UInt64.self)
        let flags = try readFixed("record's flags", as: UInt8.self)
        guard flags <= 3 else { throw .invalid(what: "record's flags", found: "\(flags)") }
        let expiry: WallTime? = flags & 2 == 0 ? nil : WallTime(microseconds: try readFixed("record's expiry"))
        let body = try readLengthPrefixed("record's body", maximum: maximumBody)
        return StoredRecord(
            token: Token(token), key: key, digest: Digest(digest), isTombstone: flags & 1 == 1, expiry: expiry,
            body: body)
    }

    private mutating func readEndpoint(_ what: @autoclosure () -> String) throws(CodecError) -> Endpoint {
        let host = try readText(what(), maximum: 255)
        return Endpoint(host: host, port: Int(try readFixed(what(), as: UInt16.self)))
    }

    public mutating func readMember() throws(CodecError) -> Member {
        let node = try readNodeID("member's name")
        let rawStatus = try readFixed("member's status", as: UInt8.self)
        guard let status = MemberStatus(rawValue: rawStatus) else {
            throw .invalid(what: "member's status", found: "\(rawStatus)")
        }
        let zone = try readText("member's zone", maximum: 64)
        let weight = try readCount("member's weight", maximum: 1000)
        guard weight >= 1 else { throw .invalid(what: "member's weight", found: "0") }
        return Member(
            node: node, status: status, zone: zone, weight: weight,
            peerEndpoint: try readEndpoint("peer endpoint"), httpEndpoint: try readEndpoint("HTTP endpoint"),
            respEndpoint: try readBoolean("RESP endpoint's presence") ? try readEndpoint("RESP endpoint") : nil)
    }

    public mutating func readView() throws(CodecError) -> View {
        let epoch = Epoch(try readVarint("view's epoch"))
        let count = try readCount("view's members", maximum: View.maximumMembers)
        var members: [Member] = []
        for _ in 0..<count {
            let member = try readMember()
            if let previous = members.last, previous.node >= member.node {
                throw .invalid(what: "view's members", found: "out of order at \(member.node)")
            }
            members.append(member)
        }
        return View(epoch: epoch, members: members)
    }
}

/// The same, one value at a time.
extension ByteBuffer {
    public mutating func writeNodeID(_ node: NodeID) { encode { $0.writeNodeID(node) } }
    public mutating func writeActor(_ actor: Actor) { encode { $0.writeActor(actor) } }
    public mutating func writeKey(_ key: Key) { encode { $0.writeKey(key) } }
    public mutating func writeTokenRange(_ range: TokenRange) { encode { $0.writeTokenRange(range) } }
    public mutating func writeRecord(_ record: StoredRecord) { encode { $0.writeRecord(record) } }
    public mutating func writeMember(_ member: Member) { encode { $0.writeMember(member) } }
    public mutating func writeView(_ view: View) { encode { $0.writeView(view) } }

    public mutating func readNodeID(_ what: @autoclosure () -> String = "node name") throws(CodecError) -> NodeID {
        try decode { bytes throws(CodecError) in try bytes.readNodeID(what()) }
    }

    public mutating func readActor() throws(CodecError) -> Actor {
        try decode { bytes throws(CodecError) in try bytes.readActor() }
    }

    public mutating func readKey() throws(CodecError) -> Key {
        try decode { bytes throws(CodecError) in try bytes.readKey() }
    }

    public mutating func readTokenRange() throws(CodecError) -> TokenRange {
        try decode { bytes throws(CodecError) in try bytes.readTokenRange() }
    }

    public mutating func readRecord(maximumBody: Int) throws(CodecError) -> StoredRecord {
        try decode { bytes throws(CodecError) in try bytes.readRecord(maximumBody: maximumBody) }
    }

    public mutating func readMember() throws(CodecError) -> Member {
        try decode { bytes throws(CodecError) in try bytes.readMember() }
    }

    public mutating func readView() throws(CodecError) -> View {
        try decode { bytes throws(CodecError) in try bytes.readView() }
    }
}
