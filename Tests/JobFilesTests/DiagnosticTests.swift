import BackfillCore
import JobFiles
import Testing

@Suite("A bad job file is explained")
struct DiagnosticTests {
    private let folder: JobFolder

    init() throws {
        folder = try JobFolder()
    }

    private func expect(
        _ expected: [String], _ text: String, set overrides: [String] = [], environment: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let diagnostics = try folder.diagnostics(text, set: overrides, environment: environment)
        #expect(diagnostics == expected.map { "articles.yaml:\($0)" }, sourceLocation: location)
    }

    @Test("when its text is not YAML")
    func syntax() throws {
        try expect(
            ["3:1: the text is not YAML: while parsing a flow sequence, did not find expected ',' or ']'"],
            "a: [1,\nb: 2")
        try expect(["2:3: the text is not YAML: mapping values are not allowed in this context"], "a: 1\n b: 2\n")
        try expect(["1:4: the text is not YAML: found undefined alias"], "a: *x")
        try expect(["2:4: the text is not YAML: control characters are not allowed"], "a: 1\nb: \u{0}")
    }

    @Test("when it is empty, holds two jobs, or is not a mapping")
    func documents() throws {
        let empty = ["1:1: the file is empty; a job needs at least `source` and `target`"]
        try expect(empty, "")
        try expect(empty, "# nothing\n")
        try expect(empty, "---\n")
        try expect(["3:1: a second YAML document begins here; keep one job in one file"], "---\n---\na: 1\n")
        try expect(
            [
                "1:1: the job file must be a mapping of keys to values, not a list",
                "1:1: `source` needs one of the keys `dump`, `kafka`",
                "1:1: `target.milvus.uri` is required",
                "1:1: `target.milvus.collection` is required",
            ], "- 1")
        try expect(["1:1: a key must be text, not a list or a mapping"], "[a, b]: 1")
    }

    @Test("when a required key is missing")
    func required() throws {
        try expect(
            ["1:1: `target.milvus.uri` is required", "1:1: `target.milvus.collection` is required"],
            "source: {dump: {paths: a}}")
        try expect(
            ["2:9: `source.dump.paths` is required", "5:5: `target.milvus.collection` is required"],
            "source:\n  dump: {}\ntarget:\n  milvus:\n    uri: ./a.db")
    }

