internal import StatorCore

/// A file's bytes as programs see them, and how to take back what no sync has made durable.
///
/// What was written is kept only where a program reads it, in the content; a change remembers its place and what it
/// replaced. An append so costs its copy and 48 bytes, a sync nothing, and the work falls to the crash.
final class Inode {
    private(set) var content: [UInt8] = []
    /// In the order in which they were made.
    private var unsynced: [UnsyncedChange] = []
    private var hasLostChanges = false
    /// Under how many paths programs find it.
    var names = 0

    var size: Int { content.count }

    init(content: [UInt8] = []) {
        self.content = content
    }

    /// Overwrites and extends, with zeros up to the offset where the content ends before it.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let sizeBefore = content.count
        if offset == sizeBefore {
            content.append(contentsOf: bytes)
            note(UnsyncedChange(offset: offset, count: bytes.count, replaced: [], sizeBefore: sizeBefore))
            return
        }
        let replaced = Array(content[min(offset, sizeBefore)..<min(offset + bytes.count, sizeBefore)])
        content.put(bytes, at: offset)
        note(UnsyncedChange(offset: offset, count: bytes.count, replaced: replaced, sizeBefore: sizeBefore))
    }

    /// Appends zeros up to a size; nothing happens where the content reaches it.
    func extend(to size: Int) {
        let sizeBefore = content.count
        guard size > sizeBefore else { return }
        content.append(contentsOf: repeatElement(0, count: size - sizeBefore))
        note(UnsyncedChange(offset: sizeBefore, count: size - sizeBefore, replaced: [], sizeBefore: sizeBefore))
    }

    func cutOff(at size: Int) {
        let cut = Array(content[size...])
        note(UnsyncedChange(offset: size, count: nil, replaced: cut, sizeBefore: content.count))
        content.removeSubrange(size...)
    }

    /// Changes bytes behind every program's back: durable at once, and nothing beyond the end.
    func damage(with bytes: UnsafeRawBufferPointer, at offset: Int) {
        content.put(UnsafeRawBufferPointer(rebasing: bytes.prefix(max(0, content.count - offset))), at: offset)
    }

    func flipBit(_ bit: Int, at offset: Int) {
        content[offset] ^= 1 << UInt8(bit & 7)
    }

    /// Replaces all bytes, durably.
    func replaceContent(_ bytes: [UInt8]) {
        content = bytes
        forgetUnsynced()
    }

    func endSync() {
        guard hasLostChanges else { return forgetUnsynced() }
        for index in unsynced.indices where unsynced[index].fate == .open { unsynced[index].fate = .kept }
    }

    /// A sync failed: what it covered stays readable and no later sync saves it.
    func failSync() {
        for index in unsynced.indices where unsynced[index].fate == .open {
            unsynced[index].fate = .lost
            hasLostChanges = true
        }
    }

    /// Takes all unsynced changes back, then makes those again that the crash spares.
    func settle(_ fate: UnsyncedFate, using random: inout RandomGenerator, _ counters: inout DiskFaultCounters) {
        guard !unsynced.isEmpty else { return }
        let changes = unsynced
        forgetUnsynced()
        // What each change wrote, read when all later ones are taken back.
        var written: [[UInt8]] = []
        for change in changes.reversed() { written.append(content.takeBack(change)) }
        for change in changes {
            let bytes = written.removeLast()
            switch (change.fate, fate) {
            case (.kept, _), (.open, .kept), (.lost, .kept): redo(change, bytes[...])
            case (.lost, _), (.open, .lost): counters.changesLostAtCrash += 1
            case (.open, .random):
                switch random.below(3) {
                case 0: counters.changesLostAtCrash += 1
                case 1: redo(change, bytes[...])
                default:
                    let kept = change.isWrite ? bytes.prefix(random.below(bytes.count + 1)) : bytes[...]
                    if kept.count < bytes.count { counters.writesTornAtCrash += 1 }
                    redo(change, kept)
                }
            }
        }
    }

    private func redo(_ change: UnsyncedChange, _ bytes: ArraySlice<UInt8>) {
        if change.isWrite {
            if !bytes.isEmpty { bytes.withUnsafeBytes { content.put($0, at: change.offset) } }
        } else if change.offset < content.count {
            content.removeSubrange(change.offset...)
        }
    }

    private func note(_ change: UnsyncedChange) {
        unsynced.append(change)
    }

    private func forgetUnsynced() {
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
