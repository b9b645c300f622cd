import BackfillCore
import TestSupport

extension CheckpointDocument {
    /// A document with awkward values.
    static var sample: CheckpointDocument {
        var document = CheckpointDocument(
            job: Job(
                source: .dump(
                    files: [
                        SourceFile(path: "/dumps/a/1.jsonl.zst", size: 1 << 60, digest: "aa"),
                        SourceFile(path: "/dumps/\"quoted\"\\\u{301}\u{2028}.jsonl", size: 0, digest: "bb"),
                    ],
                    envelope: .kcat,
                    order: .sequence),
                mapping: ["id <- $key", "vector <- embedding"],
                database: "default",
                collection: "articles"),
            collection: Collection(id: .max, schema: ["id Int64 primaryKey", "vector FloatVector(4)"]),
            units: [
                Unit(
                    files: [0, 1],
                    position: DumpPosition(
                        file: 1, frame: 3, frameOffset: .max, textOffset: (1 << 53) + 1, line: 9_007_199_254_740_993))
            ],
            createdAt: "2026-01-01T00:00:00Z")
        document.units[0].counts.read = .max
        document.units[0].counts.rejected = 2
        document.attempts = 3
        document.lastError = "the server said: \"no\"\n"
        return document
    }

    /// A document of a Kafka job with awkward values.
    static var kafkaSample: CheckpointDocument {
        var document = sample
        document.job.source = .kafka(
            cluster: "MkU3OEVBNTcwNTJENDM2Qk", ranges: ["articles:0-3,7@earliest..latest", "b@5..2026-01-01T00:00:00Z"])
        document.units = [
            Unit(topic: "articles", partition: .max, ranges: [OffsetRange(start: 0, end: .max)], position: .max - 1),
            Unit(topic: "b", partition: 0, ranges: [OffsetRange(start: 5, end: 9), OffsetRange(start: 20, end: 21)]),
            Unit(topic: "empty", partition: 1, ranges: [OffsetRange(start: 7, end: 7)]),
        ]
        document.units[0].counts.absent = 12
        document.units[0].gaps = [OffsetRange(start: 3, end: 9), OffsetRange(start: 100, end: 1 << 62)]
        return document
    }

    static func random(seed: Int) -> CheckpointDocument {
        var generator = SeededGenerator(seed: seed)
        var document = sample
        let text = { (generator: inout SeededGenerator) -> String in
            let scalars = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        document.job.mapping = (0..<Int.random(in: 0...5, using: &generator)).map { _ in text(&generator) }
        document.collection.id = .random(in: .min ... .max, using: &generator)
        document.lastError = Bool.random(using: &generator) ? text(&generator) : nil
        document.units = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            var unit = Unit(files: (0..<Int.random(in: 0...3, using: &generator)).map { $0 })
            var place = DumpPosition.start(ofFile: 0)
            place.frameOffset = .random(in: 0 ... .max, using: &generator)
            unit.position = .line(place)
            unit.counts.bytes = .random(in: 0 ... .max, using: &generator)
            return unit
        }
        if generator.oneIn(2) { document.makeKafka(using: &generator) }
        return document
    }

    private mutating func makeKafka(using generator: inout SeededGenerator) {
        job.source = .kafka(
            cluster: generator.oneIn(3) ? nil : "cluster",
            ranges: (0..<generator.number(0...3)).map { "topic-\($0)@earliest..latest" })
        let ranges = { (generator: inout SeededGenerator) -> [OffsetRange] in
            (0..<generator.number(0...3)).map { _ in
                let start = Int64.random(in: 0 ... .max - 1, using: &generator)
                return OffsetRange(start: start, end: .random(in: start ... .max, using: &generator))
            }
        }
        units = (0..<generator.number(0...4)).map { number in
            var unit = Unit(topic: "topic", partition: Int32(number), ranges: ranges(&generator))
            unit.position = .offset(.random(in: 0 ... .max, using: &generator))
            unit.counts.absent = .random(in: 0 ... .max, using: &generator)
            unit.gaps = ranges(&generator)
            return unit
        }
    }
}

extension CheckpointDocument.Job {
    /// Makes a dump of other files out of the job's dump.
    mutating func changeFiles(_ change: (inout [CheckpointDocument.SourceFile]) -> Void) {
        guard case .dump(var files, let envelope, let order) = source else { return }
        change(&files)
        source = .dump(files: files, envelope: envelope, order: order)
    }
}
