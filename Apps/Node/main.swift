import Composition
import NodeKit

await NodeApp.run(registry: .standard)
