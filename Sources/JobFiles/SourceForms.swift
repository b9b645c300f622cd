import BackfillCore

extension Form<DumpSource> {
    /// `source`
    static var source: Self {
        .section { (source: Section<JobFileKeys.Source>, _) in
            source.section(.dump, .dump) ?? DumpSource(paths: [])
        }
    }

    /// `source.dump`
    private static var dump: Self {
        .section { (dump: Section<JobFileKeys.Dump>, _) in
            var source = DumpSource(paths: dump.require(.paths, .oneOrMore(.path)) ?? [])
            dump.read(.envelope, .choice, into: &source.envelope)
            dump.read(.order, .choice, into: &source.order)
            return source
        }
    }
}
