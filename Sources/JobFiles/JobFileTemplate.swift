public import BackfillCore

/// A job file to begin with: what a person has to know beside it stands in it as comments.
public struct JobFileTemplate: Sendable {
    public enum Source: Sendable {
        case topic(name: String, bootstrapServers: String)
        /// A path or pattern of files.
        case dump(paths: String)
    }

    /// The variable that a token comes from. The token itself is never written.
    public static let tokenVariable = "MILVUS_TOKEN"

    public var source: Source
    public var uri: String
    /// Whether the server wants the token of `tokenVariable`.
    public var hasToken: Bool
    public var database: String?
    public var collection: String
    public var wireProtocol: MilvusTarget.WireProtocol

    public init(
        source: Source, uri: String, hasToken: Bool, database: String?, collection: String,
        wireProtocol: MilvusTarget.WireProtocol
    ) {
        self.source = source
        self.uri = uri
        self.hasToken = hasToken
        self.database = database
        self.collection = collection
        self.wireProtocol = wireProtocol
    }

    /// The file's text.
    ///
    /// - Parameters:
    ///   - file: its name, for the commands that it mentions.
    ///   - schema: the collection; nil where it is not known yet.
    public func text(file: String, schema: CollectionSchema?) -> String {
        let head = """
            # A job of milvus-backfill for the collection \(Self.quoted(collection)).
            # What a run would do:                     milvus-backfill plan \(file)
            # Start it, or go on after anything:       milvus-backfill run \(file)
            # How far it is:                           milvus-backfill status \(file)
            # Every key is described in docs/job-file.md.

            """
        let record = """
            record:
            \(schema.map { Self.comments(on: $0) } ?? "")\
              # What cannot be written is kept with its reason in a file; `policy: fail` stops there instead.
              onReject: {policy: file}

            """
        let options = [
            hasToken ? "    token: ${\(Self.tokenVariable)}\n" : "",
            database.map { "    database: \(Self.quoted($0))\n" } ?? "",
            "    collection: \(Self.quoted(collection))\n",
            wireProtocol == .grpc ? "" : "    protocol: \(wireProtocol.rawValue)\n",
        ]
        return head + sourceText + record + "target:\n  milvus:\n    uri: \(Self.quoted(uri))\n" + options.joined()
    }

    private var sourceText: String {
        switch source {
        case .topic(let name, let servers):
            """
            source:
              kafka:
                # Credentials, TLS and whatever else librdkafka knows belong here too.
                properties: {bootstrap.servers: \(Self.quoted(servers))}
                ranges:
                  # Or an offset, a time such as "2026-01-01T00:00:00Z" or -24h, or `committed`.
                  - {topic: \(Self.quoted(name)), start: earliest, end: latest}

            """
        case .dump(let paths):
            """
            source:
              dump:
                paths: [\(Self.quoted(paths))]

            """
        }
    }

    private static func comments(on schema: CollectionSchema) -> String {
        let names = schema.fields.map(\.name.count).max() ?? 0
        let types = schema.fields.map(\.type.description.count).max() ?? 0
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let fields = schema.fields.map { field in
            "  #   \(padded(field.name, names))  \(padded(field.type.description, types))  \(note(on: field))"
        }
        let others =
            schema.hasDynamicField
            ? "Other members are kept in the collection's dynamic field, except for those in `drop: [MEMBER]`."
            : "Other members have to be named in `drop: [MEMBER]`, or `drop: [\"*\"]` for all."
        let lines =
            ["  # Every field takes the member of its name, unless `fields: {FIELD: MEMBER}` says otherwise:"] + fields
            + ["  # \(others)"]
        return lines.map { trimmed($0) + "\n" }.joined()
    }

    private static func note(on field: FieldSchema) -> String {
        if field.isPrimaryKey {
            return field.isAutoID ? "the primary key, made by the server: no job can fill it" : "the primary key"
        }
        if field.isFunctionOutput { return "made by the server, needs no member" }
        return field.isOptional ? "may be missing or null" : ""
    }

    private static func trimmed(_ line: String) -> Substring {
        line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)]
    }

    /// A text that YAML and the variables leave as it is.
    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONString.append(text.replacing("${", with: "$${").utf8Span.span, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
