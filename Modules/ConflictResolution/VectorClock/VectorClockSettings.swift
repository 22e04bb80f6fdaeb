public import StatorCore

/// The settings of ``VectorClockResolver``.
public struct VectorClockSettings: StrategySettings, Equatable {
    /// The most entries of a clock that is written; the default is the paper's example.
    public var maximumEntries = 10

    public init() {}

    public init(maximumEntries: Int) {
        self.maximumEntries = maximumEntries
    }

    public static var fields: [SettingField<VectorClockSettings>] {
        [
            .integer(
                "maximumEntries", \.maximumEntries, 2...1000,
                "The most (actor, counter) entries of a written clock; the oldest beyond them are dropped.")
        ]
    }
}
