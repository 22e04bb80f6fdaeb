internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import StatorCore

/// Draws what a run's requests ask for beyond the defaults: the shares once for the seed, then each request.
///
/// Its draws are its own: what clients do and which faults happen stays the same with other shares. Where all are 0
/// nothing is drawn.
struct RequestDraw {
    private let shares: RequestSettings
    private let replicas: Int
    private let longest: Duration
    private let seed: UInt64
    private var random: RandomGenerator
    /// Of what was added later, so that the other draws stay what they were.
    private var rivalRandom: RandomGenerator
    /// A context with which a conditional write succeeded, by the key's number: another one with it must fail.
    private var usedContexts: [Int: ByteBuffer] = [:]
    /// Draws what happens to contexts, apart from the rest.
    private var damages: RandomGenerator
    /// The last context that was presented, and of which key.
    private var lastPresented: (key: Int, context: ByteBuffer)?

    /// How likely a kind of request is to be on in a seed, and that none is.
    private static let kindChance = 0.6
    private static let noneChance = 0.125
    /// How likely a condition is one that cannot hold.
    private static let staleChance = 0.3
    /// The least time that a request allows, in nanoseconds.
    private static let leastTimeout: Int64 = 5_000_000
    private static let leastLongKey = 100

    init(_ file: SimulationFile, seed: UInt64) {
        random = RandomGenerator(seed: seed ^ 0x5EED_0F00_0000_0000)
        self.seed = random.next()
        replicas = file.replication.replicas
        longest = file.replication.requestTimeout
        rivalRandom = RandomGenerator(seed: seed ^ 0x5EED_0F01_0000_0000)
        damages = RandomGenerator(seed: self.seed ^ 0xC0_17E8_7000)
        var shares = RequestDraw.drawn(file.requests, &random)
        if file.requests.isSwarm {
            shares.rivals *= rivalRandom.chance(RequestDraw.kindChance) ? 0.2 + 0.8 * rivalRandom.fraction() : 0
        }
        if shares.isSwarm, !damages.chance(RequestDraw.kindChance) { shares.damagedContexts = 0 }
        self.shares = shares
    }

    private static func drawn(_ settings: RequestSettings, _ random: inout RandomGenerator) -> RequestSettings {
        guard settings.isSwarm else { return settings }
        var drawn = settings
        let isNone = random.chance(noneChance)
        let kinds: [WritableKeyPath<RequestSettings, Double>] = [
            \.quorums, \.sloppiness, \.timeouts, \.conditions, \.plain, \.blindDeletes, \.batches, \.longKeys,
            \.largeValues,
        ]
        for kind in kinds {
            let (isOn, share) = (random.chance(kindChance), 0.2 + 0.8 * random.fraction())
            drawn[keyPath: kind] *= isOn && !isNone ? share : 0
        }
        return drawn
    }

    private mutating func happens(_ share: Double) -> Bool { share > 0 && random.chance(share) }

    // MARK: Steps

    mutating func isPlain() -> Bool { happens(shares.plain) }
    mutating func isBatch() -> Bool { happens(shares.batches) }
    mutating func isBlindDelete() -> Bool { happens(shares.blindDeletes) }

    /// How many keys a batch has.
    mutating func batchSize() -> Int { 2 + random.below(shares.batchKeys - 1) }

    mutating func isBatchWrite() -> Bool { random.chance(0.5) }

    /// - Parameter bytes: the size that the workload says.
    mutating func valueBytes(_ bytes: Int) -> Int {
        guard happens(shares.largeValues) else { return bytes }
        // Each power of two alike, and within one each size.
        let powers = (shares.largeValue.bytes / 1024).bitWidth - (shares.largeValue.bytes / 1024).leadingZeroBitCount
        let power = 1024 << random.below(powers)
        return min(power + random.below(power), shares.largeValue.bytes)
    }

