import BackfillCore
import BackfillEngine
import Logging
import Metrics
import Synchronization

/// Tells Prometheus how a run is getting on and how it ended, where the job asks for it.
///
/// A run never fails for its metrics: what cannot be told is a warning, once for as long as it lasts. Only the run that
/// holds its job may report.
final class MetricsReporter: Sendable {
    private static let interval = Duration.seconds(15)

    private struct State {
        var past = PastRuns()
        var startedAt = Timestamp.seconds()
        var start = ContinuousClock.now
        var source: (@Sendable () -> (RunStatistics, CheckpointDocument))?
        /// What was said of a Pushgateway that has not taken anything since.
        var trouble: String?
    }

    private struct FileState {
        /// nil where the job wants none, or where it cannot be used.
        var file: MetricsFile?
        /// What was said of a file that could not be written since.
        var trouble: String?
    }

    private let job: String
    private let pushgateway: Pushgateway?
    private let log: Logger
    private let state = Mutex(State())
    /// Held while the file is written, which only one task may do at a time.
    private let file: Mutex<FileState>

    init(_ spec: JobSpec, log: Logger) {
        job = spec.name
        file = Mutex(FileState(file: spec.run.metrics.file.map { MetricsFile(path: $0, job: spec.name) }))
        pushgateway = spec.run.metrics.pushgateway.map { Pushgateway(address: $0, job: spec.name) }
        self.log = log
    }

    private func begin() {
        var past = PastRuns()
        file.withLock { state in
            do throws(MetricsError) {
                past = try state.file?.pastRuns() ?? past
            } catch {
                // What it says of earlier runs would be lost.
                state.file = nil
                warn(error)
            }
        }
        state.withLock {
            $0.past = past
            $0.startedAt = Timestamp.seconds()
            $0.start = .now
        }
        writeFile(isActive: true)
    }

    /// From here on the metrics tell what `source` says: of this run, and of the whole job.
    func follow(_ source: @escaping @Sendable () -> (RunStatistics, CheckpointDocument)) {
        state.withLock { $0.source = source }
        writeFile(isActive: true)
    }

    /// Reports as long as `work` takes, and then how it ended.
    func report<Result: Sendable>(
        while work: @escaping @Sendable () async -> Result, status: (Result) -> ExitStatus
    ) async -> Result {
        begin()
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepReporting() }
            defer { group.cancelAll() }
            return await work()
        }
        await end(status(result))
        return result
    }

    private func keepReporting() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.interval)
            } catch {
                // The run has ended.
                return
            }
            writeFile(isActive: true)
            await push(isActive: true)
        }
    }

    private func end(_ status: ExitStatus) async {
        state.withLock { $0.past.note(status, at: Timestamp.seconds()) }
        writeFile(isActive: false)
        await push(isActive: false)
    }

    private func writeFile(isActive: Bool) {
        let metrics = metrics(isActive: isActive)
        file.withLock { state in
            do throws(MetricsError) {
                try state.file?.write(metrics)
                state.trouble = nil
            } catch {
                if state.trouble != error.description { warn(error) }
                state.trouble = error.description
            }
        }
    }

    private func push(isActive: Bool) async {
        guard let pushgateway else { return }
        do throws(MetricsError) {
            try await pushgateway.push(metrics(isActive: isActive))
            state.withLock { $0.trouble = nil }
        } catch {
            // A push that the end of the run cuts off is made again.
            guard !Task.isCancelled else { return }
            let isNew = state.withLock { state in
                defer { state.trouble = error.description }
                return state.trouble != error.description
            }
            if isNew { warn(error) }
        }
    }

    private func warn(_ error: MetricsError) {
        log.warning("metrics.failed", metadata: ["error": "\(error)"])
    }

    private func metrics(isActive: Bool) -> RunMetrics {
        let (past, startedAt, start, source) = state.withLock { ($0.past, $0.startedAt, $0.start, $0.source) }
        var metrics = RunMetrics(
            job: job, version: programVersion, isActive: isActive, startedAt: startedAt,
            duration: (start.duration(to: .now) / .milliseconds(1)).rounded() / 1000, past: past)
        guard let (statistics, document) = source?() else { return metrics }
        metrics.records = statistics.records
        metrics.bytesRead = statistics.bytesRead
        metrics.requests = statistics.requests
        metrics.retries = statistics.retries
        metrics.progress = RunMetrics.Progress(document)
        return metrics
    }
}

extension RunMetrics.Progress {
    init(_ document: CheckpointDocument) {
        self.init(
            ratio: document.isDone ? 1 : Double(document.settledSize) / Double(max(1, document.size)),
            rejectedRecords: document.counts.rejected, lostOffsets: document.lostOffsets,
            partitions: document.units.compactMap { unit in
                guard case .partition(let topic, let number, _) = unit.extent,
                    case (.offset(let position), .offset(let end)) = (unit.position, unit.end)
                else { return nil }
                return RunMetrics.Partition(topic: topic, number: number, position: position, end: end)
            })
    }
}
