public import StatorCore

/// The settings of ``LastWriterWinsHLCResolver``.
public struct HybridClockSettings: StrategySettings, Equatable {
    /// How far ahead of the coordinator's wall clock a client's context may be: the largest skew between clocks
    /// that the cluster lives with.
    public var maximumDrift: Duration = .seconds(3600)

    public init() {}

    public init(maximumDrift: Duration) {
        self.maximumDrift = maximumDrift
    }

    public static var fields: [SettingField<HybridClockSettings>] {
        [
            .milliseconds(
                "maximumDriftMilliseconds", \.maximumDrift, 1...86_400_000,
                "How far a client's context may be ahead of the coordinator's clock before it is refused as forged.")
        ]
    }
}
