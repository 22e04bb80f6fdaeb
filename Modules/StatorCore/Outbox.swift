/// Where a machine appends its effects, in order. The driver owns it and reuses its storage from event to event.
public struct Outbox<Effect> {
    @usableFromInline var appended: [Effect] = []

    @inlinable public init() {}

    @inlinable public var effects: [Effect] { appended }

    @inlinable
    public mutating func append(_ effect: Effect) {
        appended.append(effect)
    }

    @inlinable public var indices: Range<Int> { appended.indices }

    /// Takes an effect out for good, which moves it where ``effects`` would copy it.
    /// - Parameter filler: stays in its place.
    @inlinable
    public mutating func take(_ index: Int, leaving filler: consuming Effect) -> Effect {
        swap(&filler, &appended[index])
        return filler
    }

    @inlinable public var isEmpty: Bool { appended.isEmpty }

    /// Hands over what has been appended and leaves the outbox empty. O(1).
    @inlinable
    public mutating func drain() -> [Effect] {
        var drained: [Effect] = []
        swap(&drained, &appended)
        return drained
    }

    /// Empties the outbox and keeps its storage, for a driver that has carried the effects out in place.
    @inlinable
    public mutating func removeAll() {
        // A few are taken off faster than a range is replaced.
        if appended.count > 16 { appended.removeAll(keepingCapacity: true) }
        while !appended.isEmpty { appended.removeLast() }
    }
}
