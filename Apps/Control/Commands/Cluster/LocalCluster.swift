import ArgumentParser
import ClusterKit
import NodeClient

/// `statorctl cluster`.
struct LocalCluster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Run a cluster on this machine, with its dashboard, and break it on purpose.",
        discussion: """
            `up` runs until Ctrl-C, or in the background with --detach; the others talk to the one that runs, found by
            its folder.

            EXAMPLES
              statorctl cluster up
              statorctl cluster up --nodes 6 --set replication.n=5 --detach
              statorctl cluster kill C
              statorctl cluster partition 'A,B|C,D'
              statorctl cluster slow B 50ms
              statorctl cluster heal
              statorctl cluster add
              statorctl cluster down
            """,
        subcommands: [
            Up.self, ClusterStatus.self, Logs.self, ClusterDown.self, StartNode.self, StopNode.self, AddNode.self,
            RemoveNode.self, KillNode.self, PauseNode.self, ResumeNode.self, WipeNode.self, Partition.self, Slow.self,
            Heal.self,
        ])
}

/// Which cluster of this machine.
struct PlaceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The cluster's folder, with run/, logs/ and data/ below it.", valueName: "path"))
    var folder = "."

    @Flag(name: .long, help: "Print JSON for programs.")
    var json = false

    /// Until the supervisor has gone.
    func waitForEnd() async throws {
        let folder = try ClusterFolder(folder)
        let deadline = ContinuousClock.now + .seconds(60)
        while folder.isLocked {
            guard ContinuousClock.now < deadline else {
                Terminal.complain("the supervisor has not ended after 60 s: see logs/cluster.log")
                throw Outcome.failed
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Has the supervisor do something and shows what it says.
    func carryOut(_ action: String, _ members: KeyValuePairs<String, JSONValue> = [:]) async throws {
        try await telling {
            let supervisor = try SupervisorAddress.find(in: ClusterFolder(folder))
            let body = JSONValue.object(members.map { JSONValue.Member(name: $0.key, value: $0.value) })
            let said = try await supervisor.carryOut(action, body, within: .seconds(180))
            if json {
                let message = JSONValue.Member(name: "message", value: .string(said))
                Terminal.print(JSONValue.object([message]).serialized)
            } else {
                Terminal.note(said)
            }
        }
    }
}

/// Turns what is wrong with a cluster into a sentence and an exit status.
func telling(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ClusterError {
        Terminal.complain(error.description)
        throw ExitCode(error.status)
    }
}
