import BackfillCore

extension Form<RecordMapping> {
    /// `record`
    static func record(checkpoint: String, source: SourceSpec) -> Self {
        .section { (record: Section<JobFileKeys.Record>, _) in
            var mapping = RecordMapping()
            record.read(.path, .members, into: &mapping.path)
            record.read(.fields, .dictionary(of: .fieldSource), into: &mapping.fields)
            mapping.drop = Set(record.value(.drop, .list(of: .text)) ?? [])
            record.read(.key, .messageKey, into: &mapping.key)
            record.read(.tombstones, .choice, into: &mapping.tombstones)
            record.read(.onReject, .onReject(checkpoint: checkpoint, source: source), into: &mapping.onReject)
            return mapping
        }
    }
}

extension Form<MessageKey> {
    /// `record.key`
    fileprivate static var messageKey: Self {
        .section { (key: Section<JobFileKeys.MessageKey>, _) in
            let format: MessageKey.Format? = key.has(.format) ? key.value(.format, .choice) : .text
            let path = key.value(.path, .members) ?? []
            if let format, format != .json, key.has(.path) {
                let sentence = "has no effect with the format `\(format.rawValue)`; set `format: json` or remove it"
                key.report(.path, sentence)
            }
            return MessageKey(format: format ?? .text, path: path)
        }
    }
}

extension Form<[String]> {
    /// Names of members with dots between them: `after.payload`.
    fileprivate static var members: Self {
        .scalar("names of members with dots between them, such as `after.payload`") { scalar in
            let names = scalar.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            return names.contains("") ? nil : names
        }
    }
}

extension Form<FieldSource> {
    private static var parts: [String: FieldSource] {
        ["$key": .key, "$topic": .topic, "$partition": .partition, "$offset": .offset, "$timestamp": .timestamp]
    }

    /// A member of the record, or a part of the message behind `$`.
    fileprivate static var fieldSource: Self {
        let names = parts.keys.sorted()
        return .scalar(
            "a member of the record, or one of \((names + ["$header.NAME"]).quotedList)", spellings: names
        ) { scalar in
            guard scalar.text.hasPrefix("$") else { return .member(scalar.text) }
            let header = "$header."
            if scalar.text.hasPrefix(header), scalar.text != header {
                return .header(String(scalar.text.dropFirst(header.count)))
            }
            return parts[scalar.text]
        }
    }
}

extension Form<RejectPolicy> {
    private enum Policy: String, CaseIterable {
        case fail, file
    }

    /// `record.onReject`
    fileprivate static func onReject(checkpoint: String, source: SourceSpec) -> Self {
        .section { (onReject: Section<JobFileKeys.OnReject>, reader) in
            let policy: Policy? = onReject.has(.policy) ? onReject.value(.policy, .choice) : .fail
            let given = onReject.value(.path, .path)
            let max = onReject.value(.max, .integer(in: 1...Int.max))
            if policy == .fail {
                for key in [JobFileKeys.OnReject.path, .max] where onReject.has(key) {
                    onReject.report(key, "has no effect with the policy `fail`; set `policy: file` or remove it")
                }
                return .fail
            }
            let path = given ?? JobSpec.rejectPath(ofJob: reader.location.jobName, checkpoint: checkpoint)
            if path == checkpoint {
                onReject.report(.path, "is the path of the checkpoint too; give each its own file")
            }
            if case .dump(let dump) = source, dump.paths.contains(path) {
                onReject.report(.path, "is a file of the source too (\(path)); give the rejects another one")
            }
            return .file(path: path, max: max ?? 1000)
        }
    }
}
