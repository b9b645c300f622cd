import BackfillCore

extension Form<SourceSpec> {
    /// `source`, with ranges from the flags.
    static func source(_ flags: RangeOverrides) -> Self {
        .section { (source: Section<JobFileKeys.Source>, reader) in
            let dump = source.value(.dump, .dump)
            let kafka = source.value(.kafka, .kafka(flags))
            switch (source.has(.dump), source.has(.kafka)) {
            case (true, true):
                source.report(.kafka, "does not go with `source.dump`; keep one of them")
            case (true, false):
                for place in flags.places {
                    reader.report(place, "the job reads a dump, which has no ranges of offsets; remove the flag")
                }
            case (false, true):
                break
            case (false, false):
                reader.report(
                    source.node.place, "`source` needs one of the keys \(JobFileKeys.Source.names.quotedList)")
            }
            return kafka.map { .kafka($0) } ?? .dump(dump ?? DumpSource(paths: []))
        }
    }
}

extension Form<DumpSource> {
    /// `source.dump`
    fileprivate static var dump: Self {
        .section { (dump: Section<JobFileKeys.Dump>, _) in
            var source = DumpSource(paths: dump.require(.paths, .oneOrMore(.path)) ?? [])
            dump.read(.envelope, .choice, into: &source.envelope)
            dump.read(.order, .choice, into: &source.order)
            return source
        }
    }
}
