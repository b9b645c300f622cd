import BackfillCore
import Checkpoints

/// A file for the textfile collector of Prometheus' node exporter.
///
/// It is whole at any moment, and can be read by everyone whom the process' umask lets: it holds no payload and no
/// secret, and the exporter runs as another user. All calls block their thread.
public struct MetricsFile: Sendable {
    private let file: AtomicFile
    private let job: String

    public init(path: String, job: String) {
        self.file = AtomicFile(path: path, readers: .everyone)
        self.job = job
    }

    /// What the file says of earlier runs.
    ///
    /// - Throws: `MetricsError.foreignFile`, `MetricsError.file`.
    public func pastRuns() throws(MetricsError) -> PastRuns {
        let bytes: [UInt8]
        do throws(CheckpointError) {
            bytes = try file.read() ?? []
        } catch {
            throw .file(error)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.isEmpty || text.hasPrefix(header) else { throw .foreignFile(path: file.path) }
        return PastRuns(of: job, in: text)
    }

    /// - Throws: `MetricsError.file`. The old content then stands.
    public func write(_ metrics: RunMetrics) throws(MetricsError) {
        do throws(CheckpointError) {
            try file.replace(with: Array((header + PrometheusText.text(of: metrics.families)).utf8))
        } catch {
            throw .file(error)
        }
    }

    /// By it the file is known again: one of another program, or of another job, is not to be replaced.
    private var header: String { "# Metrics of the milvus-backfill job \"\(PrometheusText.escaped(job))\".\n" }
}
