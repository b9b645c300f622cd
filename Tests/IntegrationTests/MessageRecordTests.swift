import Foundation
import Testing

/// How the parts of messages become rows, deletions and rejects.
@Suite(.serialized) struct MessageRecordTests {
    private static let topic = "records"

    /// Writes the messages and a job that loads them into a collection of its own.
    private func prepare(_ place: borrowing Workplace, _ messages: [TopicMessage], record: String) async throws {
        let topics = try Topics.shared()
        try await topics.create(Self.topic)
        try await topics.produce(messages, to: Self.topic)
        try place.writeTopicJob(
            ranges: ["{topic: \(Self.topic), start: earliest, end: latest}"], uri: try TestEnvironment.lite(),
            collection: place.newCollection, record: record, target: People.create)
    }

    /// Writes a job that loads files into the same collection.
    private func writeDumpJob(_ place: borrowing Workplace, path: String, record: String) throws {
        try place.writeJob(
            paths: [path], uri: try TestEnvironment.lite(), collection: place.newCollection, record: record,
            run: "{checkpoint: dump.json}")
    }

    private func rows(_ place: borrowing Workplace) async throws -> [String: NSDictionary] {
        try await Oracle(uri: TestEnvironment.lite()).rows(of: place.newCollection)
    }

    private func expectNothingWritten(_ place: borrowing Workplace) async throws {
        #expect(try place.units() == nil)
        #expect(try await !Oracle(uri: TestEnvironment.lite()).has(place.newCollection))
    }

    @Test(
        arguments: [("delete", ["2"], 0), ("skip", ["1", "2"], 0), ("reject", ["1", "2"], 3)]
            as [(String, [String], Int32)])
    func aTombstoneIsDeletedSkippedOrRejectedAsTheJobSays(policy: String, keys: [String], code: Int32) async throws {
        let place = try Workplace()
        try await prepare(
            place,
            [
                TopicMessage(key: "1", value: People.record(1)), TopicMessage(key: "2", value: People.record(2)),
                TopicMessage(key: "1", value: nil, headers: [["why", "gone"]]), TopicMessage(key: "7", value: nil),
            ],
            record: "{tombstones: \(policy), onReject: {policy: file}}")
        let (found, report) = try await place.report()
        #expect(found == code)
        #expect(try await rows(place).keys.sorted() == keys)
        #expect(report["rowsDeleted"] as? Int == (policy == "delete" ? 2 : 0))
        #expect(report["rowsSkipped"] as? Int == (policy == "skip" ? 2 : 0))
        #expect(report["rowsRejected"] as? Int == (policy == "reject" ? 2 : 0))
        guard policy == "reject" else { return }
        let reject = try #require(try jsonLines(try await place.rejects()).first)
        #expect(reject["payload"] is NSNull && reject["offset"] as? Int == 2 && reject["key"] as? String == "1")
        #expect(reject["headers"] as? [String] == ["why", "gone"])
    }

