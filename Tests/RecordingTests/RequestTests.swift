import Checking
import NIOCore
import NIOHTTP1
import NodeClient
import Recording
import Testing

@Suite struct RequestTests {
    private func operation(
        _ kind: HistoryOperation.Kind, _ basis: HistoryOperation.Basis = .held, context: String? = nil,
        isFinal: Bool = false
    ) -> HistoryOperation {
        HistoryOperation(
            id: 7, client: 0, kind: kind, key: "a/é k", value: kind == .write ? "v\"7" : nil, basis: basis,
            context: context, start: 0, end: 0, isFinal: isFinal)
    }

    @Test func aWriteCarriesAJSONTextToTheEncodedKey() {
        let call = operation(.write).request()
        #expect(call.method == .PUT)
        #expect(call.target == "/kv/a%2F%C3%A9%20k")
        #expect(call.body.map { String(buffer: $0) } == #"{"value":"v\"7"}"#)
        #expect(call.headers.map(\.0) == ["Content-Type"])
        #expect(call.headers.first?.1 == "application/json")
    }

    @Test(arguments: [HistoryOperation.Kind.write, .delete])
    func whatSupersedesNothingSaysNone(kind: HistoryOperation.Kind) {
        let headers = operation(kind, .none).request().headers.filter { $0.0 == "X-Stator-Context" }
        #expect(headers.map(\.1) == ["none"])
    }

    @Test(arguments: [HistoryOperation.Kind.write, .delete])
    func aContextIsPresentedAsItWasGiven(kind: HistoryOperation.Kind) {
        let call = operation(kind, .context, context: "gQE+/w==").request()
        #expect(call.headers.filter { $0.0 == "X-Stator-Context" }.map(\.1) == ["gQE+/w=="])
        #expect(call.method == (kind == .write ? .PUT : .DELETE))
    }

    @Test func onlyAFinalReadAsksAllReplicas() {
        #expect(operation(.read).request().target == "/kv/a%2F%C3%A9%20k")
        #expect(operation(.read, isFinal: true).request().target == "/kv/a%2F%C3%A9%20k?r=all&sloppy=false")
        #expect(operation(.read).request().method == .GET)
        #expect(operation(.read).request().headers.isEmpty)
    }

    @Test func stepsComeByTheirWeights() {
        var mix = OperationMix()
        mix.reads = 1
        mix.updates = 0
        mix.heldWrites = 2
        mix.siblingWrites = 1
        mix.deletes = 0
        let drawn = [0, 0.2, 0.3, 0.7, 0.76, 0.999].map { mix.step(at: $0) }
        #expect(drawn == [.read, .read, .heldWrite, .heldWrite, .siblingWrite, .siblingWrite])
    }

    @Test func everySettingOutOfRangeIsTold() {
        var settings = RecordingSettings(nodes: [], keyPrefix: "")
        #expect(settings.problems().map(\.name) == ["node", "key-prefix"])
        settings.clients = 0
        settings.operations = 0
        settings.keys = -1
        settings.duration = .seconds(0)
        settings.finalDuration = .seconds(0)
        settings.rate = 0
        settings.mix.reads = .nan
        settings.mix.deletes = -1
        let expected = [
            "node", "clients", "operations", "keys", "duration-seconds", "final-seconds", "rate", "key-prefix", "reads",
            "deletes",
        ]
        #expect(settings.problems().map(\.name) == expected)
        var idle = RecordingSettings(nodes: [NodeURL(host: "127.0.0.1", port: 1)], keyPrefix: "k")
        #expect(idle.problems().isEmpty)
        idle.only(\.reads)
        idle.mix.reads = 0
        #expect(idle.problems().map(\.name) == ["reads"])
    }
}
