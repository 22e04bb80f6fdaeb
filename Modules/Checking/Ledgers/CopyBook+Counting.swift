internal import StatorCore

/// How many copies of a write there are, and whose count.
extension CopyBook {
    /// Whether a node held an event durably, or what had seen it, on a disk that a planned fault took since.
    /// - Parameter byWipe: only disks that were replaced.
    package func wasDestroyed(_ number: Int, of key: Int, at node: Int, byWipe: Bool = false) -> Bool {
        entries[key].destroyed.contains { lost in
            lost.node == node && (lost.isWiped || !byWipe) && lost.past.contains(number)
        }
    }

    /// The same of all that a state holds.
    package func wasDestroyed(state: Int, of key: Int, at node: Int) -> Bool {
        entries[key].states[state].heads.allSatisfy { wasDestroyed($0, of: key, at: node) }
    }

    /// Nodes that hold an event or what had seen it, as their own record or as a hint, and those whose copy a planned
    /// fault destroyed; rising. O(nodes).
    package func holders(of number: Int, key: Int) -> (holding: [Int], destroyed: [Int]) {
        let entry = entries[key]
        var holding: [Int] = []
        var destroyed: [Int] = []
        for node in entry.records.indices {
            let isHeld =
                covers(number, of: key, by: Int(entry.records[node]))
                || entry.hints.contains { $0.holder == node && covers(number, of: key, by: $0.state) }
            if isHeld {
                holding.append(node)
            } else if wasDestroyed(number, of: key, at: node) {
                destroyed.append(node)
            }
        }
        return (holding, destroyed)
    }

    /// How many of the owners' places are filled by distinct nodes: an owner that holds the event or what had seen it,
    /// or, where fallbacks count, one node that keeps it for that owner. A copy that a planned fault destroyed counts.
    package func filledPlaces(of number: Int, key: Int, owners: [Int], isSloppy: Bool) -> Int {
        var used: [Int] = []
        var open: [[Int]] = []
        for owner in owners {
            let isHeld = covers(number, of: key, by: record(of: key, at: owner))
            if isHeld || wasDestroyed(number, of: key, at: owner) {
                used.append(owner)
            } else if isSloppy {
                open.append(
                    entries[key].hints.filter { $0.target == owner && covers(number, of: key, by: $0.state) }
                        .map(\.holder))
            }
        }
        // Who has least choice chooses first.
        for holders in open.sorted(by: { $0.count < $1.count }) {
            if let holder = holders.first(where: { !used.contains($0) }) { used.append(holder) }
        }
        guard isSloppy else { return used.count }
        // Hints that went with a disk: for whom they were is not known any more.
        let lost = entries[key].destroyed.filter { !used.contains($0.node) && $0.past.contains(number) }.map(\.node)
        return min(owners.count, used.count + Set(lost).count)
    }

    /// For messages: which of these nodes have a store that fails.
    func failing(among nodes: [Int]) -> String {
        let failing = nodes.filter { isFailing[$0] }
        return failing.isEmpty ? "" : "; a store had failed at \(names(failing))"
    }

    /// Node names, for messages.
    package func names(_ nodes: [Int]) -> String {
        nodes.isEmpty ? "nobody" : nodes.map { self.nodes[$0].name }.joined(separator: ", ")
    }
}
