import ConformanceKit
import StatorCore
import Storage
import Testing

@Suite struct StorageLawsTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func memoryEngineKeepsItsLaws(seed: UInt64) throws {
        try StorageLaws.check(kind: MemoryEngine.kind, guarantees: MemoryEngine.guarantees, seed: seed) { environment in
            try MemoryEngine(settings: NoSettings(), environment: environment)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func logEngineKeepsItsLaws(seed: UInt64) throws {
        try StorageLaws.check(kind: LogEngine.kind, guarantees: LogEngine.guarantees, seed: seed) { environment in
            try LogEngine(settings: .tiny, environment: environment)
        }
    }
}
