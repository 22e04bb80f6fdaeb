import StatorCore

/// One level of the tree: for every slice of 2^(64 - bits) tokens the sum of its records and their number.
///
/// Slices come in pages that exist only while they hold keys, so an empty part of the token space costs 16 bytes for
/// every 256 slices.
struct MerkleLevel {
    /// How many leading token bits name a slice of this level.
    let bits: Int
    /// The slices that the index covers.
    let slices: ClosedRange<Int>
    private(set) var occupied = 0

    /// Both lie together: a change touches one line of memory.
    private struct Cell {
        var sum: UInt64 = 0
        var count: UInt32 = 0
    }

    private struct Page {
        var cells: [Cell] = []
        var occupied = 0
    }
    private static let pageSlices = 256
    private var pages: [Page]

    init(bits: Int, range: TokenRange) {
        self.bits = bits
        slices = MerkleLevel.slice(range.first, bits: bits)...MerkleLevel.slice(range.last, bits: bits)
        let count = (slices.count + MerkleLevel.pageSlices - 1) / MerkleLevel.pageSlices
        pages = Array(repeating: Page(), count: count)
    }

    static func slice(_ token: Token, bits: Int) -> Int {
        Int(token.value >> UInt64(64 - bits))
    }

    private func position(_ slice: Int) -> (page: Int, offset: Int)? {
        guard slices.contains(slice) else { return nil }
        let (page, offset) = (slice - slices.lowerBound).quotientAndRemainder(dividingBy: MerkleLevel.pageSlices)
        return (page, offset)
    }

    func sum(_ slice: Int) -> UInt64 {
        guard let (page, offset) = position(slice), !pages[page].cells.isEmpty else { return 0 }
        return pages[page].cells[offset].sum
    }

    func count(_ slice: Int) -> Int {
        guard let (page, offset) = position(slice), !pages[page].cells.isEmpty else { return 0 }
        return Int(pages[page].cells[offset].count)
    }

    /// O(1); O(page) when a page gains its first key or loses its last.
    mutating func add(sum: UInt64, keys: Int, to slice: Int) {
        guard let (page, offset) = position(slice) else { return }
        if pages[page].cells.isEmpty {
            let length = min(MerkleLevel.pageSlices, slices.count - page * MerkleLevel.pageSlices)
            pages[page].cells = Array(repeating: Cell(), count: length)
        }
        pages[page].cells[offset].sum &+= sum
        if keys == 0 { return }
        let before = pages[page].cells[offset].count
        let after = before &+ UInt32(truncatingIfNeeded: keys)
        pages[page].cells[offset].count = after
        let change = (after == 0 ? 0 : 1) - (before == 0 ? 0 : 1)
        guard change != 0 else { return }
        occupied += change
        pages[page].occupied += change
        if pages[page].occupied == 0, pages[page].cells.allSatisfy({ $0.sum == 0 }) { pages[page] = Page() }
    }

    var memoryBytes: Int {
        pages.reduce(0) { $0 + MemoryLayout<Page>.stride + $1.cells.count * MemoryLayout<Cell>.stride }
    }
}
