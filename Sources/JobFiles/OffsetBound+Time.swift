import BackfillCore

extension OffsetBound {
    /// The milliseconds since 1970 of a date and time of RFC 3339; a finer fraction is cut off.
    ///
    /// Foundation's parsers do not serve: they take February 30 for March 2 and leave text behind the time unread.
    ///
    /// - Throws: What is wrong with the text. Its sentences do not repeat the text.
    static func milliseconds(ofTime text: String) throws(Misfit) -> Int64 {
        let form = /([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(.*)/
        guard let parts = text.wholeMatch(of: form)?.output,
            let year = Int64(parts.1), let month = Int(parts.2), let day = Int64(parts.3),
            let hour = Int64(parts.4), let minute = Int64(parts.5), let second = Int64(parts.6)
        else { throw Misfit("must have a date, a time and a zone, as `2026-01-01T00:00:00Z` has") }
        let days = try days(year: year, month: month, day: day)
        try check(hour, atMost: 23, "an hour")
        try check(minute, atMost: 59, "a minute")
        if second == 60 {
            throw Misfit("has a leap second, which times in Kafka do not have; write the second before or behind it")
        }
        try check(second, atMost: 59, "a second")
        let fraction = try milliseconds(ofFraction: parts.7 ?? "")
        let minutes = days * 1440 + hour * 60 + minute - (try zone(parts.8))
        let milliseconds = (minutes * 60 + second) * 1000 + fraction
        guard milliseconds >= 0 else { throw Misfit("lies before 1970, with which times in Kafka begin") }
        return milliseconds
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(year: Int64, month: Int, day: Int64) throws(Misfit) -> Int64 {
        let isLeapYear = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let lengths: [Int64] = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month) else { throw Misfit("has a month that is not one of 01 to 12") }
        guard (1...lengths[month - 1]).contains(day) else { throw Misfit("has a day that its month does not have") }
        let years = year - 1
        // 1970-01-01 is 719,162 days behind 0001-01-01.
        return years * 365 + years / 4 - years / 100 + years / 400 - 719_162
            + lengths[..<(month - 1)].reduce(0, +) + day - 1
    }

    private static func milliseconds(ofFraction digits: Substring) throws(Misfit) -> Int64 {
        guard digits.count <= 9 else { throw Misfit("has more than nine digits behind its second") }
        return Int64((digits + "000").prefix(3)) ?? 0
    }

    /// Minutes by which the zone is ahead of UTC.
    private static func zone(_ text: Substring) throws(Misfit) -> Int64 {
        if ["Z", "z"].contains(text) { return 0 }
        guard let parts = text.wholeMatch(of: /([+-])([0-9]{2}):([0-9]{2})/)?.output,
            let hours = Int64(parts.2), let minutes = Int64(parts.3)
        else { throw Misfit("must end with a zone: `Z` for UTC, or one such as `+01:00`") }
        try check(hours, atMost: 23, "an hour in its zone")
        try check(minutes, atMost: 59, "a minute in its zone")
        return (hours * 60 + minutes) * (parts.1 == "-" ? -1 : 1)
    }

    private static func check(_ number: Int64, atMost limit: Int64, _ name: String) throws(Misfit) {
        guard number <= limit else { throw Misfit("has \(name) that is greater than \(limit)") }
    }
}
