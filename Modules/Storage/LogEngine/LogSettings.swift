public import StatorCore

/// What the log engine may be told.
public struct LogSettings: StrategySettings, Equatable {
    public enum Compression: String, CaseIterable, Sendable {
        case none, lz4
    }

    /// A segment is closed when the next record would make it larger.
    public var segmentSize = ByteCount.mebibytes(64)
    public var compression = Compression.lz4
    /// A segment is merged away when at least this share of it, in percent, is dead.
    public var mergeDeadPercent = 50
    /// Segments kept open for reading; the others are opened when they are read.
    public var openFiles = 256

    public init() {}

    public static var fields: [SettingField<LogSettings>] {
        [
            .bytes(
                "segmentBytes", \.segmentSize, (64 << 10)...(1 << 30),
                "Size at which a segment file is closed and the next one begun."),
            .choice("compression", \.compression, "How bodies are stored where that saves an eighth: none or lz4."),
            .integer(
                "mergeDeadPercent", \.mergeDeadPercent, 10...90,
                "Share of dead bytes at which a segment is merged. Lower: less disk used, more bytes rewritten."),
            .integer("openFiles", \.openFiles, 8...65_536, "The most segment files held open at a time."),
        ]
    }
}
