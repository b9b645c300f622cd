/// The keys of one section of the job file.
package protocol SectionKey: Hashable, Sendable, CaseIterable, RawRepresentable<String> {}

extension SectionKey {
    package static var names: [String] { allCases.map(\.rawValue) }
}

/// Every key that a job file may have.
package enum JobFileKeys {
    package enum Root: String, SectionKey {
        case source, record, target, run
    }

    package enum Source: String, SectionKey {
        case dump, kafka
    }

    package enum Dump: String, SectionKey {
        case paths, envelope, order
    }

    package enum Kafka: String, SectionKey {
        case properties, ranges, onDataLoss, commitGroup
    }

    package enum Range: String, SectionKey {
        case topic, partition, partitions, start, end
    }

    package enum Record: String, SectionKey {
        case path, fields, drop, key, tombstones, onReject
    }

    package enum MessageKey: String, SectionKey {
        case format, path
    }

    package enum OnReject: String, SectionKey {
        case policy, path, max
    }

    package enum Target: String, SectionKey {
        case milvus
    }

    package enum Milvus: String, SectionKey {
        case uri, token, database, collection, partition, alias, `protocol`, tls, create
    }

    package enum TLS: String, SectionKey {
        case ca, certificate, key
    }

    package enum Create: String, SectionKey {
        case like, dims, dynamicField, fields, functions, indexes, shards, partitions, consistency, properties
    }

    package enum Field: String, SectionKey {
        case name, type, primaryKey, partitionKey, nullable, `default`, maxLength, dim, elementType, maxCapacity, params
    }

    package enum Function: String, SectionKey {
        case name, type, inputs, outputs, params
    }

    package enum Index: String, SectionKey {
        case field, type, metric, params
    }

    package enum Run: String, SectionKey {
        case checkpoint, lanes, batch, memory, rate, maxDuration, unavailableTimeout, quotaTimeout, ifNewer, logLevel,
            metrics
    }

    package enum IfNewer: String, SectionKey {
        case field
    }

    package enum Batch: String, SectionKey {
        case rows, bytes
    }

    package enum Metrics: String, SectionKey {
        case file, pushgateway
    }

    /// The keys of every section by the section's path; `[]` stands for each item of a list.
    package static let sections: [String: [String]] = [
        "": Root.names,
        "source": Source.names,
        "source.dump": Dump.names,
        "source.kafka": Kafka.names,
        "source.kafka.ranges[]": Range.names,
        "record": Record.names,
        "record.key": MessageKey.names,
        "record.onReject": OnReject.names,
        "target": Target.names,
        "target.milvus": Milvus.names,
        "target.milvus.tls": TLS.names,
        "target.milvus.create": Create.names,
        "target.milvus.create.fields[]": Field.names,
        "target.milvus.create.functions[]": Function.names,
        "target.milvus.create.indexes[]": Index.names,
        "run": Run.names,
        "run.batch": Batch.names,
        "run.ifNewer": IfNewer.names,
        "run.metrics": Metrics.names,
    ]

    /// Paths of the sections whose keys have dots in their names.
    static let sectionsOfDottedKeys = ["source.kafka.properties", "target.milvus.create.properties"]
}
