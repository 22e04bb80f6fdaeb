package import Composition

extension ReplayOutcome {
    /// All figures and examples, members in a fixed order.
    package var json: JSONValue {
        .object(
            [JSONMember("resolver", .text(kind))]
                + counts.map { JSONMember($0.name, .integer($0.count)) }
                + [
                    JSONMember("meanSiblings", .number(meanSiblings)),
                    JSONMember("meanMetadataBytes", .number(meanMetadataBytes)),
                    JSONMember("examples", .array(examples.map(\.json))),
                ])
    }

    private var counts: [(name: String, count: Int)] {
        [
            ("keys", keys), ("events", events), ("acknowledged", acknowledged), ("unknown", unknown),
            ("assumedPasts", assumedPasts), ("blindWrites", blindWrites), ("unsupersededValues", unsupersededValues),
            ("concurrentKeys", concurrentKeys), ("kept", kept), ("lost", lost), ("lostToConcurrent", lostToConcurrent),
            ("lostAfterSuperseding", lostAfterSuperseding), ("lostUnsuperseded", lostUnsuperseded),
            ("refused", refused), ("refusedAcknowledged", refusedAcknowledged), ("refusedMerges", refusedMerges),
            ("values", values), ("unknownValues", unknownValues), ("falseSiblings", falseSiblings),
            ("repeated", repeated), ("resurrected", resurrected), ("strange", strange),
            ("keysWithValues", keysWithValues), ("keysWithSiblings", keysWithSiblings),
            ("maximumSiblings", maximumSiblings), ("metadataBytes", metadataBytes), ("records", records),
            ("reads", reads), ("readsOfSeveralRecorded", readsOfSeveralRecorded), ("readsOfSeveral", readsOfSeveral),
            ("readsHiding", readsHiding), ("readsHidingLatest", readsHidingLatest),
        ]
    }
}

extension ReplayExample {
    package var json: JSONValue {
        .object([
            JSONMember("category", .text(category.rawValue)), JSONMember("key", .text(key)),
            JSONMember("operations", .array(operations.map { .integer($0) })), JSONMember("text", .text(text)),
        ])
    }
}
