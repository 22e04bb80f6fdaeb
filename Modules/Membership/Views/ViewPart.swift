import NIOCore
import StatorCore

/// Consecutive members of a view, as many as fit a message: a view of 4,096 members does not.
struct ViewPart: Hashable, Sendable {
    /// How many members the whole view has.
    let total: Int
    /// The index of the first member of this part.
    let first: Int
    /// At least one, in the view's order.
    let members: [Member]

    /// The part of `view` that starts at `first` and takes up at most `maximumBytes`.
    ///
    /// O(members of the part).
    /// - Precondition: `first` is an index of `view.members`.
    init(of view: View, first: Int, maximumBytes: Int) {
        precondition(view.members.indices.contains(first), "part \(first) of \(view.members.count) members")
        var taken: [Member] = []
        var scratch = ByteBuffer()
        var bytes = 0
        for member in view.members[first...] {
            scratch.clear()
            scratch.writeMember(member)
            bytes += scratch.readableBytes
            if bytes > maximumBytes, !taken.isEmpty { break }
            taken.append(member)
        }
        self.init(total: view.members.count, first: first, members: taken)
    }

    init(total: Int, first: Int, members: [Member]) {
        self.total = total
        self.first = first
        self.members = members
    }
}

extension ByteBuffer {
    mutating func writeViewPart(_ part: ViewPart) {
        writeVarint(UInt64(part.total))
        writeVarint(UInt64(part.first))
        writeVarint(UInt64(part.members.count))
        for member in part.members { writeMember(member) }
    }

    mutating func readViewPart() throws(CodecError) -> ViewPart {
        let total = try readCount("view's members", maximum: View.maximumMembers)
        guard total > 0 else { throw .invalid(what: "view's members", found: "0") }
        let first = try readCount("part's first member", maximum: total - 1)
        let count = try readCount("part's members", maximum: total - first)
        guard count > 0 else { throw .invalid(what: "part's members", found: "0") }
        var members: [Member] = []
        for _ in 0..<count { members.append(try readMember()) }
        return ViewPart(total: total, first: first, members: members)
    }
}
