import Testing

@testable import Membership

@Suite struct NormalTailTests {
    /// phi at points off the table's grid, computed with 40 digits.
    private static let exact: [(deviations: Double, phi: Double)] = [
        (-3.3, 0.000209999200889), (-1.03, 0.0713507139707), (0, 0.301029995664), (0.5, 0.510691989265),
        (1.06, 0.839914910745), (2.33, 2.00422990733), (3.71, 3.98451607896), (4.44, 5.34698596665),
        (5.55, 7.84516597221), (6.3613, 9.99988433054), (7.07, 12.1108841107), (8.8, 18.1648926186),
        (9.99, 23.0742194533), (11.111, 28.2560575812), (11.97, 32.5932161196),
    ]

    @Test func staysWithinTheStatedError() {
        for (deviations, phi) in NormalTailTests.exact {
            let found = NormalTail.phi(deviations: deviations)
            #expect(abs(found - phi) < 0.00085, "phi(\(deviations)) is \(found), not \(phi)")
        }
    }

    @Test func risesWithTheSilence() {
        var last = -1.0
        for step in -60...200 {
            let phi = NormalTail.phi(deviations: Double(step) / 16)
            #expect(phi >= last)
            last = phi
        }
    }

    @Test func saturatesOutsideTheTable() {
        #expect(NormalTail.phi(deviations: -1e300) == 0)
        #expect(NormalTail.phi(deviations: .nan) == 0)
        #expect(abs(NormalTail.phi(deviations: 1e300) - 32.750439) < 1e-6)
        #expect(NormalTail.phi(deviations: .infinity) == NormalTail.phi(deviations: 12))
    }

    @Test func invertsItself() {
        for step in 1...64 {
            let phi = Double(step) / 2
            #expect(abs(NormalTail.phi(deviations: NormalTail.deviations(phi: phi)) - phi) < 1e-9)
        }
        #expect(NormalTail.deviations(phi: 0) == -4)
        #expect(NormalTail.deviations(phi: 99) == 12)
    }
}
