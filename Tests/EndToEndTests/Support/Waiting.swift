import Foundation

/// Seconds of a clock that only goes forward.
func secondsNow() -> Double {
    ProcessInfo.processInfo.systemUptime
}

func pause(_ seconds: Double) {
    usleep(UInt32(max(0, seconds) * 1_000_000))
}

/// Polls until something holds.
/// - Throws: ``HarnessError`` with what was waited for and the last answer, after `limit` seconds.
func eventually(
    _ what: String, within limit: Double = 60, every interval: Double = 0.1, _ holds: () throws -> Bool
) throws {
    let deadline = secondsNow() + limit
    var last = ""
    repeat {
        do {
            if try holds() { return }
            last = ""
        } catch {
            last = "; the last attempt: \(error)"
        }
        pause(interval)
    } while secondsNow() < deadline
    throw HarnessError("waited \(Int(limit)) s in vain for: \(what)\(last)")
}
