import BackfillCore
import Foundation
import JobFiles
import TestSupport
import Testing

@Suite("Times of RFC 3339")
struct TimeTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    private func flags(_ times: [String]) -> RangeOverrides {
        RangeOverrides(ranges: times.map { "a@\($0)..latest" })
    }

    @Test("are the instants that Foundation writes so", arguments: 0..<5)
    func instants(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let lastSecondOf9998 = 253_370_764_799
        var times: [String] = []
        var expected: [OffsetBound] = []
        for _ in 0..<1000 {
            // A day from each end, so that no zone leads out of the years.
            let second = random.number(86_400...(random.oneIn(2) ? 4_102_444_800 : lastSecondOf9998))
            // Foundation has no zones beyond 18 hours, and writes those of 18 hours as UTC.
            let zone = try #require(TimeZone(secondsFromGMT: random.oneIn(3) ? 0 : random.number(-1079...1079) * 60))
            let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
            var text = Date(timeIntervalSince1970: TimeInterval(second)).formatted(style)
            let digits = String((0..<random.number(0...9)).map { _ in Character("\(random.number(0...9))") })
            if !digits.isEmpty {
                text.insert(contentsOf: "." + digits, at: text.index(text.startIndex, offsetBy: 19))
            }
            if random.oneIn(4) {
                text = text.lowercased()
            }
            let milliseconds = digits.padding(toLength: 3, withPad: "0", startingAt: 0)
            times.append(text)
            expected.append(.time(milliseconds: Int64(second) * 1000 + (try #require(Int64(milliseconds)))))
        }
        let source = try folder.kafka(SampleJobs.withoutRanges, ranges: flags(times))
        #expect(source.ranges.map(\.start) == expected, "seed \(seed)")
    }

    @Test("have the days that the calendar has", arguments: [1970, 1972, 2000, 2026, 2028, 2100, 2400])
    func days(year: Int) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var good: [String] = []
        var expected: [OffsetBound] = []
        var bad: [String] = []
        for month in 0...13 {
            for day in 0...32 {
                let text = String(format: "%04d-%02d-%02dT12:34:56Z", year, month, day)
                let parts = DateComponents(year: year, month: month, day: day, hour: 12, minute: 34, second: 56)
                if parts.isValidDate(in: calendar), let date = calendar.date(from: parts) {
                    good.append(text)
                    expected.append(.time(milliseconds: Int64(date.timeIntervalSince1970) * 1000))
                } else {
                    bad.append(text)
                }
            }
        }
        #expect(good.count == (year.isMultiple(of: 4) && year != 2100 ? 366 : 365))
        #expect(try folder.kafka(SampleJobs.withoutRanges, ranges: flags(good)).ranges.map(\.start) == expected)
        #expect(try folder.diagnostics(SampleJobs.withoutRanges, ranges: flags(bad)).count == bad.count)
    }

    @Test("begin with 1970 and end with 9999")
    func ends() throws {
        let times = ["1970-01-01T00:00:00-00:00", "1969-12-31T23:30:00.000-00:30", "9999-12-31T23:59:59.999-23:59"]
        #expect(
            try folder.kafka(SampleJobs.withoutRanges, ranges: flags(times)).ranges.map(\.start) == [
                .time(milliseconds: 0), .time(milliseconds: 0), .time(milliseconds: 253_402_387_139_999),
            ])
    }
}
