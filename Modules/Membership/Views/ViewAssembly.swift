import StatorCore

/// A view of a higher epoch that is being fetched part by part.
///
/// Parts come in order, one request each; any member that holds the same view can serve the next, so a fetch survives
/// the loss of who started it. The whole is taken only if its digest is the one announced.
struct ViewAssembly {
    enum Outcome {
        /// The part is not the next one: late or repeated. Nothing changed.
        case ignored
        /// Ask for the part that starts at ``ViewAssembly/next``.
        case needsMore
        case complete(View)
        /// The parts do not make the view that was announced.
        case broken
    }

    let summary: ViewSummary
    /// Whom to ask for the next part: whoever announced the view last.
    var source: NodeID
    /// Whether a part came since the last interval.
    var hasProgressed = true
    /// Intervals in a row without a part.
    var stalledIntervals = 0
    private var members: [Member] = []

    init(summary: ViewSummary, source: NodeID) {
        self.summary = summary
        self.source = source
    }

    /// The index of the first member that is missing.
    var next: Int { members.count }

    /// O(members of the part); O(members) for the last one.
    mutating func add(_ part: ViewPart) -> Outcome {
        guard part.first == members.count else { return .ignored }
        for member in part.members {
            if let last = members.last, last.node >= member.node { return .broken }
            members.append(member)
        }
        hasProgressed = true
        if members.count < part.total { return .needsMore }
        let view = View(epoch: summary.epoch, members: members)
        return ViewSummary(of: view) == summary ? .complete(view) : .broken
    }
}
