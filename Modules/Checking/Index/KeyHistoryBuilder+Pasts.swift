extension KeyHistoryBuilder {
    /// For each event those that it superseded or knew of directly; sets the events' own horizons.
    mutating func directPasts() -> [[Int]] {
        var contexts = ContextTable(history, operations)
        return history.events.indices.map { event in
            let index = history.events[event].operation
            let basis = operations[index].basis
            let meaning = operations[index].context.flatMap {
                contexts.meaning(of: $0, presentedBy: operations[index].client, at: operations[index].start)
            }
            if basis == .context { history.events[event].followsRead = meaning?.isFromRead ?? true }
            if let saw = operations[index].saw { return direct(of: event, saw: saw) }
            switch basis {
            case .none:
                return []
            case .held:
                forgetPast(of: event)
                return []
            case .context:
                guard let meaning else {
                    history.defects.unknownContexts += 1
                    forgetPast(of: event)
                    return []
                }
                history.events[event].horizon = meaning.horizon
                history.events[event].deleteHorizon = meaning.deleteHorizon
                history.events[event].hasUnknownPast = meaning.horizon != .min
                return meaning.events.filter { $0 != event }
            }
        }
    }

    private mutating func direct(of event: Int, saw: [Int]) -> [Int] {
        let known = saw.compactMap { eventOfID[$0] }.filter { $0 != event }
        if known.count != saw.count {
            history.defects.strangeSaw.append(history.events[event].id)
            forgetPast(of: event)
        }
        return known
    }

    /// The event may have superseded anything that started before it took effect: before its acknowledgement, and
    /// before anybody saw it.
    mutating func forgetPast(of event: Int) {
        let acknowledged = history.events[event].isAcknowledged ? history.events[event].end : .max
        history.events[event].horizon = max(history.events[event].horizon, min(acknowledged, firstShown[event]))
        history.events[event].hasUnknownPast = true
    }
}

extension KeyHistoryBuilder {
    /// Closes the pasts transitively, predecessors first (Kahn's order: no recursion), horizons with them.
    mutating func close(_ direct: [[Int]]) {
        let count = direct.count
        var successors = [[Int32]](repeating: [], count: count)
        var missing = direct.map(\.count)
        for (event, predecessors) in direct.enumerated() {
            for predecessor in predecessors { successors[predecessor].append(Int32(event)) }
        }
        var ready = missing.indices.filter { missing[$0] == 0 }
        var next = 0
        while next < ready.count {
            let event = ready[next]
            next += 1
            close(event, direct[event])
            for successor in successors[event] {
                missing[Int(successor)] -= 1
                if missing[Int(successor)] == 0 { ready.append(Int(successor)) }
            }
        }
        guard ready.count < count else { return }
        // What is left waits for itself: nothing can be said of its past.
        for event in missing.indices where missing[event] > 0 {
            history.defects.cyclic.append(history.events[event].id)
            history.events[event].horizon = .max
            history.events[event].hasUnknownPast = true
        }
    }

    private mutating func close(_ event: Int, _ direct: [Int]) {
        if !history.pasts.setPast(of: event, to: direct) {
            history.defects.unkeptPasts += 1
            forgetPast(of: event)
        }
        for predecessor in direct {
            let before = history.events[predecessor]
            history.events[event].horizon = max(history.events[event].horizon, before.horizon)
            history.events[event].deleteHorizon = max(history.events[event].deleteHorizon, before.deleteHorizon)
            if before.hasUnknownPast { history.events[event].hasUnknownPast = true }
        }
    }
}
