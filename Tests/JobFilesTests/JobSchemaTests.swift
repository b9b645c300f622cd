import Foundation
import JobFiles
import Testing

@Suite("docs/job.schema.json")
struct JobSchemaTests {
    /// The parts of a JSON Schema that say which keys there are.
    private final class Schema: Decodable {
        let properties: [String: Schema]?
        let items: Schema?

        /// The keys of every section by its path, as `JobFileKeys.sections` has them.
        func sections(at path: String = "") -> [String: [String]] {
            var sections = items?.sections(at: "\(path)[]") ?? [:]
            guard let properties else { return sections }
            sections[path] = properties.keys.sorted()
            for (key, schema) in properties {
                sections.merge(schema.sections(at: path.isEmpty ? key : "\(path).\(key)")) { first, _ in first }
            }
            return sections
        }
    }

    @Test("has the keys that the reader knows, and no others")
    func keys() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/job.schema.json")
        let schema = try JSONDecoder().decode(Schema.self, from: Data(contentsOf: file))
        #expect(schema.sections() == JobFileKeys.sections.mapValues { $0.sorted() })
    }

    @Test("and the full samples use each of the keys")
    func sample() {
        for key in JobFileKeys.sections.values.joined() {
            #expect(
                (SampleJobs.full + SampleJobs.fullKafka + SampleJobs.like).contains("\(key):"),
                "the key \(key) is in no test")
        }
    }
}
