internal import Replication
internal import StatorCore

/// A claim on a lease of dots, and what its witness says.
extension ByteWriter {
    mutating func writeLeaseClaim(_ claim: LeaseClaim) {
        writeInteger(claim.lease.incarnation)
        writeVarint(claim.lease.end)
        writeBoolean(claim.follows != nil)
        if let follows = claim.follows { writeVarint(follows) }
        writeBoolean(claim.isWitnessed)
        writeInteger(claim.life)
        writeEpoch(claim.epoch)
    }

    mutating func writeLeaseVerdict(_ verdict: LeaseVerdict) {
        switch verdict {
        case .kept: writeInteger(UInt8(1))
        case .refused(let lastLife):
            writeInteger(UInt8(2))
            writeBoolean(lastLife != nil)
            if let lastLife { writeInteger(lastLife) }
        case .otherEpoch(let epoch):
            writeInteger(UInt8(3))
            writeEpoch(epoch)
        }
    }
}

extension ByteReader {
    mutating func readLeaseClaim() throws(CodecError) -> LeaseClaim {
        let lease = DotLease(
            incarnation: try readFixed("incarnation", as: UInt64.self), end: try readVarint("lease's end"))
        let follows = try readBoolean("claim") ? try readVarint("lease that it follows") : nil
        return LeaseClaim(
            lease: lease, follows: follows, isWitnessed: try readBoolean("claim"),
            life: try readFixed("life", as: UInt64.self), epoch: try readEpoch())
    }

    mutating func readLeaseVerdict() throws(CodecError) -> LeaseVerdict {
        switch try readTag("verdict") {
        case 1: return .kept
        case 2: return .refused(lastLife: try readBoolean("verdict") ? try readFixed("life", as: UInt64.self) : nil)
        case 3: return .otherEpoch(try readEpoch())
        case let other: throw .invalid(what: "verdict", found: "tag \(other)")
        }
    }
}
