import Hashing
import NIOCore
import StatorCore

/// What a message says about the view that its sender holds: enough to see who is behind, whatever the view's size.
///
/// The digest is XXH3 over the view's encoding, epoch included. Two nodes with equal summaries hold the same members in
/// the same order, so they may name members by their index.
struct ViewSummary: Hashable, Sendable {
    let epoch: Epoch
    let digest: UInt64

    init(epoch: Epoch, digest: UInt64) {
        self.epoch = epoch
        self.digest = digest
    }

    /// O(members).
    init(of view: View) {
        var encoding = ByteBuffer()
        encoding.writeView(view)
        self.init(epoch: view.epoch, digest: XXHash.xxh3(encoding))
    }
}

extension ByteBuffer {
    mutating func writeViewSummary(_ summary: ViewSummary) {
        writeVarint(summary.epoch.number)
        writeInteger(summary.digest)
    }

    mutating func readViewSummary() throws(CodecError) -> ViewSummary {
        let epoch = Epoch(try readVarint("summary's epoch"))
        return ViewSummary(epoch: epoch, digest: try readFixed("summary's digest", as: UInt64.self))
    }
}
