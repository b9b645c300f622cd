import BackfillCore
import TestSupport

extension CheckpointDocument {
    /// A document with awkward values.
    static var sample: CheckpointDocument {
        var document = CheckpointDocument(
            job: Job(
                files: [
                    SourceFile(path: "/dumps/a/1.jsonl.zst", size: 1 << 60, digest: "aa"),
                    SourceFile(path: "/dumps/\"quoted\"\\\u{301}\u{2028}.jsonl", size: 0, digest: "bb"),
                ],
                envelope: .kcat,
                order: .sequence,
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
            unit.position.frameOffset = .random(in: 0 ... .max, using: &generator)
            unit.counts.bytes = .random(in: 0 ... .max, using: &generator)
            return unit
        }
        return document
    }
}
