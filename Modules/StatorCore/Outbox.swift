/// Where a machine appends its effects, in order. The driver owns it and reuses its storage from event to event.
public struct Outbox<Effect> {
    public private(set) var effects: [Effect] = []

    public init() {}

    public mutating func append(_ effect: Effect) {
        effects.append(effect)
    }

    public var isEmpty: Bool { effects.isEmpty }

    /// Hands over what has been appended and leaves the outbox empty. O(1).
    public mutating func drain() -> [Effect] {
        var drained: [Effect] = []
        swap(&drained, &effects)
        return drained
    }

    /// Empties the outbox and keeps its storage, for a driver that has carried the effects out in place.
    public mutating func removeAll() {
        effects.removeAll(keepingCapacity: true)
    }
}
