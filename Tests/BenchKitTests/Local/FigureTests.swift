import NodeClient
import Testing

@testable import BenchKit

/// What is read from `/proc` and from `/stats`.
@Suite struct FigureTests {
    private static let stat =
        "4242 (stator-node) S 1 4242 4242 0 -1 4194560 9031 0 3 0 1234 766 5 6 20 0 9 0 91823 812345344 7654 "
        + "18446744073709551615 1 1 0 0 0 0 0 4096 17 0 0 0 17 1 0 0 0 0 0\n"
    private static let status = """
        Name:\tstator-node
        Umask:\t0022
        State:\tS (sleeping)
        VmPeak:\t  793312 kB
        VmHWM:\t   41000 kB
        VmRSS:\t   30616 kB
        Threads:\t9

        """

    private func read(_ stat: String = stat, _ status: String = status, ticks: Int = 100) -> ProcessFigures? {
        ProcessFigures(stat: stat, status: status, ticksPerSecond: ticks)
    }

    @Test func processFiguresAreReadFromTheTextsOfProc() {
        let expected = ProcessFigures(
            cpuSeconds: 20.0, residentBytes: 30_616 * 1024, peakResidentBytes: 41_000 * 1024)
        #expect(read() == expected)
        #expect(read(ticks: 1000)?.cpuSeconds == 2.0)
    }

    @Test(arguments: ["a) S 1 2 (b", "((((", "))))", ") R 0 0 0 0 0 0 0 0 0 0 9 9", "x y", ""])
    func nameOfTheProgramMayHoldAnything(name: String) {
        let stat = Self.stat.replacing("stator-node", with: name, maxReplacements: 1)
        #expect(read(stat)?.cpuSeconds == 20.0)
    }

    @Test func textsThatLackAFigureOrHoldNoneAreRefused() {
        let largest = String(UInt64.max)
        for stat in [
            "", ")", "4242 stator-node S 1", "4242 (x) S 1 2 3", Self.stat.replacing("1234", with: "-1234"),
            Self.stat.replacing("1234", with: "+1234"), Self.stat.replacing("1234", with: "12e3"),
            Self.stat.replacing("1234", with: largest), Self.stat.replacing("766", with: largest + "0"),
            Self.stat.replacing("766", with: "\u{0}"), "\u{FFFD})\u{FFFD}",
        ] { #expect(read(stat) == nil, "\(stat)") }
        for status in [
            "", "VmRSS:", "VmRSS:\t1 kB", "VmHWM:\t1 kB\nVmRSS:\tkB kB", "VmHWM:\t1 kB\nVmRSS:\t1",
            "VmHWM:\t1 kB\nVmRSS:\t1 MB", "VmHWM:\t1 kB\nVmRSS:\t-1 kB", "VmHWM:\t1 kB\nVmRSS:\t1 kB kB",
            "VmHWM:\t1 kB\nVmRSS:\t\(UInt64.max) kB", "VmHWM:\t1 kB\nVmRSS:\t\(Int.max / 1024 + 1) kB",
            "VmHWM:\t1 kB\n VmRSS:\t1 kB",
        ] { #expect(read(Self.stat, status) == nil, "\(status)") }
        #expect(read(ticks: 0) == nil)
    }

    #if os(Linux)
        @Test func figuresOfThisProcessAreThere() throws {
            let figures = try #require(ProcessFigures.current(of: 1) ?? ProcessFigures.current(of: thisProcess))
            #expect(figures.residentBytes > 0 && figures.peakResidentBytes >= figures.residentBytes)
            #expect(ProcessFigures.current(of: -1) == nil)
        }
    #endif

    private func page(_ text: String) throws -> JSONValue {
        try #require(JSONValue(parsing: Array(text.utf8)))
    }

    @Test func figuresThatArePresentAreReadAndOthersAreNone() throws {
        let figures = NodeFigures(
            try page(
                #"{"operations":{"puts":7,"gets":"8","deletes":1.5},"hints":{"pending":2},"keys":[1],"transport":null}"#))
        #expect(figures[.puts] == 7 && figures[.hintsPending] == 2)
        for figure in [NodeFigure.gets, .deletes, .records, .bytesSent, .hintsCreated] { #expect(figures[figure] == nil) }
        #expect(NodeFigures(.null)[.puts] == nil)
    }

    @Test func differencesCountAndLevelsStay() throws {
        let earlier = NodeFigures(try page(#"{"operations":{"puts":7},"keys":{"live":90},"hints":{"created":4}}"#))
        let later = NodeFigures(try page(#"{"operations":{"puts":17},"keys":{"live":60}}"#))
        let difference = later.difference(since: earlier)
        #expect(difference[.puts] == 10 && difference[.liveKeys] == 60 && difference[.hintsCreated] == nil)
        let sum = NodeFigures.sum([earlier, later])
        #expect(sum[.puts] == 24 && sum[.liveKeys] == 150 && sum[.hintsCreated] == nil)
        let extremes = NodeFigures(try page(#"{"operations":{"puts":\#(Int.max)}}"#))
        #expect(NodeFigures.sum([extremes, extremes])[.puts] == -2)
    }

    @Test func restartedNodeCountsFromItsStartAndItsProcessorTimeGoesOn() throws {
        let time = ContinuousClock.now
        func snapshot(_ puts: Int?, starts: Int, cpu: Double, after: Int) throws -> NodeSnapshot {
            NodeSnapshot(
                node: "A", time: time + .seconds(after), state: .running, starts: starts,
                process: ProcessFigures(cpuSeconds: cpu, residentBytes: 10, peakResidentBytes: 20),
                figures: try puts.map { NodeFigures(try page(#"{"operations":{"puts":\#($0)}}"#)) })
        }
        let first = try snapshot(100, starts: 1, cpu: 1, after: 0)
        let same = try snapshot(130, starts: 1, cpu: 1.5, after: 2).difference(since: first)
        #expect(same.restarts == 0 && same.figures?[.puts] == 30 && same.cpuSeconds == 0.5)
        #expect(same.elapsed == .seconds(2) && same.residentBytes == 10)
        let restarted = try snapshot(5, starts: 3, cpu: 4, after: 2).difference(since: first)
        #expect(restarted.restarts == 2 && restarted.figures?[.puts] == 5 && restarted.cpuSeconds == 3)
        let silent = try snapshot(nil, starts: 1, cpu: 1, after: 1)
        #expect(silent.difference(since: first).figures == nil)
        #expect(try snapshot(9, starts: 1, cpu: 1, after: 2).difference(since: silent).figures == nil)
    }
}
