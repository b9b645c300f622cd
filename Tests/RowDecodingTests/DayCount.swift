/// The days of the Gregorian calendar, counted one year and one month at a time.
struct DayCount {
    static let years = 1...9999

    /// Days from 1 January of the year 1 to that of each year; the last one is that of the year 10,000.
    private let daysBeforeYear: [Int]

    init() {
        var days = [0, 0]
        for year in Self.years { days.append(days[year] + (Self.isLeap(year) ? 366 : 365)) }
        daysBeforeYear = days
    }

    static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    static func monthLengths(_ year: Int) -> [Int] {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    /// Days since 1 January of the year 1.
    func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        daysBeforeYear[year] + Self.monthLengths(year).prefix(month - 1).reduce(0, +) + day - 1
    }

    /// nil for a day before the year 1 or after the year 9999.
    func date(ofDay day: Int) -> (year: Int, month: Int, day: Int)? {
        guard let end = daysBeforeYear.last, (0..<end).contains(day) else { return nil }
        var (year, next) = (1, 10_000)
        while next - year > 1 {
            let middle = (year + next) / 2
            if daysBeforeYear[middle] <= day { year = middle } else { next = middle }
        }
        var rest = day - daysBeforeYear[year]
        var month = 0
        for length in Self.monthLengths(year) {
            month += 1
            if rest < length { break }
            rest -= length
        }
        return (year, month, rest + 1)
    }
}
