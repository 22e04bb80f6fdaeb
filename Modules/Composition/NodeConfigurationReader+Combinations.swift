import Membership
import Replication
import StatorCore
import Storage

/// What only shows when parts of a configuration are seen together.
extension NodeConfigurationReader {
    /// No name and no endpoint is used twice, among the members and an outsider.
    mutating func checkMembers(_ members: [MemberSettings], node: NodeSettings) {
        var names: [String: String] = [:]
        var endpoints: [Endpoint: String] = [:]
        for (position, member) in members.enumerated() {
            let path = "cluster.members".field(String(position))
            if let earlier = names[member.name] {
                if !member.name.isEmpty {
                    problems.add(
                        path.field("name"), "\(JSONValue.quoted(member.name)) is the name of \(earlier) already")
                }
            } else {
                names[member.name] = path
            }
            claim(member, at: path, among: &endpoints)
        }
        // A name that is no name says nothing about which entry is meant.
        if !problems.has("node.name"), names[node.name] == nil { claim(node.member, at: "node", among: &endpoints) }
    }

    private mutating func claim(_ member: MemberSettings, at path: String, among endpoints: inout [Endpoint: String]) {
        for (field, text) in [("peer", member.peer), ("http", member.http), ("resp", member.resp)] {
            // Nodes on different machines may well listen on every address at the same port.
            guard let endpoint = Endpoint(parsing: text)?.normalized, !endpoint.isUnspecified else { continue }
            let place = path.field(field)
            if let earlier = endpoints[endpoint] {
                if !problems.has(place) { problems.add(place, "\(endpoint) is taken by \(earlier) already") }
            } else {
                endpoints[endpoint] = place
            }
        }
    }

    /// A node that is a member agrees with its entry, and takes from it what it does not say itself; one that is not
    /// needs a membership strategy that accepts changes.
    mutating func settle(
        _ node: inout ReadSettings<NodeSettings>, members: [ReadSettings<MemberSettings>],
        membership: ConfiguredStrategy<MembershipFactory>?, replication: ReadSettings<ReplicationSettings>
    ) {
        // Without a name nothing is known of which entry is meant.
        if problems.has("node.name") { return }
        if node.settings.dataFolder.isEmpty { node.settings.dataFolder = "data/\(node.settings.name)" }
        guard let position = members.firstIndex(where: { $0.settings.name == node.settings.name }) else {
            checkOutsider(node.settings, membership: membership)
            return
        }
        agree(&node, with: members[position].settings, at: "cluster.members".field(String(position)))
        let replicas = replication.settings.replicas
        if replication.isSound, replicas > members.count {
            problems.add(
                "replication.n",
                "is \(replicas), but cluster.members names \(members.count); at most \(members.count) is possible",
                suggestion: "add members, or lower n, and r and w with it")
        }
    }

    private mutating func checkOutsider(
        _ node: NodeSettings, membership: ConfiguredStrategy<MembershipFactory>?
    ) {
        guard let membership, !membership.guarantees.contains(MembershipGuarantees.acceptsChanges) else { return }
        guard !problems.has("cluster.members") else { return }
        problems.add(
            "node.name",
            "\(JSONValue.quoted(node.name)) is not among cluster.members, and "
                + "membership \"\(membership.kind)\" accepts no joins"
        )
    }

    private mutating func agree(
        _ node: inout ReadSettings<NodeSettings>, with entry: MemberSettings, at path: String
    ) {
        if !node.given.contains("zone") { node.settings.zone = entry.zone }
        if !node.given.contains("weight") { node.settings.weight = entry.weight }
        if !node.given.contains("resp") { node.settings.resp = entry.resp }
        let own = node.settings.member.jsonMembers
        for (mine, theirs) in zip(own, entry.jsonMembers) where mine.value != theirs.value {
            let place = "node".field(mine.name)
            if problems.has(place) || problems.has(path.field(mine.name)) { continue }
            problems.add(
                place,
                "found \(mine.value.finding), but \(path.field(mine.name)) says "
                    + "\(theirs.value.finding); both must agree"
            )
        }
    }

    /// A mode that was asked for must be one that the engine can hold; the default follows the engine.
    mutating func settle(
        _ durability: inout ReadSettings<DurabilitySettings>, storage: ConfiguredStrategy<StorageFactory>
    ) {
        guard !storage.guarantees.contains(StorageGuarantees.persists) else { return }
        let mode = durability.settings.mode
        if !durability.given.contains("mode") {
            durability.settings.mode = .none
        } else if mode != .none {
            problems.add(
                "durability.mode",
                "found \"\(mode.rawValue)\", but storage \"\(storage.kind)\" keeps nothing over a "
                    + "restart; only \"none\" holds"
            )
        }
    }
}
