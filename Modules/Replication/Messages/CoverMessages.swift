package import StatorCore

/// What a node that lets ranges go holds of them: a question to one of their owners, who answers which of it is not held
/// there.
package struct CoverRequest: Hashable, Sendable {
    /// A record that the asking node holds.
    package struct Entry: Hashable, Sendable {
        package var token: Token
        package var key: Key
        package var digest: Digest

        package init(token: Token, key: Key, digest: Digest) {
            self.token = token
            self.key = key
            self.digest = digest
        }
    }

    package var request: RequestID
    /// The asking node's epoch: whoever owns the keys since another one refuses.
    package var epoch: Epoch
    /// In the order of tokens, then keys; at least one, at most ``ReplicationLimits/recordsPerMessage``.
    package var entries: [Entry]

    package init(request: RequestID, epoch: Epoch, entries: [Entry]) {
        self.request = request
        self.epoch = epoch
        self.entries = entries
    }
}

package enum CoverOutcome: Hashable, Sendable {
    /// All but these are durable here with the same digest: positions in the request, rising.
    case differing([Int])
    case refused(Refusal)
}
