import Testing

/// The rules, over the repository as it is.
@Suite struct ArchitectureTests {
    @Test func theRepositoryIsFound() throws {
        let files = try Repository.swiftFiles(in: "Modules", "Tests")
        #expect(files.count > 20)
        #expect(files.contains { $0.path == "Tests/ArchitectureTests/ArchitectureTests.swift" })
        let manifest = try Repository.manifest()
        #expect(manifest.entries["Partitioning"]?.targets == ["StatorCore", "Hashing"])
        #expect(manifest.entries["Hashing"]?.products == ["NIOCore", "Crypto"])
        #expect(manifest.entries["Replication"]?.targets.contains("Membership") == true)
        #expect(manifest.entries["stator-node"]?.folder == "Apps/Node")
        #expect(manifest.entries["StatorCoreTests"]?.folder == "Tests/StatorCoreTests")
    }

    @Test func modulesImportOnlyWhatTheManifestNames() throws {
        let files = try Repository.swiftFiles(in: "Modules", "Apps", "Tests")
        report(ImportRules.undeclaredImports(files, try Repository.manifest()))
    }

    @Test func arrowsFollowTheLayout() throws {
        report(ImportRules.forbiddenArrows(try Repository.manifest()))
    }

    @Test(arguments: Repository.machines)
    func machinesAreDeterministic(module: String) throws {
        let files = try Repository.swiftFiles(in: "Modules/\(module)")
        let shared = UnorderedIteration.sharedNames(in: files)
        for file in files { report(MachineRules.violations(in: file, shared: shared)) }
    }

    @Test(arguments: DriverRules.allowed.keys.sorted())
    func driversDefineThreadsAndChanceAlone(driver: String) throws {
        let files = try Repository.swiftFiles(in: "Modules/\(driver)")
        report(DriverRules.violations(files, of: driver, allowed: DriverRules.allowed[driver] ?? []))
    }

    @Test func filesAreShortAndFinished() throws {
        for file in try Repository.swiftFiles(in: "Modules", "Apps", "Tests", "Benchmarks", "examples") {
            report(ShapeRules.violations(in: file))
        }
    }

    @Test func noTypeHasItsModulesName() throws {
        for file in try Repository.swiftFiles(in: "Modules") { report(ShapeRules.typeNamedAsModule(in: file)) }
    }
}