    @Test("when aliases of aliases stand for more than memory holds")
    func aliases() throws {
        let levels = (1...9).map {
            "a\($0): &a\($0) [" + [String](repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]"
        }
        let bomb = (["a0: &a0 [x]"] + levels).joined(separator: "\n")
        #expect {
            _ = try JobFolder().load(bomb)
        } throws: { error in
            "\(error)".contains("the aliases stand for more than 100000 values")
        }
    }

    @Test("when metrics cannot go where they should, without a word of the address")
    func metrics() throws {
        try expect(
            [
                "3:23: `run.metrics.file` must be a path that ends in `.prom`; the node exporter reads no other files",
                "3:43: `run.metrics.pushgateway` must be the URL of a Pushgateway, such as `http://pushgateway:9091`",
            ], SampleJobs.minimal + "run: {metrics: {file: m.txt, pushgateway: \"ftp://me:s3cret@h\"}}")
        try expect(
            [
                "3:30: `run.metrics.pushgateway` must end before `/metrics`; the rest of the path names the job and is "
                    + "added"
            ], SampleJobs.minimal + "run: {metrics: {pushgateway: \"http://me:s3cret@h/metrics/job/x\"}}")
    }

    @Test("when a key is unknown")
    func unknown() throws {
        try expect(
            [
                "3:1: unknown key `rum`; did you mean `run`?"
            ], SampleJobs.minimal + "rum: {}")
        try expect(["3:7: unknown key `lane` in `run`; did you mean `lanes`?"], SampleJobs.minimal + "run: {lane: 1}")
        try expect(
            [
                "3:7: unknown key `fastest` in `run`; the keys are `checkpoint`, `lanes`, `batch`, `memory`, `rate`, `maxDuration`, "
                    + "`unavailableTimeout`, `quotaTimeout`, `ifNewer`, `logLevel`, `metrics`"
            ],
            SampleJobs.minimal + "run: {fastest: true}")
    }

    @Test("when its source is none, or two")
    func sources() throws {
        try expect(
            ["1:9: `source` needs one of the keys `dump`, `kafka`"],
            "source: {}\ntarget: {milvus: {uri: ./a.db, collection: a}}")
        try expect(
            ["3:3: `source.kafka` does not go with `source.dump`; keep one of them"],
            """
            source:
              dump: {paths: a}
              kafka: {properties: {bootstrap.servers: h}, ranges: [{topic: a, start: 0, end: 1}]}
            target: {milvus: {uri: ./a.db, collection: a}}
            """)
    }

    @Test("when keys are given twice, in several places")
    func duplicates() throws {
        try expect(
            [
                "4:3: `run.lanes` is given again after articles.yaml:3:7; keep one of them"
            ], SampleJobs.minimal + "run: {lanes: 1,\n  lanes: 2}")
        try expect(
            [
                "5:3: `run.lanes` is given again after articles.yaml:4:3; keep one of them",
                "6:3: `run.lanes` is given again after articles.yaml:4:3; keep one of them",
                "7:11: `run.memory` must be a size from 64MiB on, written like `8MiB`, not `little`",
                "8:1: `run` is given again after articles.yaml:3:1; keep one of them",
            ], SampleJobs.minimal + "run:\n  lanes: 1\n  lanes: 2\n  \"lanes\": 3\n  memory: little\nrun: {}\n")
        try expect(
            ["3:1: the key `run` is given more than once; keep one of them"],
            SampleJobs.minimal + "&r run: {}\nrun: {}\n")
    }

    @Test("when a value has the wrong type")
    func types() throws {
        try expect(
            ["3:6: `run` must be a mapping of keys to values, not a single value"], SampleJobs.minimal + "run: fast")
        try expect(["3:14: `run.lanes` must be a single value, not a list"], SampleJobs.minimal + "run: {lanes: [1]}")
        try expect(["3:16: `record.drop` must be a list, not a single value"], SampleJobs.minimal + "record: {drop: a}")
        try expect(
            ["3:15: `run.memory` has no value; give it one or remove the key"], SampleJobs.minimal + "run: {memory: ~}")
        try expect(
            ["3:14: `run.lanes` must be `auto` or a whole number from 1 to 64, not `\"8\"`"],
            SampleJobs.minimal + "run: {lanes: \"8\"}")
        try expect(
            [
                "8:47: `target.milvus.create.fields[0].primaryKey` must be `true` or `false`, not `True`; "
                    + "did you mean `true`?"
            ], SampleJobs.create(fields: ["name: id, type: Int64, primaryKey: True"]))
    }

    @Test("when a number or a size is out of its range")
    func ranges() throws {
        try expect(
            [
                "4:10: `run.lanes` must be `auto` or a whole number from 1 to 64, not `65`",
                "5:11: `run.memory` must be a size from 64MiB on, written like `8MiB`, not `63MiB`",
                "6:17: `run.batch.rows` must be a whole number from 1 to 100000, not `0`",
                "6:27: `run.batch.bytes` must be a size from 64KiB to 60MiB, written like `8MiB`, not `8 M`",
            ],
            SampleJobs.minimal + "run:\n  lanes: 65\n  memory: 63MiB\n  batch: {rows: 0, bytes: 8 M}\n")
        let duration = "a whole number from 1 on and one of the units `s`, `m`, `h`, `d`, written like `30m`"
        try expect(
            [
                "4:9: `run.rate` must be a whole number of rows a second, written like `5000/s`, not `5000`",
                "5:16: `run.maxDuration` must be \(duration), not `0h`",
                "6:23: `run.unavailableTimeout` must be \(duration), not `5 m`",
                "7:17: `run.quotaTimeout` must be \(duration), not `99999999999999999d`",
            ],
            SampleJobs.minimal
                + "run:\n  rate: 5000\n  maxDuration: 0h\n  unavailableTimeout: 5 m\n  quotaTimeout: 99999999999999999d\n"
        )
        try expect(
            ["3:40: `record.onReject.max` must be a whole number from 1 on, not `none`"],
            SampleJobs.minimal + "record: {onReject: {policy: file, max: none}}")
    }

    @Test("when a word is none of those that there are")
    func choices() throws {
        try expect(
            [
                "3:22: `record.tombstones` must be one of `delete`, `skip`, `reject`, not `deleet`; "
                    + "did you mean `delete`?"
            ], SampleJobs.minimal + "record: {tombstones: deleet}")
        try expect(
            [
                "8:28: `target.milvus.create.fields[0].type` must be one of `Bool`, `Int8`, `Int16`, `Int32`, "
                    + "`Int64`, `Float`, `Double`, `VarChar`, `JSON`, `Array`, `Geometry`, `Timestamptz`, "
                    + "`FloatVector`, `Float16Vector`, `BFloat16Vector`, `Int8Vector`, `BinaryVector`, "
                    + "`SparseFloatVector`, not `int64`; did you mean `Int64`?"
            ],
            SampleJobs.create(fields: ["name: id, type: int64, primaryKey: true"]))
    }

    @Test("when a path names nothing that can be read")
    func paths() throws {
        try expect(
            ["1:24: `source.dump.paths` must not be empty"],
            SampleJobs.minimal.replacing("dump.jsonl.zst", with: "[]"))
        try expect(
            ["1:28: `source.dump.paths[1]` must be a path; this version reads no URLs"],
            SampleJobs.minimal.replacing("dump.jsonl.zst", with: "[a, s3://b/c]"))
    }

    @Test("when the mapping of the record makes no sense")
    func record() throws {
        try expect(
            [
                "4:9: `record.path` must be names of members with dots between them, such as `after.payload`, "
                    + "not `a..b`",
                "5:16: `record.fields.at` must be a member of the record, or one of `$key`, `$offset`, `$partition`, "
                    + "`$timestamp`, `$topic`, `$header.NAME`, not `$timestmp`; did you mean `$timestamp`?",
            ], SampleJobs.minimal + "record:\n  path: a..b\n  fields: {at: $timestmp}\n")
        try expect(
            [
                "3:16: `record.key.path` has no effect with the format `text`; set `format: json` or remove it"
            ], SampleJobs.minimal + "record: {key: {path: id}}")
        try expect(
            [
                "4:26: `record.key.path` has no effect with the format `integer`; set `format: json` or remove it"
            ], SampleJobs.minimal + "record:\n  key: {format: integer, path: id}\n")
        try expect(
            [
                "3:24: `record.key.format` must be one of `text`, `json`, `integer`, not `jsn`; did you mean `json`?",
                "3:35: `record.key.path` must be names of members with dots between them, such as `after.payload`, "
                    + "not `a.`",
            ], SampleJobs.minimal + "record: {key: {format: jsn, path: a.}}")
    }

    @Test("when rejects have a file that the policy does not use, or that is another's")
    func rejects() throws {
        try expect(
            [
                "3:21: `record.onReject.path` has no effect with the policy `fail`; set `policy: file` or remove it",
                "3:30: `record.onReject.max` has no effect with the policy `fail`; set `policy: file` or remove it",
            ], SampleJobs.minimal + "record: {onReject: {path: a, max: 5}}")
        try expect(
            ["3:35: `record.onReject.path` is the path of the checkpoint too; give each its own file"],
            SampleJobs.minimal + "record: {onReject: {policy: file, path: a}}\nrun: {checkpoint: ./a}")
        let source = "is a file of the source too (dump.jsonl.zst); give the rejects another one"
        try expect(
            ["3:35: `record.onReject.path` \(source)"],
            SampleJobs.minimal + "record: {onReject: {policy: file, path: dump.jsonl.zst}}")
        let own =
            "is a file of the source too (articles.rejects.jsonl.zst); give the rejects another one"
        try expect(
            ["3:20: `record.onReject.path` \(own)"],
            SampleJobs.minimal + "record: {onReject: {policy: file}}",
            set: ["source.dump.paths=articles.rejects.jsonl.zst"])
    }

    private static let addresses =
        "`http://HOST:PORT`, `https://HOST:PORT` or the path of an embedded Milvus Lite such as `./milvus.db`"

    @Test(
        "when the URI is none",
        arguments: [
            ("ftp://h", "must be \(addresses)"),
            ("localhost:19530", "must be \(addresses); did you mean `http://localhost:19530`?"),
            ("http://root:hunter2@h", "must not hold a user or a password; give them as `token: user:password`"),
            ("http://h:19530/news", "must end after the port; a database has its own key `database`"),
            ("http://h:70000", "must have a port from 1 to 65535"),
        ])
    func uri(uri: String, sentence: String) throws {
        try expect(["4:10: `target.milvus.uri` \(sentence)"], SampleJobs.milvus("", uri: uri))
    }

    @Test("when the protocol is none, or none that the server speaks")
    func wireProtocol() throws {
        try expect([], SampleJobs.milvus("protocol: rest"))
        try expect(
            ["6:15: `target.milvus.protocol` must be one of `grpc`, `rest`, not `REST`; did you mean `rest`?"],
            SampleJobs.milvus("protocol: REST"))
        try expect(
            ["6:15: `target.milvus.protocol` must be one of `grpc`, `rest`, not `http`"],
            SampleJobs.milvus("protocol: http"))
        try expect(
            [
                "6:5: `target.milvus.protocol` must be `grpc` with an embedded Milvus Lite, which speaks nothing else"
            ], SampleJobs.milvus("protocol: rest", uri: "./local.db"))
        try expect([], SampleJobs.milvus("protocol: grpc", uri: "./local.db"))
        // With a URI that cannot be read nobody knows what stands there.
        try expect(
            ["4:10: `target.milvus.uri` must be \(Self.addresses)"],
            SampleJobs.milvus("protocol: rest", uri: "ftp://h"))
    }

    @Test("when TLS does not fit")
    func tls() throws {
        try expect(
            ["6:5: `target.milvus.tls` needs a `uri` that begins with `https://`; change the `uri` or remove `tls`"],
            SampleJobs.milvus("tls: {ca: a.pem}"))
        try expect(
            ["6:11: `target.milvus.tls.certificate` needs `key` beside it"],
            SampleJobs.milvus("tls: {certificate: a.pem}", uri: "https://h"))
        try expect(
            ["6:11: `target.milvus.tls.key` needs `certificate` beside it"],
            SampleJobs.milvus("tls: {key: a.pem}", uri: "https://h"))
    }

    @Test("when the collection to create has no proper primary key")
    func primaryKey() throws {
        try expect(
            [
                "7:7: `target.milvus.create.fields` needs one field with `primaryKey: true`, "
                    + "of type `Int64` or `VarChar`"
            ],
            SampleJobs.create(fields: ["name: id, type: Int64"]))
        try expect(
            [
                "9:35: `target.milvus.create.fields[1].primaryKey` is one too many; "
                    + "`target.milvus.create.fields[0]` is the primary key"
            ],
            SampleJobs.create(
                fields: ["name: id, type: Int64, primaryKey: true", "name: no, type: Int64, primaryKey: true"]))
        try expect(
            ["8:22: `target.milvus.create.fields[0].type` must be `Int64` or `VarChar` for the primary key"],
            SampleJobs.create(fields: ["name: id, type: Float, primaryKey: true"]))
        try expect(
            ["8:53: `target.milvus.create.fields[0].nullable` does not go with `primaryKey`; every row needs its key"],
            SampleJobs.create(fields: ["name: id, type: Int64, primaryKey: true, nullable: true"]))
    }

    @Test("when the collection to create has no proper partition key")
    func partitionKey() throws {
        let id = "name: id, type: Int64, primaryKey: true"
        try expect(
            [
                "10:35: `target.milvus.create.fields[2].partitionKey` is one too many; "
                    + "`target.milvus.create.fields[1]` is the partition key"
            ],
            SampleJobs.create(
                fields: [id, "name: a, type: Int64, partitionKey: true", "name: b, type: Int64,  partitionKey: true"]))
        try expect(
            ["9:21: `target.milvus.create.fields[1].type` must be `Int64` or `VarChar` for the partition key"],
            SampleJobs.create(fields: [id, "name: a, type: JSON, partitionKey: true"]))
        try expect(
            ["8:53: `target.milvus.create.fields[0].partitionKey` does not go with `primaryKey`; choose another field"],
            SampleJobs.create(fields: ["\(id), partitionKey: true"]))
    }

    @Test("when a field of the collection to create has the wrong limits")
    func limits() throws {
        let id = "name: id, type: Int64, primaryKey: true"
        try expect(
            [
                "9:11: `target.milvus.create.fields[1].maxLength` is required with the type `VarChar`",
                "10:11: `target.milvus.create.fields[2].dim` is required with the type `FloatVector`",
                "11:11: `target.milvus.create.fields[3].elementType` is required with the type `Array`",
                "11:11: `target.milvus.create.fields[3].maxCapacity` is required with the type `Array`",
                "12:11: `target.milvus.create.fields[4].maxLength` is required with the type `Array`",
                "13:34: `target.milvus.create.fields[5].dim` does not go with the type `Int64`; remove it",
                "14:47: `target.milvus.create.fields[6].maxLength` must be a whole number from 1 to 65535, not `70000`",
                "15:45: `target.milvus.create.fields[7].dim` must be a whole number from 1 to 32768, not `32769`",
                "16:47: `target.milvus.create.fields[8].elementType` must be one of `Bool`, `Int8`, `Int16`, `Int32`, "
                    + "`Int64`, `Float`, `Double`, `VarChar`, not `Json`",
                "16:66: `target.milvus.create.fields[8].maxCapacity` must be a whole number from 1 to 4096, not `5000`",
            ],
            SampleJobs.create(
                fields: [
                    id, "name: a, type: VarChar", "name: b, type: FloatVector", "name: c, type: Array",
                    "name: d, type: Array, elementType: VarChar, maxCapacity: 4", "name: e, type: Int64, dim: 4",
                    "name: f, type: VarChar, maxLength: 70000", "name: g, type: FloatVector, dim: 32769",
                    "name: h, type: Array, elementType: Json, maxCapacity: 5000",
                ]))
    }

    @Test("when fields of the collection to create share a name")
    func names() throws {
        try expect(
            [
                "9:12: `target.milvus.create.fields[1].name` belongs to another field already; "
                    + "give every field its own name"
            ],
            SampleJobs.create(fields: ["name: id, type: Int64, primaryKey: true", "name: id, type: JSON"]))
    }

    @Test("when an index does not fit its field")
    func indexes() throws {
        try expect(
            [
                "11:12: `target.milvus.create.indexes[0].field` names none of the fields; did you mean `embedding`?",
                "12:11: `target.milvus.create.indexes[1].metric` is required for a vector field",
                "13:39: `target.milvus.create.indexes[2].metric` is for vector fields only; remove it",
                "14:12: `target.milvus.create.indexes[3].field` has an index already; a field takes one",
                "14:50: `target.milvus.create.indexes[3].metric` must be one of `COSINE`, `IP`, `L2`, `HAMMING`, "
                    + "`JACCARD`, `BM25`, not `cosine`; did you mean `COSINE`?",
            ],
            SampleJobs.create(
                fields: ["name: id, type: Int64, primaryKey: true", "name: embedding, type: FloatVector, dim: 4"],
                indexes: [
                    "field: embeding, type: HNSW, metric: L2", "field: embedding, type: HNSW",
                    "field: id, type: INVERTED, metric: L2", "field: embedding, type: HNSW, metric: cosine",
                ]))
    }

    @Test("with everything that is wrong, in the order of the file")
    func everything() throws {
        let text = """
            source:
              dump:
                path: dumps
                envelope: Kcat
              kafka: {}
            record:
              onReject: {max: 0}
              tombstone: delete
            target:
              milvus:
                uri: http://localhost:19530
                uri: http://localhost:19531
                token: ${MISSING}
                tls: {key: a.pem}
                create:
                  fields:
                    - {name: id, type: varchar, primaryKey: yes}
            run:
              batch: {rows: 2000, rows: many}
              lanes: 0
            """
        let expected = """
            articles.yaml:3:5: unknown key `path` in `source.dump`; did you mean `paths`?
            articles.yaml:3:5: `source.dump.paths` is required
            articles.yaml:4:15: `source.dump.envelope` must be one of `auto`, `none`, `kcat`, not `Kcat`; \
            did you mean `kcat`?
            articles.yaml:5:3: `source.kafka` does not go with `source.dump`; keep one of them
            articles.yaml:5:10: `source.kafka.properties.bootstrap.servers` is required
            articles.yaml:5:10: `source.kafka.ranges` is required
            articles.yaml:7:14: `record.onReject.max` has no effect with the policy `fail`; \
            set `policy: file` or remove it
            articles.yaml:7:19: `record.onReject.max` must be a whole number from 1 on, not `0`
            articles.yaml:8:3: unknown key `tombstone` in `record`; did you mean `tombstones`?
            articles.yaml:11:5: `target.milvus.collection` is required
            articles.yaml:12:5: `target.milvus.uri` is given again after articles.yaml:11:5; keep one of them
            articles.yaml:13:12: `target.milvus.token`: the environment variable `MISSING` is not set; \
            set it, or write `$${` for a literal `${`
            articles.yaml:14:5: `target.milvus.tls` needs a `uri` that begins with `https://`; \
            change the `uri` or remove `tls`
            articles.yaml:14:11: `target.milvus.tls.key` needs `certificate` beside it
            articles.yaml:17:28: `target.milvus.create.fields[0].type` must be one of `Bool`, `Int8`, `Int16`, \
            `Int32`, `Int64`, `Float`, `Double`, `VarChar`, `JSON`, `Array`, `Geometry`, `Timestamptz`, \
            `FloatVector`, `Float16Vector`, `BFloat16Vector`, `Int8Vector`, `BinaryVector`, `SparseFloatVector`, \
            not `varchar`; did you mean `VarChar`?
            articles.yaml:17:49: `target.milvus.create.fields[0].primaryKey` must be `true` or `false`, not `yes`
            articles.yaml:19:23: `run.batch.rows` is given again after articles.yaml:19:11; keep one of them
            articles.yaml:20:10: `run.lanes` must be `auto` or a whole number from 1 to 64, not `0`
            --set run.lane: unknown key `lane` in `run`; did you mean `lanes`?
            """
        #expect(try folder.diagnostics(text, set: ["run.lane=8"]) == expected.split(separator: "\n").map(String.init))
    }

    @Test("when it cannot be read")
    func unreadable() throws {
        let missing = #expect(throws: JobFileError.self) {
            try JobFile.load(path: "\(folder.path)/none.yaml", environment: [:])
        }
        #expect(
            missing?.description
                == "cannot read the job file `\(folder.path)/none.yaml`: there is no such file; "
                + "check the path, or write one with `milvus-backfill init`"
        )
        #expect(missing?.exitStatus == .badJobFile)
        let directory = #expect(throws: JobFileError.self) {
            try JobFile.load(path: folder.path, environment: [:])
        }
        #expect(
            directory?.description
                == "cannot read the job file `\(folder.path)`: it is a folder; name the job file in it")
    }
}
