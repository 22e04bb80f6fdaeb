/// What the wrappers of one run share.
///
/// Unchecked: a run is one thread's.
final class Shared<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// Names one in so many calls.
final class Turns: @unchecked Sendable {
    private let length: Int
    private var count = 0

    init(of length: Int) {
        self.length = length
    }

    /// True at every `length`-th call.
    func isNext() -> Bool {
        count += 1
        return count % length == 0
    }
}
