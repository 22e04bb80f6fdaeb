import Composition
import Membership
import Replication
import Simulation
import StatorCore
import Storage
import Workload

/// Reads a document into a ``SimulationFile``, collecting problems on the way instead of stopping at the first.
struct SimulationFileReader {
    /// The objects that a node's configuration has as well, and that hold for every node here.
    static let nodeSections = ["replication", "hints", "antiEntropy", "durability", "strategies"]
    static let known =
        ["$schema", "name", "question", "cluster"] + nodeSections + [
            "network", "disks", "clocks", "workload", "faults", "phases", "draws",
        ]

    private static let maximumScheduled = 1000

    let registry: StrategyRegistry
    var problems = ProblemList()
    /// Paths that were set from outside: nothing is drawn for them.
    var fixed: [String] = []

    init(registry: StrategyRegistry) {
        self.registry = registry
    }

    /// - Returns: a simulation that counts only where no problem was found; `nil` where the nodes' part is wrong.
    mutating func file(from document: JSONValue) -> SimulationFile? {
        guard case .object(let root) = document else {
            problems.add("", "found \(document.finding), expected an object with \(Self.known.joined(separator: ", "))")
            return nil
        }
        problems.refuseUnknown(root, known: Self.known, at: "")
        let cluster = section(ClusterShape.self, "cluster", root)
        guard let configurations = configurations(root, cluster) else { return nil }
        var file = SimulationFile(configurations: configurations)
        let kinds = file.kinds
        file.resolverGuarantees =
            registry.conflictResolvers.first { $0.kind == kinds.conflictResolver }?.guarantees ?? []
        file.storageGuarantees = registry.storageEngines.first { $0.kind == kinds.storage }?.guarantees ?? []
        file.name = text("name", root)
        file.question = text("question", root)
        file.cluster = cluster
        readNetwork(root, into: &file)
        readDisks(root, into: &file)
        file.clocks = section(ClockSettings.self, "clocks", root)
        readWorkload(root, into: &file)
        readFaults(root, into: &file)
        file.phases = section(PhaseSettings.self, "phases", root)
        checkCombinations(of: file)
        file.draws = draws(root, in: document)
        return file
    }

    private mutating func text(_ name: String, _ root: [JSONMember]) -> String {
        switch root[name] {
        case nil: return ""
        case .text(let text): return text
        case .some(let other):
            problems.add(name, "found \(other.finding), expected a text")
            return ""
        }
    }

    private mutating func section<Settings: StrategySettings>(
        _ type: Settings.Type, _ name: String, _ root: [JSONMember]
    ) -> Settings {
        let object = problems.object(root[name], at: name) ?? []
        return settings(type, object, at: name)
    }

    private mutating func settings<Settings: StrategySettings>(
        _ type: Settings.Type, _ object: [JSONMember], at path: String, others: [String] = []
    ) -> Settings {
        let read = problems.settings(type, from: object, at: path, others: others)
        if read.isSound { problems.add(read.settings.problems(), under: path) }
        return read.settings
    }

    private mutating func readWorkload(_ root: [JSONMember], into file: inout SimulationFile) {
        let object = problems.object(root["workload"], at: "workload") ?? []
        let read = problems.settings(WorkloadSettings.self, from: object, at: "workload", others: ["requests"])
        let (settings, found) = read.settings.applyingPreset(given: read.given)
        if read.isSound { problems.add(found + settings.problems(), under: "workload") }
        file.workload = settings
        let requests = problems.object(object["requests"], at: "workload.requests") ?? []
        file.requests = self.settings(RequestSettings.self, requests, at: "workload.requests")
        if file.requests.batches > 0, file.requests.batchKeys > settings.keys, settings.trace.isEmpty {
            problems.add(
                "workload.requests.batchKeys",
                "is \(file.requests.batchKeys), more than the \(settings.keys) keys there are")
        }
    }

    private mutating func readFaults(_ root: [JSONMember], into file: inout SimulationFile) {
        let object = problems.object(root["faults"], at: "faults") ?? []
        file.faults = settings(FaultSettings.self, object, at: "faults", others: ["schedule"])
        guard let schedule = object["schedule"] else { return }
        guard case .array(let elements) = schedule, elements.count <= Self.maximumScheduled else {
            problems.add(
                "faults.schedule",
                "found \(schedule.finding), expected an array of at most \(Self.maximumScheduled) faults")
            return
        }
        for (position, element) in elements.enumerated() {
            let place = "faults.schedule.\(position)"
            guard let members = problems.object(element, at: place) else { continue }
            let read = problems.settings(
                ScheduledFault.self, from: members, at: place, required: ScheduledFault.required)
            file.schedule.append(read.settings)
        }
    }

    // MARK: Nodes

