internal import NodeClient

/// Who reaches whom.
extension ClusterVerdict {
    mutating func judge(_ refusals: Refusals) {
        for group in refusals.groups {
            let isOdd = group.others.count * 2 > looks.count
            for name in group.names where refusals.count(of: name) * 2 > looks.count { mark(name, .refused) }
            // The odd ones' value first.
            let held =
                group.held.filter { group.names.contains($0.name) }
                + group.held.filter { !group.names.contains($0.name) }
            let names = Sentence.list(group.names)
            let why = group.setting.map { "\($0) is \(Sentence.values(held))" } ?? group.reason
            let advice =
                if group.setting == "protocol version" {
                    "run one release of Stator on all of them"
                } else if isOdd {
                    "set it right at \(names) and start that again, before any other node is restarted"
                } else {
                    "make it the same everywhere"
                }
            problems.append(
                "\(names) \(Sentence.verb(group.names.count, "is", "are")) refused by \(Sentence.list(group.others)): \(why); "
                    + advice)
        }
    }

    /// Isolated members, addresses at which nobody finds a member, pairs that do not reach each other, and who is without
    /// a majority. What a refusal explains is not told again; nor is a member that is down.
    mutating func judgeReach(_ refusals: Refusals) {
        let (answering, isStrict) = (answering, settings.isStrict)
        func misses(_ one: MemberLook, _ other: MemberLook) -> Bool {
            one.name != other.name && one.misses(other.name, isStrict: isStrict)
                && !refusals.isBetween(one.name, other.name)
        }
        var told: [String] = []
        for look in answering {
            let missed = answering.filter { misses(look, $0) }
            let others = look.members.filter { $0.name != look.name }
            // Where its own links are up, it is the others that do not find it.
            guard !missed.isEmpty,
                others.allSatisfy({ look.link(to: $0.name)?.isUp != true && look.misses($0.name, isStrict: isStrict) })
            else { continue }
            told.append(look.name)
            tellIsolation(look, from: missed, misses)
        }
        for look in answering where !told.contains(look.name) {
            let others = answering.filter { $0.link(to: look.name) != nil && !told.contains($0.name) }
            guard others.count > 1, others.allSatisfy({ misses($0, look) }) else { continue }
            told.append(look.name)
            tellUnfound(look, by: others)
        }
        for look in answering where !told.contains(look.name) {
            for other in answering where !told.contains(other.name) && misses(look, other) {
                problems.append("\(look.name) does not reach \(place(look, other)): \(look.reason(for: other.name))")
            }
        }
        judgeMajorities(except: told, refusals)
    }

    private mutating func tellIsolation(
        _ look: MemberLook, from missed: [MemberLook], _ misses: (MemberLook, MemberLook) -> Bool
    ) {
        mark(look.name, .isolated)
        let seeing = missed.filter { !misses($0, look) && $0.reaches(look.name) }.map(\.name)
        let back =
            seeing.isEmpty
            ? ", and none of them reaches it"
            : ", though \(Sentence.list(seeing)) \(Sentence.verb(seeing.count, "reaches", "reach")) it"
        let reasons = missed.map { "\(place(look, $0)): \(look.reason(for: $0.name))" }
        problems.append(
            "\(look.name) is isolated: it reaches none of \(Sentence.list(missed.map(\.name)))\(back) "
                + "(\(Sentence.some(reasons))); look at the network between them, and at the peer addresses")
    }

    private mutating func tellUnfound(_ look: MemberLook, by others: [MemberLook]) {
        mark(look.name, .isolated)
        let addresses = Sentence.list(Sentence.distinct(others.compactMap { $0.link(to: look.name)?.peer }))
        let reasons = Sentence.distinct(others.map { $0.reason(for: look.name) })
        let own = look.settings["node"]["peer"].text.map { "; its own node.peer is \($0)" } ?? ""
        problems.append(
            "\(look.name) is reached by none of \(Sentence.list(others.map(\.name))) at its peer address \(addresses) "
                + "(\(Sentence.some(reasons)))\(own): it must be what the others can connect to, and open to them")
    }

    private func place(_ look: MemberLook, _ other: MemberLook) -> String {
        look.link(to: other.name).map { "\(other.name) at \($0.peer)" } ?? other.name
    }

    /// Of those that are neither isolated nor refused by most, for which that is said already.
    private mutating func judgeMajorities(except told: [String], _ refusals: Refusals) {
        var groups: [(text: String, names: [String])] = []
        for look in answering where !told.contains(look.name) && state(of: look.name) != .refused {
            let members = look.members.count
            let missed = look.members.filter {
                $0.name != look.name && look.misses($0.name, isStrict: settings.isStrict)
            }.map(\.name)
            let reached = members - missed.count
            guard members > 1, reached * 2 <= members else { continue }
            let text =
                "\(reached) of \(members) members, which is no majority: \(Sentence.list(missed)) "
                + "\(Sentence.verb(missed.count, "is", "are")) missing"
            if let known = groups.firstIndex(where: { $0.text == text }) {
                groups[known].names.append(look.name)
            } else {
                groups.append((text, [look.name]))
            }
        }
        for (text, names) in groups {
            problems.append(
                "\(Sentence.list(names)) \(Sentence.verb(names.count, "reaches", "reach")) \(text); the ring cannot change "
                    + "there, and requests whose quorum needs more nodes fail")
        }
    }

    /// Callers that are no members, or bear the name of one that is linked: of another cluster, most likely.
    mutating func judgeStrangers(_ refusals: Refusals) {
        for look in answering {
            for caller in look.refusedCallers {
                if let node = caller.node, refusals.isBetween(look.name, node) { continue }
                // Who speaks another version is known by name at the other end of its links.
                if caller.node == nil, refusals.count(of: look.name) > 0 { continue }
                let who = caller.node.map { "a node that calls itself \($0), at" } ?? "a caller from"
                notes.append("\(look.name) refused \(who) \(caller.address), lately: \(caller.reason)")
            }
        }
    }
}

extension Sentence {
    /// Each once, in the order in which they came.
    static func distinct(_ texts: [String]) -> [String] {
        var found: [String] = []
        for text in texts where !found.contains(text) { found.append(text) }
        return found
    }

    static func some(_ texts: [String]) -> String {
        texts.prefix(4).joined(separator: "; ") + (texts.count > 4 ? "; ..." : "")
    }
}
