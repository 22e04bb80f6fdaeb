package import NIOCore
package import StatorCore

/// What the membership machine of one node sends to that of another.
package enum MembershipMessage: Hashable, Sendable {
    /// The membership strategy's own bytes, tagged with its kind.
    case strategy(kind: String, bytes: ByteBuffer)

    /// An outsider asks to be let in as this member; the receiver proposes it.
    case joinRequest(Member)
    /// The receiver's answer to a join request or an aborted proposal's news: a sentence.
    case changeRefused(String)

    /// Lock for this view, the successor of yours.
    case propose(ChangeID, View)
    case vote(ChangeID, refusal: String?)
    /// All have locked: adopt the view.
    case commit(ChangeID, View)
    case committed(ChangeID)
    /// Some refused: unlock.
    case abort(ChangeID)

    /// Remember this lease of the sender's.
    case witness(LeaseClaim)
    case witnessed(LeaseClaim, LeaseVerdict)

    /// The sender has durably received every range that it gains in the next epoch.
    case streamed(Epoch)
    case streamedNoted(Epoch)
}

/// One proposal of a change, unique among all.
package struct ChangeID: Hashable, Sendable {
    package let proposer: NodeID
    package let number: UInt64

    package init(proposer: NodeID, number: UInt64) {
        self.proposer = proposer
        self.number = number
    }
}
