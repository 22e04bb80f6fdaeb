import NIOCore
import StatorCore

/// One byte version, one byte type, the round, the body. Counts are checked against the bytes that are left before
/// anything is allocated, so a message never takes more memory than a small multiple of its length.
extension SessionMessage {
    private enum Kind: UInt8 {
        case page = 1
        case paged = 2
        case done = 3
        case refused = 4
        case open = 16
        case opened = 17
        case coarser = 18
        case compare = 19
        case compared = 20
        case slices = 21
        case sliced = 22
    }

    private var kind: Kind {
        switch body {
        case .page: .page
        case .paged: .paged
        case .done: .done
        case .refused: .refused
        case .open: .open
        case .opened: .opened
        case .coarser: .coarser
        case .compare: .compare
        case .compared: .compared
        case .slices: .slices
        case .sliced: .sliced
        }
    }

    func encoded() -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(SessionMessage.version)
        bytes.writeInteger(kind.rawValue)
        bytes.writeVarint(round)
        switch body {
        case .page(let sections): bytes.writeList(sections) { $0.writeSection($1) }
        case .paged(let differing): bytes.writeVarint(UInt64(differing))
        case .done, .refused: break
        case .open(let depth, let sums):
            bytes.writeInteger(UInt8(depth))
            bytes.writeList(sums) { $0.writeInteger($1) }
        case .opened(let differing): bytes.writeInteger(differing)
        case .coarser(let depth): bytes.writeInteger(UInt8(depth))
        case .compare(let runs): bytes.writeList(runs) { $0.writeNodeSums($1) }
        case .compared(let differs): bytes.writeBits(differs)
        case .slices(let runs): bytes.writeList(runs) { $0.writeLeafRun($1) }
        case .sliced(let ranges): bytes.writeRanges(ranges)
        }
        return bytes
    }

    /// - Throws: ``CodecError`` for anything that ``encoded()`` never writes.
    init(decoding bytes: ByteBuffer) throws(CodecError) {
        guard bytes.readableBytes <= SyncLimits.maximumMessage else {
            throw .tooLarge(what: "sync message", found: bytes.readableBytes, maximum: SyncLimits.maximumMessage)
        }
        var bytes = bytes
        let version = try bytes.readFixed("sync message's version", as: UInt8.self)
        guard version == SessionMessage.version else { throw .invalid(what: "sync version", found: "\(version)") }
        let rawKind = try bytes.readFixed("sync message's type", as: UInt8.self)
        guard let kind = Kind(rawValue: rawKind) else { throw .invalid(what: "sync type", found: "\(rawKind)") }
        round = try bytes.readVarint("round")
        body = try SessionMessage.readBody(kind, from: &bytes)
        try bytes.expectEnd("sync message")
    }

    private static func readBody(_ kind: Kind, from bytes: inout ByteBuffer) throws(CodecError) -> Body {
        switch kind {
        case .page: return .page(try bytes.readSections())
        case .paged: return .paged(differing: try bytes.readCount("differing keys", maximum: Int(UInt32.max)))
        case .done: return .done
        case .refused: return .refused
        case .open:
            let depth = try bytes.readDepth()
            let count = try bytes.readListCount("parts", minimumBytes: 8, maximum: MerklePlan.maximumParts)
            return .open(depth: depth, sums: try bytes.readSums(count))
        case .opened:
            let differing = try bytes.readFixed("differing parts", as: UInt8.self)
            guard differing < 1 << MerklePlan.maximumParts else {
                throw .invalid(what: "differing parts", found: "\(differing)")
            }
            return .opened(differing: differing)
        case .coarser: return .coarser(depth: try bytes.readDepth())
        case .compare: return .compare(try bytes.readNodeSums())
        case .compared: return .compared(try bytes.readBits())
        case .slices: return .slices(try bytes.readLeafRuns())
        case .sliced: return .sliced(try bytes.readRanges())
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeList<Element>(_ list: [Element], _ write: (inout ByteBuffer, Element) -> Void) {
        writeVarint(UInt64(list.count))
        for element in list { write(&self, element) }
    }

    /// A count of things that take at least `minimumBytes` each: more than the rest can hold is refused.
    fileprivate mutating func readListCount(
        _ what: String, minimumBytes: Int, maximum: Int = .max
    ) throws(CodecError) -> Int {
        let count = try readCount(what, maximum: maximum)
        guard count <= readableBytes / minimumBytes else { throw .truncated(what: what) }
        return count
    }

    fileprivate mutating func readDepth() throws(CodecError) -> Int {
        let depth = Int(try readFixed("depth", as: UInt8.self))
        guard MerkleSettings.depths.contains(depth) else { throw .invalid(what: "depth", found: "\(depth)") }
        return depth
    }

    fileprivate mutating func readSums(_ count: Int) throws(CodecError) -> [UInt64] {
        var sums: [UInt64] = []
        sums.reserveCapacity(count)
        for _ in 0..<count { sums.append(try readFixed("sum")) }
        return sums
    }
}

// MARK: - Listings

extension ByteBuffer {
    fileprivate mutating func writeCursor(_ cursor: ScanCursor) {
        writeInteger(cursor.token.value)
        writeKey(cursor.key)
    }

    fileprivate mutating func readCursor() throws(CodecError) -> ScanCursor {
        ScanCursor(token: Token(try readFixed("cursor's token")), key: try readKey())
    }

    fileprivate mutating func writeSection(_ section: ListingSection) {
        writeTokenRange(section.range)
        writeInteger(UInt8((section.after == nil ? 0 : 1) | (section.through == nil ? 0 : 2)))
        if let after = section.after { writeCursor(after) }
        if let through = section.through { writeCursor(through) }
        writeVarint(UInt64(section.entries.count))
        for entry in section.entries {
            writeInteger(entry.token.value)
            writeKey(entry.key)
            writeInteger(entry.digest.value)
        }
    }

    fileprivate mutating func readSections() throws(CodecError) -> [ListingSection] {
        let count = try readListCount(
            "sections", minimumBytes: ListingSection.minimumBytes, maximum: ListingSection.maximumCount)
        var sections: [ListingSection] = []
        sections.reserveCapacity(count)
        for _ in 0..<count { sections.append(try readSection()) }
        return sections
    }

    private mutating func readSection() throws(CodecError) -> ListingSection {
        let range = try readTokenRange()
        let flags = try readFixed("section's flags", as: UInt8.self)
        guard flags <= 3 else { throw .invalid(what: "section's flags", found: "\(flags)") }
        let after = flags & 1 == 0 ? nil : try readCursor()
        let through = flags & 2 == 0 ? nil : try readCursor()
        for cursor in [after, through].compactMap(\.self) where !range.contains(cursor.token) {
            throw .invalid(what: "section's cursor", found: "outside its range")
        }
        if let after, let through, through <= after { throw .invalid(what: "section", found: "an empty span") }
        let count = try readListCount("entries", minimumBytes: ListedKey.minimumBytes)
        var entries: [ListedKey] = []
        entries.reserveCapacity(count)
        var previous = after
        for _ in 0..<count {
            let entry = ListedKey(
                token: Token(try readFixed("entry's token")), key: try readKey(),
                digest: Digest(try readFixed("entry's digest")))
            guard range.contains(entry.token) else { throw .invalid(what: "entry", found: "outside its range") }
            if let previous, entry.cursor <= previous { throw .invalid(what: "entries", found: "out of order") }
            previous = entry.cursor
            entries.append(entry)
        }
        if let through, let previous, previous > through { throw .invalid(what: "entry", found: "after its span") }
        return ListingSection(range: range, after: after, through: through, entries: entries)
    }
}

// MARK: - Sums

extension ByteBuffer {
    fileprivate mutating func writeNodeSums(_ run: NodeSums) {
        writeInteger(UInt8(run.bits))
        writeVarint(UInt64(run.first))
        writeVarint(UInt64(run.sums.count))
        for sum in run.sums { writeInteger(sum) }
    }

    fileprivate mutating func readNodeSums() throws(CodecError) -> [NodeSums] {
        let count = try readListCount("runs of nodes", minimumBytes: NodeSums.minimumBytes)
        var runs: [NodeSums] = []
        runs.reserveCapacity(count)
        for _ in 0..<count {
            let bits = Int(try readFixed("level", as: UInt8.self))
            guard bits <= MerkleSettings.depths.upperBound else { throw .invalid(what: "level", found: "\(bits)") }
            let first = try readCount("node", maximum: (1 << bits) - 1)
            let length = try readListCount("sums", minimumBytes: 8, maximum: (1 << bits) - first)
            guard length > 0 else { throw .invalid(what: "run of nodes", found: "empty") }
            runs.append(NodeSums(bits: bits, first: first, sums: try readSums(length)))
        }
        return runs
    }

    fileprivate mutating func writeBits(_ bits: [Bool]) {
        writeVarint(UInt64(bits.count))
        for start in stride(from: 0, to: bits.count, by: 8) {
            var byte: UInt8 = 0
            for offset in 0..<min(8, bits.count - start) where bits[start + offset] { byte |= 1 << UInt8(offset) }
            writeInteger(byte)
        }
    }

    fileprivate mutating func readBits() throws(CodecError) -> [Bool] {
        let count = try readCount("bits", maximum: readableBytes * 8)
        var bits: [Bool] = []
        bits.reserveCapacity(count)
        while bits.count < count {
            let byte = try readFixed("bits", as: UInt8.self)
            let used = min(8, count - bits.count)
            guard used == 8 || byte >> UInt8(used) == 0 else {
                throw .invalid(what: "bits", found: "padding that is set")
            }
            for offset in 0..<used { bits.append(byte >> UInt8(offset) & 1 == 1) }
        }
        return bits
    }

    fileprivate mutating func writeLeafRun(_ run: LeafRun) {
        writeVarint(UInt64(run.firstLeaf))
        writeVarint(UInt64(run.leafCount))
        writeVarint(UInt64(run.slices.count))
        var expected = UInt64(run.firstLeaf) << UInt64(MerklePlan.fineBits)
        for slice in run.slices {
            writeVarint(slice.index - expected)
            writeInteger(slice.sum)
            expected = slice.index + 1
        }
    }

    fileprivate mutating func readLeafRuns() throws(CodecError) -> [LeafRun] {
        let count = try readListCount(
            "runs of leaves", minimumBytes: LeafRun.minimumBytes, maximum: MerklePlan.maximumLeavesSliced)
        var runs: [LeafRun] = []
        runs.reserveCapacity(count)
        var leavesLeft = MerklePlan.maximumLeavesSliced
        for _ in 0..<count {
            let first = try readCount("leaf", maximum: (1 << MerkleSettings.depths.upperBound) - 1)
            let leaves = try readCount("leaves", maximum: leavesLeft)
            guard leaves > 0 else { throw .invalid(what: "run of leaves", found: "empty") }
            leavesLeft -= leaves
            if let last = runs.last, first < last.firstLeaf + last.leafCount {
                throw .invalid(what: "runs of leaves", found: "out of order")
            }
            let slices = try readFineSums(first..<first + leaves)
            runs.append(LeafRun(firstLeaf: first, leafCount: leaves, slices: slices))
        }
        return runs
    }

    private mutating func readFineSums(_ leaves: Range<Int>) throws(CodecError) -> [FineSum] {
        let slicesPerLeaf = 1 << MerklePlan.fineBits
        let count = try readListCount("fine slices", minimumBytes: 9, maximum: leaves.count * slicesPerLeaf)
        var expected = UInt64(leaves.lowerBound * slicesPerLeaf)
        let end = UInt64(leaves.upperBound * slicesPerLeaf)
        var slices: [FineSum] = []
        slices.reserveCapacity(count)
        for _ in 0..<count {
            let gap = try readVarint("fine slice")
            guard gap < end - expected else { throw .invalid(what: "fine slice", found: "outside its leaves") }
            slices.append(FineSum(index: expected + gap, sum: try readFixed("fine slice's sum")))
            expected += gap + 1
        }
        return slices
    }

    fileprivate mutating func writeRanges(_ ranges: [ClosedRange<UInt64>]) {
        writeVarint(UInt64(ranges.count))
        var expected: UInt64 = 0
        for range in ranges {
            writeVarint(range.lowerBound - expected)
            writeVarint(range.upperBound - range.lowerBound)
            expected = range.upperBound + 1
        }
    }

    fileprivate mutating func readRanges() throws(CodecError) -> [ClosedRange<UInt64>] {
        let count = try readListCount("ranges of slices", minimumBytes: 2)
        let end: UInt64 = 1 << UInt64(MerkleSettings.depths.upperBound + MerklePlan.fineBits)
        var expected: UInt64 = 0
        var ranges: [ClosedRange<UInt64>] = []
        ranges.reserveCapacity(count)
        for _ in 0..<count {
            let gap = try readVarint("range's gap")
            guard gap < end - expected else {
                throw .invalid(what: "range of slices", found: "outside the token space")
            }
            let first = expected + gap
            let length = try readVarint("range's length")
            guard length < end - first else {
                throw .invalid(what: "range of slices", found: "outside the token space")
            }
            ranges.append(first...first + length)
            expected = first + length + 1
        }
        return ranges
    }
}
