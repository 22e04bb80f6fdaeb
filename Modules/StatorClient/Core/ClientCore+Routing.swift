import NIOCore

/// The ring, and the pools of its members beside them.
struct RoutedRing {
    let ring: Ring
    let pools: [NodePool?]
    /// Who told.
    let source: NodeAddress?
}

/// Where an operation goes.
extension ClientCore {
    func route(_ operation: Operation) {
        guard let pool = choose(for: operation) else { return park(operation) }
        pool.take(operation)
    }

    /// The least busy healthy replica of the key that has not failed it yet; else another node; else one that has.
    ///
    /// Any node can coordinate any key, so a node that is no replica costs a hop and nothing else. Seeds are asked where
    /// no ring is known, or no member of it is healthy.
    private func choose(for operation: Operation) -> NodePool? {
        rotation = (rotation + 1) & 0xFFFF
        guard let routed = ring else { return leastBusySeed(operation.tried) }
        let key = operation.command.key
        let replicas = (key.map { routed.ring.replicas(of: $0) } ?? []).lazy.map { routed.pools[Int($0)] }
        return leastBusy(replicas, except: operation.tried)
            ?? leastBusy(routed.pools, except: operation.tried)
            ?? leastBusy(replicas, except: [])
            ?? leastBusy(routed.pools, except: [])
            ?? leastBusySeed(operation.tried)
    }

    private func leastBusySeed(_ tried: [NodeAddress]) -> NodePool? {
        let pools = seeds.map { Optional(pool(of: $0)) }
        return leastBusy(pools, except: tried) ?? leastBusy(pools, except: [])
    }

    private func leastBusy(
        _ pools: some RandomAccessCollection<NodePool?>, except tried: [NodeAddress]
    ) -> NodePool? {
        let count = pools.count
        var best: (pool: NodePool, load: Int)?
        for step in 0..<count {
            let index = pools.index(pools.startIndex, offsetBy: (rotation + step) % count)
            guard let pool = pools[index], pool.isHealthy, !tried.contains(pool.address) else { continue }
            let load = pool.load
            if load < best?.load ?? .max { best = (pool, load) }
        }
        return best?.pool
    }

    func pool(of address: NodeAddress) -> NodePool {
        if let pool = pools[address] { return pool }
        let pool = NodePool(address, core: self)
        pools[address] = pool
        return pool
    }
}
