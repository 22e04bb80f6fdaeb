import Membership
import StatorCore
import Testing

@Suite struct GossipSettingsTests {
    @Test func defaultsLieWithinTheirRanges() {
        let settings = GossipSettings()
        #expect(settings.problems().isEmpty)
        for field in GossipSettings.fields {
            switch (field.type, field.get(settings)) {
            case (.integer(let range), .integer(let value)): #expect(range.contains(value), "\(field.name)")
            case (.number(let range), .number(let value)): #expect(range.contains(value), "\(field.name)")
            default: Issue.record("\(field.name) has a value of another type")
            }
        }
    }

    @Test func aDeathThresholdBelowSuspicionIsRefused() {
        var settings = GossipSettings()
        settings.phiDead = settings.phiSuspected
        #expect(settings.problems().map(\.field) == ["phiDead"])
    }
}
