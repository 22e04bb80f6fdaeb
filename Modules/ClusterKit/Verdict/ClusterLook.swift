internal import NIOCore
package import NodeClient

/// Asks all members that can be found for what a ``ClusterVerdict`` is made of.
package struct ClusterLook: Sendable {
    /// The most members that are asked.
    private static let maximumMembers = 4096
    private static let patience = TimeAmount.seconds(5)

    private struct Place: Sendable {
        let name: String
        let url: NodeURL
    }

    private var looks: [MemberLook] = []
    /// Named by somebody and not asked yet.
    private var places: [Place] = []

    private init() {}

    /// Asks the nodes at these addresses, then the members that they name, then those whom these name.
    /// - Parameter down: members that are known not to run, and what of them: they are not asked.
    /// - Returns: by name; `nil` where none of the first answers.
    package static func gather(from urls: [NodeURL], down: [String: String] = [:]) async -> [MemberLook]? {
        var gathering = ClusterLook()
        guard await gathering.begin(urls) else { return nil }
        while !gathering.places.isEmpty { await gathering.askNext(down) }
        return gathering.looks.sorted { $0.name < $1.name }
    }

    private mutating func begin(_ urls: [NodeURL]) async -> Bool {
        let pages = await ClusterLook.each(urls) { url in
            (url, try? await HTTPClient.send(HTTPCall(target: "/gossip", timeout: ClusterLook.patience), to: url))
        }
        let answered = pages.filter { $0.1?.status == 200 }.map { ($0.0, $0.1?.json ?? .null) }
        // Where a node was reached it is asked again, whatever address members know.
        for (url, page) in answered {
            guard let name = page["node"].text, page["members"].elements.contains(where: { $0["node"].text == name })
            else { continue }
            add(Place(name: name, url: url))
        }
        for (url, page) in answered { addMembers(page, from: url) }
        return !answered.isEmpty
    }

    private mutating func add(_ place: Place) {
        guard !places.contains(where: { $0.name == place.name }), !looks.contains(where: { $0.name == place.name }),
            places.count + looks.count < ClusterLook.maximumMembers
        else { return }
        places.append(place)
    }

    private mutating func addMembers(_ gossip: JSONValue, from url: NodeURL) {
        for member in gossip["members"].elements {
            guard let name = member["node"].text, let text = member["http"].text, var found = NodeURL(text) else {
                continue
            }
            // A node that listens on all addresses is reached where the one that names it was.
            if ["0.0.0.0", "::"].contains(found.host) { found.host = url.host }
            add(Place(name: name, url: found))
        }
    }

    private mutating func askNext(_ down: [String: String]) async {
        let asked = places
        places = []
        let answers = await ClusterLook.each(asked) { place -> (MemberLook, JSONValue) in
            var look = MemberLook(name: place.name, url: place.url)
            if let state = down[place.name] {
                look.silence = state
                return (look, .null)
            }
            do throws(CallFailure) {
                let gossip = try await ClusterLook.ask(&look)
                return (look, gossip)
            } catch {
                look.silence = error.why
                return (look, .null)
            }
        }
        looks += answers.map(\.0)
        for (look, gossip) in answers { addMembers(gossip, from: look.url) }
    }

    /// - Returns: the page that names members.
    private static func ask(_ look: inout MemberLook) async throws(CallFailure) -> JSONValue {
        let url = look.url
        func page(_ target: String) async throws(CallFailure) -> HTTPAnswer {
            try await HTTPClient.send(HTTPCall(target: target, timeout: patience), to: url)
        }
        let ready = try await page("/ready")
        let health = try await page("/health").json
        let stats = try await page("/stats").json
        let gossip = try await page("/gossip").json
        let config = try await page("/config").json
        look.take(
            ready: (ready.status, ready.errorMessage), health: health, stats: stats, gossip: gossip, config: config)
        return gossip
    }

    /// Carries something out for each, all at once.
    private static func each<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async -> Result
    ) async -> [Result] {
        await withTaskGroup(of: (Int, Result).self) { group in
            for (index, item) in items.enumerated() { group.addTask { (index, await body(item)) } }
            var found: [(Int, Result)] = []
            for await answer in group { found.append(answer) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension ClusterVerdict {
    /// Looks at a cluster and judges it.
    /// - Parameters:
    ///   - urls: nodes to ask first.
    ///   - down: members that are known not to run, and what of them: they are not asked.
    ///   - changing: settings that are being changed node by node.
    ///   - isStrict: whether links that went down a moment ago are problems at once.
    /// - Returns: `nil` where none of the first answers.
    package static func make(
        asking urls: [NodeURL], down: [String: String] = [:], changing: [String] = [], isStrict: Bool = false
    ) async -> ClusterVerdict? {
        guard let looks = await ClusterLook.gather(from: urls, down: down) else { return nil }
        var settings = Settings()
        settings.changing = changing
        settings.isStrict = isStrict
        // The ring of one that is well: a refused node places keys otherwise.
        let first = ClusterVerdict(looks, settings)
        let asked = looks.first { first.serving.contains($0.name) } ?? looks.first { $0.answers }
        if let asked {
            let call = HTTPCall(target: "/ring?partitions=true", timeout: .seconds(15))
            if let answer = try? await HTTPClient.send(call, to: asked.url), answer.status == 200 {
                settings.take(ring: answer.json)
            }
        }
        return ClusterVerdict(looks, settings)
    }
}

extension ClusterVerdict.Settings {
    /// Takes `/ring?partitions=true` of a node.
    package mutating func take(ring: JSONValue) {
        quorum = (ring["n"].integer ?? 0) / 2 + 1
        partitions = ring["ranges"].elements.map { range in range["replicas"].elements.compactMap(\.text) }
        guard ring["changing"].isTrue else { return }
        change = ring["change_status"].text ?? ring["pending"].elements.map(\.shown).joined(separator: ", ")
    }
}
