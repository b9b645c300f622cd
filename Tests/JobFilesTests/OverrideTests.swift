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
        #expect(job.source == .dump(DumpSource(paths: ["\(folder.path)/a", "\(folder.path)/b"])))
        #expect(job.target.token == Secret("ab#c: d=e"))
        #expect(job.target.collection == "[news]")
    }

    @Test("reaches into lists")
    func lists() throws {
        let job = try folder.load(
            SampleJobs.create(fields: ["name: id, type: Int64, primaryKey: true"]),
            set: ["target.milvus.create.fields.0.name=key"])
        guard case .described(let definition) = job.target.create else {
            Issue.record("no collection is described")
            return
        }
        #expect(definition.fields.first?.name == "key")
    }

    @Test("takes what follows the properties of a Kafka source for one key with dots in it")
    func dottedKeys() throws {
        let source = try folder.kafka(
            SampleJobs.fullKafka,
            set: [
                "source.kafka.properties.bootstrap.servers=three:9092", "source.kafka.properties.client.id=loader",
                "source.kafka.properties.sasl.password=a.b=c", "source.kafka.ranges.1.start=-7d",
            ],
            environment: ["PASSWORD": "hunter2"])
        #expect(source.properties["bootstrap.servers"] == Secret("three:9092"))
        #expect(source.properties["client.id"] == Secret("loader"))
        #expect(source.properties["sasl.password"] == Secret("a.b=c"))
        #expect(source.properties.count == 7)
        #expect(source.ranges[1].start == .ago(seconds: 604_800))
    }

    @Test("replaces all properties of a Kafka source, and names a bad one")
    func properties() throws {
        let job = SampleJobs.kafka(ranges: ["topic: a, start: 0, end: 1"])
        let source = try folder.kafka(job, set: ["source.kafka.properties={metadata.broker.list: 'h:1'}"])
        #expect(source.properties == ["metadata.broker.list": Secret("h:1")])
        #expect(
            try folder.diagnostics(
                job,
                set: ["source.kafka.properties.check.crcs=false", "source.kafka.properties.=1", "source.kafka.p.q=1"])
                == [
                    "--set number 2: expected PATH=VALUE, such as `run.lanes=8`",
                    "--set source.kafka.p.q: unknown key `p` in `source.kafka`; "
                        + "the keys are `properties`, `ranges`, `onDataLoss`, `commitGroup`",
                    "--set source.kafka.properties.check.crcs: `source.kafka.properties.check.crcs` "
                        + "must be `true` or left out: "
                        + "the program checks every message, so that a damaged one never becomes a row",
                ])
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
