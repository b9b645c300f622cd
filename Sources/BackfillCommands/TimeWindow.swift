import ArgumentParser
import Foundation

/// When a run has to stop, to be resumed by a later one.
struct TimeWindow: Sendable {
    /// Between two looks at the clock on the wall, which may jump.
    private static let interval = Duration.seconds(1)

    /// From the run's start.
    var duration: Duration?
    var until: Date?

    /// Waits until the time is up.
    ///
    /// - Returns: false when the task was cancelled before.
    func passes() async -> Bool {
        let clock = ContinuousClock()
        let end = duration.map { clock.now + $0 }
        while !Task.isCancelled {
            let left = end.map { clock.now.duration(to: $0) }
            let isOver = left.map { $0 <= .zero } ?? false
            if isOver || until.map({ $0 <= Date.now }) ?? false { return true }
            // A cancelled pause ends the loop.
            try? await clock.sleep(for: min(Self.interval, left ?? Self.interval))
        }
        return false
    }
}

/// A time of day, or a date and time of RFC 3339, before which a run has to stop.
struct UntilTime: ExpressibleByArgument {
    private enum Form {
        case timeOfDay(hour: Int, minute: Int)
        case date(Date)
    }

    private let form: Form

    init?(argument: String) {
        if let parts = argument.wholeMatch(of: /([01]?[0-9]|2[0-3]):([0-5][0-9])/)?.output,
            let hour = Int(parts.1), let minute = Int(parts.2)
        {
            form = .timeOfDay(hour: hour, minute: minute)
        } else if let date = try? Date(argument, strategy: .iso8601) {
            form = .date(date)
        } else {
            return nil
        }
    }

    /// The moment that is meant; of a time of day the next one in the machine's time zone.
    func date(after now: Date) -> Date? {
        switch form {
        case .date(let date): date
        case .timeOfDay(let hour, let minute):
            Calendar.current.nextDate(
                after: now, matching: DateComponents(hour: hour, minute: minute, second: 0), matchingPolicy: .nextTime)
        }
    }
}
