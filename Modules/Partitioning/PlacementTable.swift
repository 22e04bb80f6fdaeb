import StatorCore

/// The storage that a placement and all its preference lists share, so that handing one out costs one reference.
final class PlacementTable: Sendable {
    let nodes: [NodeID]
    let zones: [String]
    let replicaCount: Int
    /// The length of every preference list.
    let stride: Int
    /// The last token of each range, rising.
    let lastTokens: [UInt64]
    /// The preference lists, one after the other.
    let owners: [UInt16]
    /// For each equal slice of the token space, the range that holds its first token; one more entry at the end.
    ///
    /// There are about as many slices as ranges, so a look-up reads one entry and searches the few ranges within.
    private let firstRanges: [UInt32]
    private let sliceShift: UInt64

    init(members: [Member], replicas: Int, lastTokens: [UInt64], owners: [UInt16]) {
        precondition(!members.isEmpty && members.count <= View.maximumMembers, "a placement needs 1 to 4,096 members")
        precondition(lastTokens.last == .max, "the last range ends at the maximum token")
        precondition(owners.count % lastTokens.count == 0, "preference lists have one length")
        nodes = members.map(\.node)
        zones = members.map(\.zone)
        replicaCount = min(replicas, members.count)
        stride = owners.count / lastTokens.count
        precondition(replicaCount >= 1 && stride >= replicaCount, "a preference list names at least the replicas")
        PlacementTable.checkRanges(lastTokens)
        PlacementTable.checkLists(owners, stride: stride, memberCount: members.count)
        self.lastTokens = lastTokens
        self.owners = owners
        (firstRanges, sliceShift) = PlacementTable.slices(lastTokens)
    }

    private static func checkRanges(_ lastTokens: [UInt64]) {
        for index in lastTokens.indices.dropFirst() {
            precondition(lastTokens[index - 1] < lastTokens[index], "ranges rise")
        }
    }

    private static func checkLists(_ owners: [UInt16], stride: Int, memberCount: Int) {
        for start in Swift.stride(from: 0, to: owners.count, by: stride) {
            for position in start..<(start + stride) {
                precondition(Int(owners[position]) < memberCount, "owner index out of bounds")
                for earlier in start..<position {
                    precondition(owners[earlier] != owners[position], "a preference list names a node once")
                }
            }
        }
    }

    /// - Returns: the first range of each slice, and by how many bits a token is shifted to give its slice.
    private static func slices(_ lastTokens: [UInt64]) -> (firstRanges: [UInt32], shift: UInt64) {
        let bits = max(1, Int.bitWidth - (lastTokens.count - 1).leadingZeroBitCount)
        let shift = UInt64(64 - bits)
        var firstRanges: [UInt32] = []
        firstRanges.reserveCapacity((1 << bits) + 1)
        var range = 0
        for slice in 0..<(UInt64(1) << UInt64(bits)) {
            while lastTokens[range] < slice << shift { range += 1 }
            firstRanges.append(UInt32(range))
        }
        firstRanges.append(UInt32(lastTokens.count - 1))
        return (firstRanges, shift)
    }

    func rangeIndex(of token: UInt64) -> Int {
        let slice = Int(token >> sliceShift)
        var low = Int(firstRanges[slice])
        var high = Int(firstRanges[slice + 1])
        while low < high {
            let middle = (low + high) / 2
            if lastTokens[middle] < token { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func isEqual(to other: PlacementTable) -> Bool {
        replicaCount == other.replicaCount && stride == other.stride && nodes == other.nodes && zones == other.zones
            && lastTokens == other.lastTokens && owners == other.owners
    }
}
