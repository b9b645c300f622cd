import BackfillCore

extension Form<RunOptions> {
    /// `run`
    static var run: Self {
        .section { (run: Section<JobFileKeys.Run>, reader) in
            let checkpoint = run.value(.checkpoint, .path)
            var options = RunOptions(
                checkpoint: checkpoint ?? reader.location.absolute("\(reader.location.jobName).checkpoint.json"))
            run.read(.lanes, .lanes, into: &options.lanes)
            run.read(.memory, .size(in: 64 << 20...Int.max), into: &options.memory)
            options = run.section(.batch, .batch(of: options)) ?? options
            return options
        }
    }

    /// `run.batch`, in the options that have everything else.
    private static func batch(of options: RunOptions) -> Self {
        .section { (batch: Section<JobFileKeys.Batch>, _) in
            var options = options
            batch.read(.rows, .integer(in: 1...100_000), into: &options.batchRows)
            batch.read(.bytes, .size(in: 64 << 10...60 << 20), into: &options.batchBytes)
            return options
        }
    }
}

extension Form<Int?> {
    /// `run.lanes`
    fileprivate static var lanes: Self {
        .scalar("`auto` or a whole number from 1 to 64", spellings: ["auto"]) { scalar in
            if scalar.text == "auto" { return .some(nil) }
            guard scalar.isPlain, let lanes = Int(scalar.text), (1...64).contains(lanes) else { return nil }
            return lanes
        }
    }
}
