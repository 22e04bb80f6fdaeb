import Testing

/// The reading and comparing itself.
@Suite struct TranscriptTests {
    @Test func commandsAndOutputsOfASectionAreFound() {
        let document = """
            # Title
            ```
            $ before
            ```
            ## Tour
            Text with $ signs.
            ```
            $ first --a \\
                --b
            one
              two
            $ second
            ```
            ```swift
            $ code
            ```
            ### Deeper
            ```
            $ third
            x
            ```
            ## Next
            ```
            $ after
            ```
            """
        #expect(
            Transcript(document, heading: "## Tour").steps == [
                .init(line: 8, command: "first --a \\\n    --b", output: ["one", "  two"]),
                .init(line: 12, command: "second", output: []), .init(line: 19, command: "third", output: ["x"]),
            ])
        #expect(Transcript(document, heading: "### Deeper").steps.map(\.command) == ["third"])
    }

    private func matches(_ shown: String, _ printed: String) throws -> Bool {
        var output = TranscriptOutput()
        return try output.matches(shown.split(separator: "\n").map(String.init), printed)
    }

    @Test func onlyWhatIsDifferentInEachRunMayDiffer() throws {
        let shown = #"{"key":"k","context":"gQEB/+A=","dot":"A/0/942ea7b083e196be:1","c":"{A/0/942e…: 1}"}"#
        let same = #"{"key":"k","context":"zz==","dot":"A/0/0000000000000001:1","c":"{A/0/0000…: 1}"}"#
        #expect(try matches(shown, same))
        for other in [
            #"{"key":"x","context":"zz==","dot":"A/0/0000000000000001:1","c":"{A/0/0000…: 1}"}"#,
            #"{"key":"k","context":"zz==","dot":"A/0/0000000000000001:2","c":"{A/0/0000…: 1}"}"#,
            #"{"key":"k","context":"zz==","dot":"A/0/0000000000000001:1","c":"{A/0/0000…: 1}","more":1}"#,
            #"{"key":"k","context":"","dot":"A/0/0000000000000001:1","c":"{A/0/0000…: 1}"}"#, "",
        ] {
            #expect(try !matches(shown, other), "\(other)")
        }
        #expect(try matches("10:31:52  D  begins", "23:00:01  D begins  "))
        #expect(try !matches("10:31:52  D  begins", "23:00:01  C  begins"))
        #expect(try !matches("token  f4370c38de3ec954", "token  f4370c38de3ec955"))
        #expect(try matches("C  1fac31c1b6bd0890", "C  1fac31c1b6bd0891"))
    }

    @Test func whatIsShownTwiceIsTheSameTwice() throws {
        let shown = "a 1fac31c1b6bd0890\nb 1fac31c1b6bd0890"
        #expect(try matches(shown, "a 0000000000000001\nb 0000000000000001\n"))
        #expect(try !matches(shown, "a 0000000000000001\nb 0000000000000002\n"))
    }

    @Test func anEllipsisStandsForWhatIsLeftOut() throws {
        #expect(try matches("first\n…\nlast", "first\nlast"))
        #expect(try matches("first\n…\nlast", "first\na\nb\nlast\n"))
        #expect(try !matches("first\n…\nlast", "first\na\nb\n"))
        #expect(try !matches("first\nlast", "first\na\nlast"))
        #expect(try matches(#"{"a":1,…}"#, #"{"a":1,"b":2}"#))
    }

    @Test func whatWasShownIsKnownLater() throws {
        var output = TranscriptOutput()
        #expect(try output.matches(["X-Stator-Context: gQEC=="], "X-Stator-Context: other+/=\r\n"))
        #expect(output.command("curl -H 'X-Stator-Context: gQEC=='") == "curl -H 'X-Stator-Context: other+/='")
    }
}
