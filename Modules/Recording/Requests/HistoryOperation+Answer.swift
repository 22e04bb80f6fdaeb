package import Checking
package import NodeClient

/// What an answer, or none, makes of an operation.
///
/// | | reads | writes and deletes |
/// |---|---|---|
/// | 200, 201 (300 and 404 of reads) | `ok` | `ok` |
/// | 400 ... 499 | `failed` | `failed` |
/// | 503 before anything was done: `overloaded`, `unavailable`, `not_ready`, `unhealthy` | `failed` | `failed` |
/// | any other: `quorum_unmet`, `outcome_unknown`, ... | `failed` | `unknown` |
/// | not connected | `failed` | `failed` |
/// | connection lost, no answer in time | `failed` | `unknown` |
extension HistoryOperation {
    /// Codes by which a node says that it did nothing.
    private static let refusals = ["overloaded", "unavailable", "not_ready", "unhealthy"]

    package mutating func conclude(_ answer: HTTPAnswer) {
        if kind == .read {
            if let shown = Self.values(shownBy: answer) {
                outcome = .ok
                values = shown
            } else {
                outcome = .failed
            }
        } else {
            switch answer.status {
            case 200, 201: outcome = .ok
            case 400..<500: outcome = .failed
            case 503 where Self.refusals.contains(answer.errorCode): outcome = .failed
            default: outcome = .unknown
            }
        }
        if outcome == .ok {
            resultContext = answer.header("x-stator-context")
        } else {
            error = Self.complaint(answer)
        }
    }

    package mutating func conclude(_ failure: CallFailure) {
        error = failure.why
        switch failure {
        case .notConnected: outcome = .failed
        case .noAnswer: outcome = kind == .read ? .failed : .unknown
        }
    }

    private static func complaint(_ answer: HTTPAnswer) -> String {
        let code = answer.errorCode
        return code.isEmpty ? "status \(answer.status)" : "\(answer.status) \(code)"
    }

    /// The values of the live versions in the order of the answer, or `nil` where it is no answer to a read.
    private static func values(shownBy answer: HTTPAnswer) -> [String]? {
        switch answer.status {
        case 200 where !answer.isJSON: return [answer.text]
        case 200:
            let page = answer.json
            return page.members.isEmpty ? nil : [text(page["value"])]
        case 300:
            guard case .array(let siblings) = answer.json["siblings"] else { return nil }
            return siblings.filter { !$0["deleted"].isTrue }.map { sibling in
                sibling["value_base64"].text ?? text(sibling["value"])
            }
        case 404: return answer.errorCode == "not_found" ? [] : nil
        default: return nil
        }
    }

    /// Only texts are written here; whatever else is shown comes from elsewhere, and is kept to be seen.
    private static func text(_ value: JSONValue) -> String { value.text ?? value.serialized }
}

extension HTTPAnswer {
    /// The node serves nothing, whatever it is asked: another one is to be asked next.
    var sendsAway: Bool { status >= 500 && !["quorum_unmet", "outcome_unknown", "timeout"].contains(errorCode) }
}
