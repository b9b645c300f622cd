public import BackfillCore

/// The numbers of a job that a Prometheus watches. None of them, and no label, is payload.
public struct RunMetrics: Sendable, Equatable {
    /// How far a partition of a topic is.
    public struct Partition: Sendable, Equatable {
        public var topic: String
        public var number: Int32
        /// The next offset to read after a restart.
        public var position: Int64
        /// Where the job ends reading; the offset itself is not read.
        public var end: Int64

        public init(topic: String, number: Int32, position: Int64, end: Int64) {
            self.topic = topic
            self.number = number
            self.position = position
            self.end = end
        }
    }

    /// What is known once the job is planned, over all its runs.
    public struct Progress: Sendable, Equatable {
        /// What is settled of the source, from 0 to 1.
        public var ratio: Double
        public var rejectedRecords: Int
        public var lostOffsets: Int
        /// None where the source is a dump.
        public var partitions: [Partition]

        public init(ratio: Double, rejectedRecords: Int, lostOffsets: Int, partitions: [Partition]) {
            self.ratio = ratio
            self.rejectedRecords = rejectedRecords
            self.lostOffsets = lostOffsets
            self.partitions = partitions
        }
    }

    /// The name of the label that holds the job's name. Prometheus itself sets `job` to what it scrapes.
    static let jobLabel = "job_name"

    public var job: String
    public var version: String
    public var isActive: Bool
    /// Seconds since 1970.
    public var startedAt: Double
    /// Of this run, in seconds.
    public var duration: Double
    /// Of this run, as are the next three.
    public var records = RecordCounts()
    public var bytesRead = 0
    public var requests = 0
    public var retries = 0
    public var progress: Progress?
    public var past: PastRuns

    public init(
        job: String, version: String, isActive: Bool, startedAt: Double, duration: Double, past: PastRuns
    ) {
        self.job = job
        self.version = version
        self.isActive = isActive
        self.startedAt = startedAt
        self.duration = duration
        self.past = past
    }

    public var families: [MetricFamily] {
        identity + counters + jobGauges + past.families(of: job)
    }

    private var identity: [MetricFamily] {
        [
            MetricFamily(
                "milvus_backfill_build_info", .gauge, "The program's version; always 1.",
                [sample(1, [.init("version", version)])]),
            MetricFamily(
                "milvus_backfill_run_active", .gauge,
                "1 while a run is under way, 0 after its end; 1 also after a run that was killed.",
                [sample(isActive ? 1 : 0)]),
            MetricFamily(
                "milvus_backfill_last_start_timestamp_seconds", .gauge, "When the last run began, since 1970.",
                [sample(startedAt)]),
            MetricFamily(
                "milvus_backfill_run_duration_seconds", .gauge, "How long the last run has taken so far.",
                [sample(duration)]),
        ]
    }

    private var counters: [MetricFamily] {
        let settled = [
            ("upserted", records.upserted), ("deleted", records.deleted), ("superseded", records.superseded),
            ("rejected", records.rejected), ("newer", records.newer), ("skipped", records.skipped),
        ]
        return [
            MetricFamily(
                "milvus_backfill_records_read_total", .counter, "Records that the last run has read.",
                [sample(records.read)]),
            MetricFamily(
                "milvus_backfill_records_settled_total", .counter,
                "Records that the last run is done with, by what became of them.",
                settled.map { sample($1, [.init("result", $0)]) }),
            MetricFamily(
                "milvus_backfill_read_bytes_total", .counter,
                "Bytes that the last run has read: of a dump as on disk, of messages keys, values and headers.",
                [sample(bytesRead)]),
            MetricFamily(
                "milvus_backfill_requests_total", .counter, "Writes that the server has acknowledged to the last run.",
                [sample(requests)]),
            MetricFamily(
                "milvus_backfill_retries_total", .counter, "Requests that the last run had to repeat.",
                [sample(retries)]),
        ]
    }

    private var jobGauges: [MetricFamily] {
        guard let progress else { return [] }
        func partitions(_ value: (Partition) -> Int64) -> [MetricFamily.Sample] {
            progress.partitions.map { partition in
                sample(
                    Int(value(partition)),
                    [.init("topic", partition.topic), .init("partition", "\(partition.number)")])
            }
        }
        return [
            MetricFamily(
                "milvus_backfill_progress_ratio", .gauge, "What is settled of the job's source, from 0 to 1.",
                [sample(progress.ratio)]),
            MetricFamily(
                "milvus_backfill_rejected_records", .gauge,
                "Records rejected over all runs of the job, of a catch-up over those of its last round.",
                [sample(progress.rejectedRecords)]),
            MetricFamily(
                "milvus_backfill_lost_offsets", .gauge,
                "Offsets whose messages were gone before they could be read, over the same runs.",
                [sample(progress.lostOffsets)]),
            MetricFamily(
                "milvus_backfill_partition_position", .gauge,
                "The next offset to read of a partition: all before it are settled.", partitions(\.position)),
            MetricFamily(
                "milvus_backfill_partition_end", .gauge, "The offset before which the job ends reading a partition.",
                partitions(\.end)),
        ]
    }

    private func sample(_ value: Double, _ labels: [MetricFamily.Label] = []) -> MetricFamily.Sample {
        MetricFamily.Sample([.init(Self.jobLabel, job)] + labels, value)
    }

    private func sample(_ value: Int, _ labels: [MetricFamily.Label] = []) -> MetricFamily.Sample {
        sample(Double(value), labels)
    }
}
