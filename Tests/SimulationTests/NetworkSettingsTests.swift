import Simulation
import StatorCore
import Testing

@Suite struct NetworkSettingsTests {
    @Test func eachWrongParameterIsNamedWithWhatWasFound() {
        func expect(_ distribution: LatencyDistribution, _ problem: String, location: SourceLocation = #_sourceLocation)
        {
            let problems = distribution.problems()
            #expect(problems.count == 1 && problems[0].hasPrefix(problem), "\(problems)", sourceLocation: location)
        }
        expect(.constant(.seconds(-1)), "constant: the delay is -1.0 seconds, allowed is 0 to 3600.0 seconds")
        expect(.uniform(.zero ... .seconds(4000)), "uniform: the upper bound is 4000.0 seconds")
        expect(.exponential(minimum: .seconds(2), mean: .seconds(1)), "exponential: the mean is 1.0 seconds, below")
        expect(.logNormal(median: .seconds(1), sigma: .nan), "log-normal: sigma is nan")
        expect(.logNormal(median: .seconds(1), sigma: -0.1), "log-normal: sigma is -0.1")
        expect(.pareto(minimum: .seconds(1), shape: 0), "pareto: the shape is 0.0")
        expect(.mixture([]), "mixture: the weights add up to 0.0")
        expect(
            .mixture([LatencyShare(weight: .infinity, .constant(.zero))]), "mixture[0]: the weight is inf, allowed is")
        let nested = LatencyDistribution.mixture([LatencyShare(weight: 1, .pareto(minimum: .seconds(1), shape: -1))])
        expect(
            .mixture([LatencyShare(weight: 1, .constant(.zero)), LatencyShare(weight: 1, nested)]),
            "mixture[1].mixture[0].pareto: the shape is -1.0")
        let many = [LatencyShare](repeating: LatencyShare(weight: 1, .constant(.zero)), count: 65)
        expect(.mixture(many), "mixture: more than 64 parts")
        #expect(LatencyDistribution.mixture(Array(many.dropLast())).problems() == [])
    }

    @Test func wrongLinksAndZonesAreNamedByTheirPlace() {
        var link = LinkSettings(latency: .constant(.milliseconds(1)))
        #expect(NetworkSettings(nodes: 3, links: link).problems() == [])
        link.loss = 1.5
        link.reordering = .nan
        link.bytesPerSecond = 0
        #expect(
            link.problems() == [
                "loss is 1.5, a probability is 0 to 1", "reordering is nan, a probability is 0 to 1",
                "bytesPerSecond is 0, it has to be above 0",
            ])
        let settings = NetworkSettings(
            zones: [0, 2], latencies: [[.constant(.zero), .constant(.seconds(-1))], [.constant(.zero)]],
            link: LinkSettings(latency: .constant(.zero)))
        #expect(
            settings.problems() == [
                "zones[1] is 2, links has 2 zones, counted from 0",
                "links[0][1].latency.constant: the delay is -1.0 seconds, allowed is 0 to 3600.0 seconds",
                "links[1] has 1 entries, one for each of 2 zones is needed",
            ])
        #expect(NetworkSettings(nodes: 0, links: LinkSettings(latency: .constant(.zero))).problems().count == 1)
    }
}
