import Foundation

/// Independent pieces of work on all processors.
enum Parallel {
    /// What `body` makes of 0 ..< count, in that order; pieces are begun in it too.
    static func map<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) async -> [Result] {
        var results: [Int: Result] = [:]
        await withTaskGroup(of: (Int, Result).self) { group in
            var begun = 0
            func begin() {
                guard begun < count else { return }
                let index = begun
                begun += 1
                group.addTask { (index, body(index)) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { begin() }
            for await (index, result) in group {
                results[index] = result
                begin()
            }
        }
        return (0..<count).compactMap { results[$0] }
    }
}
