extension RangeOverrides {
    /// The flags that are given, each time.
    var places: [Place] {
        let flags: [(value: String?, place: Place)] = [
            (from, .from), (to, .to), (startingOffsets, .startingOffsets), (endingOffsets, .endingOffsets),
        ]
        return ranges.indices.map { .range(number: $0 + 1) } + flags.filter { $0.value != nil }.map(\.place)
    }

    /// The ranges that take the place of those of the job file, written as its items; nil when no flag gives any.
    func items(_ reader: JobFileReader) -> [JobFileNode]? {
        guard startingOffsets == nil, endingOffsets == nil else { return sparkItems(reader) }
        return ranges.isEmpty ? nil : ranges.indices.compactMap { item($0, reader) }
    }

    /// The item that a `--range` stands for.
    private func item(_ index: Int, _ reader: JobFileReader) -> JobFileNode? {
        let place = Place.range(number: index + 1)
        guard let parts = ranges[index].wholeMatch(of: /([^:@]+)(?::([^@]+))?@(.+?)\.\.(.+)/)?.output else {
            reader.report(place, "expected TOPIC[:PARTITIONS]@START..END, such as `articles:0-3@earliest..latest`")
            return nil
        }
        let texts: [(JobFileKeys.Range, Substring?)] = [
            (.topic, parts.1), (.partitions, parts.2), (.start, parts.3), (.end, parts.4),
        ]
        return Self.item(
            path: "source.kafka.ranges[\(index)]", place: place,
            values: texts.compactMap { key, text in text.map { (key, String($0), place) } })
    }

    /// The items that Spark's offsets stand for, one for each partition.
    private func sparkItems(_ reader: JobFileReader) -> [JobFileNode] {
        for place in places where ![.startingOffsets, .endingOffsets].contains(place) {
            reader.report(place, "does not go with `--starting-offsets` and `--ending-offsets`; use one way only")
        }
        // A flag that cannot be read counts as one that is not given: its diagnostic is enough.
        let starts = startingOffsets.flatMap { SparkOffsets($0, .start, place: .startingOffsets, reader) }
        let ends = endingOffsets.flatMap { SparkOffsets($0, .end, place: .endingOffsets, reader) }
        let given = [starts, ends].compactMap(\.self)
        return Set(given.map(\.bounds.keys).joined()).sorted().map { partition in
            for offsets in given where offsets.bounds[partition] == nil {
                reader.report(
                    offsets.place,
                    "has nothing for partition \(partition.number) of `\(partition.topic)`; "
                        + "name it in both `--starting-offsets` and `--ending-offsets`")
            }
            return Self.item(
                path: "\(partition.topic).\(partition.number)", place: given[0].place,
                values: [
                    (.topic, partition.topic, given[0].place),
                    (.partition, "\(partition.number)", given[0].place),
                    (.start, starts?.bounds[partition] ?? "\(RangeSide.start.full)", .startingOffsets),
                    (.end, ends?.bounds[partition] ?? "\(RangeSide.end.full)", .endingOffsets),
                ])
        }
    }

    private static func item(
        path: String, place: Place, values: [(key: JobFileKeys.Range, text: String, place: Place)]
    ) -> JobFileNode {
        let entries = values.map { key, text, place in
            // A topic may be called `null`, which is no value where it is plain.
            let value = JobFileNode.value(
                text, isPlain: key != .topic, path: JobFileNode.path(path, key: key.rawValue), place: place)
            return JobFileNode.Entry(key: key.rawValue, keyPlace: place, value: value)
        }
        return JobFileNode(path: path, place: place, content: .mapping(entries))
    }
}
