/// What is wrong with a cluster, put together from what every member says of itself and of the others: each problem once,
/// in a sentence that says who sees whom how, why, and what to do.
///
/// A value without I/O: the same looks give the same sentences, whichever member was asked first.
/// Complexity: O(members^2), as each tells of all.
package struct ClusterVerdict: Sendable {
    package enum State: String, Sendable {
        case ready
        case unreachable
        case misplaced = "another node"
        case refused
        case isolated
        case inDoubt = "in doubt"
        case notReady = "not ready"
    }

    package struct Settings: Sendable {
        /// Whether links that went down a moment ago are problems at once.
        package var isStrict = false
        /// Paths of settings that are being changed node by node: that they differ is a note and no problem.
        package var changing: [String] = []
        /// Replicas by partition, as the ring of a member that is well shows them, and how many of them are a quorum.
        package var partitions: [[String]] = []
        package var quorum = 1
        /// How a change of the ring is getting on, where one is under way.
        package var change: String?

        package init() {}
    }

    /// By name.
    package let looks: [MemberLook]
    package internal(set) var problems: [String] = []
    package internal(set) var notes: [String] = []
    private var states: [String: State] = [:]
    let settings: Settings

    package var isHealthy: Bool { problems.isEmpty }

    package init(_ looks: [MemberLook], _ settings: Settings = Settings()) {
        self.looks = looks.sorted { $0.name < $1.name }
        self.settings = settings
        judgeAnswers()
        let refusals = Refusals(answering)
        judge(refusals)
        judgeReach(refusals)
        judgeViews()
        judgeRecords()
        judgeSettings(except: refusals.settings)
        judgePartitions()
        judgeStrangers(refusals)
        if let change = settings.change { notes.append("the ring is changing: \(change)") }
    }

    package func state(of name: String) -> State { states[name] ?? .ready }

    /// The gravest that was found first stays.
    mutating func mark(_ name: String, _ state: State) {
        if states[name] == nil { states[name] = state }
    }

    var answering: [MemberLook] { looks.filter(\.answers) }

    /// Members that can be sent requests.
    package var serving: [String] {
        looks.map(\.name).filter { [.ready, .inDoubt].contains(state(of: $0)) }
    }

    // MARK: Each by itself

    private mutating func judgeAnswers() {
        for look in looks {
            if let why = look.silence {
                mark(look.name, .unreachable)
                problems.append("\(look.name) does not answer: \(why)\(seenByOthers(look))")
            } else if !look.answers {
                mark(look.name, .misplaced)
                problems.append(
                    "\(look.name): \(look.answersAs ?? "no node") answers at its address \(look.url): two nodes have the same "
                        + "address, or the members know a wrong one")
            } else if let why = look.notReady, look.doubts.isEmpty {
                mark(look.name, .notReady)
                problems.append("\(look.name) is not ready: \(why)")
            }
        }
    }

    /// Whether it is the node that is down, or the way to its HTTP port.
    private func seenByOthers(_ silent: MemberLook) -> String {
        let others = answering.filter { $0.link(to: silent.name) != nil }
        guard !others.isEmpty else { return "" }
        let reaching = others.filter { $0.link(to: silent.name)?.isUp == true }
        if reaching.isEmpty { return "; no other member reaches it: start it again" }
        return
            "; \(Sentence.list(reaching.map(\.name))) \(Sentence.verb(reaching.count, "reaches", "reach")) it: it runs, and "
            + "its HTTP address is wrong, closed or stuck"
    }

    private mutating func judgeRecords() {
        for look in answering {
            let name = look.name
            let left = look.recovering.map { $0 > 0 ? "; \(Sentence.percentage($0)) of its ranges are left" : "" } ?? ""
            for doubt in look.doubts {
                mark(name, .inDoubt)
                problems.append(
                    "\(name) is in doubt, \(doubt): it counts to no read until it was compared with the other owners\(left)"
                )
            }
            if look.doubts.isEmpty, let recovering = look.recovering, recovering > 0 {
                mark(name, .inDoubt)
                problems.append("\(name) is recovering: \(Sentence.percentage(recovering)) of its ranges are left")
            }
            if let hints = look.hints, hints > 0 {
                notes.append("\(name) keeps \(hints) \(Sentence.verb(hints, "hint", "hints")) for others")
            }
            if look.areHintsFull { notes.append("\(name) keeps no more hints: its hint store is full") }
        }
    }

    private mutating func judgePartitions() {
        let serving = Set(serving)
        let lacking = settings.partitions.count { replicas in
            replicas.count(where: serving.contains) < settings.quorum
        }
        if lacking > 0 {
            problems.append("no quorum of \(settings.quorum) in \(lacking) of \(settings.partitions.count) partitions")
        }
    }
}

extension MemberLook {
    func link(to name: String) -> Link? { links.first { $0.node == name } }

    /// Whether messages to that member go through, and it is heard.
    package func reaches(_ name: String) -> Bool {
        link(to: name)?.isUp == true && members.first { $0.name == name }?.liveness != "dead"
    }

    /// Whether it does not reach a member.
    /// - Parameter isStrict: whether a link counts that it may only have lost a moment ago.
    func misses(_ name: String, isStrict: Bool) -> Bool {
        guard let link = link(to: name), !reaches(name) else { return false }
        if isStrict || link.isUp || link.cause == "refused" { return true }
        return link.cause != nil && link.seconds >= MemberLook.grace
    }

    /// How long a link may be down before that is a problem: as long as a node takes to find a restarted one.
    static let grace = 5.0

    /// Why it does not reach a member, with where it looks for it.
    func reason(for name: String) -> String {
        guard let link = link(to: name) else { return "it has no link" }
        if link.isUp { return "its heartbeats do not come" }
        return link.cause == nil ? "it has not answered yet" : link.reason
    }
}

/// The pieces of sentences.
enum Sentence {
    /// "A, B and C".
    static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    static func verb(_ count: Int, _ one: String, _ many: String) -> String { count == 1 ? one : many }

    static func percentage(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10)%"
    }

    /// "1 at A and B, 2 at C": values in the order of those who hold them.
    static func values(_ held: [(name: String, value: String)]) -> String {
        var groups: [(value: String, names: [String])] = []
        for (name, value) in held {
            if let known = groups.firstIndex(where: { $0.value == value }) {
                groups[known].names.append(name)
            } else {
                groups.append((value, [name]))
            }
        }
        return list(groups.map { "\($0.value) at \(list($0.names))" })
    }
}
