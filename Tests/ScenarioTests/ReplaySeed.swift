import Foundation

/// A seed to replay, from the environment.
enum ReplaySeed {
    static var fromEnvironment: UInt64? {
        ProcessInfo.processInfo.environment["STATOR_SEED"].flatMap { UInt64($0) }
    }
}
