import Foundation

/// Shows that the checkers see: plants one fault after the other into the store and expects each to be caught, and the
/// same simulations without it to be clean.
///
///     planted-faults [--only NAME] [--list] [--markdown] [--survey SEEDS]
///
/// Ends with 0, 1 where a fault was not caught or a clean run was not clean, 64 for wrong arguments.
@main
enum PlantedFaultsProgram {
    static func main() async {
        do throws(ArgumentError) {
            let arguments = try Arguments(CommandLine.arguments.dropFirst())
            exit(await run(arguments) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("planted-faults: \(error)\n".utf8))
            exit(64)
        }
    }

    /// - Returns: whether all went as it should.
    private static func run(_ arguments: Arguments) async -> Bool {
        if arguments.lists {
            for plant in arguments.plants { print("\(plant.name): \(plant.wrong)") }
            return true
        }
        if let seeds = arguments.survey {
            for row in await Survey.rows(arguments.plants, seeds: seeds) { print(row) }
            return true
        }
        let proof = Proof(arguments.plants)
        let findings = await proof.run()
        print(arguments.isMarkdown ? ProofTable.markdown(findings) : ProofTable.text(findings))
        let failed = findings.filter { !$0.isPassed }
        for finding in failed { print(finding.complaint) }
        print("\(findings.count - failed.count) passed, \(failed.count) failed")
        return failed.isEmpty
    }
}
