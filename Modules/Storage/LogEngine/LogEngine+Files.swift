internal import StatorCore

/// Names and handles of the files.
extension LogEngine {
    enum FileKind: String {
        case log, hint
    }

    func path(_ number: UInt32, _ kind: FileKind) -> String {
        let digits = String(number)
        return "\(folder)/\(String(repeating: "0", count: 10 - digits.count))\(digits).\(kind.rawValue)"
    }

    func temporaryPath(_ number: UInt32, _ kind: FileKind) -> String { path(number, kind) + ".tmp" }

    /// The number in a file's name of the given ending, or `nil` where it is no name of ours.
    static func number(in name: String, ending: String) -> UInt32? {
        guard name.hasSuffix(ending), name.utf8.count == 10 + ending.utf8.count else { return nil }
        let digits = name.utf8.prefix(10)
        guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return UInt32(String(name.prefix(10)))
    }

    /// O(log segments).
    func segment(_ number: UInt32) -> LogSegment? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) >> 1
            if segments[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].number == number ? segments[low] : nil
    }

    func insert(_ segment: LogSegment) {
        let position = segments.firstIndex { $0.number > segment.number } ?? segments.count
        segments.insert(segment, at: position)
    }

    /// The segment's open file, opened where it is not.
    func file(of segment: LogSegment) throws(StorageError) -> any DiskFile {
        clock += 1
        segment.lastUse = clock
        if let file = segment.file { return file }
        let file = try onDisk { () throws(DiskError) in try disk.open(path(segment.number, .log), creating: false) }
        segment.file = file
        openFiles += 1
        closeLeastUsed(but: segment)
        return file
    }

    func closeFile(of segment: LogSegment) {
        guard let file = segment.file else { return }
        file.close()
        segment.file = nil
        openFiles -= 1
    }

    /// Keeps to the limit of open files, but for those that a sync needs. O(segments) for each one closed.
    func closeLeastUsed(but kept: LogSegment) {
        while openFiles > settings.openFiles {
            var oldest: LogSegment?
            for candidate in segments where candidate.file != nil && candidate !== kept {
                guard isSealed(candidate), !isBeingRead(candidate) else { continue }
                if let found = oldest, found.lastUse <= candidate.lastUse { continue }
                oldest = candidate
            }
            guard let oldest else { return }
            closeFile(of: oldest)
        }
    }

    /// Whether a merge or a hint job holds the segment's file.
    private func isBeingRead(_ segment: LogSegment) -> Bool {
        hintJob?.segment === segment || merge?.inputs.contains { $0 === segment } == true
    }

    /// Whether nothing is appended to it any more and all of it is durable.
    func isSealed(_ segment: LogSegment) -> Bool {
        segment !== active && !dirty.contains { $0 === segment }
            && sync?.segments.contains { $0 === segment } != true
    }
}