    struct KeyForm: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The job's `record.key`.
        var key: String
        var bytes: @Sendable (Int64) -> [UInt8]
        var numbers: [Int64] = [1, 2, -3]
    }

    private static func bigEndian(_ number: Int64, bytes: Int) -> [UInt8] {
        (1...bytes).map { UInt8(truncatingIfNeeded: number >> (8 * (bytes - $0))) }
    }

    static let keyForms = [
        KeyForm(testDescription: "text", key: "{format: text}") { Array("\($0)".utf8) },
        KeyForm(testDescription: "JSON", key: "{format: json}") { Array(" \($0) ".utf8) },
        KeyForm(testDescription: "JSON with a path", key: "{format: json, path: pk.id}") {
            Array(#"{"at": 5, "pk": {"id": \#($0)}}"#.utf8)
        },
        KeyForm(testDescription: "JSON behind a registry's framing", key: "{format: json, path: id}") {
            [0, 0, 0, 0, 9] + #"{"id":\#($0)}"#.utf8
        },
        KeyForm(testDescription: "JSON in Connect's envelope", key: "{format: json, path: id}") {
            Array(#"{"schema":{"type":"struct"},"payload":{"id":\#($0)}}"#.utf8)
        },
        KeyForm(
            testDescription: "8 bytes", key: "{format: integer}", bytes: { bigEndian($0, bytes: 8) },
            numbers: [1, .max, .min]),
        KeyForm(
            testDescription: "4 bytes", key: "{format: integer}", bytes: { bigEndian($0, bytes: 4) },
            numbers: [1, Int64(Int32.max), Int64(Int32.min)]),
        KeyForm(
            testDescription: "2 bytes", key: "{format: integer}", bytes: { bigEndian($0, bytes: 2) },
            numbers: [1, 32_767, -32_768]),
        KeyForm(
            testDescription: "1 byte", key: "{format: integer}", bytes: { bigEndian($0, bytes: 1) },
            numbers: [1, 127, -128]),
    ]

    @Test(arguments: keyForms)
    func aKeyInItsFormNamesTheRowThatATombstoneDeletes(_ form: KeyForm) async throws {
        let place = try Workplace()
        let deleted: [Int64] = [99, -100]
        let rows = (form.numbers + deleted).map {
            TopicMessage(keyBytes: form.bytes($0), valueBytes: Array(#"{"name":"a row","embedding":[1,2]}"#.utf8))
        }
        try await prepare(
            place, rows + deleted.map { TopicMessage(keyBytes: form.bytes($0), valueBytes: nil) },
            record: "{key: \(form.key), fields: {id: $key}}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await Set(self.rows(place).keys) == Set(form.numbers.map { "\($0)" }))
    }

    @Test func everyFormOfAValueIsRead() async throws {
        let place = try Workplace()
        let framing: [UInt8] = [0, 0, 0, 1, 44]
        let connect = #"{"schema":{"type":"struct","fields":[]},"payload":\#(People.record(3))}"#
        let messages = [
            TopicMessage(key: "1", value: People.record(1)),
            TopicMessage(keyBytes: Array("2".utf8), valueBytes: framing + People.record(2).utf8),
            TopicMessage(key: "3", value: connect),
            TopicMessage(key: "4", value: #"{"payload":\#(People.record(4)),"schema":null}"#),
            TopicMessage(key: "5", value: People.record(5).replacing(",", with: ",\r\n\t")),
            TopicMessage(key: "6", value: People.record(6)), TopicMessage(key: "7", value: People.record(7)),
            // Connect's form of a tombstone, without and with a framing.
            TopicMessage(key: "6", value: #"{"schema":null,"payload":null}"#),
            TopicMessage(
                keyBytes: Array("7".utf8), valueBytes: framing + #"{"schema":null,"payload":null}"#.utf8),
        ]
        try await prepare(place, messages, record: "{}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await rows(place)
        #expect(rows.keys.sorted() == ["1", "2", "3", "4", "5"])
        #expect(rows.allSatisfy { $1["name"] as? String == "name \($0)" }, "\(rows)")
    }

    @Test func aPathLeadsToTheRecord() async throws {
        let place = try Workplace()
        try await prepare(
            place,
            [TopicMessage(key: "1", value: #"{"op":"u","before":null,"after":{"row":\#(People.record(1))}}"#)],
            record: "{path: after.row}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await rows(place)["1"]?["name"] as? String == "name 1")
    }

    /// Messages that cannot be written, with words that the reason has to hold.
    private static let bad: [(message: TopicMessage, reason: String)] = [
        (TopicMessage(key: "1", value: "{"), "not valid JSON"),
        (TopicMessage(key: "2", value: ""), "empty"),
        // A text of JSON is no tombstone, which has no bytes.
        (TopicMessage(key: "2", value: "null"), "the record is null"),
        (TopicMessage(key: "3", value: #"{"id":3,"name":null,"embedding":[1,2]}"#), "null"),
        (TopicMessage(key: "4", value: #"{"id":4,"embedding":[1,2]}"#), "field `name`"),
        (TopicMessage(key: "5", value: #"{"id":5,"name":"x","embedding":[1,2,3]}"#), "3 elements"),
        (TopicMessage(keyBytes: [54], valueBytes: [0, 0, 0, 0, 7, 2, 200, 1]), "schema id 7"),
        (TopicMessage(keyBytes: [0xff, 0x00], valueBytes: nil), "key"),
        (TopicMessage(key: nil, value: nil), "without a key"),
        (TopicMessage(key: "seven", value: nil), "not an integer"),
    ]

    @Test func everyBadMessageIsKeptWholeWithItsPlaceAndItsReason() async throws {
        let place = try Workplace()
        var messages: [TopicMessage] = []
        for (index, bad) in Self.bad.enumerated() {
            var message = bad.message
            message.timestamp = 1_700_000_000_000 + Int64(index)
            message.headers = [["number", "\(index)"], ["none", nil]]
            messages += [TopicMessage(key: "\(100 + index)", value: People.record(100 + index)), message]
        }
        try await prepare(place, messages, record: "{onReject: {policy: file}}")
        let (code, report) = try await place.report()
        #expect(code == 3)
        #expect(report["rowsRejected"] as? Int == Self.bad.count)
        #expect(report["rowsUpserted"] as? Int == Self.bad.count)
        #expect(Set(try await rows(place).keys) == Set(Self.bad.indices.map { "\(100 + $0)" }))

        let rejects = try jsonLines(try await place.rejects())
        try #require(rejects.count == Self.bad.count)
        for (index, (reject, bad)) in zip(rejects, Self.bad).enumerated() {
            let error = try #require(reject["error"] as? NSDictionary)
            let reason = try #require(error["reason"] as? String)
            #expect(reason.contains(bad.reason), "\(reason)")
            #expect(reject["topic"] as? String == Self.topic && reject["partition"] as? Int == 0)
            #expect(reject["offset"] as? Int == 2 * index + 1 && error["offset"] as? Int == 2 * index + 1)
            #expect(reject["ts"] as? Int == 1_700_000_000_000 + index)
            #expect(reject["headers"] as? [AnyHashable] == ["number", "\(index)", "none", NSNull()], "\(reject)")
            #expect(part("key", of: reject) == bad.message.key, "\(reject)")
            #expect(part("payload", of: reject) == bad.message.value, "\(reject)")
        }
    }

    /// The bytes of a key or a payload in a line of a reject file.
    private func part(_ name: String, of reject: NSDictionary) -> Data? {
        if let encoded = reject["\(name)_base64"] as? String { return Data(base64Encoded: encoded) }
        return (reject[name] as? String).map { Data($0.utf8) }
    }

    @Test func rejectsAreADumpThatCanBeMendedAndRunAsIfTheyCameFromTheTopic() async throws {
        let place = try Workplace()
        let mapping = "key: {format: json, path: id}, fields: {name: $header.name, id: $key}, drop: [id, place]"
        func message(_ id: Int, embedding: String) -> TopicMessage {
            TopicMessage(
                key: #"{"id":\#(id)}"#, value: #"{"id":\#(id),"embedding":\#(embedding)}"#,
                headers: [["name", "header \(id)"]])
        }
        try await prepare(
            place,
            [
                message(1, embedding: "[1,2]"), message(2, embedding: "[1,2,3]"), message(3, embedding: "[1]"),
                message(4, embedding: "[1,2]"),
                // Rejected as well: a key that is no number of the field's type.
                TopicMessage(key: #"{"id":"four"}"#, value: nil),
            ],
            record: "{\(mapping), onReject: {policy: file}}")
        let first = try await place.backfill()
        #expect(first.exitCode == 3, "\(first.errors)")
        let mended = try await place.rejects().replacing("[1,2,3]", with: "[1,2]").replacing("[1]", with: "[1,3]")
            .replacing("four", with: "4")
        try place.write(mended, to: "mended.jsonl")
        try writeDumpJob(place, path: "mended.jsonl", record: "{\(mapping)}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        let rows = try await rows(place)
        #expect(rows.keys.sorted() == ["1", "2", "3"])
        #expect(rows["2"]?["name"] as? String == "header 2" && rows["2"]?["embedding"] as? [Double] == [1, 2])
        #expect(rows["3"]?["embedding"] as? [Double] == [1, 3])
    }

    @Test func rejectsCanBeRunWithAnotherMapping() async throws {
        let place = try Workplace()
        try await prepare(
            place,
            [
                TopicMessage(key: "1", value: People.record(1)),
                TopicMessage(key: "2", value: #"{"id":2,"nick":"two","embedding":[1,2]}"#),
            ],
            record: "{drop: [nick], onReject: {policy: file}}")
        #expect(try await place.backfill().exitCode == 3)
        try writeDumpJob(place, path: "job.rejects.jsonl.zst", record: "{fields: {name: nick}}")
        let result = try await place.backfill()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await rows(place)["2"]?["name"] as? String == "two")
    }

    @Test func theFirstBadMessageStopsTheRunByDefault() async throws {
        let place = try Workplace()
        try await prepare(
            place,
            (0..<7).map { TopicMessage(key: "\($0)", value: People.record($0)) } + [
                TopicMessage(key: "x", value: "{}")
            ],
            record: "{}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("records-0@7: the record cannot be written"), "\(result.errors)")
        #expect(result.errors.contains("record.onReject"), "\(result.errors)")
        #expect(!result.errors.contains("mend the dump"), "\(result.errors)")
        let status = try await place.backfill("status")
        #expect(status.output.contains("last error") && status.output.contains("records-0@7"), "\(status.output)")
        // Where rejects go is no part of what the job is.
        let resumed = try await place.backfill("run", ["--set", "record.onReject.policy=file"])
        #expect(resumed.exitCode == 3, "\(resumed.errors)")
    }

    @Test(arguments: [
        ("{}", "records-0@1 has the key `22`, and its row has the primary key `2`", "record.key"),
        (
            "{key: {format: json, path: id}}", "records-0@0 has the key `1`, which is no key of the collection",
            "record.tombstones"
        ),
    ])
    func aKeyThatNamesAnotherRowIsRefusedBeforeAnythingIsWritten(
        record: String, words: String, advice: String
    ) async throws {
        let place = try Workplace()
        try await prepare(
            place,
            [
                TopicMessage(key: "1", value: People.record(1)),
                TopicMessage(key: "22", value: People.record(2)),
            ],
            record: record)
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains(words) && result.errors.contains(advice), "\(result.errors)")
        try await expectNothingWritten(place)
    }

    @Test func anUnknownMemberIsAnErrorBeforeAnythingIsWritten() async throws {
        let place = try Workplace()
        try await prepare(
            place, [TopicMessage(key: "1", value: #"{"id":1,"name":"x","embedding":[1,2],"colour":"red"}"#)],
            record: "{}")
        let result = try await place.backfill()
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("records-0") && result.errors.contains("`colour`"), "\(result.errors)")
        #expect(result.errors.contains("record.drop"), "\(result.errors)")
        try await expectNothingWritten(place)
    }
}
