// swift-tools-version: 6.2
import PackageDescription

// A strategy outside Stator's own package: what you would write in a repository of yours, where the dependency is
// Stator's URL instead of a path.

let package = Package(
    name: "stator-examples",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "stator", path: "..")
    ],
    targets: [
        .target(name: "Rendezvous", dependencies: [.product(name: "Stator", package: "stator")]),
        .executableTarget(
            name: "rendezvous-node", dependencies: ["Rendezvous", .product(name: "Stator", package: "stator")]),
        .testTarget(
            name: "RendezvousTests",
            dependencies: [
                "Rendezvous",
                .product(name: "Stator", package: "stator"),
                .product(name: "StatorConformance", package: "stator"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
