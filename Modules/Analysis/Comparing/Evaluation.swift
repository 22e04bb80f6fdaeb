/// The statistics of one comparison.
struct Evaluation {
    var effect: Double
    var interval: ClosedRange<Double>
    var cliffsDelta: Double
    var pValue: Double
}
