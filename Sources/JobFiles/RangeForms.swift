import BackfillCore

extension Form<TopicRange> {
    /// An item of `source.kafka.ranges`
    static func topicRange(_ bounds: RangeBounds) -> Self {
        .section { (range: Section<JobFileKeys.Range>, reader) in
            let result = TopicRange(
                topic: range.require(.topic, .topic) ?? "",
                partitions: partitions(of: range),
                start: bounds.from ?? range.require(.start, bounds.start) ?? .earliest,
                end: bounds.to ?? range.require(.end, bounds.end) ?? .latest)
            if case (.offset(let start), .offset(let end)) = (result.start, result.end), end < start {
                let given = bounds.flags.isEmpty ? "" : " with \(bounds.flags)"
                reader.report(
                    range.node.place,
                    "`\(range.node.path)` ends before it starts\(given); its end must not be less than its start")
            }
            return result
        }
    }

    private static func partitions(of range: Section<JobFileKeys.Range>) -> [ClosedRange<Int32>]? {
        if range.has(.partition), range.has(.partitions) {
            range.report(.partitions, "does not go with `partition`; keep one of them")
        }
        let partition = range.value(.partition, .integer(in: 0...Int32.max))
        return range.value(.partitions, .partitions) ?? partition.map { [$0...$0] }
    }
}

extension Form<String> {
    /// The name of a topic, as Kafka's `org.apache.kafka.common.internals.Topic` allows it.
    fileprivate static var topic: Self {
        .scalar("a topic's name: up to 249 ASCII letters, digits, `.`, `_` and `-`, and not just `.` or `..`") {
            scalar in
            let isName = scalar.text.wholeMatch(of: /[A-Za-z0-9._-]{1,249}/) != nil
            return isName && ![".", ".."].contains(scalar.text) ? scalar.text : nil
        }
    }
}

private typealias Spans = [ClosedRange<Int32>]

extension Form<[ClosedRange<Int32>]> {
    /// `partitions` of a range: numbers and spans in one text or in a list, each partition once.
    fileprivate static var partitions: Self {
        Form { node, reader in
            guard let lists = Form<[Spans]>.oneOrMore(.spans).read(node, reader) else { return nil }
            let spans = Array(lists.joined())
            let sorted = spans.sorted { $0.lowerBound < $1.lowerBound }
            if zip(sorted, sorted.dropFirst()).contains(where: { $0.overlaps($1) }) {
                reader.report(node.place, "`\(node.path)` names a partition more than once; name each one once")
            }
            return spans
        }
    }

    /// Numbers and spans with commas between them: `0-3,7`.
    fileprivate static var spans: Self {
        .scalar { scalar, _ throws(Misfit) in
            var spans: Spans = []
            for item in scalar.text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let digits = item.wholeMatch(of: /([0-9]+)(?:-([0-9]+))?/)?.output else {
                    throw Misfit("must be numbers of partitions and spans of them, such as `1-3,7`, not \(scalar)")
                }
                guard let first = Int32(digits.1), let last = Int32(digits.2 ?? digits.1) else {
                    throw Misfit("has a number beyond \(Int32.max), which no partition has")
                }
                guard first <= last else {
                    throw Misfit("has a span that ends before it starts; write the smaller number first")
                }
                spans.append(first...last)
            }
            return spans
        }
    }
}
