package import Checking
internal import StatorCore

/// A history made ready for replays: which writes take part, in which order, and what each had seen. The same for
/// every resolver, so that one plan serves all that are compared.
///
/// ## Which events take part
///
/// Acknowledged ones; those of unknown outcome, as they may have taken effect, unless the recorder knows of no version
/// (`saw` is empty), nobody saw it and no read shows it; never failed ones.
///
/// ## What an event had seen
///
/// As ``Checking/IndexedHistory`` has it: `saw` where recorded, what a context covers otherwise. A write
/// without a record that has no context, or one that no answer carried, is taken to have seen what was acknowledged
/// before it began.
///
/// - Complexity: O(operations x (log + siblings)), beside that of ``Checking/IndexedHistory``.
package struct ReplayPlan: Sendable {
    let options: ReplayOptions
    let operations: [HistoryOperation]
    let keys: [ReplayKey]
    let coordinators: ReplayCoordinators
    /// Writes whose past was assumed; see ``ReplayOptions/HeldPast``.
    package let assumedPasts: Int
    /// Writes without a context that saw nothing by the record though something had been acknowledged before: many
    /// of them tell of a recorded cluster whose coordinators do not look (``ReplayOptions/HeldPast/acknowledged``).
    package let blindWrites: Int
    /// What is wrong with the history.
    package let defects: HistoryDefects

    /// - Parameter history: of any origin; nothing in it traps.
    package init(_ history: History, options: ReplayOptions = ReplayOptions()) {
        self.options = options
        let first = IndexedHistory(history)
        let pasts = AssumedPasts(history, first, options.heldPast)
        let index = pasts.assumed > 0 ? IndexedHistory(pasts.history) : first
        assumedPasts = pasts.assumed
        blindWrites = pasts.blind
        defects = first.defects
        operations = index.operations

        var seen: Set<Int> = []
        for operation in history.operations { seen.formUnion(operation.saw ?? []) }
        var keys: [ReplayKey] = []
        for key in index.keys {
            let takesPart = key.events.map { event in
                ReplayPlan.takesPart(event, saw: history.operations[event.operation].saw, seen)
            }
            guard takesPart.contains(true) else { continue }
            var builder = ReplayKeyBuilder(key, index.operations, takesPart: takesPart)
            keys.append(builder.build())
        }
        let writes = keys.flatMap { key in key.events.indices.map { index.operations[key.event($0).operation] } }
        coordinators = ReplayCoordinators(writes, options)
        ReplayPlan.stamp(&keys, index.operations, coordinators)
        self.keys = keys
    }

    private static func takesPart(_ event: KeyEvent, saw: [Int]?, _ seen: Set<Int>) -> Bool {
        switch event.outcome {
        case .ok: true
        case .failed: false
        case .unknown: saw?.isEmpty != true || event.firstSeen != .max || seen.contains(event.id)
        }
    }

    /// Gives every event its dot: counters rise in the order of stamps, across keys.
    private static func stamp(
        _ keys: inout [ReplayKey], _ operations: [HistoryOperation], _ coordinators: ReplayCoordinators
    ) {
        var places: [(time: Int64, key: Int, position: Int)] = []
        for (number, key) in keys.enumerated() {
            for (position, event) in key.events.enumerated() { places.append((event.time, number, position)) }
        }
        places.sort { $0 < $1 }
        var counters = [UInt64](repeating: 0, count: coordinators.actors.count)
        for place in places {
            let operation = keys[place.key].event(place.position).operation
            let coordinator = coordinators.number(of: operations[operation])
            counters[coordinator] += 1
            keys[place.key].events[place.position].coordinator = coordinator
            keys[place.key].events[place.position].counter = counters[coordinator]
        }
        for number in keys.indices { noteUnseen(&keys[number]) }
    }

    private static func noteUnseen(_ key: inout ReplayKey) {
        var latest: [Int: Int] = [:]
        for position in key.events.indices {
            let before = latest.updateValue(position, forKey: key.events[position].coordinator)
            guard let before, !key.sees(position, before) else { continue }
            key.events[position].unseenCounter = key.events[before].counter
        }
    }
}
