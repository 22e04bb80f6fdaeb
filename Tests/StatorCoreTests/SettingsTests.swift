import StatorCore
import Testing

@Suite struct SettingsTests {
    enum Mode: String, CaseIterable, Sendable { case slow, fast }

    struct Sample: StrategySettings {
        var count = 3
        var ratio = 0.5
        var isOn = false
        var name = "x"
        var mode = Mode.slow
        var timeout = Duration.milliseconds(250)
        var size = ByteCount.kibibytes(4)

        static var fields: [SettingField<Sample>] {
            [
                .integer("count", \.count, 1...10, "."), .number("ratio", \.ratio, 0...1, "."),
                .boolean("isOn", \.isOn, "."), .text("name", \.name, maximumLength: 8, "."),
                .choice("mode", \.mode, "."), .milliseconds("timeoutMilliseconds", \.timeout, 1...1000, "."),
                .bytes("sizeBytes", \.size, 0...(1 << 20), "."),
            ]
        }
    }

    private func field(_ name: String) throws -> SettingField<Sample> {
        try #require(Sample.fields.first { $0.name == name })
    }

    @Test(
        arguments: [
            ("count", .integer(3), .integer(7)), ("ratio", .number(0.5), .number(0.25)),
            ("isOn", .boolean(false), .boolean(true)), ("name", .text("x"), .text("y")),
            ("mode", .text("slow"), .text("fast")), ("timeoutMilliseconds", .integer(250), .integer(900)),
            ("sizeBytes", .integer(4096), .integer(1)),
        ] as [(String, SettingValue, SettingValue)])
    func fieldsReadDefaultsAndWriteValues(name: String, standard: SettingValue, changed: SettingValue) throws {
        var sample = Sample()
        let field = try field(name)
        #expect(field.get(sample) == standard)
        field.set(&sample, changed)
        #expect(field.get(sample) == changed)
        for other in Sample.fields where other.name != name { #expect(other.get(sample) == other.get(Sample())) }
    }

    @Test func aValueOfAnotherTypeChangesNothing() throws {
        for field in Sample.fields {
            for value in [SettingValue.integer(5), .number(0.75), .boolean(true), .text("unheard-of")] {
                var sample = Sample()
                field.set(&sample, value)
                let isAccepted =
                    switch (field.type, value) {
                    case (.integer, .integer), (.number, .number), (.number, .integer), (.boolean, .boolean): true
                    case (.text, .text): true
                    default: false
                    }
                #expect((field.get(sample) == field.get(Sample())) == !isAccepted, "\(field.name) given \(value)")
            }
        }
    }

    @Test func choicesAreTheCasesOfTheEnum() throws {
        #expect(try field("mode").type == .choice(["slow", "fast"]))
        #expect(try field("timeoutMilliseconds").type == .integer(1...1000))
    }

    @Test func nothingToSetHasNoFields() {
        #expect(NoSettings.fields.isEmpty)
        #expect(NoSettings().problems().isEmpty)
    }
}
