import BackfillCore
import JobFiles
import Testing

@Suite("A job file to begin with")
struct JobFileTemplateTests {
    private let schema = CollectionSchema(
        name: "c", id: 1,
        fields: [
            FieldSchema(name: "id", type: .int64, isPrimaryKey: true),
            FieldSchema(name: "title", type: .varChar(maxLength: 512), isNullable: true),
            FieldSchema(name: "terms", type: .sparseFloatVector, isFunctionOutput: true),
        ], hasDynamicField: true)

    private func job(_ template: JobFileTemplate) throws -> JobSpec {
        try JobFile.read(
            template.text(file: "job.yaml", schema: schema), path: "/jobs/job.yaml",
            environment: [JobFileTemplate.tokenVariable: "me:secret"])
    }

    @Test(
        "means what it was made of, whatever the names are", arguments: ["articles", "a \"b\" ${C} # : \\", "no", "7"])
    func names(name: String) throws {
        let template = JobFileTemplate(
            source: .topic(name: "articles", bootstrapServers: "h:9092"), uri: "https://h", hasToken: true,
            database: name, collection: name, wireProtocol: .rest)
        let job = try job(template)
        guard case .kafka(let source) = job.source else {
            Issue.record("\(job.source)")
            return
        }
        #expect(source.ranges == [TopicRange(topic: "articles", start: .earliest, end: .latest)])
        #expect(source.properties == ["bootstrap.servers": Secret("h:9092")])
        #expect(job.target.collection == name && job.target.database == name)
        #expect(job.target.wireProtocol == .rest && job.target.token == Secret("me:secret"))
        #expect(!template.text(file: "job.yaml", schema: schema).contains("secret"))
    }

    @Test("says what each field needs")
    func comments() {
        let template = JobFileTemplate(
            source: .dump(paths: "*.jsonl"), uri: "./x.db", hasToken: false, database: nil, collection: "c",
            wireProtocol: .grpc)
        let text = template.text(file: "job.yaml", schema: schema)
        for line in [
            "  #   id     Int64              the primary key", "  #   title  VarChar(512)       may be missing or null",
            "  #   terms  SparseFloatVector  made by the server, needs no member",
            "  # Other members are kept in the collection's dynamic field, except for those in `drop: [MEMBER]`.",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line) in \(text)")
        }
    }
}
