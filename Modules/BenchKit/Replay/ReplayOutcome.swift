/// What one resolver makes of a history; see ``CounterfactualReplay``.
///
/// A write or delete is *kept* where the end shows it, or shows something that superseded it, directly or not; a write
/// that only a lost write superseded is lost too, as in `lost-writes`. Acknowledged ones are kept, lost or refused.
package struct ReplayOutcome: Hashable, Sendable {
    /// The resolver's name in reports.
    package let kind: String

    // Of the history, the same for every resolver.

    /// Keys that were written.
    package internal(set) var keys = 0
    /// Writes and deletes that were replayed: acknowledged ones and those of unknown outcome.
    package internal(set) var events = 0
    package internal(set) var acknowledged = 0
    package internal(set) var unknown = 0
    /// Values that nothing superseded: what a resolver shows that loses nothing and multiplies nothing.
    package internal(set) var unsupersededValues = 0
    /// Keys with more than one of these.
    package internal(set) var concurrentKeys = 0
    /// See ``ReplayPlan/assumedPasts``.
    package internal(set) var assumedPasts = 0
    /// See ``ReplayPlan/blindWrites``.
    package internal(set) var blindWrites = 0

    // Acknowledged events.

    package internal(set) var kept = 0
    package internal(set) var lost = 0
    /// Of the lost ones those that had superseded something shown: time was taken for order.
    package internal(set) var lostAfterSuperseding = 0
    /// Of the lost ones those that nothing superseded: the last that anybody said there.
    package internal(set) var lostUnsuperseded = 0
    /// Writes and deletes that the resolver refused to carry out, acknowledged or not, and merges that it refused.
    package internal(set) var refused = 0
    package internal(set) var refusedAcknowledged = 0
    package internal(set) var refusedMerges = 0

    // What the end shows.

    /// Live versions in the end, over all keys.
    package internal(set) var values = 0
    /// Of these the ones of unknown outcome.
    package internal(set) var unknownValues = 0
    /// Live versions beside something that superseded them.
    package internal(set) var falseSiblings = 0
    /// Live versions of a write that is shown already.
    package internal(set) var repeated = 0
    /// Live versions that an acknowledged delete had superseded.
    package internal(set) var resurrected = 0
    /// Versions that no replayed event made: 0 for a sound resolver that tells its versions' dots.
    package internal(set) var strange = 0
    package internal(set) var keysWithValues = 0
    package internal(set) var keysWithSiblings = 0
    package internal(set) var maximumSiblings = 0
    /// Bytes of all records in the end without their live values, and how many records these are.
    package internal(set) var metadataBytes = 0
    package internal(set) var records = 0

    // Reads of the history that showed something, all of it known.

    package internal(set) var reads = 0
    /// As recorded, and as this resolver would have shown what the read showed.
    package internal(set) var readsOfSeveralRecorded = 0
    package internal(set) var readsOfSeveral = 0
    /// Reads that would have hidden an acknowledged event that they showed, unless by one that superseded it.
    package internal(set) var readsHiding = 0
    /// Of these the ones that would have hidden the latest.
    package internal(set) var readsHidingLatest = 0

    /// The first ones of each category, in the order of keys and events.
    package internal(set) var examples: [ReplayExample] = []

    init(kind: String) {
        self.kind = kind
    }

    package var lostToConcurrent: Int { lost - lostAfterSuperseding }

    /// Live versions of a key that has any; 0 where none has.
    package var meanSiblings: Double { keysWithValues == 0 ? 0 : Double(values) / Double(keysWithValues) }

    /// Bytes; 0 where there is no record.
    package var meanMetadataBytes: Double { records == 0 ? 0 : Double(metadataBytes) / Double(records) }

    mutating func add(_ example: @autoclosure () -> ReplayExample, _ category: ReplayExample.Category, atMost: Int) {
        guard examples.count(where: { $0.category == category }) < atMost else { return }
        examples.append(example())
    }
}
