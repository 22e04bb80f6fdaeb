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
        package let slot: Int
        package let isStandIn: Bool
        package fileprivate(set) var state = AskState.waiting
    }

    package struct Slot: Sendable, Equatable {
        package let owner: NodeID
        /// Among the owners of this epoch.
        package let isCurrent: Bool
        /// Among the owners of the next epoch, while there is one.
        package let isNext: Bool
        fileprivate var waiting = 0
        package fileprivate(set) var isAsked = false
        package fileprivate(set) var isFilled = false

        package var isWaiting: Bool { !isFilled && waiting > 0 }
    }

    package private(set) var slots: [Slot] = []
    /// Everybody who was asked, in that order.
    package private(set) var asks: [Ask] = []
    private var current: PreferenceList
    private var next: PreferenceList?

    /// - Parameters:
    ///   - current: the preference list in this epoch.
    ///   - next: in the next epoch, while a change is under way; reads leave it out.
    package init(current: PreferenceList, next: PreferenceList?) {
        self.current = current
        self.next = next
        slots.reserveCapacity(current.replicaCount)
        asks.reserveCapacity(current.replicaCount)
        fill()
    }

    /// Begins anew, in the storage of before.
    mutating func begin(current: PreferenceList, next: PreferenceList?) {
        self.current = current
        self.next = next
        // A few elements are taken off faster than a range is replaced.
        while !slots.isEmpty { slots.removeLast() }
        while !asks.isEmpty { asks.removeLast() }
        fill()
    }

    private mutating func fill() {
        for position in 0..<current.replicaCount {
            let owner = current[position]
            let isNext = next?.replicas.contains(owner) ?? false
            slots.append(Slot(owner: owner, isCurrent: true, isNext: isNext))
        }
        guard let next else { return }
        for owner in next.replicas where !current.replicas.contains(owner) {
            slots.append(Slot(owner: owner, isCurrent: false, isNext: true))
        }
    }

    package mutating func noteAsked(_ node: NodeID, slot: Int, isStandIn: Bool) {
        asks.append(Ask(node: node, slot: slot, isStandIn: isStandIn))
        slots[slot].isAsked = true
        slots[slot].waiting += 1
    }

    /// An owner that answers as it is asked: the coordinator itself.
    mutating func noteOwn(_ node: NodeID) {
        for slot in slots.indices where slots[slot].owner == node {
            asks.append(Ask(node: node, slot: slot, isStandIn: false, state: .answered))
            slots[slot].isAsked = true
            slots[slot].isFilled = true
            return
        }
    }

    /// - Returns: the slot that this answer fills now, or `nil` where the node was not asked or the slot was full.
    package mutating func noteAnswer(of node: NodeID) -> Int? {
        guard let ask = position(of: node) else { return nil }
        let slot = asks[ask].slot
        if asks[ask].state == .waiting { slots[slot].waiting -= 1 }
        asks[ask].state = .answered
        let wasFilled = slots[slot].isFilled
        slots[slot].isFilled = true
        return wasFilled ? nil : slot
    }

    /// - Returns: the slot that now needs somebody else, or `nil` where that makes no difference.
    package mutating func noteFailure(of node: NodeID) -> Int? {
        guard let ask = position(of: node), asks[ask].state == .waiting else { return nil }
        let slot = asks[ask].slot
        asks[ask].state = .failed
        slots[slot].waiting -= 1
        return slots[slot].isFilled || slots[slot].isWaiting ? nil : slot
    }

    private func position(of node: NodeID) -> Int? {
        asks.firstIndex { $0.node == node }
    }

    package func isStandIn(_ node: NodeID) -> Bool {
        position(of: node).map { asks[$0].isStandIn } ?? false
    }

    package func wasAsked(_ node: NodeID) -> Bool { position(of: node) != nil }

    package func isWaiting(for node: NodeID) -> Bool {
        position(of: node).map { asks[$0].state == .waiting } ?? false
    }

    /// Whose slot a node was asked to fill.
    package func owner(askedOf node: NodeID) -> NodeID? { position(of: node).map { slots[asks[$0].slot].owner } }

    /// Who may be asked next to fill a slot: the first stand-in that owns no slot, was not asked yet and is usable.
    package func nextStandIn(slot: Int, isUsable: (NodeID) -> Bool) -> NodeID? {
        let list = slots[slot].isCurrent ? current : next ?? current
        return list.standIns(for: slots[slot].owner).first { candidate in
            !slots.contains { $0.owner == candidate } && !wasAsked(candidate) && isUsable(candidate)
        }
    }

    /// Filled slots among this epoch's owners.
    package var filledNow: Int { slots.count { $0.isCurrent && $0.isFilled } }

    /// Filled slots among the next epoch's owners.
    package var filledNext: Int { slots.count { $0.isNext && $0.isFilled } }

    /// How many answers count: the worse of both epochs.
    package var answered: Int { next == nil ? filledNow : min(filledNow, filledNext) }

    package func isMet(_ needed: Int) -> Bool { answered >= needed }

    /// Slots that are filled, or may be by whoever was asked.
    var hopeful: Int { slots.count { $0.isFilled || $0.waiting > 0 } }

    package var isAnybodyWaiting: Bool { slots.contains(where: \.isWaiting) }

    package var areAllFilled: Bool { slots.allSatisfy(\.isFilled) }
}
