import BackfillCore
import Testing

@Suite("A secret")
struct SecretTests {
    private static let value = "hunter2:s3cr3t"
    private let secret = Secret(value)

    private func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test("shows in no textual form")
    func text() {
        let texts = [
            "\(secret)", secret.description, secret.debugDescription, String(describing: secret),
            String(reflecting: secret), dumped(secret), "\([secret])", "\(["token": secret])", "\(secret as Secret?)",
            dumped([secret]), dumped(["token": secret]), "\((secret, 1))", dumped(secret as Secret?),
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("s3cr3t"))
            #expect(text.contains("REDACTED"))
        }
    }

    @Test("has no children to reflect")
    func reflection() {
        let mirror = Mirror(reflecting: secret)
        #expect(mirror.children.isEmpty)
        #expect(mirror.descendant("value") == nil)
        #expect(mirror.superclassMirror == nil)
    }

    @Test("does not show where it is a part of something else")
    func nested() {
        let target = MilvusTarget(
            endpoint: .remote(host: "localhost", port: 19530, tls: nil), token: secret, collection: "articles")
        let source = KafkaSource(properties: ["sasl.password": secret], ranges: [])
        let job = JobSpec(
            name: "job", source: .kafka(source), record: RecordMapping(), target: target,
            run: RunOptions(checkpoint: "c"))
        for text in ["\(target)", String(reflecting: target), dumped(target), "\(job)", dumped(job)] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test("is revealed to the request that needs it, and compared by its value")
    func reveal() {
        #expect(secret.reveal() == Self.value)
        // Compared outside of the macro, which would show both sides.
        let isEqual = secret == Secret(Self.value)
        let isDifferent = secret != Secret("other")
        #expect(isEqual)
        #expect(isDifferent)
    }
}
