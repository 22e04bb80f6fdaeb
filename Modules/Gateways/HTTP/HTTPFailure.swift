import NIOCore
import NIOHTTP1
import Replication

/// An answer that is an error: a status, a stable code for programs, and a sentence for people.
struct HTTPFailure: Error, Equatable {
    var status: HTTPResponseStatus
    var code: String
    var message: String
    /// Further integer members of the error object, such as `answered` and `needed`.
    var details: [Detail] = []
    var headers: [HTTPReply.Header] = []
    /// Whether the connection cannot go on after it.
    var closesConnection = false

    struct Detail: Equatable {
        var name: StaticString
        var value: Int

        static func == (left: Detail, right: Detail) -> Bool {
            left.value == right.value && left.name.description == right.name.description
        }
    }

    init(_ status: HTTPResponseStatus, _ code: String, _ message: String, details: [Detail] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    static func badRequest(_ code: String, _ message: String) -> HTTPFailure {
        HTTPFailure(.badRequest, code, message)
    }

    static func tooLarge(limit: Int) -> HTTPFailure {
        HTTPFailure(
            .payloadTooLarge, "value_too_large", "the body is larger than the \(limit) bytes allowed",
            details: [Detail(name: "maximum", value: limit)])
    }

    static func overloaded(_ message: String) -> HTTPFailure {
        HTTPFailure(.serviceUnavailable, "overloaded", message).retryLater()
    }

    static var remoteFaults: HTTPFailure {
        HTTPFailure(.forbidden, "not_local", "faults are injected from the node's own machine only")
    }

    func retryLater() -> HTTPFailure {
        var failure = self
        failure.headers.append(HTTPReply.Header("Retry-After", "1"))
        return failure
    }

    func closing() -> HTTPFailure {
        var failure = self
        failure.closesConnection = true
        return failure
    }
}

extension HTTPFailure {
    /// What a node's refusal means in HTTP.
    /// - Parameter isWrite: a write that ran out of time may have been carried out, a read just failed.
    init(_ error: ClientError, isWrite: Bool) {
        let message = error.description
        switch error {
        case .quorumUnmet(let answered, let needed):
            let warning = isWrite ? "; the write may still surface" : ""
            self = HTTPFailure(
                .serviceUnavailable, "quorum_unmet", message + warning, details: Self.quorum(answered, needed)
            ).retryLater()
        case .timedOut(let answered, let needed):
            let warning = isWrite ? "; whether the write was carried out is unknown" : ""
            self = HTTPFailure(
                .gatewayTimeout, isWrite ? "outcome_unknown" : "timeout", message + warning,
                details: Self.quorum(answered, needed))
        case .outcomeUnknown:
            self = HTTPFailure(.gatewayTimeout, "outcome_unknown", message)
        case .impossibleQuorum(let asked, let replicas):
            self = HTTPFailure(
                .badRequest, "impossible_quorum", message,
                details: [Detail(name: "asked", value: asked), Detail(name: "replicas", value: replicas)])
        case .overloaded:
            self = HTTPFailure.overloaded(message)
        case .tooManySiblings(let found, let maximum):
            self = HTTPFailure(
                .conflict, "too_many_siblings", message,
                details: [Detail(name: "found", value: found), Detail(name: "maximum", value: maximum)])
        case .recordTooLarge(let found, let maximum):
            self = HTTPFailure(
                .conflict, "record_too_large", message,
                details: [Detail(name: "found", value: found), Detail(name: "maximum", value: maximum)])
        case .invalidContext:
            self = HTTPFailure(.badRequest, "invalid_context", message)
        case .preconditionFailed:
            self = HTTPFailure(.preconditionFailed, "precondition_failed", message)
        case .notUpdated:
            self = HTTPFailure(.conflict, "not_updated", message)
        case .unavailable, .cannotStore:
            self = HTTPFailure(.serviceUnavailable, "unavailable", message).retryLater()
        }
    }

    private static func quorum(_ answered: Int, _ needed: Int) -> [Detail] {
        [Detail(name: "answered", value: answered), Detail(name: "needed", value: needed)]
    }
}
