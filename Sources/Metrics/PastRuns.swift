public import BackfillCore

/// How the runs of a job have ended so far. Times are seconds since 1970.
public struct PastRuns: Sendable, Equatable {
    public var lastExitCode: Int32?
    public var lastCompletion: Double?
    /// The end of the last run that ended with 0. A run that ends otherwise leaves it as it is.
    public var lastSuccess: Double?

    private static let exitCode = "milvus_backfill_last_exit_code"
    private static let completion = "milvus_backfill_last_completion_timestamp_seconds"
    private static let success = "milvus_backfill_last_success_timestamp_seconds"

    /// No run that is known of.
    public init() {}

    /// As a text says that shows the metrics of the job.
    init(of job: String, in text: String) {
        func value(_ name: String) -> Double? {
            PrometheusText.value(of: name, [.init(RunMetrics.jobLabel, job)], in: text)
        }
        lastExitCode = value(Self.exitCode).flatMap { Int32(exactly: $0) }
        lastCompletion = value(Self.completion)
        lastSuccess = value(Self.success)
    }

    /// Takes note of the end of a run.
    public mutating func note(_ status: ExitStatus, at time: Double) {
        lastExitCode = status.rawValue
        lastCompletion = time
        if status == .done { lastSuccess = time }
    }

    func families(of job: String) -> [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
            MetricFamily(name, .gauge, help, value.map { [.init([.init(RunMetrics.jobLabel, job)], $0)] } ?? [])
        }
        return [
            gauge(Self.exitCode, "With which exit code the last run ended.", lastExitCode.map(Double.init)),
            gauge(Self.completion, "When the last run ended, since 1970, however it ended.", lastCompletion),
            gauge(Self.success, "When a run last ended with exit code 0, since 1970.", lastSuccess),
        ]
    }
}
