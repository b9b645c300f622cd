import BackfillCore

extension Form<JobSpec> {
    /// The whole job file.
    static var job: Self {
        .section { (job: Section<JobFileKeys.Root>, reader) in
            let run = job.section(.run, .run) ?? RunOptions(checkpoint: "")
            return JobSpec(
                name: reader.location.jobName,
                source: job.section(.source, .source) ?? DumpSource(paths: []),
                record: job.section(.record, .record(checkpoint: run.checkpoint)) ?? RecordMapping(),
                target: job.section(.target, .target) ?? MilvusTarget(endpoint: .embedded(path: ""), collection: ""),
                run: run)
        }
    }
}
