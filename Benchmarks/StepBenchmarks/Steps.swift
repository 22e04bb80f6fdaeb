import ConflictResolution
import Gateways
import Hashing
import NIOCore
import NIORuntime
import Partitioning
import Replication
import StatorCore
import Storage
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What can be counted, by name.
enum Steps {
    static let all: [String: @Sendable (Int) -> Void] = [
        "placement-look-up": placement, "token-of-key": tokenOfKey, "digest-of-body": digestOfBody,
        "resolver-write": resolverWrite, "resolver-merge": resolverMerge, "resolver-read": resolverRead,
        "record-codec": recordCodec, "frame-codec": frameCodec, "resp-parse": respParse,
        "http-put": { http($0, writes: true) }, "http-get": { http($0, writes: false) },
        "simulator-step": simulatorStep,
        "memory-engine-put": memoryPut, "memory-engine-get": memoryGet,
        "log-engine-put": logPut, "log-engine-get": logGet,
        "one-node-get": { oneNode($0, writes: false) }, "one-node-set": { oneNode($0, writes: true) },
        "three-nodes-get": { threeNodes($0, writes: false) }, "three-nodes-set": { threeNodes($0, writes: true) },
    ]

    /// Keeps the optimizer from seeing through a value.
    @inline(never)
    static func use<Value>(_ value: borrowing Value) {}

    static let keyCount = 1 << 12

    static let keys: [Key] = (0..<keyCount).map { Key(unchecked: ByteBuffer(string: "key:\(100_000 + $0)")) }
    static let tokens: [Token] = keys.map { HashFunction.xxh3.token(of: $0) }
    static let value = ByteBuffer(repeating: UInt8(ascii: "v"), count: 100)

    static let members: [Member] = (0..<3).map { index in
        let endpoint = Endpoint(host: "127.0.0.1", port: 7000 + index)
        return Member(
            node: NodeID(["A", "B", "C"][index]), status: .active, zone: "default", weight: 1, peerEndpoint: endpoint,
            httpEndpoint: endpoint)
    }

    static func placement(_ count: Int) {
        let members = (0..<1000).map { index in
            let endpoint = Endpoint(host: "127.0.0.1", port: 5000)
            return Member(
                node: NodeID("node-\(1000 + index)"), status: .active, zone: "zone-\(index % 5)", weight: 1,
                peerEndpoint: endpoint, httpEndpoint: endpoint)
        }
        let placement = VNodeRing(settings: VNodeRing.Settings()).placement(
            members: members, replicas: 3, fallbacks: 3, previous: nil)
        for index in 0..<count {
            use(placement.preferenceList(for: tokens[index & (keyCount - 1)])[0].name.utf8.count)
        }
    }

    static func tokenOfKey(_ count: Int) {
        for index in 0..<count { use(HashFunction.xxh3.token(of: keys[index & (keyCount - 1)])) }
    }

    static func digestOfBody(_ count: Int) {
        for _ in 0..<count { use(Digest(ofBody: value)) }
    }

    // MARK: Resolver

    static let resolver = DottedVersionVectorResolver(settings: NoSettings())

    static func actor(_ name: String) -> Actor { Actor(node: NodeID(name), shard: 0, incarnation: 0x1234_5678_9ABC) }

