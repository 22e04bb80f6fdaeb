/// Who may import whom: the manifest says what is, this table says what may be.
enum ImportRules {
    static let families = ["Partitioning", "ConflictResolution", "Membership", "Sync", "Storage"]
    private static let base = ["StatorCore", "Hashing"]

    /// Which targets of ours each module may name. A module that is not listed may name none: list it first.
    static let allowed: [String: [String]] = [
        "StatorCore": [],
        "Hashing": ["StatorCore", "CXXHash"],
        "Partitioning": base,
        "ConflictResolution": base,
        "Membership": base,
        "Sync": base,
        "Storage": base + ["CLZ4"],
        "StorageRocksDB": base + ["Storage", "CRocksDB"],
        "StorageSQLite": base + ["Storage", "CSQLite"],
        "StorageLMDB": base + ["Storage", "CLMDB"],
        "Replication": base + families,
        "Wire": base + families + ["Replication"],
        "NodeCore": base + families + ["Replication", "Wire"],
        "NIORuntime": base + families + ["CStatx", "Replication", "Wire", "NodeCore"],
        "Simulation": base + families + ["Replication", "Wire", "NodeCore"],
        "Checking": base,
        "NodeClient": [],
        "Recording": base + ["Checking", "NodeClient"],
        "Workload": base,
        "Analysis": base + ["Workload", "Composition"],
        "StatorClient": base,
        "Dashboard": [],
        "Processes": [],
        "ClusterKit": ["Dashboard", "NodeClient", "Processes"],
        "Gateways": base + families + ["Replication", "Dashboard"],
        "Composition": base + families + ["Replication"],
        "SimulationKit": base + families + [
            "Replication", "Simulation", "Checking", "Workload", "Composition",
        ],
        "BenchKit": base + families + [
            "Replication", "Simulation", "Checking", "Workload", "Analysis", "NodeClient", "Recording", "Processes",
            "Composition", "SimulationKit",
        ],
        "ConformanceKit": base + families + ["Replication", "Simulation"],
        "NodeKit": base + families + ["Replication", "Wire", "Composition", "NIORuntime", "Gateways"],
    ]

    /// What a product brings, where that is more than the module of its name.
    static let modulesOfProducts: [String: [String]] = [
        "Collections": ["Collections", "OrderedCollections", "DequeModule", "HeapModule", "BitCollections"],
        "ServiceLifecycle": ["ServiceLifecycle", "UnixSignals"],
        "NIOPosix": ["NIOPosix", "NIOConcurrencyHelpers"],
        "NIOCore": ["NIOCore", "NIOConcurrencyHelpers"],
    ]

    /// What the toolchain brings. Machines are denied most of it by another test.
    static let toolchain = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization",
    ]

    static let importPattern = Pattern(
        #"^\s*(?:@\w+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"#
    )

    /// Imports of what the file's target does not name in the manifest.
    static func undeclaredImports(_ files: [SourceFile], _ manifest: Manifest) -> [Violation] {
        var violations: [Violation] = []
        for file in files {
            guard let entry = manifest.entry(holding: file.path) else {
                violations.append(file.violation(0, "no target of Package.swift holds this file"))
                continue
            }
            var known = entry.targets + toolchain
            known += entry.products.flatMap { modulesOfProducts[$0] ?? [$0] }
            if file.path.hasPrefix("Tests/") { known.append("Testing") }
            for (index, line) in file.code.enumerated() {
                for match in importPattern.matches(in: line) where !known.contains(match[1]) {
                    violations.append(file.violation(index, "\(match[1]) is not among the target's dependencies"))
                }
            }
        }
        return violations
    }

    /// Arrows of the manifest that the layout forbids.
    static func forbiddenArrows(_ manifest: Manifest) -> [Violation] {
        var violations: [Violation] = []
        for (name, entry) in manifest.entries.sorted(by: { $0.key < $1.key }) {
            guard entry.folder.hasPrefix("Modules/"), !entry.targets.isEmpty else { continue }
            for target in entry.targets where !(allowed[name] ?? []).contains(target) {
                violations.append(
                    Violation(path: "Package.swift", line: 1, message: "\(name) must not depend on \(target)"))
            }
        }
        return violations
    }
}
