package import Partitioning
package import StatorCore

/// The pure core of every quorum: one slot for each owner of a key, who was asked to fill it, and who has.
///
/// While a ring change is under way a slot may belong to the owners of this epoch, of the next, or of both; a write
/// needs W in each. An owner that does not answer is stood in for by a fallback; whoever answers first fills the slot,
/// once. No node is asked for two slots.
package struct QuorumSlots: Sendable {
    package enum AskState: Sendable, Equatable {
        case waiting
        case answered
        case failed
    }

    package struct Ask: Sendable, Equatable {
        package let node: NodeID
        package let isStandIn: Bool
        package var state: AskState
    }

    package struct Slot: Sendable, Equatable {
        package let owner: NodeID
        /// Among the owners of this epoch.
        package let isCurrent: Bool
        /// Among the owners of the next epoch, while there is one.
        package let isNext: Bool
        package var asks: [Ask] = []

        package var isFilled: Bool { asks.contains { $0.state == .answered } }
        package var isWaiting: Bool { !isFilled && asks.contains { $0.state == .waiting } }
    }

    package private(set) var slots: [Slot] = []
    private let standIns: [[NodeID]]
    private let isChanging: Bool

    /// - Parameters:
    ///   - current: the preference list in this epoch.
    ///   - next: in the next epoch, while a change is under way; reads leave it out.
    package init(current: PreferenceList, next: PreferenceList?) {
        var standIns: [[NodeID]] = []
        for owner in current.replicas {
            let isNext = next?.replicas.contains(owner) ?? false
            slots.append(Slot(owner: owner, isCurrent: true, isNext: isNext))
            standIns.append(current.standIns(for: owner))
        }
        for owner in next?.replicas ?? current[0..<0] where !current.replicas.contains(owner) {
            slots.append(Slot(owner: owner, isCurrent: false, isNext: true))
            standIns.append((next ?? current).standIns(for: owner))
        }
        self.standIns = standIns
        isChanging = next != nil
    }

    package mutating func noteAsked(_ node: NodeID, slot: Int, isStandIn: Bool) {
        slots[slot].asks.append(Ask(node: node, isStandIn: isStandIn, state: .waiting))
    }

    /// - Returns: the slot that this answer fills now, or `nil` where the node was not asked or the slot was full.
    package mutating func noteAnswer(of node: NodeID) -> Int? {
        guard let (slot, ask) = position(of: node) else { return nil }
        let wasFilled = slots[slot].isFilled
        slots[slot].asks[ask].state = .answered
        return wasFilled ? nil : slot
    }

    /// - Returns: the slot that now needs somebody else, or `nil` where that makes no difference.
    package mutating func noteFailure(of node: NodeID) -> Int? {
        guard let (slot, ask) = position(of: node), slots[slot].asks[ask].state == .waiting else { return nil }
        slots[slot].asks[ask].state = .failed
        return slots[slot].isFilled || slots[slot].isWaiting ? nil : slot
    }

    private func position(of node: NodeID) -> (slot: Int, ask: Int)? {
        for slot in slots.indices {
            if let ask = slots[slot].asks.firstIndex(where: { $0.node == node }) { return (slot, ask) }
        }
        return nil
    }

    package func isStandIn(_ node: NodeID) -> Bool {
        guard let (slot, ask) = position(of: node) else { return false }
        return slots[slot].asks[ask].isStandIn
    }

    package func wasAsked(_ node: NodeID) -> Bool { position(of: node) != nil }

    /// Who may be asked next to fill a slot: the first stand-in that owns no slot, was not asked yet and is usable.
    package func nextStandIn(slot: Int, isUsable: (NodeID) -> Bool) -> NodeID? {
        standIns[slot].first { candidate in
            !slots.contains { $0.owner == candidate } && !wasAsked(candidate) && isUsable(candidate)
        }
    }

    /// Filled slots among this epoch's owners.
    package var filledNow: Int { slots.count { $0.isCurrent && $0.isFilled } }

    /// Filled slots among the next epoch's owners.
    package var filledNext: Int { slots.count { $0.isNext && $0.isFilled } }

    /// How many answers count: the worse of both epochs.
    package var answered: Int { isChanging ? min(filledNow, filledNext) : filledNow }

    package func isMet(_ needed: Int) -> Bool { answered >= needed }

    package var isAnybodyWaiting: Bool { slots.contains(where: \.isWaiting) }

    package var areAllFilled: Bool { slots.allSatisfy(\.isFilled) }
}
