import StatorCore

/// Something that a node did or met, for people who watch.
struct StoryEvent: Equatable, Sendable {
    enum Kind: String, Sendable {
        case started, ready, failure, view, liveness, hints, conflicts, quorum, overload, repair, transfer, storage
        case faults
    }

    /// Rises by one with every event of a node's run.
    var number: Int
    var time: WallTime
    var kind: Kind
    /// The node that it is about, where that is not the one that tells it.
    var about: NodeID?
    /// How many, where there is something to count.
    var count: Int?
    /// What is said of the telling node: `hears nothing from C`.
    var text: String

    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("number", number)
            json.member("time", time.isoText)
            json.member("time_ms", Int(time.microseconds / 1000))
            json.member("kind", kind.rawValue)
            json.member("about", about?.name)
            if let count { json.member("count", count) } else { json.null("count") }
            json.member("text", text)
        }
    }
}
