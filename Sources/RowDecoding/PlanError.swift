public import BackfillCore

/// The record mapping and the collection do not fit: everything that was found, in one report.
public struct PlanError: UserFacingError, Equatable {
    public var collection: String
    /// One sentence each, without a full stop.
    public var findings: [String]

    public init(collection: String, findings: [String]) {
        self.collection = collection
        self.findings = findings
    }

    public var description: String {
        "the records cannot be written into collection `\(collection)`: " + findings.joined(separator: "; ")
    }

    public var exitStatus: ExitStatus { .failed }
}
