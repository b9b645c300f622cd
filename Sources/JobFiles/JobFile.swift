public import BackfillCore
import Foundation

/// The file in which a person describes a job.
public enum JobFile {
    /// Reads and checks a job file.
    ///
    /// - Parameters:
    ///   - path: The file, as the person named it; diagnostics repeat it.
    ///   - overrides: `PATH=VALUE` for every `--set`, applied in this order before anything is checked.
    ///   - ranges: The flags that choose the ranges of a Kafka source.
    ///   - environment: The variables that `${NAME}` takes its values from.
    /// - Throws: Everything that is wrong with the file and the flags, together.
    public static func load(
        path: String,
        overrides: [String] = [],
        ranges: RangeOverrides = RangeOverrides(),
        environment: [String: String]
    ) throws(JobFileError) -> JobSpec {
        try read(
            try text(ofFile: path), path: path, overrides: overrides, ranges: ranges, environment: environment)
    }

    /// Checks the text of a job file; see `load` for the parameters.
    ///
    /// - Parameter path: Where the file stands, or is to stand.
    public static func read(
        _ text: String,
        path: String,
        overrides: [String] = [],
        ranges: RangeOverrides = RangeOverrides(),
        environment: [String: String]
    ) throws(JobFileError) -> JobSpec {
        let reader = JobFileReader(location: JobFileLocation(path: path), environment: environment)
        let root = reader.root(of: YAMLText(text, file: path), overrides: overrides)
        let job = root.flatMap { Form.job(ranges).read($0, reader) }
        guard let job, reader.diagnostics.isEmpty else {
            throw .invalid(reader.diagnostics.sorted { $0.place < $1.place })
        }
        return job
    }

    private static func text(ofFile path: String) throws(JobFileError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw .unreadable(path: path, reason: reason(of: error))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .unreadable(path: path, reason: "it is not UTF-8 text; save it as UTF-8")
        }
        // An editor's byte order mark would count as a column.
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    private static func reason(of error: any Error) -> String {
        switch ((error as? CocoaError)?.underlying as? POSIXError)?.code {
        case .ENOENT: "there is no such file; check the path, or write one with `milvus-backfill init`"
        case .EACCES: "permission is denied; let this user read it"
        case .EISDIR: "it is a folder; name the job file in it"
        default: "\(error.localizedDescription); check the path and the file"
        }
    }
}
