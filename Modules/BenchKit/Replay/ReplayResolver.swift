package import Composition
package import ConflictResolution

/// A resolver to replay with, by the name that selects it in JSON.
package struct ReplayResolver: Sendable {
    package let kind: String
    package let resolver: any ConflictResolver

    /// Why a list of resolvers cannot be replayed with.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let found: String
        package let expected: String

        package var description: String { "found \(found), expected \(expected)" }
    }

    /// With any settings; ``named(_:in:)`` makes those with the defaults.
    package init(kind: String, resolver: any ConflictResolver) {
        self.kind = kind
        self.resolver = resolver
    }

    /// - Parameters:
    ///   - list: kinds joined by commas, as `lww-wall,dotted-version-vector`.
    ///   - registry: the kinds that there are; each is made with its default settings.
    /// - Throws: at the first kind that is unknown or there twice.
    package static func named(
        _ list: String, in registry: StrategyRegistry = .standard
    ) throws(Refusal) -> [ReplayResolver] {
        let known = registry.conflictResolvers.map(\.kind)
        var resolvers: [ReplayResolver] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let kind = String(part)
            guard let entry = registry.conflictResolvers.first(where: { $0.kind == kind }) else {
                let suggestion = NearestName.suggestion(for: kind, among: known).map { "; \($0)" } ?? ""
                throw Refusal(
                    found: "the conflict resolver \(JSONValue.quoted(kind))",
                    expected: "kinds joined by commas, of " + known.joined(separator: ", ") + suggestion)
            }
            guard !resolvers.contains(where: { $0.kind == kind }) else {
                throw Refusal(found: "the conflict resolver \(kind) again", expected: "each kind once")
            }
            resolvers.append(ReplayResolver(kind: kind, resolver: entry.makeWithDefaults()))
        }
        return resolvers
    }
}