    /// The name of a key: its number, and for a long one filled up.
    func keyName(_ number: Int) -> String {
        let name = "k\(number)"
        guard shares.longKeys > 0 else { return name }
        var own = RandomGenerator(seed: seed ^ UInt64(number))
        guard own.chance(shares.longKeys) else { return name }
        let spread = Key.maximumLength - RequestDraw.leastLongKey
        let length = own.chance(0.5) ? Key.maximumLength : RequestDraw.leastLongKey + own.below(spread)
        return name + String(repeating: "-", count: length - name.utf8.count)
    }

    // MARK: Requests

    mutating func options(isWrite: Bool, isPlain: Bool) -> RequestOptions {
        var options = RequestOptions(isPlain: isPlain)
        if happens(shares.quorums) {
            let quorum = quorum()
            if isWrite { options.writeQuorum = quorum } else { options.readQuorum = quorum }
        }
        if happens(shares.sloppiness) { options.isSloppy = random.chance(0.5) }
        if happens(shares.timeouts) {
            let spread = max(1, longest.nanoseconds - RequestDraw.leastTimeout)
            let nanoseconds = min(RequestDraw.leastTimeout, longest.nanoseconds) + Int64(random.below(Int(spread)))
            // Interfaces take whole milliseconds.
            options.timeout = .milliseconds(nanoseconds / 1_000_000)
        }
        return options
    }

    private mutating func quorum() -> QuorumSize {
        switch random.below(4) {
        case 0: .quorum
        case 1: .all
        default: .number(1 + random.below(replicas))
        }
    }

    /// Makes some writes conditional, some of them on a context that was used up.
    mutating func condition(_ write: inout PlannedWrite, key: Int) {
        guard !write.options.isPlain, happens(shares.conditions) else { return }
        if random.chance(0.5) { write.options.readQuorum = happens(shares.quorums) ? quorum() : nil }
        guard let presented = write.presented else {
            write.options.precondition = .absent
            return
        }
        var context = presented
        if random.chance(RequestDraw.staleChance), let used = usedContexts[key] { context = used }
        write.presented = context
        write.options.precondition = .context(context)
        // `If-Match` alone says nothing of what the write supersedes.
        if case .context = write.basis {
            write.basis = random.chance(0.25) && !write.isDelete ? .held : .context(context)
        }
    }

    /// How many like a conditional write are sent beside it at once.
    mutating func rivals(of write: PlannedWrite) -> Int {
        guard shares.rivals > 0, write.options.precondition != nil, !write.isDelete, rivalRandom.chance(shares.rivals)
        else { return 0 }
        return 1 + rivalRandom.below(2)
    }

    /// Spoils the contexts of some writes: a bit, the length, or the key that they are of.
    mutating func damage(_ write: inout PlannedWrite, key: Int) {
        guard let presented = write.presented else { return }
        let last = lastPresented
        lastPresented = (key, presented)
        guard shares.damagedContexts > 0, damages.chance(shares.damagedContexts) else { return }
        var damaged = presented
        switch damages.below(4) {
        case 0: damaged.moveWriterIndex(to: damaged.readerIndex + damages.below(damaged.readableBytes))
        case 1: damaged.writeInteger(UInt8(damages.below(256)))
        case 2 where last.map { $0.key != key } ?? false: damaged = last?.context ?? damaged
        default:
            let place = damaged.readerIndex + damages.below(damaged.readableBytes)
            let byte = damaged.getInteger(at: place, as: UInt8.self) ?? 0
            damaged.setInteger(byte ^ 1 << UInt8(damages.below(8)), at: place)
        }
        write.isDamaged = true
        write.presented = damaged
        if case .context = write.basis { write.basis = .context(damaged) }
        if case .context? = write.options.precondition { write.options.precondition = .context(damaged) }
    }

    /// A conditional write with this context succeeded.
    mutating func used(_ context: ByteBuffer, key: Int) { usedContexts[key] = context }
}

/// A write or a delete that a client is about to send.
struct PlannedWrite {
    var basis: WriteBasis
    /// The context that it presents, as its basis or as its condition.
    var presented: ByteBuffer?
    var isDelete = false
    /// The context is none of this key.
    var isDamaged = false
    var options = RequestOptions()
}
