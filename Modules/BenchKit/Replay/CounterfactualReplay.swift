package import Checking
package import ConflictResolution

/// Replays a history's writes through another conflict resolver: what would it have kept, lost and multiplied?
///
/// A recorded history says which writes each write had seen. That does not depend on how the store kept them, so the
/// same writes can be handed to any ``ConflictResolution/ConflictResolver``, whose outcome is then compared with an
/// oracle of explicit event sets: what nobody superseded has to be shown, and nothing else (the model against which
/// Preguiça et al., PODC 2012, judge causality mechanisms).
///
/// ## Model
///
/// Each key by itself. Events, in a causal order, become records:
///
/// | resolver's argument | here |
/// |---|---|
/// | existing | the merge of the records of what the event saw directly |
/// | basis | `held` as recorded; otherwise the context of existing; `nothing` where the event saw nothing |
/// | content | the text that names the value in the history |
/// | dot | the node that was asked, one incarnation each, its counter rising with time across keys |
/// | wall clock | the event's start, at least a microsecond after what it saw, plus the node's clock offset |
///
/// In the end every replica has merged everything: the merge of all records of the key. A read is replayed as the merge
/// of the records of the events that it showed.
///
/// ## Deviations from a cluster
///
/// 1. A coordinator holds what the write had seen and nothing else; what else it held meets the write in the end. It
///    is said to have forgotten its own writes that the new one did not see
///    (``ConflictResolution/WriteStamp/forgotAt``), so that dotted version vectors do not claim them; their contexts
///    are some bytes longer for it where such a write is the coordinator's first to the key.
/// 2. Every record meets every other in the end, also those that all replicas had replaced. A resolver whose metadata is
///    truncated brings back more than it would in most clusters: an upper bound.
/// 3. The node that was asked coordinates, also where one would have passed the write on to a replica: more actors.
/// 4. The reads stay what they were. A client that had been shown something else might have written something else.
/// 5. A context is presented together with what it covers, so the bound that hybrid clocks set on the drift of contexts
///    never refuses one.
///
/// Deterministic for a plan and a resolver.
package struct CounterfactualReplay: Sendable {
    private let plan: ReplayPlan
    private let resolver: any ConflictResolver
    private let kind: String

    /// - Parameters:
    ///   - plan: may serve several replays.
    ///   - kind: the name in the report.
    package init(_ plan: ReplayPlan, resolver: any ConflictResolver, kind: String) {
        self.plan = plan
        self.resolver = resolver
        self.kind = kind
    }

    /// One replay of its own; several of one history share a ``ReplayPlan``.
    package init(
        _ history: History, resolver: any ConflictResolver, kind: String, options: ReplayOptions = ReplayOptions()
    ) {
        self.init(ReplayPlan(history, options: options), resolver: resolver, kind: kind)
    }

    /// What a resolver refuses is counted, so this cannot fail.
    ///
    /// - Complexity: O((events + reads) x siblings) calls' worth of the resolver's work.
    package func run() -> ReplayOutcome {
        var outcome = ReplayOutcome(kind: kind)
        outcome.assumedPasts = plan.assumedPasts
        outcome.blindWrites = plan.blindWrites
        for key in plan.keys {
            var replay = KeyReplay(key, plan, resolver)
            replay.makeRecords(&outcome)
            replay.compareEnd(&outcome)
            replay.compareReads(&outcome)
        }
        return outcome
    }
}
