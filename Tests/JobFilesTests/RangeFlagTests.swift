import BackfillCore
import JobFiles
import TestSupport
import Testing

@Suite("The flags for ranges")
struct RangeFlagTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    /// The ranges of a job, one text each.
    private func ranges(_ flags: RangeOverrides, _ job: String = SampleJobs.withoutRanges) throws -> [String] {
        try folder.kafka(job, ranges: flags).ranges.map(\.description)
    }

    private static let two = SampleJobs.kafka(
        ranges: ["topic: a, start: 10, end: 20", "topic: b, partition: 1, start: earliest, end: latest"])

    @Test("of which --range takes the place of the ranges of the job file")
    func range() throws {
        let flags = RangeOverrides(ranges: [
            "articles:0@120000..480000", "articles:1-3,7@earliest..latest", "null@-48h..committed",
            "a.b_c-d@2026-01-01T00:00:00Z..2026-02-01T00:00:00.5+01:00",
        ])
        let expected = [
            "articles:0@120000..480000", "articles:1-3,7@earliest..latest", "null@-172800s..committed",
            "a.b_c-d@1767225600000ms..1769900400500ms",
        ]
        #expect(try ranges(flags) == expected)
        #expect(
            try ranges(
                flags, SampleJobs.kafka(ranges: ["nothing: here"], properties: "bootstrap.servers: h, group.id: g"))
                == expected)
    }

    @Test("of which --from and --to take the place of the bounds of every range")
    func fromAndTo() throws {
        #expect(try ranges(RangeOverrides(from: "15"), Self.two) == ["a@15..20", "b:1@15..latest"])
        #expect(try ranges(RangeOverrides(to: "-1h"), Self.two) == ["a@10..-3600s", "b:1@earliest..-3600s"])
        #expect(
            try ranges(RangeOverrides(ranges: ["c@1..2"], from: "5", to: "committed")) == ["c@5..committed"])
        let job = SampleJobs.kafka(ranges: ["topic: a", "topic: b, start: soon, end: 7"])
        #expect(try ranges(RangeOverrides(from: "5", to: "6"), job) == ["a@5..6", "b@5..6"])
        #expect(
            try folder.diagnostics(job, ranges: RangeOverrides(from: "5"))
                == ["articles.yaml:5:9: `source.kafka.ranges[0].end` is required"])
    }

    @Test("of which Spark's offsets give a range for each partition")
    func spark() throws {
        let starts = #" {"b":{"10":23,"9":-2},"#.dropFirst() + "\n\t" + #""a.1":{"0":0}}"#
        #expect(
            try ranges(RangeOverrides(startingOffsets: String(starts)), Self.two)
                == ["a.1:0@0..latest", "b:9@earliest..latest", "b:10@23..latest"])
        #expect(
            try ranges(RangeOverrides(endingOffsets: #"{ "a" : {"0": 5, "1": -1} }"#))
                == ["a:0@earliest..5", "a:1@earliest..latest"])
        #expect(
            try ranges(
                RangeOverrides(
                    startingOffsets: #"{"topicA":{"0":23,"1":-2},"topicB":{"0":-2}}"#,
                    endingOffsets: #"{"topicB":{"0":-1},"topicA":{"1":-1,"0":50}}"#))
                == ["topicA:0@23..50", "topicA:1@earliest..latest", "topicB:0@earliest..latest"])
    }

    @Test("read what a range prints of itself", arguments: 0..<5)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let ranges = (0..<200).map { _ in TopicRange.random(using: &random) }
        let source = try folder.kafka(
            SampleJobs.withoutRanges, ranges: RangeOverrides(ranges: ranges.map(\.description)))
        #expect(source.ranges == ranges, "seed \(seed)")
    }

    private static let form = "expected TOPIC[:PARTITIONS]@START..END, such as `articles:0-3@earliest..latest`"

    @Test("are named by their diagnostics, together with those of the job file")
    func diagnostics() throws {
        let flags = RangeOverrides(
            ranges: [
                "articles", "articles@5", "@1..2", "a:@1..2", "a@1..", "a@..2", "a:0:1@1..2", "a b@1..2", "a:3-1@1..2",
                "a@1...2", "a@latest..soon", "a@2..1", "",
            ])
        let path = "source.kafka.ranges"
        #expect(
            try folder.diagnostics(SampleJobs.withoutRanges + "rum: {}", set: ["run.lane=1"], ranges: flags) == [
                "articles.yaml:3:1: unknown key `rum`; did you mean `run`?",
                "--range 1: \(Self.form)", "--range 2: \(Self.form)", "--range 3: \(Self.form)",
                "--range 4: \(Self.form)", "--range 5: \(Self.form)", "--range 6: \(Self.form)",
                "--range 7: `\(path)[6].partitions` must be numbers of partitions and spans of them, "
                    + "such as `1-3,7`, not `0:1`",
                "--range 8: `\(path)[7].topic` must be a topic's name: up to 249 ASCII letters, digits, "
                    + "`.`, `_` and `-`, and not just `.` or `..`, not `\"a b\"`",
                "--range 9: `\(path)[8].partitions` has a span that ends before it starts; "
                    + "write the smaller number first",
                "--range 10: `\(path)[9].end` must be an offset, `latest`, `committed`, "
                    + "a time such as `2026-01-01T00:00:00Z` or `-48h`, not `.2`",
                "--range 11: `\(path)[10].start` must not be `latest`: "
                    + "a range whose start is the latest offset holds nothing",
                "--range 11: `\(path)[10].end` must be an offset, `latest`, `committed`, "
                    + "a time such as `2026-01-01T00:00:00Z` or `-48h`, not `soon`",
                "--range 12: `\(path)[11]` ends before it starts; its end must not be less than its start",
                "--range 13: \(Self.form)",
                "--set run.lane: unknown key `lane` in `run`; did you mean `lanes`?",
            ])
    }

    @Test("are named by the diagnostics of common bounds")
    func commonBounds() throws {
        let backwards = "ends before it starts with"
        let end = "its end must not be less than its start"
        #expect(
            try folder.diagnostics(Self.two, ranges: RangeOverrides(from: "25"))
                == ["articles.yaml:5:9: `source.kafka.ranges[0]` \(backwards) `--from`; \(end)"])
        #expect(
            try folder.diagnostics(Self.two, ranges: RangeOverrides(from: "7", to: "6")) == [
                "articles.yaml:5:9: `source.kafka.ranges[0]` \(backwards) `--from` and `--to`; \(end)",
                "articles.yaml:6:9: `source.kafka.ranges[1]` \(backwards) `--from` and `--to`; \(end)",
            ])
        #expect(
            try folder.diagnostics(Self.two, ranges: RangeOverrides(from: "committed", to: "earliest")) == [
                "--from: `start` needs the property `group.id`: "
                    + "it is the offset that this consumer group has committed",
                "--to: `end` must not be `earliest`: a range whose end is the earliest offset holds nothing",
            ])
        #expect(
            try folder.diagnostics(Self.two, ranges: RangeOverrides(from: "", to: "2026-02-30T00:00:00Z")) == [
                "--from: `start` has no value; give it one or remove the flag",
                "--to: `end` has a day that its month does not have",
            ])
    }

    private static let json =
        "expected JSON such as `{\"articles\":{\"0\":23}}`; for one bound of all ranges use `--from` or `--to`"

    @Test(
        "are named by the diagnostics of Spark's offsets",
        arguments: [
            ("earliest", json), ("", json), ("[]", json), ("\"latest\"", json),
            ("{", "the text is not YAML: while parsing a flow node, did not find expected node content"),
            ("{}", "names no topic; name each one with its partitions"),
            (#"{"a":{}}"#, "`a` names no partition; name each one with its offset"),
            (#"{"a":null}"#, "`a` names no partition; name each one with its offset"),
            (#"{"a":5}"#, "`a` must be a mapping of keys to values, not a single value"),
            (#"{"a":[0]}"#, "`a` must be a mapping of keys to values, not a list"),
            (#"{"a":{"x":5}}"#, "`a.x` does not end with the number of a partition"),
            (#"{"a":{"-1":5}}"#, "`a.-1` does not end with the number of a partition"),
            (#"{"a":{"00":5}}"#, "`a.00` does not end with the number of a partition"),
            (#"{"a":{"2147483648":5}}"#, "`a.2147483648` does not end with the number of a partition"),
            (#"{"a":{"0":-3}}"#, "`a.0` must be an offset, or -2 for `earliest`, not `-3`"),
            (#"{"a":{"0":"5"}}"#, "`a.0` must be an offset, or -2 for `earliest`, not `\"5\"`"),
            (#"{"a":{"0":1.5}}"#, "`a.0` must be an offset, or -2 for `earliest`, not `1.5`"),
            (#"{"a":{"0":-1}}"#, "`a.0` must not be -1: a range whose start is the latest offset holds nothing"),
            (#"{"a":{"0":{}}}"#, "`a.0` must be a single value, not a mapping"),
            (
                #"{"a":{"0":1,"0":2}}"#,
                "`a.0` is given again after --starting-offsets; keep one of them"
            ),
            (#"{"a":{"0":1},"a":{"1":2}}"#, "`a` is given again after --starting-offsets; keep one of them"),
            (
                #"{"a/b":{"0":1}}"#,
                "`a/b.0.topic` must be a topic's name: up to 249 ASCII letters, digits, `.`, `_` and `-`, "
                    + "and not just `.` or `..`, not `\"a/b\"`"
            ),
        ])
    func badSpark(text: String, sentence: String) throws {
        #expect(
            try folder.diagnostics(SampleJobs.withoutRanges, ranges: RangeOverrides(startingOffsets: text))
                == ["--starting-offsets: \(sentence)"])
    }

    @Test("are named when Spark's offsets do not fit each other")
    func sparkPairs() throws {
        let both = "name it in both `--starting-offsets` and `--ending-offsets`"
        #expect(
            try folder.diagnostics(
                SampleJobs.withoutRanges,
                ranges: RangeOverrides(
                    startingOffsets: #"{"a":{"0":5,"1":6},"b":{"2":3}}"#,
                    endingOffsets: #"{"a":{"0":4,"2":-2},"b":{"2":3}}"#)) == [
                    "--ending-offsets: `a.2` must not be -2: a range whose end is the earliest offset holds nothing",
                    "--ending-offsets: has nothing for partition 1 of `a`; \(both)",
                    "--starting-offsets: has nothing for partition 2 of `a`; \(both)",
                    "--starting-offsets: `a.0` ends before it starts; its end must not be less than its start",
                ])
        #expect(
            try folder.diagnostics(
                SampleJobs.withoutRanges, ranges: RangeOverrides(startingOffsets: "latest", endingOffsets: "latest"))
                == ["--ending-offsets: \(Self.json)", "--starting-offsets: \(Self.json)"])
    }

    @Test("are refused where Spark's offsets meet the others")
    func mixedFlags() throws {
        let sentence = "does not go with `--starting-offsets` and `--ending-offsets`; use one way only"
        #expect(
            try folder.diagnostics(
                SampleJobs.withoutRanges,
                ranges: RangeOverrides(
                    ranges: ["a@1..2", "b@1..2"], from: "1", to: "2", endingOffsets: #"{"a":{"0":5}}"#)) == [
                    "--from: \(sentence)", "--range 1: \(sentence)", "--range 2: \(sentence)", "--to: \(sentence)",
                ])
    }

    @Test("are refused where the job reads a dump")
    func dumps() throws {
        let sentence = "the job reads a dump, which has no ranges of offsets; remove the flag"
        let flags = RangeOverrides(
            ranges: ["x", "a@1..2"], from: "?", to: "2", startingOffsets: "", endingOffsets: "{")
        #expect(
            try folder.diagnostics(SampleJobs.minimal, ranges: flags) == [
                "--ending-offsets: \(sentence)", "--from: \(sentence)", "--range 1: \(sentence)",
                "--range 2: \(sentence)", "--starting-offsets: \(sentence)", "--to: \(sentence)",
            ])
    }

    @Test("take variables")
    func variables() throws {
        let job = SampleJobs.withoutRanges
        let source = try folder.kafka(
            job, ranges: RangeOverrides(ranges: ["${TOPIC}@0..1"], to: "${END}"),
            environment: ["TOPIC": "a", "END": "5"])
        #expect(source.ranges == [TopicRange(topic: "a", start: .offset(0), end: .offset(5))])
    }
}

extension TopicRange {
    /// A range whose description is one of the forms of `--range`: all but times.
    fileprivate static func random(using random: inout SeededGenerator) -> TopicRange {
        let characters = Array("abcXYZ019._-")
        let topic = "t" + String((0..<random.number(0...20)).map { _ in characters[random.number(0...11)] })
        var spans: [ClosedRange<Int32>] = []
        var next: Int32 = 0
        for _ in 0..<random.number(1...4) {
            let lower = next + Int32(random.number(0...5))
            let upper = lower + Int32(random.oneIn(2) ? 0 : random.number(0...1_000_000))
            spans.append(lower...upper)
            next = upper + 1
        }
        spans.shuffle(using: &random)
        let ago = OffsetBound.ago(seconds: Int64(random.number(1...1_000_000_000)))
        let starts = [.offset(Int64(random.number(0...1000))), .earliest, .committed, ago]
        let ends = [.offset(Int64(random.number(1000...Int.max))), .latest, .committed, ago]
        return TopicRange(
            topic: topic, partitions: random.oneIn(3) ? nil : spans,
            start: starts[random.number(0...3)], end: ends[random.number(0...3)])
    }
}
