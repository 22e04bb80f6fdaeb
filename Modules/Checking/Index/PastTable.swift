/// The causal pasts of a key's events, each closed transitively: n sets of up to n events.
///
/// Sets are cut into pages of ``pageWords`` words, and equal pages are kept once: an event's past is its predecessor's
/// with one page changed, so a hot key costs about 4 bytes a page number and 128 bytes for the changed page per event,
/// where plain bit sets would take n / 8 bytes each. 10,000 events take about 2 MB, 100,000 about 55 MB.
///
/// Memory is bounded: past ``maximumEvents`` events of a key or ``maximumPages`` distinct pages (128 MiB), an event's
/// past is refused, and the caller treats it as unknown.
struct PastTable: Sendable {
    static let pageWords = 16
    static let maximumEvents = 1 << 17
    static let maximumPages = 1 << 20
    private static let pageShift = 10
    private static let dirty: Int32 = -1

    /// Pages in a set.
    private let pageCount: Int
    private let eventCount: Int
    /// The distinct pages, end to end; number 0 is the empty one.
    private var pages = [UInt64](repeating: 0, count: PastTable.pageWords)
    /// For each event the numbers of its pages.
    private var sets: [Int32]
    /// The set being made, and the page that each of its pages equals, or ``dirty``.
    private var scratch: [UInt64]
    private var origin: [Int32]

    init(events: Int) {
        eventCount = min(events, PastTable.maximumEvents)
        pageCount = (eventCount + (1 << PastTable.pageShift) - 1) >> PastTable.pageShift
        sets = [Int32](repeating: 0, count: eventCount * pageCount)
        scratch = [UInt64](repeating: 0, count: pageCount * PastTable.pageWords)
        origin = [Int32](repeating: 0, count: pageCount)
    }

    /// How many words a set has.
    var wordCount: Int { pageCount * PastTable.pageWords }

    /// O(1).
    func contains(_ event: Int, inPastOf later: Int) -> Bool {
        guard event < eventCount, later < eventCount else { return false }
        let bit = UInt64(1) << UInt64(event & 63)
        return word(event >> 6, ofPastOf: later) & bit != 0
    }

    /// Word `index` of a past; 0 for an event beyond the table.
    @inline(__always)
    func word(_ index: Int, ofPastOf event: Int) -> UInt64 {
        guard event < eventCount else { return 0 }
        let page = Int(sets[event * pageCount + index / PastTable.pageWords])
        return pages[page * PastTable.pageWords + index % PastTable.pageWords]
    }

    /// Whether the words of page `page` of a past are 0, as most are of a small one.
    @inline(__always)
    func isEmptyPage(_ page: Int, ofPastOf event: Int) -> Bool {
        event >= eventCount || sets[event * pageCount + page] == 0
    }

    /// Gives an event the past that is made of these events and their pasts, which are set before.
    ///
    /// - Returns: false where there is no room: the past stays empty.
    /// - Complexity: O(direct x pages), and a page for each that differs.
    mutating func setPast(of event: Int, to direct: [Int]) -> Bool {
        guard event < eventCount, direct.allSatisfy({ $0 < eventCount }) else { return direct.isEmpty }
        guard pages.count / PastTable.pageWords + pageCount <= PastTable.maximumPages else { return direct.isEmpty }
        for page in 0..<pageCount { adopt(0, at: page) }
        // Later events know more: with them first, earlier ones mostly add nothing.
        for other in direct.sorted(by: >) {
            for page in 0..<pageCount { unite(sets[other * pageCount + page], at: page) }
            insert(other)
        }
        for page in 0..<pageCount {
            sets[event * pageCount + page] = origin[page] == PastTable.dirty ? keep(page) : origin[page]
        }
        return true
    }

    /// No more pasts are set: frees what only that needs.
    mutating func finish() {
        scratch = []
        origin = []
    }

    private mutating func adopt(_ number: Int32, at page: Int) {
        origin[page] = number
        let start = Int(number) * PastTable.pageWords
        for index in 0..<PastTable.pageWords { scratch[page * PastTable.pageWords + index] = pages[start + index] }
    }

    private mutating func unite(_ number: Int32, at page: Int) {
        if number == 0 || number == origin[page] { return }
        if origin[page] == 0 { return adopt(number, at: page) }
        let start = Int(number) * PastTable.pageWords
        var addsToMine = false
        var addsToOther = false
        for index in 0..<PastTable.pageWords {
            let mine = scratch[page * PastTable.pageWords + index]
            let other = pages[start + index]
            addsToMine = addsToMine || other & ~mine != 0
            addsToOther = addsToOther || mine & ~other != 0
            scratch[page * PastTable.pageWords + index] = mine | other
        }
        guard addsToMine else { return }
        origin[page] = addsToOther ? PastTable.dirty : number
    }

    private mutating func insert(_ event: Int) {
        let bit = UInt64(1) << UInt64(event & 63)
        guard scratch[event >> 6] & bit == 0 else { return }
        scratch[event >> 6] |= bit
        origin[event >> PastTable.pageShift] = PastTable.dirty
    }

    private mutating func keep(_ page: Int) -> Int32 {
        let start = page * PastTable.pageWords
        pages.append(contentsOf: scratch[start..<start + PastTable.pageWords])
        return Int32(pages.count / PastTable.pageWords - 1)
    }
}
