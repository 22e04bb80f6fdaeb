import BenchKit
import Composition

await BenchApp.run(registry: .standard)
