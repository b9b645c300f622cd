import BackfillCore
import KafkaReader
import Testing

@Suite("The properties of librdkafka")
struct KafkaConfigurationTests {
    private func source(_ properties: [String: String]) -> KafkaSource {
        KafkaSource(
            properties: properties.merging(["bootstrap.servers": "127.0.0.1:1"]) { own, _ in own }
                .mapValues { Secret($0) }, ranges: [])
    }

    private func values(_ properties: [String: String], queueBytes: Int = 1 << 20) -> [String: String] {
        KafkaConfiguration(source(properties), queueBytes: queueBytes, usesGroup: true).properties.mapValues {
            $0.reveal()
        }
    }

    private func refusal(of properties: [String: String]) -> KafkaError? {
        do throws(KafkaError) {
            _ = try KafkaConsumer(source(properties), concurrency: 1, processors: 1, stallTime: .seconds(20)) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test("on which promises rest are fixed, whatever the job says")
    func fixed() {
        let job = FixedKafkaProperty.all.mapValues { $0.value == "true" ? "false" : "true" }
        let values = values(job)
        for (name, property) in FixedKafkaProperty.all {
            if let value = property.value { #expect(values[name] == value) }
        }
        #expect(values["auto.offset.reset"] == "error")
        #expect(values["enable.partition.eof"] == "true")
        #expect(values["check.crcs"] == "true")
        #expect(values["enable.auto.commit"] == "false")
    }

    @Test("that are fixed are known to librdkafka, and so are the defaults")
    func known() {
        #expect(refusal(of: [:]) == nil)
    }

    @Test("have defaults, which a job may change")
    func defaults() {
        let standard = values([:], queueBytes: 3 << 20)
        #expect(standard["isolation.level"] == "read_committed")
        #expect(standard["queued.max.messages.kbytes"] == "3072")
        #expect(standard["client.id"] == "milvus-backfill")
        let own = values([
            "isolation.level": "read_uncommitted", "queued.max.messages.kbytes": "99", "client.id": "mine",
            "fetch.max.bytes": "12345678",
        ])
        #expect(own["isolation.level"] == "read_uncommitted")
        #expect(own["queued.max.messages.kbytes"] == "99")
        #expect(own["client.id"] == "mine")
        #expect(own["fetch.max.bytes"] == "12345678")
        #expect(own["bootstrap.servers"] == "127.0.0.1:1")
    }

    @Test("name the job's group only where something is asked of it")
    func group() {
        let source = source(["group.id": "mine"])
        let asking = KafkaConfiguration(source, queueBytes: 1024, usesGroup: true)
        let reading = KafkaConfiguration(source, queueBytes: 1024, usesGroup: false)
        #expect(asking.properties["group.id"] == Secret("mine"))
        #expect(reading.properties["group.id"] == nil)
    }

    @Test(
        "set the size of the queue in whole kilobytes, at least one", arguments: [(0, "1"), (1023, "1"), (4096, "4")])
    func queueSize(bytes: Int, kilobytes: String) {
        #expect(values([:], queueBytes: bytes)["queued.max.messages.kbytes"] == kilobytes)
    }

    @Test("that librdkafka does not know are refused by name")
    func unknownProperty() {
        guard case .property(let name, let words) = refusal(of: ["sasl.pasword": "hunter2"]) else {
            Issue.record("taken")
            return
        }
        #expect(name == "sasl.pasword")
        #expect(words.contains("No such configuration property"))
        #expect(!words.contains("hunter2"))
    }

    @Test(
        "with a value that librdkafka does not take are refused without repeating it",
        arguments: ["security.protocol", "isolation.level", "fetch.max.bytes", "enable.ssl.certificate.verification"])
    func badValue(name: String) throws {
        let error = try #require(refusal(of: [name: "hunter2-secret"]))
        guard case .property(name, let words) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!words.isEmpty)
        #expect(!"\(error)".contains("hunter2"))
        #expect(error.exitStatus == .badJobFile)
    }

    @Test("with an empty value keep librdkafka's words whole")
    func emptyValue() throws {
        let error = try #require(refusal(of: ["fetch.max.bytes": ""]))
        #expect("\(error)".contains("cannot be set to empty value"))
        #expect(!"\(error)".contains("REDACTED"))
    }

    @Test("that contradict each other are refused as a whole")
    func contradiction() throws {
        let error = try #require(refusal(of: ["fetch.max.bytes": "1000", "message.max.bytes": "2000"]))
        guard case .client(let words) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(words.contains("fetch.max.bytes"))
    }
}
