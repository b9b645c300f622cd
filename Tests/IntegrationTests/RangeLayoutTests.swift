import Foundation
import Testing

/// Ranges over every kind of log that the broker can make, record by record beside what kcat reads of them.
@Suite(.serialized) struct RangeLayoutTests {
    @Test(arguments: RangeLayout.all)
    func whatIsLoadedIsWhatKcatReads(_ layout: RangeLayout) async throws {
        let (topic, topics) = ("layouts", try Topics.shared())
        try await layout.write(topic, topics)
        let place = try Workplace()
        let (oracle, collection) = (Oracle(uri: try TestEnvironment.lite()), place.newCollection)
        try place.writeTopicJob(
            ranges: [], uri: oracle.uri, collection: collection, record: Echo.record, target: Echo.create)
        let (code, report) = try await place.report(
            layout.parts.flatMap {
                ["--range", "\(topic):\($0.partition)@\($0.range.lowerBound)..\($0.range.upperBound)"]
            })
        #expect(code == 0)

        var messages: [NSDictionary] = []
        for part in layout.parts {
            let found = try await Kcat(bootstrap: topics.bootstrap)
                .messages(of: topic, partition: part.partition, in: part.range)
            #expect(found.map { $0["offset"] as? Int } == part.present, "the log is not as it should be")
            messages += found
        }
        let differences = RowComparison.differences(
            between: try await oracle.rows(of: collection), and: try Echo.rows(of: messages))
        #expect(differences.isEmpty, "\(differences)")
        #expect(report["rowsRead"] as? Int == messages.count)
        #expect(report["rowsUpserted"] as? Int == messages.count)
        #expect(
            report["offsetsAbsent"] as? Int == layout.parts.reduce(0) { $0 + $1.range.count } - messages.count)
        #expect(report["offsetsLostInAll"] as? Int == 0)
        let units = try #require(report["units"] as? [NSDictionary])
        #expect(units.allSatisfy { $0["done"] as? Bool == true && $0["position"] as? String == "the end" }, "\(units)")
    }
}
