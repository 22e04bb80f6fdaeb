internal import NodeClient

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What was done to the nodes from outside: the supervisor's part of the story.
struct ClusterStory {
    private static let capacity = 512

    struct Event {
        let number: Int
        let milliseconds: Int
        let about: String?
        let text: String

        var json: JSONValue {
            .fields([
                "number": .integer(number), "time_ms": .integer(milliseconds), "kind": .string("supervisor"),
                "about": about.map(JSONValue.string) ?? .null, "count": .null, "text": .string(text),
            ])
        }
    }

    private(set) var events: [Event] = []
    private(set) var end = 1
    let started = ClusterStory.now()

    mutating func tell(_ text: String, about node: String? = nil) {
        if events.count == Self.capacity { events.removeFirst(Self.capacity / 4) }
        events.append(Event(number: end, milliseconds: Self.now(), about: node, text: text))
        end += 1
    }

    func events(since number: Int) -> [Event] { events.filter { $0.number >= number } }

    static func now() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }
}