    /// Every node's configuration, from the parts that all share.
    private mutating func configurations(_ root: [JSONMember], _ cluster: ClusterShape) -> [NodeConfiguration]? {
        let count = cluster.nodes + cluster.outsiders
        let members = (0..<count).map { number -> [JSONMember] in
            [
                JSONMember("name", .text(SimulationFile.nodeName(number, of: count))),
                JSONMember("peer", .text("10.\(number >> 8 & 255).\(number & 255).1:7000")),
                JSONMember("http", .text("10.\(number >> 8 & 255).\(number & 255).1:5000")),
                JSONMember("zone", .text("zone-\(number % cluster.zones)")),
            ]
        }
        var shared = [
            JSONMember(
                "cluster",
                .object([
                    JSONMember("name", .text("simulated")),
                    JSONMember("members", .array(members.prefix(cluster.nodes).map { .object($0) })),
                ]))
        ]
        for name in Self.nodeSections {
            if let value = root[name] { shared.append(JSONMember(name, value)) }
        }
        var configurations: [NodeConfiguration] = []
        for (position, member) in members.enumerated() {
            // Checked with the first one: loading all anew would take the square of their number.
            if let first = configurations.first, position < cluster.nodes {
                configurations.append(first.configuration(ofMember: position))
                continue
            }
            let node = JSONMember("node", .object(member + [JSONMember("shards", .integer(cluster.shards))]))
            do throws(ConfigurationError) {
                configurations.append(
                    try NodeConfiguration.load(document: .object([node] + shared), registry: registry))
            } catch {
                // The same for every node: the first one's are all there are.
                for problem in error.problems {
                    problems.add(problem.path, problem.message, suggestion: problem.suggestion)
                }
                return nil
            }
        }
        return configurations
    }

    // MARK: Network and disks

    private mutating func readNetwork(_ root: [JSONMember], into file: inout SimulationFile) {
        let object = problems.object(root["network"], at: "network") ?? []
        file.network = settings(LinkFileSettings.self, object, at: "network", others: ["latency", "zoneLatencies"])
        if let latency = latency(object["latency"], at: "network.latency") { file.latency = latency }
        guard let matrix = object["zoneLatencies"] else { return }
        let path = "network.zoneLatencies"
        guard case .array(let rows) = matrix, rows.count == file.cluster.zones else {
            problems.add(path, "found \(matrix.finding), expected a row for each of \(file.cluster.zones) zones")
            return
        }
        for (position, row) in rows.enumerated() {
            let place = path.field(String(position))
            guard case .array(let cells) = row, cells.count == file.cluster.zones else {
                problems.add(place, "found \(row.finding), expected a latency for each of \(file.cluster.zones) zones")
                return
            }
            file.zoneLatencies.append(
                cells.enumerated().map { column, cell in
                    latency(cell, at: place.field(String(column))) ?? file.latency
                })
        }
    }

    private mutating func readDisks(_ root: [JSONMember], into file: inout SimulationFile) {
        let object = problems.object(root["disks"], at: "disks") ?? []
        problems.refuseUnknown(object, known: ["loadLatency", "syncLatency"], at: "disks")
        if let load = latency(object["loadLatency"], at: "disks.loadLatency") { file.loadLatency = load }
        if let sync = latency(object["syncLatency"], at: "disks.syncLatency") { file.syncLatency = sync }
    }

    /// One distribution, or a mixture: `{"kind": "mixture", "parts": [{"weight": 9, "kind": ...}, ...]}`.
    private mutating func latency(_ json: JSONValue?, at path: String) -> LatencyDistribution? {
        guard let json, let object = problems.object(json, at: path) else { return nil }
        guard object["kind"] == .text("mixture") else {
            return settings(LatencySettings.self, object, at: path).distribution
        }
        problems.refuseUnknown(object, known: ["kind", "parts"], at: path)
        guard case .array(let parts)? = object["parts"], !parts.isEmpty, parts.count <= 16 else {
            problems.add(path.field("parts"), "expected an array of 1 to 16 distributions with a weight each")
            return nil
        }
        var shares: [LatencyShare] = []
        for (position, part) in parts.enumerated() {
            let place = path.field("parts").field(String(position))
            guard let members = problems.object(part, at: place) else { continue }
            let weight = settings(WeightSettings.self, members.filter { $0.name == "weight" }, at: place).weight
            let rest = settings(LatencySettings.self, members.filter { $0.name != "weight" }, at: place)
            shares.append(LatencyShare(weight: weight, rest.distribution))
        }
        return shares.isEmpty ? nil : .mixture(shares)
    }
}

/// The weight of one part of a mixture.
struct WeightSettings: StrategySettings, Hashable {
    var weight = 1.0

    static var fields: [SettingField<WeightSettings>] {
        [.number("weight", \.weight, 0.000_001...1_000_000, "the part's share relative to the others")]
    }
}
