import NIOCore
import StatorCore
import Sync

extension SyncLawScenarios {
    /// Random, bit-flipped, cut and misplaced messages, as a session's first one and amid one, in both roles.
    func checkHostileBytes() throws {
        let law = "hostile-bytes"
        let genuine = try genuineMessages(law)
        for round in 0..<16 as Range<UInt64> {
            let pair = pair(300, differing: 50, 600 + round)
            var random = RandomGenerator(seed: seed &+ round)
            let range = round.isMultiple(of: 4) ? TokenRange(first: Token(random.next() >> 1), last: .maximum) : .full
            let open = [pair.start(at: 0, range: range), pair.start(at: 1, range: range)]
            for number in 0..<40 as Range<UInt64> {
                let end = random.below(2)
                let peer = pair.ends[1 - end].node
                let amid = open[random.below(2)]
                let session = random.chance(0.6) ? amid : SessionID(initiator: peer, number: 1000 + number)
                let bytes = mutation(of: genuine, &random)
                let event = SyncEvent.message(session, from: peer, range: range, bytes: bytes)
                pair.schedule(.sync(event), at: end, after: random.below(400))
            }
            try require(pair.run(), law, "hostile bytes keep a session going forever")
            try require(pair.breaches.isEmpty, law, "limits are broken: \(pair.breaches.joined(separator: ", "))")
            pair.abandonOpenSessions()
            pair.forgetCounts()
            pair.start(at: 0, range: .full)
            try require(pair.run() && pair.ends.allSatisfy { $0.reports.count == 1 }, law, "a later session fails")
            try require(pair.ends[0].store == pair.ends[1].store, law, "a later session leaves a difference")
        }
    }

    private func genuineMessages(_ law: String) throws -> [ByteBuffer] {
        let pair = pair(400, differing: 60, 599)
        pair.start(at: 0, range: .full)
        pair.start(at: 1, range: TokenRange(first: Token(1 << 40), last: Token(.max / 3)))
        try require(pair.run(), law, "a session does not come to an end")
        return pair.messages
    }

    private func mutation(of genuine: [ByteBuffer], _ random: inout RandomGenerator) -> ByteBuffer {
        var bytes = Array(genuine[random.below(genuine.count)].readableBytesView)
        switch random.below(6) {
        case 0: bytes = (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 1: bytes.removeLast(random.below(bytes.count) + 1)
        case 2:
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
        case 3:
            // Numbers at the beginning as large as they can be.
            let start = min(2, bytes.count)
            let end = min(start + random.below(12), bytes.count)
            for position in start..<end { bytes[position] = 0xFF }
        case 4: bytes += Array(genuine[random.below(genuine.count)].readableBytesView)
        default: break
        }
        return ByteBuffer(bytes: bytes)
    }
}
