internal import Simulation
public import StatorCore
public import Storage

/// The laws of storage engines, for any engine of ours or another's.
///
/// They run on a simulated disk. An engine that goes past the `Disk` of its environment to files of its own is checked
/// against the model and by reopening, in `folder`; crashes and damage it must show in tests of its own.
public enum StorageLaws {
    public typealias Maker = (StorageEnvironment) throws -> any StorageEngine

    /// Checks every law that holds for all engines and those of the guarantees given, and shows a counter-example for
    /// each one denied.
    /// - Parameters:
    ///   - kind: named in violations.
    ///   - guarantees: what the engine's type declares.
    ///   - seed: all cases are drawn from it.
    ///   - folder: where engines may keep files; each case gets a folder of its own inside.
    ///   - make: opens an engine. Small segments find more.
    /// - Throws: ``LawViolation``, or what `make` throws.
    public static func check(
        kind: String, guarantees: Set<Guarantee>, seed: UInt64, folder: String = "/laws", make: @escaping Maker
    ) throws {
        let subject = Subject(kind: kind, seed: seed, folder: folder, make: make)
        let persists = guarantees.contains(StorageGuarantees.persists)
        try agreesWithModel(subject, persists: persists)
        try scansInOrder(subject)
        try batchesAreOrdered(subject)
        try survivesFullDisk(subject)
        if persists {
            try keepsSyncedWritesThroughCrashes(subject)
            try keepsAPrefixAtEveryLength(subject)
            try refusesWritesAfterFailedSync(subject)
            try showsNothingOfAFailedSync(subject)
            try keepsWhatAStartShows(subject)
            try maintenanceFreesDeadBytes(subject)
        } else {
            try forgets(subject)
        }
        if guarantees.contains(StorageGuarantees.detectsCorruption) {
            if persists { try neverReturnsDamage(subject) }
        } else {
            try returnsDamage(subject)
        }
    }

    /// What is checked, and what violations are reported with.
    struct Subject {
        let kind: String
        let seed: UInt64
        let folder: String
        let make: Maker

        func violation(_ law: String, _ finding: String) -> LawViolation {
            LawViolation(kind: kind, law: law, finding: finding, seed: seed)
        }

        func random(_ law: String) -> RandomGenerator {
            let salt = law.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            return RandomGenerator(seed: seed ^ salt)
        }

        func open(_ disk: SimulatedDisk, _ name: String) throws -> any StorageEngine {
            try make(StorageEnvironment(disk: disk, folder: "\(folder)/\(name)", owner: name, newStoreID: seed))
        }
    }

    /// Makes everything applied so far durable.
    static func sync(_ engine: any StorageEngine) throws(StorageError) {
        guard let job = try engine.beginSync() else { return }
        do throws(StorageError) {
            try job.run()
        } catch {
            engine.endSync(.failure(error))
            throw error
        }
        engine.endSync(.success(()))
    }
}
