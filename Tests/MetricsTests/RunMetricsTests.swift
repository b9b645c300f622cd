import BackfillCore
import Foundation
import Metrics
import TestSupport
import Testing

/// The program's metrics, and everything in the repository that names them.
@Suite struct RunMetricsTests {
    /// Every metric has a sample.
    private var metrics: RunMetrics {
        var past = PastRuns()
        past.note(.done, at: 1_000.5)
        past.note(.failed, at: 2_000)
        var metrics = RunMetrics(
            job: "arti\"cles", version: "1.2.3", isActive: true, startedAt: 3_000, duration: 12.5, past: past)
        metrics.records.read = 9
        metrics.records.rejected = 2
        metrics.progress = RunMetrics.Progress(
            ratio: 0.25, rejectedRecords: 4, lostOffsets: 5,
            partitions: [.init(topic: "t", number: 3, position: 10, end: 40)])
        return metrics
    }

    private var names: [String] { metrics.families.map(\.name) }

    @Test func everyMetricIsNamedByTheConventions() {
        for family in metrics.families {
            #expect(family.name.hasPrefix("milvus_backfill_"))
            #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
            #expect(!family.samples.isEmpty, "\(family.name)")
            #expect(family.help.hasSuffix("."), "\(family.name)")
            for sample in family.samples { #expect(sample.labels.first == .init("job_name", "arti\"cles")) }
        }
        #expect(Set(names).count == names.count)
    }

    @Test func theTextSaysWhatTheRunSays() {
        let text = PrometheusText.text(of: metrics.families)
        let job = "job_name=\"arti\\\"cles\""
        for line in [
            "milvus_backfill_run_active{\(job)} 1",
            "milvus_backfill_records_read_total{\(job)} 9",
            "milvus_backfill_records_settled_total{\(job),result=\"rejected\"} 2",
            "milvus_backfill_progress_ratio{\(job)} 0.25",
            "milvus_backfill_partition_position{\(job),topic=\"t\",partition=\"3\"} 10",
            "milvus_backfill_last_exit_code{\(job)} 1",
            "milvus_backfill_last_completion_timestamp_seconds{\(job)} 2000",
            "milvus_backfill_last_success_timestamp_seconds{\(job)} 1000.5",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line) in \(text)")
        }
    }

    @Test func aRunOfWhichNothingIsKnownYetSaysNothingOfWhatItDoesNotKnow() {
        let metrics = RunMetrics(
            job: "a", version: "1", isActive: true, startedAt: 1, duration: 0, past: PastRuns())
        let text = PrometheusText.text(of: metrics.families)
        #expect(!text.contains("progress") && !text.contains("last_success") && !text.contains("last_exit_code"))
    }

    @Test(arguments: [BackfillCore.ExitStatus.failed, .doneWithRejects, .temporarilyUnavailable, .interrupted])
    func onlyARunThatEndsWithZeroIsASuccess(status: BackfillCore.ExitStatus) {
        var past = PastRuns()
        past.note(.done, at: 1)
        past.note(status, at: 2)
        #expect(past.lastSuccess == 1 && past.lastCompletion == 2 && past.lastExitCode == status.rawValue)
    }

    @Test func aFileTellsTheNextRunOfThePastOnes() throws {
        try withTemporaryFolder { folder in
            let file = MetricsFile(path: folder + "/new/a.prom", job: metrics.job)
            #expect(try file.pastRuns() == PastRuns())
            try file.write(metrics)
            #expect(try file.pastRuns() == metrics.past)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/new/a.prom")[.posixPermissions]
            #expect(mode as? Int == 0o644)
        }
    }

    @Test(arguments: ["node_load1 3\n", "# Metrics of the milvus-backfill job \"other\".\n"])
    func aFileOfAnotherProgramOrJobIsNotTaken(text: String) throws {
        try withTemporaryFolder { folder in
            try Data(text.utf8).write(to: URL(filePath: folder + "/a.prom"))
            #expect(throws: MetricsError.self) { try MetricsFile(path: folder + "/a.prom", job: "job").pastRuns() }
        }
    }

    // MARK: What names them

    private func text(of path: String) throws -> String {
        let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: top.appending(path: path), encoding: .utf8)
    }

    private func metricNames(in text: String) -> Set<String> {
        Set(text.matches(of: /milvus_backfill_[a-z_]*[a-z]/).map { String($0.output) })
    }

    @Test func dashboardAndAlertsNameNoOtherMetrics() throws {
        let dashboard = try text(of: "samples/grafana/dashboard.json")
        #expect(try JSONSerialization.jsonObject(with: Data(dashboard.utf8)) is NSDictionary)
        for text in [dashboard, try text(of: "samples/grafana/alerts.yaml")] {
            let used = metricNames(in: text)
            #expect(used.count >= 3)
            #expect(used.subtracting(names).isEmpty)
        }
    }

    @Test func theTableOfTheDocumentationNamesThemAll() throws {
        #expect(metricNames(in: try text(of: "docs/operate.md")) == Set(names))
    }
}
