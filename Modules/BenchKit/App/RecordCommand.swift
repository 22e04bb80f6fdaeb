internal import ArgumentParser
internal import Checking
internal import NodeClient
internal import Recording

/// `stator-bench record`.
struct RecordCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "record",
            abstract: "Lets client sessions work on running nodes and writes the history as JSON Lines.",
            discussion: """
                Sessions read and write some new keys over HTTP until the operations or the time are spent. Once the \
                nodes have settled, every key is read from all replicas. Ctrl-C ends the work, and the next one the \
                wait for the final reads; the history is written all the same.

                What a write without a context and a hidden tombstone superseded cannot be told from outside, and the \
                store is given the benefit of the doubt: --held-writes 0 --deletes 0 leave no such doubt.

                Examples:
                  stator-bench record --node http://127.0.0.1:5000 --output history.jsonl
                  stator-bench record --node http://127.0.0.1:5000 --output h.jsonl --rate 200
                """)
    }

    @Option(
        name: .customLong("node"), parsing: .singleValue,
        help: ArgumentHelp("A node's URL; repeat it, best for all nodes of the cluster.", valueName: "URL"))
    var nodes: [String]

    @Option(help: ArgumentHelp("Where the history goes.", valueName: "FILE"))
    var output: String

    @Option(help: ArgumentHelp("Sessions at work side by side.", valueName: "N"))
    var clients = 8

    @Option(help: ArgumentHelp("Requests in all, final reads aside; an update is two.", valueName: "N"))
    var operations = 2000

    @Option(help: ArgumentHelp("Distinct keys.", valueName: "N"))
    var keys = 20

    @Option(help: ArgumentHelp("How long the clients work at most.", valueName: "S"))
    var durationSeconds = 30

    @Option(help: ArgumentHelp("Steps a second of all clients, about; as fast as they can by default.", valueName: "N"))
    var rate: Double?

    @Flag(help: "A client stays with its node while that answers; by default it takes any for each step.")
    var sticky = false

    @Option(help: ArgumentHelp("The weight of plain reads.", valueName: "W"))
    var reads = 40.0

    @Option(help: ArgumentHelp("The weight of writes that read first and present the context.", valueName: "W"))
    var updates = 35.0

    @Option(help: ArgumentHelp("The weight of writes without a context.", valueName: "W"))
    var heldWrites = 10.0

    @Option(help: ArgumentHelp("The weight of writes that ask for a sibling.", valueName: "W"))
    var siblingWrites = 5.0

    @Option(help: ArgumentHelp("The weight of deletes that read first and present the context.", valueName: "W"))
    var deletes = 10.0

    @Option(help: ArgumentHelp("Of what the clients draw.", valueName: "S"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("What the keys begin with; new ones in every run by default.", valueName: "NAME"))
    var keyPrefix: String?

    @Flag(
        name: .customLong("final"), inversion: .prefixedNo, help: "Reads every used key from all replicas in the end.")
    var readsFinally = true

    @Option(help: ArgumentHelp("For the nodes to settle and the final reads, at most.", valueName: "S"))
    var finalSeconds = 60

    func run() async throws -> Int32 {
        let recorder = Recorder(try settings())
        try TextFile.checkWritable(output)
        do throws(RecordingFailure) {
            try await recorder.prepare()
        } catch {
            throw BenchError.failure("\(error)")
        }
        let interrupts = await Interrupts()
        tell("\(clients) clients work on \(keys) keys, named \(recorder.settings.key(0)) and so on")
        var recorded = await interrupts.stage { await recorder.work() }
        if readsFinally {
            tell("waiting for the nodes to be ready and to deliver their hints")
            for complaint in await interrupts.stage({ await recorder.settle() }) { tell(complaint) }
            let worked = recorded
            recorded = await interrupts.stage { await recorder.readFinally(worked) }
        }
        try TextFile.write(HistoryCodec.encode(recorded.history), to: output)
        TextOutput.standard.write(RecordText.text(recorded, recorder.settings, output: output))
        return 0
    }

    private func settings() throws(BenchError) -> RecordingSettings {
        var problems: [String] = []
        var urls: [NodeURL] = []
        for text in nodes {
            if let url = NodeURL(text) {
                if !urls.contains(url) { urls.append(url) }
            } else {
                problems.append("--node: found \"\(text)\", expected http://host:port")
            }
        }
        var settings = RecordingSettings(nodes: urls, keyPrefix: keyPrefix ?? Self.newPrefix())
        settings.clients = clients
        settings.operations = operations
        settings.keys = keys
        settings.duration = .seconds(durationSeconds)
        settings.rate = rate
        settings.isSticky = sticky
        settings.mix.reads = reads
        settings.mix.updates = updates
        settings.mix.heldWrites = heldWrites
        settings.mix.siblingWrites = siblingWrites
        settings.mix.deletes = deletes
        settings.seed = seed
        settings.finalDuration = .seconds(finalSeconds)
        // What is wrong with the nodes has been said.
        problems += settings.problems().filter { $0.name != "node" }.map { "--\($0.name): \($0.message)" }
        guard problems.isEmpty else { throw .usage(problems.joined(separator: "\n")) }
        return settings
    }

    /// Different in every run, whatever the seed: what another run wrote must not be found.
    private static func newPrefix() -> String {
        "record-\(String(UInt32.random(in: .min ... .max), radix: 36))-"
    }

    private func tell(_ text: String) {
        TextOutput.error.write("stator-bench: \(text)\n")
    }
}
