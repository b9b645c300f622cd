/// A point in time, read from ISO 8601 text with an offset and written as the one text that every server reads alike.
struct Instant {
    /// The first moment of the year 1 and the last of the year 9999, in UTC: what servers hold.
    static let range = start(ofYear: 1)..<start(ofYear: 10_000)
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    private static func start(ofYear year: Int64) -> Int64 {
        Calendar.day(year: year, month: 1, day: 1) * microsecondsPerDay
    }

    /// Since 1970, in UTC.
    let microseconds: Int64

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Reads `2026-01-02T03:04:05.678901+02:00`. Seconds, fraction and the offset's minutes may be missing, `Z` stands
    /// for no offset, a blank may stand for the `T`.
    init(_ text: [UInt8]) throws(RecordFault) {
        var reader = Reader(text: text)
        let day = try reader.readDay()
        guard reader.take("T", "t", " ") else { throw reader.misfit("has no time") }
        let time = try reader.readTime()
        let offset = try reader.readOffset()
        guard reader.isAtEnd else { throw reader.misfit("has text behind the time") }
        microseconds = day * Self.microsecondsPerDay + time - offset
        guard Self.range.contains(microseconds) else { throw reader.misfit("is not of the years 1 to 9999") }
    }

    /// Appends `2026-01-02T01:04:05.678901Z`; a fraction of zero is left out.
    func append(to output: inout [UInt8]) {
        let (day, time) = Calendar.divide(microseconds, by: Self.microsecondsPerDay)
        let date = Calendar.date(ofDay: day)
        Self.append(date.year, digits: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(date.month, digits: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(date.day, digits: 2, to: &output)
        output.append(UInt8(ascii: "T"))
        Self.append(time / 3_600_000_000, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(time / 60_000_000 % 60, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(time / 1_000_000 % 60, digits: 2, to: &output)
        if time % 1_000_000 != 0 {
            output.append(UInt8(ascii: "."))
            Self.append(time % 1_000_000, digits: 6, to: &output)
        }
        output.append(UInt8(ascii: "Z"))
    }

    private static func append(_ number: Int64, digits: Int, to output: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

extension Instant {
    /// Reads the parts of a text from its beginning to its end.
    private struct Reader {
        let text: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == text.count }

        func misfit(_ reason: String) -> RecordFault {
            let shown = String(decoding: text.prefix(40), as: UTF8.self)
            return .misfit(
                "`\(shown)` \(reason): a time is written like 2026-01-02T03:04:05.678901Z or with an offset like +02:00"
            )
        }

        mutating func take(_ characters: Unicode.Scalar...) -> Bool {
            guard !isAtEnd, characters.contains(where: { UInt8(ascii: $0) == text[position] }) else { return false }
            position += 1
            return true
        }

        mutating func readNumber(digits: Int, in range: ClosedRange<Int64>) throws(RecordFault) -> Int64 {
            var number: Int64 = 0
            for _ in 0..<digits {
                guard !isAtEnd, case let digit = text[position] &- UInt8(ascii: "0"), digit <= 9 else {
                    throw misfit("is no time")
                }
                number = number * 10 + Int64(digit)
                position += 1
            }
            guard range.contains(number) else { throw misfit("is no time") }
            return number
        }

        mutating func readDay() throws(RecordFault) -> Int64 {
            let year = try readNumber(digits: 4, in: 1...9999)
            guard take("-") else { throw misfit("is no time") }
            let month = try readNumber(digits: 2, in: 1...12)
            guard take("-") else { throw misfit("is no time") }
            let day = try readNumber(digits: 2, in: 1...31)
            let number = Calendar.day(year: year, month: month, day: day)
            // A day that the month does not have falls into the next one.
            guard Calendar.date(ofDay: number).month == month else {
                throw misfit("has a day that its month does not have")
            }
            return number
        }

        /// Microseconds since the day began.
        mutating func readTime() throws(RecordFault) -> Int64 {
            let hour = try readNumber(digits: 2, in: 0...23)
            guard take(":") else { throw misfit("is no time") }
            let minute = try readNumber(digits: 2, in: 0...59)
            guard take(":") else { return (hour * 60 + minute) * 60_000_000 }
            let second = try readNumber(digits: 2, in: 0...59)
            return ((hour * 60 + minute) * 60 + second) * 1_000_000 + (take(".") ? try readFraction() : 0)
        }

        private mutating func readFraction() throws(RecordFault) -> Int64 {
            var microseconds: Int64 = 0
            var unit: Int64 = 100_000
            let begin = position
            while !isAtEnd, case let digit = text[position] &- UInt8(ascii: "0"), digit <= 9 {
                guard unit > 0 || digit == 0 else { throw misfit("is finer than the microseconds that a field holds") }
                microseconds += Int64(digit) * unit
                unit /= 10
                position += 1
            }
            guard position > begin else { throw misfit("is no time") }
            return microseconds
        }

        /// Microseconds by which the text's clock is ahead of UTC's.
        mutating func readOffset() throws(RecordFault) -> Int64 {
            if take("Z", "z") { return 0 }
            let isAhead = take("+")
            guard isAhead || take("-") else {
                throw misfit("has no offset from UTC, so nobody knows which moment it means")
            }
            let hours = try readNumber(digits: 2, in: 0...23)
            let hasMinutes = take(":") || !isAtEnd
            let minutes = hasMinutes ? try readNumber(digits: 2, in: 0...59) : 0
            return (isAhead ? 1 : -1) * (hours * 60 + minutes) * 60_000_000
        }
    }

    /// The Gregorian calendar, in days since 1970. It repeats every 400 years, and with years that begin in March the
    /// leap day is the last one.
    private enum Calendar {
        private static let daysPerCycle: Int64 = 146_097
        /// From the first of March of the year 0 to 1970.
        private static let epoch: Int64 = 719_468

        static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
            let marchYear = month > 2 ? year : year - 1
            let (cycle, yearOfCycle) = divide(marchYear, by: 400)
            let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
            let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
            return cycle * daysPerCycle + dayOfCycle - epoch
        }

        static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
            let (cycle, dayOfCycle) = divide(day + epoch, by: daysPerCycle)
            let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
            let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
            let marchMonth = (5 * dayOfYear + 2) / 153
            let month = (marchMonth + 2) % 12 + 1
            let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
            return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
        }

        /// The quotient, rounded down, and the rest, which is not negative.
        static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
            let rest = (value % divisor + divisor) % divisor
            return ((value - rest) / divisor, rest)
        }
    }
}
