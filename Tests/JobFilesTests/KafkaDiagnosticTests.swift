import JobFiles
import Testing

@Suite("A bad job that reads Kafka is explained")
struct KafkaDiagnosticTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    private func expect(
        _ expected: [String], _ text: String, environment: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let diagnostics = try folder.diagnostics(text, environment: environment)
        #expect(diagnostics == expected.map { "articles.yaml:\($0)" }, sourceLocation: location)
    }

    /// Expects one diagnostic of the first range.
    private func expect(_ expected: String, range: String, location: SourceLocation = #_sourceLocation) throws {
        try expect([expected], SampleJobs.kafka(ranges: [range]), location: location)
    }

    private static let range = "topic: a, start: 0, end: 1"

    @Test("when a required key is missing")
    func required() throws {
        let target = "\ntarget: {milvus: {uri: ./a.db, collection: a}}"
        let missing = [
            "`source.kafka.properties.bootstrap.servers` is required", "`source.kafka.ranges` is required",
        ]
        try expect(missing.map { "1:17: \($0)" }, "source: {kafka: {}}" + target)
        try expect(missing.map { "1:17: \($0)" }, "source: {kafka: ~}" + target)
        try expect(
            ["1:30: \(missing[0])", "1:42: `source.kafka.ranges` must not be empty"],
            "source: {kafka: {properties: {}, ranges: []}}" + target)
        try expect(
            [
                "5:9: `source.kafka.ranges[0].topic` is required",
                "5:9: `source.kafka.ranges[0].start` is required",
                "5:9: `source.kafka.ranges[0].end` is required",
            ], SampleJobs.kafka(ranges: [""]))
    }

    @Test("when a key is unknown")
    func unknown() throws {
        try expect(
            "5:38: unknown key `ends` in `source.kafka.ranges[0]`; did you mean `end`?", range: Self.range + ", ends: 1"
        )
        try expect(
            [
                "3:5: unknown key `propertys` in `source.kafka`; did you mean `properties`?",
                "3:5: `source.kafka.properties.bootstrap.servers` is required",
                "5:9: `source.kafka.ranges[0].topic` is required",
                "5:10: unknown key `topics` in `source.kafka.ranges[0]`; did you mean `topic`?",
            ],
            SampleJobs.kafka(ranges: ["topics: a, start: 0, end: 1"]).replacing("properties", with: "propertys"))
    }

    @Test("when properties have no brokers, or have them twice")
    func brokers() throws {
        try expect(
            ["3:17: `source.kafka.properties.bootstrap.servers` is required"],
            SampleJobs.kafka(ranges: [Self.range], properties: "group.id: g"))
        try expect(
            [
                "3:40: `source.kafka.properties.metadata.broker.list` is another name of `bootstrap.servers`; "
                    + "keep one of them"
            ], SampleJobs.kafka(ranges: [Self.range], properties: "bootstrap.servers: h, metadata.broker.list: h"))
        try expect(
            [
                "3:17: `source.kafka.properties` must be a mapping of keys to values, not a single value",
                "3:17: `source.kafka.properties.bootstrap.servers` is required",
            ], SampleJobs.kafka(ranges: [Self.range], properties: "X").replacing("{X}", with: "h:9092"))
    }

    @Test("when properties are nested or are no values")
    func nestedProperties() throws {
        try expect(
            [
                "3:29: `source.kafka.properties.bootstrap` must be a single value; "
                    + "the dots belong to the names of properties; did you mean `bootstrap.servers`?",
                "3:49: `source.kafka.properties.sasl` must be a single value; "
                    + "the dots belong to the names of properties; did you mean `sasl.oauthbearer.config`?",
                "3:93: `source.kafka.properties.ssl` must be a single value; "
                    + "the dots belong to the names of properties",
            ],
            SampleJobs.kafka(
                ranges: [Self.range],
                properties: "bootstrap: {servers: h}, sasl: {oauthbearer: {config: x, method: y}}, ssl: {}"))
        try expect(
            [
                "3:37: `source.kafka.properties.bootstrap.servers` must be a single value, not a list",
                "3:53: `source.kafka.properties.client.id` has no value; give it one or remove the key",
            ], SampleJobs.kafka(ranges: [Self.range], properties: "bootstrap.servers: [h], client.id: ~"))
    }

    private static let positions = "the program keeps positions in its checkpoint"

    @Test(
        "when a property would break a promise",
        arguments: [
            ("enable.auto.commit: true", "must be `false` or left out: \(positions) and commits none to Kafka"),
            ("auto.commit.enable: 1", "must be `false` or left out: \(positions) and commits none to Kafka"),
            ("enable.auto.offset.store: true", "must be `false` or left out: \(positions) and nowhere else"),
            ("offset.store.method: file", "must be `broker` or left out: \(positions) and nowhere else"),
            (
                "auto.offset.reset: latest",
                "must be `error` or left out: an offset that is not there any more stops the run, "
                    + "or is a gap with `onDataLoss: skip`"
            ),
            (
                "enable.partition.eof: false",
                "must be `true` or left out: "
                    + "the program finds the end of a range by it when the last offsets hold no message"
            ),
            (
                "check.crcs: false",
                "must be `true` or left out: "
                    + "the program checks every message, so that a damaged one never becomes a row"
            ),
            (
                "allow.auto.create.topics: true",
                "must be `false` or left out: the program reads topics that are there and creates none"
            ),
            (
                "log.queue: false",
                "must be `true` or left out: the program takes librdkafka's log from a queue into its own log"
            ),
            (
                "plugin.library.paths: a.so",
                "must be left out: the program loads no code of others into its process"
            ),
        ])
    func fixedProperties(property: String, sentence: String) throws {
        let name = property.prefix { $0 != ":" }
        try expect(
            ["3:\(42 + name.count): `source.kafka.properties.\(name)` \(sentence)"],
            SampleJobs.kafka(ranges: [Self.range], properties: "bootstrap.servers: h, \(property)"))
    }

    private static let topicName =
        "a topic's name: up to 249 ASCII letters, digits, `.`, `_` and `-`, and not just `.` or `..`"

    @Test(
        "when no topic can have the name",
        arguments: [".", "..", "a b", "a/b", "ä", "a:0", String(repeating: "a", count: 250)])
    func topics(name: String) throws {
        let shown = name.count > 60 ? name.prefix(60) + "…" : name[...]
        try expect(
            "5:17: `source.kafka.ranges[0].topic` must be \(Self.topicName), not `\"\(shown)\"`",
            range: "topic: \"\(name)\", start: 0, end: 1")
    }

    private static let spans = "must be numbers of partitions and spans of them, such as `1-3,7`"

    @Test(
        "when partitions are none",
        arguments: [
            ("-1", "\(spans), not `-1`"), ("all", "\(spans), not `all`"), ("'1-3, 7'", "\(spans), not `\"1-3, 7\"`"),
            ("'1,,2'", "\(spans), not `\"1,,2\"`"), ("'1-2-3'", "\(spans), not `\"1-2-3\"`"),
            ("+1", "\(spans), not `+1`"),
            ("1-", "\(spans), not `1-`"), ("1.5", "\(spans), not `1.5`"), ("'٣'", "\(spans), not `\"٣\"`"),
            ("3-1", "has a span that ends before it starts; write the smaller number first"),
            ("2147483648", "has a number beyond 2147483647, which no partition has"),
            ("0-99999999999999999999", "has a number beyond 2147483647, which no partition has"),
            ("'1-3,2'", "names a partition more than once; name each one once"),
            ("'5,5'", "names a partition more than once; name each one once"),
            ("[4-9, 1, 5]", "names a partition more than once; name each one once"),
            ("[]", "must not be empty"), ("~", "must not be empty"),
        ])
    func partitions(text: String, sentence: String) throws {
        try expect(
            "5:50: `source.kafka.ranges[0].partitions` \(sentence)", range: "\(Self.range), partitions: \(text)")
    }

    @Test("when one of several partitions is none")
    func partitionItems() throws {
        try expect(
            "5:54: `source.kafka.ranges[0].partitions[1]` \(Self.spans), not `x`",
            range: "\(Self.range), partitions: [0, x]")
    }

    @Test("when one partition is none, or is given beside several")
    func partition() throws {
        try expect(
            "5:49: `source.kafka.ranges[0].partition` must be a whole number from 0 to 2147483647, not `-1`",
            range: "\(Self.range), partition: -1")
        try expect(
            "5:49: `source.kafka.ranges[0].partition` must be a whole number from 0 to 2147483647, not `2147483648`",
            range: "\(Self.range), partition: 2147483648")
        try expect(
            "5:52: `source.kafka.ranges[0].partitions` does not go with `partition`; keep one of them",
            range: "\(Self.range), partition: 0, partitions: 1-3")
    }

    private static let startForms =
        "must be an offset, `earliest`, `committed`, `resume`, a time such as `2026-01-01T00:00:00Z` or `-48h`"
    private static let ago =
        "must be `-`, a whole number from 1 on and one of the units `s`, `m`, `h`, `d`, as in `-48h`"
    private static let dateTime = "must have a date, a time and a zone, as `2026-01-01T00:00:00Z` has"

    @Test(
        "when a bound is none",
        arguments: [
            ("soon", "\(startForms), not `soon`"),
            ("erliest", "\(startForms), not `erliest`; did you mean `earliest`?"),
            ("1.5", "\(startForms), not `1.5`"), ("+5", "\(startForms), not `+5`"), ("1e3", "\(startForms), not `1e3`"),
            ("1767225600000ms", "\(startForms), not `1767225600000ms`"), ("48h", "\(startForms), not `48h`"),
            ("9223372036854775808", "is greater than the greatest offset, 9223372036854775807"),
            ("-1", ago), ("-0h", ago), ("-h", ago), ("-1.5h", ago), ("-1w", ago), ("-1h30m", ago), ("-48H", ago),
            ("-9223372036854776s", "lies further back than times in Kafka reach"),
            ("-99999999999999999999d", "lies further back than times in Kafka reach"),
            ("2026-01-01", dateTime), ("2026-1-1T00:00:00Z", dateTime), ("2026-01-01T00:00Z", dateTime),
            ("2026-01-01T000000Z", dateTime), ("2026-01-01  00:00:00Z", dateTime),
            ("2026-01-01T00:00:00", "must end with a zone: `Z` for UTC, or one such as `+01:00`"),
            ("2026-01-01T00:00:00+0100", "must end with a zone: `Z` for UTC, or one such as `+01:00`"),
            ("2026-01-01T00:00:00.Z", "must end with a zone: `Z` for UTC, or one such as `+01:00`"),
            ("2026-01-01T00:00:00Z and more", "must end with a zone: `Z` for UTC, or one such as `+01:00`"),
            ("2026-13-01T00:00:00Z", "has a month that is not one of 01 to 12"),
            ("2026-00-01T00:00:00Z", "has a month that is not one of 01 to 12"),
            ("2026-02-29T00:00:00Z", "has a day that its month does not have"),
            ("2026-04-00T00:00:00Z", "has a day that its month does not have"),
            ("2100-02-29T00:00:00Z", "has a day that its month does not have"),
            ("2026-01-01T24:00:00Z", "has an hour that is greater than 23"),
            ("2026-01-01T00:60:00Z", "has a minute that is greater than 59"),
            ("2026-01-01T00:00:61Z", "has a second that is greater than 59"),
            (
                "2016-12-31T23:59:60Z",
                "has a leap second, which times in Kafka do not have; write the second before or behind it"
            ),
            ("2026-01-01T00:00:00+24:00", "has an hour in its zone that is greater than 23"),
            ("2026-01-01T00:00:00-01:60", "has a minute in its zone that is greater than 59"),
            ("2026-01-01T00:00:00.0123456789Z", "has more than nine digits behind its second"),
            ("1969-12-31T23:59:59.999999999Z", "lies before 1970, with which times in Kafka begin"),
            ("1970-01-01T00:59:59+01:00", "lies before 1970, with which times in Kafka begin"),
            ("0000-01-01T00:00:00Z", "lies before 1970, with which times in Kafka begin"),
        ])
    func bounds(text: String, sentence: String) throws {
        try expect("5:27: `source.kafka.ranges[0].start` \(sentence)", range: "topic: a, start: \(text), end: latest")
    }

    @Test("when a range is empty or runs backwards")
    func emptyRanges() throws {
        try expect(
            "5:27: `source.kafka.ranges[0].start` must not be `latest`: "
                + "a range whose start is the latest offset holds nothing",
            range: "topic: a, start: latest, end: latest")
        try expect(
            "5:35: `source.kafka.ranges[0].end` must not be `earliest`: "
                + "a range whose end is the earliest offset holds nothing",
            range: "topic: a, start: 0, end: earliest")
        try expect(
            "5:9: `source.kafka.ranges[0]` ends before it starts; its end must not be less than its start",
            range: "topic: a, start: 10, end: 9")
    }

    @Test("when a committed offset has no group")
    func committed() throws {
        let sentence = "needs the property `group.id`: it is the offset that this consumer group has committed"
        try expect(
            ["5:27: `source.kafka.ranges[0].start` \(sentence)", "5:43: `source.kafka.ranges[0].end` \(sentence)"],
            SampleJobs.kafka(ranges: ["topic: a, start: committed, end: committed"]))
        try expect(
            [
                "3:50: `source.kafka.properties.group.id`: the environment variable `GROUP` is not set; "
                    + "set it, or write `$${` for a literal `${`"
            ],
            SampleJobs.kafka(
                ranges: ["topic: a, start: committed, end: latest"],
                properties: "bootstrap.servers: h, group.id: '${GROUP}'"))
    }

    @Test("when an end is to resume, or only some of the ranges are")
    func resume() throws {
        try expect(
            ["5:40: `source.kafka.ranges[0].end` must not be `resume`, which is where a round of the job begins"],
            SampleJobs.kafka(ranges: ["topic: a, start: resume, end: resume"]))
        try expect(
            [
                "4:5: `source.kafka.ranges` must all start at `resume` or none: `b@earliest..latest` would be read again in "
                    + "every round; give it a job of its own"
            ],
            SampleJobs.kafka(
                ranges: ["topic: a, start: resume, end: latest", "topic: b, start: earliest, end: latest"]))
    }

    @Test("when the word for lost data is none")
    func dataLoss() throws {
        try expect(
            ["4:17: `source.kafka.onDataLoss` must be one of `fail`, `skip`, not `ignore`"],
            SampleJobs.kafka(ranges: [Self.range]).replacing("    ranges:", with: "    onDataLoss: ignore\n    ranges:")
        )
    }

    @Test("without the values of variables")
    func secrets() throws {
        let values = [
            "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "-5", "99999999999999999999", "5-3", "3-1", "hunter2", "~",
        ]
        for value in values {
            let diagnostics = try folder.diagnostics(
                SampleJobs.kafka(
                    ranges: ["topic: '${V}~', partition: '${V}', partitions: '${V}', start: '${V}', end: '${V}'"],
                    properties: "bootstrap.servers: h, check.crcs: '${V}', sasl: '${V}', ssl: {x: '${V}'}"),
                environment: ["V": value])
            #expect(diagnostics.count > 4, "\(value)")
            #expect(!diagnostics.contains { value != "~" && $0.contains(value) }, "\(value)")
        }
    }
}
