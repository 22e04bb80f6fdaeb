import Testing

@testable import Analysis

@Suite struct SummaryCSVTests {
    @Test func runsAreRowsWithAColumnForEachMetric() {
        var runs = [TinyReport.run(0), TinyReport.run(1, cell: 1), TinyReport.run(2)]
        runs[0].hash = "a0ffee"
        runs[0].metrics = ["readP99Milliseconds": 0.1 + 0.2, "lostShare": 0]
        runs[1].flags = ["saturated", "not-stationary"]
        runs[1].metrics = ["lostShare": .nan, "readP99Milliseconds": 1e-7]
        runs[2].arm = .sameAgain(1)
        runs[2].seed = .max
        #expect(
            SummaryCSV.runs(TinyReport.input(TinyReport.design(), runs))
                == "run,cell,arm,repetition,seed,hash,resolver,flags,readP99Milliseconds,lostShare\r\n"
                + "0,0,main,0,0,a0ffee,lww,,0.30000000000000004,0.0\r\n"
                + "1,1,main,1,1,,dvv,saturated;not-stationary,1e-07,\r\n"
                + "2,0,same-again-1,2,18446744073709551615,,lww,,,\r\n")
    }

    @Test func fieldsAreQuotedWhereTheyMustBe() {
        let factors = [
            Design.Factor(name: "run", levels: ["a,b", "c\"d"]), Design.Factor(name: "x\r\ny", levels: ["e", "f"]),
        ]
        let design = TinyReport.design(factors: factors, cells: [[0, 0], [1, 1]])
        let text = SummaryCSV.runs(TinyReport.input(design, [TinyReport.run(0), TinyReport.run(1, cell: 1)]))
        #expect(
            text == "run,cell,arm,repetition,seed,hash,factor:run,\"x\r\ny\",flags,readP99Milliseconds,lostShare\r\n"
                + "0,0,main,0,0,,\"a,b\",e,,,\r\n" + "1,1,main,1,1,,\"c\"\"d\",f,,,\r\n")
    }

    @Test func comparisonsAreRows() {
        let comparison = TinyReport.comparison(
            "lostShare", effect: -0.031, -0.034 ... -0.028, from: 0.031, to: 0, pValue: 0.001, pairs: 9)
        let again = TinyReport.comparison(
            "lostShare", effect: 0, 0...0, from: 0, to: 0, pValue: 1, cells: (1, 1), factor: nil)
        #expect(
            SummaryCSV.comparisons(TinyReport.input(TinyReport.design(), [], [comparison], sameAgain: [again]))
                == "arm,factor,baselineLevel,level,baseline,cell,baselineName,cellName,metric,scale,pairs,baselineMedian,"
                + "median,effect,intervalLow,intervalHigh,cliffsDelta,pValue,adjustedPValue,credible,indicative\r\n"
                + "main,resolver,lww,dvv,0,1,resolver=lww,resolver=dvv,lostShare,difference,9,0.031,0.0,-0.031,-0.034,"
                + "-0.028,-1.0,0.001,0.001,true,true\r\n"
                + "same-again,,,,1,1,resolver=dvv,resolver=dvv,lostShare,difference,20,0.0,0.0,0.0,0.0,0.0,-1.0,1.0,1.0,"
                + "false,false\r\n")
    }
}
