/// A line on a terminal that shows how far something is, and how long it may take still; nothing where nobody looks.
struct ProgressBar {
    private static let width = 30

    private let begun = ContinuousClock().now
    /// What was done before it began, as a share of all.
    private let shareBefore: Double
    private var shownAt: ContinuousClock.Instant?

    init(shareBefore: Double = 0) {
        self.shareBefore = shareBefore
    }

    /// - Parameters:
    ///   - share: of all that is to be done, in 0 ... 1.
    ///   - label: what else there is to say.
    mutating func show(_ share: Double, _ label: String = "") {
        let now = ContinuousClock().now
        guard TextOutput.error.isTerminal, shownAt.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
        shownAt = now
        let filled = Int(Double(ProgressBar.width) * min(1, max(0, share)))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: ProgressBar.width - filled)
        TextOutput.error.write("\r[\(bar)] \(label)\(left(share, now))   ")
    }

    private func left(_ share: Double, _ now: ContinuousClock.Instant) -> String {
        let done = share - shareBefore
        guard done > 0 else { return "" }
        let seconds = ((now - begun) / done * (1 - share)).components.seconds
        return seconds < 120 ? ", \(seconds) s left" : ", \(seconds / 60) min left"
    }

    func clear() {
        if shownAt != nil { TextOutput.error.write("\r" + String(repeating: " ", count: 79) + "\r") }
    }
}
