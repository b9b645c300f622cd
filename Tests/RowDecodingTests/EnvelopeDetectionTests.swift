import BackfillCore
import RowDecoding
import Testing

@Suite("The envelope is recognized by the first line that is not blank")
struct EnvelopeDetectionTests {
    private func detected(_ lines: String...) -> DumpSource.Envelope? {
        DumpSource.Envelope.detected(in: Records.chunk(lines.flatMap { Array("\($0)\n".utf8) }))
    }

    @Test("as a message of kcat")
    func kcat() {
        let lines = [
            #"{"topic":"t","partition":0,"offset":1,"tstype":"create","ts":1,"broker":0,"key":null,"payload":"{}"}"#,
            #"{"topic":"t","partition":0,"offset":1,"payload":null}"#,
            #" { "payload" : {"id":1} , "offset":0,"partition":0,"topic" : "" } "#,
            #"{"topic":"t","partition":0,"offset":1,"headers":["a",null],"payload":[1],"more":{}}"#,
        ]
        for line in lines {
            #expect(detected(line) == .kcat, "\(line)")
            #expect(detected("", "\r", " \t", line, #"{"id":1}"#) == .kcat, "\(line)")
        }
    }

    @Test("as a record when anything of a message is missing or has another type")
    func nearMisses() {
        let lines = [
            #"{"id":1,"topic":"sports","payload":"x"}"#, #"{"topic":"t","payload":null}"#,
            #"{"topic":"t","offset":1,"payload":null}"#, #"{"topic":"t","partition":1,"payload":null}"#,
            #"{"topic":"t","partition":0,"offset":1}"#, #"{"partition":0,"offset":1,"payload":null}"#,
            #"{"topic":["t"],"partition":0,"offset":1,"payload":1}"#,
            #"{"topic":"t","partition":"0","offset":1,"payload":1}"#,
            #"{"topic":"t","partition":0,"offset":null,"payload":1}"#,
            #"{"topic":"t","partition":-1,"offset":0,"payload":1}"#,
            #"{"a":{"topic":"t","partition":0,"offset":1,"payload":"x"}}"#, "{}", "[]", "x", "1", "null",
            #"{"topic":"t","partition":0,"offset":1,"payload":1"#,
            #"{"topic":"t","partition":0,"offset":1,"payload":1}}"#,
        ]
        for line in lines {
            #expect(detected(line) == DumpSource.Envelope.none, "\(line)")
            let message = #"{"topic":"t","partition":0,"offset":1,"payload":null}"#
            #expect(detected("", line, message) == DumpSource.Envelope.none, "\(line)")
        }
    }

    @Test("not at all when there is none")
    func blank() {
        #expect(detected() == nil)
        #expect(detected("", " ", "\r", "\t") == nil)
    }
}
