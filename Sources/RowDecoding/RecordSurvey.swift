import BackfillCore

/// What the first records of a source show about a plan, before anything is written.
struct RecordSurvey: Sendable {
    /// One column of the plan.
    struct Finding: Sendable {
        /// Records whose value does not fit.
        var faults = 0
        /// Records without a value, where the field allows it.
        var absences = 0
        /// What is wrong with the first value that does not fit.
        var firstFault: RecordFault?
    }

    /// Records that were well formed.
    private(set) var records = 0
    /// Members that have no field, in the order in which they were found.
    private(set) var unknownMembers: [String] = []
    private(set) var findings: [Finding]

    /// What was noted of the record that is being read: it counts once the record turns out to be well formed.
    private var notes = Notes()

    private struct Notes {
        var unknownMembers: [String] = []
        /// The first of each column.
        var faults: [Int: RecordFault] = [:]
        var absentColumns: [Int] = []
    }

    init(columns: Int) {
        findings = [Finding](repeating: Finding(), count: columns)
    }

    mutating func note(unknownMember name: String) {
        notes.unknownMembers.append(name)
    }

    mutating func note(_ fault: RecordFault, column: Int) {
        notes.faults[column] = notes.faults[column] ?? fault
    }

    mutating func note(absentIn column: Int) {
        notes.absentColumns.append(column)
    }

    /// Counts a record.
    ///
    /// - Returns: whether it fits.
    mutating func endRecord() -> Bool {
        defer { notes = Notes() }
        records += 1
        for name in notes.unknownMembers where !unknownMembers.contains(name) { unknownMembers.append(name) }
        for (column, fault) in notes.faults {
            findings[column].faults += 1
            findings[column].firstFault = findings[column].firstFault ?? fault
        }
        for column in notes.absentColumns { findings[column].absences += 1 }
        return notes.faults.isEmpty && notes.unknownMembers.isEmpty
    }

    /// Forgets a record that is not well formed.
    mutating func dropRecord() {
        notes = Notes()
    }

    /// - Parameters:
    ///   - place: where the records come from.
    ///   - minimum: from how many records on a fault that all of them have is the job's and not theirs.
    func report(
        on plan: RecordPlan, place: String, minimum: Int
    ) -> (findings: [String], warnings: [String]) {
        var report = (findings: [String](), warnings: [String]())
        if !unknownMembers.isEmpty {
            report.findings.append(
                "the records of \(place) have members that the collection has no field for: "
                    + "`\(unknownMembers.joined(separator: "`, `"))`: map them in record.fields or leave them out in "
                    + "record.drop")
        }
        for ((field, fallback), finding) in zip(zip(plan.fields, plan.fallbacks), findings) {
            if let fault = finding.firstFault {
                if finding.faults == records, records >= minimum {
                    report.findings.append(
                        "field `\(field.name)`: no value fits in the first \(records) records of \(place): "
                            + fault.reason)
                } else {
                    report.warnings.append(
                        "field `\(field.name)`: \(finding.faults) of the first \(records) records of \(place) do not "
                            + "fit, the first because \(fault.reason)")
                }
            } else if finding.absences == records, records > 0 {
                report.warnings.append(
                    "field `\(field.name)`: none of the first \(records) records of \(place) has a value, and an "
                        + "upsert replaces the whole row: it becomes "
                        + ((field.defaultValue ?? fallback).map { "the default \($0)" } ?? "null"))
            }
        }
        return report
    }
}
