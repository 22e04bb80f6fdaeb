internal import SimulationKit

/// A line on a terminal that shows how far a campaign is; nothing where nobody looks.
struct ProgressBar {
    private let total: Int
    private let begun: ContinuousClock.Instant
    private var shownAt: ContinuousClock.Instant?

    init(total: Int, begun: ContinuousClock.Instant) {
        self.total = total
        self.begun = begun
    }

    mutating func show(_ totals: CampaignTotals) {
        let now = ContinuousClock().now
        guard TextOutput.error.isTerminal, shownAt.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
        shownAt = now
        let done = Double(totals.runs) / Double(total)
        let filled = Int(done * 30)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        let left = (now - begun) / done * (1 - done)
        let seconds = left.components.seconds
        TextOutput.error.write(
            "\r[\(bar)] \(totals.runs)/\(total), \(totals.failedSeeds.count) failed, \(seconds) s left   ")
    }

    func clear() {
        if shownAt != nil { TextOutput.error.write("\r" + String(repeating: " ", count: 79) + "\r") }
    }
}
