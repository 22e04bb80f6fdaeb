import StatorCore

/// Causal metadata for people.
enum CausalityText {
    /// An actor with its incarnation shortened to four hexadecimal digits: `A/0/1f2e…`.
    static func actor(_ actor: Actor) -> String {
        "\(actor.node)/\(actor.shard)/\(Token(actor.incarnation).description.prefix(4))…"
    }

    static func dot(_ dot: Dot) -> String {
        "\(actor(dot.actor)):\(dot.counter)"
    }

    /// `{…, …}`, cut after ``ResolverLimits/describedEntries``.
    static func list<Element>(_ elements: [Element], _ describe: (Element) -> String) -> String {
        var parts = elements.prefix(ResolverLimits.describedEntries).map(describe)
        let left = elements.count - parts.count
        if left > 0 { parts.append("and \(left) more") }
        return "{" + parts.joined(separator: ", ") + "}"
    }
}
