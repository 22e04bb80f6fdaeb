import Composition
import NodeKit
import Rendezvous

// A node with everything that Stator has, and one partitioner more.
var registry = StrategyRegistry.standard
registry.add(RendezvousPartitioner.self)
await NodeApp.run(registry: registry)
