/// One case of what a replay counts, for people.
package struct ReplayExample: Hashable, Sendable {
    /// What it is an example of, in the order of reports.
    package enum Category: String, Hashable, Sendable, CaseIterable {
        case lostToConcurrent = "lost to a concurrent write"
        case lostAfterSuperseding = "lost to what it had superseded"
        case resurrected = "deleted and shown again"
        case falseSibling = "shown beside what superseded it"
        case repeated = "shown twice"
        case refused = "refused by the resolver"
        case hidden = "hidden from a read"
    }

    package let category: Category
    package let key: String
    /// Ids of the operations concerned, the one that the sentence is about first.
    package let operations: [Int]
    /// A sentence.
    package let text: String
}
