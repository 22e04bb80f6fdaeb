public import StatorCore

public struct FullScanSettings: StrategySettings, Equatable {
    /// How many keys the initiator lists in one message.
    public var pageKeys = SyncLimits.maximumListing

    public init() {}

    public static var fields: [SettingField<FullScanSettings>] {
        [
            .integer(
                "pageKeys", \.pageKeys, 16...SyncLimits.maximumListing,
                "keys listed in one message; each message waits for its answer")
        ]
    }
}
