import Dispatch
import Foundation

/// Requests one after the other on a thread of its own, round about some nodes, until it is stopped.
final class LoadLoop: @unchecked Sendable {
    struct Result {
        var number: Int
        var key: String
        var value: String
        /// ``secondsNow()`` when it was sent and answered.
        var began: Double
        var ended: Double
        /// Nil where there was no answer.
        var status: Int?
        var detail: String
        var isStored: Bool { status == 200 || status == 201 }
    }

    private let lock = NSLock()
    private var results: [Result] = []
    private var isStopping = false
    private let ended = DispatchSemaphore(value: 0)

    /// Begins at once.
    /// - Parameters:
    ///   - ports: the HTTP ports to use in turns.
    ///   - maximum: how many requests at most.
    ///   - interval: seconds between two.
    ///   - request: from the number of the request; it says which key and value it used.
    init(
        ports: [Int], maximum: Int = 20_000, interval: Double = 0.004,
        request: @escaping @Sendable (Int, HTTPClient) throws -> (key: String, value: String, answer: HTTPAnswer)
    ) {
        let thread = Thread { [self] in
            let clients = ports.map { HTTPClient(port: $0) }
            for number in 0..<maximum {
                if lock.withLock({ isStopping }) { break }
                run(number, clients[number % clients.count], request)
                pause(interval)
            }
            ended.signal()
        }
        thread.start()
    }

    /// Writes `key-0`, `key-1`, ... with a value each.
    static func writing(_ prefix: String, ports: [Int], maximum: Int = 20_000, interval: Double = 0.004) -> LoadLoop {
        LoadLoop(ports: ports, maximum: maximum, interval: interval) { number, client in
            let key = "\(prefix)-\(number)"
            let value = "value of \(key)"
            do {
                return (key, value, try client.put(key, value))
            } catch {
                throw LoadError(key: key, value: value, reason: "\(error)")
            }
        }
    }

    struct LoadError: Error {
        var key: String
        var value: String
        var reason: String
    }

    private func run(
        _ number: Int, _ client: HTTPClient,
        _ request: @Sendable (Int, HTTPClient) throws -> (key: String, value: String, answer: HTTPAnswer)
    ) {
        let began = secondsNow()
        var result = Result(number: number, key: "", value: "", began: began, ended: began, status: nil, detail: "")
        do {
            let (key, value, answer) = try request(number, client)
            result.key = key
            result.value = value
            result.status = answer.status
            result.detail = answer.description
        } catch let error as LoadError {
            result.key = error.key
            result.value = error.value
            result.detail = error.reason
        } catch {
            result.detail = "\(error)"
        }
        result.ended = secondsNow()
        lock.withLock { results.append(result) }
    }

    /// What there is so far.
    var soFar: [Result] { lock.withLock { results } }

    /// Waits until that many requests more have ended.
    func wait(for count: Int) throws {
        let before = soFar.count
        try eventually("\(count) requests of the load", within: 120) { soFar.count >= before + count }
    }

    /// Lets the request under way end.
    @discardableResult
    func stop() throws -> [Result] {
        lock.withLock { isStopping = true }
        guard ended.wait(timeout: .now() + 30) == .success else { throw HarnessError("the load does not end") }
        ended.signal()
        return soFar
    }
}

/// Sequences of results.
extension Array where Element == LoadLoop.Result {
    /// What was acknowledged, by key; each key is written once.
    var acknowledged: [String: String] {
        [String: String](filter(\.isStored).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// For a failure's message.
    var shown: String {
        prefix(5).map { "\($0.key): \($0.detail)" }.joined(separator: "\n") + (count > 5 ? "\n... \(count) in all" : "")
    }
}
