import BackfillCore
import JobFiles
import TestSupport
import Testing

@Suite("A job that reads Kafka")
struct KafkaJobTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    /// The bounds of one range.
    private func bounds(start: String, end: String) throws -> [OffsetBound] {
        let job = SampleJobs.kafka(
            ranges: ["topic: a, start: \(start), end: \(end)"], properties: "bootstrap.servers: h, group.id: g")
        return try folder.kafka(job).ranges.flatMap { [$0.start, $0.end] }
    }

    @Test("becomes the source that it describes")
    func full() throws {
        let job = try folder.load(SampleJobs.fullKafka, environment: ["PASSWORD": "hunter2"])
        let expected = KafkaSource(
            properties: [
                "bootstrap.servers": Secret("one:9092,two:9092"), "security.protocol": Secret("SASL_SSL"),
                "sasl.password": Secret("hunter2"), "group.id": Secret("live"),
                "enable.auto.commit": Secret("false"), "fetch.wait.max.ms": Secret("50"),
            ],
            ranges: [
                TopicRange(topic: "articles", partitions: [0...0], start: .offset(120_000), end: .offset(480_000)),
                TopicRange(topic: "articles", partitions: [1...3, 7...7], start: .earliest, end: .latest),
                TopicRange(topic: "articles", partitions: [4...4, 5...5, 8...9], start: .committed, end: .latest),
                TopicRange(
                    topic: "articles-eu", start: .time(milliseconds: 1_767_225_600_000),
                    end: .time(milliseconds: 1_769_904_000_000)),
                TopicRange(topic: "articles-us", start: .ago(seconds: 172_800), end: .committed),
            ],
            onDataLoss: .skip, commitGroup: "lag")
        #expect(job.source == .kafka(expected))
        #expect(job.record.key == MessageKey(format: .json, path: ["payload", "id"]))
        #expect(!"\(job)".contains("hunter2"))
    }

    @Test("needs little; the rest has defaults")
    func minimal() throws {
        let source = try folder.kafka(SampleJobs.kafka(ranges: ["topic: a, start: 0, end: 0"]))
        let range = TopicRange(topic: "a", start: .offset(0), end: .offset(0))
        #expect(source == KafkaSource(properties: ["bootstrap.servers": Secret("h:9092")], ranges: [range]))
    }

    @Test("goes on in rounds where it starts at the end of the one before, and commits to a group if it is told one")
    func catchUp() throws {
        let job = SampleJobs.kafka(ranges: ["topic: a, start: resume, end: latest"])
        #expect(try folder.kafka(job).isCatchUp)
        #expect(try folder.kafka(job).commitGroup == nil)
        #expect(
            try !folder.kafka(
                SampleJobs.kafka(
                    ranges: ["topic: a, start: committed, end: latest"], properties: "bootstrap.servers: h, group.id: g"
                )
            ).isCatchUp)
        let committing = job.replacing("    ranges:", with: "    commitGroup: lag\n    ranges:")
        #expect(try folder.kafka(committing).commitGroup == "lag")
    }

    @Test(
        "starts and ends anywhere",
        arguments: [
            ("0", OffsetBound.offset(0)), ("\"120000\"", .offset(120_000)),
            ("9223372036854775807", .offset(.max)), ("committed", .committed),
            ("-90s", .ago(seconds: 90)),
            ("-30m", .ago(seconds: 1800)), ("-48h", .ago(seconds: 172_800)), ("'-7d'", .ago(seconds: 604_800)),
            ("-9223372036854775s", .ago(seconds: 9_223_372_036_854_775)),
            ("2026-01-01T00:00:00Z", .time(milliseconds: 1_767_225_600_000)),
            ("2026-01-01t01:00:00.1239999+01:00", .time(milliseconds: 1_767_225_600_123)),
            ("2026-01-01 00:00:00z", .time(milliseconds: 1_767_225_600_000)),
        ])
    func bounds(text: String, bound: OffsetBound) throws {
        #expect(try bounds(start: text, end: "latest") == [bound, .latest])
        #expect(try bounds(start: "earliest", end: text) == [.earliest, bound])
    }

    @Test(
        "names partitions by number, in a text or in a list",
        arguments: [
            ("partition: 0", [0...0]), ("partition: 2147483647", [Int32.max...Int32.max]), ("partitions: 4", [4...4]),
            ("partitions: 1-3", [1...3]), ("partitions: '1-3,7,0'", [1...3, 7...7, 0...0]),
            ("partitions: [4, 5, 8-9]", [4...4, 5...5, 8...9]), ("partitions: ['1-2,6', 3-5]", [1...2, 6...6, 3...5]),
        ])
    func partitions(text: String, spans: [ClosedRange<Int32>]) throws {
        let source = try folder.kafka(SampleJobs.kafka(ranges: ["topic: a, start: 0, end: 1, \(text)"]))
        #expect(source.ranges.map(\.partitions) == [spans])
    }

    @Test("takes each partition once, however the spans are written", arguments: 0..<10)
    func randomPartitions(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var flags = RangeOverrides()
        var expected: [[ClosedRange<Int32>]] = []
        var bad: [Int] = []
        for number in 1...100 {
            let pairs = (0..<random.number(1...4)).map { _ in (random.number(0...12), random.number(0...12)) }
            let texts = pairs.map { $0 == $1 && random.oneIn(2) ? "\($0)" : "\($0)-\($1)" }
            flags.ranges.append("a:\(texts.joined(separator: ","))@0..1")
            let numbers = pairs.flatMap { $0 <= $1 ? Array($0...$1) : [] }
            if pairs.contains(where: { $0.0 > $0.1 }) || Set(numbers).count < numbers.count {
                bad.append(number)
            } else {
                expected.append(pairs.map { Int32($0)...Int32($1) })
            }
        }
        let diagnostics = try folder.diagnostics(SampleJobs.withoutRanges, ranges: flags)
        #expect(diagnostics.map { $0.prefix { $0 != ":" } } == bad.map { "--range \($0)" }, "seed \(seed)")
        flags.ranges = flags.ranges.enumerated().filter { !bad.contains($0.offset + 1) }.map(\.element)
        let source = try folder.kafka(SampleJobs.withoutRanges, ranges: flags)
        #expect(source.ranges.map(\.partitions) == expected, "seed \(seed)")
    }

    @Test("may set a property to what the program needs anyway")
    func fixedProperties() throws {
        let properties = [
            "enable.auto.commit": "false", "auto.commit.enable": "false", "enable.auto.offset.store": "false",
            "offset.store.method": "broker", "auto.offset.reset": "error", "enable.partition.eof": "true",
            "check.crcs": "true", "allow.auto.create.topics": "false", "log.queue": "true",
            "isolation.level": "read_uncommitted", "group.instance.id": "a", "metadata.broker.list": "h",
        ]
        let text = properties.map { "\($0): \($1)" }.joined(separator: ", ")
        let source = try folder.kafka(SampleJobs.kafka(ranges: ["topic: a, start: 0, end: 1"], properties: text))
        #expect(source.properties == properties.mapValues { Secret($0) })
    }

    @Test("reads the keys of messages as the job says", arguments: MessageKey.Format.allCases)
    func keys(format: MessageKey.Format) throws {
        let job = try folder.load(SampleJobs.minimal + "record: {key: {format: \(format.rawValue)}}")
        #expect(job.record.key == MessageKey(format: format))
    }
}
