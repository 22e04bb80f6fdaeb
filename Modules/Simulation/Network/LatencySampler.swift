package import StatorCore

/// A distribution compiled for drawing: its quantiles in a table, fine where they change fast.
///
/// The table splits the distribution at its median and halves the rest again and again, 24 times on each side; each of
/// those octaves is cut into 32 equal cells, and a draw interpolates within its cell. A draw so has the relative
/// precision of the octave however far out in the tail it lies: quantiles are exact at the cells' ends and within 0.03 %
/// between them (of the mean for an exponential, of the value for a Pareto distribution of shape 1), down to the last
/// octave, a tail of 2^-24, where the cells grow coarse. **The tail ends at the quantile 1 - 2^-30**: what one message in
/// a billion would exceed, none does; and none exceeds ``NetworkLimits/longestLatency``.
///
/// One number is drawn for a sample, two for a mixture (which part, then where in it), none for a constant. O(1), for a
/// mixture O(parts); no floating point. 12.4 KiB a distribution, of which nearly all draws touch the first kilobytes.
package struct LatencySampler: Sendable {
    static let octaves = 24
    static let cellBits = 5
    static let cells = 1 << cellBits
    /// The ends of an octave's cells, the first and the last included.
    static let pointsPerOctave = cells + 1
    static let pointsPerPart = 2 * octaves * pointsPerOctave

    /// What every sample is where there is no table.
    private let constant: Int64
    /// Nanoseconds at the cells' ends, by part, side (lower first), octave (from the median outwards) and cell (from the
    /// far end inwards).
    private let points: [Int64]
    /// For each part of a mixture but the last, the first number that no longer chooses it or a part before it.
    private let bounds: [UInt64]

    /// - Precondition: the distribution has no ``LatencyDistribution/problems()``.
    package init(_ distribution: LatencyDistribution) {
        precondition(distribution.problems().isEmpty, "the distribution was checked")
        let parts = distribution.parts
        bounds = Self.bounds(of: parts)
        if parts.count == 1, case .constant(let delay) = parts[0].distribution {
            constant = delay.nanoseconds
            points = []
        } else {
            constant = 0
            points = parts.flatMap { Self.points(of: $0.distribution) }
        }
    }

    /// A latency in nanoseconds; never negative.
    @inline(__always)
    package func sample(using random: inout RandomGenerator) -> Int64 {
        guard !points.isEmpty else { return constant }
        var part = 0
        if !bounds.isEmpty {
            let choice = random.next()
            while part < bounds.count, choice >= bounds[part] { part += 1 }
        }
        // From the top bit down: the side, how many halvings outwards in unary, the cell, the place in the cell.
        let draw = random.next()
        let side = Int(truncatingIfNeeded: draw >> 63)
        let outwards = draw << 1
        let isLast = outwards < 1 << (64 - UInt64(Self.octaves - 1))
        let octave = isLast ? Self.octaves - 1 : outwards.leadingZeroBitCount
        // The last octave holds all that is left and has no leading one to drop.
        let within = outwards << UInt64(isLast ? octave : octave + 1)
        let cell = Int(truncatingIfNeeded: within >> UInt64(64 - Self.cellBits))
        let place = Int64(bitPattern: (within << UInt64(Self.cellBits)) >> 1)
        let index = part * Self.pointsPerPart + (side * Self.octaves + octave) * Self.pointsPerOctave + cell
        let start = points[index]
        let step = points[index + 1] - start
        // The place is a fraction of 2^63, the high half of the product one of 2^64.
        return start + (2 * step).multipliedFullWidth(by: place).high
    }

    private static func bounds(of parts: [LatencyShare]) -> [UInt64] {
        var sum = 0.0
        return parts.dropLast().map { part in
            sum += part.weight
            // 2^64 itself does not fit; a sum of 1 before the last part is rounding.
            return UInt64(exactly: (sum * 0x1p64).rounded()) ?? .max
        }
    }

    private static func points(of distribution: LatencyDistribution) -> [Int64] {
        var points: [Int64] = []
        points.reserveCapacity(pointsPerPart)
        let longest = Double(NetworkLimits.longestLatency.nanoseconds)
        for isUpper in [false, true] {
            for octave in 0..<octaves {
                let isLast = octave == octaves - 1
                let width = Double(sign: .plus, exponent: -(octave + (isLast ? 1 : 2)), significand: 1)
                for cell in 0...cells {
                    let tail = (isLast ? 0 : width) + width * Double(cell) / Double(cells)
                    let value = distribution.nanoseconds(tail: max(tail, 0x1p-30), isUpper: isUpper)
                    points.append(Int64(min(value, longest).rounded()))
                }
            }
        }
        return points
    }
}
