package import NIOCore
package import Replication
package import StatorCore
internal import Wire

/// One attempt of one link to connect: what drivers name a connection by. A later attempt of the same link has another
/// number, so that what an earlier connection still reports is ignored.
package struct LinkID: Hashable, Sendable {
    /// The link's place in its ``LinkSet``; places are used again.
    package let slot: Int
    /// Unique in the set; from 1.
    package let attempt: UInt64

    /// Names nothing.
    package static let none = LinkID(slot: 0, attempt: 0)
}

/// What goes into the links of a shard.
package enum LinkEvent: Sendable {
    /// Keep a link to every other member of this view, at its present address.
    indirect case follow(View)
    /// Keep a link to a node outside the view until it has been of no use for ``NodeCoreLimits/departedGrace``; asking
    /// again prolongs it.
    case reach(NodeID, Endpoint)
    /// A node keeps a connection to this one, and is still heard on it. A member talks back to one outside the view as long
    /// as it does: it may have left, have something to hand over, and not know who is a member by now.
    case heard(NodeID, Endpoint)
    /// The connection is made.
    case connected(LinkID)
    /// The connection was not made: it was refused, or took longer than ``NodeCoreLimits/connectTimeout``.
    case failed(LinkID)
    case received(LinkID, ByteBuffer)
    /// So many bytes of earlier writes wait in the driver no more.
    case written(LinkID, bytes: Int)
    /// The connection broke, or the other end closed it.
    case ended(LinkID)
    /// The time of a ``LinkEffect/redial(_:after:)`` has come.
    case redial(LinkID)
    /// Comes every ``NodeCoreLimits/linkTick``.
    case tick
    /// An experiment asks for other faults.
    case faults(NetworkFaults)
    /// Ends all links for good.
    case close
}

/// What the links of a shard ask of their driver, to be carried out in order.
package enum LinkEffect: Sendable {
    /// Connect, then report ``LinkEvent/connected(_:)`` or ``LinkEvent/failed(_:)``.
    case dial(LinkID, Endpoint)
    /// In order and at most once; report ``LinkEvent/written(_:bytes:)`` when the bytes are off the driver's hands.
    case write(LinkID, ByteBuffer)
    /// End the connection, or the attempt to make it; nothing about it is to be reported any more.
    case close(LinkID)
    /// Report ``LinkEvent/redial(_:)`` after this time.
    case redial(LinkID, after: Duration)
    /// Messages to that node go through (no more).
    case changed(NodeID, isUp: Bool)
    /// Links of shard 0 tell; those of others would say the same.
    case log(ShardLogEntry)
}

/// What the links of a shard count. Driver and machine are on one thread.
package struct LinkCounters: Hashable, Sendable {
    package var framesSent = 0
    package var bytesSent = 0
    package var framesDropped = 0
    package var malformedFrames = 0
    /// Links that are up now.
    package var linksUp = 0
    /// Writes handed to the driver: with ``framesSent`` they show how well frames are coalesced.
    package var writes = 0
    /// Links that went down after they had been up.
    package var linksBroken = 0

    package init() {}
}

/// Where in a link's staged bytes a frame is, and of which write.
struct StagedFrame {
    var number: UInt64 = 0
    var start = 0
    var end = 0

    /// Of the frame's payload.
    var size: Int { end - start - Frame.overhead }
}
