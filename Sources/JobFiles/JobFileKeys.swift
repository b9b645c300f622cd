/// The keys of one section of the job file.
package protocol SectionKey: Hashable, Sendable, CaseIterable, RawRepresentable<String> {
    /// Keys that are known and not supported, with what to do instead.
    static var refused: [String: String] { get }
}

extension SectionKey {
    package static var refused: [String: String] { [:] }

    package static var names: [String] { allCases.map(\.rawValue) }
}

/// Every key that a job file may have.
package enum JobFileKeys {
    package enum Root: String, SectionKey {
        case source, record, target, run
    }

    package enum Source: String, SectionKey {
        case dump

        package static let refused = [
            "kafka": """
            this version reads dumps only; write the messages to files with `kcat -J` and name them in `source.dump`
            """
        ]
    }

    package enum Dump: String, SectionKey {
        case paths, envelope, order
    }

    package enum Record: String, SectionKey {
        case path, fields, drop, tombstones, onReject
    }

    package enum OnReject: String, SectionKey {
        case policy, path, max
    }

    package enum Target: String, SectionKey {
        case milvus
    }

    package enum Milvus: String, SectionKey {
        case uri, token, database, collection, `protocol`, tls, create
    }

    package enum TLS: String, SectionKey {
        case ca, certificate, key
    }

    package enum Create: String, SectionKey {
        case dynamicField, fields, indexes
    }

    package enum Field: String, SectionKey {
        case name, type, primaryKey, partitionKey, nullable, maxLength, dim, elementType, maxCapacity
    }

    package enum Index: String, SectionKey {
        case field, type, metric, params
    }

    package enum Run: String, SectionKey {
        case checkpoint, lanes, batch, memory
    }

    package enum Batch: String, SectionKey {
        case rows, bytes
    }

    /// The keys of every section by the section's path; `[]` stands for each item of a list.
    package static let sections: [String: [String]] = [
        "": Root.names,
        "source": Source.names,
        "source.dump": Dump.names,
        "record": Record.names,
        "record.onReject": OnReject.names,
        "target": Target.names,
        "target.milvus": Milvus.names,
        "target.milvus.tls": TLS.names,
        "target.milvus.create": Create.names,
        "target.milvus.create.fields[]": Field.names,
        "target.milvus.create.indexes[]": Index.names,
        "run": Run.names,
        "run.batch": Batch.names,
    ]
}
