import Composition
import BenchKit

await BenchApp.run(registry: .standard)
