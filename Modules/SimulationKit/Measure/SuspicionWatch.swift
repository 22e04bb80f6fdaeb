internal import StatorCore

/// Who takes whom for dead, against who is: how fast a failure detector notices, and how often it is wrong.
///
/// Pairs that a partition cuts are passed over: to the one, the other is as good as dead.
struct SuspicionWatch {
    private var isOn = false
    /// Since when a node is down or paused, in nanoseconds.
    private var goneSince: [Int64?]
    /// By observer and then by the one that is judged.
    private var isTakenForDead: [[Bool]]
    private var detections: [Duration] = []
    private var undetected = 0
    private var falseSuspicions = 0
    private var began: Int64 = 0
    private var watchedNanoseconds: Int64 = 0

    init(nodes: Int) {
        goneSince = [Int64?](repeating: nil, count: nodes)
        isTakenForDead = [[Bool]](repeating: [Bool](repeating: false, count: nodes), count: nodes)
    }

    mutating func start(at time: Int64) {
        isOn = true
        began = time
    }

    mutating func stop(at time: Int64) {
        isOn = false
        watchedNanoseconds = (time - began) * Int64(goneSince.count)
    }

    mutating func gone(_ node: Int, at time: Int64) { goneSince[node] = time }

    /// - Parameter observers: the members that could have noticed.
    mutating func isBack(_ node: Int, observers: [Int]) {
        guard goneSince[node] != nil else { return }
        goneSince[node] = nil
        guard isOn else { return }
        undetected += observers.count { $0 != node && goneSince[$0] == nil && !isTakenForDead[$0][node] }
    }

    /// An observer begins anew and takes nobody for dead.
    mutating func forgets(_ observer: Int) {
        for peer in isTakenForDead[observer].indices { isTakenForDead[observer][peer] = false }
    }

    mutating func judged(_ peer: Int, dead isDead: Bool, by observer: Int, isCut: Bool, at time: Int64) {
        let wasDead = isTakenForDead[observer][peer]
        isTakenForDead[observer][peer] = isDead
        guard isOn, isDead, !wasDead, !isCut else { return }
        if let since = goneSince[peer] {
            detections.append(.nanoseconds(time - since))
        } else {
            falseSuspicions += 1
        }
    }

    func fill(_ measurements: inout RunMeasurements) {
        measurements.detections = detections
        measurements.undetected = undetected
        measurements.falseSuspicions = falseSuspicions
        measurements.watchedHours = Double(watchedNanoseconds) / 3.6e12
    }
}
