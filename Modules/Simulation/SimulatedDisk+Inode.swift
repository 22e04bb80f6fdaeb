internal import StatorCore

/// A file, whatever its names; open files keep it when it has none.
final class Inode {
    /// One property, so that a call is one access that the runtime checks for exclusivity.
    var file: FileContent
    /// Under how many paths programs find it.
    var names = 0

    /// Which file it is: no other of its disk has this number, also none that was put back.
    let number: UInt64

    init(_ content: [UInt8] = [], number: UInt64) {
        self.number = number
        file = FileContent(bytes: content)
    }
}

/// A file's bytes as programs see them, and how to take back what no sync has made durable.
///
/// What was written is kept only where a program reads it, in the bytes; a change remembers its place and what it
/// replaced. An append so costs its copy and 48 bytes, a sync nothing, and the work falls to the crash.
struct FileContent {
    private(set) var bytes: [UInt8] = []
    /// In the order in which they were made.
    private var unsynced: [UnsyncedChange] = []
    private var hasLostChanges = false

    var size: Int { bytes.count }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Overwrites and extends, with zeros up to the offset where the content ends before it.
    /// - Returns: how many bytes the file grew by.
    @discardableResult
    mutating func write(_ written: UnsafeRawBufferPointer, at offset: Int) -> Int {
        let sizeBefore = bytes.count
        var replaced: [UInt8] = []
        if offset == sizeBefore {
            bytes.append(contentsOf: written)
        } else {
            replaced = Array(bytes[min(offset, sizeBefore)..<min(offset + written.count, sizeBefore)])
            bytes.put(written, at: offset)
        }
        unsynced.append(
            UnsyncedChange(offset: offset, count: written.count, replaced: replaced, sizeBefore: sizeBefore))
        return bytes.count - sizeBefore
    }

    /// Appends zeros up to a size; nothing happens where the content reaches it.
    mutating func extend(to size: Int) {
        let sizeBefore = bytes.count
        guard size > sizeBefore else { return }
        bytes.append(contentsOf: repeatElement(0, count: size - sizeBefore))
        unsynced.append(
            UnsyncedChange(offset: sizeBefore, count: size - sizeBefore, replaced: [], sizeBefore: sizeBefore))
    }

    mutating func cutOff(at size: Int) {
        let cut = Array(bytes[size...])
        unsynced.append(UnsyncedChange(offset: size, count: nil, replaced: cut, sizeBefore: bytes.count))
        bytes.removeSubrange(size...)
    }

    /// Changes bytes behind every program's back: durable at once, and nothing beyond the end.
    mutating func damage(with written: UnsafeRawBufferPointer, at offset: Int) {
        bytes.put(UnsafeRawBufferPointer(rebasing: written.prefix(max(0, bytes.count - offset))), at: offset)
    }

    mutating func flipBit(_ bit: Int, at offset: Int) {
        bytes[offset] ^= 1 << UInt8(bit & 7)
    }

    /// Replaces all bytes, durably.
    mutating func replaceAll(with content: [UInt8]) {
        bytes = content
        forgetUnsynced()
    }

    mutating func endSync() {
        guard hasLostChanges else { return forgetUnsynced() }
        for index in unsynced.indices where unsynced[index].fate == .open { unsynced[index].fate = .kept }
    }

    /// A sync failed: what it covered stays readable and no later sync saves it.
    mutating func failSync() {
        for index in unsynced.indices where unsynced[index].fate == .open {
            unsynced[index].fate = .lost
            hasLostChanges = true
        }
    }

    /// Takes all unsynced changes back, then makes those again that the crash spares.
    mutating func settle(_ fate: UnsyncedFate, using random: inout RandomGenerator, _ counters: inout DiskFaultCounters)
    {
        guard !unsynced.isEmpty else { return }
        let changes = unsynced
        forgetUnsynced()
        // What each change wrote, read when all later ones are taken back.
        var written: [[UInt8]] = []
        for change in changes.reversed() { written.append(bytes.takeBack(change)) }
        for change in changes {
            let whole = written.removeLast()
            switch (change.fate, fate) {
            case (.kept, _), (.open, .kept), (.lost, .kept): redo(change, whole[...])
            case (.lost, _), (.open, .lost): counters.changesLostAtCrash += 1
            case (.open, .random):
                switch random.below(3) {
                case 0: counters.changesLostAtCrash += 1
                case 1: redo(change, whole[...])
                default:
                    let kept = change.isWrite ? whole.prefix(random.below(whole.count + 1)) : whole[...]
                    if kept.count < whole.count { counters.writesTornAtCrash += 1 }
                    redo(change, kept)
                }
            }
        }
    }

    private mutating func redo(_ change: UnsyncedChange, _ written: ArraySlice<UInt8>) {
        if change.isWrite {
            if !written.isEmpty { written.withUnsafeBytes { bytes.put($0, at: change.offset) } }
        } else if change.offset < bytes.count {
            bytes.removeSubrange(change.offset...)
        }
    }

    private mutating func forgetUnsynced() {
        unsynced.removeAll(keepingCapacity: true)
        hasLostChanges = false
    }
}

/// One write or truncation since the last sync.
struct UnsyncedChange {
    let offset: Int
    /// How many bytes were written; `nil` where the file was cut off at the offset.
    let count: Int?
    /// What lay at the offset before; for a truncation what was cut off.
    let replaced: [UInt8]
    let sizeBefore: Int
    var fate = Fate.open

    var isWrite: Bool { count != nil }

    /// What later syncs made of it: drawn at a crash, kept after a sync, lost after a failed one.
    enum Fate { case open, kept, lost }
}

extension [UInt8] {
    /// Overwrites and extends, with zeros up to the offset where the content ends before it.
    fileprivate mutating func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if offset > count { append(contentsOf: repeatElement(0, count: offset - count)) }
        let overwritten = Swift.min(bytes.count, count - offset)
        if overwritten > 0 {
            withUnsafeMutableBytes { content in
                UnsafeMutableRawBufferPointer(rebasing: content[offset..<offset + overwritten])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(overwritten)))
            }
        }
        if overwritten < bytes.count { append(contentsOf: bytes.dropFirst(overwritten)) }
    }

    /// Undoes a change; changes are undone from the last to the first.
    /// - Returns: what it had written.
    fileprivate mutating func takeBack(_ change: UnsyncedChange) -> [UInt8] {
        guard let written = change.count else {
            append(contentsOf: change.replaced)
            return []
        }
        let bytes = Array(self[change.offset..<change.offset + written])
        removeSubrange(Swift.min(change.sizeBefore, count)...)
        change.replaced.withUnsafeBytes { put($0, at: Swift.min(change.offset, count)) }
        return bytes
    }
}
