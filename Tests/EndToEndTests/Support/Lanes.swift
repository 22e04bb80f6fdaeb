import Dispatch
import Foundation

/// Requests side by side, each lane on a thread and a connection of its own.
enum Lanes {
    /// Carries out `body` for every item.
    /// - Parameters:
    ///   - ports: the lanes use these HTTP ports in turns.
    ///   - body: what it returns is collected, in no particular order.
    /// - Throws: the first error; the items not begun by then are left.
    static func run<Item: Sendable, Result: Sendable>(
        _ items: [Item], ports: [Int], lanes: Int = 8, within limit: Double = 600,
        _ body: @escaping @Sendable (Item, HTTPClient) throws -> Result?
    ) throws -> [Result] {
        let work = Work<Item, Result>(items)
        let ended = DispatchSemaphore(value: 0)
        for lane in 0..<lanes {
            let thread = Thread {
                let client = HTTPClient(port: ports[lane % ports.count], limit: 20)
                while let item = work.take() { work.put { try body(item, client) } }
                ended.signal()
            }
            thread.start()
        }
        for _ in 0..<lanes {
            guard ended.wait(timeout: .now() + limit) == .success else {
                work.abandon()
                throw HarnessError("\(items.count) requests are not done within \(Int(limit)) s")
            }
        }
        return try work.finished()
    }

    private final class Work<Item: Sendable, Result: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private let items: [Item]
        private var next = 0
        private var results: [Result] = []
        private var error: (any Error)?

        init(_ items: [Item]) {
            self.items = items
        }

        func take() -> Item? {
            lock.withLock {
                guard next < items.count, error == nil else { return nil }
                next += 1
                return items[next - 1]
            }
        }

        func put(_ body: () throws -> Result?) {
            do {
                guard let result = try body() else { return }
                lock.withLock { results.append(result) }
            } catch {
                lock.withLock { self.error = self.error ?? error }
            }
        }

        func abandon() {
            lock.withLock { next = items.count }
        }

        func finished() throws -> [Result] {
            try lock.withLock {
                if let error { throw error }
                return results
            }
        }
    }
}
