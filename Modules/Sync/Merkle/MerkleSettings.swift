public import StatorCore

public struct MerkleSettings: StrategySettings, Equatable {
    /// The leaf's depth in bits: the token space has 2^depth leaves.
    public var depth = 16
    /// How many children an inner node has: 2, 4, 16 or 256.
    public var fanOut = 16

    public init() {}

    /// Depths that a tree may have.
    static let depths = 4...24
    static let fanOuts = [2, 4, 16, 256]

    public static var fields: [SettingField<MerkleSettings>] {
        [
            .integer(
                "depth", \.depth, depths,
                "the token space has 2^depth leaves; best with a few keys a leaf. 12 bytes for each leaf in use"),
            .integer(
                "fanOut", \.fanOut, 2...256,
                "children of an inner node: 2, 4, 16 or 256; more mean fewer round trips and more hashes compared"),
        ]
    }

    public func problems() -> [SettingProblem] {
        if MerkleSettings.fanOuts.contains(fanOut) { return [] }
        return [SettingProblem(field: "fanOut", message: "is \(fanOut), allowed are 2, 4, 16 and 256")]
    }
}
