internal import Analysis
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Has the plots of a bundle drawn: SVG and PNG files, and the script that makes them interactive in the report.
///
/// Drawing is Vega-Lite's, by the Python package that ``PlotScript`` names. It is looked for with `STATOR_PYTHON`, in
/// the environment that `scripts/build` makes beside the build, and with `python3`.
struct PlotRendering {
    struct Outcome {
        /// The source of vega-embed and what it needs.
        var script: String?
        /// SVG texts by the plot's name.
        var pictures: [String: String] = [:]
        /// Why there are none.
        var problem: String?

        static let none = Outcome(problem: nil)
    }

    private static let maximumFile = 64 << 20
    private static let limit = Duration.seconds(300)

    let folder: String

    func render(_ names: [String]) -> Outcome {
        guard let python = PlotRendering.python() else {
            return Outcome(
                problem: "plots are not drawn: no python3 has \(PlotScript.package) \(PlotScript.version); "
                    + "scripts/build installs it, or set STATOR_PYTHON, and then: stator-bench report \(folder)")
        }
        do {
            let drawn = try CommandOutput.run([python, "-c", PlotScript.text, folder], within: PlotRendering.limit)
            guard drawn.status == 0 else {
                return Outcome(problem: "plots are not drawn: \(PlotRendering.lastLine(drawn.errors))")
            }
        } catch {
            return Outcome(problem: "plots are not drawn: \(error)")
        }
        var outcome = Outcome()
        outcome.script = text("vega-bundle.js")
        for name in names { outcome.pictures[name] = text("\(name).svg") }
        return outcome
    }

    private func text(_ name: String) -> String? {
        let bytes = try? TextFile.read("\(folder)/plots/\(name)", maximum: PlotRendering.maximumFile)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func lastLine(_ text: String) -> String {
        text.split(separator: "\n").last.map(String.init) ?? "the script ended without a word"
    }

    private static func python() -> String? {
        var candidates: [String] = []
        if let named = getenv("STATOR_PYTHON") { candidates.append(String(cString: named)) }
        if let folder = programFolder() {
            candidates.append("\(folder)/../../plots/bin/python3")
        }
        candidates.append("python3")
        return candidates.first { candidate in
            let probe = try? CommandOutput.run([candidate, "-c", "import vl_convert"], within: .seconds(60))
            return probe?.status == 0
        }
    }
}

/// Where this program's file lies; `nil` where the system does not tell.
func programFolder() -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) }
}
