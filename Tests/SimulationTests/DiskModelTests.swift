import NIOCore
import Simulation
import StatorCore
import Testing

/// One file against a model that keeps what was durable and replays what came since.
@Suite struct DiskModelTests {
    @Test(arguments: [UnsyncedFate.random, .kept, .lost])
    func filesAndCrashesFollowTheModel(fate: UnsyncedFate) throws {
        for seed in 0..<150 as Range<UInt64> {
            var random = RandomGenerator(seed: seed)
            let disk = SimulatedDisk(seed: seed &+ 1000)
            var model = FileModel(random: RandomGenerator(seed: seed &+ 1000))
            try disk.createFolder("/d")
            var file = try disk.openFile("/d/a", creating: true)
            try disk.syncFolder("/d")
            for _ in 0..<120 {
                switch random.below(12) {
                case 0: try file.sync(); model.sync()
                case 1:
                    disk.faults.failNext(.sync)
                    #expect(throws: (any Error).self) { try file.sync() }
                    model.failSync()
                case 2:
                    let size = random.below(300)
                    try file.truncate(to: size)
                    model.truncate(to: size)
                case 3 where random.chance(0.3):
                    disk.crash(fate)
                    model.crash(fate)
                    file = try disk.openFile("/d/a", creating: false)
                default:
                    let bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    let offset = random.chance(0.7) ? model.content.count : random.below(300)
                    try file.write(ByteBuffer(bytes: bytes), at: offset)
                    model.write(bytes, at: offset)
                }
                try #require(disk.content(of: "/d/a") == model.content)
                #expect(disk.usedBytes == model.content.count)
            }
        }
    }

    @Test func usedBytesFollowNamesAndCrashes() throws {
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomGenerator(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            for folder in ["/d", "/d/e"] { try disk.createFolder(folder) }
            func path() -> String { ["/d/a", "/d/b", "/d/e/c", "//d//e/d/"][random.below(4)] }
            for _ in 0..<150 {
                switch random.below(9) {
                case 0: try? disk.rename(path(), to: path())
                case 1: try disk.remove(path())
                case 2: try disk.syncFolder("/d")
                case 3 where random.chance(0.2): disk.crash()
                case 4 where random.chance(0.2): disk.wipe("/d/e"); try disk.createFolder("/d/e")
                case 5: disk.setContent(of: path(), to: [1, 2, 3])
                case 6: try disk.openFile(path(), creating: true).truncate(to: random.below(100))
                default:
                    let file = try disk.openFile(path(), creating: true)
                    if random.chance(0.2) { try disk.remove(path()) }
                    try file.write(ByteBuffer(repeating: 7, count: random.below(50)), at: random.below(60))
                }
                #expect(disk.usedBytes == disk.paths.reduce(0) { $0 + (disk.content(of: $1)?.count ?? 0) })
                #expect(disk.copy().usedBytes == disk.usedBytes)
            }
        }
    }

    @Test func pathsHaveOneSpelling() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.createFolder("d//e/")
        try disk.openFile("d/e//f", creating: true).write(ByteBuffer(string: "x"), at: 0)
        #expect(disk.paths == ["/d/e/f"])
        #expect(disk.content(of: "//d/e/f/") == Array("x".utf8))
        #expect(try disk.list("/") == ["d"])
        #expect(try disk.list("/d/") == ["e"])
        #expect(try disk.exists("/d/e") && !disk.exists("/d/ee"))
        try disk.createFolder("/d/ee")
        try disk.remove("/d/e/")
        #expect(disk.paths == [])
        #expect(try disk.list("d") == ["ee"])
    }

    @Test func aWipedRootIsEmptyAndUsable() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.createFolder("/shard-0/records")
        try disk.openFile("/shard-0/records/1.log", creating: true).write(ByteBuffer(string: "x"), at: 0)
        try disk.syncFolder("/shard-0/records")
        disk.wipe("/")
        #expect(disk.paths == [])
        #expect(disk.usedBytes == 0)
        #expect(try disk.list("/") == [])
        disk.crash(.kept)
        #expect(disk.paths == [])
        _ = try disk.openFile("/top", creating: true)
        #expect(disk.paths == ["/top"])
    }
}

/// What was durable at the last sync that saved everything, and what came since.
private struct FileModel {
    enum Operation { case write([UInt8], Int), truncate(Int) }
    enum Fate { case open, kept, lost }

    var random: RandomGenerator
    var durable: [UInt8] = []
    var since: [(operation: Operation, fate: Fate)] = []
    var content: [UInt8] = []

    init(random: RandomGenerator) {
        self.random = random
    }

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        if !bytes.isEmpty { perform(.write(bytes, offset)) }
    }

    mutating func truncate(to size: Int) {
        if size > content.count {
            perform(.write([UInt8](repeating: 0, count: size - content.count), content.count))
        } else if size < content.count {
            perform(.truncate(size))
        }
    }

    private mutating func perform(_ operation: Operation) {
        since.append((operation, .open))
        Self.apply(operation, to: &content)
    }

    mutating func sync() {
        if since.allSatisfy({ $0.fate != .lost }) {
            durable = content
            since = []
        }
        for index in since.indices where since[index].fate == .open { since[index].fate = .kept }
    }

    mutating func failSync() {
        for index in since.indices where since[index].fate == .open { since[index].fate = .lost }
    }

    mutating func crash(_ crashFate: UnsyncedFate) {
        content = durable
        for (operation, fate) in since {
            switch (fate, crashFate) {
            case (.kept, _), (_, .kept): Self.apply(operation, to: &content)
            case (.lost, _), (.open, .lost): continue
            case (.open, .random):
                switch random.below(3) {
                case 0: continue
                case 1: Self.apply(operation, to: &content)
                default: Self.apply(torn(operation), to: &content)
                }
            }
        }
        durable = content
        since = []
    }

    private mutating func torn(_ operation: Operation) -> Operation {
        guard case .write(let bytes, let offset) = operation else { return operation }
        return .write(Array(bytes.prefix(random.below(bytes.count + 1))), offset)
    }

    private static func apply(_ operation: Operation, to content: inout [UInt8]) {
        switch operation {
        case .write(let bytes, let offset):
            guard !bytes.isEmpty else { return }  // Torn at its first byte.
            if offset > content.count { content += [UInt8](repeating: 0, count: offset - content.count) }
            content.replaceSubrange(offset..<min(offset + bytes.count, content.count), with: bytes)
        case .truncate(let size):
            if size < content.count { content.removeSubrange(size...) }
        }
    }
}
