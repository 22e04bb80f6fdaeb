import ArgumentParser
import NIOHTTP1
import NodeClient

/// The nodes that a command may ask, in order.
struct Cluster: Sendable {
    var nodes: [NodeURL]

    /// Asks the first node that can be reached.
    ///
    /// The next one is tried when a node cannot be connected to, and for reads also when it does not answer; a write
    /// that may have been delivered is never sent again.
    func send(_ call: HTTPCall) async throws -> HTTPAnswer {
        for node in nodes {
            do throws(CallFailure) {
                return try await HTTPClient.send(call, to: node)
            } catch .notConnected(let why) {
                Terminal.note(why)
            } catch .noAnswer(let why) {
                guard call.method == .GET else {
                    Terminal.complain("\(why); whether the request was carried out is unknown")
                    throw Outcome.failed
                }
                Terminal.note(why)
            }
        }
        Terminal.complain("no node could be reached")
        throw Outcome.unreachable
    }

    /// Asks and expects success.
    func get(_ target: String) async throws -> HTTPAnswer {
        let answer = try await send(HTTPCall(target: target))
        guard answer.status == 200 else { throw Outcome.refused(answer) }
        return answer
    }
}

/// Exit statuses.
enum Outcome {
    static let failed = ExitCode(1)
    static let notFound = ExitCode(2)
    static let quorumUnmet = ExitCode(3)
    static let unreachable = ExitCode(4)

    /// Says why a node refused, and gives the status that goes with it.
    static func refused(_ answer: HTTPAnswer) -> ExitCode {
        Terminal.complain(answer.errorMessage)
        switch answer.errorCode {
        case "not_found": return notFound
        case "quorum_unmet": return quorumUnmet
        default: return failed
        }
    }
}
