/// One bound of some partitions in Spark's JSON: `{"articles":{"0":23,"1":-2}}`.
struct SparkOffsets {
    struct Partition: Hashable {
        let topic: String
        let number: Int32
    }

    let place: Place
    /// As the job file writes bounds.
    private(set) var bounds: [Partition: String] = [:]

    /// Reads the JSON as YAML, of which it is a part, because that finds keys that are given twice. Nil after a
    /// diagnostic that leaves nothing to go on with.
    init?(_ text: String, _ side: RangeSide, place: Place, _ reader: JobFileReader) {
        self.place = place
        do throws(Diagnostic) {
            guard text.first(where: { !$0.isWhitespace }) == "{",
                let root = try YAMLText(text, path: "", override: place).root()
            else {
                let form = #"{"articles":{"0":23}}"#
                throw Diagnostic(
                    place: place,
                    message: "expected JSON such as `\(form)`; for one bound of all ranges use `--from` or `--to`")
            }
            read(root, side, reader)
        } catch {
            reader.report(error.place, error.message)
            return nil
        }
    }

    private mutating func read(_ root: JobFileNode, _ side: RangeSide, _ reader: JobFileReader) {
        let topics = reader.entries(of: root)
        if topics.isEmpty {
            reader.report(place, "names no topic; name each one with its partitions")
        }
        for topic in topics {
            let partitions = reader.entries(of: topic.value)
            if partitions.isEmpty, topic.value.isNull || topic.value.isMapping {
                reader.report(place, "`\(topic.value.path)` names no partition; name each one with its offset")
            }
            for partition in partitions {
                // `00` would be another key for partition 0.
                guard let number = Int32(partition.key), number >= 0, "\(number)" == partition.key else {
                    reader.report(place, "`\(partition.value.path)` does not end with the number of a partition")
                    continue
                }
                let bound = Form<String>.sparkOffset(side).read(partition.value, reader)
                bounds[Partition(topic: topic.key, number: number)] = bound ?? "\(side.full)"
            }
        }
    }
}

extension SparkOffsets.Partition: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.number) < (right.topic, right.number)
    }
}

extension Form<String> {
    /// An offset of Spark's, read as the job file writes bounds.
    fileprivate static func sparkOffset(_ side: RangeSide) -> Self {
        .scalar { scalar, _ throws(Misfit) in
            switch scalar.isPlain ? Int64(scalar.text) : nil {
            case side.sparkFull:
                return "\(side.full)"
            case side.sparkEmpty:
                throw Misfit("must not be \(side.sparkEmpty): \(side.emptiness)")
            case let offset? where offset >= 0:
                return "\(offset)"
            default:
                throw Misfit("must be an offset, or \(side.sparkFull) for `\(side.full)`, not \(scalar)")
            }
        }
    }
}

extension RangeSide {
    /// What Spark writes for `full`.
    fileprivate var sparkFull: Int64 {
        switch self {
        case .start: -2
        case .end: -1
        }
    }

    /// What Spark writes for `empty`, and refuses as well.
    fileprivate var sparkEmpty: Int64 {
        switch self {
        case .start: -1
        case .end: -2
        }
    }
}
