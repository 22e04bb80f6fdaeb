import Hashing
import NIOCore
import StatorCore

/// Which nodes hold which keys, as one node saw it.
struct Ring: Sendable {
    let epoch: Int
    let hash: HashFunction
    /// `nil` where a member serves no RESP.
    let members: [NodeAddress?]
    /// Of each range, ascending; the last one is the end of the token space.
    private let lastTokens: [UInt64]
    /// Positions in ``members``, range after range.
    private let owners: [Int32]
    /// Where each range's owners begin, and where the last one's end.
    private let firstOwners: [Int32]

    /// The replicas of a key as positions in ``members``, the preferred first. O(log ranges).
    func replicas(of key: Key) -> ArraySlice<Int32> {
        replicas(of: hash.token(of: key))
    }

    func replicas(of token: Token) -> ArraySlice<Int32> {
        // The first range that does not end before the token; there is one, as the last ends with the token space.
        var low = 0
        var high = lastTokens.count - 1
        while low < high {
            let middle = (low + high) / 2
            if lastTokens[middle] < token.value { low = middle + 1 } else { high = middle }
        }
        return owners[Int(firstOwners[low])..<Int(firstOwners[low + 1])]
    }
}

extension Ring {
    /// From the reply to `STATOR.RING`.
    init(_ reply: Reply) throws(ReplyFormatError) {
        guard case .array(let parts) = reply, parts.count == 4, case .integer(let epoch) = parts[0],
            case .bulk(let hashName) = parts[1], case .array(let members) = parts[2],
            case .array(let ranges) = parts[3]
        else { throw ReplyFormatError("a ring that is \(reply.kind), not epoch, hash, members, ranges") }
        guard let hash = HashFunction(rawValue: String(buffer: hashName)) else {
            throw ReplyFormatError("a ring of the unknown hash '\(String(buffer: hashName))'")
        }
        var lastTokens: [UInt64] = []
        var owners: [Int32] = []
        var firstOwners: [Int32] = [0]
        for range in ranges {
            let last = try Ring.read(range, memberCount: members.count, owners: &owners)
            if let previous = lastTokens.last, previous >= last { throw ReplyFormatError("a ring of unsorted ranges") }
            lastTokens.append(last)
            firstOwners.append(Int32(owners.count))
        }
        guard lastTokens.last == .max else {
            throw ReplyFormatError("a ring of \(ranges.count) ranges that do not cover the token space")
        }
        self.epoch = epoch
        self.hash = hash
        var addresses: [NodeAddress?] = []
        for member in members { addresses.append(try Ring.address(member)) }
        self.members = addresses
        self.lastTokens = lastTokens
        self.owners = owners
        self.firstOwners = firstOwners
    }

    /// - Returns: the range's last token; its owners are appended.
    private static func read(
        _ range: Reply, memberCount: Int, owners: inout [Int32]
    ) throws(ReplyFormatError) -> UInt64 {
        guard case .array(let parts) = range, case .bulk(let digits)? = parts.first, digits.readableBytes == 16,
            let last = UInt64(String(buffer: digits), radix: 16)
        else { throw ReplyFormatError("a range of a ring that does not begin with 16 hexadecimal digits") }
        for part in parts.dropFirst() {
            guard case .integer(let index) = part, (0..<memberCount).contains(index) else {
                throw ReplyFormatError("a range of a ring that names no member")
            }
            // Parsers allow far fewer elements than an Int32 counts.
            owners.append(Int32(truncatingIfNeeded: index))
        }
        return last
    }

    private static func address(_ member: Reply) throws(ReplyFormatError) -> NodeAddress? {
        guard case .array(let parts) = member, parts.count == 3, case .bulk(let host) = parts[1],
            case .integer(let port) = parts[2], (0...65_535).contains(port)
        else { throw ReplyFormatError("a member of a ring that is \(member.kind), not name, host, port") }
        guard port > 0, host.readableBytes > 0 else { return nil }
        return NodeAddress(host: String(buffer: host), port: port)
    }
}
