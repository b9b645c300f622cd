import BackfillCore

extension Form<KafkaSource> {
    /// `source.kafka`, with ranges from the flags.
    static func kafka(_ flags: RangeOverrides) -> Self {
        .section { (kafka: Section<JobFileKeys.Kafka>, reader) in
            let properties = kafka.section(.properties, .properties) ?? [:]
            let bounds = RangeBounds(flags, hasGroup: properties.keys.contains("group.id"), reader)
            var source = KafkaSource(properties: properties, ranges: [])
            if let items = flags.items(reader) {
                source.ranges = items.compactMap { Form<TopicRange>.topicRange(bounds).read($0, reader) }
            } else {
                source.ranges = kafka.require(.ranges, .nonEmptyList(of: .topicRange(bounds))) ?? []
            }
            if source.isCatchUp, let other = source.ranges.first(where: { $0.start != .resume }) {
                kafka.report(
                    .ranges,
                    "must all start at `resume` or none: `\(other)` would be read again in every round; give it a job of "
                        + "its own")
            }
            kafka.read(.onDataLoss, .choice, into: &source.onDataLoss)
            source.commitGroup = kafka.value(.commitGroup, .text)
            return source
        }
    }
}

extension Form<[String: Secret]> {
    private static var brokers: String { "bootstrap.servers" }
    private static var otherBrokers: String { "metadata.broker.list" }

    /// `source.kafka.properties`
    fileprivate static var properties: Self {
        Form { node, reader in
            let entries = reader.entries(of: node)
            checkBrokers(entries, in: node, reader)
            return entries.reduce(into: [:]) { properties, entry in
                // A property that cannot be read is there all the same, for a bound that needs it.
                properties[entry.key] = Form<Secret>.property(entry.key).read(entry.value, reader) ?? Secret("")
            }
        }
    }

    private static func checkBrokers(
        _ entries: [JobFileNode.Entry], in node: JobFileNode, _ reader: JobFileReader
    ) {
        let hasBrokers = entries.contains { $0.key == brokers }
        if let other = entries.first(where: { $0.key == otherBrokers }) {
            if hasBrokers {
                reader.report(other.keyPlace, "`\(other.value.path)` is another name of `\(brokers)`; keep one of them")
            }
        } else if !hasBrokers, !entries.contains(where: { $0.value.isMapping }) {
            // Keys that are nested by mistake may be the ones.
            reader.report(node.place, "`\(JobFileNode.path(node.path, key: brokers))` is required")
        }
    }
}

extension Form<Secret> {
    /// A property of librdkafka, which judges the value itself.
    fileprivate static func property(_ name: String) -> Self {
        Form { node, reader in
            if node.isMapping {
                reader.report(
                    node.place, "`\(node.path)` must be a single value; the dots belong to the names of properties",
                    suggestion: dottedName(name, node))
                return nil
            }
            return value(of: FixedKafkaProperty.all[name]).read(node, reader)
        }
    }

    private static func value(of fixed: FixedKafkaProperty?) -> Self {
        .scalar { scalar, _ throws(Misfit) in
            if let fixed, fixed.value != scalar.text {
                throw fixed.misfit
            }
            return Secret(scalar.text)
        }
    }

    /// The name of the first property that the nested keys may stand for.
    private static func dottedName(_ name: String, _ node: JobFileNode) -> String? {
        guard case .mapping(let entries) = node.content else { return name }
        return entries.first.flatMap { dottedName("\(name).\($0.key)", $0.value) }
    }
}

extension FixedKafkaProperty {
    fileprivate var misfit: Misfit {
        guard let value else { return Misfit("must be left out: \(reason)") }
        return Misfit("must be `\(value)` or left out: \(reason)")
    }
}
