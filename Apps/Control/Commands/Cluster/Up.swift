import ArgumentParser
import ClusterKit
import NodeClient
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the nodes and the dashboard; Ctrl-C ends all of them.",
        discussion: """
            Without --config and --nodes: the files configs/cluster/A.json to D.json, or four nodes where there are
            none. Where the cluster runs already, those of its nodes that are down are started.

            SIGINT, SIGTERM, and SIGHUP where the terminal is closed, end all nodes in order.

            The nodes are started with --allow-faults, so that the dashboard, and programs of this machine, can kill,
            pause, cut off, slow and wipe them; not so with --no-faults.
            """)

    @Option(
        name: .customLong("config"), parsing: .upToNextOption,
        help: ArgumentHelp("The nodes' files, relative to the folder.", valueName: "file"))
    var configurations: [String] = []
    @Option(name: .long, help: "So many nodes, without files.") var nodes: Int?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrides a setting of every node; may be repeated.", valueName: "path=value"))
    var overrides: [String] = []
    @Flag(name: .long, help: "Go on in the background.") var detach = false
    @Flag(name: .long, help: "Start nodes again that end by themselves.") var restart = false
    @Flag(name: .long, help: "Let nobody break anything.") var noFaults = false
    @Option(name: .long, help: "The dashboard's port; 0 for any.") var dashboard = 8080
    @Option(name: .long, help: "With --nodes: the first HTTP port; 0 for any.") var httpPort = 5000
    @Option(name: .long, help: "With --nodes: the first port for peers; 0 for any.") var peerPort = 7000
    @Option(name: .long, help: "stator-node; by default the one beside this program.") var program: String?
    @Flag(name: .long, help: .hidden) var inBackground = false
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard configurations.isEmpty || nodes == nil else {
            throw ValidationError("give --config or --nodes, not both")
        }
        for (port, name) in [(dashboard, "--dashboard"), (httpPort, "--http-port"), (peerPort, "--peer-port")] {
            guard (0...65_535).contains(port) else { throw ValidationError("\(name) is \(port), expected 0 to 65535") }
        }
    }

    func run() async throws {
        try await telling {
            let folder = try ClusterFolder(place.folder)
            let program = try program.map(Self.absolute) ?? Self.besideThis("stator-node")
            guard chdir(folder.path) == 0 else { throw ClusterError.failure("cannot work in \(folder.path)") }
            if let running = try? SupervisorAddress.find(in: folder) {
                let said = try await running.carryOut("start", .object([]), within: .seconds(180))
                return Terminal.note("the cluster runs already; \(said)\ndashboard: \(running.url)")
            }
            guard !folder.isLocked else {
                throw ClusterError.failure("a cluster of \(folder.path) is being started or stopped already")
            }
            if detach { return try await startInBackground(folder, program) }
            let claim = try folder.claim()
            defer { claim.release() }
            try await supervise(try plan(folder, program), folder)
        }
    }

    private func plan(_ folder: ClusterFolder, _ program: String) throws(ClusterError) -> ClusterPlan {
        var files = configurations
        if files.isEmpty,
            let known = try ClusterPlan.remembered(program: program, overrides: overrides, folder: folder)
        {
            if let nodes, nodes != known.nodes.count {
                Terminal.note(
                    "the cluster that has its data here has \(known.nodes.count) nodes: they are started; for a new one "
                        + "delete data/ and run/")
            }
            return known
        }
        let usual = ["A", "B", "C", "D"].map { "configs/cluster/\($0).json" }
        if files.isEmpty, nodes == nil, usual.allSatisfy({ access($0, R_OK) == 0 }) { files = usual }
        guard files.isEmpty else {
            return try ClusterPlan.read(files, program: program, overrides: overrides, folder: folder)
        }
        return try ClusterPlan.generate(
            nodes ?? 4, firstHTTP: httpPort, firstPeer: peerPort, program: program, overrides: overrides,
            folder: folder)
    }

    private static var ownPath: String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { return CommandLine.arguments[0] }
        return String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Short where the program is below the folder that people stand in.
    private static func ownName(_ folder: ClusterFolder) -> String {
        let path = ownPath
        guard path.hasPrefix(folder.path + "/") else { return CommandLine.arguments[0] }
        // The build folder has a link past the machine's name.
        var parts = path.dropFirst(folder.path.count + 1).split(separator: "/")
        if parts.count == 4, parts[0] == ".build" { parts.remove(at: 1) }
        let short = parts.joined(separator: "/")
        return access(short, X_OK) == 0 ? short : path
    }

    private static func absolute(_ path: String) throws(ClusterError) -> String {
        guard let whole = realpath(path, nil) else { throw .failure("there is no program \(path)") }
        defer { free(whole) }
        return String(cString: whole)
    }

    private static func besideThis(_ name: String) throws(ClusterError) -> String {
        let folder = ownPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = "\(folder)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw .failure("there is no \(name) beside this program: build it, or name one with --program")
        }
        return path
    }

    // MARK: In the foreground

    private func supervise(_ plan: ClusterPlan, _ folder: ClusterFolder) async throws {
        var settings = Supervisor.Settings()
        settings.allowsFaults = !noFaults
        settings.restarts = restart
        let supervisor = Supervisor(plan, folder: folder, settings: settings) { Terminal.note("• \($0)") }
        let server = try await SupervisorServer.listen(on: dashboard, for: supervisor)
        let signals = await UnixSignalsSequence(trapping: EndingSignals.prepare())
        let interrupts = Task { for await _ in signals { await supervisor.requestEnd() } }
        defer { interrupts.cancel() }

        let names = await supervisor.names
        Terminal.note("starting \(names.joined(separator: ", "))")
        let follows = !inBackground
        var follower = LogFollower(names, of: folder, lines: 0, show: NodeColours(names).show)
        let problem = await withTaskGroup(of: Void.self) { group -> ClusterError? in
            group.addTask { await server.run() }
            group.addTask { await supervisor.watchNodes() }
            let problem = await begin(supervisor, server, folder)
            if problem == nil, follows {
                Terminal.note("\nLogs follow. Ctrl-C stops all nodes.")
                await followLogs(&follower, supervisor)
            } else if problem == nil {
                await supervisor.waitForEnd()
            }
            Terminal.note("stopping all nodes")
            await supervisor.end()
            group.cancelAll()
            return problem
        }
        if let problem { throw problem }
    }

    private func begin(
        _ supervisor: Supervisor, _ server: SupervisorServer, _ folder: ClusterFolder
    ) async -> ClusterError? {
        do throws(ClusterError) {
            try await supervisor.start()
            let address = SupervisorAddress(url: NodeURL(host: "127.0.0.1", port: server.port), pid: Int(getpid()))
            try address.publish(in: folder)
            await WhatToTry(
                dashboard: address.url, nodes: supervisor.urls, names: supervisor.names,
                control: Self.ownName(folder), folder: place.folder
            ).show()
            return nil
        } catch {
            return error
        }
    }

    private func followLogs(_ follower: inout LogFollower, _ supervisor: Supervisor) async {
        await follower.run(while: { await !supervisor.isToEnd }, of: { await supervisor.names })
    }

    // MARK: In the background

    private func startInBackground(_ folder: ClusterFolder, _ program: String) async throws {
        let background = try BackgroundProcess(
            [Self.ownPath, "cluster", "up", "--in-background", "--folder", folder.path] + arguments(program),
            log: folder.ownLog, folder: folder)
        let waiting = Task { try await background.waitUntilServing() }
        let signals = await UnixSignalsSequence(trapping: EndingSignals.prepare())
        let interrupts = Task { for await _ in signals { waiting.cancel() } }
        defer { interrupts.cancel() }
        let found = try await waiting.value
        let state = try await found.state()
        let nodes = state["nodes"].elements.compactMap { $0["url"].text.flatMap(NodeURL.init) }
        let names = state["nodes"].elements.compactMap { $0["node"].text }
        WhatToTry(
            dashboard: found.url, nodes: nodes, names: names, control: Self.ownName(folder), folder: place.folder
        ).show()
        Terminal.note("\nThe nodes go on in the background: statorctl cluster status, logs, down.")
    }

    /// The same command again.
    private func arguments(_ program: String) -> [String] {
        var all = [
            "--dashboard", "\(dashboard)", "--http-port", "\(httpPort)", "--peer-port", "\(peerPort)", "--program",
            program,
        ]
        if let nodes { all += ["--nodes", "\(nodes)"] }
        all += overrides.flatMap { ["--set", $0] }
        if restart { all.append("--restart") }
        if noFaults { all.append("--no-faults") }
        return all + (configurations.isEmpty ? [] : ["--config"] + configurations)
    }
}
