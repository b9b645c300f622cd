import BackfillCore
import JobFiles
import Testing

@Suite("--set")
struct OverrideTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    @Test("replaces what the file says, adds what it does not say, and the last one wins")
    func replaces() throws {
        let job = try folder.load(
            SampleJobs.minimal,
            set: [
                "run.lanes=4", "run.lanes=8", "source.dump.paths=[a, b]", "target.milvus.token=ab#c: d=e",
                "target.milvus.collection='[news]'",
            ])
        #expect(job.run.lanes == 8)
        #expect(job.source.paths == ["\(folder.path)/a", "\(folder.path)/b"])
        #expect(job.target.token == Secret("ab#c: d=e"))
        #expect(job.target.collection == "[news]")
    }

    @Test("reaches into lists")
    func lists() throws {
        let job = try folder.load(
            SampleJobs.create(fields: ["name: id, type: Int64, primaryKey: true"]),
            set: ["target.milvus.create.fields.0.name=key"])
        #expect(job.target.create?.fields.first?.name == "key")
    }

    @Test("mends what is wrong in the file")
    func mends() throws {
        #expect(try folder.load(SampleJobs.minimal + "run: {lanes: many}", set: ["run.lanes=auto"]).run.lanes == nil)
        #expect(try folder.load(SampleJobs.minimal + "run: fast", set: ["run.lanes=2"]).run.lanes == 2)
    }

    @Test("takes variables")
    func variables() throws {
        let job = try folder.load(SampleJobs.minimal, set: ["run.lanes=${LANES}"], environment: ["LANES": "3"])
        #expect(job.run.lanes == 3)
    }

    @Test("is named by its diagnostics")
    func diagnostics() throws {
        let diagnostics = try folder.diagnostics(
            SampleJobs.minimal,
            set: [
                "run.lanes=many", "run.lane=8", "source.dump.order=[", "run.batch=5", "run.batch.rows.x=1", "token",
                "a..b=1", "record.drop={a: 1}",
            ])
        #expect(
            diagnostics == [
                "--set number 6: expected PATH=VALUE, such as `run.lanes=8`",
                "--set number 7: expected PATH=VALUE, such as `run.lanes=8`",
                "--set record.drop: `record.drop` must be a list, not a mapping",
                "--set run.batch.rows.x: `run.batch.rows` must be a single value, not a mapping",
                "--set run.lane: unknown key `lane` in `run`; did you mean `lanes`?",
                "--set run.lanes: `run.lanes` must be `auto` or a whole number from 1 to 64, not `many`",
                "--set source.dump.order: the text is not YAML: while parsing a flow node, "
                    + "did not find expected node content",
            ])
    }
}
