import NIOCore

/// When the ring is fetched.
struct RingRefresh {
    var timer: Scheduled<Void>?
    var nextTime = NIODeadline.distantFuture
    var lastTime = NIODeadline.uptimeNanoseconds(0)
    var isUnderWay = false
    /// Something hinted at a change while it was fetched.
    var isWantedAgain = false
}

/// Keeping the ring.
extension ClientCore {
    /// Fetches it from any node.
    /// - Parameter completion: is told of an error where no node answered; a node that knows no ring has answered.
    func fetchRing(id: UInt64? = nil, completion: @escaping (StatorClientError?) -> Void = { _ in }) {
        guard !refresh.isUnderWay else { return completion(nil) }
        refresh.isUnderWay = true
        refresh.isWantedAgain = false
        var asked: Operation?
        let request = Request(.ring, timeout: TimeAmount(configuration.timeout))
        let operation = Operation(request, id: id ?? makeID()) { result in
            completion(self.fetchedRing(result, from: asked?.node))
            asked = nil
        }
        asked = operation
        begin(operation)
    }

    private func fetchedRing(_ result: Result<Reply, StatorClientError>, from node: NodeAddress?) -> StatorClientError?
    {
        refresh.isUnderWay = false
        refresh.lastTime = .now()
        guard !isClosed else { return .closed(outcomeUnknown: false) }
        var interval = TimeAmount(configuration.ringRefreshInterval)
        var failure: StatorClientError?
        switch result {
        case .success(let reply):
            // A ring that cannot be used leaves the last one in place; without any, every node will do.
            if let ring = try? Ring(reply) { install(ring, from: node) }
        case .failure(.rejected): break
        case .failure(let error):
            failure = error
            interval = min(interval, TimeAmount(ClientLimits.ringRefreshPause))
        }
        // All clients of a cluster started together shall not ask together.
        let jittered = Int64.random(in: interval.nanoseconds / 10 * 9...interval.nanoseconds, using: &generator)
        scheduleFetch(at: .now() + .nanoseconds(jittered))
        if refresh.isWantedAgain { requestRefresh() }
        return failure
    }

    private func scheduleFetch(at time: NIODeadline) {
        refresh.timer?.cancel()
        refresh.nextTime = time
        refresh.timer = loop.scheduleTask(deadline: time) { self.fetchRing() }
    }

    /// Has the ring fetched soon: something hinted at a change.
    func requestRefresh() {
        guard !isClosed else { return }
        guard !refresh.isUnderWay else {
            refresh.isWantedAgain = true
            return
        }
        let soon = NIODeadline.now() + .milliseconds(Int64.random(in: 1...50, using: &generator))
        let time = max(soon, refresh.lastTime + TimeAmount(ClientLimits.ringRefreshPause))
        if time < refresh.nextTime { scheduleFetch(at: time) }
    }

    /// An older ring than the present one is not taken, unless the node that told that one has gone back itself.
    private func install(_ new: Ring, from node: NodeAddress?) {
        if let ring, new.epoch < ring.ring.epoch, node != ring.source { return }
        let known = Set(new.members.compactMap { $0 })
        guard !known.isEmpty else { return }
        ring = RoutedRing(ring: new, pools: new.members.map { $0.map(pool(of:)) }, source: node)
        for pool in Array(pools.values) where !known.contains(pool.address) {
            pools[pool.address] = nil
            leaving.append(pool)
            pool.retire()
        }
        leaving.removeAll { $0.connections.isEmpty }
        nodeIsBack()
    }
}
