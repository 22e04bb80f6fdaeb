internal import StatorCore

/// Link settings compiled for ``SimulatedNetwork/transmit(from:to:bytes:at:using:)``; all links with the same settings
/// share one.
struct LinkClass: Sendable {
    let settings: LinkSettings
    let sampler: LatencySampler
    /// 0 is without bound.
    let bytesPerSecond: Int64
    var loss = Chance(0)
    var duplication = Chance(0)
    var reordering = Chance(0)

    init(_ settings: LinkSettings) {
        self.settings = settings
        sampler = LatencySampler(settings.latency)
        bytesPerSecond = Int64(settings.bytesPerSecond ?? 0)
    }

    mutating func addChances(loss: Double, duplication: Double, reordering: Double) {
        self.loss = Chance(settings.loss + loss)
        self.duplication = Chance(settings.duplication + duplication)
        self.reordering = Chance(settings.reordering + reordering)
    }
}

/// A probability that a draw is compared with as a whole number; one of zero draws nothing.
struct Chance: Sendable {
    /// Of 2^53.
    private let threshold: UInt64

    /// - Parameter probability: cut off at 0 and 1.
    init(_ probability: Double) {
        threshold = UInt64((min(max(probability, 0), 1) * 0x1p53).rounded(.up))
    }

    @inline(__always)
    func happens(using random: inout RandomGenerator) -> Bool {
        threshold > 0 && random.next() >> 11 < threshold
    }
}

extension SimulatedNetwork {
    /// The class with these settings, compiled where there is none yet. O(classes).
    mutating func classIndex(of settings: LinkSettings) -> UInt16 {
        if let known = classes.firstIndex(where: { $0.settings == settings }) { return UInt16(known) }
        precondition(classes.count < UInt16.max, "links have at most \(UInt16.max) different settings")
        classes.append(LinkClass(settings))
        refreshChances()
        if settings.bytesPerSecond != nil, busyUntil.isEmpty {
            busyUntil = [Int64](repeating: .min, count: links.count)
        }
        return UInt16(classes.count - 1)
    }

    mutating func refreshChances() {
        for index in classes.indices {
            classes[index].addChances(loss: extraLoss, duplication: extraDuplication, reordering: extraReordering)
        }
    }
}
