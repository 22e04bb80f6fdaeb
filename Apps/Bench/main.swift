import Composition
import SimulationKit

await BenchApp.run(registry: .standard)
