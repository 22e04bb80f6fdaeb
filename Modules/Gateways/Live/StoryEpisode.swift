import Replication

/// A counter that rises: told once it has rested, or has risen for long.
struct StoryEpisode: Sendable {
    /// In pictures.
    static let rest = 2
    private static let longest = 30

    let kind: StoryEvent.Kind
    private let counters: [any KeyPath<ShardCounters, Int> & Sendable]
    private let what: @Sendable (Int) -> String
    private var last: Int?
    private var risen = 0
    private var age = 0
    private var rested = 0

    private init(
        _ kind: StoryEvent.Kind, _ counters: [any KeyPath<ShardCounters, Int> & Sendable],
        _ what: @escaping @Sendable (Int) -> String
    ) {
        self.kind = kind
        self.counters = counters
        self.what = what
    }

    func text(_ count: Int) -> String { what(count) }

    /// - Returns: by how much it rose, where that is to be told now.
    mutating func observe(_ value: (KeyPath<ShardCounters, Int>) -> Int) -> Int? {
        let now = counters.reduce(0) { $0 + value($1) }
        let growth = now - (last ?? now)
        last = now
        risen += max(0, growth)
        guard risen > 0 else { return nil }
        age += 1
        rested = growth > 0 ? 0 : rested + 1
        guard rested == Self.rest || age == Self.longest else { return nil }
        defer { (risen, age, rested) = (0, 0, 0) }
        return risen
    }

    static let all: [StoryEpisode] = [
        StoryEpisode(.conflicts, [\.siblingsRead]) { "met siblings in \(counted($0, "read"))" },
        StoryEpisode(.quorum, [\.quorumsUnmet]) { "had no quorum for \(counted($0, "request"))" },
        StoryEpisode(.quorum, [\.timeouts]) { "timed out in \(counted($0, "request"))" },
        StoryEpisode(.overload, [\.shed]) { "turned away \(counted($0, "request")): too many at once" },
        StoryEpisode(.overload, [\.hintsRefused]) { "refused \(counted($0, "hint")): too many are kept" },
        StoryEpisode(.hints, [\.hintsCovered]) { "handed \(counted($0, "hint")) of former owners to the present ones" },
        StoryEpisode(.repair, [\.readRepairs]) { "repaired a replica after \(counted($0, "read"))" },
        StoryEpisode(.repair, [\.syncRecordsSent]) { "sent \(counted($0, "record")) by anti-entropy" },
        StoryEpisode(.repair, [\.syncRecordsReceived]) { "got \(counted($0, "record")) by anti-entropy" },
        StoryEpisode(.transfer, [\.recordsStreamedIn]) { "got \(counted($0, "record")) of ranges that it gains" },
        StoryEpisode(.transfer, [\.recordsStreamedOut]) { "gave \(counted($0, "record")) of its ranges to others" },
        StoryEpisode(.transfer, [\.recordsDropped]) { "dropped \(counted($0, "record")) that it no longer owns" },
        StoryEpisode(.storage, [\.corruptRecords]) { "found \(counted($0, "damaged record"))" },
        StoryEpisode(.storage, [\.storageFailures]) { "met \(counted($0, "failure")) of its disk" },
    ]
}
