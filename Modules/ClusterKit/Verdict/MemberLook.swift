package import NodeClient

/// What one member showed of itself and of the others when it was asked.
package struct MemberLook: Sendable {
    /// A member as this one knows it.
    package struct Entry: Sendable {
        package var name: String
        package var status: String
        package var liveness: String
        package var peer: String
    }

    /// A setting in which it found another node to differ.
    package struct Difference: Equatable, Sendable {
        package var setting: String
        package var own: String
        package var theirs: String
    }

    /// Its link to another node.
    package struct Link: Sendable {
        package var node: String
        package var peer: String
        package var isUp: Bool
        /// For how long it has been up, or not.
        package var seconds: Double
        /// `nil` where it is up, or was not tried yet.
        package var cause: String?
        package var reason: String
        package var difference: Difference?
    }

    /// Somebody that it did not let in.
    package struct Caller: Sendable {
        /// As it calls itself; `nil` where it speaks another version.
        package var node: String?
        package var address: String
        package var reason: String
        package var difference: Difference?
    }

    package let name: String
    package let url: NodeURL
    /// Why it did not answer, or `nil`.
    package var silence: String?
    /// The name by which the node at its address answers.
    package var answersAs: String?
    /// Why it should not be sent requests, in its own words, or `nil`.
    package var notReady: String?
    package var epoch: Int?
    package var isChanging = false
    package var keys: Int?
    package var hints: Int?
    package var areHintsFull = false
    /// The part of its ranges that is still being recovered, in 0 ... 1.
    package var recovering: Double?
    /// Why shards of it are in doubt.
    package var doubts: [String] = []
    package var members: [Entry] = []
    package var links: [Link] = []
    package var refusedCallers: [Caller] = []
    /// Its configuration, with every default filled in.
    package var settings = JSONValue.null

    package init(name: String, url: NodeURL) {
        self.name = name
        self.url = url
    }

    /// Whether it answers, and as itself.
    package var answers: Bool { silence == nil && answersAs == name }
}

extension MemberLook {
    /// - Parameters:
    ///   - ready: the answer of `/ready`, `health` the page `/health` and so on.
    package mutating func take(
        ready: (status: Int, message: String), health: JSONValue, stats: JSONValue, gossip: JSONValue, config: JSONValue
    ) {
        answersAs = gossip["node"].text
        // What it says of the others is judged with what they say.
        let isOfOthers = health["problems"].elements.contains { ready.message.contains($0.shown) }
        if ready.status != 200, !isOfOthers { notReady = ready.message }
        epoch = stats["epoch"].integer
        keys = stats["keys"]["live"].integer
        hints = stats["hints"]["pending"].integer
        areHintsFull = stats["hints"]["full"].isTrue
        recovering = stats["recovering_fraction"].double
        doubts = stats["shards"].elements.compactMap { shard in
            shard["doubt"].text.map { "shard \(shard["shard"].shown): \($0)" }
        }
        members = gossip["members"].elements.map { member in
            Entry(
                name: member["node"].shown, status: member["status"].shown, liveness: member["liveness"].shown,
                peer: member["peer"].shown)
        }
        isChanging = members.contains { $0.status != "active" }
        links = stats["links"].elements.map { link in
            Link(
                node: link["node"].shown, peer: link["peer"].shown, isUp: link["up"].isTrue,
                seconds: link["seconds"].double ?? 0, cause: link["cause"].text, reason: link["reason"].text ?? "",
                difference: Difference(link))
        }
        refusedCallers = stats["refused_callers"].elements.map { caller in
            Caller(
                node: caller["node"].text, address: caller["address"].shown, reason: caller["reason"].shown,
                difference: Difference(caller))
        }
        settings = config
    }
}

extension MemberLook.Difference {
    init?(_ page: JSONValue) {
        guard let setting = page["setting"].text, let own = page["own"].text, let theirs = page["theirs"].text else {
            return nil
        }
        self.init(setting: setting, own: own, theirs: theirs)
    }
}
