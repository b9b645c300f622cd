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
            options.rate = run.value(.rate, .rate)
            options.maxDuration = run.value(.maxDuration, .duration)
            run.read(.unavailableTimeout, .duration, into: &options.unavailableTimeout)
            run.read(.quotaTimeout, .duration, into: &options.quotaTimeout)
            options.ifNewer = run.value(.ifNewer, .ifNewer).flatMap(\.self)
            run.read(.logLevel, .choice, into: &options.logLevel)
            run.read(.metrics, .metrics, into: &options.metrics)
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

extension Form<String?> {
    /// `run.ifNewer`
    fileprivate static var ifNewer: Self {
        .section { (ifNewer: Section<JobFileKeys.IfNewer>, _) in ifNewer.require(.field, .text) }
    }
}

extension Form<Double> {
    /// `run.rate`
    fileprivate static var rate: Self {
        .scalar("a whole number of rows a second, written like `5000/s`") { scalar in
            guard scalar.text.hasSuffix("/s"), let rows = Int(scalar.text.dropLast(2)),
                (1...1_000_000_000).contains(rows)
            else { return nil }
            return Double(rows)
        }
    }
}

extension Duration {
    private static var longestDays: Int64 { 3650 }

    /// A length of time as a job file has it, such as `30m`; nil where the text is none.
    public init?(jobFileText text: String) {
        guard let unit = text.last, let number = Int64(text.dropLast()), number > 0,
            let seconds = OffsetBound.seconds(number, unit), seconds <= Self.longestDays * 86_400
        else { return nil }
        self = .seconds(seconds)
    }
}

extension Form<Duration> {
    /// A length of time.
    static var duration: Self {
        .scalar("a whole number from 1 on and one of the units `s`, `m`, `h`, `d`, written like `30m`") {
            Duration(jobFileText: $0.text)
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
