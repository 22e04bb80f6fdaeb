import NIOCore
import NodeClient

/// A member, and where it serves HTTP.
struct MemberAddress: Sendable {
    var name: String
    var url: NodeURL
}

extension Cluster {
    /// The members as the first node that can be reached knows them.
    func members() async throws -> [MemberAddress] {
        addresses(try await get("/gossip").json)
    }

    /// The same without a word where nobody can be reached.
    func membersQuietly() async -> [MemberAddress]? {
        for node in nodes {
            let answer = try? await HTTPClient.send(HTTPCall(target: "/gossip", timeout: .seconds(2)), to: node)
            if let answer, answer.status == 200 { return addresses(answer.json) }
        }
        return nil
    }

    private func addresses(_ gossip: JSONValue) -> [MemberAddress] {
        gossip["members"].elements.compactMap { member in
            guard let name = member["node"].text, let text = member["http"].text, var url = NodeURL(text) else {
                return nil
            }
            // A node that listens on all addresses is reached where its cluster was.
            if ["0.0.0.0", "::"].contains(url.host), let first = nodes.first { url.host = first.host }
            return MemberAddress(name: name, url: url)
        }
    }

    /// A page of every member, all asked at once, in the order of their names.
    func pages(_ target: String) async throws -> [MemberPage] {
        await Self.pages(target, of: try await members())
    }

    static func pages(_ target: String, of members: [MemberAddress]) async -> [MemberPage] {
        await withTaskGroup(of: MemberPage.self) { group in
            for member in members {
                group.addTask {
                    do throws(CallFailure) {
                        let call = HTTPCall(target: target, timeout: .seconds(5))
                        let answer = try await HTTPClient.send(call, to: member.url)
                        let isFine = answer.status == 200
                        return MemberPage(
                            member: member, page: isFine ? answer.json : nil, why: isFine ? "" : answer.errorMessage)
                    } catch {
                        return MemberPage(member: member, page: nil, why: error.why)
                    }
                }
            }
            var found: [MemberPage] = []
            for await page in group { found.append(page) }
            return found.sorted { $0.member.name < $1.member.name }
        }
    }
}

/// What a member answered.
struct MemberPage: Sendable {
    var member: MemberAddress
    var page: JSONValue?
    /// Why there is no page.
    var why: String
}

extension [MemberPage] {
    /// The pages there are; of the others people are told, and where none is there the command ends.
    func answered() throws -> [(name: String, page: JSONValue)] {
        for silent in self where silent.page == nil { Terminal.note("\(silent.member.name): \(silent.why)") }
        let found = compactMap { entry in entry.page.map { (entry.member.name, $0) } }
        guard !found.isEmpty else { throw Outcome.unreachable }
        return found
    }
}
