package import StatorCore

/// The link on which a node sends to another one, as its dialling end sees it.
package struct LinkReport: Hashable, Sendable {
    package var node: NodeID
    package var endpoint: Endpoint
    package var isUp: Bool
    /// For how long it has been up, or has not been.
    package var lasting: Duration
    /// Why the last attempt failed; `nil` while it is up and before the first attempt has ended.
    package var trouble: LinkTrouble?

    package init(node: NodeID, endpoint: Endpoint, isUp: Bool, lasting: Duration, trouble: LinkTrouble? = nil) {
        self.node = node
        self.endpoint = endpoint
        self.isUp = isUp
        self.lasting = lasting
        self.trouble = trouble
    }
}

/// Why a link is not up.
package struct LinkTrouble: Hashable, Sendable {
    package enum Cause: String, Sendable {
        /// The other node does not let this one in: they run with different settings or versions.
        case refused
        /// The other node has no room for connections.
        case full
        /// Another node answers at the address.
        case otherNode = "other_node"
        /// No connection can be made.
        case unreachable
        /// The connection is there, and nothing is heard on it.
        case silent
        /// The other end closed the connection.
        case closed
        /// What answers is no node.
        case foreign
    }

    package var cause: Cause
    package var reason: String
    /// What the two nodes differ in, where that is why.
    package var difference: SettingDifference?

    package init(_ cause: Cause, _ reason: String, _ difference: SettingDifference? = nil) {
        self.cause = cause
        self.reason = reason
        self.difference = difference
    }
}

/// A setting that two nodes should have alike and have not, as one of them sees it.
package struct SettingDifference: Hashable, Sendable, CustomStringConvertible {
    package var setting: String
    package var own: String
    package var theirs: String

    package init(_ setting: String, own: String, theirs: String) {
        self.setting = setting
        self.own = own
        self.theirs = theirs
    }

    package var description: String { "\(setting) is \(own) here and \(theirs) there" }
}

/// A node that dialled this one lately and was not let in.
package struct RefusedCaller: Hashable, Sendable {
    /// The name that it gave; `nil` where its version could not be read further.
    package var node: NodeID?
    /// Where it says that it listens for peers; otherwise where it came from.
    package var address: String
    package var reason: String
    package var difference: SettingDifference?
    /// How often, since it was let in or began to call.
    package var refusals: Int
    /// The time since the last one.
    package var age: Duration

    package init(
        node: NodeID?, address: String, reason: String, difference: SettingDifference?, refusals: Int, age: Duration
    ) {
        self.node = node
        self.address = address
        self.reason = reason
        self.difference = difference
        self.refusals = refusals
        self.age = age
    }
}
