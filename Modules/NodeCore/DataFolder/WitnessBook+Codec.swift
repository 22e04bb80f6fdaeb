internal import NIOCore
internal import Replication
internal import StatorCore

/// The witness file: per node, ascending, the incarnations that are known of it, the latest last.
extension WitnessBook {
    static let kind = "STWI"
    static let format: UInt8 = 1

    func encoded() -> ByteBuffer {
        var content = ByteBuffer()
        content.writeVarint(UInt64(pages.count))
        for page in pages {
            content.writeNodeID(page.node)
            content.writeVarint(UInt64(page.entries.count))
            for entry in page.entries {
                content.writeMultipleIntegers(entry.incarnation, entry.end, entry.life, entry.epoch.number)
            }
        }
        return SealedFile.seal(content, kind: WitnessBook.kind, format: WitnessBook.format)
    }

    static func decode(_ bytes: ByteBuffer) throws(CodecError) -> WitnessBook {
        var content = try SealedFile.open(bytes, kind: kind, format: format)
        var pages: [Page] = []
        for _ in 0..<(try content.readCount("nodes", maximum: View.maximumMembers)) {
            let node = try content.readNodeID()
            var entries: [Entry] = []
            for _ in 0..<(try content.readCount("incarnations", maximum: remembered)) {
                entries.append(
                    Entry(
                        incarnation: try content.readFixed("incarnation", as: UInt64.self),
                        end: try content.readFixed("lease's end", as: UInt64.self),
                        life: try content.readFixed("life", as: UInt64.self),
                        epoch: Epoch(try content.readFixed("epoch", as: UInt64.self))))
            }
            pages.append(Page(node: node, entries: entries))
        }
        try content.expectEnd("the file")
        return WitnessBook(pages: pages)
    }
}
