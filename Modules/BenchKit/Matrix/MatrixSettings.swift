package import Composition
package import StatorCore

/// Where the runs of a matrix happen.
package enum RunEnvironment: String, CaseIterable, Sendable {
    /// In this process, in virtual time.
    case simulated
    /// On node processes that the bench starts on this machine and ends.
    case local
    /// On nodes that run already.
    case remote
}

/// What a matrix file says of the whole experiment, next to its factors and its base.
package struct MatrixSettings: StrategySettings, Hashable {
    package var name = ""
    package var question = ""
    package var environment = RunEnvironment.simulated
    package var repetitions = 10
    package var seed = 1
    /// 0: as many as ``MatrixPlan/defaultSameAgainCells(cells:)`` says.
    package var sameAgainCells = 0

    package init() {}

    package static let required = ["name", "question"]

    package static var fields: [SettingField<MatrixSettings>] {
        [
            .text("name", \.name, maximumLength: 64, "the matrix's name: letters, digits and dashes"),
            .text("question", \.question, maximumLength: 4000, "what it is to answer, in a paragraph"),
            .choice(
                "environment", \.environment,
                "`simulated` in this process, `local` on node processes of this machine, `remote` on running nodes"),
            .integer("repetitions", \.repetitions, 1...10_000, "runs of each cell, each with a seed of its own"),
            .integer("seed", \.seed, 0...Int.max, "what seeds, order and resampling are drawn from"),
            .integer(
                "sameAgainCells", \.sameAgainCells, 0...100_000,
                "cells that are run twice more with seeds of their own, to see how often chance looks like a difference; "
                    + "0 for one in eight cells"),
        ]
    }

    package func problems() -> [SettingProblem] {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
        }
        return isPlain && !name.isEmpty
            ? [] : [SettingProblem(field: "name", message: "found \"\(name)\", expected letters, digits and dashes")]
    }
}

/// One variable of the design and its levels.
package struct MatrixFactor: Sendable {
    package let name: String
    package let levels: [Level]

    package struct Level: Sendable {
        package let name: String
        /// By path within the base.
        package let settings: [Setting]
        /// Where the level stands in the matrix file, for messages.
        package let place: String
    }

    package struct Setting: Sendable {
        package let path: String
        package let value: JSONValue
    }
}
