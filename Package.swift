// swift-tools-version: 6.2
import PackageDescription

// The layout, read from the top: what everything stands on, the five families, the node, its drivers, what is
// composed of them. The arrows are the `dependencies:` below; Tests/ArchitectureTests keeps imports to them.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// - Parameter files: compiled into it as bytes.
func module(_ name: String, _ dependencies: [Target.Dependency], embedding files: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Modules/\(name)", resources: files.map { .embedInCode($0) },
        swiftSettings: strict)
}

func app(_ name: String, folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Apps/\(folder)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

/// A program that tests and is no product: too slow for a debug build.
func testProgram(_ name: String, folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(folder)", swiftSettings: strict)
}

func systemLibrary(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, path: "Modules/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let families: [Target.Dependency] = ["Partitioning", "ConflictResolution", "Membership", "Sync", "Storage"]

let package = Package(
    name: "stator",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "stator-node", targets: ["stator-node"]),
        .executable(name: "statorctl", targets: ["statorctl"]),
        .executable(name: "stator-bench", targets: ["stator-bench"]),
        .library(
            name: "Stator",
            targets: [
                "StatorCore", "Hashing", "Partitioning", "ConflictResolution", "Membership", "Sync", "Storage",
                "Composition", "NodeKit",
            ]),
        .library(name: "StatorClient", targets: ["StatorClient"]),
        .library(name: "StatorConformance", targets: ["ConformanceKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        systemLibrary("CXXHash", pkgConfig: "libxxhash", debian: "libxxhash-dev"),
        .systemLibrary(name: "CStatx", path: "Modules/CStatx"),
        systemLibrary("CLZ4", pkgConfig: "liblz4", debian: "liblz4-dev"),

        module("StatorCore", [nioCore]),
        module("Hashing", ["StatorCore", "CXXHash", nioCore, crypto]),

        module("Partitioning", ["StatorCore", "Hashing"]),
        module("ConflictResolution", ["StatorCore", "Hashing", nioCore]),
        module("Membership", ["StatorCore", "Hashing", nioCore]),
        module("Sync", ["StatorCore", "Hashing", nioCore]),
        module("Storage", ["StatorCore", "Hashing", "CLZ4", nioCore]),

        module("Replication", families + ["StatorCore", "Hashing", nioCore, deque, heap]),
        module("Wire", ["StatorCore", "Hashing", "ConflictResolution", "Sync", "Replication", nioCore]),

        module("NodeCore", families + ["StatorCore", "Hashing", "Replication", "Wire", nioCore, deque]),

        module(
            "NIORuntime",
            families + [
                "StatorCore", "Hashing", "Replication", "Wire", "NodeCore", "CStatx", nioCore, nioPosix, logging,
            ]),
        module(
            "Simulation", families + ["StatorCore", "Hashing", "Replication", "Wire", "NodeCore", nioCore, deque, heap]),
        module(
            "Dashboard", [],
            embedding: ["html", "css"].map { "Page/dashboard.\($0)" }
                + ["charts", "dashboard", "dom", "explorer", "members", "model", "panels", "ring", "story"]
                .map { "Page/\($0).js" }),
        module(
            "Gateways",
            families + [
                "StatorCore", "Replication", "Dashboard", nioCore, nioPosix, nioHTTP1, logging, histogram,
            ]),

        module("Checking", ["StatorCore", "Hashing"]),
        module("NodeClient", [nioCore, nioPosix, nioHTTP1]),
        module("StatorClient", ["StatorCore", "Hashing", nioCore, nioPosix]),
        module("Processes", []),
        module("Recording", ["StatorCore", "Checking", "NodeClient", nioCore, nioHTTP1]),
        module("Workload", ["StatorCore", histogram]),

        module("Composition", families + ["StatorCore", "Hashing", "Replication", nioCore]),
        module("ConformanceKit", families + ["StatorCore", "Hashing", "Replication", "Simulation", nioCore]),
        module(
            "NodeKit",
            families + [
                "StatorCore", "Hashing", "Replication", "Composition", "NIORuntime", "Gateways", nioCore, nioPosix,
                logging, lifecycle, argumentParser,
            ]),

        module("Analysis", ["StatorCore", "Workload", "Composition"]),
        module(
            "SimulationKit",
            families + [
                "StatorCore", "Hashing", "Replication", "Simulation", "Checking", "Workload", "Composition", nioCore,
                deque,
            ]),
        module(
            "BenchKit",
            families + [
                "StatorCore", "Hashing", "Replication", "Simulation", "Checking", "Workload", "Analysis", "NodeClient",
                "Recording", "Processes", "Composition", "SimulationKit", nioCore, nioPosix, nioHTTP1, crypto,
                lifecycle, deque, argumentParser,
            ]),

        app("stator-node", folder: "Node", ["NodeKit", "Composition"]),
        app("stator-bench", folder: "Bench", ["BenchKit", "Composition"]),
        module("ClusterKit", ["Dashboard", "NodeClient", "Processes", nioCore, nioPosix, nioHTTP1]),
        app(
            "statorctl", folder: "Control",
            ["StatorCore", "NodeClient", "ClusterKit", nioCore, nioHTTP1, argumentParser, lifecycle]),

        tests("StatorCoreTests", ["StatorCore", nioCore]),
        tests("HashingTests", ["StatorCore", "Hashing", nioCore]),
        tests("PartitioningTests", ["StatorCore", "Hashing", "Partitioning", "ConformanceKit"]),
        tests("ConflictResolutionTests", ["StatorCore", "ConflictResolution", "ConformanceKit", nioCore]),
        tests("MembershipTests", ["StatorCore", "Hashing", "Membership", "ConformanceKit", nioCore]),
        tests("SyncTests", ["StatorCore", "Hashing", "Sync", nioCore]),
        tests(
            "StorageTests", ["StatorCore", "Hashing", "Storage", "Simulation", "NIORuntime", "ConformanceKit", nioCore]),
        tests(
            "ReplicationTests",
            families + ["StatorCore", "Hashing", "Replication", "Composition", "Simulation", nioCore]),
        tests("WireTests", ["StatorCore", "ConflictResolution", "Sync", "Replication", "Wire", nioCore]),
        tests(
            "NodeCoreTests",
            [
                "StatorCore", "Hashing", "Storage", "Replication", "Wire", "NodeCore", "Composition", "Simulation",
                nioCore,
            ]),
        tests(
            "NIORuntimeTests",
            families + [
                "StatorCore", "Hashing", "Replication", "Wire", "NodeCore", "NIORuntime", nioCore, nioPosix, logging,
            ]),
        tests(
            "GatewaysTests",
            families + ["StatorCore", "Replication", "Gateways", nioCore, nioEmbedded, nioPosix, nioHTTP1, logging]),
        tests("CheckingTests", ["StatorCore", "Checking"]),
        tests(
            "RecordingTests", ["StatorCore", "Checking", "NodeClient", "Recording", nioCore, nioPosix, nioHTTP1]),
        tests("StatorClientTests", ["StatorCore", "Hashing", "StatorClient", nioCore, nioPosix]),
        tests("ProcessesTests", ["Processes"]),
        tests("ClusterKitTests", ["NodeClient", "ClusterKit"]),
        tests("WorkloadTests", ["StatorCore", "Workload", histogram]),
        tests("AnalysisTests", ["StatorCore", "Workload", "Analysis", "Composition"]),
        tests("SimulationTests", ["StatorCore", "Simulation", nioCore]),
        tests(
            "SimulationKitTests",
            families + [
                "StatorCore", "Hashing", "Replication", "Simulation", "Checking", "Workload", "Composition",
                "SimulationKit", nioCore,
            ]),
        tests(
            "BenchKitTests",
            families + [
                "StatorCore", "Hashing", "Replication", "Checking", "Workload", "Analysis", "NodeClient", "Composition",
                "SimulationKit", "BenchKit", nioCore, nioEmbedded, nioPosix, nioHTTP1,
            ]),
        .executableTarget(
            name: "step-benchmarks",
            dependencies: families + [
                "StatorCore", "Hashing", "Replication", "Wire", "NIORuntime", "Gateways", "Composition", "Simulation",
                nioCore, nioEmbedded, logging,
            ], path: "Benchmarks/StepBenchmarks", swiftSettings: strict),
        testProgram(
            "planted-faults", folder: "PlantedFaults",
            families + [
                "StatorCore", "Hashing", "Replication", "Simulation", "Checking", "Composition", "SimulationKit",
                nioCore, deque,
            ]),
        tests("CompositionTests", families + ["StatorCore", "Hashing", "Replication", "Composition", nioCore]),
        tests("ConformanceTests", families + ["StatorCore", "Composition", "ConformanceKit"]),
        tests(
            "ScenarioTests", families + ["StatorCore", "Hashing", "Replication", "Composition", "Simulation", nioCore]),
        tests("EndToEndTests", ["StatorCore", "Processes", "StatorClient"]),
        tests("ArchitectureTests", []),
    ],
    swiftLanguageModes: [.v6]
)

// Micro-benchmarks bring a package of three minutes' build: only on demand.
if Context.environment["STATOR_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    func benchmarks(_ name: String, _ dependencies: [Target.Dependency]) {
        package.targets.append(
            .executableTarget(
                name: name, dependencies: dependencies + [.product(name: "Benchmark", package: "benchmark")],
                path: "Benchmarks/\(name)", swiftSettings: strict,
                plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
    }
    benchmarks("PlacementBenchmarks", ["StatorCore", "Hashing", "Partitioning"])
    benchmarks("SimulatorBenchmarks", ["StatorCore", "Composition", "SimulationKit"])
}
