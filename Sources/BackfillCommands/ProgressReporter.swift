import BackfillCore
import BackfillEngine
import Glibc
import Logging

/// Shows how far a run is: one line that is drawn over and over on a terminal, a log event now and then otherwise.
struct ProgressReporter: Sendable {
    private static let terminalInterval = Duration.milliseconds(500)
    private static let logInterval = Duration.seconds(5)

    let statistics: @Sendable () -> RunStatistics
    /// The records that are done with.
    let settled: @Sendable (RecordCounts) -> Int
    let log: Logger
    let format: LogFormat
    /// The size of the whole job, and of what earlier runs settled, in the measure of `CheckpointDocument.size(of:)`.
    let total: Int
    let before: Int

    /// Reports as long as `work` takes, and then once more how it ended.
    func report<Result: Sendable>(while work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await report() }
            defer { group.cancelAll() }
            return try await work()
        }
    }

    /// Reports until the task is cancelled, and then once more.
    private func report() async {
        let isTerminal = format == .text && TerminalStyle.standardError.canRedraw
        let clock = ContinuousClock()
        let start = clock.now
        while !Task.isCancelled {
            // Cancellation ends the pause early, and the loop after one last report.
            try? await clock.sleep(for: isTerminal ? Self.terminalInterval : Self.logInterval)
            let seconds = start.duration(to: clock.now) / .seconds(1)
            if isTerminal {
                StandardError.draw(String(line(after: seconds).prefix(Self.terminalWidth - 1)))
            } else {
                logProgress(after: seconds)
            }
        }
        StandardError.keepDrawnLine()
    }

    func line(after seconds: Double) -> String {
        let statistics = statistics()
        let settled = settled(statistics.records)
        return
            "\(percent(statistics).rounded(to: 1)) %  \(settled.grouped) rows  \(Int(Double(settled) / max(seconds, 0.001)).grouped) rows/s  "
            + "ETA \(remaining(statistics, seconds).map(\.asDuration) ?? "-")"
            + (statistics.records.rejected > 0 ? "  \(statistics.records.rejected.grouped) rejected" : "")
            + (statistics.retries > 0 ? "  \(statistics.retries.grouped) retries" : "")
    }

    private func logProgress(after seconds: Double) {
        let statistics = statistics()
        let settled = settled(statistics.records)
        var metadata: Logger.Metadata = [
            "percent": .number(percent(statistics)), "rows": .number(settled),
            "rowsPerSecond": .number(Int(Double(settled) / max(seconds, 0.001))),
            "rejected": .number(statistics.records.rejected), "retries": .number(statistics.retries),
        ]
        if let remaining = remaining(statistics, seconds) { metadata["etaSeconds"] = .number(Int(remaining)) }
        log.info("run.progress", metadata: metadata)
    }

    private func percent(_ statistics: RunStatistics) -> Double {
        guard total > 0 else { return 100 }
        return 100 * min(1, Double(before + statistics.sizeRead) / Double(total))
    }

    private func remaining(_ statistics: RunStatistics, _ seconds: Double) -> Double? {
        guard statistics.sizeRead > 0 else { return nil }
        return seconds * Double(max(0, total - before - statistics.sizeRead)) / Double(statistics.sizeRead)
    }

    private static var terminalWidth: Int {
        var size = winsize()
        // Unsafe: a C call that fills the structure given to it.
        let known = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
        return known ? Int(size.ws_col) : 80
    }
}

extension RecordCounts {
    /// Rows that the server has acknowledged, that a later one replaced, or whose stored ones are newer.
    var settled: Int { upserted + deleted + superseded + newer }
}
