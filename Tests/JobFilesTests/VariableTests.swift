import BackfillCore
import JobFiles
import Testing

@Suite("Variables of the environment")
struct VariableTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    @Test("stand for their values in every scalar")
    func values() throws {
        let job = try folder.load(
            SampleJobs.milvus("database: '${A}-${B}'\ntoken: $${A}$$x") + "run: {lanes: \"${LANES}\"}",
            environment: ["A": "a: [b]", "B": "${A}", "LANES": "8"])
        #expect(job.target.database == "a: [b]-${A}")
        #expect(job.target.token == Secret("${A}$$x"))
        #expect(job.run.lanes == 8)
    }

    @Test("are reported when they are unset, empty or misspelt")
    func problems() throws {
        let diagnostics = try folder.diagnostics(
            SampleJobs.milvus("database: ${A}${B}\ntoken: ${C}") + "run: {checkpoint: '${D:-x}'}",
            environment: ["C": ""])
        #expect(
            diagnostics == [
                "articles.yaml:6:15: `target.milvus.database`: the environment variable `A` is not set; "
                    + "set it, or write `$${` for a literal `${`",
                "articles.yaml:6:15: `target.milvus.database`: the environment variable `B` is not set; "
                    + "set it, or write `$${` for a literal `${`",
                "articles.yaml:7:12: `target.milvus.token` is empty, because the variables in it are; "
                    + "give them a value",
                "articles.yaml:8:19: `run.checkpoint`: the name of a variable and `}` must follow `${`; "
                    + "write `$${` for a literal `${`",
            ])
    }

    @Test("and tokens never reach a diagnostic")
    func secrets() throws {
        let secret = "hunter2"
        let diagnostics = try folder.diagnostics(
            """
            source: {dump: {paths: "${SECRET}://x", order: "${SECRET}"}}
            record: {path: "${SECRET}..", fields: {a: "$${SECRET}", b: "${DOLLAR}"}, tombstones: "${SECRET}"}
            target:
              milvus:
                uri: http://root:hunter2@localhost
                token: {value: hunter2}
                protocol: ${SECRET}
                create:
                  dynamicField: ${SECRET}
                  fields:
                    - {name: "${SECRET}", type: "${SECRET}", maxLength: "${SECRET}"}
                    - {name: "${SECRET}", type: Int64, primaryKey: true}
                    - {name: id, type: Int64, primaryKey: true}
                  indexes: [{field: "${SECRET}s", type: HNSW}]
            run: {lanes: "${SECRET}", memory: "${SECRET}"}
            """,
            set: ["target.milvus.token=[hunter2]", "hunter2", "target.milvus.database=[hunter2"],
            environment: ["SECRET": secret, "DOLLAR": "$hunter2"])
        #expect(diagnostics.count == 20)
        #expect(!diagnostics.contains { $0.contains(secret) })
    }

    @Test("and tokens do not show in a job that is printed")
    func printed() throws {
        let job = try folder.load(SampleJobs.milvus("token: hunter2"))
        #expect(!"\(job)".contains("hunter2"))
    }

    @Test("and tokens do not show in the place of a syntax error")
    func syntax() throws {
        #expect(
            try folder.diagnostics("target: {milvus: {token: hunter2") == [
                "articles.yaml:2:1: the text is not YAML: while parsing a flow mapping, "
                    + "did not find expected ',' or '}'"
            ])
    }
}
