import StatorCore
import Sync
import Testing

@Suite struct SettingsTests {
    @Test func onlyTheListedFanOutsAreAllowed() {
        var settings = MerkleSettings()
        #expect(settings.problems().isEmpty)
        settings.fanOut = 8
        #expect(settings.problems().map(\.field) == ["fanOut"])
    }

    @Test func fieldsReadBackWhatTheySet() {
        var settings = MerkleSettings()
        for field in MerkleSettings.fields where field.name == "depth" { field.set(&settings, .integer(20)) }
        #expect(settings.depth == 20)
        #expect(FullScanSettings.fields.map(\.name) == ["pageKeys"])
    }
}
