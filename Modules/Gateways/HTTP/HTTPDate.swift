import StatorCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Calendar dates of the proleptic Gregorian calendar in UTC, for headers and reports.
struct CalendarTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    /// 0 for Sunday.
    var weekday: Int
    var secondOfDay: Int

    /// - Parameter seconds: since 1970-01-01T00:00:00Z, clamped to the years 0 to 9999.
    init(secondsSinceEpoch seconds: Int64) {
        let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let days = Int(clamped >= 0 ? clamped / 86_400 : (clamped - 86_399) / 86_400)
        secondOfDay = Int(clamped) - days * 86_400
        weekday = ((days + 4) % 7 + 7) % 7
        // Days to a date by eras of 400 years that begin on 1 March: Hinnant, "chrono-compatible low-level date
        // algorithms".
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var time: String {
        "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
    }

    /// As in the header `Date`: `Sun, 06 Nov 1994 08:49:37 GMT`.
    var httpDate: String {
        "\(Self.weekdays[weekday]), \(padded(day, 2)) \(Self.months[month - 1]) \(padded(year, 4)) \(time) GMT"
    }

    /// `1994-11-06T08:49:37`.
    var isoDate: String {
        "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(time)"
    }

    /// The system's clock, in whole seconds.
    static var now: CalendarTime {
        CalendarTime(secondsSinceEpoch: Int64(systemSeconds()))
    }
}

/// Outside the type, whose own `time` would hide the function.
private func systemSeconds() -> Int { Int(time(nil)) }

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension WallTime {
    /// The system's clock.
    static var system: WallTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return WallTime(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }

    /// ISO 8601 with microseconds, in UTC: `1994-11-06T08:49:37.000000Z`.
    var isoText: String {
        let exact = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let floor = exact.remainder < 0 ? exact.quotient - 1 : exact.quotient
        let fraction = exact.remainder < 0 ? exact.remainder + 1_000_000 : exact.remainder
        return "\(CalendarTime(secondsSinceEpoch: floor).isoDate).\(padded(Int(fraction), 6))Z"
    }
}
