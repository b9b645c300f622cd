import BackfillCore
import Foundation
import RowDecoding
import TestSupport
import Testing

@Suite("A time becomes the one text that every server reads alike")
struct TimestampTests {
    private static let hint = ": a time is written like 2026-01-02T03:04:05.678901Z or with an offset like +02:00"

    private static let accepted: [(text: String, canonical: String)] = [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05Z", "2026-01-02T03:04:05Z"), ("2026-01-02 03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04Z", "2026-01-02T03:04:00Z"), ("2026-01-02T03:04+01", "2026-01-02T02:04:00Z"),
        ("2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.600000Z"),
        ("2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"),
        ("2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05.678901Z"),
        ("2026-01-02T03:04:05.678901000000Z", "2026-01-02T03:04:05.678901Z"),
        ("2026-01-02T03:04:05.000000Z", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05.0Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"), ("2026-01-02T03:04:05+0200", "2026-01-02T01:04:05Z"),
        ("2026-01-02T03:04:05+02", "2026-01-02T01:04:05Z"), ("2026-01-02T03:04:05-05:30", "2026-01-02T08:34:05Z"),
        ("2026-01-02T03:04:05.5-0530", "2026-01-02T08:34:05.500000Z"),
        ("2026-01-02T00:00:00+23:59", "2026-01-01T00:01:00Z"), ("2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00Z"),
        ("2025-12-31T23:59:59.999999-00:01", "2026-01-01T00:00:59.999999Z"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"), ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
        ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00Z"), ("2023-02-28T23:30:00-01:00", "2023-03-01T00:30:00Z"),
        ("1900-03-01T00:00:00+01:00", "1900-02-28T23:00:00Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("1582-10-10T00:00:00Z", "1582-10-10T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T22:59:59.999999-01:00", "9999-12-31T23:59:59.999999Z"),
    ]

    @Test("in UTC, from a text with an offset", arguments: accepted)
    func canonicalText(text: String, canonical: String) throws {
        #expect(try Records(value: .timestamptz).value("\"\(text)\"") == .text(canonical))
    }

    @Test("also with escapes in it")
    func escapes() throws {
        let records = try Records(value: .timestamptz)
        #expect(records.value(#""2026\u002d01-02T03:04:05\u005A""#) == .text("2026-01-02T03:04:05Z"))
    }

    private static let noTime = [
        "", "x", "now", "2026", "2026-01", "2026-1-2T03:04:05Z", "26-01-02T03:04:05Z", "20260102T030405Z",
        "2026/01/02T03:04:05Z", "0000-01-01T00:00:00Z", "2026-00-02T03:04:05Z", "2026-13-02T03:04:05Z",
        "2026-01-00T03:04:05Z", "2026-01-32T03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z",
        "2026-01-02T03:04:60Z", "2026-01-02T3:04:05Z", "2026-01-02T03", "2026-01-02T03Z", "2026-01-02T03:04:5Z",
        "2026-01-02T03:04:Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+", "2026-01-02T03:04:05+2",
        "2026-01-02T03:04:05+2:00", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+02:60",
        "2026-01-02T03:04:05+02:0",
        "2026-01-02T03:04:05+02:", "2026-01-02T03:04:05+020", "2026-01-02T03:04:05+02 ", "-001-01-01T00:00:00Z",
        "+2026-01-02T03:04:05Z", " 2026-01-02T03:04:05Z", "１026-01-02T03:04:05Z", "1767323045",
    ]

    private static let refused: [(text: String, sentence: String)] =
        noTime.map { ($0, "is no time") }
        + [
            "2026-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-06-31T00:00:00Z", "2026-09-31T00:00:00Z", "2026-11-31T00:00:00Z",
        ].map { ($0, "has a day that its month does not have") }
        + ["2026-01-02", "2026-01-02Z", "2026-01-02+02:00", "2026-01-02_03:04:05Z", "12026-01-02"].map {
            ($0, $0.hasPrefix("12026") ? "is no time" : "has no time")
        }
        + [
            "2026-01-02T03:04:05", "2026-01-02T03:04", "2026-01-02T03:04:05.5", "2026-01-02T03:04:05,5Z",
            "2026-01-02T03:04:05 Z", "2026-01-02T03:04:05 UTC", "2026-01-02T03:04:05−02:00", "2026-01-02T03:04.5Z",
            "2026-01-02T03:04:05Europe/Berlin",
        ].map { ($0, "has no offset from UTC, so nobody knows which moment it means") }
        + [
            "2026-01-02T03:04:05ZZ", "2026-01-02T03:04:05Z ", "2026-01-02T03:04:05+02:00:00",
            "2026-01-02T03:04:05+02000",
        ]
        .map { ($0, "has text behind the time") }
        + ["2026-01-02T03:04:05.6789012Z", "2026-01-02T03:04:05.0000001Z", "2026-01-02T03:04:05.000000009Z"].map {
            ($0, "is finer than the microseconds that a field holds")
        }
        + [
            "0001-01-01T00:00:00+00:01", "0001-01-01T23:58:00+23:59", "9999-12-31T23:59:59.999999-00:01",
            "9999-12-31T00:01:00-23:59",
        ].map { ($0, "is not of the years 1 to 9999") }

    @Test("and one that is none, or leaves open which moment it means, is refused", arguments: refused)
    func isRefused(text: String, sentence: String) throws {
        #expect(
            try Records(value: .timestamptz).fault("\"\(text)\"") == "field `value`: `\(text)` \(sentence)\(Self.hint)")
    }

    @Test("a long one is cut in the message")
    func longText() throws {
        let fault = try Records(value: .timestamptz).fault("\"\(String(repeating: "x", count: 5000))\"")
        #expect(fault == "field `value`: `\(String(repeating: "x", count: 40))` is no time\(Self.hint)")
    }

    @Test("no other value is a time")
    func otherValues() throws {
        let records = try Records(value: .timestamptz)
        #expect(records.fault("1767323045") == "field `value`: text is expected, found a number")
        #expect(records.fault("null") == "field `value`: null, and the field is not nullable")
        #expect(records.fault("{}") == "field `value`: text is expected, found an object")
    }

    /// A date with a time, and the clock's minutes ahead of UTC.
    private struct Written {
        var (year, month, day) = (0, 0, 0)
        var (hour, minute, second, microsecond) = (0, 0, 0, 0)
        var offset = 0

        init(years: ClosedRange<Int>, _ random: inout SeededGenerator) {
            year = random.number(years)
            month = random.number(1...12)
            day = random.number(1...DayCount.monthLengths(year)[month - 1])
            (hour, minute, second) = (random.number(0...23), random.number(0...59), random.number(0...59))
            microsecond = random.oneIn(3) ? 0 : random.number(0...999_999)
            offset = random.oneIn(3) ? 0 : random.number(-1439...1439)
        }

        var text: String {
            let sign = offset < 0 ? "-" : "+"
            return Self.text((year, month, day), (hour, minute, second), microsecond)
                + (offset == 0 ? "Z" : "\(sign)\(digits(abs(offset) / 60, 2)):\(digits(abs(offset) % 60, 2))")
        }

        static func text(
            _ date: (Int, Int, Int), _ time: (Int, Int, Int), _ microsecond: Int
        ) -> String {
            "\(digits(date.0, 4))-\(digits(date.1, 2))-\(digits(date.2, 2))T\(digits(time.0, 2)):\(digits(time.1, 2)):"
                + digits(time.2, 2) + (microsecond == 0 ? "" : "." + digits(microsecond, 6))
        }
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        String(String(number + 10_000_000).suffix(count))
    }

    @Test("random times equal those of a calendar that counts days", arguments: UInt64(1)...10)
    func randomTimes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(value: .timestamptz)
        let calendar = DayCount()
        for _ in 0..<1000 {
            let years = random.oneIn(20) ? (random.oneIn(2) ? 1...1 : 9999...9999) : DayCount.years
            let written = Written(years: years, &random)
            let minute =
                (calendar.day(written.year, written.month, written.day) * 24 + written.hour) * 60 + written.minute
                - written.offset
            let minuteOfDay = (minute % 1440 + 1440) % 1440
            let expected = calendar.date(ofDay: (minute - minuteOfDay) / 1440).map { date in
                Written.text(date, (minuteOfDay / 60, minuteOfDay % 60, written.second), written.microsecond) + "Z"
            }
            #expect(records.value("\"\(written.text)\"") == expected.map(Cell.text), "\(written.text)")
        }
    }

    @Test("random times equal Foundation's", arguments: UInt64(1)...10)
    func foundation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let records = try Records(value: .timestamptz)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for _ in 0..<300 {
            // Before, Foundation's calendar is the Julian one.
            let written = Written(years: 1583...9998, &random)
            let date = try #require(
                calendar.date(
                    from: DateComponents(
                        year: written.year, month: written.month, day: written.day, hour: written.hour,
                        minute: written.minute, second: written.second)))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: date - Double(60 * written.offset))
            let expected = Written.text(
                (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0),
                (parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0), written.microsecond)
            #expect(records.value("\"\(written.text)\"") == .text(expected + "Z"), "\(written.text)")
        }
    }

    @Test(
        "every day of leap years and others is itself, and the next day's midnight",
        arguments: [1, 4, 1900, 2000, 2023, 2024, 9998])
    func everyDay(year: Int) throws {
        let records = try Records(value: .timestamptz)
        let calendar = DayCount()
        for (month, length) in DayCount.monthLengths(year).enumerated() {
            for day in 1...31 {
                let text = "\(Self.digits(year, 4))-\(Self.digits(month + 1, 2))-\(Self.digits(day, 2))T23:59:59Z"
                #expect(records.value("\"\(text)\"") == (day <= length ? .text(text) : nil), "\(text)")
                guard day <= length else { continue }
                let next = try #require(calendar.date(ofDay: calendar.day(year, month + 1, day) + 1))
                let late = text.replacing("23:59:59Z", with: "23:00:00-01:00")
                #expect(records.value("\"\(late)\"") == .text(Written.text(next, (0, 0, 0), 0) + "Z"), "\(late)")
            }
        }
    }
}
