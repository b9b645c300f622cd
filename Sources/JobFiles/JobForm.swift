import BackfillCore

extension Form<JobSpec> {
    /// The whole job file, with ranges from the flags.
    static func job(_ flags: RangeOverrides) -> Self {
        .section { (job: Section<JobFileKeys.Root>, reader) in
            let run = job.section(.run, .run) ?? RunOptions(checkpoint: "")
            let source = job.section(.source, .source(flags)) ?? .dump(DumpSource(paths: []))
            let record = Form<RecordMapping>.record(checkpoint: run.checkpoint, source: source)
            return JobSpec(
                name: reader.location.jobName, source: source,
                record: job.section(.record, record) ?? RecordMapping(),
                target: job.section(.target, .target) ?? MilvusTarget(endpoint: .embedded(path: ""), collection: ""),
                run: run)
        }
    }
}
