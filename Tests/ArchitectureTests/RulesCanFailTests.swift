import Testing

/// Each rule is shown a snippet that breaks it, and one that does not.
@Suite struct RulesCanFailTests {
    private func file(_ text: String, path: String = "Modules/Sync/Sample.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test(arguments: [
        "import Foundation", "public import Glibc", "let now = Date()", "let t = ContinuousClock.now",
        "let t = ContinuousClock().now", "let id = UUID()", "var g = SystemRandomNumberGenerator()",
        "let x = Int.random(in: 0..<5)", "let x = Bool.random()", "let y = list.shuffled()", "list.shuffle()",
        "let z = list.randomElement()", "Task { go() }", "Task.detached { go() }", "DispatchQueue.main.async {}",
        "var hasher = Hasher()", "let h = key.hashValue", "static var count = 0",
        "    public static var table: [Int] = []", "var global = 1", "let p = exp(-x)", "return 1 - pow(2, -x)",
        "let order = ObjectIdentifier(a) < ObjectIdentifier(b)", "let s = \"\\(Date())\"", "await go()",
    ])
    func machinesAreRefused(line: String) throws {
        let found = MachineRules.violations(in: file("let first = 1\n" + line))
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { $0.line == 2 && $0.path == "Modules/Sync/Sample.swift" })
    }

    @Test(arguments: [
        "import NIOCore", "let x = Int.random(in: 0..<5, using: &generator)", "// a Date() in a comment",
        "let s = \"Date() and UUID()\"", "static var kind: String { name }", "static let table = [1]",
        "func log(_ x: Int) {}", "logger.log(x)", "let now = event.now", "struct HasherState {}",
        "let y = list.shuffled(\n    using: &generator)", "    var local = 1", "let r = x.squareRoot()",
        "/* Task { } */ let a = 1", "let updated = lastUpdate(2)", "case log(String)",
    ])
    func machinesAreLetPass(line: String) throws {
        #expect(MachineRules.violations(in: file(line)) == [])
    }

    @Test(arguments: [
        "for (key, value) in table {", "for key in table.keys {", "for item in self.seen where item > 1 {",
        "let a = table.map { $0.key }", "let b = table.values.reduce(0, +)", "table.forEach { print($0) }",
        "let c = seen.first", "let d = seen.sorted { $0.rank < $1.rank }", "let e = Array(seen)",
        "let f = table.keys", "let g = seen.max { $0.rank < $1.rank }", "for x in made {", "for x in argument {",
    ])
    func unorderedIterationIsRefused(line: String) throws {
        #expect(UnorderedIteration.violations(in: file(declarations + line)).map(\.line) == [7])
    }

    @Test(arguments: [
        "let a = table[key]", "if seen.contains(x) {", "let n = table.count", "for key in table.keys.sorted() {",
        "for x in list {", "for x in table[key] ?? [] {", "let s = seen.sorted()", "for x in ordered {",
        "let sum = table.values.reduce(0, +)  // ordered: a sum", "for x in tables {", "table.removeAll()",
    ])
    func orderedUseIsLetPass(line: String) throws {
        #expect(UnorderedIteration.violations(in: file(declarations + line)) == [])
    }

    @Test func iterationOverAMemberOfAnotherFileIsFound() {
        let owner = file(
            "struct A {\n    package private(set) var seen: Set<Int> = []\n    private var own: Set<Int> = []\n}")
        let shared = UnorderedIteration.sharedNames(in: [owner])
        #expect(shared == ["seen"])
        let other = file("extension A {\n    func list() { for x in seen { use(x) } }\n}")
        #expect(UnorderedIteration.violations(in: other, shared: shared).map(\.line) == [2])
    }

    private let declarations = """
        private var table: [NodeID: Int] = [:]
        var seen: Set<Int> = []
        let list: [Int] = []
        let made = Set(list)
        var ordered: OrderedDictionary<Int, Int> = [:]
        func use(_ argument: [Int: String]) {}

        """

    private let manifestText = """
        let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
        let families: [Target.Dependency] = ["Partitioning", "Sync"]
        let targets = [
            // module("Ghost", ["StatorCore"]),
            module("StatorCore", [nioCore]),
            module("Sync", ["StatorCore", "Storage", nioCore]),
            module(
                "Simulation",
                families + ["StatorCore", "NIORuntime"]),
            app("stator-x", folder: "X", ["StatorCore"]),
            tests("SyncTests", ["Sync"]),
        ]
        """

    @Test func anArrowThatTheLayoutForbidsIsFound() throws {
        let manifest = Manifest(text: manifestText)
        #expect(manifest.entries.count == 5)
        #expect(manifest.entries["Simulation"]?.targets == ["StatorCore", "NIORuntime", "Partitioning", "Sync"])
        #expect(
            ImportRules.forbiddenArrows(manifest).map(\.message) == [
                "Simulation must not depend on NIORuntime", "Sync must not depend on Storage",
            ])
    }

    @Test func anImportThatTheManifestDoesNotNameIsFound() throws {
        let manifest = Manifest(text: manifestText)
        let files = [
            file("import StatorCore\npublic import NIOCore\n@testable import Membership\n// import Ghost"),
            file("import Sync\nimport Testing\nimport StatorCore", path: "Tests/SyncTests/A.swift"),
            file("import Testing", path: "Apps/X/main.swift"),
            file("", path: "Modules/Nowhere/A.swift"),
        ]
        #expect(
            ImportRules.undeclaredImports(files, manifest).map(\.description) == [
                "Modules/Sync/Sample.swift:3: Membership is not among the target's dependencies",
                "Tests/SyncTests/A.swift:3: StatorCore is not among the target's dependencies",
                "Apps/X/main.swift:1: Testing is not among the target's dependencies",
                "Modules/Nowhere/A.swift:1: no target of Package.swift holds this file",
            ])
    }

    @Test func shapeRulesCanFail() throws {
        #expect(ShapeRules.violations(in: file("let a = 1 // TODO: b")).map(\.line) == [1])
        #expect(ShapeRules.violations(in: file("let a = \"// TODO\"")) == [])
        #expect(ShapeRules.violations(in: file("\nfatalError(\"x\")")).map(\.line) == [2])
        #expect(ShapeRules.violations(in: file(String(repeating: "x\n", count: 400))) == [])
        #expect(ShapeRules.violations(in: file(String(repeating: "x\n", count: 401))).map(\.line) == [401])
        #expect(ShapeRules.typeNamedAsModule(in: file("public enum Sync {}")).map(\.line) == [1])
        #expect(ShapeRules.typeNamedAsModule(in: file("struct SyncSession {}")) == [])
    }

    @Test func codeCommentsAndTextAreToldApart() {
        let source = #"""
            let a = "x // y" // note
            let b = """
                fatalError( // text
                \(call("in \(deep)")) tail
                """
            let c = #"raw \(no) " quote"# + d /* block
            still */ + e
            """#
        let file = SourceFile(path: "a", text: source)
        #expect(file.comments[0].trimmed == "// note")
        #expect(file.code[0].trimmed.hasPrefix("let a = \""))
        #expect(!file.code[0].contains("y"))
        #expect(!file.code[2].contains("fatalError") && file.comments[2].trimmed.isEmpty)
        #expect(file.code[3].contains("call(") && file.code[3].contains("deep") && !file.code[3].contains("tail"))
        #expect(!file.code[5].contains("no") && file.code[5].contains("+ d") && file.comments[6].contains("still"))
        #expect(file.code[6].contains("+ e"))
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