    static func body(_ counter: UInt64, by name: String = "A", over existing: ByteBuffer? = nil) -> ByteBuffer {
        let write = VersionWrite(content: Content(form: .raw, bytes: value), basis: .held)
        let stamp = WriteStamp(dot: Dot(actor: actor(name), counter: counter), wall: WallTime(microseconds: 1))
        do {
            return try resolver.make(write, over: existing, stamp: stamp, wantsContext: false).body
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static func resolverWrite(_ count: Int) {
        var held: ByteBuffer?
        for counter in 1...count { held = body(UInt64(counter), over: held) }
        use(held)
    }

    static func resolverMerge(_ count: Int) {
        let old = body(1000)
        let new = body(2000, over: old)
        for _ in 0..<count {
            guard let merged = try? resolver.merge(old, new), merged == new else {
                preconditionFailure("a wrong merge")
            }
        }
    }

    static func resolverRead(_ count: Int) {
        let body = body(1000)
        for _ in 0..<count {
            guard case .one? = try? resolver.value(of: body) else { preconditionFailure("no value") }
        }
    }

    // MARK: Codecs

    static func record(_ index: Int) -> StoredRecord {
        let body = body(1000)
        return StoredRecord(
            token: tokens[index], key: keys[index], digest: Digest(ofBody: body), isTombstone: false, expiry: nil,
            body: body)
    }

    static func recordCodec(_ count: Int) {
        let record = record(0)
        var buffer = ByteBufferAllocator().buffer(capacity: 4096)
        for _ in 0..<count {
            buffer.clear()
            buffer.writeRecord(record)
            guard let read = try? buffer.readRecord(maximumBody: 1 << 20) else { preconditionFailure("unreadable") }
            use(read)
        }
    }

    static func frameCodec(_ count: Int) {
        let write = ReplicaWrite(
            request: RequestID(1), epoch: Epoch(1), purpose: .write, record: record(0), hintFor: nil)
        var parser = FrameParser(maximumFrame: 1 << 20)
        for _ in 0..<count {
            var buffer = ByteBufferAllocator().buffer(capacity: 512)
            _ = Frame.write(.write(write), toShard: 0, into: &buffer)
            parser.append(buffer)
            guard let frame = try? parser.next() else { preconditionFailure("no frame") }
            var payload = frame.payload
            guard let message = try? ShardMessageCodec.decode(&payload) else { preconditionFailure("no message") }
            use(message)
        }
    }

    static func respParse(_ count: Int) {
        var text = ByteBuffer()
        for _ in 0..<16 {
            text.writeString("*3\r\n$3\r\nSET\r\n$10\r\nkey:100000\r\n$100\r\n")
            text.writeImmutableBuffer(value)
            text.writeString("\r\n")
        }
        var parser = RESPParser(maximumCommand: 1 << 20)
        var parsed = 0
        while parsed < count {
            parser.append(text)
            while (try? parser.next()) == true {
                use(parser.argument(1))
                parser.consume()
                parsed += 1
            }
        }
    }

    // MARK: Engine

    static func engine() -> MemoryEngine {
        do {
            let engine = try MemoryEngine(
                settings: NoSettings(),
                environment: StorageEnvironment(disk: NoDisk(), folder: "/", owner: "test", newStoreID: 7))
            for index in keys.indices { try engine.apply(.put(record(index))) }
            return engine
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static func memoryPut(_ count: Int) {
        let engine = engine()
        let records = keys.indices.map { record($0) }
        for index in 0..<count { try? engine.apply(.put(records[index & (keyCount - 1)])) }
    }

    /// In a folder that is gone afterwards; what the kernel does is not counted.
    static func withLogEngine(_ body: (LogEngine) throws -> Void) {
        let folder = "/tmp/step-benchmarks-\(getpid())"
        do {
            try POSIXDisk().createFolder(folder)
            let engine = try LogEngine(
                settings: LogSettings(),
                environment: StorageEnvironment(disk: POSIXDisk(), folder: folder, owner: "test", newStoreID: 7))
            for index in keys.indices { try engine.apply(.put(record(index))) }
            try body(engine)
            try engine.close()
            try POSIXDisk().remove(folder)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Batches of sixteen, as a busy node's.
    static func logPut(_ count: Int) {
        withLogEngine { engine in
            let records = keys.indices.map { StorageWrite.put(record($0)) }
            var done = 0
            while done < count {
                let start = done & (keyCount - 1)
                try engine.apply(Array(records[start..<min(start + 16, keyCount)]))
                done += 16
            }
        }
    }

    static func logGet(_ count: Int) {
        withLogEngine { engine in
            for index in 0..<count {
                let place = index & (keyCount - 1)
                guard try engine.record(for: keys[place], token: tokens[place]) != nil else {
                    preconditionFailure("a record is not there")
                }
            }
        }
    }

    static func memoryGet(_ count: Int) {
        let engine = engine()
        for index in 0..<count {
            let place = index & (keyCount - 1)
            guard (try? engine.record(for: keys[place], token: tokens[place])) != nil else {
                preconditionFailure("a record is not there")
            }
        }
    }
}

/// Where nothing is stored.
struct NoDisk: Disk {
    private static let nothing = DiskError(operation: "use", path: "", errorNumber: 0, reason: "there is no disk")
    func createFolder(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func list(_ path: String) throws(DiskError) -> [String] { throw NoDisk.nothing }
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile { throw NoDisk.nothing }
    func exists(_ path: String) throws(DiskError) -> Bool { throw NoDisk.nothing }
    func rename(_ path: String, to newPath: String) throws(DiskError) { throw NoDisk.nothing }
    func remove(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func syncFolder(_ path: String) throws(DiskError) { throw NoDisk.nothing }
    func lock(_ path: String) throws(DiskError) -> any DiskLock { throw NoDisk.nothing }
}
