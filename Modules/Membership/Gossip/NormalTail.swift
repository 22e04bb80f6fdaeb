/// Phi of the normal distribution without transcendental functions, so that every platform computes the same bits.
///
/// `phi(z) = -log10(P(Z > z))` for a standard normal Z, from a table with steps of 1/8 over z = -4 ... 12 and linear
/// interpolation. The absolute error is below 0.00085 everywhere in that range (phi is convex with a second derivative
/// below 0.434, so a chord lies at most 0.434 / 8 / 64 above it). Outside, phi is 0 below (it is under 0.000014 there)
/// and stays at 32.75, the last entry, above. O(1).
enum NormalTail {
    static let lowest = -4.0
    static let highest = 12.0
    static let stepsPerUnit = 8.0

    /// The suspicion level after a silence of `deviations` standard deviations beyond the mean.
    static func phi(deviations: Double) -> Double {
        let position = (deviations - lowest) * stepsPerUnit
        // Written so that a value that is not a number counts as no suspicion.
        guard position >= 0 else { return 0 }
        guard position < Double(table.count - 1) else { return table[table.count - 1] }
        let index = Int(position)
        let share = position - Double(index)
        return table[index] + (table[index + 1] - table[index]) * share
    }

    /// The inverse of ``phi(deviations:)``: where `phi` is reached. Clamped to the table's range.
    static func deviations(phi: Double) -> Double {
        guard phi > table[0] else { return lowest }
        guard phi < table[table.count - 1] else { return highest }
        var low = 0
        var high = table.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if table[middle] <= phi { low = middle } else { high = middle }
        }
        let share = (phi - table[low]) / (table[high] - table[low])
        return lowest + (Double(low) + share) / stepsPerUnit
    }

    /// -log10(erfc(z / sqrt 2) / 2) at z = -4, -3.875, ... 12, computed with 40 digits.
    private static let table: [Double] = [
        1.37548633811e-5, 2.31538765135e-5, 3.84008367415e-5, 6.27517153075e-5, 0.000101041278381,
        0.000160318322921, 0.000250671120545, 0.000386270509255, 0.00058664931379, 0.000878221928058,
        0.00129602661698, 0.00188564610527, 0.00270523139614, 0.00382752303399, 0.005341737914, 0.00735517348754,
        0.00999437953411, 0.0134057635756, 0.0177555297637, 0.0232288997029, 0.0300286212321, 0.0383728298212,
        0.0484923787671, 0.0606277920045, 0.0750260129578, 0.0919371236045, 0.111611191969, 0.134295377969,
        0.160231392278, 0.189653365839, 0.222786153255, 0.259844064279, 0.301029995664, 0.346534920764,
        0.396537686094, 0.451205061177, 0.510691989265, 0.575141990532, 0.644687674925, 0.719451328258,
        0.799545541492, 0.885073859248, 0.976131428998, 1.07280563708, 1.17517672161, 1.28331835554, 1.39729819566,
        1.51717839533, 1.64301608014, 1.77486378683, 1.9127698666, 2.05677885433, 2.2069318058, 2.36326660479,
        2.52581824257, 2.6946190716, 2.86969903593, 3.05108588008, 3.23880533843, 3.43288130691, 3.63333599866,
        3.8401900851, 4.05346282397, 4.27317217545, 4.49933490756, 4.73196669198, 4.97108219114, 5.21669513736,
        5.46881840503, 5.72746407631, 5.99264350105, 6.26436735152, 6.54264567239, 6.82748792643, 7.11890303638,
        7.41689942328, 7.72148504163, 8.03266741169, 8.35045364913, 8.67485049233, 9.00586432748, 9.34350121175,
        9.68776689464, 10.0386668377, 10.3962062327, 10.7603900186, 11.1312228971, 11.5087093469, 11.8928536375,
        12.2836598413, 12.6811318454, 13.0852733621, 13.4960879394, 13.9135789695, 14.3377496985, 14.7686032335,
        15.206142551, 15.6503705035, 16.1012898263, 16.5589031434, 17.0232129737, 17.4942217364, 17.9719317557,
        18.4563452658, 18.9474644156, 19.4452912725, 19.9498278269, 20.4610759953, 20.9790376243, 21.5037144937,
        22.0351083197, 22.5732207577, 23.1180534055, 23.6696078052, 24.2278854463, 24.7928877679, 25.3646161607,
        25.9430719693, 26.5282564942, 27.1201709935, 27.718816685, 28.3241947476, 28.9363063229, 29.555152517,
        30.1807344018, 30.8130530161, 31.4521093675, 32.0979044332, 32.7504391612,
    ]
}
