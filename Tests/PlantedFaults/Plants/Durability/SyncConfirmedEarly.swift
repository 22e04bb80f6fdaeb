import SimulationKit
import Storage

/// The disk confirms a sync and carries it out with the next one: a crash between them loses the tail.
enum SyncConfirmedBeforeItRan: Plant {
    static let name = "sync-confirmed-before-it-ran"
    static let wrong = "Every other sync is confirmed at once and done with the next: a crash takes the tail."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapDisks { PassingDisk(base: $0) { LateFile($0) } }
    }
}

private final class LateFile: PassingFile, @unchecked Sendable {
    private var isOwed = false

    override func sync() throws(DiskError) {
        isOwed.toggle()
        if !isOwed { try base.sync() }
    }
}
